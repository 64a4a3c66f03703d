"""An organisation with a machine client, which files through the web server's own application, in this process."""

import json
import secrets
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import perf_counter
from typing import Any

from django.conf import settings
from django.test import RequestFactory
from jwcrypto import jwk
from oauth2_provider.models import get_access_token_model

from api.examples import EXAMPLES
from registry.accounts import actions as accounts
from registry.accounts.policy import of_the_register
from registry.acting import acting_as
from registry.ledger import receipts
from registry.organisations import actions as organisations
from registry.organisations.actions import NewOrganisation
from registry.wsgi import application

FILINGS = "/api/v1/filings/"
SCOPES = "filings:read filings:write"
_REQUESTS = RequestFactory(SERVER_NAME="127.0.0.1")


@dataclass(frozen=True)
class Filer:
    """One organisation that has filed nothing yet, and its token."""

    organisation: uuid.UUID
    token: str

    def file(self, documents: list[dict[str, Any]]) -> float:
        """File all with one call: alone at the address for one, else as a batch. Returns the seconds it took."""
        body: dict[str, Any] = {"document": documents[0]}
        if len(documents) > 1:
            items = [{"client_id": str(index), "document": document} for index, document in enumerate(documents)]
            body = {"atomicity": "all", "items": items}
        path = FILINGS if len(documents) == 1 else f"{FILINGS}batch/"
        seconds, said, told = self._ask(path, json.dumps(body).encode())
        if not said.startswith("201"):
            raise RuntimeError(f"not filed: {said} {told[:2_000].decode()}")
        return seconds

    def refused(self) -> float:
        """File what is no document, which is refused before anything is stored. Returns the seconds it took."""
        seconds, said, told = self._ask(FILINGS, b"{}")
        if not said.startswith("4"):
            raise RuntimeError(f"not refused: {said} {told[:2_000].decode()}")
        return seconds

    def _ask(self, path: str, content: bytes) -> tuple[float, str, bytes]:
        """One call: how long it took, its status, its body."""
        headers = {"Authorization": f"Bearer {self.token}", "Idempotency-Key": str(uuid.uuid4())}
        request = _REQUESTS.generic("POST", path, content, content_type="application/json", headers=headers)
        said: list[str] = []
        begun = perf_counter()
        answer: Any = application(request.environ, lambda status, _headers: said.append(status))
        body = b"".join(answer)
        answer.close()
        return perf_counter() - begun, said[0], body


def new_filer() -> Filer:
    """A new organisation, the filer of the documents, with a token for an hour."""
    receipts.ensure_key(settings.RECEIPT_KEY_FILE)
    at, registrar = datetime.now(UTC), of_the_register("registrar")
    name = EXAMPLES["filing"]["value"]["document"]["filer"]["legal_name"]
    new = NewOrganisation(
        legal_name=name, seat_country="FR", territory="FR", is_developer=True, holding=name, is_illustrative=True
    )
    key = jwk.JWK.generate(kty="OKP", crv="Ed25519", kid=str(uuid.uuid4()))
    token = secrets.token_urlsafe(24)
    with acting_as(registrar):
        organisation = organisations.register([new], by=registrar, at=at)[0]
        client = accounts.register_client(
            organisation=organisation,
            name="bench",
            public_jwk=json.loads(key.export_public()),
            scopes=SCOPES,
            by=registrar,
            at=at,
        )
    get_access_token_model().objects.create(
        token=token, application=client, scope=SCOPES, expires=at + timedelta(hours=1)
    )
    return Filer(organisation.id, token)
