"""What can be done to accounts: create people and machine clients, delete what of signing in has expired."""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from registry.accounts.models import ApiClient, ClientKey, Membership, User
from registry.accounts.policy import EXPIRING, SCOPE_PERMISSIONS, Permission, may_be_held
from registry.acting import Actor, inside_acting_as
from registry.errors import Invalid, Obstacle
from registry.organisations.models import Authority, Organisation

LONGEST_KEY_LIFE = timedelta(days=398)
LONGEST_KEY_ID = 64
KEY_KINDS = {("EC", "P-256"), ("OKP", "Ed25519")}


@inside_acting_as
def grant(
    *, email: str, name: str, password: str | None, role: str, place: Organisation | Authority, by: Actor, at: datetime
) -> User:
    """Create a person with one membership. Raises `Invalid` for a role that does not fit the place."""
    by.require(Permission.ACCOUNT_GRANT)
    if not may_be_held(role, territory=place.territory if isinstance(place, Authority) else None):
        raise Invalid(
            "This role cannot be held there.",
            obstacles=[Obstacle("validation", "/role", f"“{role}” is not a role at {place}.")],
        )
    user = User.objects.create_user(email, password, name=name)
    Membership.objects.create(
        user=user,
        organisation=place if isinstance(place, Organisation) else None,
        authority=place if isinstance(place, Authority) else None,
        role=role,
        starts_at=at,
    )
    return user


@inside_acting_as
def register_client(
    *, organisation: Organisation, name: str, public_jwk: dict[str, Any], scopes: str, by: Actor, at: datetime
) -> ApiClient:
    """Create a machine client whose first key is `public_jwk` (EC P-256 or Ed25519, with a `kid`).

    Raises `Invalid` for another key, a private one, or a scope that does not exist.
    """
    by.require(Permission.ACCOUNT_GRANT)
    obstacles = []
    if not _is_usable(public_jwk):
        sentence = "Send the public half only, EC P-256 or Ed25519, with a kid of at most 64 characters."
        obstacles.append(Obstacle("validation", "/public_jwk", sentence))
    if not scopes.split() or not set(scopes.split()) <= set(SCOPE_PERMISSIONS):
        obstacles.append(Obstacle("validation", "/scopes", f"Scopes are {', '.join(SCOPE_PERMISSIONS)}."))
    if obstacles:
        raise Invalid("This client cannot be registered.", obstacles=obstacles)
    client: ApiClient = ApiClient.objects.create(
        organisation=organisation,
        name=name,
        scopes=scopes,
        client_type=ApiClient.CLIENT_CONFIDENTIAL,
        authorization_grant_type=ApiClient.GRANT_CLIENT_CREDENTIALS,
        client_secret="",
        hash_client_secret=False,
    )
    ClientKey.objects.create(
        client=client,
        key_id=str(public_jwk["kid"]),
        public_jwk=public_jwk,
        starts_at=at,
        ends_at=at + LONGEST_KEY_LIFE,
    )
    return client


def _is_usable(public_jwk: dict[str, Any]) -> bool:
    key_id = public_jwk.get("kid")
    return (
        "d" not in public_jwk
        and (public_jwk.get("kty"), public_jwk.get("crv")) in KEY_KINDS
        and isinstance(key_id, str)
        and 0 < len(key_id) <= LONGEST_KEY_ID
        and key_id.isprintable()
    )


@inside_acting_as
def purge_expired(*, by: Actor, at: datetime) -> int:
    """Delete spent assertions, tokens and sessions that have expired; returns how many."""
    by.require(Permission.EXPIRED_PURGE)
    deleted = 0
    for table, (_, moment) in EXPIRING.items():
        with connection.cursor() as cursor:
            cursor.execute(f"delete from {table} where {moment} < %s", [at])  # noqa: S608  (names of the policy)
            deleted += cursor.rowcount
    return deleted
