"""A machine of Aurelia and one of Cantabria, with real keys, and the way they ask for tokens."""

import json
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
import time_machine
from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from jwcrypto import jwk, jwt

from registry.accounts import actions as accounts
from registry.accounts.client_assertion import ASSERTION_TYPE
from registry.acting import Actor, acting_as
from registry.ledger import receipts
from registry.organisations.models import Organisation
from tests.api import dry_runs

TOKEN = "/api/v1/oauth/token/"
DATABASE = frozenset({"db", "transactional_db"})


@dataclass
class Machine:
    """A client program of one organisation: signs assertions, holds a token, sends JSON."""

    client_id: str
    key: jwk.JWK
    http: Client = field(default_factory=Client)
    token: str = ""

    def assertion(self, **claims: Any) -> str:
        """A signed assertion; `claims` replace or add, None removes."""
        now = int(time.time())
        whole = {
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": settings.BASE_URL + TOKEN,
            "iat": now,
            "exp": now + 60,
            "jti": str(uuid.uuid4()),
            **claims,
        }
        kept = {name: value for name, value in whole.items() if value is not None}
        token = jwt.JWT(header={"alg": "ES256", "kid": self.key.key_id}, claims=kept)
        token.make_signed_token(self.key)
        return str(token.serialize())

    def ask(self, assertion: str, **fields: str) -> HttpResponse:
        """One call of the token endpoint."""
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": assertion,
            **fields,
        }
        return self.http.post(TOKEN, urlencode(form), content_type="application/x-www-form-urlencoded")

    def sign_in(self, **fields: str) -> None:
        """Fetch a token and keep it."""
        answer = self.ask(self.assertion(), **fields)
        assert answer.status_code == 200, answer.content
        self.token = answer.json()["access_token"]

    def get(self, path: str, **headers: str) -> HttpResponse:
        """GET with the token."""
        return self.http.get(path, headers={"Authorization": f"Bearer {self.token}", **headers})

    def send(self, method: str, path: str, body: Any, **headers: str) -> HttpResponse:
        """A write with the token; a fresh Idempotency-Key unless `headers` bring one."""
        given = {"Authorization": f"Bearer {self.token}", "Idempotency-Key": str(uuid.uuid4()), **headers}
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.http.generic(method, path, data, content_type="application/json", headers=given)

    def post(self, path: str, body: Any, **headers: str) -> HttpResponse:
        """POST."""
        return self.send("POST", path, body, **headers)


@pytest.fixture(autouse=True)
def tried(request: pytest.FixtureRequest) -> Iterator[dry_runs.Compared | None]:
    """Try each write first, in every test that has a database."""
    if request.node.get_closest_marker("django_db") or DATABASE & set(request.fixturenames):
        with dry_runs.compared() as found:
            yield found
    else:
        yield None


@pytest.fixture
def make_machine(registrar: Actor) -> Callable[..., Machine]:
    """A maker of machines for an organisation, signed in with the scopes they were given."""

    def make(organisation: Organisation, *, scopes: str = "filings:read filings:write") -> Machine:
        key = jwk.JWK.generate(kty="EC", crv="P-256", kid=str(uuid.uuid4()))
        at = datetime.now(UTC) - timedelta(minutes=5)
        with acting_as(registrar):
            client = accounts.register_client(
                organisation=organisation,
                name=f"{organisation.legal_name} pipeline",
                public_jwk=json.loads(key.export_public()),
                scopes=scopes,
                by=registrar,
                at=at,
            )
        machine = Machine(client.client_id, key)
        machine.sign_in()
        return machine

    return make


@pytest.fixture
def still(db: None, noon: datetime) -> Iterator[None]:
    """Noon, and no moment passes."""
    receipts.ensure_key(settings.RECEIPT_KEY_FILE)
    with time_machine.travel(noon, tick=False):
        yield


@pytest.fixture
def machine(make_machine: Callable[..., Machine], aurelia: Organisation) -> Machine:
    """Aurelia's machine."""
    return make_machine(aurelia)


@pytest.fixture
def stranger(make_machine: Callable[..., Machine], cantabria: Organisation) -> Machine:
    """Cantabria's machine."""
    return make_machine(cantabria)
