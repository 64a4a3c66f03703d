"""Numbers, days and amounts as people of a language write them."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from registry.portal.presentation import words


@pytest.mark.parametrize(
    ("language", "amount", "shown"),
    [
        ("en", "2.3e25", "2.3 × 10²⁵"),
        ("fr", "2.3e25", "2,3 × 10²⁵"),
        ("de", "2.3e25", "2,3 × 10²⁵"),
        ("en", "9.99e24", "1 × 10²⁵"),
        ("en", "1e23", "1 × 10²³"),
        ("en", "0", "0"),
    ],
)
def test_an_amount_has_two_figures_and_a_power_of_ten(language: str, amount: str, shown: str) -> None:
    with translation.override(language):
        assert words.flop(Decimal(amount)) == shown


@given(st.decimals(min_value="1e18", max_value="1e30", places=None, allow_nan=False, allow_infinity=False))
def test_an_amount_is_shown_within_a_twentieth_of_itself(amount: Decimal) -> None:
    mantissa, _, power = words.flop(amount).partition(" × 10")
    exponent = int(power.translate(str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")))
    assert abs(Decimal(mantissa).scaleb(exponent) - amount) <= amount / 20


@pytest.mark.parametrize(
    ("amount", "band"), [("1e23", 0), ("1.1e23", 1), ("1e24", 1), ("1e25", 2), ("1.0000001e25", 3), ("1", 0)]
)
def test_a_bound_belongs_to_the_band_below_it(amount: str, band: int) -> None:
    assert words.band(Decimal(amount)) == band


@pytest.mark.parametrize(
    ("moment", "shown"),
    [
        (datetime(2026, 11, 22, 8, 45, tzinfo=UTC), "22 November 2026, 09:45 CET"),
        (datetime(2026, 7, 1, 22, 30, tzinfo=UTC), "2 July 2026, 00:30 CEST"),
    ],
)
def test_a_moment_is_of_brussels_and_says_so(moment: datetime, shown: str) -> None:
    with translation.override("en"):
        assert words.moment(moment) == shown


@pytest.mark.parametrize(
    ("span", "shown"),
    [
        (timedelta(days=2, hours=4, minutes=50), "2 d 4 h"),
        (timedelta(days=8, hours=4), "8 d"),
        (timedelta(hours=6, minutes=59), "6 h"),
        (timedelta(minutes=12), "12 min"),
    ],
)
def test_a_span_is_told_by_what_matters_of_it(span: timedelta, shown: str) -> None:
    with translation.override("en"):
        assert words.lasting(span) == shown


@pytest.mark.parametrize(("language", "shown"), [("en", "Greece"), ("fr", "Grèce"), ("de", "Griechenland")])
def test_a_country_has_its_name_in_the_language(language: str, shown: str) -> None:
    with translation.override(language):
        assert words.country("GR") == shown
        assert words.country("ZZ9") == "ZZ9"


@pytest.mark.parametrize(
    ("text", "shown"),
    [("more than 10^25 FLOP", "more than 10²⁵ FLOP"), ("10^-3", "10⁻³"), ("no power", "no power"), ("110^2", "110^2")],
)
def test_powers_in_sentences_are_raised(text: str, shown: str) -> None:
    assert words.powers(text) == shown


@pytest.mark.parametrize(("name", "initials"), [("Alice Lefèvre", "AL"), ("A. Novak", "AN"), ("Cher", "C"), ("", "")])
def test_initials_are_of_first_and_last_name(name: str, initials: str) -> None:
    assert words.initials(name) == initials


@pytest.mark.parametrize(("octets", "shown"), [(999, "999 B"), (14_300, "14 kB"), (2_500_000, "2.5 MB")])
def test_a_size_is_rounded(octets: int, shown: str) -> None:
    with translation.override("en"):
        assert words.size(octets) == shown


def test_a_day_is_written_in_the_order_of_the_language() -> None:
    with translation.override("de"):
        assert words.day(date(2026, 3, 1)) == "1. März 2026"


@pytest.mark.parametrize(
    ("language", "said"), [("en", "Natural person 0123abcd"), ("de", "Natürliche Person 0123abcd")]
)
def test_the_pseudonym_of_a_natural_person_is_told_in_words(language: str, said: str) -> None:
    with translation.override(language):
        assert words.owner("person:0123abcdef456789") == said
        assert words.owner("Lagom Intelligence") == "Lagom Intelligence"
        assert words.owner("") == ""


@pytest.mark.parametrize(("hour", "shown"), [(21, "19 November 2026"), (23, "20 November 2026")])
def test_the_day_of_a_moment_is_the_day_in_brussels(hour: int, shown: str) -> None:
    at = datetime(2026, 11, 19, hour, 30, tzinfo=UTC)
    assert (words.day(at), words.short_day(at)) == (shown, shown.replace("ember", ""))
