"""Machine clients over HTTP: looking at keys and calls, expiry told in answers, static keys of the sandbox."""

import hashlib
import os
import subprocess
import sys
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings as configured
from django.db import connection

from registry.accounts import calls, clients
from registry.accounts.models import ApiClient, Call, ClientKey, KeyUse, StaticKey
from registry.organisations.models import Organisation
from tests.api.conftest import Machine

pytestmark = pytest.mark.django_db
FILINGS, CLIENTS = "/api/v1/filings/", "/api/v1/clients/"
SECRET = clients.STATIC_PREFIX + "x" * 43


def _ends_in(machine: Machine, **shift: float) -> datetime:
    """Move the end of the machine's key; as the owner, past the trigger, for a test has no time to wait."""
    ends_at = datetime.now(UTC) + timedelta(**shift)
    ClientKey.objects.filter(client__client_id=machine.client_id).update(ends_at=ends_at)
    return ends_at


def test_a_machine_sees_the_clients_and_keys_of_its_organisation(machine: Machine, stranger: Machine) -> None:
    (shown,) = machine.get(CLIENTS).json()["results"]
    assert (shown["client_id"], shown["is_caller"], shown["revoked_at"]) == (machine.client_id, True, None)
    (key,) = shown["keys"]
    assert (key["key_id"], key["kind"], key["thumbprint"]) == (
        machine.key.key_id,
        "EC P-256",
        machine.key.thumbprint(),
    )
    assert key["last_used_at"] is not None
    assert "x" not in key


def test_no_machine_sees_the_calls_of_another_organisation(machine: Machine, stranger: Machine) -> None:
    assert machine.get(f"{CLIENTS}{stranger.client_id}/calls/").status_code == 404
    assert machine.get(f"{CLIENTS}{machine.client_id}/calls/").status_code == 200


def test_refused_calls_are_kept_with_type_and_trace_id_and_reads_are_not(machine: Machine) -> None:
    assert machine.get(FILINGS).status_code == 200
    refused = machine.get(f"{FILINGS}?nonsense=1")
    missing = machine.post(f"{FILINGS}ECAR-2026-999999-1/submit/", {})
    found = machine.get(f"{CLIENTS}{machine.client_id}/calls/").json()["results"]
    assert [(each["method"], each["status"]) for each in found][:2] == [
        ("POST", missing.status_code),
        ("GET", refused.status_code),
    ]
    assert found[1]["problem"] == refused.json()["type"]
    assert found[1]["trace_id"] == refused.json()["trace_id"]
    assert found[1]["operation"] == "filings"


def test_the_log_of_calls_is_bounded(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "KEPT", 3)
    for _ in range(5):
        machine.get(f"{FILINGS}?nonsense=1")
    assert Call.objects.filter(client__client_id=machine.client_id).count() == 3


def test_of_a_flood_of_throttled_calls_one_a_minute_is_kept(machine: Machine) -> None:
    client = ApiClient.objects.get(client_id=machine.client_id).pk
    now = datetime.now(UTC)
    for seconds, status in ((0, 429), (10, 429), (59, 429), (61, 429), (62, 400), (63, 429)):
        at = now + timedelta(seconds=seconds)
        calls.note(
            client=client, at=at, method="GET", route="filings", status=status, problem="", trace_id=str(seconds)
        )
    kept = Call.objects.filter(client=client).order_by("-id").values_list("trace_id", flat=True)
    assert list(kept[:4]) == ["63", "62", "61", "0"]


def test_a_log_that_cannot_be_written_changes_no_answer(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "_NOTE", "select no_such_column")
    with connection.cursor() as cursor:
        cursor.execute("savepoint before")
        answer = machine.get(f"{FILINGS}?nonsense=1")
        cursor.execute("rollback to before")
    assert answer.status_code == 400


@pytest.mark.parametrize(("days", "told"), [(40, False), (29, True), (2, True)])
def test_the_end_of_a_key_is_told_in_its_last_thirty_days_in_every_answer(
    machine: Machine, days: int, told: bool
) -> None:
    ends_at = _ends_in(machine, days=days)
    answers = [machine.ask(machine.assertion()), machine.get(FILINGS), machine.get(f"{FILINGS}?nonsense=1")]
    said = {answer.headers.get("Client-Key-Expires") for answer in answers}
    assert said == ({f"{ends_at:%Y-%m-%dT%H:%M:%SZ}"} if told else {None})


