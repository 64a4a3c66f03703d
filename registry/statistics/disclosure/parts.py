"""Parts of a system of sums that can be made anew one after the other: blocks that share no sum, and slices of them."""

from collections import defaultdict
from collections.abc import Sequence
from itertools import chain

from registry.statistics.disclosure.cube import Cube


def blocks(cube: Cube, *, movable: frozenset[int]) -> tuple[tuple[int, ...], ...]:
    """The cells that may move, apart where no chain of sums connects them; each block and all of them in order."""
    root = {place: place for place in movable}

    def find(place: int) -> int:
        while root[place] != place:
            root[place] = root[root[place]]
            place = root[place]
        return place

    for equation in chain(cube.equations, *(each.sums for each in cube.measures.values())):
        terms = [place for place in (equation.parent, *equation.children) if place in root]
        for place in terms[1:]:
            first, other = sorted((find(terms[0]), find(place)))
            root[other] = first
    found: dict[int, list[int]] = defaultdict(list)
    for place in sorted(movable):
        found[find(place)].append(place)
    return tuple(tuple(found[key]) for key in sorted(found))


def slices(cube: Cube, *, block: Sequence[int]) -> tuple[tuple[int, ...], ...]:
    """The cells of a block by their code in that dimension which has the most codes in it."""
    by_axis = []
    for axis in range(len(cube.dimensions)):
        by_code: dict[str, list[int]] = defaultdict(list)
        for place in block:
            by_code[cube.cells[place][axis]].append(place)
        by_axis.append(by_code)
    chosen = max(by_axis, key=len)
    return tuple(tuple(chosen[code]) for code in sorted(chosen))
