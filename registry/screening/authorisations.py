"""Exemptions and authorisations under Regulation (EU) 833/2014 Art. 5n: what lifts the hard stop of R-22.

Recording one lets a prohibited service go on, so data/proposals.toml asks for two persons of the authority, and the
steward carries it out. The rule then says "authorised" instead of "stop" for the days covered, and stops again after.
"""

import hashlib
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID, uuid4

import rfc8785
from django.db.models import QuerySet

from registry.accounts import proposals
from registry.accounts.models import Proposal
from registry.accounts.policy import Permission
from registry.accounts.proposals import Announce
from registry.accounts.stewardship import Executor
from registry.acting import Actor, inside_acting_as
from registry.errors import Invalid, NotFound, NotPermitted, NotPossible, Obstacle
from registry.ledger import chain, log
from registry.screening.models import Authorisation, Finding
from registry.screening.rules import CASES
from registry.screening.shapes import Authorisation as Covering
from registry.screening.shapes import SubjectKind

RECORD: Final = "authorisation.record"
RECORDED: Final = "authorisation.recorded"
STOP: Final = "R-22"
_REFERENCE: Final = re.compile(r"\S.{1,98}\S")
_BASIS: Final = re.compile(r"\S.{3,198}\S")
LONGEST_REFERENCE: Final = 100
LONGEST_BASIS: Final = 200
LEAST_REASON: Final = 10
LONGEST_REASON: Final = 500


@dataclass(frozen=True)
class NewAuthorisation:
    """What is to be recorded about the customer of a finding: the decision, its basis, first and last day, and why."""

    finding: int
    reference: str
    legal_basis: str
    from_on: date
    until_on: date
    reason: str


@inside_acting_as
def propose(*, new: NewAuthorisation, by: Actor, at: datetime, announce: Announce) -> Proposal:
    """Ask a second person of one's authority to record an authorisation for the customer that a finding stops.

    Raises `NotFound`, `NotPermitted`, `NotPossible` for a finding that stops no customer, `Invalid` for what is wrong.
    """
    finding = Finding.objects.visible_to(by).filter(id=new.finding).first()
    if finding is None:
        raise NotFound
    by.require(Permission.AUTHORISATION_RECORD)
    if finding.rule != STOP or finding.subject_kind != SubjectKind.CUSTOMER:
        raise NotPossible("This finding stops no customer.", remedy="Choose a finding of rule R-22 about a customer.")
    if finding.territory != by.territory:
        raise NotPermitted("Another authority decides here.", remedy="Ask that authority.")
    _require_whole(new)
    said = {
        "organisation": str(finding.organisation_id),
        "territory": finding.territory,
        "customer_key": customer_key(finding),
        "customer_name": finding.subject_name[:200],
        "reference": new.reference,
        "legal_basis": new.legal_basis,
        "from_on": new.from_on.isoformat(),
        "until_on": new.until_on.isoformat(),
        "reason": new.reason.strip(),
    }
    return proposals.propose(
        kind=RECORD,
        payload=said,
        shown={
            name: said[name] for name in ("customer_name", "reference", "legal_basis", "from_on", "until_on", "reason")
        },
        subject=str(finding.organisation_id),
        by=by,
        at=at,
        announce=announce,
    )


def covering(provider: UUID, keys: Iterable[str]) -> Mapping[str, tuple[Covering, ...]]:
    """What is recorded for customers of a provider, by the provider's key; one query."""
    found: dict[str, tuple[Covering, ...]] = {}
    stored = Authorisation.objects.filter(organisation_id=provider, customer_key__in=list(keys)).order_by("from_on")
    for each in stored:
        one = Covering(reference=each.reference, from_on=each.from_on, until_on=each.until_on)
        found[each.customer_key] = (*found.get(each.customer_key, ()), one)
    return found


def is_stopped(finding: Finding) -> bool:
    """Whether the finding prohibits: a hit of R-22 that is neither authorised nor a mere review."""
    return finding.rule == STOP and not {"authorised", "review"} & set(str(finding.inputs.get(CASES, "")).split())


