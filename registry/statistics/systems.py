"""The system of a subject: the tables that count the same things, their dimensions, and what earlier vintages showed.

Pure. Whatever stands in one system is protected together (design, section 11).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace

from registry.periods import Quarter
from registry.statistics import definitions
from registry.statistics.assembling import hierarchy
from registry.statistics.definitions import Subject, TableRule
from registry.statistics.disclosure.cube import Cube, Hierarchy, TableSpec, tabulate
from registry.statistics.disclosure.earlier import Vintage
from registry.statistics.facts import Fact, Key, contributions
from registry.statistics.published import Dimension, PublishedRelease

Codes = Mapping[str, frozenset[str]]
"""By dimension the codes that readers know of."""


@dataclass(frozen=True)
class Earlier:
    """A vintage of the same year that was published before: what it shows, and all the facts behind it."""

    release: PublishedRelease
    facts: tuple[Fact, ...] = field(repr=False)


@dataclass(frozen=True)
class Setting:
    """What stays the same while a system is worked on: dimensions, how their codes add up, rules of tables."""

    subject: Subject
    dimensions: Mapping[str, Dimension]
    trees: Mapping[str, Hierarchy]
    rules: tuple[TableRule, ...]
    additive: frozenset[str]

    def cube(self, facts: Sequence[Fact], specs: Sequence[TableSpec]) -> Cube:
        """The facts added up over these tables."""
        counted = contributions(facts, measures=self.additive)
        return tabulate(counted, specs=specs, hierarchies=self.trees)

    def specs(self) -> list[TableSpec]:
        """Every table whole."""
        return [self._spec(rule, is_coarser=False) for rule in self.rules]

    def specs_shown(self, coarser: AbstractSet[str], known: Codes) -> list[TableSpec]:
        """Every table as it is shown; then, of those that lose codes which others show, what is left out of them.

        A figure that a table leaves out is withheld like any other: readers know that it exists.
        """
        shown = [self._spec(rule, is_coarser=rule.id in coarser) for rule in self.rules]
        left_out = [
            TableSpec(
                f"{each.id}, whole", each.dimensions, {name: each.codes[name] & known[name] for name in each.codes}
            )
            for each in self.specs()
            if each.id in coarser
        ]
        return [*shown, *left_out]

    def known(self, coarser: AbstractSet[str], earlier: Sequence[Earlier]) -> Codes:
        """The codes that any table shows, here or in an earlier vintage."""
        found: dict[str, set[str]] = defaultdict(set)
        for spec in (self._spec(rule, is_coarser=rule.id in coarser) for rule in self.rules):
            for name in spec.dimensions:
                found[name] |= spec.codes[name]
        for table in (table for each in earlier for table in each.release.tables):
            for axis, name in enumerate(table.dimensions):
                found[name] |= {cell.key[axis] for cell in table.cells}
        return {name: frozenset(codes) for name, codes in found.items()}

    def key(self, cube: Cube, rule: TableRule, place: int) -> Key:
        """The codes of a cell in the order of the table's dimensions."""
        said = dict(zip(cube.dimensions, cube.cells[place], strict=True))
        return tuple(said[name] for name in (self.subject.period, *rule.dimensions))

    def vintage(self, earlier: Earlier, known: Codes) -> Vintage | None:
        """All that an earlier vintage told of this subject; None where it told nothing."""
        tables = {table.id: table for table in earlier.release.tables}
        rules = [rule for rule in self.rules if rule.id in tables]
        listed = (each for each in earlier.release.dimensions if each.id == self.subject.period)
        periods = frozenset(code.id for each in listed for code in each.codes)
        if not rules or periods.isdisjoint(self.trees[self.subject.period].codes):
            return None
        cube = self._cube_of_then(earlier.facts, rules, {**known, self.subject.period: periods})
        shown: dict[str, set[int]] = defaultdict(set)
        withheld: set[int] = set()
        for rule in rules:
            values = {cell.key: cell.values for cell in tables[rule.id].cells}
            for place in cube.tables[rule.id]:
                told = dict(zip(tables[rule.id].measures, values.get(self.key(cube, rule, place), ()), strict=False))
                if told and all(value is None for value in told.values()):
                    withheld.add(place)
                for name in (name for name, value in told.items() if value is not None and name in self.additive):
                    shown[name].add(place)
        return Vintage(cube, {name: frozenset(places) for name, places in shown.items()}, frozenset(withheld))

    def _cube_of_then(self, facts: Sequence[Fact], rules: Sequence[TableRule], known: Codes) -> Cube:
        """The tables of a vintage over the dimensions of today, as far as readers know of their codes.

        Facts from before there was a dimension lie on any leaf of it: no table of then split anything by it.
        """
        used = (self.subject.period, *dict.fromkeys(name for rule in self.rules for name in rule.dimensions))
        specs = [TableSpec("of today", used, dict.fromkeys(used, frozenset()))]  # no cell, but every dimension
        for rule in rules:
            names = (self.subject.period, *rule.dimensions)
            specs.append(TableSpec(rule.id, names, {name: known[name] & set(self.trees[name].codes) for name in names}))
        any_leaf = {name: min(self.trees[name].leaves) for name in used}
        own = (each for each in facts if each.subject == self.subject.id)
        return self.cube([replace(each, key={**any_leaf, **each.key}) for each in own], specs)

    def _spec(self, rule: TableRule, *, is_coarser: bool) -> TableSpec:
        """The table as the cube takes it, with or without its finest codes."""
        names = (self.subject.period, *rule.dimensions)
        codes = {name: frozenset(code.id for code in self.dimensions[name].codes) for name in names}
        if is_coarser:
            codes[rule.coarser] = codes[rule.coarser] - self.trees[rule.coarser].leaves
        return TableSpec(rule.id, names, codes)


def setting(subject: Subject, quarter: Quarter, earlier: Sequence[Earlier]) -> Setting:
    """The setting of a subject in the release of a quarter. After the end of a year its quarters stand in the year."""
    period = definitions.period(subject, quarter)
    known = {name: definitions.classifications()[name].dimension for name in subject.dimensions}
    dimensions = {period.id: period, **known}
    quarters = [quarter, *(definitions.quarter_of(each.release.id) for each in earlier)]
    spanned = definitions.period(subject, max(quarters, key=lambda each: each.number == 4))
    trees = {each.id: hierarchy(each.id, each.splits, each.codes[0].id) for each in (spanned, *known.values())}
    rules = tuple(rule for rule in definitions.tables() if rule.subject == subject.id)
    own = {name for rule in rules for name in rule.measures}
    additive = frozenset(name for name in own if definitions.measures()[name].is_additive)
    return Setting(subject, dimensions, trees, rules, additive)
