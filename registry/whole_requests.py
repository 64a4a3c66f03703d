"""Whole requests, whole answers: an ASGI application that waits on both ends and asks a WSGI application in between.

The application runs in a few threads. A body that trickles in would hold one of them for as long as its sender likes,
and a handful of such senders would stop the register (bad input, row 104); so would readers who take their answer one
byte a second. So bodies are read and answers sent here, on the event loop, where waiting costs nothing, and a thread is
taken only from a request that is complete to an answer that is. A sender that takes longer than `BODY_SECONDS` is told
408; one that goes away in the middle has asked for nothing. What does not fit into memory waits in files, and there is
a limit to those: who comes beyond it is told 503.

The lines of a return are the one body that may be large, up to a million lines, from whoever shows a token. It has time
by its size, room of its own in files, and must keep coming: who pauses for `BODY_SECONDS` is told 408 as any other.
"""

import asyncio
import json
import re
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator, Mapping, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http import HTTPStatus
from typing import IO, Any, Final
from urllib.parse import unquote_to_bytes

BODY_SECONDS: Final = 30.0
BODY_LIMIT_BYTES: Final = 33 * 1024 * 1024  # above every limit that the application itself has and tells better
MEMORY_BYTES: Final = 256 * 1024  # of one body or answer; a larger one is in a file
FILES_BYTES: Final = 512 * 1024 * 1024  # of all such bodies of one process
LARGE: Final = re.compile(r"/api/v1/returns/[A-Z0-9-]{1,32}/records/")  # where bodies may be large
LARGE_LIMIT_BYTES: Final = 1025 * 1024 * 1024
LARGE_FILES_BYTES: Final = 3 * 1024 * 1024 * 1024  # of all large bodies of one process
LARGE_BYTES_PER_SECOND: Final = 1024 * 1024  # the slowest that a large body may come
PART_BYTES: Final = 64 * 1024
SERVER: Final = (b"server", b"ecar")  # without one, the web server would name itself
THREADS: Final = 4  # of one process; each may hold a database connection

Scope = Mapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]


class GoneAway(Exception):
    """The sender closed the connection before its request was complete."""


class Dawdled(Exception):
    """The request did not become complete in time."""


class Crowded(Exception):
    """The bodies that wait in files are as large as they may be."""


class WholeRequests:
    """The ASGI application in front of `wsgi`."""

    def __init__(self, wsgi: Callable[[dict[str, Any], Any], Any]) -> None:
        self.wsgi = wsgi
        self.threads = ThreadPoolExecutor(THREADS, thread_name_prefix="request")
        self.in_files = 0
        self.large_in_files = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        if scope["type"] != "http":
            raise ValueError(f"{scope['type']} is not spoken here")
        headers = _joined(scope["headers"])
        length = _length(headers)
        is_large = "authorization" in headers and LARGE.fullmatch(scope["path"]) is not None
        try:
            with self._room_for(length, is_large=is_large), tempfile.SpooledTemporaryFile(MEMORY_BYTES) as body:
                await _read(body, receive, length=length, is_large=is_large)
                body.seek(0)
                await self._answer(_environ(scope, headers, body), send)
        except Dawdled:
            await _refuse(send, 408, f"The body of the request did not arrive within {BODY_SECONDS:g} seconds.")
        except Crowded:
            await _refuse(send, 503, "Too many large requests at once. Try again.", (b"retry-after", b"1"))
        except GoneAway:
            pass

    @contextmanager
    def _room_for(self, length: int, *, is_large: bool) -> Iterator[None]:
        """Count a body that will be in a file. Raises Crowded where there are too many."""
        large = length if is_large and BODY_LIMIT_BYTES < length <= LARGE_LIMIT_BYTES else 0
        counted = length if MEMORY_BYTES < length <= BODY_LIMIT_BYTES else 0
        if self.in_files + counted > FILES_BYTES or self.large_in_files + large > LARGE_FILES_BYTES:
            raise Crowded
        self.in_files += counted
        self.large_in_files += large
        try:
            yield
        finally:
            self.in_files -= counted
            self.large_in_files -= large

    async def _answer(self, environ: dict[str, Any], send: Send) -> None:
        with tempfile.SpooledTemporaryFile(MEMORY_BYTES) as answer:
            loop = asyncio.get_running_loop()
            status, headers = await loop.run_in_executor(self.threads, self._ask, environ, answer)
            answer.seek(0)
            await send({"type": "http.response.start", "status": status, "headers": [*headers, SERVER]})
            part = answer.read(PART_BYTES)
            while following := answer.read(PART_BYTES):
                await send({"type": "http.response.body", "body": part, "more_body": True})
                part = following
            await send({"type": "http.response.body", "body": part})

    def _ask(self, environ: dict[str, Any], answer: IO[bytes]) -> tuple[int, Headers]:
        """Let the application write its answer, all of it in this one thread, and return status and headers."""
        head: list[Any] = []

        def begin(status: str, headers: list[tuple[str, str]], _: Any = None) -> Callable[[bytes], Any]:
            head[:] = [int(status[:3]), [(n.lower().encode("latin-1"), v.encode("latin-1")) for n, v in headers]]
            return answer.write

        parts = self.wsgi(environ, begin)
        try:
            for part in parts:
                answer.write(part)
        finally:
            if hasattr(parts, "close"):
                parts.close()
        status, headers = head
        return status, headers


async def _read(body: IO[bytes], receive: Receive, *, length: int, is_large: bool) -> None:
    """Read a body of `length` octets. Nothing is read where none is announced, or one that is refused unread."""
    if not 0 < length <= (LARGE_LIMIT_BYTES if is_large else BODY_LIMIT_BYTES):
        return
    seconds = BODY_SECONDS + (length / LARGE_BYTES_PER_SECOND if is_large else 0)
    try:
        async with asyncio.timeout(seconds):
            while True:
                async with asyncio.timeout(BODY_SECONDS):
                    if await _read_part(body, receive):
                        return
    except TimeoutError:
        raise Dawdled from None


async def _read_part(body: IO[bytes], receive: Receive) -> bool:
    """Read what has arrived; true when that was the end."""
    message = await receive()
    if message["type"] != "http.request":
        raise GoneAway
    body.write(message.get("body", b""))
    return not message.get("more_body", False)


async def _refuse(send: Send, status: int, detail: str, *more: tuple[bytes, bytes]) -> None:
    """A problem document without a type of its own (RFC 9457, about:blank), and the end of the connection."""
    told = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    headers = [(b"content-type", b"application/problem+json"), (b"connection", b"close"), SERVER, *more]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(told).encode()})


def _joined(fields: Any) -> dict[str, str]:
    """Fields by lower-case name, repeated ones joined. Names with an underscore could pose as others: dropped."""
    headers: dict[str, str] = {}
    for name, value in fields:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        if "_" not in key:
            glue = "; " if key == "cookie" else ","
            headers[key] = f"{headers[key]}{glue}{text}" if key in headers else text
    return headers


def _length(headers: Mapping[str, str]) -> int:
    given = headers.get("content-length", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 19 else 0


def _environ(scope: Scope, headers: Mapping[str, str], body: IO[bytes]) -> dict[str, Any]:
    """The same request as PEP 3333 has it."""
    host, port = scope.get("server") or ("localhost", 80)
    raw = scope.get("raw_path") or scope["path"].encode()
    environ = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(raw).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "SERVER_NAME": host,
        "SERVER_PORT": str(port),
        "REMOTE_ADDR": (scope.get("client") or ("", 0))[0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": body,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in headers.items():
        key = name.upper().replace("-", "_")
        environ[key if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{key}"] = value
    return environ
