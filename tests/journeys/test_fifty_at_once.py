"""One filing sent fifty times at once from several processes, with the web server killed in between: filed once."""

import json
import subprocess
import sys
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from registry.runtime.processes import wait_until
from tests.journeys.dated import run_of_today
from tests.journeys.live import ROOT, LiveRegister, PlainClient

pytestmark = pytest.mark.xdist_group("running")
PROCESSES, REQUESTS = 5, 10  # of each
FILINGS = "/api/v1/filings/"
SENDER_SECONDS = 120

# A process of its own, with nothing but HTTP: opens its connections, waits for the word, sends all at once, and tells
# of each request whether it was answered and how. It repeats what is not settled, as docs/api asks of every client.
SENDER = """
import http.client, json, sys, threading, time
job = json.loads(sys.stdin.readline())
answers, lock = [], threading.Lock()
barrier = threading.Barrier(job["requests"] + 1)

def send():
    wire, first, until = None, True, time.monotonic() + job["seconds"]
    while time.monotonic() < until:
        told = {"status": 0, "first": first}
        pause = 0.1
        try:
            wire = http.client.HTTPConnection(job["host"], job["port"], timeout=10)
            wire.connect()
            if first:
                first = False
                barrier.wait()
            wire.request("POST", job["path"], job["body"].encode(), job["headers"])
            answer = wire.getresponse()
            told |= {"status": answer.status, "body": answer.read().decode(),
                     "headers": {name.lower(): value for name, value in answer.headers.items()}}
            pause = float(answer.headers.get("Retry-After", pause))
        except (OSError, http.client.HTTPException) as trouble:
            told["trouble"] = type(trouble).__name__
            if first:
                first = False
                barrier.wait()
        finally:
            wire.close()
        with lock:
            answers.append(told)
        if told["status"] not in (0, 409, 503):
            return
        time.sleep(pause)

threads = [threading.Thread(target=send) for _ in range(job["requests"])]
[thread.start() for thread in threads]
print("ready", flush=True)
sys.stdin.readline()
barrier.wait()
[thread.join() for thread in threads]
print(json.dumps(answers))
"""


@dataclass
class Sent:
    """What one run of all senders was told: every answer, and those that settled a request."""

    answers: list[dict[str, Any]]

    @property
    def settled(self) -> list[dict[str, Any]]:
        """Answers that are neither no answer nor “not now”."""
        return [answer for answer in self.answers if answer["status"] not in {0, 409, 503}]

    def count(self) -> Counter[int]:
        """How many answers of each status; 0 stands for none."""
        return Counter(answer["status"] for answer in self.answers)


class Senders:
    """Five processes that are ready to send the same ten requests each."""

    def __init__(self, live: LiveRegister, client: PlainClient, *, key: str, document: dict[str, Any]) -> None:
        headers = {**client.headers(), "Idempotency-Key": key, "Content-Type": "application/json"}
        body = json.dumps({"document": document, "client_reference": key})
        job = {"host": "127.0.0.1", "port": live.port, "path": FILINGS, "headers": headers, "body": body}
        job |= {"requests": REQUESTS, "seconds": SENDER_SECONDS}
        command = [sys.executable, "-c", SENDER]
        pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        self.processes = [subprocess.Popen(command, cwd=ROOT, **pipes) for _ in range(PROCESSES)]
        for process in self.processes:
            self._say(process, json.dumps(job))
        for process in self.processes:
            assert process.stdout
            assert process.stdout.readline() == "ready\n"

    def go(self) -> None:
        """All at once."""
        for process in self.processes:
            self._say(process, "go")

    def told(self) -> Sent:
        """Wait for the end of all."""
        answers: list[dict[str, Any]] = []
        for process in self.processes:
            output, _ = process.communicate(timeout=SENDER_SECONDS + 30)
            assert process.returncode == 0
            answers += json.loads(output)
        return Sent(answers)

    @staticmethod
    def _say(process: "subprocess.Popen[str]", word: str) -> None:
        assert process.stdin
        process.stdin.write(f"{word}\n")
        process.stdin.flush()


@pytest.fixture(scope="module")
def client(live: LiveRegister) -> PlainClient:
    """A client of an organisation that has nothing."""
    return live.client("Aurélia Modèles SA (fifty)")


def _rows(client: PlainClient) -> Iterator[dict[str, Any]]:
    path = f"{FILINGS}?limit=100"
    while path:
        page = client.get(path).json()
        yield from page["results"]
        path = f"{FILINGS}?limit=100&cursor={page['next']}" if page["next"] else ""


def _is_filed(client: PlainClient, key: str) -> bool:
    try:
        answer = client.get(f"{FILINGS}?client_reference={key}")
    except httpx.HTTPError:
        return False
    return answer.status_code == 200 and bool(answer.json()["results"])


def _require_filed_once(client: PlainClient, key: str, sent: Sent) -> dict[str, Any]:
    """One filing with one version, and all settled answers are one: the same bytes, marked where they are repeated."""
    assert len(sent.settled) == PROCESSES * REQUESTS, sent.count()
    assert {answer["status"] for answer in sent.settled} == {201}, sent.count()
    assert len({answer["body"] for answer in sent.settled}) == 1
    for header in ("etag", "location"):
        assert len({answer["headers"][header] for answer in sent.settled}) == 1
    first = [answer for answer in sent.settled if "idempotent-replayed" not in answer["headers"]]
    assert len(first) <= 1, "two answers claim to be the first"
    for answer in sent.answers:
        if answer["status"] == 409:
            assert json.loads(answer["body"])["type"] == "/problems/idempotency-key-running"
            assert answer["headers"]["retry-after"] == "1"
    filed: dict[str, Any] = json.loads(sent.settled[0]["body"])
    rows = [row for row in _rows(client) if row["client_reference"] == key]
    assert [row["reference"] for row in rows] == [filed["reference"]]
    versions = client.get(f"{filed['url']}versions/").json()["results"]
    assert [version["number"] for version in versions] == [1]
    return filed


def _sent(live: LiveRegister, client: PlainClient, *, key: str) -> Senders:
    return Senders(live, client, key=key, document=run_of_today(run__client_run_id=key, run__lineage_id=key))


def test_fifty_at_once_file_once(live: LiveRegister, client: PlainClient) -> None:
    key = f"fifty-{uuid.uuid4()}"
    senders = _sent(live, client, key=key)
    senders.go()
    sent = senders.told()
    _require_filed_once(client, key, sent)
    assert all(answer["status"] for answer in sent.answers), "somebody was not answered"


def test_fifty_at_once_file_once_though_the_server_is_killed_in_between(
    live: LiveRegister, client: PlainClient
) -> None:
    key = f"fifty-{uuid.uuid4()}"
    senders = _sent(live, client, key=key)
    senders.go()
    live.kill("web")
    assert wait_until(lambda: _is_filed(client, key), seconds=60)
    live.kill("web")  # it is filed, and those who were told to come back have not yet come
    sent = senders.told()
    filed = _require_filed_once(client, key, sent)
    assert sent.count()[0], "the kills disturbed nobody: the test proved nothing"
    again = _sent(live, client, key=key)
    again.go()
    repeated = again.told()
    assert _require_filed_once(client, key, repeated) == filed
    assert all("idempotent-replayed" in answer["headers"] for answer in repeated.settled)
