"""Invitations: the one-time link by which a new person sets a password, sent when they are made a member, and again.

Asked for on the web, by an administrator; made by the register's own hand (the enroller) in the worker. There is never
more than one link of a person that works: a new one ends the former.
"""

import secrets
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from registry import rows
from registry.accounts import memberships
from registry.accounts.models import Membership, User
from registry.accounts.policy import Permission
from registry.acting import Actor, inside_acting_as
from registry.dispatch import outbox
from registry.errors import NotFound, NotPossible
from registry.ledger import chain, log
from registry.ledger.log import Line
from registry.onboarding import letters, lifecycle, links, particulars
from registry.onboarding.models import Invitation

ASKED_AGAIN: Final = "member.invited_again"
CAUSES: Final = frozenset({memberships.INVITED, ASKED_AGAIN})
PAUSE: Final = timedelta(minutes=10)  # between two mails to one person
DAY: Final = timedelta(days=1)
MOST_A_DAY: Final = 3


@inside_acting_as
def newest(*, users: Collection[UUID], by: Actor) -> Mapping[UUID, Invitation]:
    """The newest invitation of each of these people to the actor's organisation; an authority sends none."""
    by.require(Permission.MEMBER_MANAGE)
    if by.organisation is None:
        return {}
    found = Invitation.objects.visible_to(by).filter(organisation_id=by.organisation, user_id__in=users)
    return {each.user_id: each for each in found.order_by("created_at")}


@inside_acting_as
def ask_again(*, membership: int, by: Actor, at: datetime) -> None:
    """Have the link of a member who has never used theirs sent anew; one administrator may, some times a day.

    Raises `NotFound` for who is no member, `NotPossible` for who has an account that works, and for too many mails.
    """
    by.require(Permission.MEMBER_MANAGE)
    if by.organisation is None:
        raise NotFound
    kept = memberships.visible_to(by).filter(memberships.at_moment(at), pk=membership).first()
    if kept is None:
        raise NotFound
    sent = Invitation.objects.visible_to(by).filter(organisation_id=by.organisation, user_id=kept.user_id)
    found = list(sent.order_by("-created_at")[:MOST_A_DAY])
    if kept.user.last_login is not None or (found and found[0].used_at is not None):
        raise NotPossible(
            "This person has an account that works.",
            remedy="A forgotten password is chosen anew on the page to sign in.",
        )
    if _is_too_many(found, at):
        raise NotPossible(
            "The invitation was sent a short while ago.",
            remedy="Wait ten minutes, look among the unwanted mail; three a day are sent.",
        )
    said = {"member": str(kept.user_id), "by": by.id, "at": at.isoformat()}
    salt = secrets.token_bytes(chain.HASH_BYTES)
    commitment = chain.commitment(salt=salt, digest=particulars.digest(said))
    outbox.put(ASKED_AGAIN, subjects=[str(kept.user_id)], organisation=by.organisation, at=at)
    log.append([Line(ASKED_AGAIN, str(kept.user_id), commitment)], by=by, at=at)


@inside_acting_as
def invite(*, user: UUID, by: Actor, at: datetime) -> bool:
    """Write to somebody who was made a member: how they come in. Whether there was somebody to write to.

    Who never signed in at an organisation gets a link; who has an account, or comes in through an authority's own
    identity provider, is told of the role alone.
    """
    by.require("application_carry_out")
    known = User.objects.only("id", "email", "name", "language", "is_active", "last_login")
    person = known.filter(pk=user, is_active=True).first()
    held = Membership.objects.filter(memberships.at_moment(at), user_id=user).order_by("-starts_at").first()
    if person is None or held is None:
        return False
    if held.organisation_id is None or person.last_login is not None:
        kind = "member_added" if held.organisation_id else "authority_member"
        letters.write(kind, target=person.id, address=person.email, language=person.language, at=at)
        return True
    sent = Invitation.objects.visible_to(by).filter(user=person, organisation_id=held.organisation_id)
    found = list(sent.order_by("-created_at")[:MOST_A_DAY])
    if _is_too_many(found, at) or (found and found[0].used_at is not None):
        return False
    send(person, held.organisation_id, kind="member_invited", at=at)
    return True


def send(person: User, organisation: UUID, *, kind: str, at: datetime) -> None:
    """Make the one link of a person that works, and have the letter `kind` sent with it."""
    waiting = Invitation.objects.filter(user=person, used_at__isnull=True, expires_at__gt=at)
    waiting.update(expires_at=at)
    made = uuid4()
    link = links.link_of(links.INVITATION, made)
    row = {"id": made, "link": link, "organisation_id": organisation, "user_id": person.id, "name": person.name}
    expires = at + lifecycle.periods().invitation
    rows.insert(Invitation, [{**row, "created_at": at, "expires_at": expires, "used_at": None}])
    letters.write(kind, target=made, address=person.email, language=person.language, at=at, link=link)


def _is_too_many(sent: Sequence[Invitation], at: datetime) -> bool:
    """Whether one more now would be too many, of the newest ones that were sent."""
    lately = [each for each in sent if each.created_at > at - DAY]
    return len(lately) >= MOST_A_DAY or any(each.created_at > at - PAUSE for each in lately)
