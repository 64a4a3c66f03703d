"""One POST to a judged address: within one deadline, with a bounded answer, no redirect, TLS verified.

The connection goes to an address that the guard has judged, never to a name, so that no second resolution can lead
elsewhere; the name goes into SNI, the certificate's check and the header `Host`. Proxies of the environment are not
asked. The answer's body is read to be polite to the sender and thrown away.
"""

import http.client
import io
import socket
import ssl
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from registry.dispatch.targets import Target

ADDRESSES_TRIED = 3
AGENT = "ECAR-Webhooks/1"


@dataclass(frozen=True)
class Limits:
    """How long one attempt may take in all, from connecting to the last byte, and how much of an answer is read."""

    seconds: float = 15.0
    answer_bytes: int = 64 * 1024


class Failure(StrEnum):
    """Why an attempt did not succeed. The words are in data/webhooks.toml."""

    FORBIDDEN = "target-forbidden"
    CONNECTION = "connection"
    TLS = "tls"
    TIMEOUT = "timeout"
    PROTOCOL = "protocol"
    REDIRECT = "redirect"
    STATUS = "status"
    GONE = "gone"
    UNSIGNED = "unsigned"


@dataclass(frozen=True)
class Sent:
    """What became of one attempt. `failure` is empty after a success, which is any status of 200 to 299."""

    status_code: int | None = None
    failure: Failure | None = None
    duration_ms: int = 0
    answer_bytes: int = 0


def post(
    target: Target,
    *,
    addresses: Sequence[str],
    headers: Mapping[str, str],
    body: bytes,
    limits: Limits,
    trust: ssl.SSLContext | None = None,
) -> Sent:
    """Send `body` once. Every failure of network or peer is an answer, none an error.

    `addresses` are judged ones; `trust` replaces the machine's certificate authorities, for tests.
    """
    started = time.monotonic()
    until = started + limits.seconds
    answer: _Answer | None = None
    status: int | None = None
    failure: Failure | None = None
    try:
        with _connected(target, addresses, until, trust or _context()) as connection:
            connection.settimeout(_left(until))
            connection.sendall(_request(target, headers, body))
            answer = _Answer(connection, until=until, limit=limits.answer_bytes)
            response = http.client.HTTPResponse(answer, method="POST")  # type: ignore[arg-type]
            response.begin()
            if answer.is_cut:
                raise http.client.LineTooLong("headers")
            status, failure = response.status, _judged(response.status)
            _read_out(response, answer)
    except ssl.SSLError:
        failure = Failure.TLS
    except TimeoutError:
        failure = Failure.TIMEOUT
    except OSError:
        failure = Failure.CONNECTION
    except (http.client.HTTPException, ValueError):
        failure = Failure.PROTOCOL
    return Sent(status, failure, int((time.monotonic() - started) * 1000), answer.taken if answer else 0)


def _judged(status: int) -> Failure | None:
    if 200 <= status < 300:
        return None
    if status == http.client.GONE:
        return Failure.GONE
    return Failure.REDIRECT if 300 <= status < 400 else Failure.STATUS


def _context() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _connected(target: Target, addresses: Sequence[str], until: float, trust: ssl.SSLContext) -> socket.socket:
    """A connection to the first of the addresses that answers. The last refusal is raised."""
    refusal: OSError = ConnectionError("no address")
    for address in addresses[:ADDRESSES_TRIED]:
        try:
            plain = socket.create_connection((address, target.port), timeout=_left(until))
        except OSError as error:
            refusal = error
            continue
        if target.is_loopback:
            return plain
        try:
            plain.settimeout(_left(until))
            return trust.wrap_socket(plain, server_hostname=target.host)
        except BaseException:
            plain.close()
            raise
    raise refusal


def _request(target: Target, headers: Mapping[str, str], body: bytes) -> bytes:
    host = f"{target.host}:{target.port}" if target.is_loopback else target.host
    lines = {
        "Host": host,
        "User-Agent": AGENT,
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        "Accept-Encoding": "identity",
        "Connection": "close",
        **headers,
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"POST {target.path} HTTP/1.1\r\n{head}\r\n".encode("ascii") + body


def _read_out(response: http.client.HTTPResponse, answer: "_Answer") -> None:
    """Read until the answer has ended or reached its limit. What is cut is not an error."""
    try:
        while response.read(8_192):
            pass
    except http.client.HTTPException:
        if not answer.is_cut:
            raise


class _Answer(io.RawIOBase):
    """The bytes of an answer as a file: none after `limit` of them, and none after the moment `until`.

    Each read waits no longer than what is left of the one deadline, so a peer that trickles gains nothing by it.
    """

    def __init__(self, connection: socket.socket, *, until: float, limit: int) -> None:
        self._connection, self._until, self._limit = connection, until, limit
        self.taken = 0

    @property
    def is_cut(self) -> bool:
        """Whether the limit was reached."""
        return self.taken >= self._limit

    def makefile(self, _mode: str) -> io.BufferedReader:
        """What http.client asks of a socket."""
        return io.BufferedReader(self)

    def readable(self) -> bool:
        """It can be read."""
        return True

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]
        """Fill the buffer from the connection. Raises TimeoutError at the deadline."""
        room = min(len(buffer), self._limit - self.taken)
        if room <= 0:
            return 0
        self._connection.settimeout(_left(self._until))
        count = self._connection.recv_into(memoryview(buffer)[:room])
        self.taken += count
        return count
