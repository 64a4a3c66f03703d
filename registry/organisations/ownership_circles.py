"""What ownership needs of graphs and linear algebra: what is reached, what goes in a circle, exact solutions. Pure.

`direct` maps what is held to its owners with their shares, as everywhere in `ownership`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction

Direct = Mapping[str, Mapping[str, Fraction]]
Matrix = list[list[Fraction]]


def reached(start: Iterable[str], steps: Callable[[str], Iterable[str]]) -> frozenset[str]:
    """The start and everything that can be reached from it."""
    seen = set(start)
    waiting = list(seen)
    while waiting:
        for step in steps(waiting.pop()):
            if step not in seen:
                seen.add(step)
                waiting.append(step)
    return frozenset(seen)


def components(entities: Iterable[str], direct: Mapping[str, Iterable[str]]) -> list[frozenset[str]]:
    """The strongly connected components (Tarjan), owners before what they hold. A circle is one of more than one."""
    number: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    pending: set[str] = set()
    found: list[frozenset[str]] = []
    for first in sorted(entities):
        if first in number:
            continue
        path: list[tuple[str, Iterator[str]]] = [(first, iter(direct.get(first, ())))]
        _open(first, number, low, stack, pending)
        while path:
            key, owners = path[-1]
            for owner in owners:
                if owner not in number:
                    _open(owner, number, low, stack, pending)
                    path.append((owner, iter(direct.get(owner, ()))))
                    break
                if owner in pending:
                    low[key] = min(low[key], number[owner])
            else:
                path.pop()
                if path:
                    low[path[-1][0]] = min(low[path[-1][0]], low[key])
                if low[key] == number[key]:
                    found.append(_closed(key, stack, pending))
    return found


def _open(key: str, number: dict[str, int], low: dict[str, int], stack: list[str], pending: set[str]) -> None:
    number[key] = low[key] = len(number)
    stack.append(key)
    pending.add(key)


def _closed(key: str, stack: list[str], pending: set[str]) -> frozenset[str]:
    cut = stack.index(key) if stack[-1] != key else len(stack) - 1
    members = frozenset(stack[cut:])
    del stack[cut:]
    pending.difference_update(members)
    return members


def solved(ring: frozenset[str], direct: Direct, given: Mapping[str, Fraction]) -> dict[str, Fraction]:
    """The weights in a circle, where what enters it from below is `given`: solves `(I - A) w = given` exactly."""
    keys = sorted(ring)
    right = [[given.get(key, Fraction(0))] for key in keys]
    return {key: row[0] for key, row in zip(keys, _solve(_matrix(keys, direct), right), strict=True)}


def returns(rings: Iterable[frozenset[str]], direct: Direct) -> dict[str, Fraction]:
    """For each member of the circles the sum over all chains from it to itself, the empty one counted as one."""
    found: dict[str, Fraction] = {}
    for ring in rings:
        keys = sorted(ring)
        unit = [[Fraction(row == column) for column in range(len(keys))] for row in range(len(keys))]
        inverse = _solve(_matrix(keys, direct), unit)
        found |= {key: inverse[place][place] for place, key in enumerate(keys)}
    return found


def _matrix(keys: Sequence[str], direct: Direct) -> Matrix:
    """`I - A` for the keys, where `A[owner][held]` is the direct share."""
    nothing = Fraction(0)
    return [[Fraction(owner == held) - direct.get(held, {}).get(owner, nothing) for held in keys] for owner in keys]


def _solve(matrix: Matrix, right: Matrix) -> Matrix:
    """Gauss and Jordan with fractions. The matrix is regular: a circle that owns all of itself is not brought here."""
    rows = [[*left, *other] for left, other in zip(matrix, right, strict=True)]
    for column in range(len(rows)):
        pivot = next(place for place in range(column, len(rows)) if rows[place][column])
        rows[column], rows[pivot] = rows[pivot], rows[column]
        head = rows[column]
        rows[column] = head = [value / head[column] for value in head]
        for place, row in enumerate(rows):
            if place != column and row[column]:
                factor = row[column]
                rows[place] = [value - factor * above for value, above in zip(row, head, strict=True)]
    return [row[len(rows) :] for row in rows]
