"""What everybody knows between measures, such as energy per hour of an accelerator, as limits on what a cell may move.

A witness changes one measure and leaves the others as they are. It fits what is known of a ratio as long as the cell
stays between the limits that the other measure sets it; that is more than needed, and therefore safe.
"""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from math import floor

from registry.statistics.disclosure.cube import Cube
from registry.statistics.disclosure.rules import Ratio

Leeway = Mapping[int, tuple[int, int | None]]
"""By place how far a cell may fall and rise, in units of its measure; None: without limit."""


def leeway(cube: Cube, name: str, *, ratios: Sequence[Ratio]) -> Leeway:
    """The limits on the cells of one measure. A cell without figures in the other measure has none."""
    limits: dict[int, tuple[int, int | None]] = {}
    for ratio in ratios:
        for place, low, high in _bounds(cube, name, ratio):
            total = cube.measures[name].totals[place]
            fall, rise = limits.get(place, (total, None))
            above = max(0, floor(high - total))
            limits[place] = max(0, min(fall, floor(total - low))), above if rise is None else min(rise, above)
    return limits


def _bounds(cube: Cube, name: str, ratio: Ratio) -> Iterator[tuple[int, Fraction, Fraction]]:
    """Between what the measure lies, where the ratio is known of it and of a measure of the cube."""
    if name not in (ratio.numerator, ratio.denominator) or ratio.dimension not in cube.dimensions:
        return
    is_above = name == ratio.numerator
    other = cube.measures.get(ratio.denominator if is_above else ratio.numerator)
    if other is None:
        return
    axis = cube.dimensions.index(ratio.dimension)
    unit = Fraction(10) ** (cube.measures[name].decimals - other.decimals)
    factors = (ratio.low, ratio.high) if is_above else (1 / ratio.high, 1 / ratio.low)
    for place, key in enumerate(cube.cells):
        if key[axis] == ratio.code and other.totals[place]:
            yield place, *(other.totals[place] * unit * factor for factor in factors)
