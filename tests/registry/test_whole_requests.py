"""The adapter before the WSGI application: whole requests only, as PEP 3333 has them, and answers in parts."""

import asyncio
import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from registry import whole_requests
from registry.whole_requests import BODY_LIMIT_BYTES, MEMORY_BYTES, PART_BYTES, WholeRequests

SCOPE = {
    "type": "http",
    "http_version": "1.1",
    "method": "POST",
    "scheme": "http",
    "path": "/a/\u00e9",
    "raw_path": b"/a/%C3%A9%00%2e",
    "query_string": b"x=%ff",
    "server": ("127.0.0.1", 8000),
    "client": ("198.51.100.7", 4711),
}


class Wsgi:
    """A WSGI application that keeps what it was asked and answers `chunks`."""

    def __init__(self, chunks: Any = (b"yes",)) -> None:
        self.chunks = chunks
        self.asked: list[dict[str, Any]] = []
        self.bodies: list[bytes] = []
        self.is_closed = False
        self.thread = ""

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        self.asked.append(environ)
        self.bodies.append(environ["wsgi.input"].read())
        self.thread = threading.current_thread().name
        start_response("201 Created", [("Content-Type", "text/plain"), ("X-Name", "\u00e9")])
        return self

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.chunks)

    def close(self) -> None:
        self.is_closed = True


@pytest.fixture
def wsgi() -> Wsgi:
    """In place of the register."""
    return Wsgi()


def _ask(wsgi: Wsgi, *messages: Any, headers: Any = ((b"host", b"a"),), **changes: Any) -> list[Any]:
    """What is sent for a request whose body arrives as `messages`; after the last one nothing ever arrives."""
    sent: list[Any] = []
    waiting = list(messages)

    async def receive() -> Any:
        return waiting.pop(0) if waiting else await asyncio.Event().wait()

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(WholeRequests(wsgi)({**SCOPE, "headers": list(headers), **changes}, receive, send))
    return sent


def _part(body: bytes, *, more: bool = False) -> dict[str, Any]:
    return {"type": "http.request", "body": body, "more_body": more}


def _of(length: int | bytes) -> list[tuple[bytes, bytes]]:
    return [(b"host", b"a"), (b"content-length", str(length).encode() if isinstance(length, int) else length)]


def test_a_request_is_handed_on_whole(wsgi: Wsgi) -> None:
    sent = _ask(wsgi, _part(b"ab", more=True), _part(b"c", more=True), _part(b""), headers=_of(3))
    (environ,) = wsgi.asked
    assert wsgi.bodies == [b"abc"]
    assert environ["CONTENT_LENGTH"] == "3"
    assert environ["PATH_INFO"] == b"/a/\xc3\xa9\0.".decode("latin-1")
    assert environ["QUERY_STRING"] == "x=%ff"
    assert environ["REMOTE_ADDR"] == "198.51.100.7"
    assert (environ["REQUEST_METHOD"], environ["SERVER_PROTOCOL"], environ["HTTP_HOST"]) == ("POST", "HTTP/1.1", "a")
    assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]
    assert sent[0]["status"] == 201
    assert sent[0]["headers"] == [(b"content-type", b"text/plain"), (b"x-name", b"\xe9"), (b"server", b"ecar")]
    assert (sent[1]["body"], sent[1].get("more_body", False)) == (b"yes", False)
    assert wsgi.is_closed
    assert wsgi.thread.startswith("request")


def test_repeated_fields_are_joined_and_names_that_pose_as_others_are_dropped(wsgi: Wsgi) -> None:
    fields = [(b"Cookie", b"a=1"), (b"cookie", b"b=2"), (b"x-a", b"1"), (b"X-A", b"2"), (b"x_forwarded_for", b"::1")]
    _ask(wsgi, _part(b""), headers=[*fields, (b"content-type", b"text/plain")])
    (environ,) = wsgi.asked
    assert (environ["HTTP_COOKIE"], environ["HTTP_X_A"]) == ("a=1; b=2", "1,2")
    assert environ["CONTENT_TYPE"] == "text/plain"
    assert "HTTP_X_FORWARDED_FOR" not in environ


