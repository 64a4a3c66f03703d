"""The calendar: a square for each day, as dark as it was busy."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.charts import calendar
from registry.charts.calendar import Day
from tests.registry.portal.test_charts import NASTY, marks, parsed

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
FIRST = date(2025, 11, 24)  # a Monday


def days(counts: list[int]) -> list[Day]:
    """A day for each count from the first on."""
    return [Day(FIRST + timedelta(days=i), count, f"{count} that day") for i, count in enumerate(counts)]


def heat(given_days: list[Day], *, title: str = "Filings") -> str:
    """The drawing."""
    return calendar.heat_map(
        uid="h", title=title, finding="As found.", days=given_days, month_names=MONTHS, weekday_names=tuple("MTWTFSS")
    )


@pytest.mark.parametrize("many", [0, 1, 365, 10_000])
def test_every_day_has_a_square(many: int) -> None:
    drawing = heat(days([1] * many))

    assert len(marks(drawing, "heat")) == many


def test_a_week_is_a_column_and_a_year_a_block() -> None:
    squares = marks(heat(days([0] * 372)), "heat")

    places = [(float(each.get("x", "")), float(each.get("y", ""))) for each in squares]
    assert places[0][0] == places[6][0] < places[7][0]
    assert places[0][1] < places[6][1]
    assert places[371][0] == places[0][0]
    assert places[371][1] > places[6][1]
    assert len(set(places)) == len(places)


def test_the_darker_the_busier() -> None:
    shades = [each.get("class") for each in marks(heat(days([0, 1, 5, 10])), "heat")]

    assert shades == ["heat heat--0", "heat heat--1", "heat heat--3", "heat heat--5"]


@given(st.integers(1, 3000))
def test_the_legend_says_what_is_drawn(most: int) -> None:
    told = [(shade, count) for shade, low, high in calendar.bounds(most) for count in range(low, high + 1)]

    assert told == [(calendar.step(count, most), count) for count in range(1, most + 1)]


def test_words_are_escaped_and_the_finding_is_its_description() -> None:
    drawing = heat([Day(FIRST, 1, NASTY)], title=NASTY)

    root = parsed(drawing)
    assert root.get("role") == "img"
    assert [each.text for each in root][:2] == [NASTY, "As found."]
    assert marks(drawing, "heat")[0][0].text == NASTY
