"""Linked tables over one set of contributions: their cells, who contributes how much to each, and every sum they show.

A cell is known by its code in every dimension of the system; a table that leaves a dimension out shows its top. Cells
that two tables share are therefore one, and all tables stand in one system of equations. Amounts are exact integers in
the unit of their measure.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from itertools import product

Key = tuple[str, ...]
"""The codes of a cell, in the order of the dimensions of the cube."""


@dataclass(frozen=True)
class Hierarchy:
    """How the codes of a dimension add up: each parent with its ways of being split, each a list of children.

    Two ways to split one parent are two hierarchies over the same leaves. Raises ValueError where not exactly one code
    is nobody's child, or where a code is its own ancestor.
    """

    dimension: str
    parents: Mapping[str, tuple[tuple[str, ...], ...]]

    def __post_init__(self) -> None:
        if len(self._tops) != 1:
            raise ValueError(f"{self.dimension} has {len(self._tops)} codes above all others: it needs exactly one")
        for code in self.codes:
            self._climb(code, ())

    @cached_property
    def _tops(self) -> tuple[str, ...]:
        children = {child for ways in self.parents.values() for way in ways for child in way}
        return tuple(sorted(set(self.parents) - children))

    @cached_property
    def _above(self) -> Mapping[str, tuple[str, ...]]:
        above: dict[str, set[str]] = defaultdict(set)
        for parent, ways in self.parents.items():
            for child in (child for way in ways for child in way):
                above[child].add(parent)
        return {code: tuple(sorted(parents)) for code, parents in above.items()}

    @property
    def top(self) -> str:
        """The code of the total."""
        return self._tops[0]

    @cached_property
    def codes(self) -> tuple[str, ...]:
        """Every code, sorted."""
        return tuple(sorted({*self.parents, *self._above}))

    @cached_property
    def leaves(self) -> frozenset[str]:
        """The codes that are not split."""
        return frozenset(self.codes) - set(self.parents)

    @cached_property
    def _lines(self) -> Mapping[str, tuple[str, ...]]:
        return {code: self._climb(code, ()) for code in self.codes}

    def line(self, code: str) -> tuple[str, ...]:
        """The code and everything it is part of, sorted. Raises KeyError for a code that is not in the hierarchy."""
        return self._lines[code]

    @cached_property
    def heights(self) -> Mapping[str, int]:
        """How many levels stand below each code; 0 for a leaf."""
        found: dict[str, int] = {}

        def height(code: str) -> int:
            if code not in found:
                below = [child for way in self.parents.get(code, ()) for child in way]
                found[code] = 1 + max(map(height, below)) if below else 0
            return found[code]

        return {code: height(code) for code in self.codes}

    def _climb(self, code: str, below: tuple[str, ...]) -> tuple[str, ...]:
        if code in below:
            raise ValueError(f"{self.dimension}: {code} is part of itself")
        lines = (self._climb(parent, (*below, code)) for parent in self._above.get(code, ()))
        return tuple(sorted({code, *(each for line in lines for each in line)}))


@dataclass(frozen=True)
class Contribution:
    """What one provider of a holding adds to one place: a leaf code in every dimension; the amount is not negative.

    `has_waiver` tells that the holding agreed, signed, that this figure of its own may be told.
    """

    holding: str
    provider: str
    key: Mapping[str, str]
    measure: str
    value: Decimal
    has_waiver: bool = False


@dataclass(frozen=True)
class TableSpec:
    """One table to be published: its dimensions, and for some of them the only codes it shows (none named: all)."""

    id: str
    dimensions: tuple[str, ...]
    codes: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Equation:
    """A cell is the sum of others: places in `Cube.cells`."""

    parent: int
    children: tuple[int, ...]


@dataclass(frozen=True)
class Measured:
    """One measure of a cube: for each cell who adds how much, in units of `10 ** -decimals`; nobody to an empty one.

    `sums` hold for it besides those of the cube. What everybody was told before is `known`. `loose` places are changes:
    they may go any way, and their parts say by how much the figure of each holding is another.
    """

    parts: tuple[Mapping[str, int], ...]
    decimals: int
    waived: frozenset[str]
    sums: tuple[Equation, ...] = ()
    known: frozenset[int] = frozenset()
    loose: frozenset[int] = frozenset()

    @cached_property
    def totals(self) -> tuple[int, ...]:
        """The value of each cell."""
        return tuple(sum(parts.values()) for parts in self.parts)


@dataclass(frozen=True)
class Cube:
    """Every cell of the linked tables in order, the sums between them, and each measure.

    `levels` say for the codes of each dimension how many levels stand below, `heights` the same of cells in all.
    """

    dimensions: tuple[str, ...]
    cells: tuple[Key, ...]
    equations: tuple[Equation, ...]
    measures: Mapping[str, Measured]
    heights: tuple[int, ...]
    levels: tuple[Mapping[str, int], ...]
    tables: Mapping[str, tuple[int, ...]]

    @cached_property
    def places(self) -> Mapping[Key, int]:
        """Where each cell stands."""
        return {key: place for place, key in enumerate(self.cells)}

    def sums_of(self, measure: str) -> tuple[Equation, ...]:
        """Every sum that holds for a measure."""
        return (*self.equations, *self.measures[measure].sums)


def tabulate(
    contributions: Iterable[Contribution], *, specs: Sequence[TableSpec], hierarchies: Mapping[str, Hierarchy]
) -> Cube:
    """Add up. Every cell of every table is there, empty ones too, so that the rows do not depend on the data.

    Raises ValueError for a contribution that is negative, lies on a code that is not a leaf, or lacks a dimension, and
    for a table over an unknown dimension or code.
    """
    dimensions = tuple(sorted({name for spec in specs for name in spec.dimensions}))
    trees = [_tree(hierarchies, name) for name in dimensions]
    shown = {spec.id: _cells_of(spec, dimensions, trees) for spec in specs}
    cells = tuple(sorted({key for keys in shown.values() for key in keys}))
    places = {key: place for place, key in enumerate(cells)}
    return Cube(
        dimensions=dimensions,
        cells=cells,
        equations=tuple(_equations(shown, places, trees)),
        measures=_measured(contributions, dimensions, trees, places),
        heights=tuple(sum(tree.heights[code] for tree, code in zip(trees, key, strict=True)) for key in cells),
        levels=tuple(tree.heights for tree in trees),
        tables={name: tuple(places[key] for key in keys) for name, keys in shown.items()},
    )


def _tree(hierarchies: Mapping[str, Hierarchy], name: str) -> Hierarchy:
    if name not in hierarchies:
        raise ValueError(f"the dimension {name} has no hierarchy")
    return hierarchies[name]


def _cells_of(spec: TableSpec, dimensions: Sequence[str], trees: Sequence[Hierarchy]) -> tuple[Key, ...]:
    axes = []
    for name, tree in zip(dimensions, trees, strict=True):
        chosen = spec.codes.get(name, frozenset(tree.codes)) if name in spec.dimensions else frozenset({tree.top})
        if unknown := chosen - set(tree.codes):
            raise ValueError(f"{spec.id}: {name} has no code {sorted(unknown)[0]}")
        axes.append(sorted(chosen))
    return tuple(product(*axes))


def _equations(
    shown: Mapping[str, Sequence[Key]], places: Mapping[Key, int], trees: Sequence[Hierarchy]
) -> Iterator[Equation]:
    """Every sum of which one table shows all terms, each once."""
    seen: set[tuple[int, tuple[int, ...]]] = set()
    for _, keys in sorted(shown.items()):
        known = set(keys)
        for key in keys:
            for axis, tree in enumerate(trees):
                for way in tree.parents.get(key[axis], ()):
                    children = [(*key[:axis], code, *key[axis + 1 :]) for code in way]
                    if not known.issuperset(children):
                        continue
                    found = places[key], tuple(sorted(places[child] for child in children))
                    if found not in seen:
                        seen.add(found)
                        yield Equation(*found)


def _measured(
    contributions: Iterable[Contribution],
    dimensions: Sequence[str],
    trees: Sequence[Hierarchy],
    places: Mapping[Key, int],
) -> Mapping[str, Measured]:
    by_measure: dict[str, list[Contribution]] = defaultdict(list)
    for each in contributions:
        _require_sound(each, dimensions, trees)
        by_measure[each.measure].append(each)
    return {measure: _measure(listed, dimensions, trees, places) for measure, listed in sorted(by_measure.items())}


def _require_sound(each: Contribution, dimensions: Sequence[str], trees: Sequence[Hierarchy]) -> None:
    if not each.value.is_finite() or each.value < 0:
        raise ValueError(f"{each.measure} of {each.provider} is {each.value}: amounts are not negative")
    for name, tree in zip(dimensions, trees, strict=True):
        if each.key.get(name) not in tree.leaves:
            raise ValueError(f"{each.provider} lies on {each.key.get(name)} of {name}, which is not a leaf")


def _measure(
    listed: Sequence[Contribution], dimensions: Sequence[str], trees: Sequence[Hierarchy], places: Mapping[Key, int]
) -> Measured:
    decimals = max(max(0, -int(each.value.normalize().as_tuple().exponent)) for each in listed)
    at_leaf: dict[tuple[Key, str], int] = defaultdict(int)
    for each in listed:
        at_leaf[tuple(each.key[name] for name in dimensions), each.holding] += int(each.value.scaleb(decimals))
    parts: list[dict[str, int]] = [{} for _ in places]
    for (leaf, holding), amount in sorted(at_leaf.items()):
        for key in product(*(tree.line(code) for tree, code in zip(trees, leaf, strict=True))):
            if amount and key in places:
                shares = parts[places[key]]
                shares[holding] = shares.get(holding, 0) + amount
    told = dict.fromkeys({each.holding for each in listed}, True)
    for each in listed:
        told[each.holding] &= each.has_waiver
    return Measured(tuple(parts), decimals, frozenset(name for name, is_told in told.items() if is_told))