def prohibited(by: Actor) -> QuerySet[Finding]:
    """The newest finding about each customer whom the rule stops, or would without an authorisation; newest first."""
    about = Finding.objects.visible_to(by).filter(rule=STOP, subject_kind=SubjectKind.CUSTOMER)
    each = ("organisation_id", "territory", "subject_key")
    newest = about.order_by(*each, "-found_at", "-id").distinct(*each).values("id")
    found = Finding.objects.visible_to(by).filter(id__in=newest).exclude(**{f"inputs__{CASES}": "review"})
    return found.select_related("organisation").order_by("-found_at", "-id")


def in_force(findings: Iterable[Finding], *, on: date, by: Actor) -> Mapping[int, Authorisation]:
    """By finding, the authorisation that covers its customer on the day; of several the one that lasts longest."""
    asked = {each.id: (each.organisation_id, customer_key(each)) for each in findings if is_prohibition(each)}
    stored = Authorisation.objects.visible_to(by).filter(
        organisation_id__in={provider for provider, _ in asked.values()},
        customer_key__in={key for _, key in asked.values()},
        from_on__lte=on,
        until_on__gte=on,
    )
    by_customer = {(each.organisation_id, each.customer_key): each for each in stored.order_by("until_on")}
    return {id_: by_customer[customer] for id_, customer in asked.items() if customer in by_customer}


def customer_key(finding: Finding) -> str:
    """The provider's own key of the customer that a finding is about."""
    return finding.subject_key.partition(":")[2]


def is_prohibition(finding: Finding) -> bool:
    """Whether the finding says that a customer may not be served without an authorisation: no mere review."""
    is_review = "review" in str(finding.inputs.get(CASES, "")).split()
    return finding.rule == STOP and finding.subject_kind == SubjectKind.CUSTOMER and not is_review


def _record(proposal: Proposal, by: Actor, at: datetime, announce: Announce) -> None:
    """What the steward does: it adds, and reads nothing back."""
    said: Mapping[str, Any] = proposal.payload
    if proposal.territory != said["territory"]:
        raise NotFound
    row = Authorisation(
        id=uuid4(),
        organisation_id=UUID(said["organisation"]),
        territory=said["territory"],
        customer_key=said["customer_key"],
        customer_name=said["customer_name"],
        reference=said["reference"],
        legal_basis=said["legal_basis"],
        from_on=date.fromisoformat(said["from_on"]),
        until_on=date.fromisoformat(said["until_on"]),
        reason=said["reason"],
        recorded_at=at,
        proposed_by=proposal.proposed_by,
        confirmed_by=proposal.decided_by,
    )
    row.save(force_insert=True)
    log.append([log.Line(RECORDED, str(row.id), _commitment(said))], by=by, at=at)
    announce(RECORDED, subjects=[str(row.id)], at=at, organisation=row.organisation_id)


EXECUTORS: Final[Mapping[str, Executor]] = MappingProxyType({RECORD: _record})


def _require_whole(new: NewAuthorisation) -> None:
    obstacles = []
    if not _REFERENCE.fullmatch(new.reference):
        obstacles.append(
            Obstacle("text", "/reference", "The reference of the decision is needed.", "Give 3 to 100 characters.")
        )
    if not _BASIS.fullmatch(new.legal_basis):
        obstacles.append(Obstacle("text", "/legal_basis", "The legal basis is needed.", "Name article and paragraph."))
    if new.until_on < new.from_on:
        obstacles.append(
            Obstacle("out-of-range", "/until_on", "The last day is before the first.", "Put the days in their order.")
        )
    if not LEAST_REASON <= len(new.reason.strip()) <= LONGEST_REASON:
        obstacles.append(Obstacle("text", "/reason", "A reason of 10 to 500 characters is needed.", "Say why."))
    if obstacles:
        raise Invalid("This authorisation cannot be kept.", remedy="Mend what is named.", obstacles=obstacles)


def _commitment(said: Mapping[str, Any]) -> bytes:
    """What the entry says: the row holds it, so its salt need not be kept."""
    digest = hashlib.sha256(rfc8785.dumps(dict(said))).digest()
    return chain.commitment(salt=os.urandom(chain.HASH_BYTES), digest=digest)
