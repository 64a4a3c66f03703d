"""Who calls: a bearer token of a machine client becomes the actor of the request. Closed by default.

In a sandbox (SANDBOX_KEYS=1) a static key may stand in its place; elsewhere it is refused by its prefix, unread.
"""

import hashlib
from datetime import UTC, datetime
from uuid import UUID

from django.conf import settings
from django.db.models import OuterRef, Subquery
from django.http import HttpRequest
from oauth2_provider.models import get_access_token_model
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from api.problems import Problem
from registry.accounts import actors
from registry.accounts.clients import STATIC_PREFIX, checksum
from registry.accounts.models import ApiClient, KeyUse, StaticKey
from registry.acting import Actor, acting_as
from registry.errors import DomainError
from registry.onboarding import mandate_actions

CHALLENGE = 'Bearer realm="ecar"'


class ClientToken(BaseAuthentication):
    """`Authorization: Bearer <token>`: opaque, stored hashed, five minutes (registry.accounts.client_assertion)."""

    def authenticate(self, request: Request) -> tuple[Actor, str] | None:
        """The actor and the token's scopes, None without a header; raises `Problem` for a token that does not hold."""
        header = request.headers.get("Authorization", "")
        if not header:
            return None
        kind, _, value = header.partition(" ")
        if kind.lower() != "bearer" or not value or not value.isascii():
            raise unauthorized()
        now = datetime.now(UTC)
        is_static = value.startswith(STATIC_PREFIX)
        client, scopes, key_ends_at = _by_static_key(value, now) if is_static else _by_token(value, now)
        if client.ends_at and client.ends_at <= now:
            raise unauthorized()
        seen = request._request
        seen.client_key, seen.key_ends_at = client.pk, key_ends_at  # type: ignore[attr-defined]
        return _on_behalf(request, actors.of_client(client, scopes=scopes), at=now), scopes

    def authenticate_header(self, request: Request) -> str:
        """The challenge of a 401."""
        return CHALLENGE


class Refuse(BasePermission):
    """The default permission: an endpoint that forgot to say who may call it is closed to everybody."""

    def has_permission(self, request: Request | HttpRequest, view: object) -> bool:
        """No."""
        return False


def _on_behalf(request: Request, actor: Actor, *, at: datetime) -> Actor:
    """The caller, or as it acts under the mandate that the header `Mandate` names; 403 for one that does not hold.

    400 for what is no id.
    """
    named = request.headers.get("Mandate")
    if named is None:
        return actor
    try:
        mandate = UUID(named)
    except ValueError:
        raise Problem("invalid-header", facts={"header": "Mandate"}) from None
    try:
        with acting_as(actor, read_only=True):
            return mandate_actions.on_behalf(mandate=mandate, by=actor, at=at)
    except DomainError:
        raise Problem("mandate-not-held") from None


def unauthorized() -> Problem:
    """401, the same for every reason."""
    return Problem("unauthorized", headers={"WWW-Authenticate": CHALLENGE})


def _by_token(value: str, now: datetime) -> tuple[ApiClient, str, datetime | None]:
    """The client of a token, its scopes, and when the key ends with which the client asked for a token last."""
    used = KeyUse.objects.filter(client_key__client_id=OuterRef("application_id")).order_by("-at")
    tokens = get_access_token_model().objects.select_related("application")
    ends = Subquery(used.values("client_key__ends_at")[:1])
    token = tokens.annotate(key_ends_at=ends).filter(token_checksum=_checksum(value)).first()
    if token is None or token.expires <= now or token.application is None:
        raise unauthorized()
    return token.application, token.scope, token.key_ends_at


def _by_static_key(value: str, now: datetime) -> tuple[ApiClient, str, datetime | None]:
    """The same of a static key. Raises 401 of its own type where there is no sandbox."""
    if not settings.SANDBOX_KEYS:
        raise Problem("static-key", headers={"WWW-Authenticate": CHALLENGE})
    key = StaticKey.objects.select_related("client").filter(checksum=checksum(value)).first()
    if key is None or not key.starts_at <= now < key.ends_at:
        raise unauthorized()
    return key.client, key.client.scopes, key.ends_at


def _checksum(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()
