"""`POST /add-checkpoint` over HTTP. Put a proxy that ends TLS before it; what it says needs no secrecy."""

import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from ecar_witness.witness import PLAIN, Answer, Witness

LARGEST = 100_000  # bytes of a request
PATIENCE = 10  # seconds for one that sends slowly


class _Handler(BaseHTTPRequestHandler):
    timeout = PATIENCE
    server: "Server"

    def do_POST(self) -> None:
        """Answer the one question."""
        length = self.headers.get("Content-Length", "")
        if self.path != "/add-checkpoint":
            self._give(Answer(404, "there is only /add-checkpoint\n"))
        elif not length.isdecimal() or int(length) > LARGEST:
            self._give(Answer(400, "a request has a length, and is not large\n"))
        else:
            self._give(self.server.witness.add_checkpoint(self.rfile.read(int(length)), at=int(time.time())))

    def do_GET(self) -> None:
        """Say that somebody is here."""
        self._give(Answer(200, "a witness: POST /add-checkpoint\n", PLAIN) if self.path == "/" else Answer(404))

    def _give(self, answer: Answer) -> None:
        content = answer.body.encode()
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.media_type)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


class Server(ThreadingHTTPServer):
    """The witness on an address."""

    daemon_threads = True

    def __init__(self, address: tuple[str, int], witness: Witness) -> None:
        """Listen; `serve_forever` answers."""
        self.witness = witness
        super().__init__(address, _Handler)
