"""A question of the authority: which fields of the document it is about, and until when an answer is asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from registry.errors import Invalid, Obstacle, told
from registry.filings import document, reckoning, working_days
from registry.filings.working_days import Term, Unit

ANSWERED_WITHIN: Final = Term(2, Unit.WEEKS)  # the register's own period: the law names none
LONGEST: Final = timedelta(days=90)
MOST_FIELDS: Final = 40
POINTER_LENGTH: Final = 200


@dataclass(frozen=True)
class Question:
    """What a question is about, as pointers into the document (none: the filing as a whole), and its due moment."""

    pointers: tuple[str, ...]
    answer_by: datetime

    def members(self) -> dict[str, Any]:
        """As the ledger commits to it."""
        return {"about": list(self.pointers), "answer_by": self.answer_by.isoformat()}

    def columns(self) -> dict[str, Any]:
        """As the step stores it."""
        return {"pointers": list(self.pointers), "answer_by": self.answer_by}


def put(*, pointers: Sequence[str], answer_by: datetime | None, territory: str, at: datetime) -> Question:
    """The question as it may be asked at `at`; without a due moment two weeks, by working days of the territory.

    Raises `Invalid` for fields that the document does not have, too many of them, or a moment that is not ahead.
    """
    _require_fields(pointers)
    by = usual_end(territory=territory, at=at) if answer_by is None else answer_by
    if not at < by <= at + LONGEST:
        sentence = told("An answer is asked for by a day ahead, within {days} days.", days=LONGEST.days)
        remedy = told("Choose another moment.")
        raise Invalid(sentence, remedy=remedy, obstacles=[Obstacle("out-of-range", "/answer_by", sentence, remedy)])
    return Question(tuple(dict.fromkeys(pointers)), by)


def usual_end(*, territory: str, at: datetime) -> datetime:
    """Until when an answer is asked for where nobody says otherwise."""
    holidays = reckoning.calendar({territory}).get(territory, frozenset())
    return working_days.due(at, ANSWERED_WITHIN, holidays=holidays)


def _require_fields(pointers: Sequence[str]) -> None:
    known = all(len(each) <= POINTER_LENGTH and document.element_at(each) is not None for each in pointers)
    if known and len(pointers) <= MOST_FIELDS:
        return
    sentence = told("A question is about fields of the document, {most} at most.", most=MOST_FIELDS)
    remedy = told("Choose them from the list.")
    raise Invalid(sentence, remedy=remedy, obstacles=[Obstacle("validation", "/about", sentence, remedy)])
