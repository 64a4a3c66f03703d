"""Ask the running register for a token, as a demonstration client would: with a signed assertion."""

import json
import time
import uuid
from typing import Any
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from jwcrypto import jwk, jwt

from registry.accounts.client_assertion import ASSERTION_TYPE, TOKEN_PATH


class Command(BaseCommand):
    """`manage.py ask_token --client NAME`: prints a token of five minutes. Demonstration only."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        """Which client of `var/demo.json`."""
        parser.add_argument("--client", default="", help="organisation of the client; the first one if left out")

    def handle(self, *args: Any, **options: Any) -> None:
        """Sign, ask, print."""
        client = _client(str(options["client"]))
        form = urlencode(
            {
                "grant_type": "client_credentials",
                "client_assertion_type": ASSERTION_TYPE,
                "client_assertion": _assertion(client),
            }
        )
        url = settings.BASE_URL + TOKEN_PATH
        if not url.startswith(("http://", "https://")):
            raise CommandError("BASE_URL must be a web address.")
        request = Request(url, form.encode(), {"Content-Type": "application/x-www-form-urlencoded"})  # noqa: S310
        with urlopen(request, timeout=10) as answer:  # noqa: S310
            self.stdout.write(json.load(answer)["access_token"])


def _client(name: str) -> dict[str, Any]:
    try:
        clients = json.loads((settings.VAR / "demo.json").read_text())["clients"]
    except FileNotFoundError:
        raise CommandError("There is no demonstration here: start one with `make run`.") from None
    for client in clients:
        if name in {"", client["organisation"], client["client_id"]}:
            return dict(client)
    known = ", ".join(client["organisation"] for client in clients)
    raise CommandError(f"No demonstration client of {name!r}. There are: {known}.")


def _assertion(client: dict[str, Any]) -> str:
    key = jwk.JWK.from_pem(client["private_key"].encode())
    now = int(time.time())
    claims = {
        "iss": client["client_id"],
        "sub": client["client_id"],
        "aud": settings.BASE_URL + TOKEN_PATH,
        "iat": now,
        "exp": now + 60,
        "jti": str(uuid.uuid4()),
    }
    algorithm = "EdDSA" if json.loads(key.export_public())["kty"] == "OKP" else "ES256"
    token = jwt.JWT(header={"alg": algorithm, "kid": client["key_id"]}, claims=claims)
    token.make_signed_token(key)
    return str(token.serialize())
