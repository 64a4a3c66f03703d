"""A small OpenID provider on loopback, for one test: it keeps codes once, demands PKCE, and forges on request."""

import json
import threading
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

from jwcrypto import jwk, jwt

CLIENT, SECRET = "register", "a secret of the two"
Forge = Callable[[dict[str, Any]], dict[str, Any]]


@dataclass
class IdentityProvider:
    """What it signs with, whom it would sign in, and what it forges."""

    issuer: str = ""
    key: jwk.JWK = field(default_factory=lambda: jwk.JWK.generate(kty="EC", crv="P-256", kid="one", alg="ES256"))
    stranger: jwk.JWK = field(default_factory=lambda: jwk.JWK.generate(kty="EC", crv="P-256", kid="one", alg="ES256"))
    person: dict[str, Any] = field(default_factory=dict)
    forge: Forge = field(default=dict)
    sign: str = "own"
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)

    def authorize(self, address: str) -> str:
        """Sign somebody in at the authorization address; the code to come back with."""
        asked = dict(parse_qsl(urlsplit(address).query))
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        return code

    def known(self) -> dict[str, Any]:
        """The metadata."""
        paths = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
        addresses = {name: f"{self.issuer}/{path}" for name, path in paths.items()}
        return {"issuer": self.issuer, **addresses, **self.metadata}

    def exchange(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """The token endpoint: a code counts once, for its client, with its verifier."""
        asked = self.codes.pop(form.get("code", ""), None)
        verifier = sha256(form.get("code_verifier", "").encode()).digest()
        if asked is None:
            return self._refuse("code")
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT, SECRET):
            return self._refuse("client")
        if urlsafe_b64encode(verifier).decode().rstrip("=") != asked.get("code_challenge"):
            return self._refuse("pkce")
        if form.get("redirect_uri") != asked["redirect_uri"] or asked.get("code_challenge_method") != "S256":
            return self._refuse("redirect_uri")
        return 200, {"access_token": "opaque", "token_type": "Bearer", "id_token": self._id_token(asked["nonce"])}

    def _refuse(self, why: str) -> tuple[int, dict[str, Any]]:
        self.refused.append(why)
        return 400, {"error": "invalid_grant"}

    def _id_token(self, nonce: str) -> str:
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 60, "nonce": nonce, **self.person}
        claims = self.forge(claims)
        if self.sign == "none":
            parts = [json.dumps({"alg": "none"}).encode(), json.dumps(claims).encode(), b""]
            return ".".join(urlsafe_b64encode(part).decode().rstrip("=") for part in parts)
        if self.sign == "public key as secret":
            secret = jwk.JWK.from_password(self.key.export_public())
            token = jwt.JWT(header={"alg": "HS256", "kid": "one"}, claims=claims)
            token.make_signed_token(secret)
            return str(token.serialize())
        token = jwt.JWT(header={"alg": "ES256", "kid": "one"}, claims=claims)
        token.make_signed_token(self.key if self.sign == "own" else self.stranger)
        return str(token.serialize())


@contextmanager
def running() -> Iterator[IdentityProvider]:
    """The provider, listening."""
    provider = IdentityProvider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = urlsplit(self.path).path
            if path == "/.well-known/openid-configuration":
                self._say(200, provider.known())
            elif path == "/keys":
                self._say(200, {"keys": [provider.key.export_public(as_dict=True)]})
            else:
                self._say(404, {})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self._say(*provider.exchange({name: values[0] for name, values in parse_qs(body).items()}))

        def _say(self, status: int, told: dict[str, Any]) -> None:
            body = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Not into the test's output."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
