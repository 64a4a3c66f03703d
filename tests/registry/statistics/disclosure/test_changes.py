"""The cheapest change of a table: what the solver says is recognised as fractions, and exact."""

import numpy as np
import pytest

from registry.statistics.disclosure.changes import INFINITE, Changes, common_denominator
from registry.statistics.disclosure.cube import Equation

# The second cell equals the first, the third is both, the fourth equals that, the fifth is five times the first.
FIVEFOLD = (Equation(1, (0,)), Equation(2, (0, 1)), Equation(3, (2,)), Equation(4, (0, 2, 3)))
SQUARE = (Equation(0, (1, 2)), Equation(3, (4, 5)), Equation(6, (1, 4)), Equation(7, (2, 5)))


def changes(equations: tuple[Equation, ...], cells: int, *, shown: tuple[int, ...] = ()) -> Changes:
    falls, rises = np.full(cells, 100.0), np.full(cells, INFINITE)
    falls[list(shown)] = rises[list(shown)] = 0.0
    asked = Changes(falls, rises, equations)
    asked.charge(np.ones(cells))
    return asked


@pytest.mark.parametrize(
    ("amounts", "denominator"),
    [
        ([3.0, -4.0], 1),
        ([22_510_419.000001, -1_539_878.000001105], 1),
        ([159_274.5333333123, 252_833.4], 15),
        ([1 / 7, 2 / 11, 0.5], 154),
        ([517_119.400000031, -510_751.40000003093], 5),
        ([1 / each for each in (7, 11, 13, 17, 19, 23)], None),
    ],
)
def test_amounts_have_the_least_denominator_they_share_up_to_the_precision_of_the_solver(
    amounts: list[float], denominator: int | None
) -> None:
    assert common_denominator(np.array(amounts)) == denominator


def test_a_change_in_fifths_is_recognised_and_exact() -> None:
    found = changes(FIVEFOLD, 5).cheapest(4, side=1, amount=7, room={})

    assert found == ({0: 7, 1: 7, 2: 14, 3: 14, 4: 35}, 5)


def test_a_cell_asked_for_again_is_answered_within_the_room_of_whoever_asks_then() -> None:
    asked = changes(SQUARE, 8, shown=(0, 3, 6, 7))

    free = asked.cheapest(1, side=1, amount=50, room={})
    narrow = asked.cheapest(1, side=1, amount=50, room={2: 49})
    again = asked.cheapest(1, side=1, amount=50, room={2: 50})

    assert (free, narrow, again) == (({1: 50, 2: -50, 4: -50, 5: 50}, 1), None, ({1: 50, 2: -50, 4: -50, 5: 50}, 1))
