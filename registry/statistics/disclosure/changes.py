"""The cheapest change of a table that keeps every sum: one linear programme, asked again and again (HiGHS).

Columns are what each cell goes up and what it goes down by; rows are the sums. Amounts are whole quanta, so that the
solution is one in small fractions, which are recognised and then checked by addition.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import highspy
import numpy as np
import numpy.typing as npt
from scipy import sparse

from registry.statistics.disclosure.cube import Equation

Array = npt.NDArray[np.float64]
_DENOMINATORS: Final = (1, 2, 3, 4, 6, 12)
_CLOSE: Final = 1e-6
_INFINITE: Final = highspy.kHighsInf
_OPTIONS: Final[Mapping[str, bool | int | str]] = {
    "output_flag": False,
    "threads": 1,
    "presolve": "off",
    "solver": "simplex",
    "simplex_strategy": 1,
    "simplex_scale_strategy": 0,
    "random_seed": 0,
}


class Changes:
    """The programme over those cells of one measure that may move. `room` is what each may fall by; 0 means none."""

    def __init__(self, room: Array, equations: Sequence[Equation]) -> None:
        self.solved = 0
        self.places = np.flatnonzero(room > 0)
        self._at = {int(place): column for column, place in enumerate(self.places)}
        self._room = room[self.places]
        self._is_fixed = np.zeros(len(self.places), dtype=bool)
        self._columns = np.arange(2 * len(self.places), dtype=np.int32)
        self._sums = _matrix(equations, self._at)
        self._solver = _solver(self._sums, self._room)
        self._solver.run()
        self._undisturbed = self._solver.getBasis()

    def fix(self, place: int) -> None:
        """The cell does not move any more."""
        if place in self._at:
            self._is_fixed[self._at[place]] = True
            self._reset(self._at[place])

    def free(self, place: int) -> None:
        """The cell moves again, as far as it has room."""
        if place in self._at:
            self._is_fixed[self._at[place]] = False
            self._reset(self._at[place])

    def charge(self, costs: Array) -> None:
        """What a quantum of change costs from now on, by cell."""
        moving = costs[self.places]
        self._solver.changeColsCost(len(self._columns), self._columns, np.concatenate([moving, moving]))

    def cheapest(
        self, place: int, *, side: int, amount: int, room: Mapping[int, int]
    ) -> tuple[dict[int, int], int] | None:
        """Changes by place and their denominator, where the cell moves by `amount` at least; None where it cannot.

        `room` says of some cells that they may fall by less than usual; what has none does not move.
        """
        if place not in self._at:
            return None
        less = {self._at[cell]: float(down) for cell, down in room.items() if cell in self._at}
        column = self._at[place]
        down = less.get(column, float(self._room[column]))
        if self._is_fixed[column] or down <= 0 or (side < 0 and down < amount):
            return None
        for cell, limit in less.items():
            if not self._is_fixed[cell]:
                self._bound(cell, up=(0.0, _INFINITE if limit > 0 else 0.0), down=(0.0, limit))
        forced, still = (float(amount), _INFINITE if side > 0 else down), (0.0, 0.0)
        self._bound(column, up=forced if side > 0 else still, down=still if side > 0 else forced)
        self._solver.setBasis(self._undisturbed)
        self._solver.run()
        self.solved += 1
        found = self._read()
        for cell in (*less, column):
            self._reset(cell)
        return found

    def _reset(self, column: int) -> None:
        up, down = (0.0, 0.0) if self._is_fixed[column] else (_INFINITE, float(self._room[column]))
        self._bound(column, up=(0.0, up), down=(0.0, down))

    def _bound(self, column: int, *, up: tuple[float, float], down: tuple[float, float]) -> None:
        self._solver.changeColBounds(column, *up)
        self._solver.changeColBounds(column + len(self.places), *down)

    def _read(self) -> tuple[dict[int, int], int] | None:
        if self._solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        values = np.asarray(self._solver.getSolution().col_value)
        change = values[: len(self.places)] - values[len(self.places) :]
        for denominator in _DENOMINATORS:
            whole = np.rint(change * denominator).astype(np.int64)
            is_close = np.abs(whole - change * denominator).max() < _CLOSE * denominator
            if is_close and not (self._sums @ whole).any():
                moved = np.flatnonzero(whole)
                return dict(zip(self.places[moved].tolist(), whole[moved].tolist(), strict=True)), denominator
        return None


def _matrix(equations: Sequence[Equation], at: Mapping[int, int]) -> sparse.csr_array:
    """The sums over the cells that may move; one without any of them is left out."""
    rows, columns, signs = [], [], []
    number = 0
    for equation in equations:
        terms = [(at[place], sign) for place, sign in _terms(equation) if place in at]
        for column, sign in terms:
            rows.append(number)
            columns.append(column)
            signs.append(sign)
        number += bool(terms)
    return sparse.csr_array((np.array(signs, dtype=np.int64), (rows, columns)), shape=(number, len(at)))


def _terms(equation: Equation) -> Iterator[tuple[int, int]]:
    yield equation.parent, 1
    for child in equation.children:
        yield child, -1


def _solver(sums: sparse.csr_array, room: Array) -> highspy.Highs:
    both = sparse.hstack([sums, -sums], format="csr")
    programme = highspy.HighsLp()
    programme.num_col_, programme.num_row_ = both.shape[1], both.shape[0]
    programme.col_cost_ = np.zeros(both.shape[1])
    programme.col_lower_ = np.zeros(both.shape[1])
    programme.col_upper_ = np.concatenate([np.full(len(room), _INFINITE), room])
    programme.row_lower_ = programme.row_upper_ = np.zeros(both.shape[0])
    programme.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    programme.a_matrix_.start_ = both.indptr
    programme.a_matrix_.index_ = both.indices
    programme.a_matrix_.value_ = both.data.astype(np.float64)
    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    for name, value in _OPTIONS.items():
        solver.setOptionValue(name, value)
    solver.passModel(programme)
    return solver
