"""The figures of analysis: what each says in words is what its values are, with nothing, one and many."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from registry.portal.presentation import analysed
from registry.portal.presentation.analysed import Holding, Owed

FIRST = date(2026, 1, 1)


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def calendar(found: dict[date, int]) -> analysed.Figure:
    """A month of it."""
    last = FIRST + timedelta(days=30)
    return analysed.filings_by_day(uid="c", found=found, first=FIRST, last=last, href=lambda day: f"/{day}/")


def test_the_calendar_names_its_busiest_day() -> None:
    figure = calendar({FIRST: 2, FIRST + timedelta(days=3): 5})
    assert figure.subtitle == "7 filings on 2 days; most on 4 January 2026: 5."
    assert figure.table.rows == (("4 January 2026", "5"), ("1 January 2026", "2"))
    assert figure.table.hrefs == ("/2026-01-04/", "/2026-01-01/")


def test_an_empty_calendar_says_so() -> None:
    assert calendar({}).subtitle == "Nothing was filed in this period."


def test_notifications_late_and_overdue_are_counted() -> None:
    figure = analysed.days_to_notification(
        uid="n", in_time={3: 2, 15: 1}, late={20: 1}, overdue=2, limit=14, href=lambda is_late: f"/{is_late}/"
    )
    assert figure.subtitle == "4 notifications, 1 of them late; median 9 days. 2 are overdue."
    assert figure.table.rows == (("3", "2", "yes"), ("15", "1", "yes"), ("20", "1", "no"))
    assert figure.table.hrefs == ("/False/", "/False/", "/True/")


def test_shares_add_up_to_the_whole() -> None:
    held = [Holding("Small", Decimal(1), 1, "/s/"), Holding("Large", Decimal(3), 2, "/l/")]
    figure = analysed.shares_of_compute(uid="s", held=held)
    assert [row[0] for row in figure.table.rows] == ["Large", "Small"]
    assert [row[3] for row in figure.table.rows] == ["75%", "100%"]
    assert figure.table.hrefs == ("/l/", "/s/")
    assert figure.subtitle == "The 2 largest providers hold 100% of the compute filed by all 2."


def test_one_provider_holds_all() -> None:
    held = [Holding("Only", Decimal("1e25"), 1)]
    assert "largest provider holds 100%" in analysed.shares_of_compute(uid="s", held=held).subtitle


@given(st.lists(st.integers(0, 10**8), max_size=27))
def test_every_power_has_one_of_five_shades(tenths: list[int]) -> None:
    values = [Decimal(each) / 10 for each in tenths]
    bounds = analysed.steps(values)
    assert len(bounds) <= 4
    assert list(bounds) == sorted(set(bounds))
    assert all(0 <= sum(value > bound for bound in bounds) <= 4 for value in values)


def test_duties_stand_in_the_order_of_their_days() -> None:
    owed = [
        Owed("Report", FIRST + timedelta(days=9), "open", "Open"),
        Owed("Notify", FIRST, "late", "Done late"),
        Owed("Confirm", FIRST + timedelta(days=1), "in-time", "Done in time"),
        Owed("State", FIRST + timedelta(days=2), "overdue", "Overdue"),
    ]
    figure = analysed.punctual(uid="p", owed=owed)
    assert figure.subtitle == "1 of 3 duties were done in time; 1 late, 1 overdue."
    assert [row[1] for row in figure.table.rows] == ["Report", "State", "Confirm", "Notify"]
    assert analysed.punctual(uid="p", owed=[]).subtitle == "No duty has fallen due yet."
