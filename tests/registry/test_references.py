"""References that people copy by hand: made with a check digit, any slip found."""

from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.compute import facility_reference, return_reference
from registry.filings import reference

KINDS = (("ECAR", reference), ("ECAF", facility_reference), ("ECAM", return_reference))
NUMBERS = st.integers(min_value=1, max_value=999_999_999)


@given(number=NUMBERS)
@pytest.mark.parametrize(("prefix", "kind"), KINDS)
def test_what_is_made_is_valid(prefix: str, kind: ModuleType, number: int) -> None:
    made = kind.make(year=2026, number=number)
    assert made.startswith(f"{prefix}-2026-")
    assert kind.is_valid(made)


@given(number=NUMBERS, place=st.integers(min_value=0, max_value=5), by=st.integers(min_value=1, max_value=9))
@pytest.mark.parametrize(("prefix", "kind"), KINDS)
def test_one_wrong_digit_is_found(prefix: str, kind: ModuleType, number: int, place: int, by: int) -> None:
    right = kind.make(year=2026, number=number)
    at = len(f"{prefix}-2026-") + place
    wrong = right[:at] + str((int(right[at]) + by) % 10) + right[at + 1 :]
    assert not kind.is_valid(wrong)


@pytest.mark.parametrize(("prefix", "kind"), KINDS)
@pytest.mark.parametrize("text", ["ECAX-2026-000123-7", "{}-2026-1-2", "{}-2026-٠٠٠٠٠١-1", " {}-2026-000001-1"])
def test_another_form_is_no_reference(prefix: str, kind: ModuleType, text: str) -> None:
    assert not kind.is_valid(text.format(prefix))
    assert not kind.is_valid(kind.make(year=2026, number=1).lower())
