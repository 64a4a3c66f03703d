"""Who belongs to an organisation or an authority, as its administrators (supervisors) keep it: invite, change, end.

Each needs two persons (registry.accounts.proposals) and is carried out by the steward. There are never fewer than two
who can keep people: ending or changing the last but one is refused (EDGAR Next: two technical administrators).
"""

import secrets
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import connection
from django.db.models import Q, QuerySet

from registry.accounts import proposals
from registry.accounts.models import Membership, Proposal, User
from registry.accounts.policy import ROLES, Permission, may_be_held
from registry.accounts.proposal_kinds import role_words
from registry.accounts.proposals import Announce
from registry.accounts.stewardship import USER_COLUMNS, Executor
from registry.acting import Actor, inside_acting_as
from registry.errors import Invalid, NotFound, NotPossible, Obstacle, told
from registry.ledger import chain, log
from registry.organisations.models import Authority

INVITED: Final = "member.invited"
CHANGED: Final = "member.changed"
ENDED: Final = "member.ended"
SIGNED_OUT: Final = "session.ended"
FEWEST_KEEPERS: Final = 2
LONGEST_NAME: Final = 200
_PERSON: Final = [f"user__{name}" for name in (*USER_COLUMNS, "last_login")]
_OWN_COLUMNS: Final = ("id", "role", "starts_at", "ends_at", "organisation_id", "authority_id", "user_id")


def visible_to(actor: Actor) -> QuerySet[Membership]:
    """Memberships of the actor's organisation or authority: the application's own layer."""
    known = Membership.objects.select_related("user").only(*_OWN_COLUMNS, *_PERSON)
    if actor.organisation:
        return known.filter(organisation_id=actor.organisation)
    return known.filter(authority__territory=actor.territory) if actor.territory else known.none()


def at_moment(at: datetime) -> Q:
    """Memberships that hold at `at`."""
    return Q(starts_at__lte=at) & (Q(ends_at__isnull=True) | Q(ends_at__gt=at))


def roles_for(actor: Actor) -> list[str]:
    """The roles that can be held where the actor is, in the order of the policy."""
    territory = None if actor.organisation else actor.territory
    return [code for code in ROLES if may_be_held(code, territory=territory)]


@inside_acting_as
def propose_invitation(
    *, email: str, name: str, role: str, by: Actor, at: datetime, announce: Announce, language: str = "en"
) -> Proposal:
    """Propose a new member, to be written to in `language`.

    Raises `Invalid` for address, name or role, or for somebody who is one already.
    """
    by.require(Permission.MEMBER_MANAGE)
    email, name = email.strip().lower(), name.strip()
    obstacles = [] if role in roles_for(by) else [_obstacle("/role", told("Choose a role that can be held here."))]
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        obstacles.append(_obstacle("/name", told("A name of at most 200 visible characters is needed.")))
    if not is_address(email):
        obstacles.append(_obstacle("/email", told("An e-mail address is needed.")))
    if visible_to(by).filter(at_moment(at), user__email=email).exists():
        obstacles.append(_obstacle("/email", told("This person is a member already: change the role instead.")))
    if obstacles:
        raise Invalid("This invitation cannot be made.", obstacles=obstacles)
    return proposals.propose(
        kind="member.invite",
        payload={"email": email, "name": name, "role": role, "language": language},
        shown={"email": email, "name": name, "role": dict(role_words(role))},
        by=by,
        at=at,
        announce=announce,
    )


@inside_acting_as
def propose_change(*, membership: int, role: str, by: Actor, at: datetime, announce: Announce) -> Proposal:
    """Propose another role for a member. Raises `NotFound`, `Invalid`, `NotPossible` for the last but one keeper."""
    by.require(Permission.MEMBER_MANAGE)
    kept = _present(membership, by, at)
    if role not in roles_for(by) or role == kept.role:
        raise Invalid("This is no other role that can be held here.")
    if Permission.MEMBER_MANAGE not in ROLES[role].permissions:
        _require_keepers(kept, at)
    shown = {**_named(kept), "former_role": dict(role_words(kept.role)), "role": dict(role_words(role))}
    return _propose("member.change", kept, {"role": role}, shown, by=by, at=at, announce=announce)


