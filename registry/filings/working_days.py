"""When a legal period ends: Regulation (EEC, Euratom) No 1182/71, Articles 2 and 3.

Days are days of Brussels. A moment that ends a period is the last microsecond of its last day there, so that its date
is the day the law names and `moment <= due` is the whole test of punctuality.
"""

import calendar
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

BRUSSELS = ZoneInfo("Europe/Brussels")
_ONE_DAY = timedelta(days=1)
_SATURDAY = 5


class Unit(StrEnum):
    """The units in which Article 3 reckons. Periods in hours do not occur among the register's duties."""

    DAYS = "days"
    WORKING_DAYS = "working_days"
    WEEKS = "weeks"
    MONTHS = "months"
    YEARS = "years"


@dataclass(frozen=True)
class Term:
    """A length of time as the law says it, such as two weeks. `number` is at least 1."""

    number: int
    unit: Unit

    def __post_init__(self) -> None:
        if self.number < 1:
            raise ValueError(f"a term is at least one {self.unit.value}, not {self.number}")


def day_of(moment: date | datetime) -> date:
    """The day in Brussels on which `moment` lies; a plain date is that day. Raises ValueError for a naive datetime."""
    if not isinstance(moment, datetime):
        return moment
    if moment.tzinfo is None:
        raise ValueError("a moment needs its zone")
    return moment.astimezone(BRUSSELS).date()


def end_of_day(day: date) -> datetime:
    """The expiry of the last hour of `day` in Brussels."""
    return datetime.combine(day, time.max, tzinfo=BRUSSELS)


def start_of_day(day: date) -> datetime:
    """The beginning of the first hour of `day` in Brussels."""
    return datetime.combine(day, time.min, tzinfo=BRUSSELS)


def is_working_day(day: date, holidays: Collection[date]) -> bool:
    """Whether `day` is neither Saturday nor Sunday nor a public holiday (Art. 2(2))."""
    return day.weekday() < _SATURDAY and day not in holidays


def working_day_from(day: date, holidays: Collection[date]) -> date:
    """`day` itself when it is a working day, else the next one (Art. 3(4))."""
    while not is_working_day(day, holidays):
        day += _ONE_DAY
    return day


def nominal_end(event: date | datetime, term: Term, *, holidays: Collection[date] = ()) -> date:
    """The day on which `term` after `event` would end if every day were a working day.

    The day of the event is not counted (Art. 3(1)). Weeks, months and years end on the same weekday or date as the day
    of the event (Art. 3(2)(c); Court of Justice, C-171/03 Toeters, on weeks), or on the last day of the month where
    that date does not occur. `holidays` matter to terms in working days alone.
    """
    day = day_of(event)
    match term.unit:
        case Unit.DAYS:
            return day + term.number * _ONE_DAY
        case Unit.WEEKS:
            return day + 7 * term.number * _ONE_DAY
        case Unit.MONTHS:
            return _months_later(day, term.number)
        case Unit.YEARS:
            return _months_later(day, 12 * term.number)
        case Unit.WORKING_DAYS:
            return _nth_working_day_after(day, term.number, holidays)


def last_day(event: date | datetime, term: Term, *, holidays: Collection[date]) -> date:
    """The last day of `term` after `event`, never a Saturday, Sunday or public holiday (Art. 3(4)).

    A term of two days or more includes at least two working days (Art. 3(5)).
    """
    end = working_day_from(nominal_end(event, term, holidays=holidays), holidays)
    if term.number == 1 and term.unit in {Unit.DAYS, Unit.WORKING_DAYS}:
        return end
    return max(end, _nth_working_day_after(day_of(event), 2, holidays))


def due(event: date | datetime, term: Term, *, holidays: Collection[date]) -> datetime:
    """The moment at which `term` after `event` expires, in Europe/Brussels. Raises ValueError for a naive moment."""
    return end_of_day(last_day(event, term, holidays=holidays))


def _nth_working_day_after(day: date, number: int, holidays: Collection[date]) -> date:
    for _ in range(number):
        day = working_day_from(day + _ONE_DAY, holidays)
    return day


def _months_later(day: date, months: int) -> date:
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
