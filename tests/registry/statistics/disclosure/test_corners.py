"""A corner of a linear programme is worked out in whole numbers and fractions, however large its denominator is."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from registry.statistics.disclosure.changes import INFINITE, Changes
from registry.statistics.disclosure.corners import corner
from registry.statistics.disclosure.cube import Equation

FOLDS = 4  # the last cell is five times five times ... the first


def fivefold(number: int) -> tuple[Equation, ...]:
    """The last of five cells is five times the first."""
    first, equal, double, same, last = range(4 * number, 4 * number + 5)
    return (
        Equation(equal, (first,)),
        Equation(double, (first, equal)),
        Equation(same, (double,)),
        Equation(last, (first, double, same)),
    )


def test_a_change_in_fractions_too_small_to_recognise_is_exact() -> None:
    cells = 4 * FOLDS + 1
    equations = [each for number in range(FOLDS) for each in fivefold(number)]
    asked = Changes(np.full(cells, 100.0), np.full(cells, INFINITE), equations)
    asked.charge(np.ones(cells))

    found = asked.cheapest(cells - 1, side=1, amount=7, room={})

    assert found is not None
    changes, denominator = found
    assert (changes[0], changes[cells - 1], denominator) == (7, 7 * 5**FOLDS, 5**FOLDS)
    assert all(changes[each.parent] == sum(changes[child] for child in each.children) for each in equations)


@given(st.lists(st.lists(st.integers(-3, 3), min_size=4, max_size=4), min_size=4, max_size=7), st.integers(1, 9))
def test_what_follows_makes_every_sum_zero_or_is_no_corner(factors: list[list[int]], rests: int) -> None:
    sums = [[(cell, factor) for cell, factor in enumerate((*row, 1)) if factor] for row in factors]

    found = corner(sums, resting={4: rests}, following=frozenset(range(4)))

    matrix = np.array(factors)
    whole = np.column_stack([matrix, np.ones(len(factors))])
    is_one = np.linalg.matrix_rank(matrix) == np.linalg.matrix_rank(whole) == 4
    assert (found is not None) == is_one
    if found:
        changes, denominator = found
        assert changes[4] == rests * denominator
        assert all(sum(factor * changes.get(cell, 0) for cell, factor in terms) == 0 for terms in sums)


def test_what_depends_on_nothing_known_is_no_corner() -> None:
    assert corner([[(0, 1), (1, -1)]], resting={}, following=frozenset({0, 1})) is None
    assert corner([[(0, 3), (1, -1)]], resting={1: 1}, following=frozenset({0})) == ({0: 1, 1: 3}, 3)
    assert corner([[(0, 1)], [(1, 1)]], resting={1: 1}, following=frozenset({0})) is None
