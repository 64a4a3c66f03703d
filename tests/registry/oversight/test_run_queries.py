"""The sums behind the chart of all runs are those of the runs, one by one, and of no other territory."""

from bisect import bisect_right
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from statistics import median

import pytest

from registry.acting import Actor, acting_as
from registry.filings import actions
from registry.filings.actions import NewFiling
from registry.filings.models import Filing
from registry.filings.working_days import day_of
from registry.oversight import run_queries
from registry.periods import Quarter
from tests.conftest import NOON
from tests.documents import planned_run

pytestmark = pytest.mark.django_db
SINCE = datetime(2024, 1, 1, tzinfo=UTC)
LOW, TOP = Decimal("1e23"), Decimal("1e25")
RUNS = (
    (datetime(2025, 3, 31, 21, 59, tzinfo=UTC), Decimal("3e22")),  # a minute before midnight in Brussels
    (datetime(2025, 3, 31, 22, 0, tzinfo=UTC), Decimal("1e23")),
    (datetime(2025, 4, 1, 9, 0, tzinfo=UTC), Decimal("2.000001e25")),
    (datetime(2025, 6, 2, 9, 0, tzinfo=UTC), Decimal("7e24")),
    (datetime(2025, 6, 3, 9, 0, tzinfo=UTC), Decimal("1e25")),
    (datetime(2026, 1, 5, 9, 0, tzinfo=UTC), Decimal("2.000001e25")),
    (datetime(2023, 12, 31, 9, 0, tzinfo=UTC), Decimal("9e25")),  # too early
)


@pytest.fixture
def runs(alice: Actor) -> None:
    """The runs above, and one that states no compute."""
    with acting_as(alice):
        new = [NewFiling(planned_run(run__client_run_id=f"run-{number}")) for number in range(len(RUNS) + 1)]
        filed = [actions.file([each], by=alice, at=NOON)[0].reference for each in new]
    Filing.objects.update(training_compute_flop=None)
    for reference, (at, flop) in zip(filed, RUNS, strict=False):
        Filing.objects.filter(reference=reference).update(submitted_at=at, training_compute_flop=flop)


KNOWN = [(day_of(at), flop) for at, flop in RUNS if at >= SINCE]


def test_a_day_has_its_count_its_extremes_and_how_many_lie_above_each_bound(runs: None, olga: Actor) -> None:
    with acting_as(olga):
        days = run_queries.by_day(run_queries.runs(olga, since=SINCE), bounds=(Decimal(0), LOW, TOP))
    assert [day.on for day in days] == sorted({on for on, _ in KNOWN})
    for day in days:
        amounts = [flop for on, flop in KNOWN if on == day.on]
        assert (day.runs, day.smallest, day.largest) == (len(amounts), min(amounts), max(amounts))
        assert day.above == {bound: sum(a > bound for a in amounts) for bound in (Decimal(0), LOW, TOP)}


def test_the_median_of_a_quarter_is_that_of_its_runs(runs: None, olga: Actor) -> None:
    amounts: dict[Quarter, list[Decimal]] = {}
    for on, flop in KNOWN:
        amounts.setdefault(Quarter.of(on), []).append(flop)
    assert {len(each) for each in amounts.values()} == {1, 4}
    with acting_as(olga):
        found = run_queries.medians(run_queries.runs(olga, since=SINCE))
    assert found == {quarter: median(each) for quarter, each in amounts.items()}


def test_the_largest_come_first_and_among_equals_the_earliest(runs: None, olga: Actor) -> None:
    with acting_as(olga):
        found = run_queries.largest(run_queries.runs(olga, since=SINCE), limit=3)
    assert [point.filed_on for point in found] == [date(2025, 4, 1), date(2026, 1, 5), date(2025, 6, 3)]
    assert {point.provider for point in found} == {"Aurelia Research"}


@pytest.mark.parametrize("up_to", [Decimal(0), LOW, TOP, Decimal("1e30")])
def test_a_run_lies_in_one_cell_and_its_days_and_amounts_are_counted_together(
    runs: None, olga: Actor, up_to: Decimal
) -> None:
    days = tuple(date(2025, 1, 1) + timedelta(days=30 * i) for i in range(1, 12))
    amounts = tuple(Decimal(10) ** exponent for exponent in range(22, 26))
    with acting_as(olga):
        chosen = run_queries.runs(olga, since=SINCE)
        found = run_queries.in_cells(chosen, up_to=up_to, days=days, amounts=amounts)
    known = [(bisect_right(days, on), bisect_right(amounts, flop)) for on, flop in KNOWN if flop <= up_to]
    assert found == Counter(known)


def test_another_territory_sums_nothing(runs: None, pedro: Actor) -> None:
    with acting_as(pedro):
        chosen = run_queries.runs(pedro, since=SINCE)
        assert run_queries.by_day(chosen, bounds=(LOW,)) == []
        assert run_queries.medians(chosen) == {}
        assert run_queries.largest(chosen, limit=9) == []
        assert run_queries.in_cells(chosen, up_to=TOP, days=(), amounts=(LOW,)) == {}
