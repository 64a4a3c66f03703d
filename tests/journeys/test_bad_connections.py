"""Bad input, rows 74, 104 to 106: lengths that lie, clients that dawdle or break off, brokers that hang or are gone."""

import itertools
import json
import os
import re
import signal
import socket
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import httpx
import pytest

from registry.runtime.processes import wait_until
from registry.runtime.programs import WEB_WORKERS
from registry.whole_requests import BODY_SECONDS, THREADS
from tests.documents import planned_run
from tests.journeys.live import LiveRegister, PlainClient

pytestmark = pytest.mark.xdist_group("running")
FILINGS = "/api/v1/filings/"
SLOW_CLIENTS = 3 * WEB_WORKERS * THREADS  # three times as many as the register has threads


@pytest.fixture(scope="module")
def client(live: LiveRegister) -> PlainClient:
    """A client of an organisation that has nothing."""
    return live.client("Aurélia Modèles SA (connections)")


def _body(key: str) -> bytes:
    document = planned_run(run__client_run_id=key, run__lineage_id=key)
    return json.dumps({"document": document, "client_reference": key}).encode()


def _head(client: PlainClient, *, key: str, length: int) -> bytes:
    fields = {
        "Host": client.url.removeprefix("http://"),
        **client.headers(),
        "Idempotency-Key": key,
        "Content-Type": "application/json",
        "Content-Length": str(length),
    }
    return "".join([f"POST {FILINGS} HTTP/1.1\r\n", *(f"{k}: {v}\r\n" for k, v in fields.items()), "\r\n"]).encode()


def _post(client: PlainClient, key: str) -> httpx.Response:
    """The same octets again."""
    headers = {**client.headers(), "Idempotency-Key": key, "Content-Type": "application/json"}
    return httpx.post(client.url + FILINGS, content=_body(key), headers=headers, timeout=30)


def _stored(client: PlainClient, key: str) -> list[str]:
    return [row["reference"] for row in client.get(f"{FILINGS}?client_reference={key}").json()["results"]]


# ---- row 74, what only the wire can show


LENGTHS = {
    "Content-Length: abc": ["400"],
    "Content-Length: -1": ["400"],
    "Content-Length: 2\r\nContent-Length: 3": ["400"],
    # The web server goes by Transfer-Encoding and drops the other (RFC 9112, 6.3): what is left has no length
    "Content-Length: 2\r\nTransfer-Encoding: chunked": ["411"],
    "Content-Length: 2": ["422", "400"],  # the rest of the body is no request
}


@pytest.mark.parametrize("given", LENGTHS)
def test_a_length_that_lies_ends_the_connection_and_hides_no_second_request(
    live: LiveRegister, client: PlainClient, given: str
) -> None:
    head = _head(client, key=f"length-{uuid.uuid4()}", length=0).replace(b"Content-Length: 0", given.encode())
    with socket.create_connection(("127.0.0.1", live.port)) as wire:
        wire.settimeout(10)
        wire.sendall(head + b"{}\x00\r\n\r\nGET /health/live HTTP/1.1\r\nHost: evil\r\n\r\n")
        answers = b""
        while part := wire.recv(65_536):  # until the register closes the connection
            answers += part
    assert re.findall(r"HTTP/1\.1 (\d+)", answers.decode()) == LENGTHS[given], answers


# ---- row 104


def test_bodies_that_trickle_hold_nobody_up_and_end_in_408(live: LiveRegister, client: PlainClient) -> None:
    with ExitStack() as stack:
        wires = []
        for number in range(SLOW_CLIENTS):
            wire = stack.enter_context(socket.create_connection(("127.0.0.1", live.port)))
            wire.sendall(_head(client, key=f"slow-{number}", length=500) + b"{")
            wires.append(wire)
        begun = time.monotonic()
        while time.monotonic() < begun + BODY_SECONDS / 2:
            for wire in wires:
                wire.sendall(b" ")  # one byte now and then does not help
            assert httpx.get(f"{live.url}/health/live", timeout=5).status_code == 200
            assert client.get(FILINGS).status_code == 200
        for wire in wires:
            wire.settimeout(BODY_SECONDS)
            assert wire.recv(64).startswith(b"HTTP/1.1 408 ")
        assert time.monotonic() < begun + BODY_SECONDS + 10


