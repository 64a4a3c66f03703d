"""Screening what is no filing: facilities, customers, owner groups, lineages and uses.

The rules in force look at snapshots of what is stored; what is new is kept and announced. Repeatable: one rule version
finds once in one content of a subject.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from uuid import UUID

from registry.acting import Actor, inside_acting_as
from registry.dispatch import outbox
from registry.filings.working_days import day_of
from registry.screening import rules, taking_customers, taking_facilities
from registry.screening.actions import FOUND
from registry.screening.keeping import keep
from registry.screening.models import Finding
from registry.screening.taking import Taken


@inside_acting_as
def screen_facilities(*, references: Iterable[str], by: Actor, at: datetime) -> list[Finding]:
    """Screen facilities as they are today; returns the findings that are new. Raises `NotPermitted`."""
    by.require("finding_write")
    return _screened(taking_facilities.of_facilities(by, on=day_of(at), references=references), at=at)


@inside_acting_as
def screen_customers(*, provider: UUID, keys: Sequence[str], until: date, by: Actor, at: datetime) -> list[Finding]:
    """Screen customers of a compute provider by their records of the year up to a month, named by its first day.

    Returns the findings that are new. Raises `NotPermitted`.
    """
    by.require("finding_write")
    day = day_of(at)
    taken = taking_customers.of_customers(by, provider=provider, keys=keys, until=until, as_of=day)
    return _screened(taken, at=at)


def _screened(taken: Iterable[Taken], *, at: datetime) -> list[Finding]:
    """Apply the rules in force; keep what is new, and announce each finding by its id: keys are too long for events."""
    day = day_of(at)
    found = keep([(subject, hit) for subject, each in taken for hit in rules.screen(each, on=day)], at=at)
    if found:
        outbox.put(FOUND, subjects=[f"finding-{each.id}" for each in found], at=at)
    return found
