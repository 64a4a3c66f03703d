"""Cumulative compute over stages, the day a threshold is crossed, and the one-third rule."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.filings import lineage, thresholds
from registry.filings.estimation import Exclusion, HardwarePeriod, NotEstimable, Units
from registry.filings.lineage import Accrual, BaseModel, Basis, Crossing, Stage, StageKind
from registry.filings.thresholds import Quantity

TODAY = date(2026, 11, 22)
START = datetime(2026, 3, 1, tzinfo=UTC)
SYSTEMIC = thresholds.threshold("systemic-risk", on=TODAY)
WATCH = thresholds.threshold("watch-systemic-risk", on=TODAY)


def even(flop: str, days: float, *, after: float = 0, is_planned: bool = False) -> Accrual:
    """So much FLOP spread over days, beginning days after the start."""
    begins = START + timedelta(days=after)
    return Accrual(Decimal(flop), begins, begins + timedelta(days=days), is_planned)


def stage(code: str, flop: str, kind: StageKind | Exclusion = StageKind.PRE_TRAINING) -> Stage:
    return Stage(code, kind, (even(flop, 10),))


def crossing(*timeline: Accrual) -> Crossing | None:
    return next(iter(lineage.crossings(timeline, [SYSTEMIC])), None)


def test_all_stages_of_a_model_are_added_up() -> None:
    stages = [
        stage("base", "6e24"),
        stage("longer", "3e24", StageKind.CONTINUED_PRE_TRAINING),
        stage("rl", "2e24", StageKind.REINFORCEMENT_LEARNING),
        stage("data", "5e23", StageKind.SYNTHETIC_DATA_GENERATION),
    ]
    found = lineage.cumulative(stages)
    assert found.estimate.value == Decimal("1.15e25")
    assert [term.code for term in found.estimate.terms] == ["base", "longer", "rl", "data"]


def test_a_stage_reached_on_two_ways_of_a_merge_counts_once() -> None:
    shared = stage("base", "6e24")
    stages = [shared, stage("left", "1e24"), shared, stage("right", "1e24"), stage("merge", "1e20", StageKind.MERGE)]
    assert lineage.cumulative(stages).estimate.value == Decimal("8.0001e24")


def test_two_different_stages_of_one_code_are_refused() -> None:
    with pytest.raises(ValueError):
        lineage.cumulative([stage("base", "6e24"), stage("base", "7e24")])


@pytest.mark.parametrize("exclusion", list(Exclusion))
def test_what_need_not_be_counted_is_left_out_and_named(exclusion: Exclusion) -> None:
    found = lineage.cumulative([stage("base", "6e24"), stage("extra", "9e24", exclusion)])
    assert found.estimate.value == Decimal("6e24")
    assert any(each.code.startswith("excluded-") for each in found.estimate.assumptions)
    assert crossing(*found.timeline) is None


def test_a_lineage_of_exclusions_only_has_no_estimate() -> None:
    with pytest.raises(NotEstimable):
        lineage.cumulative([stage("tests", "1e24", Exclusion.DIAGNOSTICS)])


@pytest.mark.parametrize(
    ("timeline", "day"),
    [
        ([even("2e25", 10)], date(2026, 3, 6)),
        ([even("1e25", 10)], None),
        ([even("1.0000001e25", 10)], date(2026, 3, 11)),
        ([even("8e24", 10), even("4e24", 10, after=20)], date(2026, 3, 26)),
        ([even("8e24", 10), even("8e24", 10)], date(2026, 3, 7)),
        ([even("1e25", 10), even("1", 10, after=100)], date(2026, 6, 9)),
        ([even("9e24", 10), even("2e24", 0, after=4)], date(2026, 3, 9)),
        ([even("9e24", 10), even("6e24", 0, after=5)], date(2026, 3, 6)),
        ([Accrual(Decimal("9e24")), even("2e24", 10)], date(2026, 3, 6)),
        ([], None),
    ],
)
def test_the_day_of_crossing_follows_from_even_accrual(timeline: list[Accrual], day: date | None) -> None:
    found = crossing(*timeline)
    assert (found.on if found else None) == day


def test_compute_without_a_date_that_exceeds_the_limit_gives_no_day() -> None:
    found = crossing(Accrual(Decimal("1.1e25")), even("1e24", 10))
    assert found is not None
    assert (found.at, found.on) == (None, None)


def test_the_moment_of_crossing_is_exact() -> None:
    found = crossing(even("3e25", 9))
    assert found is not None
    assert found.at == START + timedelta(days=3)
    assert found.assumptions[0].code == "even-accrual"


def test_the_day_is_that_of_brussels() -> None:
    begins = datetime(2026, 7, 1, 22, 30, tzinfo=UTC)
    found = crossing(Accrual(Decimal("2e25"), begins, begins + timedelta(minutes=20)))
    assert found is not None
    assert found.on == date(2026, 7, 2)


def test_a_change_of_the_clocks_does_not_shift_the_moment() -> None:
    brussels = ZoneInfo("Europe/Brussels")
    begins, ends = datetime(2026, 3, 28, 12, tzinfo=brussels), datetime(2026, 3, 30, 12, tzinfo=brussels)
    found = crossing(Accrual(Decimal("2e25"), begins, ends))
    assert found is not None
    # The night lost an hour: 47 hours in all, half of them 23 hours 30 minutes.
    assert found.at == datetime(2026, 3, 29, 10, 30, tzinfo=UTC)


def test_planned_compute_makes_the_day_a_projection() -> None:
    done = even("8e24", 10)
    found = crossing(done, even("8e24", 10, after=10, is_planned=True))
    assert found is not None
    assert found.is_projected
    assert found.on == date(2026, 3, 13)
    actual = crossing(even("2e25", 10), even("8e24", 10, after=10, is_planned=True))
    assert actual is not None
    assert not actual.is_projected


def test_the_lower_watch_value_is_crossed_earlier_and_includes_itself() -> None:
    found = lineage.crossings([even("2e25", 10)], [SYSTEMIC, WATCH])
    assert [each.threshold for each in found] == ["watch-systemic-risk", "systemic-risk"]
    assert found[0].at is not None
    assert found[1].at is not None
    assert found[0].at < found[1].at
    assert [each.threshold for each in lineage.crossings([even("7.7e24", 10)], [SYSTEMIC, WATCH])] == [
        "watch-systemic-risk"
    ]


accruals = st.builds(
    lambda flop, after, days: even(f"{flop}e22", days, after=after),
    st.integers(min_value=1, max_value=900),
    st.integers(min_value=0, max_value=300),
    st.integers(min_value=0, max_value=90),
)


@given(st.lists(accruals, max_size=8))
def test_a_threshold_is_crossed_exactly_when_the_sum_exceeds_it(timeline: list[Accrual]) -> None:
    total = sum((each.flop for each in timeline), Decimal(0))
    assert (crossing(*timeline) is not None) == thresholds.crossed(total, SYSTEMIC)


def _accrued(timeline: list[Accrual], at: datetime) -> Fraction:
    """By definition: of each accrual the share of its time that has passed."""
    done = Fraction(0)
    for each in timeline:
        assert each.starts_at is not None
        assert each.ends_at is not None
        length = each.ends_at - each.starts_at
        if at >= each.ends_at:
            done += Fraction(each.flop)
        elif at > each.starts_at:
            microsecond = timedelta(microseconds=1)
            done += Fraction(each.flop) * ((at - each.starts_at) // microsecond) / (length // microsecond)
    return done


@given(st.lists(accruals, min_size=1, max_size=8))
def test_before_the_moment_the_limit_is_not_passed_and_after_it_is(timeline: list[Accrual]) -> None:
    found = crossing(*timeline)
    if found is None:
        return
    assert found.at is not None
    step = timedelta(microseconds=1)
    assert _accrued(timeline, found.at - step) <= SYSTEMIC.value < _accrued(timeline, found.at + step)


@given(st.lists(accruals, min_size=1, max_size=6), st.randoms())
def test_the_order_of_stages_does_not_matter(timeline: list[Accrual], chance: object) -> None:
    shuffled = list(timeline)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert crossing(*timeline) == crossing(*shuffled)


def test_a_hardware_period_accrues_over_its_calendar_time() -> None:
    units = (Units(1000, Decimal("1e15")),)
    dated = HardwarePeriod(units, Decimal(86400), Decimal("0.5"), starts_at=START, ends_at=START + timedelta(days=3))
    assert lineage.accrual(dated) == Accrual(Decimal("4.32e22"), START, START + timedelta(days=3))
    open_ended = HardwarePeriod(units, Decimal(86400), Decimal("0.5"), starts_at=START)
    assert lineage.accrual(open_ended).ends_at == START + timedelta(days=1)
    undated = HardwarePeriod(units, Decimal(86400), Decimal("0.5"), is_planned=True)
    assert lineage.accrual(undated) == Accrual(Decimal("4.32e22"), is_planned=True)


@pytest.mark.parametrize(
    ("flop", "starts_at", "ends_at"),
    [
        ("1", START, None),
        ("1", START, START - timedelta(seconds=1)),
        ("1", START.replace(tzinfo=None), START.replace(tzinfo=None)),
        ("-1", START, START),
    ],
)
def test_an_impossible_accrual_is_refused(flop: str, starts_at: datetime, ends_at: datetime | None) -> None:
    with pytest.raises(ValueError):
        Accrual(Decimal(flop), starts_at, ends_at)


@pytest.mark.parametrize(
    ("base_flop", "is_systemic", "modification", "basis", "is_exceeded"),
    [
        ("3e24", False, "1e24", Basis.BASE_COMPUTE, False),
        ("3e24", False, "1.0000000000000000001e24", Basis.BASE_COMPUTE, True),
        ("3e24", True, "9.99e23", Basis.BASE_COMPUTE, False),
        (None, True, "3.33333333333333e24", Basis.SYSTEMIC_RISK_FALLBACK, False),
        (None, True, "3.33333333333334e24", Basis.SYSTEMIC_RISK_FALLBACK, True),
        (None, False, "3.33333333333333e22", Basis.GENERAL_PURPOSE_FALLBACK, False),
        (None, False, "3.33333333333334e22", Basis.GENERAL_PURPOSE_FALLBACK, True),
    ],
)
def test_more_than_one_third_makes_a_provider(
    base_flop: str | None, is_systemic: bool, modification: str, basis: Basis, is_exceeded: bool
) -> None:
    base = BaseModel(Decimal(base_flop) if base_flop else None, is_systemic)
    found = lineage.one_third(base=base, modification_flop=Decimal(modification), on=TODAY)
    assert (found.basis, found.is_exceeded) == (basis, is_exceeded)
    assert (found.share_of_limit > 1) is is_exceeded


def test_the_one_third_rule_needs_compute_above_zero() -> None:
    with pytest.raises(NotEstimable):
        lineage.one_third(base=BaseModel(Decimal(0), False), modification_flop=Decimal(1), on=TODAY)


def test_the_thresholds_of_a_model_are_those_of_the_day() -> None:
    def of_day(day: date) -> list[str]:
        rows = lineage.compute_thresholds(quantity=Quantity.CUMULATIVE_TRAINING_COMPUTE, on=day)
        return [row.code for row in rows]

    assert of_day(TODAY) == ["watch-systemic-risk", "systemic-risk", "us-california"]
    assert "us-new-york" in of_day(date(2027, 1, 1))
