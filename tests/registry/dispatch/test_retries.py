"""The retry schedule and when an address counts as dead."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.dispatch import retries

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
SCHEDULE = ["0s", "5s", "300s", "1800s", "7200s", "18000s", "36000s", "50400s", "72000s", "86400s"]


def test_the_pauses_are_those_of_the_specification() -> None:
    assert [f"{pause.total_seconds():.0f}s" for pause in retries.PAUSES] == SCHEDULE


@given(st.uuids(), st.integers(min_value=1, max_value=9))
def test_a_pause_is_never_shorter_and_at_most_a_tenth_longer(seed: object, attempts: int) -> None:
    pause = retries.PAUSES[attempts]
    again = retries.next_attempt(attempts=attempts, after=NOON, seed=str(seed))
    assert again is not None
    assert pause <= again - NOON <= pause * (1 + retries.JITTER)


def test_deliveries_that_failed_together_are_not_tried_together() -> None:
    moments = {retries.next_attempt(attempts=2, after=NOON, seed=str(n)) for n in range(50)}
    assert len(moments) == 50


def test_the_tenth_failure_is_the_last() -> None:
    assert retries.next_attempt(attempts=9, after=NOON, seed="x") is not None
    assert retries.next_attempt(attempts=10, after=NOON, seed="x") is None


DEATHS = [
    (0, None, False),
    (2, timedelta(days=4, hours=23), False),
    (3, timedelta(hours=1), True),
    (0, timedelta(days=5), True),
    (0, timedelta(days=5) - timedelta(seconds=1), False),
]


@pytest.mark.parametrize(("given_up", "since", "dead"), DEATHS)
def test_an_address_is_dead_after_three_given_up_or_five_days(
    given_up: int, since: timedelta | None, dead: bool
) -> None:
    failing_since = NOON - since if since is not None else None
    assert retries.is_dead(given_up=given_up, failing_since=failing_since, at=NOON) is dead
