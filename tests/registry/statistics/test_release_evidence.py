"""A release proves itself: its cells are what the log committed to, and no others; a vintage by its manifest."""

import hashlib
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as configured
from django.test import Client
from ecar_verify import command

from registry import statistics_tasks
from registry.accounts.actors import NOBODY
from registry.accounts.policy import of_the_register
from registry.acting import Actor, acting_as
from registry.filings import actions
from registry.filings.actions import NewFiling
from registry.ledger import keeping, receipts
from registry.statistics import auditing, releases
from registry.statistics import evidence as proving
from registry.statistics.disclosure.threshold import Parameters
from registry.statistics.models import Vintage, VintageFile
from tests.documents import planned_run
from tests.registry.statistics import releasing

pytestmark = pytest.mark.django_db


@pytest.fixture
def evidence(alice: Actor, noon: Any) -> Any:
    """The address of a release's evidence."""
    with acting_as(alice):
        actions.file([NewFiling(planned_run())], by=alice, at=noon)
    builder = of_the_register("builder")
    with acting_as(builder):
        release = releases.publish(by=builder, at=noon + timedelta(days=90), parameters=Parameters(minimum_holdings=3))
    assert release is not None
    return f"/en/statistics/{release.table}/{release.vintage}.evidence"


def _verdict(folder: Path, content: bytes) -> int:
    (folder / "evidence.json").write_bytes(content)
    (folder / "policy").write_bytes((configured.LOG_FOLDER / "policy").read_bytes())
    return command.main(["release", str(folder / "evidence.json"), "--policy", str(folder / "policy")])


def _sequence(noon: Any) -> None:
    receipts.ensure_key(configured.LOG_KEY_FILE)
    keeping.keep(by=of_the_register("sequencer"), clock=lambda: noon)


def test_the_published_evidence_proves_the_cells(evidence: str, noon: Any, tmp_path: Path) -> None:
    _sequence(noon)
    content = Client().get(evidence).content
    assert _verdict(tmp_path, content) == 0
    said = json.loads(content)
    assert said["document"]["cells"]


def test_before_the_log_has_it_nothing_is_proved(evidence: str, noon: Any, tmp_path: Path) -> None:
    before = Client().get(evidence).content
    _sequence(noon)
    assert _verdict(tmp_path, before) == 30


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        (("document", "vintage"), 2, 30),
        (("document", "cells", 0, "value"), 99, 30),
        (("opening", "salt"), "00" * 32, 30),
        (("log", "index"), 99, 10),
        (("log", "state"), "lost", 10),
        (("document",), [], 10),
    ],
)
def test_a_changed_release_proves_nothing(
    evidence: str, noon: Any, tmp_path: Path, path: tuple[str | int, ...], value: Any, code: int
) -> None:
    _sequence(noon)
    said = json.loads(Client().get(evidence).content)
    *above, last = path
    place = said
    for part in above:
        place = place[part]
    place[last] = value
    assert _verdict(tmp_path, json.dumps(said, ensure_ascii=False).encode()) == code


def test_a_vintage_is_proved_by_its_manifest(
    aurelia: Any, noon: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(auditing, "attack", lambda *_args, **_named: auditing.Attack("clean", "{}"))
    vintage = releasing.published(release="2026-Q3", **releasing.SOON)
    _sequence(noon)
    with acting_as(NOBODY, read_only=True):
        found = Vintage.objects.only("release", "number", "manifest_sha256", "salt", "content_digest", "entry_id").get()
        manifest = bytes(VintageFile.objects.get(vintage=vintage.id, path="manifest.json").content)
        signature = bytes(VintageFile.objects.get(vintage=vintage.id, path="manifest.json.sig").content)
        content = proving.of_vintage(found)
    assert _verdict(tmp_path, content) == 0
    assert json.loads(content)["document"]["manifest_sha256"] == hashlib.sha256(manifest).hexdigest()
    statistics_tasks.key().public_key().verify(signature, manifest)
    assert _verdict(tmp_path, content.replace(b'"vintage": 1', b'"vintage": 2')) == 30
