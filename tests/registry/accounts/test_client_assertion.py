"""Assertions of clients against the life of their keys; forged and stale ones are tried in tests/api/test_token.py."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.conf import settings
from jwcrypto import jwk, jwt

from registry.accounts.actions import register_client
from registry.accounts.client_assertion import verified
from registry.accounts.models import ApiClient
from registry.acting import Actor, acting_as
from registry.organisations.models import Organisation

pytestmark = pytest.mark.django_db
MOMENT = datetime(2026, 11, 20, 12, 0, 0, 250_000, tzinfo=UTC)
A_MILLISECOND = timedelta(milliseconds=1)


def _assertion(client: ApiClient, key: jwk.JWK, *, at: datetime) -> str:
    issued = int(at.timestamp())
    claims = {"iss": client.client_id, "sub": client.client_id, "aud": settings.BASE_URL, "iat": issued}
    token = jwt.JWT(
        header={"alg": "ES256", "kid": key.key_id}, claims={**claims, "exp": issued + 60, "jti": str(uuid.uuid4())}
    )
    token.make_signed_token(key)
    return str(token.serialize())


@pytest.mark.parametrize(
    ("after_start", "is_let_in"), [(timedelta(0), True), (A_MILLISECOND, True), (-A_MILLISECOND, False)]
)
def test_a_key_can_be_used_from_the_very_moment_of_its_start(
    aurelia: Organisation, registrar: Actor, after_start: timedelta, is_let_in: bool
) -> None:
    key = jwk.JWK.generate(kty="EC", crv="P-256", kid="first")
    public = key.export_public(as_dict=True)
    with acting_as(registrar):
        client = register_client(
            organisation=aurelia, name="Machine", public_jwk=public, scopes="filings:read", by=registrar, at=MOMENT
        )
    at = MOMENT + after_start
    with time_machine.travel(at, tick=False):
        found = verified(_assertion(client, key, at=at), now=at.timestamp())
    assert (found == client) is is_let_in
