"""The lines of a return may be a large body: read whole, in room of its own, from whoever shows a token."""

import asyncio
from typing import Any

import pytest

from registry import whole_requests
from registry.whole_requests import WholeRequests

LINES = "/api/v1/returns/ECAM-2026-000001-7/records/"
SCOPE = {
    "type": "http",
    "http_version": "1.1",
    "method": "POST",
    "scheme": "http",
    "query_string": b"",
    "server": ("127.0.0.1", 8000),
    "client": ("198.51.100.7", 4711),
}


class Wsgi:
    """Answers how many octets it was handed."""

    def __call__(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        start_response("200 OK", [])
        return [str(len(environ["wsgi.input"].read())).encode()]


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits that a test can reach."""
    monkeypatch.setattr(whole_requests, "BODY_LIMIT_BYTES", 10)
    monkeypatch.setattr(whole_requests, "LARGE_LIMIT_BYTES", 100)
    monkeypatch.setattr(whole_requests, "LARGE_FILES_BYTES", 150)
    monkeypatch.setattr(whole_requests, "MEMORY_BYTES", 5)


def _ask(application: WholeRequests, body: bytes, *, path: str = LINES, token: bool = True, whole: bool = True) -> Any:
    """Status and body of the answer to a body that comes in two parts, or never ends."""
    sent: list[Any] = []
    parts = [body[:7], body[7:]] if whole else [body[:7]]

    async def receive() -> Any:
        if not parts:
            return await asyncio.Event().wait()
        return {"type": "http.request", "body": parts.pop(0), "more_body": bool(parts) or not whole}

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"content-length", str(len(body)).encode())]
    headers += [(b"authorization", b"Bearer x")] if token else []
    scope = {**SCOPE, "path": path, "raw_path": path.encode(), "headers": headers}
    asyncio.run(application(scope, receive, send))
    return sent[0]["status"], sent[1]["body"]


@pytest.mark.parametrize(
    ("size", "changes", "read"),
    [
        (90, {}, b"90"),
        (101, {}, b"0"),
        (90, {"token": False}, b"0"),
        (90, {"path": "/api/v1/filings/"}, b"0"),
        (90, {"path": LINES + "x/"}, b"0"),
    ],
    ids=["lines", "beyond its limit", "without a token", "elsewhere", "below"],
)
def test_only_lines_with_a_token_are_read_beyond_the_usual_limit(
    size: int, changes: dict[str, Any], read: bytes
) -> None:
    assert _ask(WholeRequests(Wsgi()), b"x" * size, **changes) == (200, read)


def test_large_bodies_have_room_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    application = WholeRequests(Wsgi())
    application.large_in_files = 100
    status, _ = _ask(application, b"x" * 90)
    assert (status, application.large_in_files) == (503, 100)
    monkeypatch.setattr(whole_requests, "FILES_BYTES", 0)
    application.large_in_files = 0
    assert _ask(application, b"x" * 90)[0] == 200
    assert application.large_in_files == 0


def test_a_large_body_that_pauses_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whole_requests, "BODY_SECONDS", 0.02)
    monkeypatch.setattr(whole_requests, "LARGE_BYTES_PER_SECOND", 1)
    application = WholeRequests(Wsgi())
    assert _ask(application, b"x" * 90, whole=False)[0] == 408
    assert application.large_in_files == 0
