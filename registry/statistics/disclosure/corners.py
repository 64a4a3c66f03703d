"""A corner of a linear programme in exact fractions, from what the solver says of it in floating point.

At a corner some cells rest on a bound and all others follow from the sums. What follows is worked out here by
elimination over fractions, so that no precision of a solver matters.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from heapq import heapify, heappop, heappush
from math import lcm

Terms = Sequence[tuple[int, int]]
"""A sum that is zero: cells and signs."""


def corner(
    sums: Iterable[Terms], *, resting: Mapping[int, int], following: frozenset[int]
) -> tuple[dict[int, int], int] | None:
    """What moves, as whole numbers over a denominator, so that every sum is zero; None where that is not one corner.

    `resting` says by how much some cells move, `following` are those that follow; nothing else moves.
    """
    system = _System()
    for terms in sums:
        row = {cell: Fraction(sign) for cell, sign in terms if cell in following}
        system.add(row, Fraction(-sum(sign * resting.get(cell, 0) for cell, sign in terms if cell not in following)))
    found = system.solve()
    if found is None or found.keys() != following:
        return None
    denominator = lcm(*(each.denominator for each in found.values()))
    changes = {cell: by * denominator for cell, by in resting.items() if by and cell not in following}
    return changes | {cell: int(by * denominator) for cell, by in found.items() if by}, denominator


class _System:
    """Sparse equations over unknowns; each row by unknown its factor, with its right-hand side."""

    def __init__(self) -> None:
        self._rows: dict[int, dict[int, Fraction]] = {}
        self._rights: dict[int, Fraction] = {}
        self._standing: dict[int, set[int]] = defaultdict(set)

    def add(self, row: dict[int, Fraction], right: Fraction) -> None:
        number = len(self._rows)
        self._rows[number], self._rights[number] = row, right
        for unknown in row:
            self._standing[unknown].add(number)

    def solve(self) -> dict[int, Fraction] | None:
        """The unknowns, by elimination, shortest rows first; None where there is not exactly one answer."""
        steps = []
        queue = [(len(row), number) for number, row in self._rows.items()]
        heapify(queue)
        while queue:
            length, number = heappop(queue)
            if number not in self._rows or len(self._rows[number]) != length:
                continue
            row, right = self._rows.pop(number), self._rights.pop(number)
            if not row:
                if right:
                    return None
                continue
            for unknown in row:
                self._standing[unknown].discard(number)
            pivot = min(row, key=lambda each: (len(self._standing[each]), each))
            factor = row.pop(pivot)
            scaled = {unknown: by / factor for unknown, by in row.items()}
            steps.append((pivot, scaled, right / factor))
            for other in sorted(self._standing.pop(pivot)):
                self._subtract(other, *steps[-1])
                heappush(queue, (len(self._rows[other]), other))
        return _back(steps)

    def _subtract(self, number: int, pivot: int, scaled: Mapping[int, Fraction], right: Fraction) -> None:
        row = self._rows[number]
        factor = row.pop(pivot)
        self._rights[number] -= factor * right
        for unknown, by in scaled.items():
            left = row.get(unknown, 0) - factor * by
            if left:
                row[unknown] = left
                self._standing[unknown].add(number)
            else:
                row.pop(unknown, None)
                self._standing[unknown].discard(number)


def _back(steps: Sequence[tuple[int, Mapping[int, Fraction], Fraction]]) -> dict[int, Fraction] | None:
    found: dict[int, Fraction] = {}
    for pivot, scaled, right in reversed(steps):
        if not found.keys() >= scaled.keys():
            return None
        found[pivot] = right - sum((by * found[unknown] for unknown, by in scaled.items()), Fraction(0))
    return found