@pytest.mark.parametrize("length", [0, BODY_LIMIT_BYTES + 1, 10**18, b"", b"abc", b"-1", b"1, 2", b"\xb2", b"9" * 40])
def test_a_body_that_is_not_announced_or_too_large_is_not_waited_for(wsgi: Wsgi, length: Any) -> None:
    assert _ask(wsgi, headers=_of(length))[0]["status"] == 201
    assert wsgi.bodies == [b""]


def test_who_dawdles_is_told_so_and_holds_nothing(wsgi: Wsgi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whole_requests, "BODY_SECONDS", 0.01)
    sent = _ask(wsgi, _part(b"a", more=True), headers=_of(3))
    assert sent[0]["status"] == 408
    assert json.loads(sent[1]["body"])["status"] == 408
    assert b"0.01 seconds" in sent[1]["body"]
    assert not wsgi.asked


def test_who_goes_away_in_the_middle_has_asked_for_nothing(wsgi: Wsgi) -> None:
    assert _ask(wsgi, _part(b"a", more=True), {"type": "http.disconnect"}, headers=_of(3)) == []
    assert not wsgi.asked


def test_a_body_beyond_the_memory_is_whole_too(wsgi: Wsgi) -> None:
    parts = [_part(bytes([number]) * 300_000, more=number < 4) for number in range(5)]
    _ask(wsgi, *parts, headers=_of(1_500_000))
    assert len(wsgi.bodies[0]) == 1_500_000
    assert wsgi.bodies[0][-1:] == b"\x04"


@pytest.mark.parametrize("sizes", [[], [0], [1, 2, 3], [PART_BYTES], [PART_BYTES - 1, 1], [10] * 20_000])
def test_an_answer_arrives_whole_in_few_parts(wsgi: Wsgi, sizes: list[int]) -> None:
    wsgi.chunks = (bytes(size) for size in sizes)
    sent = _ask(wsgi, _part(b""))
    bodies = sent[1:]
    assert sum(len(message["body"]) for message in bodies) == sum(sizes)
    assert [message.get("more_body", False) for message in bodies] == [True] * (len(bodies) - 1) + [False]
    assert len(bodies) <= sum(sizes) // PART_BYTES + 1
    assert wsgi.is_closed


def test_one_thread_makes_the_whole_answer_and_no_thread_waits_for_its_reader(wsgi: Wsgi) -> None:
    threads = set()

    def chunks() -> Iterator[bytes]:
        for _ in range(10):
            threads.add(threading.current_thread().name)
            yield bytes(PART_BYTES)

    wsgi.chunks = chunks()
    _ask(wsgi, _part(b""))
    assert threads == {wsgi.thread}


def test_large_bodies_at_once_have_a_limit_and_small_ones_go_on(wsgi: Wsgi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whole_requests, "FILES_BYTES", 3 * MEMORY_BYTES)
    application = WholeRequests(wsgi)

    async def ask(length: int) -> int:
        sent: list[Any] = []
        waiting = [_part(b"a", more=True), _part(b"b")]

        async def receive() -> Any:
            await asyncio.sleep(0)  # the others come meanwhile
            return waiting.pop(0)

        async def send(message: Any) -> None:
            sent.append(message)

        await application({**SCOPE, "headers": _of(length)}, receive, send)
        return int(sent[0]["status"])

    async def ask_all(*lengths: int) -> list[int]:
        return await asyncio.gather(*(ask(length) for length in lengths))

    large = MEMORY_BYTES + 1
    assert asyncio.run(ask_all(large, large, large, 2, 2)) == [201, 201, 503, 201, 201]
    assert asyncio.run(ask_all(large, large, BODY_LIMIT_BYTES + 1)) == [201, 201, 201]


def test_a_time_out_of_the_application_is_no_408(wsgi: Wsgi) -> None:
    def late() -> Iterator[bytes]:
        yield b"a"
        raise TimeoutError

    wsgi.chunks = late()
    with pytest.raises(TimeoutError):
        _ask(wsgi, _part(b""))
    assert wsgi.is_closed


def test_nothing_but_http_is_spoken() -> None:
    with pytest.raises(ValueError, match="not spoken here"):
        asyncio.run(WholeRequests(Wsgi())({"type": "websocket"}, None, None))  # type: ignore[arg-type]
