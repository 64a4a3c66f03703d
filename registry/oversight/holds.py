"""Holds: a filing that a procedure needs is not erased, on a legal basis, until a day; and lifting one before that day.

One person sets a hold, which only keeps. Lifting opens the way to erasure, which cannot be undone: data/proposals.toml
asks for a second person of the authority that set it, and the steward carries it out. Nobody else can: the database
grants it to no other.
"""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID, uuid4

from registry.accounts import proposals
from registry.accounts.models import Proposal
from registry.accounts.policy import Permission
from registry.accounts.proposals import Announce
from registry.accounts.stewardship import Executor
from registry.acting import Actor, Audience, inside_acting_as
from registry.errors import Invalid, NotFound, NotPermitted, NotPossible
from registry.filings import document
from registry.filings.models import Filing
from registry.languages import SPOKEN
from registry.ledger import chain, log
from registry.oversight.models import Hold

HELD, LIFTED = "filing.held", "filing.hold_lifted"
LIFT: Final = "hold.lift"
LONGEST_REASON: Final = 500
SHORTEST_REASON: Final = 10
_FILE: Final = Path(__file__).parent / "data" / "hold_bases.toml"


@dataclass(frozen=True)
class HoldBasis:
    """A law that needs filings to be kept: who may name it, for how many years at most."""

    code: str
    article: str
    audiences: frozenset[Audience]
    years: int
    words: Mapping[str, str]
    source: str

    @property
    def longest(self) -> timedelta:
        """The longest that one hold lasts, in years of 366 days."""
        return timedelta(days=366 * self.years)


@dataclass(frozen=True)
class NewHold:
    """What is to be held, on which basis, why in words, until when."""

    reference: str
    basis: str
    reason: str
    ends_at: datetime


@cache
def bases() -> Mapping[str, HoldBasis]:
    """All bases by code, in the order of the file."""
    said = tomllib.loads(_FILE.read_text(encoding="utf-8"))["basis"]
    return MappingProxyType({row["code"]: _basis(row) for row in said})


def bases_of(actor: Actor) -> tuple[HoldBasis, ...]:
    """The bases that an actor's authority may name."""
    return tuple(basis for basis in bases().values() if actor.audience in basis.audiences)


@inside_acting_as
def place(*, new: NewHold, by: Actor, at: datetime) -> Hold:
    """Keep a filing from being erased while a procedure needs it. Raises `NotFound`, `Invalid` for what is missing."""
    filing = Filing.objects.visible_to(by).filter(reference=new.reference).first()
    if filing is None:
        raise NotFound
    by.require(Permission.FILING_HOLD)
    reason = " ".join(new.reason.split())
    _require_whole(new, reason, by=by, at=at)
    held = Hold(
        id=uuid4(),
        filing=filing,
        reference=filing.reference,
        organisation_id=filing.organisation_id,
        territory=filing.territory,
        set_from=by.territory,
        basis=new.basis,
        reason=reason,
        at=at,
        actor=by.id,
        actor_name=by.name[:200],
        ends_at=new.ends_at,
    )
    held.save(force_insert=True)
    log.append([log.Line(HELD, filing.reference, _commitment(filing.reference, reason, at))], by=by, at=at)
    return held


@inside_acting_as
def propose_lifting(*, held: UUID, by: Actor, at: datetime, announce: Announce) -> Proposal:
    """Ask a second person of one's authority to lift a hold.

    Raises `NotFound`, `NotPermitted` for another authority's, `NotPossible` for one that holds nothing any more.
    """
    found = Hold.objects.visible_to(by).filter(id=held).first()
    if found is None:
        raise NotFound
    by.require(Permission.FILING_HOLD)
    if found.set_from != by.territory:
        raise NotPermitted("Another authority set this hold.", remedy="Ask that authority to lift it.")
    if not found.is_in_force(at):
        raise NotPossible("This hold has ended already.", remedy="Look at what became of it.")
    basis = bases().get(found.basis)
    return proposals.propose(
        kind=LIFT,
        payload={"hold": str(found.id), "reference": found.reference},
        shown={
            "reference": found.reference,
            "basis": dict(basis.words) if basis else found.basis,
            "until": f"{found.ends_at:%Y-%m-%d}" if found.ends_at else "…",
        },
        subject=str(found.id),
        by=by,
        at=at,
        announce=announce,
    )


def _lift(proposal: Proposal, by: Actor, at: datetime, _announce: Announce) -> None:
    """What the steward does. It reads neither reason nor filing."""
    found = Hold.objects.visible_to(by).select_for_update().filter(id=UUID(proposal.payload["hold"])).first()
    if found is None or found.set_from != proposal.territory:
        raise NotFound
    if not found.is_in_force(at):
        raise NotPossible("This hold has ended already.", remedy="Look at what became of it.")
    found.lifted_at, found.lifted_by = at, proposal.decided_by
    found.save(update_fields=["lifted_at", "lifted_by"])
    reference = str(proposal.payload["reference"])
    log.append([log.Line(LIFTED, reference, _commitment(reference, str(proposal.id), at))], by=by, at=at)


EXECUTORS: Final[Mapping[str, Executor]] = MappingProxyType({LIFT: _lift})


def _require_whole(new: NewHold, reason: str, *, by: Actor, at: datetime) -> None:
    basis = next((each for each in bases_of(by) if each.code == new.basis), None)
    if basis is None:
        raise Invalid("A hold needs its legal basis.", remedy="Choose one from the list.")
    if not SHORTEST_REASON <= len(reason) <= LONGEST_REASON:
        raise Invalid("Give a reason.", remedy="Name the procedure that needs the filing.")
    if not at < new.ends_at <= at + basis.longest:
        raise Invalid(
            "A hold on this basis ends within {years} years.",
            remedy="Choose another day.",
            years=f"{basis.years}",
        )


def _commitment(reference: str, said: str, at: datetime) -> bytes:
    """What the entry says: the reason stands in the row, so its salt need not be kept."""
    told_of = {"subject": reference, "why": said, "at": chain.moment_text(at)}
    return chain.commitment(salt=os.urandom(chain.HASH_BYTES), digest=document.digest(document.canonical_json(told_of)))


def _basis(row: Mapping[str, Any]) -> HoldBasis:
    return HoldBasis(
        row["code"],
        row["article"],
        frozenset(Audience[name.upper()] for name in row["audiences"]),
        int(row["years"]),
        MappingProxyType({language: row[language] for language in SPOKEN}),
        row["source"],
    )
