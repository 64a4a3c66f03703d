"""A receiver on this machine that answers as it is told, and a webhook of Aurelia's that calls it."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from registry.accounts.policy import of_the_register
from registry.acting import Actor, acting_as
from registry.dispatch import actions, outbox, targets, webhooks
from registry.dispatch.models import Webhook
from registry.dispatch.signing import Scheme
from registry.dispatch.targets import Guard
from registry.dispatch.transport import Limits, Sent
from registry.organisations.models import Organisation
from tests.conftest import NOON, person

SENDER = of_the_register("sender")
QUICK = Limits(seconds=0.4)  # for receivers that never end
PATIENT = Limits(seconds=10)  # for those that do, on a busy machine
Answer = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Received:
    """One message as it arrived."""

    headers: dict[str, str]
    body: bytes
    path: str


@dataclass
class Receiver:
    """An HTTP server; `answers` are given in turn, the last one again and again."""

    answers: list[Answer]
    port: int = 0
    received: list[Received] = field(default_factory=list)
    ending: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}/hook?a=1"


def status(code: int, **headers: str) -> Answer:
    """Answer with a status and a short body."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(code)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", "2")
        handler.end_headers()
        handler.wfile.write(b"ok")

    return answer


def raw(*pieces: bytes, pause: float = 0.0, forever: bool = False) -> Answer:
    """Write bytes as they are, with a pause after each piece; `forever` repeats the last until the peer hangs up."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        receiver: Receiver = handler.server.receiver  # type: ignore[attr-defined]
        handler.close_connection = True
        try:
            for piece in pieces:
                handler.wfile.write(piece)
                receiver.ending.wait(pause)
            while forever and not receiver.ending.is_set():
                handler.wfile.write(pieces[-1])
                receiver.ending.wait(pause)
        except OSError:
            return

    return answer


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        receiver: Receiver = self.server.receiver  # type: ignore[attr-defined]
        body = self.rfile.read(int(self.headers["Content-Length"]))
        receiver.received.append(Received({k.lower(): v for k, v in self.headers.items()}, body, self.path))
        answer = receiver.answers[min(len(receiver.received), len(receiver.answers)) - 1]
        answer(self)

    def do_GET(self) -> None:
        raise AssertionError("nobody follows a redirect")

    def log_message(self, *_: Any) -> None:
        """Silent."""


@pytest.fixture
def receive() -> Iterator[Callable[..., Receiver]]:
    """A maker of receivers."""
    servers: list[ThreadingHTTPServer] = []

    def start(*answers: Answer) -> Receiver:
        server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        server.daemon_threads = True
        receiver = Receiver(list(answers) or [status(200)], server.server_port)
        server.receiver = receiver  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        servers.append(server)
        return receiver

    yield start
    for server in servers:
        server.receiver.ending.set()  # type: ignore[attr-defined]
        server.shutdown()
        server.server_close()


@pytest.fixture
def guard() -> Guard:
    """Leave to call this machine, and a resolver that knows no name."""

    def nobody(_host: str) -> list[str]:
        raise OSError("there is no network in tests")

    return Guard(nobody, allow_loopback=True)


@pytest.fixture
def diana(aurelia: Organisation) -> Actor:
    """Administrator at Aurelia."""
    return person("provider_administrator", organisation=aurelia, name="Diana")


def hook(by: Actor, url: str, *kinds: str, scheme: Scheme = Scheme.SHARED, at: Any = NOON) -> actions.Keyed:
    """A webhook of the actor's organisation."""
    with acting_as(by):
        return actions.create(
            target=targets.read(url, allow_loopback=True),
            kinds=kinds or ("filing.submitted", "webhook.disabled"),
            description="",
            scheme=scheme,
            by=by,
            at=at,
        )


def tell(organisation: Organisation, *subjects: str, kind: str = "filing.submitted", at: Any = NOON) -> int:
    """Put events and fan them out; gives the number of deliveries."""
    with acting_as(of_the_register("registrar")):
        outbox.put(kind, subjects=subjects or ("ECAR-2026-000123-7",), at=at, organisation=organisation.id)
    with acting_as(SENDER):
        return webhooks.fan_out(by=SENDER, at=at)


def round_of(guard: Guard, at: Any = NOON, limits: Limits = PATIENT) -> list[Sent]:
    """Claim what is due, call, record: what the worker does at one moment."""
    with acting_as(SENDER):
        claimed = webhooks.claim(by=SENDER, at=at)
    results = webhooks.send_all(claimed, guard=guard, at=at, limits=limits)
    with acting_as(SENDER):
        webhooks.record(results, by=SENDER, at=at)
    return [sent for _, sent in results]


def seen(by: Actor, webhook: Webhook) -> Webhook:
    """The webhook as it is now."""
    with acting_as(by, read_only=True):
        return Webhook.objects.visible_to(by).get(id=webhook.id)
