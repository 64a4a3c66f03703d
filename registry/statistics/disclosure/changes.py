"""The cheapest change of a table that keeps every sum: one linear programme, asked again and again (HiGHS).

Columns are what each cell goes up and what it goes down by; rows are the sums. Amounts are whole quanta, so that the
solution is one in small fractions, which are recognised and then checked by addition.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from math import lcm
from typing import Final

import highspy
import numpy as np
import numpy.typing as npt
from scipy import sparse

from registry.statistics.disclosure.cube import Equation

Array = npt.NDArray[np.float64]
_DENOMINATOR: Final = 300  # the largest of a fraction that the solver tells from its neighbours
_COMMON: Final = 10**4  # the largest of all together
_CLOSE: Final = 1e-5  # to what the solver is sure of an amount; what is then too little is told by the sums
INFINITE: Final = highspy.kHighsInf
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
    """The programme over those cells of one measure that may move. `falls`, `rises`: how far (0, 0: not)."""

    def __init__(self, falls: Array, rises: Array, equations: Sequence[Equation]) -> None:
        self.solved = 0
        self.places = np.flatnonzero((falls > 0) | (rises > 0))
        self._at = {int(place): column for column, place in enumerate(self.places)}
        self._falls, self._rises = falls[self.places], rises[self.places]
        self._is_fixed = np.zeros(len(self.places), dtype=bool)
        self._columns = np.arange(2 * len(self.places), dtype=np.int32)
        self._charged: Array | None = None
        self._asked: tuple[int, int] | None = None
        self._sums = sums_over(equations, self._at)
        self._solver = solver_of(self._sums, self._falls, self._rises)
        self._solver.run()
        self._undisturbed = self._solver.getBasis()

    def fix(self, place: int) -> None:
        """The cell does not move any more."""
        if place in self._at:
            self._is_fixed[self._at[place]] = True
            self._reset((self._at[place],))

    def free(self, place: int) -> None:
        """The cell moves again, as far as it has room."""
        if place in self._at:
            self._is_fixed[self._at[place]] = False
            self._reset((self._at[place],))

    def allow(self, places: frozenset[int]) -> None:
        """Only these move, as far as they have room."""
        self._is_fixed = np.array([int(place) not in places for place in self.places], dtype=bool)
        upper = np.concatenate([np.where(self._is_fixed, 0.0, self._rises), np.where(self._is_fixed, 0.0, self._falls)])
        self._solver.changeColsBounds(len(upper), self._columns, np.zeros_like(upper), upper)

    def charge(self, costs: Array) -> None:
        """What a quantum of change costs from now on, by cell."""
        if costs is self._charged:
            return
        self._charged, self._asked = costs, None
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
        column = self._at[place]
        less = {self._at[cell]: float(limit) for cell, limit in room.items() if cell in self._at}
        limits = {cell: self._limits(cell, less.get(cell)) for cell in (*less, column) if not self._is_fixed[cell]}
        up, down = limits.get(column, (0.0, 0.0))
        if (up if side > 0 else down) < amount:
            return None
        forced, still = (float(amount), up if side > 0 else down), (0.0, 0.0)
        rooms = {cell: ((0.0, most), (0.0, least)) for cell, (most, least) in limits.items()}
        rooms[column] = (forced, still) if side > 0 else (still, forced)
        self._bound(rooms)
        if self._asked != (place, side):
            self._solver.setBasis(self._undisturbed)
        self._solver.run()
        self.solved += 1
        found = self._read()
        self._asked = None if found is None else (place, side)
        self._reset(rooms)
        return found

    def _reset(self, columns: Iterable[int]) -> None:
        limits = {each: (0.0, 0.0) if self._is_fixed[each] else self._limits(each, None) for each in columns}
        self._bound({each: ((0.0, up), (0.0, down)) for each, (up, down) in limits.items()})

    def _limits(self, column: int, least: float | None) -> tuple[float, float]:
        """How far a cell may rise and fall, for somebody who sees it fall by more than `least`."""
        if least is not None and least <= 0:
            return 0.0, 0.0
        down = float(self._falls[column])
        return float(self._rises[column]), down if least is None else min(down, least)

    def _bound(self, rooms: Mapping[int, tuple[tuple[float, float], tuple[float, float]]]) -> None:
        """Between what cells go up, and between what they go down."""
        columns = np.fromiter(rooms, dtype=np.int32)
        bounds = np.array(list(rooms.values()))
        for shift, side in ((0, 0), (len(self.places), 1)):
            low, high = np.ascontiguousarray(bounds[:, side, 0]), np.ascontiguousarray(bounds[:, side, 1])
            self._solver.changeColsBounds(len(columns), columns + np.int32(shift), low, high)

    def _read(self) -> tuple[dict[int, int], int] | None:
        if self._solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        values = np.asarray(self._solver.getSolution().col_value)
        change = values[: len(self.places)] - values[len(self.places) :]
        denominator = common_denominator(change)
        if denominator is None:
            return None
        whole = _times(change, denominator)
        if (self._sums @ whole).any():
            return None
        moved = np.flatnonzero(whole)
        return dict(zip(self.places[moved].tolist(), whole[moved].tolist(), strict=True)), denominator


def common_denominator(amounts: Array) -> int | None:
    """The least number that makes whole what are fractions but for the solver's precision; None where there is none.

    The fraction that is furthest from whole is recognised by its continued fraction, until none is left.
    """
    rest = amounts - np.rint(amounts)
    found, before = 1, 0
    while before < found <= _COMMON:
        scaled = rest * found
        off = np.abs(scaled - np.rint(scaled))
        furthest = int(off.argmax())
        if off[furthest] < _CLOSE * found:
            return found
        fraction = Fraction(float(rest[furthest])).limit_denominator(_DENOMINATOR)
        found, before = lcm(found, fraction.denominator), found
    return None


def _times(amounts: Array, factor: int) -> npt.NDArray[np.int64]:
    """The nearest whole numbers to so many times these amounts."""
    whole = np.rint(amounts)
    return whole.astype(np.int64) * factor + np.rint((amounts - whole) * factor).astype(np.int64)


def sums_over(equations: Sequence[Equation], at: Mapping[int, int]) -> sparse.csr_array:
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


def solver_of(sums: sparse.csr_array, falls: Array, rises: Array) -> highspy.Highs:
    """A solver over what each cell goes up and what it goes down by, where every sum stays."""
    both = sparse.hstack([sums, -sums], format="csr")
    programme = highspy.HighsLp()
    programme.num_col_, programme.num_row_ = both.shape[1], both.shape[0]
    programme.col_cost_ = np.zeros(both.shape[1])
    programme.col_lower_ = np.zeros(both.shape[1])
    programme.col_upper_ = np.concatenate([rises, falls])
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
