"""One run's compute over time, from what its filing declares."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from registry.filings import document
from registry.portal import curve
from tests.documents import REMOVED, planned_run


def course(flop: str = "2.3e25", **changes: Any) -> list[tuple[date, Decimal]]:
    """Days and amounts of the sample run, with changes."""
    return curve._course(document.read(planned_run(**changes)), Decimal(flop))


def test_compute_grows_from_the_start_to_the_whole_at_the_end() -> None:
    found = course()
    amounts = [amount for _, amount in found]
    assert amounts == sorted(amounts)
    assert found[0][0] >= date(2027, 1, 11)
    assert found[-1] == (date(2027, 4, 2), Decimal("2.3e25"))


def test_half_of_an_even_run_is_done_in_the_middle() -> None:
    found = dict(course())
    middle = min(found, key=lambda day: abs((day - date(2027, 2, 20)).days))
    assert abs(found[middle] / Decimal("2.3e25") - Decimal("0.5")) < Decimal("0.05")


def test_without_days_of_the_hardware_the_run_itself_gives_them() -> None:
    found = course(run__hardware__0__starts_on=REMOVED, run__hardware__0__ends_on=REMOVED)
    assert found[-1][0] == date(2027, 4, 2)


def test_without_any_day_there_is_no_curve() -> None:
    nothing = {f"run__{name}": REMOVED for name in ("planned_start_on", "planned_end_on")}
    assert course(run__hardware=[], **nothing) == []


def test_the_lines_of_the_chart_are_the_thresholds_of_the_law() -> None:
    high, low = curve.lines(on=date(2026, 11, 22))
    assert (high.flop, low.flop) == (Decimal("1e25"), Decimal("1e23"))
    assert high.title == "10²⁵ FLOP"


def test_before_the_law_applied_there_is_no_line_to_draw() -> None:
    with pytest.raises(KeyError):
        curve.lines(on=date(2020, 1, 1))
