"""What the law asks of an organisation about its owners: first statement, change within 28 days, yearly confirmation.

Pure. The rules are those of `data/duties.toml`, reckoned as for filings from facts that hang on the organisation.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from registry.filings import duties
from registry.filings.duties import Calendar, FilingFacts, State, Submission
from registry.filings.working_days import day_of

FIRST, CHANGE, CONFIRMATION = "ownership_first_statement", "ownership_change", "ownership_confirmation"
CODES = (FIRST, CHANGE, CONFIRMATION)
STATED = "ownership_statement"


@dataclass(frozen=True)
class Stated:
    """One statement: as of which day, when it was received, and the days of the changes that it was first to tell."""

    as_of_on: date
    recorded_at: datetime
    changed_on: tuple[date, ...] = ()


def facts_of(
    statements: Sequence[Stated], *, territory: str, registered_on: date | None = None
) -> tuple[FilingFacts, ...]:
    """The facts from which the duties follow, oldest statement first.

    A change is met by the statement that tells it, a year by any further statement. `registered_on` is the day from
    which the law asks for a first statement; None for whom it does not ask.
    """
    all_of_them = tuple(Submission(STATED, each.recorded_at) for each in statements)
    found = [
        FilingFacts(
            territory=territory,
            ownership_changed_on=each.changed_on,
            submitted=(Submission(STATED, each.recorded_at),),
        )
        for each in statements
        if each.changed_on
    ]
    since = day_of(statements[0].recorded_at) if statements else None
    found.append(
        FilingFacts(territory=territory, ownership_as_of=since, registered_on=registered_on, submitted=all_of_them)
    )
    return tuple(found)


def late_changes(changed_on: Sequence[date], *, territory: str, calendar: Calendar, at: datetime) -> tuple[date, ...]:
    """Those of the days whose 28 days have run out at `at`: stating them now is late."""
    facts = facts_of([Stated(date.max, at, tuple(changed_on))], territory=territory)
    found = [duty for each in facts for duty in duties.duties_of(each, calendar, at=at)]
    return tuple(duty.trigger_on for duty in found if duty.code == CHANGE and duty.state is State.LATE)