# ---- row 105


BREAKS = {
    "before the head": (0, 0),
    "in the head": (40, 0),
    "after the head": (None, 0),
    "in the body": (None, 700),
    "before the last byte": (None, -1),
    "without waiting for the answer": (None, None),
}


@pytest.mark.parametrize("stage", BREAKS)
def test_who_breaks_off_has_filed_once_or_not_at_all_and_a_retry_heals(
    live: LiveRegister, client: PlainClient, stage: str
) -> None:
    key, (of_head, of_body) = f"broken-{uuid.uuid4()}", BREAKS[stage]
    body = _body(key)
    with socket.create_connection(("127.0.0.1", live.port)) as wire:
        wire.sendall(_head(client, key=key, length=len(body))[:of_head] + body[:of_body])
    if stage != "without waiting for the answer":
        assert _stored(client, key) == []
    healed = _until_settled(client, key)
    assert healed.status_code == 201, healed.text
    assert _stored(client, key) == [healed.json()["reference"]]
    assert _post(client, key).text == healed.text


def _until_settled(client: PlainClient, key: str) -> httpx.Response:
    """The answer once the first request, which may still be running, is over."""
    answers: list[httpx.Response] = []

    def is_settled() -> bool:
        answers.append(_post(client, key))
        return answers[-1].status_code != 409

    assert wait_until(is_settled, seconds=30, pause=0.2)
    return answers[-1]


# ---- row 106


@contextmanager
def _stopped(live: LiveRegister) -> Iterator[None]:
    """Broker and cache accept connections and answer nothing."""
    pid = int((live.state / "valkey.pid").read_text().split()[0])
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def _seconds_to_file(client: PlainClient) -> float:
    key = f"alone-{uuid.uuid4()}"
    begun = time.monotonic()
    answer = _post(client, key)
    taken = time.monotonic() - begun
    assert answer.status_code == 201, answer.text
    return taken


def test_filing_goes_on_while_the_broker_hangs(live: LiveRegister, client: PlainClient) -> None:
    client.headers()
    with _stopped(live):
        taken = sorted(_seconds_to_file(client) for _ in range(6))
        assert client.get(FILINGS).status_code == 200
    assert taken[len(taken) // 2] < 1, taken
    assert taken[-1] < 3, taken


def test_filing_goes_on_while_the_broker_is_gone(live: LiveRegister, client: PlainClient) -> None:
    client.headers()
    live.kill("valkey")
    taken = [_seconds_to_file(client) for _ in range(6)]
    assert sorted(taken)[3] < 1, taken
    assert wait_until(lambda: httpx.get(f"{live.url}/health/ready").json()["degraded"] == [], seconds=60)


# ---- row 103, across processes


def test_all_processes_count_together(live: LiveRegister, client: PlainClient) -> None:
    def left() -> int:
        found = re.search(r";r=(\d+)", client.get(FILINGS).headers.get("RateLimit", ""))
        return int(found[1]) if found else -1

    def everybody_counts() -> bool:
        """Each process finds out by itself that the cache is back; so many answers in a row come from all of them."""
        return all(left() > 0 for _ in range(12))

    assert wait_until(everybody_counts, seconds=60, pause=0.5), "the cache came back, and not everybody asks it"
    counts = [left() for _ in range(24)]  # each on a connection of its own, which any process may take
    steps = [before - after for before, after in itertools.pairwise(counts)]
    assert sum(step != 1 for step in steps) <= 1, counts  # at most one minute ended meanwhile
