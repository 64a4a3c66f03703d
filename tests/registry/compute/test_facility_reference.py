"""References of facilities: made with a check digit, any slip found."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.compute import facility_reference

NUMBERS = st.integers(min_value=1, max_value=999_999_999)


@given(number=NUMBERS)
def test_what_is_made_is_valid(number: int) -> None:
    assert facility_reference.is_valid(facility_reference.make(year=2026, number=number))


@given(number=NUMBERS, place=st.integers(min_value=0, max_value=5), by=st.integers(min_value=1, max_value=9))
def test_one_wrong_digit_is_found(number: int, place: int, by: int) -> None:
    right = facility_reference.make(year=2026, number=number)
    at = len("ECAF-2026-") + place
    wrong = right[:at] + str((int(right[at]) + by) % 10) + right[at + 1 :]
    assert not facility_reference.is_valid(wrong)


@pytest.mark.parametrize("text", ["ECAR-2026-000123-7", "ECAF-2026-1-2", "ecaf-2026-000001-1", "ECAF-2026-٠٠٠٠٠١-1"])
def test_another_form_is_no_reference(text: str) -> None:
    assert not facility_reference.is_valid(text)
