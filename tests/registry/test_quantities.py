"""Amounts of compute: reading, writing, rounding, bands."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry import quantities

TODAY = date(2026, 11, 22)

amounts = st.builds(
    lambda digits, power: Decimal(digits).scaleb(power),
    st.integers(min_value=1, max_value=10**17),
    st.integers(min_value=0, max_value=25),
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2.3e25", Decimal("2.3e25")),
        ("2.3E+25", Decimal("2.3e25")),
        ("23", Decimal(23)),
        ("0.5", Decimal("0.5")),
        ("1e0", Decimal(1)),
    ],
)
def test_an_amount_of_compute_is_read_exactly(text: str, value: Decimal) -> None:
    assert quantities.parse_flop(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "", " 1e25", "1e25 ", "-1e25", "+1e25", "1,000", "1_000", "NaN", "Infinity", "1e999", "1e61", "e25", ".5", "1.",
        "0", "0.0e10", "0x10", "١٢", "1e", "1" * 41, "1e25\n", "2.3 × 10²⁵",
    ],
)  # fmt: skip
def test_what_is_no_amount_of_compute_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        quantities.parse_flop(text)


@given(amounts)
def test_writing_and_reading_an_amount_gives_it_back(value: Decimal) -> None:
    assert quantities.parse_flop(quantities.format_flop(value)) == value


@pytest.mark.parametrize(
    ("text", "figures"),
    [("2.3e25", 2), ("2.30e25", 3), ("1e25", 1), ("1.0e25", 2), ("1000", 1), ("1200", 2), ("0.0410", 3), ("0", 0)],
)
def test_significant_figures_are_those_the_text_states(text: str, figures: int) -> None:
    assert quantities.significant_figures(text) == figures


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("2.3e25", "2.3e25"),
        ("2.34e25", "2.3e25"),
        ("2.35e25", "2.4e25"),
        ("1e25", "1.0e25"),
        ("9.96e24", "1.0e25"),
        ("9.94e24", "9.9e24"),
        ("0", "0"),
    ],
)
def test_an_estimate_is_shown_with_two_significant_figures(value: str, text: str) -> None:
    assert quantities.two_significant_figures(Decimal(value)) == text


def test_people_read_the_power_of_ten_raised() -> None:
    assert quantities.scientific_text(Decimal("2.34e25")) == "2.3 × 10²⁵"
    assert quantities.scientific_text(Decimal(0)) == "0"


@given(amounts, st.integers(min_value=1, max_value=6))
def test_rounding_twice_changes_nothing_and_moves_little(value: Decimal, figures: int) -> None:
    once = quantities.round_significant(value, figures=figures)
    assert quantities.round_significant(once, figures=figures) == once
    assert quantities.within(value, once, tolerance=Decimal(5).scaleb(-figures))


def test_rounding_needs_at_least_one_figure() -> None:
    with pytest.raises(ValueError):
        quantities.round_significant(Decimal(1), figures=0)


@pytest.mark.parametrize(("value", "power"), [("1e25", 25), ("9.99e24", 24), ("2.3e25", 25), ("1", 0), ("0.5", -1)])
def test_the_order_of_magnitude_is_the_power_of_ten_below(value: str, power: int) -> None:
    assert quantities.order_of_magnitude(Decimal(value)) == power


@pytest.mark.parametrize("value", [Decimal(0), Decimal("NaN"), Decimal("Infinity")])
def test_zero_and_infinity_have_no_order_of_magnitude(value: Decimal) -> None:
    with pytest.raises(ValueError):
        quantities.order_of_magnitude(value)


@pytest.mark.parametrize(
    ("text", "value"),
    [("1e25", Fraction(10**25)), ("1e25/3", Fraction(10**25, 3)), ("1/3", Fraction(1, 3)), ("0.25", Fraction(1, 4))],
)
def test_a_limit_may_be_a_quotient(text: str, value: Fraction) -> None:
    assert quantities.parse_limit(text) == value


@pytest.mark.parametrize("text", ["1/0", "/3", "1/", "a/b", "1/3/3"])
def test_a_broken_limit_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        quantities.parse_limit(text)


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("0", "up-to-1e21"),
        ("1e21", "up-to-1e21"),
        ("1.000001e21", "1e21-1e22"),
        ("1e23", "1e22-1e23"),
        ("1.0000000001e23", "1e23-1e24"),
        ("1e25", "1e24-1e25"),
        ("2.3e25", "1e25-1e26"),
        ("1e27", "1e26-1e27"),
        ("5e27", "above-1e27"),
    ],
)
def test_a_boundary_belongs_to_the_band_below_it(value: str, code: str) -> None:
    assert quantities.band_of(Decimal(value), on=TODAY).code == code


@given(st.one_of(amounts, st.just(Decimal(0))))
def test_every_amount_has_exactly_one_band(value: Decimal) -> None:
    assert sum(value in band for band in quantities.ladder(TODAY).bands) == 1


@pytest.mark.parametrize("value", [Decimal(-1), Decimal("NaN")])
def test_what_is_no_amount_has_no_band(value: Decimal) -> None:
    with pytest.raises(ValueError):
        quantities.band_of(value, on=TODAY)


def test_a_later_ladder_holds_only_from_its_day() -> None:
    early = quantities.decades(valid_from=date(2025, 8, 2), first=21, last=27)
    late = quantities.decades(valid_from=date(2027, 1, 1), first=22, last=28)
    assert quantities.ladder(date(2026, 12, 31), ladders=(early, late)) is early
    assert quantities.ladder(date(2027, 1, 1), ladders=(early, late)) is late
    assert quantities.ladder(date(2020, 1, 1), ladders=(late, early)) is early


def test_accelerator_hours_are_count_times_hours() -> None:
    assert quantities.accelerator_hours(count=1000, seconds=Decimal(7200)) == Decimal(2000)


@pytest.mark.parametrize(
    ("other", "is_within"), [("70", True), ("69.9", False), ("130", True), ("130.1", False), ("100", True)]
)
def test_the_tolerance_is_a_share_of_the_reference_and_includes_its_bounds(other: str, is_within: bool) -> None:
    assert quantities.within(Decimal(100), Decimal(other), tolerance=Decimal("0.3")) is is_within


@given(
    st.decimals("-1e40", "1e40", places=3, allow_nan=False),
    st.decimals("-1e40", "1e40", places=3, allow_nan=False),
    st.sampled_from([Decimal("0.3"), Decimal("0.01"), Decimal(1) / 3]),
    st.integers(-200, 200),
)
def test_the_tolerance_is_exact_whatever_the_number_of_digits(
    reference: Decimal, other: Decimal, tolerance: Decimal, apart: int
) -> None:
    far = other.scaleb(apart)
    exact = abs(Fraction(far) - Fraction(reference)) <= Fraction(tolerance) * abs(Fraction(reference))
    assert quantities.within(reference, far, tolerance=tolerance) is exact
