"""The rolling window and splitting: exact bounds, and the 40 filings over five providers and eight subsidiaries."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from registry.screening import rules
from registry.screening.group_rules import largest_window
from registry.screening.shapes import Amount, GroupSnapshot
from tests.registry.screening.rule_cases.group import START, D, filing, later, lineage, owners, record

WINDOW = 180


@st.composite
def amounts(draw: st.DrawFn) -> Amount:
    begin, length = draw(st.integers(0, 500)), draw(st.integers(1, 60))
    flop = draw(st.integers(1, 9_999)) * Decimal("1e21")
    first = START + timedelta(days=begin)
    return filing("A", flop, from_on=first, until_on=first + timedelta(days=length - 1))


def _by_day(of: list[Amount]) -> dict[int, Fraction]:
    days: dict[int, Fraction] = {}
    for each in of:
        length = (each.until_on - each.from_on).days + 1
        for day in range(each.from_on.toordinal(), each.from_on.toordinal() + length):
            days[day] = days.get(day, Fraction(0)) + Fraction(each.flop) / length
    return days


def _slow(of: list[Amount], days: int) -> Fraction:
    daily = _by_day(of)
    return max(sum(daily.get(day, Fraction(0)) for day in range(last - days + 1, last + 1)) for last in daily)


@given(st.lists(amounts(), min_size=1, max_size=6), st.sampled_from([1, 30, WINDOW]))
def test_the_largest_window_is_that_of_trying_every_day(of: list[Amount], days: int) -> None:
    window = largest_window(of, days=days)
    assert window is not None
    assert window.flop == _slow(of, days)
    assert (window.until_on - window.from_on).days == days - 1
    inside = _by_day(of)
    assert window.flop == sum(
        inside.get(day, Fraction(0)) for day in range(window.from_on.toordinal(), window.until_on.toordinal() + 1)
    )


@given(st.lists(amounts(), min_size=2, max_size=6))
def test_a_group_is_flagged_exactly_above_the_threshold(of: list[Amount]) -> None:
    hit = rules.apply("R-06", owners(*of))
    hidden = [each for each in of if each.flop <= D("1e25")]
    is_over = len(hidden) > 1 and _slow(hidden, WINDOW) > Fraction(D("1e25"))
    assert (hit is not None and "group_systemic_risk" in hit.cases) == is_over


@given(st.lists(amounts(), min_size=1, max_size=6), amounts())
def test_more_never_makes_a_window_smaller(of: list[Amount], more: Amount) -> None:
    before, after = largest_window(of, days=WINDOW), largest_window([*of, more], days=WINDOW)
    assert before is not None
    assert after is not None
    assert after.flop >= before.flop


def test_nothing_has_no_window() -> None:
    assert largest_window([], days=WINDOW) is None


def _split() -> GroupSnapshot:
    """2×10^25 in 40 filings, each with its record, over five providers and eight subsidiaries, in 160 days."""
    parts = []
    for number in range(40):
        names = {"by": f"Subsidiary {number % 8}", "provider": f"Provider {number % 5}"}
        part = later(filing(f"ECAR-{number}", "5e23", **names), 4 * number)
        parts += [part, replace(part, source="record", key=f"record-{number}", matched_key=part.key)]
    return owners(*parts)


def test_one_run_split_into_forty_is_found_and_counted_once() -> None:
    hit = rules.apply("R-06", _split())
    assert hit is not None
    assert hit.cases == ("group_systemic_risk",)
    shown = {name: hit.inputs[name] for name in ("together_flop", "parts_count", "entities_count", "providers_count")}
    assert shown == {"together_flop": "2e25", "parts_count": "40", "entities_count": "8", "providers_count": "5"}


def test_half_of_the_split_within_the_law_is_left_alone() -> None:
    split = _split()
    half = replace(split, amounts=split.amounts[:40])  # twenty filings: 10^25 itself
    hit = rules.apply("R-06", half)
    assert hit is None or "group_systemic_risk" not in hit.cases


def test_what_one_filing_declares_openly_does_not_hide_the_rest() -> None:
    openly = filing("OPEN", "3e25", lineage="heron")
    hidden = (filing("A", "6e24", lineage="crane"), filing("B", "6e24", lineage="crane"))
    assert rules.apply("R-06", owners(openly)) is None
    hit = rules.apply("R-06", owners(openly, *hidden))
    assert hit is not None
    assert hit.inputs["parts_count"] == "2"


def test_a_record_whose_filing_belongs_to_somebody_else_still_counts() -> None:
    hit = rules.apply("R-06", owners(record("A", "6e24", matched_key="ELSEWHERE"), record("B", "6e24")))
    assert hit is not None


def test_a_lineage_has_no_window() -> None:
    years = [later(filing(f"S{year}", "4e24"), 365 * year) for year in range(3)]
    assert rules.apply("R-06", lineage(*years)) is not None
    alone = rules.apply("R-06", owners(*years))
    assert alone is None or "group_systemic_risk" not in alone.cases
