"""Who calls: a bearer token of a machine client becomes the actor of the request. Closed by default."""

import hashlib
from datetime import UTC, datetime

from django.http import HttpRequest
from oauth2_provider.models import get_access_token_model
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from api.problems import Problem
from registry.accounts import actors
from registry.acting import Actor

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
        token = (
            get_access_token_model()
            .objects.select_related("application")
            .filter(token_checksum=_checksum(value))
            .first()
        )
        now = datetime.now(UTC)
        if token is None or token.expires <= now or token.application is None:
            raise unauthorized()
        client = token.application
        if client.ends_at and client.ends_at <= now:
            raise unauthorized()
        return actors.of_client(client, scopes=token.scope), token.scope

    def authenticate_header(self, request: Request) -> str:
        """The challenge of a 401."""
        return CHALLENGE


class Refuse(BasePermission):
    """The default permission: an endpoint that forgot to say who may call it is closed to everybody."""

    def has_permission(self, request: Request | HttpRequest, view: object) -> bool:
        """No."""
        return False


def unauthorized() -> Problem:
    """401, the same for every reason."""
    return Problem("unauthorized", headers={"WWW-Authenticate": CHALLENGE})


def _checksum(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()
