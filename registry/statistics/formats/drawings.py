"""The charts of a release as files: for each table a map where it has Member States, else bars by class.

Drawn from published cells only: what is withheld is hatched and has one length, and nothing is added up over it. The
words are English; pages draw the same charts in the reader's language.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain
from typing import Final

from registry.charts import bars, europe, svg
from registry.statistics.formats.observations import codes, plain
from registry.statistics.formats.standing_alone import standing_alone
from registry.statistics.published import Measure, PublishedRelease, Table

STEPS: Final = 5  # shades of the map
LARGE: Final = Decimal(10) ** 9  # from here on a value is told as a power of ten
MEMBERS: Final = frozenset(europe.geometry()["members"])


@dataclass(frozen=True)
class Breakdown:
    """One measure of a table by the classes of one dimension at one moment, all else taken whole; None is withheld.

    `places` are the Member States that lie in each class, where the classes are such.
    """

    measure: Measure
    moment: str
    dimension: str
    values: Mapping[str, Decimal | None]
    places: Mapping[str, frozenset[str]]

    @property
    def is_map(self) -> bool:
        """Whether the classes are the Member States, or groups of them."""
        return sorted(chain.from_iterable(self.places.values())) == sorted(MEMBERS)

    @property
    def is_grouped(self) -> bool:
        """Whether a class has several Member States."""
        return self.is_map and len(self.values) < len(MEMBERS)

    @property
    def withheld(self) -> int:
        """How many values are."""
        return sum(value is None for value in self.values.values())

    @property
    def bounds(self) -> tuple[Decimal, ...]:
        """Where the second to the last shade begin: round numbers near the fifths of the values above zero."""
        ordered = sorted(value for value in self.values.values() if value)
        cuts = {_rounded(ordered[len(ordered) * step // STEPS]) for step in range(1, STEPS)} if ordered else set()
        return tuple(sorted(cut for cut in cuts if cut > ordered[0]))

    def step(self, value: Decimal) -> int:
        """Which shade a value has."""
        return sum(value >= bound for bound in self.bounds)


def charts(release: PublishedRelease) -> dict[str, bytes]:
    """Every chart by its path, `charts/<table>.svg`."""
    return {
        f"charts/{table.id}.svg": standing_alone(_drawn(release, table, found))
        for table in release.tables
        if (found := breakdown(release, table)) is not None
    }


def tops(release: PublishedRelease, table: Table) -> dict[str, str]:
    """The code of each dimension but time that is part of no other in the table: the whole of it."""
    listed = dict(zip(table.dimensions, codes(release, table), strict=True))
    found = {}
    for name in table.dimensions:
        if name != table.time:
            inner = {child for _, child in _parts(release, name)}
            found[name] = next(code for code in listed[name] if code not in inner)
    return found


def moments(release: PublishedRelease, table: Table) -> tuple[str, ...]:
    """The finest moments of the table, oldest first."""
    listed = codes(release, table)[table.dimensions.index(table.time)]
    return tuple(sorted(code for code in listed if not release.dimension[table.time].splits.get(code)))


def classes(release: PublishedRelease, table: Table, name: str) -> tuple[str, ...]:
    """What a dimension is shown by: the Member States where the table has them all, else the parts of the whole."""
    listed = codes(release, table)[table.dimensions.index(name)]
    if set(listed) >= MEMBERS:
        return tuple(code for code in listed if code in MEMBERS)
    top = tops(release, table)[name]
    whole = [child for parent, child in _parts(release, name) if parent == top]
    return tuple(code for code in listed if code in whole)


def value_at(table: Table, measure: str, chosen: Mapping[str, str]) -> Decimal | None:
    """The value of one cell, named by a code of each dimension. Raises KeyError where the table has no such cell."""
    place = table.measures.index(measure)
    return table.by_key[tuple(chosen[name] for name in table.dimensions)].values[place]


def breakdown(release: PublishedRelease, table: Table, *, measure: str = "") -> Breakdown | None:
    """The table's first dimension, by its newest moment; None where there is nothing to break down."""
    by = next((name for name in table.dimensions if name != table.time), None)
    if by is None or not (shown := classes(release, table, by)):
        return None
    measured = measure or table.measures[0]
    newest = moments(release, table)[-1]
    whole = {**tops(release, table), table.time: newest}
    values = {code: value_at(table, measured, {**whole, by: code}) for code in shown}
    places = {code: _members(release, by, code) for code in shown}
    return Breakdown(release.measure[measured], newest, by, values, places)


def map_values(found: Breakdown, *, hidden: str, shown: Callable[[Decimal], str]) -> dict[str, europe.MapValue]:
    """The values as the map takes them, by Member State: a shade each, none for zero, hatched where withheld."""
    return {
        place: europe.MapValue(None, hidden, confidential=True)
        if value is None
        else europe.MapValue(found.step(value) if value else None, shown(value))
        for code, value in found.values.items()
        for place in found.places[code]
    }


def map_names(found: Breakdown, labels: Mapping[str, str]) -> dict[str, str]:
    """What each Member State on the map is called: by its own name or its group's, whose value it shows."""
    return {place: labels[code] for code, places in found.places.items() for place in places}


def _members(release: PublishedRelease, name: str, code: str) -> frozenset[str]:
    """The Member States in a class: itself, or those among its parts."""
    if code in MEMBERS:
        return frozenset({code})
    inner = (_members(release, name, child) for parent, child in _parts(release, name) if parent == code)
    return frozenset().union(*inner)


def _parts(release: PublishedRelease, name: str) -> Iterator[tuple[str, str]]:
    """Every code that is part of another, after that other."""
    for parent, splits in release.dimension[name].splits.items():
        for split in splits:
            yield from ((parent, child) for child in split)


def _rounded(cut: Decimal) -> Decimal:
    """The two leading digits."""
    return cut.quantize(Decimal(1).scaleb(max(cut.adjusted() - 1, 0))) if cut >= 1 else cut


def _drawn(release: PublishedRelease, table: Table, found: Breakdown) -> str:
    names = {code.id: code.label["en"] for code in release.dimension[found.dimension].codes}
    title = f"{table.title['en']}: {found.measure.label['en']} ({found.measure.unit}), {found.moment}"
    finding = f"{found.withheld} of {len(found.values)} values are confidential."
    if found.is_map:
        return europe.choropleth(
            uid=f"chart-{table.id}",
            title=title,
            finding=finding,
            values=map_values(found, hidden="c, confidential", shown=lambda value: said(value, found.measure)),
            names=map_names(found, names),
            not_covered="European Economic Area, not covered",
            nothing="0",
        )
    rows = [
        bars.Bar(names[code], None if value is None else float(value), said(value, found.measure))
        for code, value in found.values.items()
    ]
    return bars.bars(uid=f"chart-{table.id}", title=title, finding=finding, rows=rows)


def said(value: Decimal | None, measure: Measure) -> str:
    """A value as a chart tells it: `c` where withheld, three digits and a power of ten where large."""
    if value is None:
        return "c"
    if abs(value) >= LARGE:
        return f"{value.scaleb(-value.adjusted()):.2f} × {svg.power(value.adjusted())}"
    return f"{value:.0f}" if abs(value) >= 1000 else plain(value, decimals=measure.decimals)
