"""One call of an address: deadlines, cuts, redirects, TLS, and the very address that was judged (rows 95 and 96)."""

import datetime
import http.server
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from registry.dispatch import targets, transport
from registry.dispatch.targets import Target
from registry.dispatch.transport import Failure, Limits, Sent
from tests.registry.dispatch.conftest import PATIENT, QUICK, Receiver, raw, status

HOST = "hooks.example.org"
BODY = b'{"a":1}'


def _post(url: str, *, limits: Limits = PATIENT) -> Sent:
    target = targets.read(url, allow_loopback=True)
    return transport.post(target, addresses=[target.host], headers={"webhook-id": "m"}, body=BODY, limits=limits)


def test_a_message_arrives_as_it_was_signed(receive: Callable[..., Receiver]) -> None:
    receiver = receive(status(204))
    sent = _post(receiver.url)
    assert (sent.status_code, sent.failure) == (204, None)
    (received,) = receiver.received
    assert received.body == BODY
    assert received.path == "/hook?a=1"
    assert received.headers["webhook-id"] == "m"
    assert received.headers["content-type"] == "application/json"
    assert received.headers["host"] == f"127.0.0.1:{receiver.port}"


@pytest.mark.parametrize("code", [200, 201, 202, 204, 299])
def test_every_status_of_two_hundred_is_a_success(receive: Callable[..., Receiver], code: int) -> None:
    assert _post(receive(status(code)).url).failure is None


FAILURES = [(301, "redirect"), (308, "redirect"), (304, "redirect"), (400, "status"), (500, "status"), (410, "gone")]


@pytest.mark.parametrize(("code", "failure"), FAILURES)
def test_every_other_status_is_a_failure(receive: Callable[..., Receiver], code: int, failure: str) -> None:
    sent = _post(receive(status(code)).url)
    assert (sent.status_code, sent.failure) == (code, failure)


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(receive: Callable[..., Receiver], code: int) -> None:
    inside = receive(status(200))
    redirecting = receive(status(code, Location=inside.url))
    assert _post(redirecting.url).failure is Failure.REDIRECT
    assert inside.received == []


HUGE = b"HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
CHUNK = b"2000\r\n" + b"x" * 0x2000 + b"\r\n"


@pytest.mark.parametrize("pieces", [(HUGE, b"x" * 8192), (CHUNKED, CHUNK), (b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 8192)])
def test_an_answer_of_a_gigabyte_is_cut(receive: Callable[..., Receiver], pieces: tuple[bytes, ...]) -> None:
    sent = _post(receive(raw(*pieces, forever=True)).url)
    assert sent.answer_bytes == 64 * 1024
    assert (sent.status_code, sent.failure) == (200, None)


def test_headers_without_end_are_cut(receive: Callable[..., Receiver]) -> None:
    sent = _post(receive(raw(b"HTTP/1.1 200 OK\r\n", b"X: " + b"y" * 9000 + b"\r\n", forever=True)).url)
    assert sent.answer_bytes <= 64 * 1024
    assert sent.failure is Failure.PROTOCOL


def test_a_status_line_without_end_is_cut(receive: Callable[..., Receiver]) -> None:
    sent = _post(receive(raw(b"HTTP/1.1 200 " + b"y" * 9000, forever=True)).url)
    assert sent.answer_bytes <= 64 * 1024
    assert sent.failure is Failure.PROTOCOL


def test_continue_without_end_is_cut(receive: Callable[..., Receiver]) -> None:
    sent = _post(receive(raw(b"HTTP/1.1 100 Continue\r\n\r\n" * 100, forever=True)).url)
    assert sent.failure is Failure.PROTOCOL


TRICKLES = [
    (b"H",),
    (b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n"),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n", b"x"),
    (CHUNKED, b"1\r\nx\r\n"),
]


