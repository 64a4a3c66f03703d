"""From a submitted document to everything that follows from it, before anything is stored: one pass, all obstacles.

Reading (form), judgement (estimate, crossings), checks (law and physics). The result is a value;
registry.filings.actions stores sets of them.
"""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from itertools import takewhile
from typing import Any

from registry.errors import Invalid, Obstacle
from registry.filings import document, duties, judgement, thresholds
from registry.filings.beside import Beside
from registry.filings.checks import engine
from registry.filings.checks.catalogue import every_check
from registry.filings.checks.engine import Answer
from registry.filings.checks.subject import Context
from registry.filings.document import FilingDocument
from registry.filings.document.site import Facility
from registry.filings.duties import FilingFacts, Submission
from registry.filings.working_days import day_of, nominal_end
from registry.organisations.identifiers import MEMBER_STATES


@dataclass(frozen=True)
class Assessment:
    """A document that could be read, and what the register says of it."""

    content: FilingDocument
    canonical: bytes
    digest: bytes
    estimates: judgement.Estimates
    answers: tuple[Answer, ...]

    @property
    def errors(self) -> tuple[Answer, ...]:
        """Answers that block a submission."""
        return tuple(answer for answer in self.answers if answer.severity == "error")

    def crossed(self) -> dict[str, date]:
        """Threshold code to the day on which the estimate passes it."""
        return crossed(self.estimates)


def assess(content: Mapping[str, Any], *, context: Context, language: str = "en") -> Assessment:
    """Read and judge one document. Raises `Invalid` with every obstacle of form; checks are in the result."""
    read = document.read(content, language=language)
    canonical = document.canonical(read)
    estimates = judgement.estimate(read)
    answers = engine.answer(read, context, estimates)
    return Assessment(read, canonical, document.digest(canonical), estimates, answers)


def missing_besides(content: Mapping[str, Any], refused: Invalid, *, context: Context, language: str) -> list[Obstacle]:
    """What a document that cannot be read lacks as well, so that all of it is told in one round.

    Looked for in what is left of `content` without the members that were `refused`; nothing where that is no document.
    """
    wrong = [obstacle.pointer for obstacle in refused.obstacles]
    try:
        rest = document.read(_without(content, wrong), language=language)
    except Invalid:
        return []
    lacking = (answer for answer in engine.answer(rest, context) if every_check()[answer.code].family == "presence")
    told = tuple(each for each in lacking if each.severity == "error" and not _is_beside(each.pointer, wrong))
    return list(obstacles(told, language=language))


def _without(content: Mapping[str, Any], pointers: Sequence[str]) -> dict[str, Any]:
    """A copy without what stands at the pointers; of a list with something wrong in it nothing is left."""
    rest = deepcopy(dict(content))
    for pointer in pointers:
        steps = [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]
        names = list(takewhile(lambda step: not step.isdigit(), steps))
        holder: Any = rest
        for name in names[:-1]:
            holder = holder.get(name) if isinstance(holder, dict) else None
        if names and isinstance(holder, dict):
            holder.pop(names[-1], None)
    return rest


def _is_beside(pointer: str, wrong: Sequence[str]) -> bool:
    """Whether a place is above or below one that is wrong: it was taken away, and is not missing."""
    return any(f"{pointer}/".startswith(f"{each}/") or f"{each}/".startswith(f"{pointer}/") for each in wrong)


def obstacles(answers: tuple[Answer, ...], *, language: str) -> tuple[Obstacle, ...]:
    """Answers of checks as obstacles, in the reader's language."""
    found = []
    for answer in answers:
        sentence, remedy = engine.render(answer, language)
        found.append(Obstacle(answer.code, answer.pointer, sentence, remedy, answer.severity))
    return tuple(found)


def crossed(estimates: judgement.Estimates) -> dict[str, date]:
    """Threshold code to the day on which the estimate passes it."""
    return {crossing.threshold: crossing.on for crossing in estimates.crossings if crossing.on is not None}