@inside_acting_as
def propose_end(*, membership: int, by: Actor, at: datetime, announce: Announce) -> Proposal:
    """Propose to end a membership. Raises `NotFound`, `NotPossible` for the last but one keeper."""
    by.require(Permission.MEMBER_MANAGE)
    kept = _present(membership, by, at)
    _require_keepers(kept, at)
    shown = {**_named(kept), "role": dict(role_words(kept.role))}
    return _propose("member.end", kept, {}, shown, by=by, at=at, announce=announce)


@inside_acting_as
def sign_out(*, membership: int, session: int | None, by: Actor, at: datetime, announce: Announce) -> Proposal:
    """End one session of a member, or all; one person may, the steward does it within seconds. Raises `NotFound`."""
    by.require(Permission.MEMBER_MANAGE)
    kept = _present(membership, by, at)
    payload = {"session": session, "asked_at": at.isoformat()}
    return _propose("session.end", kept, payload, _named(kept), by=by, at=at, announce=announce)


# --- the steward ------------------------------------------------------------------------------------------------------


def _invite(proposal: Proposal, by: Actor, at: datetime, announce: Announce) -> None:
    said = proposal.payload
    user = User.objects.only(*USER_COLUMNS).filter(email=said["email"]).first()
    if user is not None and (not user.is_active or Membership.objects.filter(at_moment(at), user=user).exists()):
        raise NotPossible(
            "This address cannot be invited: it is in use in the register.",
            remedy="Invite the person under another address.",
        )
    if user is None:
        user = User.objects.create_user(said["email"], None, name=said["name"], language=said.get("language", "en"))
        EmailAddress.objects.create(user_id=user.pk, email=said["email"], primary=True, verified=True)
    authority = None if proposal.organisation_id else Authority.objects.get(territory=proposal.territory)
    _require_may_be_held(said["role"], proposal)
    Membership.objects.create(
        user_id=user.pk,
        organisation_id=proposal.organisation_id,
        authority=authority,
        role=said["role"],
        starts_at=at,
    )
    _record(INVITED, user.pk, proposal, by=by, at=at, announce=announce)


def _change(proposal: Proposal, by: Actor, at: datetime, announce: Announce) -> None:
    kept, role = _proposed_for(proposal, at), proposal.payload["role"]
    _require_may_be_held(role, proposal)
    if Permission.MEMBER_MANAGE not in ROLES[role].permissions:
        _require_keepers(kept, at)
    Membership.objects.filter(pk=kept.pk).update(ends_at=at)
    Membership.objects.create(
        user_id=kept.user_id,
        organisation_id=kept.organisation_id,
        authority_id=kept.authority_id,
        role=role,
        starts_at=at,
    )
    _end_sessions(kept.user_id, None)
    _record(CHANGED, kept.user_id, proposal, by=by, at=at, announce=announce)


def _end(proposal: Proposal, by: Actor, at: datetime, announce: Announce) -> None:
    kept = _proposed_for(proposal, at)
    _require_keepers(kept, at)
    Membership.objects.filter(pk=kept.pk).update(ends_at=at)
    _end_sessions(kept.user_id, None)
    _record(ENDED, kept.user_id, proposal, by=by, at=at, announce=announce)


def _sign_out(proposal: Proposal, by: Actor, at: datetime, announce: Announce) -> None:
    kept = _proposed_for(proposal, at)
    _end_sessions(kept.user_id, proposal.payload["session"])
    _record(SIGNED_OUT, kept.user_id, proposal, by=by, at=at, announce=announce)


