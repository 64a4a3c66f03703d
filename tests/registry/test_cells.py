"""CSV cells and lines: what a spreadsheet would compute is a text, and every text comes back."""

import csv
import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry import cells

SIGNS = sorted(cells.FORMULA_SIGNS)


@pytest.mark.parametrize("before", ["", " ", "  ", '"', "'", "\u00a0", ' "'])
@pytest.mark.parametrize("sign", SIGNS)
def test_a_cell_that_would_be_computed_is_made_a_text(sign: str, before: str) -> None:
    assert cells.harmless(f"{before}{sign}1+1") == f"'{before}{sign}1+1"


def test_what_begins_no_formula_stays_as_it_is() -> None:
    assert [cells.harmless(each) for each in ("a=b", "", None, 12, " ", '""')] == ["a=b", "", "", "12", " ", '""']


@given(st.lists(st.one_of(st.text(), st.integers(), st.none()), min_size=1, max_size=5))
def test_any_cell_comes_back_as_it_went_and_begins_no_formula(row: list[Any]) -> None:
    (line,) = cells.lines([row])
    (read,) = csv.reader(io.StringIO(line, newline=""))
    assert read == [cells.harmless(cell) for cell in row]
    assert not any(cell[:1] in cells.FORMULA_SIGNS for cell in read)
