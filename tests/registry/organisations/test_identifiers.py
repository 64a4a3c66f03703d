"""Which identifiers are well formed, and how each is written."""

import string
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.organisations import identifiers
from registry.organisations.identifiers import IdentifierError

ALPHABET = string.digits + string.ascii_uppercase
ALL: tuple[Callable[[str], str], ...] = (
    identifiers.lei,
    identifiers.euid,
    identifiers.vat,
    identifiers.eori,
    identifiers.country,
    identifiers.member_state,
)


def with_check_digits(stem: str) -> str:
    """The LEI of an 18 character stem by ISO 7064 MOD 97-10: the whole, letters as 10 to 35, leaves 1 by 97."""
    digits = "".join(str(ALPHABET.index(character)) for character in f"{stem}00")
    return f"{stem}{98 - int(digits) % 97:02d}"


def test_there_are_27_member_states_and_249_countries() -> None:
    assert len(identifiers.MEMBER_STATES) == 27
    assert len(identifiers.COUNTRIES) == 249
    assert identifiers.MEMBER_STATES <= identifiers.COUNTRIES
    assert {"GR", "IE", "CY"} <= identifiers.MEMBER_STATES
    assert not {"EL", "UK", "GB", "EU", "XK"} & identifiers.MEMBER_STATES


@pytest.mark.parametrize(
    ("read", "written", "normalised"),
    [
        (identifiers.lei, "5299009AURELIAMODE71", "5299009AURELIAMODE71"),
        (identifiers.lei, "5299 009a urel iamo de71", "5299009AURELIAMODE71"),
        (identifiers.euid, "DEK1101R.HRB116737", "DEK1101R.HRB116737"),
        (identifiers.euid, "ELGEMI.000000001000", "ELGEMI.000000001000"),
        (identifiers.euid, "NO.999999999", "NO.999999999"),
        (identifiers.euid, "nlnhr.99900001_1", "NLNHR.99900001_1"),
        (identifiers.vat, "FR42 999 999 006", "FR42999999006"),
        (identifiers.vat, "EL094259216", "EL094259216"),
        (identifiers.vat, "nl999999004b01", "NL999999004B01"),
        (identifiers.eori, "FR99999900600011", "FR99999900600011"),
        (identifiers.eori, "GR094259216", "GR094259216"),
        (identifiers.eori, "XI123456789000", "XI123456789000"),
        (identifiers.country, "fr", "FR"),
        (identifiers.country, "GB", "GB"),
        (identifiers.member_state, "gr", "GR"),
    ],
)
def test_a_good_identifier_is_returned_normalised(read: Callable[[str], str], written: str, normalised: str) -> None:
    assert read(written) == normalised


@pytest.mark.parametrize(
    ("read", "written", "reason"),
    [
        (identifiers.lei, "5299009AURELIAMODE72", "lei_check_digits"),
        (identifiers.lei, "5299009AURELIAMODE7", "lei_form"),
        (identifiers.lei, "5299009AURELIAMODE7A", "lei_form"),
        (identifiers.lei, "5299009AURÉLIAMODE71", "lei_form"),
        (identifiers.lei, "٥299009AURELIAMODE71", "lei_form"),
        (identifiers.euid, "GRK1101R.HRB1", "euid_country"),
        (identifiers.euid, "US1.2", "euid_country"),
        (identifiers.euid, "DEK1101R", "euid_form"),
        (identifiers.vat, "FR43999999006", "vat_check_digits"),
        (identifiers.vat, "GR094259216", "vat_form"),
        (identifiers.vat, "GB999999973", "vat_form"),
        (identifiers.vat, "FR1", "vat_form"),
        (identifiers.eori, "EL094259216", "eori_country"),
        (identifiers.eori, "FR", "eori_form"),
        (identifiers.eori, "FR1234567890123456", "eori_form"),
        (identifiers.country, "UK", "country_use_gb"),
        (identifiers.country, "EL", "country_use_gr"),
        (identifiers.country, "XX", "country_unknown"),
        (identifiers.country, "FRA", "country_unknown"),
        (identifiers.country, "ＦＲ", "country_unknown"),
        (identifiers.country, "ß", "country_unknown"),
        (identifiers.country, "", "country_unknown"),
        (identifiers.member_state, "NO", "member_state_unknown"),
        (identifiers.member_state, "EL", "country_use_gr"),
    ],
)
def test_a_bad_identifier_is_refused_with_its_reason(read: Callable[[str], str], written: str, reason: str) -> None:
    with pytest.raises(IdentifierError) as refused:
        read(written)
    assert refused.value.reason == reason
    assert str(refused.value) == identifiers.SENTENCES[reason]


@given(st.text(ALPHABET, min_size=18, max_size=18))
def test_an_lei_with_right_check_digits_is_accepted(stem: str) -> None:
    assert identifiers.lei(with_check_digits(stem)) == with_check_digits(stem)


@given(st.text(ALPHABET, min_size=18, max_size=18), st.integers(0, 17), st.sampled_from(ALPHABET))
def test_an_lei_with_one_digit_or_letter_mistaken_for_another_is_refused(stem: str, place: int, other: str) -> None:
    good = with_check_digits(stem)
    bad = good[:place] + other + good[place + 1 :]
    if bad != good and other.isdigit() == good[place].isdigit():
        with pytest.raises(IdentifierError):
            identifiers.lei(bad)


@given(st.sampled_from(ALL), st.text(max_size=80))
def test_any_text_is_either_normalised_or_refused_with_a_sentence(read: Callable[[str], str], text: str) -> None:
    try:
        code = read(text)
    except IdentifierError as refused:
        code = ""
        reason = refused.reason
    assert read(code) == code if code else identifiers.SENTENCES[reason].endswith(".")


@pytest.mark.parametrize("read", ALL)
def test_a_refusal_is_a_value_error_and_does_not_repeat_the_text(read: Callable[[str], str]) -> None:
    with pytest.raises(ValueError, match=r"^[A-Z].*\.$") as refused:
        read("Geheimnis-4711")
    assert "Geheimnis" not in str(refused.value)
