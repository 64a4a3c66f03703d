"""Carrying out what two persons decided: the steward's work, in the worker, never on the web.

The steward looks at both persons again: each must still be permitted the act where it was proposed. Executors of a
kind stand with what they change; the worker's edge puts them together (registry.tasks.EXECUTORS).
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import connection

from registry.accounts import actors, proposals
from registry.accounts.models import Proposal, ProposalStatus, User
from registry.accounts.policy import Permission
from registry.accounts.proposal_kinds import Hand, ProposalKind, kinds
from registry.accounts.proposals import DONE, EXPIRED, FAILED, Announce
from registry.acting import Actor, inside_acting_as
from registry.errors import NotPermitted

# Does what a proposal says, in the unit of work of the steward. Raises a DomainError where that is not possible now.
Executor = Callable[[Proposal, Actor, datetime, Announce], None]

ONE_AT_A_TIME: Final = 0x7374_6577  # "stew": two acts that are each possible may not be so together
_PERSON: Final = "person:"
LONGEST_OUTCOME: Final = 500
USER_COLUMNS: Final = ("id", "email", "name", "language", "is_active")  # what the steward reads of people


@inside_acting_as
def carry_out(
    *, proposal_id: UUID, executors: Mapping[str, Executor], by: Actor, at: datetime, announce: Announce
) -> Proposal | None:
    """Carry out one confirmed proposal; None if there is nothing to do (any more).

    Raises a DomainError where it is not possible; the edge then ends this unit of work and calls `fail` in another.
    """
    by.require(Permission.PROPOSAL_CARRY_OUT)
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [ONE_AT_A_TIME])
    open_ = Proposal.objects.visible_to(by).select_for_update().filter(id=proposal_id, status=ProposalStatus.CONFIRMED)
    proposal = open_.first()
    if proposal is None or kinds()[proposal.kind].hand is not Hand.STEWARD:
        return None
    _require_both(proposal, at)
    executors[proposal.kind](proposal, by, at, announce)
    return proposals.finished(proposal, ProposalStatus.DONE, DONE, by=by, at=at, announce=announce)


@inside_acting_as
def fail(*, proposal_id: UUID, outcome: str, by: Actor, at: datetime, announce: Announce) -> None:
    """Note that a confirmed proposal could not be carried out, and why."""
    by.require(Permission.PROPOSAL_CARRY_OUT)
    open_ = Proposal.objects.visible_to(by).select_for_update().filter(id=proposal_id, status=ProposalStatus.CONFIRMED)
    if (proposal := open_.first()) is not None:
        proposal.outcome = outcome[:LONGEST_OUTCOME]
        proposals.finished(proposal, ProposalStatus.FAILED, FAILED, by=by, at=at, announce=announce)


@inside_acting_as
def waiting(*, by: Actor, limit: int) -> list[UUID]:
    """Confirmed proposals that the steward has not carried out, the oldest first."""
    by.require(Permission.PROPOSAL_CARRY_OUT)
    ours = [code for code, kind in kinds().items() if kind.hand is Hand.STEWARD]
    found = Proposal.objects.visible_to(by).filter(status=ProposalStatus.CONFIRMED, kind__in=ours)
    return list(found.order_by("expires_at", "id").values_list("id", flat=True)[:limit])


@inside_acting_as
def expire(*, by: Actor, at: datetime, announce: Announce, limit: int) -> int:
    """End what nobody decided in time; returns how many."""
    by.require(Permission.PROPOSAL_CARRY_OUT)
    late = Proposal.objects.visible_to(by).filter(status=ProposalStatus.PENDING, expires_at__lte=at)
    found = list(late.select_for_update(skip_locked=True).order_by("expires_at")[:limit])
    for proposal in found:
        proposals.finished(proposal, ProposalStatus.EXPIRED, EXPIRED, by=by, at=at, announce=announce)
    return len(found)


def _require_both(proposal: Proposal, at: datetime) -> None:
    """Raise `NotPermitted` unless every person it needed may still do this, there, and they are different persons."""
    kind = kinds()[proposal.kind]
    persons = {proposal.proposed_by, *([proposal.decided_by] if proposal.decided_by else [])}
    if len(persons) < kind.persons or not all(_may(person, proposal, kind, at) for person in persons):
        raise NotPermitted(
            "One of the two persons may not do this any more.", remedy="Propose it anew, by others if need be."
        )


def _may(person: str, proposal: Proposal, kind: ProposalKind, at: datetime) -> bool:
    if not person.startswith(_PERSON):
        return False
    known = User.objects.only(*USER_COLUMNS)
    user = known.filter(id=person.removeprefix(_PERSON), is_active=True).first()
    actor = actors.of_person(user, at=at) if user else None
    if actor is None or kind.permission not in actor.permissions:
        return False
    territory = "" if actor.organisation else actor.territory
    return (actor.organisation, territory) == (proposal.organisation_id, proposal.territory)
