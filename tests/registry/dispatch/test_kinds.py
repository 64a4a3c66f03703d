"""The words of webhooks: in three languages for every kind, failure and reason; and the setting that tests need."""

import os
import subprocess
import sys

import pytest

from registry.dispatch import kinds
from registry.dispatch.transport import Failure
from registry.languages import SPOKEN

NAMED = {"filing", "facility", "return", "mismatch", "mandate", "organisation", "webhook", "client", "client_key"}


@pytest.mark.parametrize("code", sorted(kinds.event_kinds()))
def test_a_kind_has_its_sentence_in_every_language(code: str) -> None:
    kind = kinds.event_kinds()[code]
    assert set(kind.texts) == set(SPOKEN)
    assert len(set(kind.texts.values())) == len(SPOKEN)
    assert kind.names in NAMED
    assert len(code) <= 64


@pytest.mark.parametrize("failure", list(Failure))
@pytest.mark.parametrize("language", SPOKEN)
def test_a_failure_has_its_sentence(failure: Failure, language: str) -> None:
    assert kinds.failure_text(failure.value, language=language).endswith(".")


@pytest.mark.parametrize("reason", ["gone", "failing"])
@pytest.mark.parametrize("language", SPOKEN)
def test_a_reason_has_its_sentence(reason: str, language: str) -> None:
    assert kinds.reason_text(reason, language=language).endswith(".")


def test_a_test_cannot_be_asked_for() -> None:
    assert kinds.TEST in kinds.event_kinds()
    assert kinds.TEST not in kinds.subscribable()
    assert kinds.DISABLED in kinds.subscribable()


@pytest.mark.parametrize(("environment", "allowed"), [("production", False), ("demonstration", True), ("test", True)])
def test_production_never_calls_its_own_machine(environment: str, allowed: bool) -> None:
    known = {"REGISTRY_ENVIRONMENT": environment, "WEBHOOK_ALLOW_LOOPBACK": "1", "FACTOR_KEYS": "f" * 48}
    known["BASE_URL"] = "https://registry.example.eu"
    code = "from registry import settings; print(settings.WEBHOOK_ALLOW_LOOPBACK)"
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, **known}, capture_output=True, text=True, check=False
    )
    assert (done.returncode == 0) is allowed, done.stderr
    assert ("WEBHOOK_ALLOW_LOOPBACK is not usable" in done.stderr) is not allowed
