"""Authentication of machine clients by `private_key_jwt` (RFC 7523), for the token endpoint.

The client signs a short assertion with a key whose public half it gave us. Accepted: ES256 and EdDSA only, audience the
issuer or the token endpoint, a life of at most 300 s, each `jti` once. Everything else is the same refusal, so that a
refusal tells nothing.
"""

import json
import time
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db import connection
from jwcrypto import jwk, jwt
from jwcrypto.common import JWException
from oauth2_provider.oauth2_validators import OAuth2Validator

from registry.accounts import calls
from registry.accounts.models import ApiClient, ClientKey, SpentAssertion

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ALGORITHMS = ["ES256", "EdDSA"]
LONGEST_LIFE_SECONDS = 300
LEEWAY_SECONDS = 10
LONGEST_ASSERTION = 8_192
LONGEST_TEXT = 128
TOKEN_PATH = "/api/v1/oauth/token/"  # noqa: S105  (an address)


class AssertionValidator(OAuth2Validator):  # type: ignore[misc]
    """Lets in a client that proves possession of its key, in the client-credentials grant, and nobody else."""

    def client_authentication_required(self, request: Any, *args: Any, **kwargs: Any) -> bool:
        """Always: there are no public clients."""
        return True

    def authenticate_client(self, request: Any, *args: Any, **kwargs: Any) -> bool:
        """Set `request.client` and answer True if the assertion holds; a secret beside it is a refusal."""
        fields = dict(request.decoded_body or [])
        if fields.get("client_assertion_type") != ASSERTION_TYPE or "client_secret" in fields:
            return False
        if request.headers.get("HTTP_AUTHORIZATION") or request.headers.get("Authorization"):
            return False
        client = verified(str(fields.get("client_assertion", "")), now=time.time())
        if client is None or fields.get("client_id", client.client_id) != client.client_id:
            return False
        request.client, request.client_id = client, client.client_id
        return True

    def authenticate_client_id(self, client_id: str, request: Any, *args: Any, **kwargs: Any) -> bool:
        """Never: naming oneself proves nothing."""
        return False

    def validate_grant_type(
        self, client_id: str, grant_type: str, client: Any, request: Any, *a: Any, **k: Any
    ) -> bool:
        """Client credentials only."""
        return grant_type == "client_credentials"

    def validate_scopes(self, client_id: str, scopes: list[str], client: Any, request: Any, *a: Any, **k: Any) -> bool:
        """Only scopes the client was given."""
        return set(scopes) <= set(client.scopes.split())

    def get_default_scopes(self, client_id: str, request: Any, *args: Any, **kwargs: Any) -> list[str]:
        """All scopes the client was given."""
        return list(request.client.scopes.split())


def verified(assertion: str, *, now: float) -> ApiClient | None:
    """The client whose key signed `assertion`, if every claim holds at `now`; else None.

    `now` is Unix seconds with their fraction: a key can be used from the very moment when it was stored.
    """
    try:
        key = _key(*_named_in(assertion), now)
        if key is None:
            return None
        checked = jwt.JWT(jwt=assertion, key=jwk.JWK(**key.public_jwk), algs=ALGORITHMS, check_claims={"exp": None})
        claims = json.loads(checked.claims)
    except (JWException, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    if not _holds(claims, key.client, now) or not _spend(claims, key.client):
        return None
    calls.note_use(key, at=datetime.fromtimestamp(now, UTC))
    return key.client


def _named_in(assertion: str) -> tuple[object, object]:
    """Issuer and key that an assertion names, before anything of it is believed. Raises ValueError for a long one."""
    if len(assertion) > LONGEST_ASSERTION:
        raise ValueError("no assertion is that long")
    token = jwt.JWT()
    token.deserialize(assertion)
    header = json.loads(token.token.objects["protected"])
    return json.loads(token.token.objects["payload"]).get("iss"), header.get("kid")


def _is_name(value: object) -> bool:
    """Whether a claim is a text that can be looked up and stored: short, and without signs that nobody can see."""
    return isinstance(value, str) and 0 < len(value) <= LONGEST_TEXT and value.isprintable()


def _key(issuer: object, key_id: object, now: float) -> ClientKey | None:
    if not _is_name(issuer) or not _is_name(key_id):
        return None
    at = datetime.fromtimestamp(now, UTC)
    keys = ClientKey.objects.select_related("client").filter(
        client__client_id=issuer, key_id=key_id, starts_at__lte=at, ends_at__gt=at
    )
    key = keys.first()
    return None if key is None or (key.client.ends_at and key.client.ends_at <= at) else key


def _holds(claims: dict[str, Any], client: ApiClient, now: float) -> bool:
    issued, begins, expires = claims.get("iat", int(now)), claims.get("nbf", int(now)), claims.get("exp")
    if not isinstance(expires, int) or not isinstance(issued, int) or not isinstance(begins, int):
        return False
    return (
        claims.get("iss") == claims.get("sub") == client.client_id
        and claims.get("aud") in (settings.BASE_URL, settings.BASE_URL + TOKEN_PATH)
        and now - LEEWAY_SECONDS < expires <= now + LONGEST_LIFE_SECONDS + LEEWAY_SECONDS
        and expires - LONGEST_LIFE_SECONDS <= issued <= now + LEEWAY_SECONDS
        and begins <= now + LEEWAY_SECONDS
        and _is_name(claims.get("jti"))
    )


def _spend(claims: dict[str, Any], client: ApiClient) -> bool:
    """Note the `jti`; False if it was noted before. The unique constraint decides, so two processes cannot both win.

    It is kept for as long as the assertion could be accepted, and committed at once: no unit of work is open here.
    """
    kept_until = datetime.fromtimestamp(claims["exp"] + LEEWAY_SECONDS, UTC)
    with connection.cursor() as cursor:
        cursor.execute(
            f"insert into {SpentAssertion._meta.db_table} (client_id, jti, expires_at) values (%s, %s, %s) "  # noqa: S608
            "on conflict do nothing",
            [client.pk, claims["jti"], kept_until],
        )
        return bool(cursor.rowcount == 1)
