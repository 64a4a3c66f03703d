"""What an organisation says of itself is read strictly and refused with every reason, in three languages."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.errors import Invalid
from registry.languages import SPOKEN
from registry.onboarding import particulars
from tests.registry.onboarding.conftest import LEI, content, outside

TODAY = date(2026, 11, 20)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=12,
)


def _codes(raw: object) -> dict[str, str]:
    with pytest.raises(Invalid) as refused:
        particulars.read(raw, on=TODAY)
    return {each.pointer: each.code for each in refused.value.obstacles}


@pytest.mark.parametrize("raw", [content(), outside(), content(ultimate_parent={"name": "Up Inc.", "country": "US"})])
def test_what_was_read_reads_the_same_again(raw: dict[str, Any]) -> None:
    read = particulars.read(raw, on=TODAY)
    assert particulars.read(particulars.plain(read), on=TODAY) == read


def test_the_seat_or_the_representative_decides_who_is_competent() -> None:
    assert particulars.read(content(), on=TODAY).territory == "FR"
    assert particulars.read(outside(), on=TODAY).territory == "IE"


@pytest.mark.parametrize(
    ("raw", "pointer", "code"),
    [
        ([], "", "object"),
        (content(more=1), "/more", "unknown"),
        (content(legal_name=""), "/legal_name", "missing"),
        (content(legal_name="x" * 201), "/legal_name", "text"),
        (content(legal_name="a\u0000b"), "/legal_name", "text"),
        (content(lei=LEI[:-1] + "6"), "/lei", "lei_check_digits"),
        (content(lei="", euid=""), "/lei", "identifier"),
        (content(euid="DEK1101R.HRB116737"), "/euid", "euid_elsewhere"),
        (content(euid="FR7501.55210055"), "/euid", "euid_national_form"),
        (content(euid="FR7501.552100555"), "/euid", "euid_national_check"),
        (content(seat_country="UK"), "/seat_country", "country_use_gb"),
        (content(roles=["owner"]), "/roles", "roles"),
        (content(administrators=[{"name": "A", "email": "a@b.eu"}]), "/administrators", "two_administrators"),
        (content(contact={"name": "A", "email": "a@b", "language": "fr"}), "/contact/email", "email"),
        (content(contact={"name": "A", "email": "a@b.eu", "language": "it"}), "/contact/language", "language"),
        (content(seat_country="US"), "/representative", "representative_needed"),
        (outside(mandate_until="2026-11-19"), "/representative/mandate_until", "mandate_over"),
        (outside(mandate_from="2026-02-30"), "/representative/mandate_from", "date"),
        (outside(document_sha256="zz"), "/representative/document_sha256", "digest"),
        (outside(country="CH"), "/representative/country", "member_state_unknown"),
    ],
)
def test_a_fault_is_named_at_its_place(raw: object, pointer: str, code: str) -> None:
    assert _codes(raw)[pointer] == code


def test_a_representative_is_for_organisations_outside_the_union() -> None:
    assert _codes({**outside(), "seat_country": "FR"}) == {"/representative": "representative_not_needed"}


def test_the_mandate_may_end_today_and_an_euid_may_stand_for_the_lei() -> None:
    assert particulars.read(outside(mandate_until="2026-11-20"), on=TODAY)
    assert particulars.read(content(lei="", euid="FR7501.552100554"), on=TODAY).euid == "FR7501.552100554"


def _obstacles(raw: object) -> int | None:
    """How many obstacles there are; None where it was read."""
    try:
        particulars.read(raw, on=TODAY)
    except Invalid as refused:
        return len(refused.obstacles)
    return None


@given(JSON)
def test_anything_at_all_is_read_or_refused(raw: object) -> None:
    assert _obstacles(raw) != 0


@given(JSON, st.sampled_from(sorted(content())))
def test_anything_in_a_member_is_read_or_refused(raw: object, member: str) -> None:
    assert _obstacles(content(**{member: raw})) != 0


@pytest.mark.parametrize("language", SPOKEN)
def test_every_fault_and_field_has_its_words(language: str) -> None:
    for pointer in particulars.fields():
        assert particulars.field_text(pointer, language) != pointer
    for code in ("summary", "euid_national_check", "two_addresses", "lei_form", "representative_needed"):
        assert particulars.fault_text(code, language)
    assert len({particulars.fault_text("missing", each) for each in SPOKEN}) == 3


@pytest.mark.parametrize(
    ("pointer", "value"),
    [("/legal_name", "New"), ("/administrators/1/email", "x@y.eu"), ("/contact/name", "N"), ("/trade_names", "A, B")],
)
def test_one_value_is_changed_and_nothing_else(pointer: str, value: str) -> None:
    before = particulars.plain(particulars.read(content(), on=TODAY))
    after = particulars.with_value(before, pointer, value)
    assert after != before
    assert particulars.read(after, on=TODAY)
    with pytest.raises(KeyError):
        particulars.with_value(before, "/representative/name", "x")
