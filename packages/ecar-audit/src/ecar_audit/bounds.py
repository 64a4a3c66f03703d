"""What addition alone tells, in whole numbers: exact values by subtraction, tighter bounds, and what hangs together."""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from ecar_audit.system import Sum, System

_VISITS = 60  # of a sum; bounds that still move then are tight enough, the linear programmes do the rest


@dataclass(frozen=True)
class Bounds:
    """From `low` to `high` (None: no end) lies each column; `subtracted` gives the sum that told a column exactly."""

    low: tuple[int, ...]
    high: tuple[int | None, ...]
    subtracted: Mapping[int, int]

    def is_known(self, column: int) -> bool:
        """Whether everybody can work the column out exactly."""
        return self.low[column] == self.high[column]


def tighten(system: System) -> Bounds:
    """Bounds of every column that follow from each sum by itself, again and again."""
    work = _Tightening(system)
    work.subtract()
    work.narrow()
    return Bounds(tuple(work.low), tuple(work.high), work.subtracted)


class _Tightening:
    def __init__(self, system: System) -> None:
        self.low = [column.low for column in system.columns]
        self.high = [column.high for column in system.columns]
        self.subtracted: dict[int, int] = {}
        self._sums = system.sums
        self._of: list[list[int]] = [[] for _ in system.columns]
        for number, each in enumerate(system.sums):
            for column in (each.whole, *each.terms):
                self._of[column].append(number)

    def subtract(self) -> None:
        """Solve every sum in which one column is left, and those that this solves."""
        waiting = deque(range(len(self._sums)))
        while waiting:
            number = waiting.popleft()
            each = self._sums[number]
            open_ones = [column for column in (each.whole, *each.terms) if self.low[column] != self.high[column]]
            if len(open_ones) == 1:
                (column,) = open_ones
                rest = sum(self.low[term] for term in each.terms if term != column)
                self.low[column] = self.high[column] = rest if column == each.whole else self.low[each.whole] - rest
                self.subtracted[column] = number
                waiting.extend(self._of[column])

    def narrow(self) -> None:
        """Let every sum bound its columns until nothing moves."""
        visits = [0] * len(self._sums)
        waiting, is_waiting = deque(range(len(self._sums))), [True] * len(self._sums)
        while waiting:
            number = waiting.popleft()
            is_waiting[number] = False
            visits[number] += 1
            for column in self._narrow(self._sums[number]) if visits[number] <= _VISITS else ():
                for other in self._of[column]:
                    if not is_waiting[other]:
                        is_waiting[other] = True
                        waiting.append(other)

    def _narrow(self, each: Sum) -> list[int]:
        least = sum(self.low[term] for term in each.terms)
        endless = [term for term in each.terms if self.high[term] is None]
        most = sum(self.high[term] or 0 for term in each.terms)
        moved = [each.whole] if self._keep(each.whole, least, None if endless else most) else []
        least_whole, most_whole = self.low[each.whole], self.high[each.whole]
        for term in each.terms:
            low, high = self.low[term], self.high[term]
            upper = None if most_whole is None else most_whole - (least - low)
            is_bounded = not endless or endless == [term]
            lower = least_whole - (most - (high or 0)) if is_bounded else low
            if self._keep(term, lower, upper):
                moved.append(term)
        return moved

    def _keep(self, column: int, low: int, high: int | None) -> bool:
        """Take the tighter ends; whether one moved."""
        before, known = self.low[column], self.high[column]
        self.low[column] = max(before, low)
        if high is not None and (known is None or high < known):
            self.high[column] = high
        return self.low[column] != before or self.high[column] != known


def blocks(system: System, bounds: Bounds) -> Sequence[Sequence[int]]:
    """The columns that are not known, in groups that nothing connects, each in order."""
    unknown = [column for column in range(len(system.columns)) if not bounds.is_known(column)]
    place = {column: at for at, column in enumerate(unknown)}
    together = [
        *((each.whole, *each.terms) for each in system.sums),
        *((each.numerator, each.denominator) for each in system.proportions),
        *((each.before, each.after) for each in system.changes),
    ]
    pairs = [
        (known[0], other)
        for group in together
        if len(known := [place[column] for column in group if column in place]) > 1
        for other in known[1:]
    ]
    if not unknown:
        return ()
    ends = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    graph = sparse.coo_matrix((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(len(unknown), len(unknown)))
    count, label = csgraph.connected_components(graph, directed=False)
    groups: list[list[int]] = [[] for _ in range(count)]
    for column, group in zip(unknown, label, strict=True):
        groups[int(group)].append(column)
    return groups
