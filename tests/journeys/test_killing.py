"""Processes are killed while a client files: whatever was acknowledged is there afterwards, once, and equal."""

import threading
import time
import uuid

import httpx
import pytest

from registry.runtime.processes import wait_until
from tests.journeys.dated import run_of_today
from tests.journeys.live import LiveRegister, PlainClient

pytestmark = pytest.mark.xdist_group("running")
VICTIMS = ("web", "worker", "postgres", "relay", "web", "postgres")
LONGEST_SECONDS = 180


class Filer:
    """Files one run after another, each under its own key, and repeats the key until it has an answer."""

    def __init__(self, client: PlainClient) -> None:
        self.client = client
        self.acknowledged: dict[str, str] = {}
        self.troubles = 0
        self.done = threading.Event()
        self.thread = threading.Thread(target=self._file, daemon=True)

    def _file(self) -> None:
        number = 0
        while not self.done.is_set():
            number += 1
            run_id, key = f"killed-{number}", str(uuid.uuid4())
            reference = self._insist(run_id, key)
            if reference:
                self.acknowledged[run_id] = reference

    def _insist(self, run_id: str, key: str) -> str:
        body = {"document": run_of_today(run__client_run_id=run_id, run__lineage_id=run_id), "client_reference": run_id}
        until = time.monotonic() + LONGEST_SECONDS
        while time.monotonic() < until:
            try:
                answer = self.client.post("/api/v1/filings/", body, key=key)
            except (httpx.HTTPError, AssertionError):
                self.troubles += 1
                continue
            if answer.status_code == 201:
                return str(answer.json()["reference"])
            assert answer.status_code in {409, 503}, answer.text
            self.troubles += 1
        return ""


def test_nothing_acknowledged_is_lost_or_doubled(live: LiveRegister) -> None:
    filer = Filer(live.client("Aurélia Modèles SA (killed)"))
    filer.thread.start()
    for victim in VICTIMS:
        enough = len(filer.acknowledged) + 3
        assert wait_until(lambda: len(filer.acknowledged) >= enough, seconds=LONGEST_SECONDS), "filing came to a halt"  # noqa: B023
        live.kill(victim)
    enough = len(filer.acknowledged) + 3
    assert wait_until(lambda: len(filer.acknowledged) >= enough, seconds=LONGEST_SECONDS)
    filer.done.set()
    filer.thread.join(timeout=LONGEST_SECONDS)
    assert wait_until(live.is_ready, seconds=60)
    stored: dict[str, str] = {}
    path = "/api/v1/filings/?limit=100"
    while path:
        page = filer.client.get(path).json()
        for row in page["results"]:
            assert row["client_reference"] not in stored, "filed twice"
            stored[row["client_reference"]] = row["reference"]
        path = f"/api/v1/filings/?limit=100&cursor={page['next']}" if page["next"] else ""
    assert filer.acknowledged.items() <= stored.items(), "an acknowledged filing is missing"
    assert filer.troubles, "the kills disturbed nobody: the test proved nothing"