def test_using_a_key_is_noted_for_it(machine: Machine) -> None:
    used = KeyUse.objects.get(client_key__key_id=machine.key.key_id)
    assert datetime.now(UTC) - used.at < timedelta(minutes=1)


def test_a_refused_assertion_is_no_use_of_a_key(make_machine: Callable[..., Machine], aurelia: Organisation) -> None:
    machine = make_machine(aurelia)
    KeyUse.objects.all().delete()
    assert machine.ask(machine.assertion(aud="https://elsewhere.example/")).status_code == 401
    assert not KeyUse.objects.exists()


def test_receipts_have_a_scope_of_their_own(make_machine: Callable[..., Machine], aurelia: Organisation) -> None:
    machine = make_machine(aurelia, scopes="receipts:read")
    assert machine.get(FILINGS).json()["type"] == "/problems/insufficient-scope"
    receipt = machine.get(f"{FILINGS}ECAR-2026-999999-1/versions/1/receipt/")
    assert receipt.json()["type"] == "/problems/not-found"


# --- static keys ------------------------------------------------------------------------------------------------------


@pytest.fixture
def static(machine: Machine) -> StaticKey:
    """A static key of Aurelia's machine."""
    now = datetime.now(UTC)
    return StaticKey.objects.create(
        client=ApiClient.objects.get(client_id=machine.client_id),
        hint=SECRET[:14],
        checksum=hashlib.sha256(SECRET.encode()).hexdigest(),
        starts_at=now - timedelta(minutes=1),
        ends_at=now + timedelta(days=1),
    )


def _with(machine: Machine, secret: str) -> Any:
    return machine.http.get(FILINGS, headers={"Authorization": f"Bearer {secret}"})


def test_a_static_key_opens_the_sandbox(machine: Machine, static: StaticKey, settings: Any) -> None:
    settings.SANDBOX_KEYS = True
    assert _with(machine, SECRET).status_code == 200


def test_a_static_key_is_refused_by_its_prefix_where_there_is_no_sandbox(machine: Machine, static: StaticKey) -> None:
    assert not configured.SANDBOX_KEYS
    for secret in (SECRET, f"{clients.STATIC_PREFIX}anything"):
        answer = _with(machine, secret)
        assert (answer.status_code, answer.json()["type"]) == (401, "/problems/static-key")
        assert "sandbox alone" in answer.json()["detail"]
        assert secret not in answer.content.decode()


@pytest.mark.parametrize("how", ["another", "ended", "revoked"])
def test_a_static_key_that_does_not_hold_opens_nothing(
    machine: Machine, static: StaticKey, settings: Any, how: str
) -> None:
    settings.SANDBOX_KEYS = True
    past = datetime.now(UTC) - timedelta(seconds=1)
    if how == "ended":
        StaticKey.objects.update(ends_at=past)
    if how == "revoked":
        ApiClient.objects.filter(client_id=machine.client_id).update(ends_at=past)
    answer = _with(machine, f"{SECRET}{uuid.uuid4()}" if how == "another" else SECRET)
    assert (answer.status_code, answer.json()["type"]) == (401, "/problems/unauthorized")


@pytest.mark.parametrize(("environment", "allowed"), [("production", False), ("demonstration", True)])
def test_production_cannot_have_a_sandbox(environment: str, allowed: bool) -> None:
    known = {"REGISTRY_ENVIRONMENT": environment, "SANDBOX_KEYS": "1", "BASE_URL": "https://registry.example.eu"}
    known["FACTOR_KEYS"] = "f" * 48
    code = "from registry import settings; print(settings.SANDBOX_KEYS)"
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, **known}, capture_output=True, text=True, check=False
    )
    assert ("SANDBOX_KEYS is not usable" in done.stderr) is not allowed
    assert (done.returncode == 0) is allowed
