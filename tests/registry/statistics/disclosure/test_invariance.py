"""What is withheld depends on the figures alone: neither on their unit nor on what codes and holdings are called."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.statistics.disclosure.cube import Contribution, Cube, Hierarchy, tabulate
from registry.statistics.disclosure.protect import Pattern, protect
from registry.statistics.disclosure.rules import Rules, assess
from registry.statistics.disclosure.search import Costs
from tests.registry.statistics.disclosure.cubes import CUBES, HIERARCHIES, LINKED, contributions, cube_of

few = settings(max_examples=max(5, CUBES // 2), deadline=None)


def protected(cube: Cube) -> Pattern:
    return protect(cube, assess(cube, Rules()))


@few
@given(contributions(most=16), st.integers(1, 5))
def test_the_unit_makes_no_difference_to_what_is_withheld(listed: list[Contribution], power: int) -> None:
    # Requirements are whole units: tenths of multiples of ten are.
    one = [replace(each, value=each.value * 10) for each in listed]
    other = [replace(each, value=each.value * Decimal(10) ** power) for each in one]

    assert protected(cube_of(other)).withheld == protected(cube_of(one)).withheld


def _renamed(name: str, *, is_reversed: bool) -> str:
    return "".join(chr(255 - ord(letter)) for letter in name) if is_reversed else f"x{name}"


def _cube(listed: list[Contribution], *, is_reversed: bool) -> Cube:
    """The same cube under other names, in the same order or in another one."""
    trees = {
        name: Hierarchy(
            name,
            {
                _renamed(parent, is_reversed=is_reversed): tuple(
                    tuple(_renamed(code, is_reversed=is_reversed) for code in way) for way in ways
                )
                for parent, ways in tree.parents.items()
            },
        )
        for name, tree in HIERARCHIES.items()
    }
    renamed = [
        replace(
            each,
            holding=_renamed(each.holding, is_reversed=is_reversed),
            key={name: _renamed(code, is_reversed=is_reversed) for name, code in each.key.items()},
        )
        for each in listed
    ]
    return tabulate(renamed, specs=LINKED, hierarchies=trees)


@few
@given(contributions(most=16))
def test_names_in_the_same_order_make_no_difference(listed: list[Contribution]) -> None:
    assert protected(_cube(listed, is_reversed=False)).withheld == protected(cube_of(listed)).withheld


def _price(cube: Cube, pattern: Pattern) -> float:
    totals = cube.measures["hours"].totals
    mean = sum(totals) / sum(1 for each in totals if each)
    return sum(1 + Costs().per_mean * totals[place] / mean for place in pattern.withheld)


@few
@given(contributions(most=12))
def test_names_in_another_order_cost_the_same_where_nothing_costs_less(listed: list[Contribution]) -> None:
    one, other = cube_of(listed), _cube(listed, is_reversed=True)
    first, second = protected(one), protected(other)

    assert len(first.sensitive) == len(second.sensitive)
    if first.is_least and second.is_least:
        assert _price(one, first) == pytest.approx(_price(other, second), rel=1e-5)
