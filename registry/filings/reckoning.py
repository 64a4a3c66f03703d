"""Stored duties: what stands beside the versions is read, the duties are reckoned from facts and kept as rows.

Sets throughout: a fixed number of statements whatever the number of filings.
"""

import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection

from registry import rows
from registry.filings import duties
from registry.filings.beside import Beside
from registry.filings.duties import DutyException, ExceptionKind, Submission
from registry.filings.models import Act, Decision, Duty, Holiday, Plea, PleaKind
from registry.filings.working_days import day_of, start_of_day

# A change of the moments, or of whether the duty stands at all, is a further edition of it.
RENEWED = """
    due_at = excluded.due_at, not_before = excluded.not_before, met_at = excluded.met_at, is_current = true,
    reckoned_at = excluded.reckoned_at,
    sequence = filings_duty.sequence + {changed}::int,
    changed_at = case when {changed} then excluded.changed_at else filings_duty.changed_at end""".format(
    changed="((filings_duty.due_at, filings_duty.not_before, filings_duty.met_at, filings_duty.is_current) "
    "is distinct from (excluded.due_at, excluded.not_before, excluded.met_at, true))"
)
_CONFLICT = f"(filing_id, code, trigger_on) do update set {RENEWED}"
_RETIRE = """
update filings_duty set is_current = false, sequence = sequence + 1, changed_at = %s
where filing_id = any(%s) and code = coalesce(%s, code) and is_current and not exists (
    select from unnest(%s::uuid[], %s::text[], %s::date[]) as kept(filing_id, code, trigger_on)
    where kept.filing_id = filings_duty.filing_id
        and kept.code = filings_duty.code and kept.trigger_on = filings_duty.trigger_on)
"""
NOTHING_BESIDE = Beside()


@dataclass(frozen=True)
class Reckoned:
    """The duties of one filing. `scope` are the columns organisation_id and territory of its rows."""

    filing_id: uuid.UUID
    scope: Mapping[str, Any]
    duties: tuple[duties.Duty, ...]


def calendar(territories: Collection[str]) -> dict[str, frozenset[date]]:
    """The public holidays that duties in these territories depend on: the Union's and their own."""
    found: dict[str, set[date]] = {}
    for name, day in Holiday.objects.filter(calendar__in=["EU", *territories]).values_list("calendar", "on"):
        found.setdefault(name, set()).add(day)
    return {name: frozenset(days) for name, days in found.items()}


def beside(filing_ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, Beside]:
    """Decisions, requests for reassessment and acts of these filings; one without any has `NOTHING_BESIDE`."""
    known: defaultdict[uuid.UUID, Beside] = defaultdict(Beside)
    if not filing_ids:
        return known
    decided: defaultdict[uuid.UUID, list[Decision]] = defaultdict(list)
    for decision in Decision.objects.filter(filing_id__in=filing_ids).select_related("plea__duty"):
        if decision.filing_id is not None:
            decided[decision.filing_id].append(decision)
    done: defaultdict[uuid.UUID, list[Submission]] = defaultdict(list)
    for act in Act.objects.filter(filing_id__in=filing_ids):
        done[act.filing_id].append(Submission(act.kind, start_of_day(act.done_on)))
    for filing_id, at in Plea.objects.filter(filing_id__in=filing_ids, kind=PleaKind.REASSESSMENT.value).values_list(
        "filing_id", "at"
    ):
        done[filing_id].append(Submission(PleaKind.REASSESSMENT.value, at))
    for filing_id in {*decided, *done}:
        known[filing_id] = _beside(decided[filing_id], done[filing_id])
    return known


def exception_of(decision: Decision) -> DutyException | None:
    """A granted extension or excuse as the duties see it; None for anything else."""
    plea = decision.plea
    if plea is None or plea.duty is None or not decision.is_granted:
        return None
    return DutyException(
        kind=ExceptionKind(plea.kind),
        duty_code=plea.duty.code,
        trigger_on=plea.duty.trigger_on,
        reason=decision.reason,
        decided_by=decision.actor,
        decided_at=decision.at,
        granted_until=decision.granted_until,
    )


def columns(duty: duties.Duty, *, at: datetime) -> dict[str, Any]:
    """The columns of a duty's row that follow from the facts, as reckoned for the first time at `at`."""
    return {
        "code": duty.code,
        "trigger_on": duty.trigger_on,
        "due_at": duty.due_at,
        "not_before": duty.not_before,
        "met_at": duty.met_at,
        "is_current": True,
        "sequence": 0,
        "changed_at": at,
        "reckoned_at": at,
    }


def store(found: Sequence[Reckoned], *, known: Collection[uuid.UUID], at: datetime, only: str = "") -> None:
    """Keep the duties as rows. Those of the `known` filings that follow no longer stay as rows that are not current.

    `only`: nothing but the duties of this code was reckoned.
    """
    listed = [(each, duty) for each in found for duty in each.duties]
    rows.insert(
        Duty,
        [
            {
                "filing_id": each.filing_id,
                **each.scope,
                "subject": "",
                **columns(duty, at=at),
            }
            for each, duty in listed
        ],
        conflict=_CONFLICT,
    )
    if not known:
        return
    kept = [(each.filing_id, duty.code, duty.trigger_on) for each, duty in listed]
    with connection.cursor() as cursor:
        cursor.execute(_RETIRE, [at, list(known), only or None, *([key[part] for key in kept] for part in range(3))])


def _beside(decided: Sequence[Decision], done: Sequence[Submission]) -> Beside:
    """One filing's. A designation ends with the reassessment that lifts it."""
    designated_on: date | None = None
    refused_on: list[date] = []
    for decision in sorted(decided, key=lambda each: (each.at, each.id)):
        if decision.kind == "designation":
            designated_on, refused_on = day_of(decision.at), []
        elif decision.kind == PleaKind.REASSESSMENT and decision.is_granted:
            designated_on, refused_on = None, []
        elif decision.kind == PleaKind.REASSESSMENT:
            refused_on.append(day_of(decision.at))
    return Beside(
        exceptions=tuple(e for e in map(exception_of, decided) if e is not None),
        designated_on=designated_on,
        reassessment_refused_on=tuple(refused_on),
        submitted=tuple(done),
    )
