"""The truth added up: who adds how much to each cell, as whole numbers of one unit for each measure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from itertools import product

from ecar_audit.frame import Frame
from ecar_audit.refusals import BadInput
from ecar_audit.values import Bundle, Contribution, Key, Measure, Truth

Figures = Mapping[tuple[str, Key], Mapping[str, int]]
"""By measure and cell: what each holding adds."""


def additive(bundles: Iterable[Bundle]) -> Mapping[str, Measure]:
    """The measures that sum up, by id, each with the most decimals that any bundle gives it."""
    found: dict[str, Measure] = {}
    for each in (measure for bundle in bundles for measure in bundle.measures if measure.is_additive):
        if each.id not in found or each.decimals > found[each.id].decimals:
            found[each.id] = each
    return found


def scales(measures: Mapping[str, Measure], contributions: Sequence[Contribution]) -> Mapping[str, int]:
    """By measure: the decimals of a unit in which every figure and every half step of rounding is whole."""
    found = {name: measure.decimals for name, measure in measures.items()}
    for each in contributions:
        if each.measure in found:
            found[each.measure] = max(found[each.measure], _decimals(each.value))
    return {name: decimals + 1 for name, decimals in found.items()}


def steps(
    measures: Mapping[str, Measure], contributions: Sequence[Contribution], scale: Mapping[str, int]
) -> Mapping[str, int]:
    """By measure: the smallest change of a figure in units; one unit where figures are finer than what is published."""
    fine = {each.measure for each in contributions if _is_finer(each, measures)}
    return {name: 1 if name in fine else 10 ** (scale[name] - each.decimals) for name, each in measures.items()}


def units(value: Decimal, scale: int) -> int:
    """The value in whole units of `10 ** -scale`."""
    sign, digits, exponent = value.as_tuple()
    places = int(exponent) + scale
    whole = int("".join(map(str, digits)) or "0")
    return int(whole * 10**places if places >= 0 else whole // 10**-places)


def _decimals(value: Decimal) -> int:
    return max(0, -int(value.normalize().as_tuple().exponent))


def _is_finer(each: Contribution, measures: Mapping[str, Measure]) -> bool:
    return each.measure in measures and _decimals(each.value) > measures[each.measure].decimals


def added_up(
    frame: Frame, bundle: Bundle, truth: Truth, needed: frozenset[Key], scale: Mapping[str, int]
) -> dict[tuple[str, Key], dict[str, int]]:
    """What each holding adds to every needed cell. Raises `BadInput` for what lies nowhere or is not described."""
    lines = frame.lines(bundle, truth)
    axes = [truth.dimensions.index(name) if name in truth.dimensions else None for name in frame.dimensions]
    measures = {each.id for each in bundle.measures}
    cells: dict[Key, tuple[Key, ...]] = {}
    found: dict[tuple[str, Key], dict[str, int]] = defaultdict(dict)
    for number, each in enumerate(truth.contributions, start=2):
        if each.measure not in measures:
            raise BadInput(f"{truth.place}:{number}", f"{each.measure} is no measure of {bundle.place}")
        if each.codes not in cells:
            cells[each.codes] = _cells(each, frame, lines, axes, needed, f"{truth.place}:{number}")
        if each.measure not in scale:
            continue
        amount = units(each.value, scale[each.measure])
        for key in cells[each.codes] if amount else ():
            parts = found[each.measure, key]
            parts[each.holding] = parts.get(each.holding, 0) + amount
    return found


def _cells(
    each: Contribution,
    frame: Frame,
    lines: Sequence[Mapping[str, tuple[str, ...]]],
    axes: Sequence[int | None],
    needed: frozenset[Key],
    place: str,
) -> tuple[Key, ...]:
    """Every needed cell in which a contribution is counted."""
    ways = []
    for name, line, axis in zip(frame.dimensions, lines, axes, strict=True):
        if axis is None:
            ways.append(next(iter(line.values())))
        elif each.codes[axis] in line:
            ways.append(line[each.codes[axis]])
        else:
            raise BadInput(place, f"{each.codes[axis]!r} is no leaf of {name}")
    return tuple(key for key in product(*ways) if key in needed)
