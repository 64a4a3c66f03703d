"""The authority's own clock and its stops."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.filings.review_clock import Clock, clock_of, elapsed, remaining
from registry.filings.working_days import BRUSSELS

START = datetime(2026, 9, 1, 8, 0, tzinfo=UTC)


def after(days: float) -> datetime:
    return START + timedelta(days=days)


@pytest.mark.parametrize(
    ("stops", "at", "days"),
    [
        ((), 0, 0),
        ((), 10, 10),
        (((3, 5),), 10, 8),
        (((3, None),), 10, 3),
        (((3, 5), (7, None)), 10, 5),
        (((3, 6), (5, 8)), 10, 5),  # overlapping stops count once
        (((3, 8), (4, 5)), 10, 5),
        (((-4, 2),), 10, 8),  # what stood before the start does not count twice
        (((12, 15),), 10, 10),
        ((), -5, 0),
    ],
)
def test_the_clock_counts_what_is_the_authoritys(
    stops: tuple[tuple[float, float | None], ...], at: float, days: float
) -> None:
    moments = tuple((after(start), None if until is None else after(until)) for start, until in stops)
    clock = Clock(START, 30, moments)
    assert elapsed(clock, after(at)) == timedelta(days=days)
    assert remaining(clock, after(at)) == timedelta(days=30 - days)


def test_the_clock_runs_from_submission_and_stands_while_the_provider_answers() -> None:
    history = [
        ("draft", after(-3)),
        ("submitted", after(0)),
        ("in_review", after(2)),
        ("awaiting_provider", after(5)),
        ("in_review", after(9)),
        ("accepted", after(10)),
    ]
    clock = clock_of(history, days=30)
    assert clock == Clock(START, 30, ((after(5), after(9)),), after(10))
    assert elapsed(clock, after(100)) == timedelta(days=6)


@pytest.mark.parametrize("status", ["submitted", "in_review"])
def test_a_further_version_while_it_runs_does_not_start_the_clock_anew(status: str) -> None:
    clock = clock_of([("submitted", after(0)), (status, after(6)), (status, after(8))], days=30)
    assert clock == Clock(START, 30)


def test_a_version_filed_instead_of_an_answer_lets_the_clock_stand() -> None:
    steps = ["submitted", "in_review", "awaiting_provider", "awaiting_provider", "in_review"]
    clock = clock_of([(status, after(days)) for days, status in enumerate(steps)], days=30)
    assert clock is not None
    assert elapsed(clock, after(10)) == timedelta(days=8)


def test_a_new_version_after_a_return_starts_a_new_clock() -> None:
    history = [("submitted", after(0)), ("in_review", after(1)), ("returned", after(4)), ("submitted", after(20))]
    clock = clock_of(history, days=30)
    assert clock is not None
    assert elapsed(clock, after(22)) == timedelta(days=2)


def test_a_withdrawal_while_waiting_ends_clock_and_stop() -> None:
    history = [
        ("submitted", after(0)),
        ("in_review", after(1)),
        ("awaiting_provider", after(2)),
        ("withdrawn", after(6)),
    ]
    clock = clock_of(history, days=30)
    assert clock is not None
    assert elapsed(clock, after(50)) == timedelta(days=2)


def test_confirming_a_withdrawal_does_not_wake_the_clock_of_an_accepted_filing() -> None:
    history = [("submitted", after(0)), ("in_review", after(1)), ("accepted", after(3)), ("withdrawn", after(90))]
    clock = clock_of(history, days=30)
    assert clock is not None
    assert clock.ended_at == after(3)


def test_a_draft_has_no_clock() -> None:
    assert clock_of([("draft", START)], days=30) is None


def test_a_night_of_summer_time_has_its_true_length() -> None:
    evening = datetime(2026, 10, 24, 20, 0, tzinfo=BRUSSELS)
    morning = datetime(2026, 10, 25, 8, 0, tzinfo=BRUSSELS)
    assert elapsed(Clock(evening, 30), morning) == timedelta(hours=13)


MOMENTS = st.floats(0, 60, allow_nan=False).map(after)
STOPS = st.lists(st.tuples(MOMENTS, st.none() | MOMENTS), max_size=6).map(tuple)


@given(STOPS, MOMENTS, MOMENTS)
def test_the_clock_never_runs_backwards_nor_faster_than_time(
    stops: tuple[tuple[datetime, datetime | None], ...], one: datetime, other: datetime
) -> None:
    early, late = sorted((one, other))
    clock = Clock(START, 30, stops)
    assert timedelta(0) <= elapsed(clock, late) - elapsed(clock, early) <= late - early
    assert elapsed(clock, late) + remaining(clock, late) == timedelta(days=30)


@given(STOPS, MOMENTS, st.tuples(MOMENTS, st.none() | MOMENTS))
def test_a_further_stop_never_costs_the_authority_time(
    stops: tuple[tuple[datetime, datetime | None], ...], at: datetime, more: tuple[datetime, datetime | None]
) -> None:
    assert elapsed(Clock(START, 30, (*stops, more)), at) <= elapsed(Clock(START, 30, stops), at)
