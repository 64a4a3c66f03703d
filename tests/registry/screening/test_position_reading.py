"""Reading a position: windows, peak, crossings past, planned and projected, the series for a drawing."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from registry.screening import position_reading, position_terms, positions
from registry.screening.position_reading import Limit, Reading
from registry.screening.positions import Contribution, Side

D = Decimal
TERMS = replace(position_terms.terms(on=date(2026, 3, 1)), limits=("systemic-risk",))
FIRST = date(2026, 1, 1)


def even(flop: str, *, start: int, days: int) -> Contribution:
    """FLOP over days, from so many days after the first."""
    starts_on = FIRST + timedelta(days=start)
    return Contribution(Side.REPORTED, "f/a", starts_on, starts_on + timedelta(days=days), D(flop), D(0))


def read(*told: Contribution, on: int, window: int | None = 180) -> Reading:
    position = positions.position_of(told)
    return position_reading.read(position, on=FIRST + timedelta(days=on), window_days=window, terms=TERMS)


def limit(reading: Reading) -> Limit:
    (found,) = reading.limits
    return found


def test_the_window_holds_its_days_and_no_more() -> None:
    told = even("1.8e20", start=0, days=180)
    assert [read(told, on=day).window.flop for day in (0, 179, 180, 358, 359)] == [
        D("1e18"), D("1.8e20"), D("1.79e20"), D("1e18"), D(0)
    ]  # fmt: skip
    assert read(told, on=359).total.flop == read(told, on=359, window=None).window.flop == D("1.8e20")


def test_the_peak_stays_when_the_window_has_moved_on() -> None:
    reading = read(even("9e24", start=0, days=90), on=364)
    assert reading.window.flop == 0
    assert (reading.peak.flop, reading.peak_on) == (D("9e24"), FIRST + timedelta(days=89))


def test_the_limit_itself_is_not_crossed() -> None:
    assert limit(read(even("1e25", start=0, days=100), on=120)).crossed_on is None
    above = limit(read(even("1e25", start=0, days=100), even("1", start=99, days=1), on=120))
    assert above.crossed_on == FIRST + timedelta(days=99)


def test_what_leaves_the_window_does_not_cross() -> None:
    slowly = [even("6e24", start=0, days=30), even("6e24", start=200, days=30)]
    assert limit(read(*slowly, on=300)).crossed_on is None
    assert limit(read(*slowly, on=300, window=None)).crossed_on == FIRST + timedelta(days=220)


def test_the_rate_goes_on_until_the_day_of_the_crossing() -> None:
    """5.1e24 done at 1e23 a day: more than 1e25 after fifty days, the limit itself after forty-nine."""
    reading = read(even("5.1e24", start=0, days=51), on=50)
    assert reading.rate_flop_per_day == D("1e23")
    assert limit(reading) == Limit("systemic-risk", D("1e25"), None, None, FIRST + timedelta(days=50 + 50))
    assert limit(read(even("5.1e24", start=0, days=51), on=50, window=None)).projected_on == FIRST + timedelta(days=100)


def test_nothing_is_projected_without_a_rate_or_where_the_rate_never_gets_there() -> None:
    assert limit(read(even("9e24", start=0, days=30), on=90)).projected_on is None
    assert limit(read(even("9e24", start=0, days=200), on=199)).projected_on is None
    assert limit(read(even("9e24", start=0, days=200), on=199, window=None)).projected_on == FIRST + timedelta(days=222)


def test_what_is_crossed_is_not_projected() -> None:
    crossed = limit(read(even("2e25", start=0, days=100), on=120))
    assert (crossed.crossed_on, crossed.planned_on, crossed.projected_on) == (FIRST + timedelta(days=50), None, None)


def test_a_plan_crosses_on_its_day() -> None:
    planned = limit(read(even("2e25", start=40, days=100), on=10))
    assert (planned.crossed_on, planned.planned_on) == (None, FIRST + timedelta(days=90))


def test_a_threshold_that_did_not_hold_yet_is_not_among_the_limits() -> None:
    position = positions.position_of([even("2e25", start=0, days=10)])
    early = position_reading.read(position, on=date(2020, 1, 1), window_days=180, terms=TERMS)
    assert early.limits == ()


def test_an_empty_position_reads_as_nothing() -> None:
    reading = read(on=0)
    assert (reading.window.flop, reading.peak_on, limit(reading).projected_on) == (D(0), None, None)
    assert not reading.series


def test_forty_parts_over_five_providers_and_eight_companies_are_one_run() -> None:
    """2 × 10^25 in forty parts of 5 × 10^23, none near a threshold of its own."""
    parts = [
        replace(even("5e23", start=4 * number, days=20), place=f"f{number % 5}/a", side=Side.FILED)
        for number in range(40)
    ]
    reading = read(*parts, on=200)
    assert reading.peak.flop == D("2e25")
    assert limit(reading).crossed_on is not None
    assert len(reading.series) == 4 * 39 + 20


@given(
    st.lists(st.tuples(st.integers(0, 300), st.integers(1, 90), st.integers(1, 10**6)), min_size=1, max_size=5),
    st.integers(0, 400),
    st.integers(1, 200),
)
@settings(max_examples=80, deadline=None)
def test_a_projection_holds_on_its_day_and_not_on_the_day_before(
    told: list[tuple[int, int, int]], on: int, window: int
) -> None:
    parts = [even(str(amount * 10**19), start=start, days=days) for start, days, amount in told]
    reading = read(*(part for part in parts if part.ends_on <= FIRST + timedelta(days=on + 1)), on=on, window=window)
    projected_on = limit(reading).projected_on
    if projected_on is None:
        return
    past = {point.day: point.flop for point in read(*parts, on=on, window=1).series if point.day <= reading.on}
    for ahead in range(1, (projected_on - reading.on).days + 1):
        kept = sum(past.get(reading.on - timedelta(days=back), D(0)) for back in range(max(window - ahead, 0)))
        is_over = kept + reading.rate_flop_per_day * min(ahead, window) > D("1e25")
        assert is_over == (reading.on + timedelta(days=ahead) == projected_on)
