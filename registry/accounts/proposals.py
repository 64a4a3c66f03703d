"""The two-person rule, once, for everything that needs it: one person proposes, another confirms or refuses.

Kinds are data (registry.accounts.proposal_kinds). Whoever is permitted the kind's act, at the same organisation or
authority, may propose it and may decide; nobody decides about a proposal of their own, which the database knows too
(constraint `proposal_decided_by_another`, trigger `proposal_by_who_acts`). What was confirmed is carried out by the
steward (registry.accounts.stewardship), or by who proposed it, where the kind says so. Machines do neither.

Events are written by `announce`, which the edge gives: `registry.dispatch.outbox.put` stands on a higher floor.
"""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Protocol
from uuid import UUID, uuid4

import rfc8785

from registry.accounts.models import Proposal, ProposalStatus
from registry.accounts.proposal_kinds import Hand, ProposalKind, Shown, kinds
from registry.acting import Actor, Audience, inside_acting_as
from registry.errors import Conflict, NotFound, NotPermitted, NotPossible
from registry.ledger import chain, log

PROPOSED: Final = "proposal.proposed"
CONFIRMED: Final = "proposal.confirmed"
REFUSED: Final = "proposal.refused"
WITHDRAWN: Final = "proposal.withdrawn"
EXPIRED: Final = "proposal.expired"
DONE: Final = "proposal.done"
FAILED: Final = "proposal.failed"
LONGEST_REASON: Final = 500


class Announce(Protocol):
    """Writes one event a subject into the outbox: `registry.dispatch.outbox.put`."""

    def __call__(self, kind: str, *, subjects: Sequence[str], at: datetime, organisation: UUID | None = None) -> None:
        """Write them."""
        ...


@inside_acting_as
def propose(
    *,
    kind: str,
    payload: Mapping[str, Any],
    shown: Shown,
    by: Actor,
    at: datetime,
    announce: Announce,
    subject: str = "",
) -> Proposal:
    """Propose an act; of two the same that wait, the first stands and is returned. `payload` is JSON without floats.

    `shown` fills the kind's sentence. An act that needs one person only is confirmed at once.
    Raises `NotPermitted` for somebody without the permission of the kind, and for machines.
    """
    rule = kinds()[kind]
    _require_person(by, rule)
    digest = _digest(kind, payload, by)
    waiting = Proposal.objects.visible_to(by).filter(digest=digest, status=ProposalStatus.PENDING, expires_at__gt=at)
    if (found := waiting.first()) is not None:
        return found
    proposal = Proposal.objects.create(
        id=uuid4(),
        kind=kind,
        organisation_id=by.organisation,
        territory="" if by.organisation else by.territory,
        subject=subject,
        payload=dict(payload),
        shown=dict(shown),
        digest=digest,
        salt=secrets.token_bytes(chain.HASH_BYTES),
        proposed_by=by.id,
        proposer_name=by.name[:200],
        proposed_at=at,
        expires_at=at + rule.waits,
        status=ProposalStatus.PENDING if rule.persons > 1 else ProposalStatus.CONFIRMED,
    )
    record(proposal, PROPOSED if rule.persons > 1 else CONFIRMED, by=by, at=at, announce=announce)
    return proposal


@inside_acting_as
def confirm(*, proposal_id: UUID, by: Actor, at: datetime, announce: Announce) -> Proposal:
    """Confirm what another proposed; it will be carried out. Saying it twice changes nothing.

    Raises `NotFound`, `NotPermitted` for the proposer himself, `NotPossible` for what is decided or expired.
    """
    proposal = _decidable(proposal_id, by)
    if proposal.proposed_by == by.id:
        raise NotPermitted(
            "You proposed this yourself.", remedy="Ask another administrator of your organisation or authority."
        )
    if proposal.decided_by == by.id and proposal.status in {ProposalStatus.CONFIRMED, ProposalStatus.DONE}:
        return proposal
    _require_open(proposal, at)
    return _decided(proposal, ProposalStatus.CONFIRMED, CONFIRMED, by=by, at=at, announce=announce)


@inside_acting_as
def refuse(*, proposal_id: UUID, reason: str, by: Actor, at: datetime, announce: Announce) -> Proposal:
    """Refuse what another proposed, with a reason. Raises as `confirm` does."""
    proposal = _decidable(proposal_id, by)
    if proposal.proposed_by == by.id:
        raise NotPermitted("You proposed this yourself.", remedy="Withdraw it.")
    _require_open(proposal, at)
    proposal.reason = reason.strip()[:LONGEST_REASON]
    return _decided(proposal, ProposalStatus.REFUSED, REFUSED, by=by, at=at, announce=announce)


