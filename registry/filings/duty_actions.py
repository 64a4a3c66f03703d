"""What can be done about duties: asking for more time or to be excused, reporting, deciding, designating.

Each act is visible, permitted, possible, done, announced, recorded. A decision is about one occurrence of a duty: where
later facts move its trigger, the new occurrence starts without it. Where a reference is None, the duty is one of the
organisation itself (registry.filings.organisation_duties).
"""

import os
import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from registry import rows
from registry.acting import Actor, Audience, inside_acting_as
from registry.dispatch import outbox
from registry.errors import Conflict, Invalid, NotFound, NotPermitted, NotPossible, Obstacle, told
from registry.filings import document, duties, lifecycle, reckoning
from registry.filings.duties import DutyRule, FilingFacts, State
from registry.filings.duty_places import Place, locked, occurrence, of_filing, place_named, place_of
from registry.filings.models import Act, Decision, Duty, Filing, Plea, PleaKind
from registry.filings.reckoning import Reckoned
from registry.filings.working_days import day_of
from registry.ledger import chain, log
from registry.ledger.log import Line

REASSESSMENT = "reassessment_request"
LONGEST_EXTENSION = timedelta(days=730)
# What each decision is called in the ledger and the outbox: granted, refused.
DECIDED = {
    PleaKind.EXTENSION: ("duty.extension_granted", "duty.extension_refused"),
    PleaKind.EXCUSE: ("duty.excused", "duty.excuse_refused"),
    PleaKind.REBUTTAL: ("rebuttal.accepted", "rebuttal.rejected"),
    PleaKind.REASSESSMENT: ("designation.lifted", "designation.maintained"),
}
DESIGNATED = "designation.made"
_ASKED = {
    PleaKind.EXTENSION: "duty.extension_asked",
    PleaKind.EXCUSE: "duty.excuse_asked",
    PleaKind.REASSESSMENT: "designation.reassessment_asked",
}
_REPORTED = "duty.reported"
# What a version cannot be: these are done elsewhere and reported here.
OUTSIDE = frozenset({"training_summary", "facility_report"})


@dataclass(frozen=True, kw_only=True)
class _Act:
    """What is about to be recorded: its kind in the ledger, and the members of the statement that it commits to."""

    kind: str
    place: Place
    members: dict[str, str]
    by: Actor
    at: datetime

    def announce_and_record(self) -> dict[str, Any]:
        """Put the event and append the entry; returns the columns of the row that stands for the act."""
        place, kind = self.place, self.place.kind(self.kind)
        outbox.put(kind, subjects=[place.name], organisation=place.organisation_id, at=self.at)
        salt = os.urandom(32)
        said = {
            "filing" if place.filing else "organisation": place.name,
            "by": self.by.id,
            "at": self.at.isoformat(),
            **self.members,
        }
        commitment = chain.commitment(salt=salt, digest=document.digest(document.canonical_json(said)))
        entry = log.append([Line(kind, place.name, commitment)], by=self.by, at=self.at)[0]
        return {
            "filing_id": place.filing.id if place.filing else None,
            "organisation_id": place.organisation_id,
            "territory": place.territory,
            "at": self.at,
            "actor": self.by.id,
            "actor_name": self.by.name,
            "salt": salt,
            "entry_id": entry.index,
        }


@inside_acting_as
def ask_extension(
    *,
    reference: str | None,
    code: str,
    trigger_on: date,
    until: datetime,
    reason: str,
    by: Actor,
    at: datetime,
    subject: str = "",
) -> Duty:
    """Ask for more time for a duty that is not done yet, before or after its due moment. Returns the duty."""
    place = place_named(reference, by)
    by.require("duty_plead")
    duty = occurrence(place, code, trigger_on, subject=subject)
    _require_reason(reason)
    due_at = duty.extended_due_at
    if due_at is None:
        raise NotPossible("What may only be done after a moment has no period to extend.", remedy="Wait for it.")
    if duty.met_at is not None:
        raise NotPossible("This duty has been met.", remedy="If it was met late, ask to be excused.")
    _require_later(until, due_at=due_at, at=at)
    _plead(place, PleaKind.EXTENSION, duty=duty, reason=reason, until=until, by=by, at=at)
    return duty


@inside_acting_as
def ask_excuse(
    *,
    reference: str | None,
    code: str,
    trigger_on: date,
    reason: str,
    by: Actor,
    at: datetime,
    subject: str = "",
) -> Duty:
    """Ask to be excused for a duty that is late or overdue: its dates stay, the blame goes. Returns the duty."""
    place = place_named(reference, by)
    by.require("duty_plead")
    duty = occurrence(place, code, trigger_on, subject=subject)
    _require_reason(reason)
    if duty.state_at(at) not in {State.LATE, State.OVERDUE}:
        raise NotPossible("Nothing is late here.", remedy="Before the due moment, ask for an extension.")
    if duty.excused_at is not None:
        raise NotPossible("This has been excused already.", remedy="Nothing more is needed.")
    _plead(place, PleaKind.EXCUSE, duty=duty, reason=reason, until=None, by=by, at=at)
    return duty


