"""A provider is told of its filing by a real register: through outbox, relay, broker and worker, one of which dies."""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from registry.runtime.processes import wait_until
from tests.journeys.dated import run_of_today
from tests.journeys.live import LiveRegister

pytestmark = pytest.mark.xdist_group("running")
LONGEST_SECONDS = 120
WEBHOOKS = "/api/v1/webhooks/"


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        """Answer 500 to the first message, 200 to all others."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        received: list[tuple[dict[str, str], bytes]] = self.server.received  # type: ignore[attr-defined]
        received.append(({name.lower(): value for name, value in self.headers.items()}, body))
        self.send_response(500 if len(received) == 1 else 200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Silent."""


@pytest.fixture
def receiver() -> Iterator[ThreadingHTTPServer]:
    """A provider's receiver; `received` are headers and body of each message."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.received = []  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_a_provider_is_told_of_its_filing_though_its_receiver_and_the_worker_fail(
    live: LiveRegister, receiver: ThreadingHTTPServer
) -> None:
    client = live.client("Aurélia Modèles SA (told)")
    target = f"http://127.0.0.1:{receiver.server_port}/ecar"
    webhook = client.post(WEBHOOKS, {"target_url": target, "kinds": ["filing.submitted"]}).json()
    live.kill("worker")
    body = {"document": run_of_today(run__client_run_id="told", run__lineage_id="told")}
    filing = client.post("/api/v1/filings/", body)
    assert filing.status_code == 201, filing.text
    received: list[tuple[dict[str, str], bytes]] = receiver.received  # type: ignore[attr-defined]
    assert wait_until(lambda: len(received) >= 2, seconds=LONGEST_SECONDS)
    log = f"{webhook['url']}deliveries/"
    assert wait_until(
        lambda: client.get(log).json()["results"][0]["status"] == "delivered", seconds=LONGEST_SECONDS, pause=0.5
    )
    (delivery,) = client.get(log).json()["results"]
    assert [attempt["status_code"] for attempt in delivery["attempts"]] == [500, 200]
    assert {headers["webhook-id"] for headers, _ in received} == {delivery["message_id"]}
    for headers, content in received:
        assert json.loads(content)["data"] == {"filing": filing.json()["reference"]}
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + content
        key = base64.b64decode(webhook["secret"].removeprefix("whsec_"))
        mark = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        assert headers["webhook-signature"] == f"v1,{mark}"