EXECUTORS: Final[Mapping[str, Executor]] = MappingProxyType(
    {"member.invite": _invite, "member.change": _change, "member.end": _end, "session.end": _sign_out}
)


def _end_sessions(user_id: UUID, session: int | None) -> None:
    """Delete a person's sessions, or one: what the browser holds opens nothing any more."""
    with connection.cursor() as cursor:
        cursor.execute(
            "delete from usersessions_usersession where user_id = %s and (%s::bigint is null or id = %s::bigint) "
            "returning session_key",
            [user_id, session, session],
        )
        keys = [key for (key,) in cursor.fetchall()]
        cursor.execute("delete from django_session where session_key = any(%s)", [keys])


def _proposed_for(proposal: Proposal, at: datetime) -> Membership:
    """The membership a proposal is about, if it still holds where it was proposed."""
    here = Q(organisation_id=proposal.organisation_id) if proposal.organisation_id else Q()
    there = Q() if proposal.organisation_id else Q(authority__territory=proposal.territory)
    kept = Membership.objects.filter(at_moment(at), here, there, pk=proposal.payload["membership"]).first()
    if kept is None:
        raise NotPossible("This membership does not hold any more.", remedy="Look at who is a member now.")
    return kept


def _require_may_be_held(role: str, proposal: Proposal) -> None:
    if not may_be_held(role, territory=None if proposal.organisation_id else proposal.territory):
        raise NotPossible("This role cannot be held there.", remedy="Propose another role.")


def _require_keepers(leaving: Membership, at: datetime) -> None:
    """Raise `NotPossible` if fewer than two who can keep people would stay."""
    keepers = [code for code, role in ROLES.items() if Permission.MEMBER_MANAGE in role.permissions]
    if leaving.role not in keepers:
        return
    place: dict[str, Any] = {"organisation_id": leaving.organisation_id, "authority_id": leaving.authority_id}
    there = Membership.objects.filter(at_moment(at), role__in=keepers, **place)
    if there.exclude(user_id=leaving.user_id).values("user_id").distinct().count() < FEWEST_KEEPERS:
        raise NotPossible(
            "Two administrators must stay, so that one can propose and the other confirm.",
            remedy="Make somebody else an administrator first.",
        )


def _present(membership: int, by: Actor, at: datetime) -> Membership:
    kept = visible_to(by).filter(at_moment(at), pk=membership).first()
    if kept is None:
        raise NotFound
    return kept


def _propose(
    kind: str,
    kept: Membership,
    payload: Mapping[str, Any],
    shown: Mapping[str, Any],
    *,
    by: Actor,
    at: datetime,
    announce: Announce,
) -> Proposal:
    return proposals.propose(
        kind=kind,
        payload={"membership": kept.pk, **payload},
        shown=shown,
        subject=str(kept.user_id),
        by=by,
        at=at,
        announce=announce,
    )


def _named(kept: Membership) -> dict[str, str]:
    return {"name": kept.user.name, "email": kept.user.email}


def is_address(email: str) -> bool:
    """Whether mail can be sent there, by its form, and an account can have it."""
    try:
        validate_email(email)
    except ValidationError:
        return False
    return len(email) <= User._meta.get_field("email").max_length  # type: ignore[operator]


def _obstacle(pointer: str, sentence: str) -> Obstacle:
    return Obstacle("validation", pointer, sentence)


def _record(kind: str, user_id: UUID, proposal: Proposal, *, by: Actor, at: datetime, announce: Announce) -> None:
    """Announce and enter it; the commitment is under a salt of its own that is not kept: the proposal says what."""
    announce(kind, subjects=[str(user_id)], at=at, organisation=proposal.organisation_id)
    commitment = chain.commitment(salt=secrets.token_bytes(chain.HASH_BYTES), digest=sha256(proposal.digest).digest())
    log.append([log.Line(kind, str(user_id), commitment)], by=by, at=at)