@inside_acting_as
def ask_reassessment(*, reference: str, reason: str, by: Actor, at: datetime) -> Plea:
    """Ask for a reassessment of the designation, six months after the last decision at the earliest (Art. 52(5))."""
    filing = locked(reference, by)
    by.require("duty_plead")
    _require_reason(reason)
    duty = filing.duties.filter(code=REASSESSMENT, is_current=True).order_by("-trigger_on").first()
    if duty is None:
        raise NotPossible("The model of this filing is not designated.", remedy="There is nothing to reassess.")
    if duty.state_at(at) is State.NOT_BEFORE and duty.not_before is not None:
        day = day_of(duty.not_before).isoformat()
        raise NotPossible(
            "A reassessment can be asked for from {day} on.", remedy="Ask again from that day on.", day=day
        )
    plea = _plead(of_filing(filing), PleaKind.REASSESSMENT, duty=None, reason=reason, until=None, by=by, at=at)
    _reckon_reassessment(filing, at=at)
    return plea


@inside_acting_as
def report(*, reference: str, code: str, done_on: date, evidence: str, by: Actor, at: datetime) -> Act:
    """Report that something was done elsewhere that meets a duty of this filing, such as the yearly facility report."""
    filing = locked(reference, by)
    by.require("duty_report")
    rule = _rule(code)
    kinds = sorted(rule.met_by & OUTSIDE)
    if not kinds:
        raise NotPossible("This duty is met by a version of the filing.", remedy="File the version.")
    if not filing.duties.filter(code=code, is_current=True).exists():
        raise NotPossible("This filing has no such duty.", remedy="Read the list of its duties.")
    if not evidence.strip():
        raise Invalid("Say where it can be seen.", remedy="Give an address or a reference.")
    if done_on > day_of(at):
        raise Invalid(
            "What is reported must have been done.",
            remedy="Report it when it is done.",
            obstacles=[Obstacle("not-past", "/done_on", "This day has not come.", "Report it when it is done.")],
        )
    members = {"act": kinds[0], "done_on": done_on.isoformat(), "evidence": evidence}
    act = _Act(kind=_REPORTED, place=of_filing(filing), members=members, by=by, at=at)
    made = Act(kind=kinds[0], done_on=done_on, evidence=evidence, **act.announce_and_record())
    _insert(made, without=("id",))
    _meet(filing, rule, at=at)
    return made


@inside_acting_as
def decide(
    *, plea: uuid.UUID, is_granted: bool, reason: str, by: Actor, at: datetime, granted_until: datetime | None = None
) -> Decision:
    """Grant or refuse what a provider asked for, with the reason that it will read. One decision a plea, for ever.

    An extension may be granted until another moment than the one asked for. On rebuttals and reassessments decides the
    AI Office alone (Art. 88); on a duty the authority to which it is owed.
    """
    asked = Plea.objects.visible_to(by).filter(id=plea).select_related("filing", "duty").first()
    if asked is None:
        raise NotFound
    place = place_of(asked, by)
    kind = PleaKind(asked.kind)
    _require_competent(asked, by)
    _require_reason(reason)
    if Decision.objects.filter(plea=asked).exists():
        raise Conflict("This has been decided.", remedy="Read the decision; the provider may ask again.")
    until = (granted_until or asked.until) if is_granted and kind is PleaKind.EXTENSION else None
    if until is not None and asked.duty is not None and asked.duty.due_at is not None:
        _require_later(until, due_at=asked.duty.due_at, at=asked.duty.due_at)
    members = {"plea": str(asked.id), "granted": str(is_granted).lower(), "reason": reason}
    members |= {"until": until.isoformat()} if until else {}
    act = _Act(kind=DECIDED[kind][not is_granted], place=place, members=members, by=by, at=at)
    if is_granted and asked.duty is not None:
        _ease(asked.duty, until=until, at=at)
    made = Decision(
        kind=kind.value,
        plea=asked,
        is_granted=is_granted,
        granted_until=until,
        reason=reason,
        **act.announce_and_record(),
    )
    _insert(made, without=("id",))
    if kind is PleaKind.REASSESSMENT and place.filing:
        _reckon_reassessment(place.filing, at=at)
    return made


@inside_acting_as
def designate(*, reference: str, reason: str, by: Actor, at: datetime) -> Decision:
    """Designate the model of a filing as one with systemic risk (Art. 52(4)), with the reason."""
    filing = locked(reference, by)
    by.require("risk_decide")
    _require_reason(reason)
    if filing.status == lifecycle.Status.DRAFT:
        raise NotPossible("A draft is nobody's notification yet.", remedy="Wait until it is submitted.")
    if reckoning.beside([filing.id])[filing.id].designated_on is not None:
        raise NotPossible("The model is designated already.", remedy="Nothing more is needed.")
    act = _Act(kind=DESIGNATED, place=of_filing(filing), members={"reason": reason}, by=by, at=at)
    made = Decision(kind="designation", is_granted=True, reason=reason, **act.announce_and_record())
    _insert(made, without=("id",))
    _reckon_reassessment(filing, at=at)
    return made


