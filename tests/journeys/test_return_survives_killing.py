"""The worker is killed while it deals with a return: the return ends complete, and no line is there twice."""

import json
import time
import uuid
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from registry.runtime.processes import wait_until
from tests.journeys.live import LiveRegister, PlainClient
from tests.registry.compute import facilities, records

pytestmark = pytest.mark.xdist_group("running")
LINES = 60_000  # some thirty units of work
KILLS = 2
LONGEST_SECONDS = 240


def _month() -> str:
    """The month before this one, which is over: all its moments can be used."""
    now = datetime.now(UTC)
    return f"{now.year}-{now.month - 1:02d}" if now.month > 1 else f"{now.year - 1}-12"


def _body(month: str) -> bytes:
    times = {"starts_at": f"{month}-01T00:00:00Z", "ends_at": f"{month}-15T00:00:00Z"}
    return records.ndjson(records.line(number, **times) for number in range(LINES))


def _send(client: PlainClient, path: str, body: bytes, key: str) -> httpx.Response:
    headers = {**client.headers(), "Idempotency-Key": key, "Content-Type": "application/x-ndjson"}
    return httpx.post(client.url + path, content=body, headers=headers, timeout=120)


def _told(client: PlainClient, path: str) -> dict[str, Any]:
    """What the register says there, as soon as it says anything."""
    for _ in range(LONGEST_SECONDS):
        try:
            answer = client.get(path)
            if answer.status_code == 200:
                return dict(answer.json())
        except httpx.HTTPError:
            pass
        time.sleep(1)
    raise AssertionError(f"{path} is not told")


def test_a_return_is_whole_after_the_worker_was_killed_half_way(live: LiveRegister) -> None:
    client = live.client("Hall and Sons", is_compute_provider=True)
    client.post("/api/v1/facilities/", facilities.statement(client_reference="lyon-1"))
    month = _month()
    address = client.post("/api/v1/returns/", {"month": month}).json()["url"]
    key, body = str(uuid.uuid4()), _body(month)
    upload = _send(client, f"{address}records/", body, key).json()["url"]
    killed: list[int] = []
    for _ in range(KILLS):
        before = killed[-1] if killed else 0
        while (checked := int(_told(client, upload)["lines"]["checked"])) <= before < LINES:
            time.sleep(0.05)
        killed.append(checked)
        live.kill("worker")
    assert 0 < killed[0] < LINES, "the kill came before the beginning or after the end: the test proved nothing"
    assert wait_until(lambda: _told(client, upload)["state"] == "stored", seconds=LONGEST_SECONDS)
    lines = _told(client, upload)["lines"]
    assert (lines["read"], lines["checked"], lines["stored"], lines["refused"]) == (LINES, LINES, LINES, 0)
    assert _send(client, f"{address}records/", body, key).headers["Idempotent-Replayed"] == "true"
    verdicts = httpx.get(
        f"{client.url}{upload}verdicts/", headers={**client.headers(), "Accept": "application/x-ndjson"}, timeout=60
    )
    assert [json.loads(line)["line"] for line in verdicts.text.splitlines()] == list(range(1, LINES + 1))
    etag = client.get(address).headers["ETag"]
    headers = {**client.headers(), "Idempotency-Key": str(uuid.uuid4()), "If-Match": etag}
    submitted = httpx.post(f"{client.url}{address}submit/", json={}, headers=headers, timeout=60).json()
    assert submitted["records"] == LINES
