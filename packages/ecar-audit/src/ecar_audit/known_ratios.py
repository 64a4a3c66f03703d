"""Ratios that everybody knows from data sheets, such as energy an hour of an accelerator, as bounds between figures."""

from collections.abc import Mapping, Sequence
from fractions import Fraction

from ecar_audit.system import Column, Proportion
from ecar_audit.values import Key, Ratio, Ways

Bounds = tuple[Fraction, Fraction]


def proportions(
    ratios: Sequence[Ratio],
    dimensions: Sequence[str],
    ways: Mapping[tuple[str, str], Ways],
    met: Mapping[tuple[str, Key], int],
    columns: Sequence[Column],
    scales: Mapping[str, int],
) -> tuple[list[Proportion], int]:
    """Every pair of figures of a vintage that a ratio binds, and how many of them the truth does not keep.

    A code that is the sum of codes with known ratios has one too: between the lowest and the highest of them.
    """
    found, widened = [], 0
    for numerator, denominator, dimension in dict.fromkeys((r.numerator, r.denominator, r.dimension) for r in ratios):
        if dimension not in dimensions or numerator not in scales or denominator not in scales:
            continue
        axis, unit = list(dimensions).index(dimension), Fraction(10) ** (scales[numerator] - scales[denominator])
        named = (r for r in ratios if (r.numerator, r.denominator, r.dimension) == (numerator, denominator, dimension))
        known = _upwards({each.code: (each.low, each.high) for each in named}, dimension, ways)
        for (measure, key), column in met.items():
            below = met.get((denominator, key))
            if measure != numerator or below is None or key[axis] not in known:
                continue
            low, high = (end * unit for end in known[key[axis]])
            kept = _as_far_as(low, high, columns[column].truth, columns[below].truth)
            widened += kept != (low, high)
            if kept is not None:
                found.append(Proportion(column, below, *kept))
    return found, widened


def _upwards(known: dict[str, Bounds], dimension: str, ways: Mapping[tuple[str, str], Ways]) -> Mapping[str, Bounds]:
    """The ratios of sums, from those of their terms."""
    is_growing = True
    while is_growing:
        is_growing = False
        for (name, parent), split in ways.items():
            for way in split:
                if name == dimension and parent not in known and all(code in known for code in way):
                    known[parent] = min(known[code][0] for code in way), max(known[code][1] for code in way)
                    is_growing = True
    return known


def _as_far_as(low: Fraction, high: Fraction, numerator: int, denominator: int) -> Bounds | None:
    """The bounds, widened where the truth lies outside; None where it keeps no ratio at all."""
    if not denominator:
        return None if numerator else (low, high)
    true = Fraction(numerator, denominator)
    return min(low, true), max(high, true)
