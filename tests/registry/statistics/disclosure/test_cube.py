"""Cells, parts and sums of linked tables."""

from collections.abc import Mapping
from decimal import Decimal

import pytest
from hypothesis import given

from registry.statistics.disclosure.cube import Contribution, Hierarchy, TableSpec, tabulate
from tests.registry.statistics.disclosure.cubes import HIERARCHIES, LINKED, TWO_WAY, contributions, cube_of

WHERE = {"country": "DK", "sector": "cloud", "quarter": "Q1"}


def one(value: str, *, holding: str = "h1", **where: str) -> Contribution:
    return Contribution(holding, f"{holding} GmbH", {**WHERE, **where}, "hours", Decimal(value))


def test_every_cell_is_there_whatever_the_data() -> None:
    assert cube_of([one("1")]).cells == cube_of([one("2", country="PT", sector="model")]).cells


def test_a_cell_holds_the_sum_of_what_lies_below() -> None:
    cube = cube_of([one("1.5"), one("2", country="SE"), one("4", holding="h2", country="GR")], TWO_WAY)
    hours = cube.measures["hours"]
    at = cube.places
    assert hours.decimals == 1
    assert hours.parts[at["N", "cloud"]] == {"h1": 35}
    assert hours.parts[at["EU", "all"]] == {"h1": 35, "h2": 40}
    assert hours.totals[at["EU", "model"]] == 0


@given(contributions())
def test_every_sum_holds_in_what_was_added_up(listed: list[Contribution]) -> None:
    cube = cube_of(listed)
    for measured in cube.measures.values():
        for equation in cube.equations:
            assert measured.totals[equation.parent] == sum(measured.totals[child] for child in equation.children)


def test_tables_that_share_a_cell_share_its_place() -> None:
    cube = cube_of([one("1")])
    first, second = (set(cube.tables[spec.id]) for spec in LINKED)
    shared = {cube.cells[place] for place in first & second}
    assert shared == {(country, "year", "all") for country in HIERARCHIES["country"].codes}


def test_a_parent_with_one_child_has_its_equation() -> None:
    cube = cube_of([one("1")])
    at = cube.places
    pairs = {(equation.parent, equation.children) for equation in cube.equations}
    assert (at["DK", "Q2", "all"], (at["DK", "Q2a", "all"],)) in pairs


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (one("-1"), "not negative"),
        (one("1", country="N"), "not a leaf"),
        (one("1", country="FR"), "not a leaf"),
        (Contribution("h1", "p", {"country": "DK"}, "hours", Decimal(1)), "not a leaf"),
        (one("NaN"), "not negative"),
    ],
)
def test_a_contribution_that_cannot_be_placed_is_refused(wrong: Contribution, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        cube_of([wrong], TWO_WAY)


@pytest.mark.parametrize(
    ("parents", "words"),
    [
        ({"a": (("b",),), "c": (("d",),)}, "2 codes above"),
        ({"top": (("a",),), "a": (("b",),), "b": (("a",),)}, "part of itself"),
    ],
)
def test_a_hierarchy_is_a_tree_with_one_top(parents: Mapping[str, tuple[tuple[str, ...], ...]], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Hierarchy("any", parents)


def test_a_table_over_what_is_not_there_is_refused() -> None:
    with pytest.raises(ValueError, match="has no hierarchy"):
        tabulate([], specs=[TableSpec("t", ("colour",))], hierarchies=HIERARCHIES)
    with pytest.raises(ValueError, match="has no code FR"):
        tabulate([], specs=[TableSpec("t", ("country",), {"country": frozenset({"FR"})})], hierarchies=HIERARCHIES)