@inside_acting_as
def withdraw(*, proposal_id: UUID, by: Actor, at: datetime, announce: Announce) -> Proposal:
    """Take back one's own proposal while nobody decided. Raises `NotPermitted` for another's, `NotPossible` later."""
    proposal = _decidable(proposal_id, by)
    if proposal.proposed_by != by.id:
        raise NotPermitted("Somebody else proposed this.", remedy="Refuse it, with a reason.")
    _require_open(proposal, at)
    return _decided(proposal, ProposalStatus.WITHDRAWN, WITHDRAWN, by=by, at=at, announce=announce)


@inside_acting_as
def take_up(*, proposal_id: UUID, kind: str, by: Actor, at: datetime, announce: Announce) -> Proposal:
    """Use, once, the confirmation of a kind that its proposer carries out himself; returns it with its payload.

    Raises `NotFound` for another person's or another kind's, `NotPossible` unless it is confirmed and has not expired.
    """
    own = Proposal.objects.visible_to(by).select_for_update().filter(id=proposal_id, kind=kind, proposed_by=by.id)
    proposal = own.first()
    if proposal is None or kinds()[kind].hand is not Hand.PROPOSER:
        raise NotFound
    by.require(kinds()[kind].permission)
    if proposal.status != ProposalStatus.CONFIRMED or proposal.expires_at <= at:
        raise NotPossible("Nobody has confirmed this, or it was used already.", remedy="Propose it anew.")
    return finished(proposal, ProposalStatus.DONE, DONE, by=by, at=at, announce=announce)


def finished(
    proposal: Proposal, status: ProposalStatus, word: str, *, by: Actor, at: datetime, announce: Announce
) -> Proposal:
    """Store how it came out: done, or failed with its `outcome`."""
    proposal.status, proposal.finished_at = status, at
    proposal.save(update_fields=["status", "finished_at", "outcome"])
    record(proposal, word, by=by, at=at, announce=announce)
    return proposal


def record(proposal: Proposal, word: str, *, by: Actor, at: datetime, announce: Announce) -> None:
    """Announce and enter in the ledger what happened to a proposal, with the commitment to what it says."""
    announce(word, subjects=[str(proposal.id)], at=at, organisation=proposal.organisation_id)
    commitment = chain.commitment(salt=bytes(proposal.salt), digest=bytes(proposal.digest))
    log.append([log.Line(word, str(proposal.id), commitment)], by=by, at=at)


def _require_person(by: Actor, rule: ProposalKind) -> None:
    by.require(rule.permission)
    if not by.id.startswith("person:") or (by.organisation is None and not by.territory):
        raise NotPermitted("Only people propose and decide.", remedy="Ask an administrator of your organisation.")


def _decidable(proposal_id: UUID, by: Actor) -> Proposal:
    if by.audience is Audience.STEWARD:
        raise NotFound
    proposal = Proposal.objects.visible_to(by).select_for_update().filter(id=proposal_id).first()
    if proposal is None:
        raise NotFound
    _require_person(by, kinds()[proposal.kind])
    return proposal


def _require_open(proposal: Proposal, at: datetime) -> None:
    if proposal.status != ProposalStatus.PENDING:
        raise Conflict("This was decided already.", remedy="Look at what became of it.")
    if proposal.expires_at <= at:
        raise NotPossible("This has waited too long and has expired.", remedy="Propose it anew.")


def _decided(
    proposal: Proposal, status: ProposalStatus, word: str, *, by: Actor, at: datetime, announce: Announce
) -> Proposal:
    proposal.status, proposal.decided_by = status, by.id
    proposal.decider_name, proposal.decided_at = by.name[:200], at
    proposal.save(update_fields=["status", "decided_by", "decider_name", "decided_at", "reason"])
    record(proposal, word, by=by, at=at, announce=announce)
    return proposal


def _digest(kind: str, payload: Mapping[str, Any], by: Actor) -> bytes:
    place = str(by.organisation) if by.organisation else by.territory
    return hashlib.sha256(rfc8785.dumps({"kind": kind, "place": place, "payload": dict(payload)})).digest()
