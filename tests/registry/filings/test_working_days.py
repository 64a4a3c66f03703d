"""Periods under Regulation (EEC, Euratom) No 1182/71."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.filings.working_days import (
    BRUSSELS,
    Term,
    Unit,
    day_of,
    due,
    end_of_day,
    is_working_day,
    last_day,
    nominal_end,
    start_of_day,
)

# Belgian public holidays around the dates below.
HOLIDAYS = frozenset(
    {
        date(2026, 1, 1),
        date(2026, 4, 6),  # Easter Monday
        date(2026, 5, 1),
        date(2026, 5, 14),  # Ascension
        date(2026, 5, 25),  # Whit Monday
        date(2026, 7, 21),
        date(2026, 11, 11),
        date(2026, 12, 25),
        date(2027, 1, 1),
        date(2027, 3, 29),  # Easter Monday
    }
)
DAYS = st.dates(date(2024, 1, 1), date(2040, 12, 31))
TERMS = st.builds(Term, st.integers(1, 60), st.sampled_from(list(Unit)))
CALENDARS = st.frozensets(DAYS, max_size=30)


@pytest.mark.parametrize(
    ("event", "number", "unit", "last"),
    [
        # the day of the event is not counted
        (date(2026, 9, 1), 14, Unit.DAYS, date(2026, 9, 15)),
        (date(2026, 9, 1), 2, Unit.WEEKS, date(2026, 9, 15)),
        # Saturday and Sunday move to Monday
        (date(2026, 9, 5), 2, Unit.WEEKS, date(2026, 9, 21)),
        (date(2026, 9, 6), 2, Unit.WEEKS, date(2026, 9, 21)),
        # Good Friday is no holiday of this calendar; Holy Saturday runs over Easter Monday into Tuesday
        (date(2026, 3, 21), 2, Unit.WEEKS, date(2026, 4, 7)),
        (date(2026, 3, 23), 2, Unit.WEEKS, date(2026, 4, 7)),
        (date(2026, 3, 20), 2, Unit.WEEKS, date(2026, 4, 3)),
        # a holiday in the middle of the week moves one day only
        (date(2026, 4, 30), 2, Unit.WEEKS, date(2026, 5, 15)),
        # over the year's end
        (date(2026, 12, 18), 2, Unit.WEEKS, date(2027, 1, 4)),
        (date(2026, 12, 11), 2, Unit.WEEKS, date(2026, 12, 28)),
        # months and years end on the same date, or on the month's last day
        (date(2026, 8, 31), 6, Unit.MONTHS, date(2027, 3, 1)),  # 28 February 2027 is a Sunday
        (date(2027, 8, 31), 6, Unit.MONTHS, date(2028, 2, 29)),
        (date(2026, 1, 15), 6, Unit.MONTHS, date(2026, 7, 15)),
        (date(2024, 2, 29), 1, Unit.YEARS, date(2025, 2, 28)),
        (date(2026, 3, 2), 10, Unit.YEARS, date(2036, 3, 3)),  # 2 March 2036 is a Sunday
        # working days
        (date(2026, 4, 3), 1, Unit.WORKING_DAYS, date(2026, 4, 7)),
        (date(2026, 9, 4), 5, Unit.WORKING_DAYS, date(2026, 9, 11)),
        # one day may hold one working day; two days hold at least two (Art. 3(5))
        (date(2026, 9, 4), 1, Unit.DAYS, date(2026, 9, 7)),
        (date(2026, 9, 4), 2, Unit.DAYS, date(2026, 9, 8)),
        (date(2026, 9, 4), 3, Unit.DAYS, date(2026, 9, 8)),
        (date(2026, 4, 2), 4, Unit.DAYS, date(2026, 4, 7)),
    ],
)
def test_a_period_ends_on_the_day_the_regulation_says(event: date, number: int, unit: Unit, last: date) -> None:
    assert last_day(event, Term(number, unit), holidays=HOLIDAYS) == last


def test_a_week_full_of_holidays_is_prolonged_to_its_second_working_day() -> None:
    christmas = frozenset(date(2026, 12, day) for day in range(24, 32)) | {date(2027, 1, 1)}
    # 24 December to 1 January are free: the week from the 23rd holds none, so it ends on the second day after them
    assert last_day(date(2026, 12, 23), Term(1, Unit.WEEKS), holidays=christmas) == date(2027, 1, 5)


@pytest.mark.parametrize(
    ("day", "offset_hours"),
    [
        (date(2026, 3, 28), 1),  # the night before summer time
        (date(2026, 3, 29), 2),
        (date(2026, 10, 24), 2),
        (date(2026, 10, 25), 1),  # the night after summer time
    ],
)
def test_the_last_hour_is_that_of_brussels_on_either_side_of_summer_time(day: date, offset_hours: int) -> None:
    end = end_of_day(day)
    assert end.utcoffset() == timedelta(hours=offset_hours)
    next_start = start_of_day(day + timedelta(days=1))
    assert end.astimezone(UTC) + timedelta(microseconds=1) == next_start.astimezone(UTC)


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 9, 1), 24)])
def test_a_day_has_as_many_hours_as_brussels_gives_it(day: date, hours: int) -> None:
    length = end_of_day(day).astimezone(UTC) - start_of_day(day).astimezone(UTC)
    assert length + timedelta(microseconds=1) == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 8, 31, 21, 59, 59, tzinfo=UTC), date(2026, 8, 31)),
        (datetime(2026, 8, 31, 22, 0, tzinfo=UTC), date(2026, 9, 1)),
        (datetime(2026, 12, 31, 22, 59, 59, tzinfo=UTC), date(2026, 12, 31)),
        (datetime(2026, 12, 31, 23, 0, tzinfo=UTC), date(2027, 1, 1)),
    ],
)
def test_an_event_lies_on_the_day_it_is_in_brussels(moment: datetime, day: date) -> None:
    assert day_of(moment) == day
    term = Term(2, Unit.WEEKS)
    assert due(moment, term, holidays=HOLIDAYS) == due(day, term, holidays=HOLIDAYS)


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        day_of(datetime(2026, 9, 1, 12, 0))  # noqa: DTZ001 - the point of the test


@pytest.mark.parametrize("number", [0, -1])
def test_a_term_has_a_length(number: int) -> None:
    with pytest.raises(ValueError, match="at least one"):
        Term(number, Unit.DAYS)


@given(DAYS, TERMS, CALENDARS)
def test_the_last_day_is_a_working_day_after_the_event(event: date, term: Term, holidays: frozenset[date]) -> None:
    last = last_day(event, term, holidays=holidays)
    assert is_working_day(last, holidays)
    assert last > event
    assert last >= nominal_end(event, term, holidays=holidays)


@given(DAYS, TERMS, CALENDARS)
def test_only_rest_days_or_the_two_day_rule_prolong(event: date, term: Term, holidays: frozenset[date]) -> None:
    nominal = nominal_end(event, term, holidays=holidays)
    last = last_day(event, term, holidays=holidays)
    between = [nominal + timedelta(days=n) for n in range((last - nominal).days)]
    worked = [day for day in between if is_working_day(day, holidays)]
    assert len(worked) <= 1  # one is possible where the period itself held a single working day


@given(DAYS, TERMS, CALENDARS)
def test_two_days_or_more_hold_two_working_days(event: date, term: Term, holidays: frozenset[date]) -> None:
    if term.number == 1 and term.unit in {Unit.DAYS, Unit.WORKING_DAYS}:
        return
    last = last_day(event, term, holidays=holidays)
    span = (event + timedelta(days=n) for n in range(1, (last - event).days + 1))
    assert sum(is_working_day(day, holidays) for day in span) >= 2


@given(DAYS, DAYS, TERMS, CALENDARS)
def test_a_later_event_never_ends_earlier(one: date, other: date, term: Term, holidays: frozenset[date]) -> None:
    early, late = sorted((one, other))
    assert last_day(early, term, holidays=holidays) <= last_day(late, term, holidays=holidays)


@given(DAYS, TERMS, CALENDARS, DAYS)
def test_a_further_holiday_never_shortens(event: date, term: Term, holidays: frozenset[date], more: date) -> None:
    assert last_day(event, term, holidays=holidays | {more}) >= last_day(event, term, holidays=holidays)


@given(DAYS, st.integers(1, 40), CALENDARS)
def test_two_weeks_are_fourteen_days(event: date, weeks: int, holidays: frozenset[date]) -> None:
    in_weeks = due(event, Term(weeks, Unit.WEEKS), holidays=holidays)
    assert in_weeks == due(event, Term(7 * weeks, Unit.DAYS), holidays=holidays)
    assert in_weeks.tzinfo is BRUSSELS
    assert (in_weeks.hour, in_weeks.minute, in_weeks.second) == (23, 59, 59)
