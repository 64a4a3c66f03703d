"""From an authenticated person or client to the actor of a unit of work: roles become permissions, places scope."""

from datetime import datetime

from django.db.models import Q

from registry.accounts.models import ApiClient, Membership, User
from registry.accounts.policy import ROLES, SCOPE_PERMISSIONS, may_be_held
from registry.acting import Actor, Audience

NOBODY = Actor(id="public", name="Public", audience=Audience.PUBLIC)


def of_client(client: ApiClient, *, scopes: str) -> Actor:
    """The actor behind a token of `client` with the token's `scopes`."""
    permissions = frozenset(
        str(permission) for scope in scopes.split() for permission in SCOPE_PERMISSIONS.get(scope, frozenset())
    )
    return Actor(
        id=f"client:{client.client_id}"[:64],
        name=client.name,
        audience=Audience.PROVIDER,
        permissions=permissions,
        organisation=client.organisation_id,
    )


def of_person(user: User, *, at: datetime) -> Actor | None:
    """The actor behind a person's present membership, or None for somebody without one.

    Of several memberships the newest counts; choosing among them is a matter of onboarding (part 3).
    """
    now = Q(starts_at__lte=at) & (Q(ends_at__isnull=True) | Q(ends_at__gt=at))
    membership = (
        Membership.objects.filter(now, user=user).order_by("-starts_at", "-id").select_related("authority").first()
    )
    if membership is None:
        return None
    territory = membership.authority.territory if membership.authority else None
    if not may_be_held(membership.role, territory=territory):
        return None
    role = ROLES[membership.role]
    return Actor(
        id=f"person:{user.id}",
        name=user.name,
        audience=role.audience,
        permissions=frozenset(str(permission) for permission in role.permissions),
        organisation=membership.organisation_id,
        territory=territory or "",
        roles=frozenset({role.code}),
    )
