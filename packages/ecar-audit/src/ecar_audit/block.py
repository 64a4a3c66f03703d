"""A group of figures that hang together, as arrays: how they may move from the truth, and who knows what of them.

Everything is a change from the truth, which therefore fits whatever anybody knows: all zeros are always a solution.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy import sparse

from ecar_audit.bounds import Bounds
from ecar_audit.system import Change, Column, Proportion, Sum, System

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Knowledge:
    """How far each column may fall (`lower`, not above 0) and rise, and how much room each ratio leaves."""

    lower: Floats
    upper: Floats
    slack: Floats


@dataclass(frozen=True, eq=False)
class Entries:
    """What single holdings know: of a column (or ratio) `at`, holding `who` an amount. `is_whole`: it is alone."""

    at: Integers
    who: Integers
    amount: Floats
    is_whole: Flags


class Block:
    """The figures `columns` of a system; behind them the changes between vintages that any of them has part in."""

    def __init__(self, system: System, bounds: Bounds, columns: Sequence[int]) -> None:
        self.columns = tuple(columns)
        self.at = {column: place for place, column in enumerate(self.columns)}
        self.changes: tuple[Change, ...] = tuple(
            each for each in system.changes if each.before in self.at or each.after in self.at
        )
        self._known = [system.columns[column] for column in self.columns]
        self._all = system.columns
        self._sums = [each for each in system.sums if each.whole in self.at or any(t in self.at for t in each.terms)]
        self._ratios = [each for each in system.proportions if each.numerator in self.at or each.denominator in self.at]
        self.names = tuple(sorted({name for column in self._known for name in column.parts}))
        self._bounds = bounds

    @cached_property
    def size(self) -> int:
        """How many columns there are, changes too."""
        return len(self.columns) + len(self.changes)

    @cached_property
    def _largest(self) -> Mapping[str, int]:
        """By measure: its usual size here."""
        largest: dict[str, int] = defaultdict(lambda: 1)
        for column in (*self._known, *(self._all[one] for each in self._ratios for one in _both(each))):
            largest[column.measure] = max(largest[column.measure], column.truth)
        return largest

    @cached_property
    def units(self) -> Floats:
        """By column: an amount of the usual size of its measure, so that measures can stand in one programme."""
        measures = [column.measure for column in self._known]
        measures += [self._all[each.after].measure for each in self.changes]
        return np.array([float(self._largest[measure]) for measure in measures])

    @cached_property
    def matrix(self) -> sparse.csr_matrix:
        """Rows of sums and changes, which stay zero, then two for each ratio, below their slack; all in `units`."""
        rows: list[Mapping[int, float]] = [self._sum(each) for each in self._sums]
        rows += [self._change(place, each) for place, each in enumerate(self.changes, start=len(self.columns))]
        rows += [row for each in self._ratios for row in self._ratio(each)]
        triples = [(row, column, value) for row, found in enumerate(rows) for column, value in found.items()]
        at, column, value = zip(*triples, strict=True) if triples else ((), (), ())
        return sparse.csr_matrix((np.array(value, dtype=float), (at, column)), shape=(len(rows), self.size))

    @cached_property
    def equalities(self) -> int:
        """How many of the rows stay zero."""
        return len(self._sums) + len(self.changes)

    @cached_property
    def row_units(self) -> Floats:
        """By ratio row: the unit of its slack."""
        measures = [self._all[each.numerator].measure for each in self._ratios for _ in (0, 1)]
        return np.array([float(self._largest[measure]) for measure in measures])

    def _sum(self, each: Sum) -> Mapping[int, float]:
        row: dict[int, float] = defaultdict(float)
        for column, sign in ((each.whole, -1.0), *((term, 1.0) for term in each.terms)):
            if column in self.at:
                row[self.at[column]] += sign
        return row

    def _change(self, place: int, each: Change) -> Mapping[int, float]:
        row = {place: 1.0}
        for column, sign in ((each.after, -1.0), (each.before, 1.0)):
            if column in self.at:
                row[self.at[column]] = sign
        return row

    def _ratio(self, each: Proportion) -> Iterable[Mapping[int, float]]:
        share = self._largest[self._all[each.denominator].measure] / self._largest[self._all[each.numerator].measure]
        for sign, end in ((1.0, each.high), (-1.0, each.low)):
            row = {}
            if each.numerator in self.at:
                row[self.at[each.numerator]] = sign
            if each.denominator in self.at:
                row[self.at[each.denominator]] = -sign * float(end) * share
            yield row

    @cached_property
    def everybody(self) -> Knowledge:
        """What is known to all: the published bounds and ratios."""
        ends = [(self._bounds.low[c], self._bounds.high[c], self._all[c].truth) for c in self.columns]
        endless = np.full(len(self.changes), np.inf)
        lower = np.array([float(low - truth) for low, _, truth in ends])
        upper = np.array([np.inf if high is None else float(high - truth) for _, high, truth in ends])
        return Knowledge(np.append(lower, -endless), np.append(upper, endless), self._slack({}))

    def _slack(self, known: Mapping[str, None]) -> Floats:
        """How much room the ratios leave for what others than `known` filed."""
        found = [room for each in self._ratios for room in self._rooms(each, known)]
        return np.array([max(float(room), 0.0) for room in found])

    def _rooms(self, each: Proportion, known: Mapping[str, None]) -> tuple[Fraction, Fraction]:
        above, below = (_rest(self._all[column], known) for column in _both(each))
        return each.high * below - above, above - each.low * below

    @cached_property
    def parts(self) -> Entries:
        """What each holding filed itself, by column, as the lowest change that this leaves possible."""
        place = {name: at for at, name in enumerate(self.names)}
        found = [
            (at, place[name], float(part - column.truth), part == column.truth)
            for at, column in enumerate(self._known)
            for name, part in column.parts.items()
        ]
        return _entries(found)

    @cached_property
    def ratio_parts(self) -> Entries:
        """The room that each ratio leaves for a holding that takes out what it filed itself."""
        place = {name: at for at, name in enumerate(self.names)}
        found = []
        for at, each in enumerate(self._ratios):
            for name in sorted({name for column in _both(each) for name in self._all[column].parts} & place.keys()):
                rooms = self._rooms(each, {name: None})
                found += [(2 * at + side, place[name], max(float(room), 0.0), False) for side, room in enumerate(rooms)]
        return _entries(found)

    def any_of(self, who: Integers) -> Knowledge:
        """What fits the knowledge of each of these holdings by itself, all at once."""
        lower, upper, slack = self.everybody.lower.copy(), self.everybody.upper.copy(), self.everybody.slack.copy()
        chosen = np.zeros(len(self.names), dtype=bool)
        chosen[who] = True
        own = chosen[self.parts.who]
        np.maximum.at(lower, self.parts.at[own], self.parts.amount[own])
        upper[self.parts.at[own & self.parts.is_whole]] = 0.0
        own = chosen[self.ratio_parts.who]
        np.minimum.at(slack, self.ratio_parts.at[own], self.ratio_parts.amount[own])
        return Knowledge(lower, upper, slack)

    @cached_property
    def filed(self) -> sparse.csr_matrix:
        """By holding and column: what it filed."""
        found = self.parts
        shape = (len(self.names), self.size)
        return sparse.csr_matrix((found.amount + self.truth[found.at], (found.who, found.at)), shape=shape)

    @cached_property
    def truth(self) -> Floats:
        """By column: the true value; of a change nobody knows bounds, it has none here."""
        return np.array([float(column.truth) for column in self._known] + [0.0] * len(self.changes))

    def together(self, groups: Integers) -> Knowledge:
        """What fits the knowledge of each of these coalitions (rows of holdings) by itself, all at once."""
        ends = np.arange(0, groups.size + 1, groups.shape[1])
        members = sparse.csr_matrix((np.ones(groups.size), groups.ravel(), ends), shape=(len(groups), len(self.names)))
        filed = (members @ self.filed).max(axis=0).toarray().ravel()
        lower = np.maximum(self.everybody.lower, np.where(filed > 0, filed - self.truth, -np.inf))
        upper, slack = self.everybody.upper.copy(), self.everybody.slack
        upper[is_all(filed, self.truth)] = 0.0
        for group in groups if self._ratios else ():
            slack = np.minimum(slack, self._slack(dict.fromkeys(self.names[each] for each in group)))
        return Knowledge(np.minimum(lower, 0.0), upper, slack)


def is_all(filed: Floats, truth: Floats) -> Flags:
    """Where nobody else adds to a figure (as exact as floats are; a hair's breadth counts as nobody)."""
    found: Flags = (filed > 0) & (truth - filed <= 1e-12 * truth)
    return found


def _both(each: Proportion) -> tuple[int, int]:
    return each.numerator, each.denominator


def _rest(column: Column, known: Mapping[str, None]) -> int:
    """What others than these filed."""
    return column.truth - sum(column.parts.get(name, 0) for name in known)


def _entries(found: Sequence[tuple[int, int, float, bool]]) -> Entries:
    at, who, amount, is_whole = zip(*found, strict=True) if found else ((), (), (), ())
    return Entries(
        np.array(at, dtype=np.int64),
        np.array(who, dtype=np.int64),
        np.array(amount, dtype=float),
        np.array(is_whole, bool),
    )
