"""What can be done to accounts: create people and machine clients, delete what of signing in has expired."""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from registry.accounts.models import ApiClient, ClientKey, Membership, User
from registry.accounts.policy import EXPIRING, ROLES, Permission
from registry.acting import Actor, inside_acting_as
from registry.errors import Invalid, Obstacle
from registry.organisations.models import Authority, Organisation

LONGEST_KEY_LIFE = timedelta(days=398)


@inside_acting_as
def grant(
    *, email: str, name: str, password: str | None, role: str, place: Organisation | Authority, by: Actor, at: datetime
) -> User:
    """Create a person with one membership. Raises `Invalid` for a role that does not fit the place."""
    by.require(Permission.ACCOUNT_GRANT)
    in_organisation = role.startswith("provider_")
    if role not in ROLES or in_organisation is not isinstance(place, Organisation):
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
    """Create a machine client whose first key is `public_jwk` (EC P-256 or Ed25519, with a `kid`)."""
    by.require(Permission.ACCOUNT_GRANT)
    if "d" in public_jwk or public_jwk.get("kty") not in {"EC", "OKP"} or not public_jwk.get("kid"):
        raise Invalid(
            "This key cannot be used.",
            obstacles=[Obstacle("validation", "/public_jwk", "Send the public half only, EC or OKP, with a kid.")],
        )
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
