"""Withheld cells together: where the sum of some would tell too much, it is a figure of its own like any cell."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from registry.statistics.disclosure.cube import Cube, Equation


def united(cube: Cube, measure: str, places: Sequence[int]) -> tuple[Cube, int]:
    """The cube with one place more, in one measure: the sum of these places, which share no contribution."""
    place, measured = len(cube.cells), cube.measures[measure]
    together: dict[str, int] = defaultdict(int)
    for each in places:
        for holding, part in measured.parts[each].items():
            together[holding] += part
    measures = {name: replace(each, parts=(*each.parts, {})) for name, each in cube.measures.items()}
    measures[measure] = replace(
        measured,
        parts=(*measured.parts, dict(sorted(together.items()))),
        sums=(*measured.sums, Equation(place, tuple(sorted(places)))),
    )
    key = (*cube.cells[places[0]], measure, str(place))
    return replace(cube, cells=(*cube.cells, key), heights=(*cube.heights, 0), measures=measures), place