def _plead(
    place: Place,
    kind: PleaKind,
    *,
    duty: Duty | None,
    reason: str,
    until: datetime | None,
    by: Actor,
    at: datetime,
) -> Plea:
    """Store what is asked, unless the same is waiting for a decision."""
    if Plea.objects.filter(filing=place.filing, kind=kind.value, duty=duty, decision__isnull=True).exists():
        raise Conflict("You have asked for this, and a decision is awaited.", remedy="Wait for the decision.")
    members = {"kind": kind.value, "reason": reason}
    members |= {"duty": duty.code, "trigger_on": duty.trigger_on.isoformat()} if duty else {}
    members |= {"subject": duty.subject} if duty and duty.subject else {}
    members |= {"until": until.isoformat()} if until else {}
    digest = document.digest(document.canonical_json(members))
    act = _Act(kind=_ASKED[kind], place=place, members=members, by=by, at=at)
    plea = Plea(kind=kind.value, duty=duty, reason=reason, until=until, digest=digest, **act.announce_and_record())
    _insert(plea)
    return plea


def _ease(duty: Duty, *, until: datetime | None, at: datetime) -> None:
    """Repeat on the duty what was granted: the later due moment, or that it is excused."""
    if until is None:
        duty.excused_at = at
    else:
        duty.extended_until = max(until, duty.extended_until or until)
    duty.sequence += 1
    duty.changed_at = at
    duty.save(update_fields=["extended_until", "excused_at", "sequence", "changed_at"])


def _reckon_reassessment(filing: Filing, *, at: datetime) -> None:
    """Reckon anew the one duty that follows from decisions alone; the others depend on the document."""
    beside = reckoning.beside([filing.id])[filing.id]
    facts = FilingFacts(
        territory=filing.territory,
        designated_on=beside.designated_on,
        reassessment_refused_on=beside.reassessment_refused_on,
        submitted=beside.submitted,
    )
    found = duties.duties_of(facts, reckoning.calendar([filing.territory]), at=at)
    scope = {"organisation_id": filing.organisation_id, "territory": filing.territory}
    reckoning.store([Reckoned(filing.id, scope, found)], known=[filing.id], only=REASSESSMENT, at=at)


def _meet(filing: Filing, rule: DutyRule, *, at: datetime) -> None:
    """Mark the occurrences that what was done outside the register has met."""
    submitted = reckoning.beside([filing.id])[filing.id].submitted
    stored = filing.duties.filter(code=rule.code, is_current=True, met_at__isnull=True, due_at__isnull=False)
    changes = [
        {"id": duty.id, "met_at": met, "changed_at": at}
        for duty in stored
        if duty.due_at and (met := duties.met_at(rule, submitted, duty.trigger_on, duty.due_at))
    ]
    rows.update(Duty, changes, key="id", also="sequence = sequence + 1")


def _insert(made: Any, *, without: tuple[str, ...] = ()) -> None:
    """Insert one row without asking for columns back: who writes need not be able to read."""
    fields = (field for field in made._meta.concrete_fields if field.attname not in without)
    rows.insert(type(made), [{field.attname: getattr(made, field.attname) for field in fields}])


def _rule(code: str) -> DutyRule:
    try:
        return duties.rule_of(code)
    except KeyError:
        raise NotFound from None


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise Invalid("This needs its reason.", remedy="Write what the other side will read.")


def _require_later(until: datetime, *, due_at: datetime, at: datetime) -> None:
    """Raise `Invalid` unless an extension until then gives time that is still to come, and not without end."""
    if max(due_at, at) < until <= max(due_at, at) + LONGEST_EXTENSION:
        return
    sentence = told(
        "It must lie ahead, after the due moment, and within {days} days of it.", days=LONGEST_EXTENSION.days
    )
    remedy = told("Choose another moment.")
    raise Invalid(sentence, remedy=remedy, obstacles=[Obstacle("out-of-range", "/until", sentence, remedy)])


def _require_competent(plea: Plea, by: Actor) -> None:
    """Raise `NotPermitted` unless the plea is for this authority to decide."""
    if plea.duty is None:
        by.require("risk_decide")
        return
    by.require("duty_decide")
    is_for_ai_office = _rule(plea.duty.code).authority == "ai_office"
    if is_for_ai_office != (by.audience is Audience.AI_OFFICE):
        if is_for_ai_office:
            raise NotPermitted("On this duty the AI Office decides.", remedy="Leave it to them.")
        raise NotPermitted("On this duty the authority of the Member State decides.", remedy="Leave it to them.")
