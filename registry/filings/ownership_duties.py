"""What the law asks of an organisation about its owners: change within 28 days, confirmation every year. Pure.

The rules are those of `data/duties.toml` and are reckoned as for filings; they hang on the organisation instead of a
filing, follow from its statements alone, and are therefore not stored.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from registry.filings import duties
from registry.filings.duties import Calendar, Duty, FilingFacts, State, Submission
from registry.filings.working_days import day_of

CHANGE, CONFIRMATION = "ownership_change", "ownership_confirmation"
CODES = (CHANGE, CONFIRMATION)
STATED = "ownership_statement"


@dataclass(frozen=True)
class Stated:
    """One statement: as of which day, when it was received, and the days of the changes that it was first to tell."""

    as_of_on: date
    recorded_at: datetime
    changed_on: tuple[date, ...] = ()


def of_statements(
    statements: Sequence[Stated], *, territory: str, calendar: Calendar, at: datetime
) -> tuple[Duty, ...]:
    """The duties that follow from an organisation's statements, oldest statement first, by due moment.

    A change is met by the statement that tells it; a year is met by any further statement. Raises ValueError when
    `calendar` lacks the holidays of the territory.
    """
    if not statements:
        return ()
    found: list[Duty] = []
    for each in statements:
        submitted = (Submission(STATED, each.recorded_at),)
        facts = FilingFacts(territory=territory, ownership_changed_on=each.changed_on, submitted=submitted)
        found += _only(CHANGE, facts, calendar, at)
    all_of_them = tuple(Submission(STATED, each.recorded_at) for each in statements)
    yearly = FilingFacts(territory=territory, ownership_as_of=day_of(statements[0].recorded_at), submitted=all_of_them)
    found += _only(CONFIRMATION, yearly, calendar, at)
    return tuple(sorted(found, key=lambda duty: (duty.due_at or at, duty.code, duty.trigger_on)))


def late_changes(changed_on: Sequence[date], *, territory: str, calendar: Calendar, at: datetime) -> tuple[date, ...]:
    """Those of the days whose 28 days have run out at `at`: stating them now is late."""
    stated = Stated(date.max, at, tuple(changed_on))
    found = of_statements([stated], territory=territory, calendar=calendar, at=at)
    return tuple(duty.trigger_on for duty in found if duty.code == CHANGE and duty.state is State.LATE)


def _only(code: str, facts: FilingFacts, calendar: Calendar, at: datetime) -> list[Duty]:
    return [duty for duty in duties.duties_of(facts, calendar, at=at) if duty.code == code]
