"""The drawing of owners: layers, lines, words, nothing lost, whatever the graph."""

import re
from datetime import date
from typing import Any

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.charts import ownership as drawing
from registry.charts.ownership import Edge, Node
from registry.filings import ownership_document
from registry.portal import ownership_graph
from tests.registry.portal.test_charts import marks, parsed
from tests.statements import holding, statement

DAY = date(2026, 11, 20)
NASTY = "<b>&\"'"


def drawn(**changes: Any) -> ownership_graph.Figure:
    document = ownership_document.read(statement(**changes), language="en")
    with translation.override("en"):
        return ownership_graph.figure(document, organisation="Aurelia", on=DAY)


def lines(figure: ownership_graph.Figure, kind: str) -> int:
    return len(marks(figure.svg, f"holding--{kind}"))


def test_everybody_stands_above_what_they_hold() -> None:
    boxes = {
        each.find("{*}title").text.partition(" ·")[0]: float(each.find("{*}rect").get("y"))  # type: ignore[union-attr,arg-type]
        for each in parsed(drawn().svg).iter()
        if "entity-group" in each.get("class", "").split()
    }
    assert boxes["Ada Example"] < boxes["Upper Holding BV"] < boxes["Aurelia"]


@pytest.mark.parametrize(
    ("changes", "kind", "count"),
    [
        ({}, "majority", 2),
        ({}, "share", 1),
        ({"holdings": [holding("ada", "filer", None, kind="control", control_kind="veto")]}, "control", 1),
        ({"holdings": [holding("ada", "filer", None, kind="beneficial")]}, "stated", 1),
        ({"holdings": [holding("up", "filer", "20", nominator_id="ada")]}, "nominee", 1),
        ({"holdings": []}, "share", 0),
    ],
)
def test_each_kind_of_line_is_drawn_as_such(changes: dict[str, Any], kind: str, count: int) -> None:
    figure = drawn(**changes)
    assert lines(figure, kind) == count
    assert (f"holding-{kind}" in {key.kind for key in figure.legend}) is bool(count)


@pytest.mark.parametrize(
    ("holdings", "sentence"),
    [
        ([], "No owner has been stated."),
        (
            [holding("ada", "filer", "50"), holding("up", "filer", "30")],
            "In the end Ada Example has most: 50\u00a0% of the capital. Nobody controls it alone. "
            "Whose 20\u00a0% of the capital is has not been stated.",
        ),
        (
            [holding("ada", "filer", "60"), holding("up", "filer", None, kind="control", control_kind="agreement")],
            "In the end Ada Example has most: 60\u00a0% of the capital. "
            "It is controlled jointly by Ada Example, Upper Holding BV. "
            "Whose 40\u00a0% of the capital is has not been stated.",
        ),
    ],
)
def test_the_finding_says_who_owns_and_who_controls(holdings: list[dict[str, Any]], sentence: str) -> None:
    assert drawn(holdings=holdings).subtitle == sentence


def test_a_circle_is_drawn_side_by_side() -> None:
    firms = [{"id": n, "kind": "company", "name": n, "country": "NL"} for n in "ab"]
    figure = drawn(
        entities=firms, holdings=[holding("a", "b", "100"), holding("b", "a", "100"), holding("a", "filer", "60")]
    )
    courses = [re.findall(r"[\d.]+,([\d.]+)", each.get("d", "")) for each in marks(figure.svg, "holding--majority")]
    assert sorted(heights[0] == heights[-1] for heights in courses) == [False, True, True]
    assert "nobody outside owns them" in figure.note


def test_of_very_many_the_largest_are_drawn_and_all_stand_in_the_table() -> None:
    firms = [{"id": f"f{n}", "kind": "company", "name": f"Firm {n}", "country": "NL"} for n in range(90)]
    figure = drawn(entities=firms, holdings=[holding(f"f{n}", "filer", "1") for n in range(90)])
    assert len(marks(figure.svg, "entity-group")) == ownership_graph.SHOWN
    assert len(figure.table.rows) == 90
    assert "51 more stand in the table." in figure.note


KEYS = "rabcdef"


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(KEYS), st.sampled_from(KEYS)).filter(lambda e: e[0] != e[1]), max_size=12, unique=True
    )
)
def test_any_graph_is_drawn_whole_and_well_formed(pairs: list[tuple[str, str]]) -> None:
    nodes = [Node(key, NASTY + key, "company", NASTY) for key in KEYS]
    edges = [Edge(owner, held, "share", NASTY) for owner, held in pairs]
    made = drawing.graph(uid="o", title=NASTY, finding=NASTY, nodes=nodes, edges=edges, root="r")
    assert len(marks(made, "entity-group")) == len(KEYS)
    assert len(marks(made, "holding")) == len(edges)
    width, height = (float(part) for part in parsed(made).get("viewBox", "").split()[2:])
    for box in marks(made, "entity"):
        x, y, wide, high = (float(box.get(name, "-1")) for name in ("x", "y", "width", "height"))
        assert x >= 0
        assert y >= 0
        assert x + wide <= width
        assert y + high <= height
