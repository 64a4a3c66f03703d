"""Why a set of withheld cells is not enough, as an inequality that every sufficient set meets (Benders cuts).

The largest change that a cell can make, when each other cell may move as far as it is withheld, is a linear programme;
its dual says which cells it would take. Source: Fischetti and Salazar, Management Science 47 (2001), 1008-1027.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from registry.statistics.disclosure.changes import Array, solver_of, sums_over
from registry.statistics.disclosure.cube import Equation

Cut = Mapping[int, float]
"""By place how much withholding it adds; what is withheld has to add up to 1 at least."""
_SPARE: Final = 1e-5  # of what is asked: what a shown cell may move, so that the dual prefers few of them
_NOTHING: Final = 1e-9


class Shortfall:
    """The programme over the cells of one measure that could be withheld. `falls`, `rises`: how far each may move."""

    def __init__(self, falls: Array, rises: Array, equations: Sequence[Equation]) -> None:
        self.solved = 0
        self.places = np.flatnonzero((falls > 0) | (rises > 0))
        self._at = {int(place): column for column, place in enumerate(self.places)}
        self._falls, self._rises = falls[self.places], rises[self.places]
        self._columns = np.arange(2 * len(self.places), dtype=np.int32)
        self._solver = solver_of(sums_over(equations, self._at), self._falls, self._rises)
        self._solver.run()
        self._undisturbed = self._solver.getBasis()

    def cut(self, place: int, *, side: int, amount: int, room: Mapping[int, int], shares: Array) -> Cut | None:
        """What has to be withheld so that the cell can move by `amount`; None where `shares` of all cells suffice.

        `shares` says of every place how far it is withheld, from 0 to 1; `room` of some that they fall by less.
        """
        down, up = self._falls.copy(), self._rises.copy()
        for cell, limit in room.items():
            if cell in self._at:
                column = self._at[cell]
                down[column], up[column] = min(down[column], limit), up[column] if limit > 0 else 0.0
        column = self._at[place]
        if (up if side > 0 else down)[column] < amount:
            return {}
        largest = self._largest(column, side, float(amount), up, down, shares[self.places])
        if largest >= amount * (1 - _NOTHING):
            return None
        duals = np.asarray(self._solver.getSolution().col_dual)
        pull = np.maximum(0.0, -duals)
        pull[[column, column + len(self.places)]] = 0.0
        pull[pull < _NOTHING] = 0.0
        half = len(self.places)
        most = np.minimum(up, amount / np.maximum(pull[:half], _NOTHING))  # of what is unlimited, all that is asked
        weight = np.where(pull[:half] > 0, pull[:half] * most, pull[half:] * down)
        share = np.minimum(1.0, weight / amount)
        return {int(self.places[each]): float(share[each]) for each in np.flatnonzero(share > 0)}

    def _largest(self, column: int, side: int, amount: float, up: Array, down: Array, shares: Array) -> float:
        """The largest change of a cell, `amount` at most."""
        half = len(self.places)
        reach = np.maximum(shares, _SPARE)
        rising = np.where(shares < 1, reach * np.minimum(up, amount), up)
        bounds = np.concatenate([rising, np.where(shares < 1, reach * np.minimum(down, amount), down)])
        towards, away = (column, column + half) if side > 0 else (column + half, column)
        bounds[towards], bounds[away] = amount, 0.0
        self._solver.changeColsBounds(2 * half, self._columns, np.zeros(2 * half), bounds)
        self._solver.changeColCost(towards, -1.0)
        self._solver.setBasis(self._undisturbed)
        self._solver.run()
        self.solved += 1
        self._solver.changeColCost(towards, 0.0)
        return -float(self._solver.getInfo().objective_function_value)
