"""The cheapest change of a table that keeps every sum: one linear programme, asked again and again (HiGHS).

Columns are what each cell goes up and what it goes down by; rows are the sums. Amounts are whole quanta, so that the
solution is one in small fractions, which are recognised and then checked by addition; where they are not small, they
are worked out exactly. A unit of the programme is a fixed share of what is asked for, so that it is always of one size.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from math import lcm
from typing import Final

import highspy
import numpy as np
import numpy.typing as npt
from scipy import sparse

from registry.statistics.disclosure.corners import corner
from registry.statistics.disclosure.cube import Equation

Array = npt.NDArray[np.float64]
Rooms = Mapping[int, tuple[tuple[float, float], tuple[float, float]]]
"""By column between what a cell goes up, and between what it goes down."""
_DENOMINATOR: Final = 300  # the largest of a fraction that the solver tells from its neighbours
_COMMON: Final = 10**4  # the largest of all together
_CLOSE: Final = 1e-5  # to what the solver is sure of an amount; what is then too little is told by the sums
_FINE: Final = (
    2**13
)  # units in what is asked for, at least, where it has as many quanta; a power of two, so that none is rounded
_REACH: Final = 2**5  # times what is asked for: the most by which any cell moves
_MOST: Final = float(2 * _FINE * _REACH)
_NOTHING: Final = 1e-9  # units: what does not move
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
        self._unit, self._most = 1, INFINITE
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
        self._bound_all()

    def charge(self, costs: Array) -> None:
        """What a quantum of change costs from now on, by cell."""
        if costs is self._charged:
            return
        self._charged, self._asked = costs, None
        moving = costs[self.places]
        self._solver.changeColsCost(len(self._columns), self._columns, np.concatenate([moving, moving]))

    def cheapest(
        self, place: int, *, side: int, amount: int, room: Mapping[int, int], is_finest: bool = False
    ) -> tuple[dict[int, int], int] | None:
        """Changes by place and their denominator, where the cell moves by `amount` at least; None where it cannot.

        `room` says of some cells that they may fall by less than usual; what has none does not move. The
        programme counts in units that fit the amount; with `is_finest` in quanta, and without a most.
        """
        if place not in self._at:
            return None
        self._measure_in(1 if is_finest else unit_for(amount), INFINITE if is_finest else _MOST)
        asked = amount / self._unit
        column = self._at[place]
        less = {self._at[cell]: float(limit) for cell, limit in room.items() if cell in self._at}
        limits = {cell: self._limits(cell, less.get(cell)) for cell in (*less, column) if not self._is_fixed[cell]}
        up, down = limits.get(column, (0.0, 0.0))
        if (up if side > 0 else down) < asked:
            return None
        forced, still = (asked, up if side > 0 else down), (0.0, 0.0)
        rooms = {cell: ((0.0, most), (0.0, least)) for cell, (most, least) in limits.items()}
        rooms[column] = (forced, still) if side > 0 else (still, forced)
        self._bound(rooms)
        if self._asked != (place, side):
            self._solver.setBasis(self._undisturbed)
        self._solver.run()
        self.solved += 1
        found = self._read(rooms)
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
        down = self._falls[column] if least is None else min(self._falls[column], least)
        up, down = self._in_units(np.array([self._rises[column], down]))
        return float(up), float(down)

    def _in_units(self, limits: Array) -> Array:
        found: Array = np.minimum(limits / self._unit, self._most)
        return found

    def _measure_in(self, unit: int, most: float) -> None:
        """From now on the programme counts in so many quanta, and no cell moves by more than `most` of them."""
        if (unit, most) != (self._unit, self._most):
            self._unit, self._most, self._asked = unit, most, None
            self._bound_all()

    def _bound_all(self) -> None:
        limits = self._in_units(np.concatenate([self._rises, self._falls]))
        upper = np.where(np.tile(self._is_fixed, 2), 0.0, limits)
        self._solver.changeColsBounds(len(upper), self._columns, np.zeros_like(upper), upper)

    def _bound(self, rooms: Rooms) -> None:
        columns = np.fromiter(rooms, dtype=np.int32)
        bounds = np.array(list(rooms.values()))
        for shift, side in ((0, 0), (len(self.places), 1)):
            low, high = np.ascontiguousarray(bounds[:, side, 0]), np.ascontiguousarray(bounds[:, side, 1])
            self._solver.changeColsBounds(len(columns), columns + np.int32(shift), low, high)

    def _read(self, rooms: Rooms) -> tuple[dict[int, int], int] | None:
        if self._solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        values = np.asarray(self._solver.getSolution().col_value)
        change = (values[: len(self.places)] - values[len(self.places) :]) * self._unit
        found = self._recognised(change) or self._worked_out(change, rooms)
        if found is None:
            return None
        changes, denominator = found
        return {int(self.places[column]): by for column, by in changes.items()}, denominator

    def _recognised(self, change: Array) -> tuple[dict[int, int], int] | None:
        """By column whole numbers over a denominator, where they are small fractions that add up."""
        denominator = common_denominator(change)
        if denominator is None:
            return None
        whole = _times(change, denominator)
        if (self._sums @ whole).any():
            return None
        moved = np.flatnonzero(whole)
        return dict(zip(moved.tolist(), whole[moved].tolist(), strict=True)), denominator

    def _worked_out(self, change: Array, rooms: Rooms) -> tuple[dict[int, int], int] | None:
        """The same from the corner that the solver stopped at; None where that is outside what was asked."""
        half = len(self.places)
        is_basic = np.array([each == highspy.HighsBasisStatus.kBasic for each in self._solver.getBasis().col_status])
        moves = np.abs(change) > _NOTHING * self._unit
        follows = moves & (is_basic[:half] | is_basic[half:])
        resting = {int(column): round(change[column]) for column in np.flatnonzero(moves & ~follows)}
        sums = self._sums
        parts = [slice(sums.indptr[row], sums.indptr[row + 1]) for row in np.flatnonzero(abs(sums) @ moves)]
        terms = [list(zip(sums.indices[part].tolist(), sums.data[part].tolist(), strict=True)) for part in parts]
        found = corner(terms, resting=resting, following=frozenset(np.flatnonzero(follows).tolist()))
        if found is None or not all(self._allows(column, by, found[1], rooms) for column, by in found[0].items()):
            return None
        return found

    def _allows(self, column: int, by: int, denominator: int, rooms: Rooms) -> bool:
        (_, up), (_, down) = rooms.get(column) or [(0.0, limit) for limit in self._limits(column, None)]
        return -down * self._unit * denominator <= by <= up * self._unit * denominator


def unit_for(amount: int) -> int:
    """The power of two that is contained in an amount at least `_FINE` times, and less than twice that; or 1."""
    return 1 << max(0, (amount // _FINE).bit_length() - 1)


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