@pytest.mark.parametrize("pieces", TRICKLES)
def test_an_answer_that_trickles_is_cut_at_the_deadline(
    receive: Callable[..., Receiver], pieces: tuple[bytes, ...]
) -> None:
    sent = _post(receive(raw(*pieces, pause=0.02, forever=True)).url, limits=QUICK)
    assert sent.failure in {Failure.TIMEOUT, Failure.PROTOCOL}
    assert sent.duration_ms < 4_000


def test_a_receiver_that_says_nothing_is_cut_at_the_deadline(receive: Callable[..., Receiver]) -> None:
    sent = _post(receive(raw(b"", pause=5)).url, limits=QUICK)
    assert sent.failure is Failure.TIMEOUT
    assert 350 <= sent.duration_ms < 4_000


@pytest.mark.parametrize("answer", [b"", b"\r\n\r\n", b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 two OK\r\n\r\n", b"\x00" * 99])
def test_what_is_not_http_is_a_failure(receive: Callable[..., Receiver], answer: bytes) -> None:
    sent = _post(receive(raw(answer)).url)
    assert sent.failure in {Failure.PROTOCOL, Failure.CONNECTION}


def test_nobody_at_home_is_a_failure() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        sent = _post(f"http://127.0.0.1:{unused.getsockname()[1]}/")
    assert (sent.status_code, sent.failure) == (None, Failure.CONNECTION)


def test_the_usual_limits_are_those_we_promise() -> None:
    assert Limits() == Limits(seconds=15.0, answer_bytes=65_536)


# --- TLS: a server of our own with a certificate for one name, reached by its address ------------------------------


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate for `hooks.example.org`, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return file


class _Secure(http.server.BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.hosts.append(self.headers["Host"])  # type: ignore[attr-defined]
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Silent."""


@pytest.fixture
def secure(certificate: Path) -> Iterator[http.server.HTTPServer]:
    """An https server on this machine; it notes the names that SNI and `Host` carry."""
    server = http.server.HTTPServer(("127.0.0.1", 0), _Secure)
    server.names, server.hosts = [], []  # type: ignore[attr-defined]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    context.sni_callback = lambda _socket, name, _context: server.names.append(name)  # type: ignore[attr-defined,func-returns-value]
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.handle_error = lambda *_: None  # type: ignore[method-assign,assignment]
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def _secured(server: http.server.HTTPServer, host: str, trust: ssl.SSLContext | None) -> Sent:
    target = Target(f"https://{host}/", host, server.server_port, "/")
    return transport.post(target, addresses=["127.0.0.1"], headers={}, body=BODY, limits=PATIENT, trust=trust)


def test_the_judged_address_is_called_with_the_name_in_sni(secure: http.server.HTTPServer, certificate: Path) -> None:
    """The name does not resolve at all here: only the address that was handed in can have been used."""
    sent = _secured(secure, HOST, ssl.create_default_context(cafile=str(certificate)))
    assert (sent.status_code, sent.failure) == (200, None)
    assert secure.names == [HOST]  # type: ignore[attr-defined]
    assert secure.hosts == [HOST]  # type: ignore[attr-defined]


def test_a_certificate_for_another_name_is_refused(secure: http.server.HTTPServer, certificate: Path) -> None:
    sent = _secured(secure, "other.example.org", ssl.create_default_context(cafile=str(certificate)))
    assert (sent.status_code, sent.failure) == (None, Failure.TLS)
    assert secure.hosts == []  # type: ignore[attr-defined]


def test_a_certificate_that_nobody_vouches_for_is_refused(secure: http.server.HTTPServer) -> None:
    assert _secured(secure, HOST, None).failure is Failure.TLS
    assert secure.hosts == []  # type: ignore[attr-defined]


def test_the_next_judged_address_is_tried_when_one_does_not_answer(receive: Callable[..., Receiver]) -> None:
    receiver = receive(status(200))
    target = targets.read(receiver.url, allow_loopback=True)
    sent = transport.post(target, addresses=["127.0.0.9", "127.0.0.1"], headers={}, body=BODY, limits=PATIENT)
    assert sent.failure is None
