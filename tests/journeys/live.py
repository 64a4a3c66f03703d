"""A running register and a plain HTTP client of it, as a provider's integration would be."""

import json
import os
import signal
import subprocess
import sys
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from jwcrypto import jwk, jwt

from registry.runtime.processes import free_port, wait_until

ROOT = Path(__file__).resolve().parents[2]
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
GIVEN = ("DATABASE", "CELERY", "CACHE_URL", "SECRET_KEY", "BASE_URL", "DJANGO", "REGISTRY", "PYTEST")
START_SECONDS = 400  # of processor time it needs some twenty; a busy machine shares it


@dataclass
class LiveRegister:
    """`make run` without make, on a state folder of its own and without the demonstration."""

    state: Path
    port: int = field(default_factory=free_port)
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """What its processes get: nothing of the test run's own services."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(GIVEN)}
        mine = {"REGISTRY_VAR": str(self.state), "PORT": str(self.port), "REGISTRY_DEMONSTRATION": "0"}
        return kept | mine | {"WEBHOOK_ALLOW_LOOPBACK": "1"}

    def start(self) -> None:
        """Start it and wait until it is ready."""
        self.state.mkdir(parents=True, exist_ok=True)
        with (self.state.parent / "register.log").open("ab") as log:
            command = [sys.executable, "-m", "registry.runtime", "run"]
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=self.environment, stdout=log, stderr=subprocess.STDOUT
            )
        process = self.process
        ready = wait_until(self.is_ready, seconds=START_SECONDS, alive=lambda: process.poll() is None)
        assert ready, (self.state.parent / "register.log").read_text()[-4000:]

    def is_ready(self) -> bool:
        """Whether it says that it is."""
        try:
            return httpx.get(f"{self.url}/health/ready", timeout=5).status_code == 200
        except httpx.HTTPError:
            return False

    def stop(self) -> None:
        """Stop it as Ctrl-C would."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(timeout=60)

    def kill(self, name: str) -> None:
        """SIGKILL one of its processes: web, worker, beat, relay, postgres, valkey."""
        note = {
            "postgres": self.state / "postgres" / "postmaster.pid",
            "valkey": self.state / "valkey.pid",
        }.get(name, self.state / "run" / f"{name}.pid")
        assert wait_until(lambda: _struck(note), seconds=60), f"there is no {name} to be killed"

    def manage(self, *words: str) -> str:
        """Run a management command beside the running register; returns what it printed."""
        done = subprocess.run(
            [sys.executable, "manage.py", *words], cwd=ROOT, env=self.environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def program(self, name: str, *words: str) -> str:
        """Run a program of tests/journeys beside the running register; returns what it printed."""
        environment = {**self.environment, "DJANGO_SETTINGS_MODULE": "registry.settings"}
        command = [sys.executable, "-m", f"tests.journeys.{name}", *words]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def client(
        self, name: str, *, country: str = "FR", lei: str = "", is_compute_provider: bool = False
    ) -> "PlainClient":
        """Register an invented organisation with a machine client; return that client."""
        identified = ["--lei", lei] if lei else []
        identified += ["--compute-provider"] if is_compute_provider else []
        organisation = self.manage(
            "register_organisation", name, "--country", country, "--developer", "--illustrative", *identified
        )
        key = jwk.JWK.generate(kty="OKP", crv="Ed25519")
        public = self.state / f"{uuid.uuid4()}.pem"
        public.write_bytes(key.export_to_pem())
        made = json.loads(self.manage("register_client", organisation, "--key", str(public)))
        return PlainClient(self.url, made["client_id"], made["key_id"], key, organisation)


@dataclass
class PlainClient:
    """Nothing but HTTP and a key."""

    url: str
    client_id: str
    key_id: str
    key: jwk.JWK
    organisation: str
    token: str = ""
    until: float = 0.0

    def headers(self) -> dict[str, str]:
        """A bearer token that still holds for a minute."""
        if time.time() > self.until - 60:
            self.token, self.until = self._ask(), time.time() + 300
        return {"Authorization": f"Bearer {self.token}"}

    def post(self, path: str, body: Any, *, key: str = "") -> httpx.Response:
        """One write, with an Idempotency-Key."""
        headers = {**self.headers(), "Idempotency-Key": key or str(uuid.uuid4())}
        return httpx.post(self.url + path, json=body, headers=headers, timeout=30)

    def send(self, path: str, lines: bytes) -> httpx.Response:
        """One write of lines, NDJSON."""
        headers = {**self.headers(), "Idempotency-Key": str(uuid.uuid4()), "Content-Type": "application/x-ndjson"}
        return httpx.post(self.url + path, content=lines, headers=headers, timeout=120)

    def change(self, path: str, body: Any, *, of: str) -> httpx.Response:
        """One write that changes what stands at the address `of`, as it was read just now."""
        headers = {**self.headers(), "Idempotency-Key": str(uuid.uuid4()), "If-Match": self.get(of).headers["ETag"]}
        return httpx.post(self.url + path, json=body, headers=headers, timeout=60)

    def get(self, path: str) -> httpx.Response:
        """One read."""
        return httpx.get(self.url + path, headers=self.headers(), timeout=30)

    def _ask(self) -> str:
        now = int(time.time())
        audience = f"{self.url}/api/v1/oauth/token/"
        claims = {"iss": self.client_id, "sub": self.client_id, "aud": audience, "iat": now, "exp": now + 60}
        token = jwt.JWT(header={"alg": "EdDSA", "kid": self.key_id}, claims={**claims, "jti": str(uuid.uuid4())})
        token.make_signed_token(self.key)
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": token.serialize(),
        }
        answer = httpx.post(audience, data=form, timeout=30)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])


def _struck(note: Path) -> bool:
    """Whether the process of the note was there to be killed: one that died before is started anew in a moment."""
    try:
        os.kill(int(note.read_text().split()[0]), signal.SIGKILL)
    except (ProcessLookupError, FileNotFoundError):
        return False
    return True