def facts(
    content: FilingDocument,
    *,
    crossings: Mapping[str, date],
    territory: str,
    submitted: Sequence[Submission],
    beside: Beside,
) -> FilingFacts:
    """What the duties of the filing depend on: its newest version, the moments of all, and what stands beside them.

    `submitted` are the versions, oldest first, at least one.
    """
    run, owners = content.run, content.beneficial_ownership
    model = content.model
    first_on = day_of(submitted[0].at)
    return FilingFacts(
        territory=territory,
        planned_start_on=run.planned_start_on,
        actual_start_on=run.actual_start_on,
        actual_end_on=run.actual_end_on,
        met_on=run.met_on,
        known_on=run.known_on,
        crossed=crossings,
        placed_on_market_on=model.union_placing_on if model else None,
        ownership_changed_on=_ownership_changes(submitted, first_on),
        ownership_as_of=owners.as_of_on if owners else None,
        facility_operates_from=_facility_operates_from(content, first_on),
        designated_on=beside.designated_on,
        reassessment_refused_on=beside.reassessment_refused_on,
        submitted=(*submitted, *beside.submitted),
        exceptions=beside.exceptions,
    )


def _ownership_changes(submitted: Sequence[Submission], first_on: date) -> tuple[date, ...]:
    """Every change that a version states; a correction corrects the one stated before it.

    A change whose period had run out before there was a filing could not be reported here and is left out.
    """
    days: list[date] = []
    for each in submitted:
        if each.ownership_changed_on is not None:
            days = days[:-1] if each.kind == "correction" else days
            days.append(each.ownership_changed_on)
    term = duties.rule_of("ownership_change").term
    return tuple(sorted({day for day in days if term is None or nominal_end(day, term) >= first_on}))


def _facility_operates_from(content: FilingDocument, first_on: date) -> date | None:
    """Since when the register awaits a yearly report: the filer's own facilities in the Union, from 500 kW on.

    Reports that were due before there was a filing went elsewhere and are not asked for here.
    """
    rule = duties.rule_of("facility_report")
    days = [
        facility.in_operation_from
        for facility in content.facilities
        if facility.in_operation_from is not None and _reports(facility, content, on=first_on)
    ]
    if not days:
        return None
    is_past = first_on > date(first_on.year, rule.month, rule.day)
    return max(min(days), date(first_on.year if is_past else first_on.year - 1, 1, 1))


def _reports(facility: Facility, content: FilingDocument, *, on: date) -> bool:
    """Whether the filer owns or runs a facility that falls under Delegated Regulation (EU) 2024/1364 Art. 1 and 3."""
    filer = content.filer
    names = {name for name in (facility.operator, facility.owner) if name}
    is_own = (
        filer.role == "data_centre_operator"
        or filer.legal_name in names
        or (filer.lei is not None and facility.operator_lei == filer.lei)
    )
    power = facility.installed_it_power_kw
    if not is_own or power is None or facility.country not in MEMBER_STATES:
        return False
    found = [row for row in thresholds.in_force(on=on) if row.code == "facility-energy-report"]
    return any(thresholds.crossed(Fraction(power), row) for row in found)


def submission(assessed: Assessment, *, kind: str, at: datetime) -> Submission:
    """This version as the duties see it."""
    owners = assessed.content.beneficial_ownership
    changed_on = owners.changed_on if owners else None
    return Submission(kind=kind, at=at, thresholds=frozenset(assessed.crossed()), ownership_changed_on=changed_on)


def earlier_submission(content: Mapping[str, Any], *, kind: str, at: datetime, crossings: Sequence[str]) -> Submission:
    """A stored version as the duties see it; `content` is its document as plain JSON."""
    changed_on = (content.get("beneficial_ownership") or {}).get("changed_on")
    return Submission(
        kind=kind,
        at=at,
        thresholds=frozenset(crossings),
        ownership_changed_on=date.fromisoformat(changed_on) if changed_on else None,
    )


def today(at: datetime) -> date:
    """The day in Brussels: what a check calls today."""
    return day_of(at)
