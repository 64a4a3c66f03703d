"""The charts: well-formed, said in words, without style of their own, and true to the numbers."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.charts import compute, counts, europe, svg
from registry.charts.compute import Course, Crossing, CurvePoint, RunPoint, Threshold
from registry.charts.counts import Column
from registry.charts.europe import MapValue
from registry.charts.grid import Grid
from registry.periods import Quarter

SVG = "{http://www.w3.org/2000/svg}"
FIRST, LAST = date(2024, 1, 1), date(2026, 12, 31)
HIGH = Threshold(Decimal("1e25"), "10²⁵ FLOP", ("presumption",), "high")
LOW = Threshold(Decimal("1e23"), "10²³ FLOP", (), "low")
NASTY = "<script>alert('x')</script> & \"co\""


def parsed(drawing: str) -> ElementTree.Element:
    """The drawing as XML; a malformed one fails here."""
    return ElementTree.fromstring(drawing.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1))  # noqa: S314


def marks(drawing: str, class_: str) -> list[ElementTree.Element]:
    """Elements with the class."""
    return [each for each in parsed(drawing).iter() if class_ in each.get("class", "").split()]


def a_run(flop: str, *, on: date = date(2025, 5, 5), href: str = "") -> RunPoint:
    """A run of that size."""
    return RunPoint(on, Decimal(flop), f"run of {flop}", href)


def series(points: list[RunPoint], *, course: Course = Course(), **more: str) -> str:  # noqa: B008  it is frozen
    """Runs with both thresholds, from 10²¹ FLOP to the largest."""
    largest = max((p.flop for p in points), default=Decimal("1e25"))
    axes = compute.series_axes(
        first=FIRST, last=LAST, smallest=Decimal("1e21"), largest=largest, thresholds=(HIGH, LOW)
    )
    return compute.log_series(
        uid="s",
        title="Runs",
        finding="As found.",
        axes=axes,
        points=points,
        course=course,
        thresholds=(HIGH, LOW),
        **more,
    )


def curve(**more: object) -> str:
    """A run that grows for half a year."""
    points = [
        CurvePoint(date(2026, 1, 1) + timedelta(days=30 * i), v, v * Decimal("0.8"), v * Decimal("1.2"))
        for i, v in enumerate(map(Decimal, ("1e24", "4e24", "9e24", "2e25")))
    ]
    return compute.run_curve(
        uid="c", title="Run", finding="As found.", measured=points[:3], projected=points[3:], thresholds=(HIGH,), **more
    )


def columns(*given: Column) -> str:
    """Columns of two classes."""
    return counts.stacked_columns(uid="k", title="Runs", finding="As found.", columns=given, series=("small", "large"))


def dots(days: list[int], limit: int = 14) -> str:
    """Decisions against a limit."""
    return counts.dot_histogram(
        uid="d", title="Days", finding="As found.", days=days, limit=limit, limit_label="target", axis_label="days"
    )


def a_map(values: dict[str, MapValue], names: dict[str, str] | None = None) -> str:
    """The map."""
    return europe.choropleth(
        uid="m", title="Map", finding="As found.", values=values, names=names or {}, not_covered="other", nothing="none"
    )


EVERY: dict[str, Callable[[], str]] = {
    "log_series": lambda: series([a_run("1e22"), a_run("1e24"), a_run("2e25", href="/x/")]),
    "an empty log_series": lambda: series([]),
    "run_curve": curve,
    "stacked_columns": lambda: columns(Column("Q1", (3, 4), 7, "2026")),
    "no columns": columns,
    "dot_histogram": lambda: dots([1, 2, 2, 20]),
    "an empty dot_histogram": lambda: dots([]),
    "choropleth": lambda: a_map({"FR": MapValue(3, "much")}),
}


@pytest.mark.parametrize("draw", EVERY.values(), ids=list(EVERY))
def test_a_chart_has_a_name_and_says_its_finding(draw: Callable[[], str]) -> None:
    root = parsed(draw())
    assert root.find(f"{SVG}title") is not None
    assert (root.findtext(f"{SVG}desc") or "") == "As found."
    named = root.find(f".//*[@id='{root.get('aria-labelledby')}']")
    assert named is not None
    assert named.text


@pytest.mark.parametrize("draw", EVERY.values(), ids=list(EVERY))
def test_a_chart_carries_nothing_the_security_policy_refuses(draw: Callable[[], str]) -> None:
    drawing = draw()
    assert "style" not in drawing
    assert "<script" not in drawing
    assert not re.search(r"\son[a-z]+=", drawing)
    assert "http" not in drawing


@pytest.mark.parametrize("draw", EVERY.values(), ids=list(EVERY))
def test_an_image_holds_no_links_and_a_group_hides_its_marks(draw: Callable[[], str]) -> None:
    root = parsed(draw())
    links = list(root.iter(f"{SVG}a"))
    assert (root.get("role") == "group") == bool(links)
    if links:
        hidden = root.find(f"{SVG}g")
        assert hidden is not None
        assert hidden.get("aria-hidden") == "true"
        assert all(link.get("aria-label") for link in links)


def test_what_others_wrote_is_escaped() -> None:
    drawing = series([RunPoint(date(2025, 5, 5), Decimal("2e25"), NASTY, "/x/?a=1&b=2")], record_note=NASTY)
    assert "<script" not in drawing
    assert parsed(drawing).find(f"{SVG}a").get("aria-label") == NASTY  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("flop", "class_"),
    [("1e23", "dot--low"), ("1.01e23", "dot--middle"), ("1e25", "dot--middle"), ("1.01e25", "dot--high")],
)
def test_a_run_at_a_threshold_is_not_above_it(flop: str, class_: str) -> None:
    assert len(marks(series([a_run(flop)]), class_)) == 1


def test_only_runs_above_the_highest_threshold_are_links() -> None:
    drawing = series([a_run("1e24", href="/small/"), a_run("2e25", href="/large/"), a_run("3e25")])
    assert [link.get("href") for link in parsed(drawing).iter(f"{SVG}a")] == ["/large/"]
    assert len(marks(drawing, "dot--high")) == 2


def test_the_record_never_falls() -> None:
    days = [(date(2025, m, 1), Decimal(f)) for m, f in enumerate(("1e23", "5e24", "2e23", "2e25", "1e22"), start=1)]
    path = marks(series([], course=Course(largest=days)), "record")[0].get("d", "")
    heights = [float(step.split(",")[1]) for step in path.lstrip("M").split("L")]
    assert heights == sorted(heights, reverse=True)
    assert len(set(heights)) == 3


def test_a_quarter_with_few_runs_has_no_median() -> None:
    medians = {Quarter(2025, number): (runs, Decimal("1e23")) for number, runs in ((1, 3), (2, 2), (3, 9))}
    path = marks(series([], course=Course(medians=medians)), "median")[0].get("d", "")
    assert path.count("L") == 1


LIMIT = compute.MOST_MARKS
BOUNDS = (Decimal(0), Decimal("1e23"), Decimal("1e25"))


@pytest.mark.parametrize(
    ("above", "single_above"),
    [
        ((LIMIT, 900, 3), BOUNDS[0]),
        ((LIMIT + 1, LIMIT, 3), BOUNDS[1]),
        ((LIMIT + 9, LIMIT + 1, 3), BOUNDS[2]),
        ((LIMIT + 9, LIMIT + 9, LIMIT + 1), None),
    ],
)
def test_many_small_runs_become_a_density_band_and_the_large_ones_stay(
    above: tuple[int, ...], single_above: Decimal | None
) -> None:
    assert compute.single_above(list(zip(BOUNDS, above, strict=True))) == single_above


def test_a_density_is_drawn_by_cell_in_five_depths() -> None:
    drawing = series([a_run("2e25", href="/x/")], course=Course(cells={(0, 0): 1, (3, 5): 500, (4, 5): 1000}))
    shades = [each.get("class") for each in marks(drawing, "density")]
    assert shades == ["density density--1", "density density--3", "density density--5"]
    assert len(marks(drawing, "dot--high")) == 1


@given(st.integers(min_value=0, max_value=4000), st.integers(min_value=2, max_value=9))
def test_the_edges_of_a_grid_ascend_and_lie_within_the_axes(span: int, decades: int) -> None:
    grid = Grid(svg.Frame(760, 560, 46, 134, 14, 38), FIRST, FIRST + timedelta(days=span), 20, 20 + decades)
    days, amounts = grid.days(), grid.amounts()
    assert (len(days), len(amounts)) == (grid.columns - 1, grid.rows - 1)
    assert list(days) == sorted(days)
    assert FIRST <= days[0] <= days[-1] <= FIRST + timedelta(days=max(span, 1))
    assert all(a < b for a, b in pairwise(amounts))
    assert Decimal(10) ** 20 < amounts[0] < amounts[-1] < Decimal(10) ** (20 + decades)


def test_a_curve_shows_the_day_of_crossing_and_what_is_only_projected() -> None:
    drawing = curve(crossing=Crossing(date(2026, 3, 5), "crossed"), projection_note="projected")
    assert len(marks(drawing, "crossing")) == 1
    assert len(marks(drawing, "point--open")) == 1
    assert {each.text for each in marks(drawing, "remark")} == {"crossed", "projected"}


def test_a_crossing_outside_the_time_shown_is_left_out() -> None:
    assert not marks(curve(crossing=Crossing(date(2020, 1, 1), "crossed")), "crossing")


def test_a_confidential_part_of_a_known_total_is_hatched_to_the_total() -> None:
    drawing = columns(Column("Q1", (6, None), 10, "2026"))
    hidden, known = marks(drawing, "part--hidden")[0], marks(drawing, "part--0")[0]
    assert hidden.get("fill") == "url(#k-hatch)"
    ratio = float(hidden.get("height", "0")) / float(known.get("height", "1"))
    assert ratio == pytest.approx(4 / 6, abs=0.02)
    assert [each.text for each in marks(drawing, "value")] == ["10"]


def test_the_height_of_a_confidential_total_does_not_depend_on_it() -> None:
    def hidden(column: Column) -> str:
        return marks(columns(Column("Q1", (40, 2), 42, "2026"), column), "part--hidden")[0].get("height", "")

    assert hidden(Column("Q2", (None, None), None, "2026")) == hidden(Column("Q2", (0, None), None, "2026"))


def test_a_true_zero_has_no_block() -> None:
    assert not marks(columns(Column("Q1", (0, 0), 0, "2026"), Column("Q2", (1, 0), 1, "2026")), "part--1")


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500)), min_size=1, max_size=14))
def test_columns_are_as_high_as_their_numbers(parts: list[tuple[int, int]]) -> None:
    drawing = columns(*(Column("Q1", pair, sum(pair), str(i)) for i, pair in enumerate(parts)))
    drawn = [float(each.get("height", "0")) for each in marks(drawing, "part--0")]
    numbers = [first for first, _ in parts if first]
    assert len(drawn) == len(numbers)
    for (a, x), (b, y) in pairwise(zip(numbers, drawn, strict=True)):
        assert x <= y + 0.11 if a <= b else y <= x + 0.11


@given(st.lists(st.integers(0, 400), min_size=1, max_size=80), st.sampled_from([14, 30, 60]))
def test_a_decision_is_late_in_the_picture_exactly_when_it_is(days: list[int], limit: int) -> None:
    drawing = dots(days, limit)
    late = len(marks(drawing, "decided--late"))
    assert bool(late) == any(day > limit for day in days)
    assert len(marks(drawing, "decided")) <= len(days)
    assert bool(len(marks(drawing, "decided")) - late) == any(day <= limit for day in days)


def test_the_map_knows_every_member_state_and_writes_el_for_greece() -> None:
    drawing = a_map({}, {"GR": "Greece"})
    assert len(europe.geometry()["members"]) == 27
    assert len(marks(drawing, "state")) == 27 + len(europe.WITH_DOT)
    labels = {each.text for each in marks(drawing, "place")}
    assert "EL" in labels
    assert "GR" not in labels
    assert "Greece: none" in drawing


def test_a_confidential_state_is_hatched_and_not_shaded() -> None:
    state = next(s for s in marks(a_map({"FR": MapValue(4, "c", confidential=True)}), "state--hidden"))
    assert state.get("fill") == "url(#m-hatch)"


def test_the_map_draws_no_border_between_neighbours() -> None:
    """All that is neither Union nor EEA is one shape, so that no contested border is drawn."""
    assert len(marks(a_map({}), "neighbour")) == 1
    assert set(europe.geometry()["eea"]) == {"NO", "IS", "LI"}


def test_small_states_are_large_enough_to_see() -> None:
    assert {code for code, shape in europe.geometry()["members"].items() if shape["area"] < 60} <= set(europe.WITH_DOT)


@pytest.mark.parametrize(("values", "marks_drawn"), [([], 0), ([1], 0), ([3, 3], 1), ([1, 5, 2], 1)])
def test_a_sparkline_needs_two_values(values: list[float], marks_drawn: int) -> None:
    assert counts.sparkline(values=values).count("<path") == marks_drawn


@given(st.integers(1, 10**7))
def test_steps_of_an_axis_are_round_and_few(highest: int) -> None:
    step = svg.nice_step(highest)
    assert str(step).rstrip("0") in {"1", "2", "5"}
    assert highest / step <= 5
