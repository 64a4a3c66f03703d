"""Which cells tell too much about one holding, to whom, and how far every estimate must be off.

The unit is the holding, the group under one ultimate parent, so that three companies of one owner count once. Sources:
Handbook on Statistical Disclosure Control, 2nd edition (2025), 4.2 (minimum frequency, p % rule, protection levels,
holdings, waivers). Parameters in production are sealed settings and differ from these defaults: neither they nor
amounts that follow from them show in what is printed or logged.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import combinations
from math import ceil

from registry.statistics.disclosure.cube import Cube

Attackers = tuple[str, ...]
"""Holdings that put together what they know, sorted; none: somebody who contributes nothing to the cell."""
_SUSPECTS = 8  # the largest contributors from which coalitions are formed; the next can learn less than these


@dataclass(frozen=True, repr=False)
class Ratio:
    """What everybody knows of two measures: numerator over denominator, in their units, for a code of a dimension."""

    numerator: str
    denominator: str
    dimension: str
    code: str
    low: Fraction
    high: Fraction

    def __post_init__(self) -> None:
        if not 0 < self.low <= self.high:
            raise ValueError("the bounds of a ratio are positive and in order")

    def __repr__(self) -> str:
        """Bounds are sealed."""
        return f"Ratio({self.numerator} / {self.denominator}, sealed)"


@dataclass(frozen=True, repr=False)
class Rules:
    """How strict to be. `coalition` is how many holdings may put together what they know.

    `admitted_share` is the share of sensitive among the cells with figures above which a table is not admitted.
    `ratios` are what everybody knows between measures.
    """

    minimum_holdings: int = 3
    p_percent: Fraction = Fraction(10)
    coalition: int = 1
    dominance: tuple[int, Fraction] | None = None
    admitted_share: Fraction = Fraction(40, 100)
    ratios: tuple[Ratio, ...] = ()

    def __post_init__(self) -> None:
        if self.minimum_holdings < 1:
            raise ValueError("at least one holding has to contribute to anything")
        if self.p_percent <= 0:
            raise ValueError("p is a positive percentage")
        if self.coalition < 1:
            raise ValueError("a coalition has at least one member")

    def __repr__(self) -> str:
        """Parameters are sealed."""
        return "Rules(sealed)"


@dataclass(frozen=True, order=True)
class Requirement:
    """Of a cell (its place), the attackers' interval must reach `amount` beyond the value, up and down.

    `amount` is in the unit of the measure. Without attackers it stands for everybody who contributes nothing here.
    """

    measure: str
    place: int
    attackers: Attackers = field(repr=False)
    amount: int = field(repr=False)


def assess(cube: Cube, rules: Rules) -> tuple[Requirement, ...]:
    """Every requirement of every sensitive cell, in order. A cell without contributions asks for nothing."""
    return tuple(
        Requirement(measure, place, attackers, amount)
        for measure, measured in cube.measures.items()
        for place, parts in enumerate(measured.parts)
        for attackers, amount in needs_of(parts, waived=measured.waived, rules=rules)
    )


def sensitive(cube: Cube, rules: Rules) -> frozenset[int]:
    """The places of cells that must not be shown; one pattern for all measures, so any of them is enough."""
    return frozenset(each.place for each in assess(cube, rules))


def needs_of(parts: Mapping[str, int], *, waived: frozenset[str], rules: Rules) -> Iterator[tuple[Attackers, int]]:
    """Who must be kept how far from the sum of these parts, by holding; nothing where it may be told."""
    targets = {holding: part for holding, part in parts.items() if holding not in waived}
    if not targets:
        return
    share, total = rules.p_percent / 100, sum(parts.values())
    has_other_reason = len(parts) < rules.minimum_holdings or _is_dominated(parts, total, rules)
    if not has_other_reason and _need(_strongest(parts, targets, rules), targets, parts, total, share) <= 0:
        return
    # The yardstick of a cell that is sensitive for another reason: p % of its largest contribution.
    floor = share * max(targets.values()) if has_other_reason else Fraction(0)
    yield (), max(1, ceil(max(_need((), targets, parts, total, share), floor)))
    for attackers in _insiders(parts, rules):
        amount = _need(attackers, targets, parts, total, share)
        if amount > 0:
            yield attackers, ceil(amount)


def _strongest(parts: Mapping[str, int], targets: Mapping[str, int], rules: Rules) -> Attackers:
    """Those who learn most: the largest beside the largest target."""
    target = max(targets, key=lambda holding: (targets[holding], holding))
    others = sorted((holding for holding in parts if holding != target), key=lambda each: (-parts[each], each))
    return tuple(sorted(others[: rules.coalition]))


def _insiders(parts: Mapping[str, int], rules: Rules) -> Iterator[Attackers]:
    """Every contributor, and coalitions of the largest."""
    yield from ((holding,) for holding in sorted(parts))
    suspects = sorted(sorted(parts, key=lambda each: (-parts[each], each))[:_SUSPECTS])
    for size in range(2, rules.coalition + 1):
        yield from combinations(suspects, size)


def _need(
    attackers: Attackers, targets: Mapping[str, int], parts: Mapping[str, int], total: int, share: Fraction
) -> Fraction:
    """How far beyond the value the interval of these attackers must reach so that no other's part is told to p %."""
    known = sum(parts[each] for each in attackers)
    others = (part for holding, part in targets.items() if holding not in attackers)
    return max((share * part - (total - part - known) for part in others), default=Fraction(0))


def _is_dominated(parts: Mapping[str, int], total: int, rules: Rules) -> bool:
    if rules.dominance is None or not total:
        return False
    number, percent = rules.dominance
    return sum(sorted(parts.values(), reverse=True)[:number]) * 100 > percent * total


@dataclass(frozen=True)
class TableReport:
    """Whether a table is worth publishing, by the share of sensitive cells among those with figures.

    `coarser` gives the same share without the lowest level of one dimension, for each; `advice` names those dimensions
    whose lowest level is one too many, the least sensitive table first; none where no single step is enough.
    """

    share: Fraction
    is_admitted: bool
    coarser: Mapping[str, Fraction]
    advice: tuple[str, ...]


def plan(cube: Cube, rules: Rules) -> TableReport:
    """Look at a table before it is protected: admitted, or where to coarsen it by one level."""
    hidden = sensitive(cube, rules)
    filled = {place for each in cube.measures.values() for place, parts in enumerate(each.parts) if parts}

    def share(places: set[int]) -> Fraction:
        return Fraction(len(hidden & places), len(places)) if places else Fraction(0)

    coarser = {
        name: share({place for place in filled if cube.levels[axis][cube.cells[place][axis]]})
        for axis, name in enumerate(cube.dimensions)
    }
    enough = sorted((found, name) for name, found in coarser.items() if found <= rules.admitted_share)
    is_admitted = share(filled) <= rules.admitted_share
    return TableReport(share(filled), is_admitted, coarser, () if is_admitted else tuple(name for _, name in enough))
