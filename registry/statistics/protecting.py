"""What of a release is withheld, and what the statistician is told about it. Pure; knows the sealed parameters.

The tables of a subject are one system. What was published before stays published and what was withheld stays withheld;
a value that changed is shown anew only where enough holdings stand behind the change (disclosure.md 5.3).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil

from registry.periods import Quarter
from registry.statistics import definitions
from registry.statistics.assembling import MeasureRule, Plan, hierarchy
from registry.statistics.definitions import Subject, TableRule
from registry.statistics.disclosure import protect as control
from registry.statistics.disclosure.cube import Cube, Hierarchy, TableSpec, tabulate
from registry.statistics.disclosure.rules import Requirement, Rules, assess
from registry.statistics.facts import Fact, Key, by_cell, changes, contributions
from registry.statistics.published import Cell, Dimension, PublishedRelease, Table

FEW, CONCENTRATED, CHANGED, OTHERS, BEFORE = "few", "concentrated", "changed", "others", "before"
"""Why a cell is withheld: too few holdings, one tells too much of another, a change of too few, to protect others."""


@dataclass(frozen=True)
class Earlier:
    """What an earlier vintage showed of the same cells: releases, newest last, and the facts of the one revised."""

    shown: tuple[PublishedRelease, ...] = ()
    revised: tuple[Fact, ...] | None = None


@dataclass(frozen=True)
class TableReview:
    """What the statistician reads of a table: cells with figures, withheld ones by reason, what of each sum is lost.

    `admitted` is false where more of it is sensitive than the limit even after its finest codes were left out.
    """

    table: str
    cells: int
    filled: int
    withheld: Mapping[str, int]
    lost: Mapping[str, str]
    is_coarser: bool
    is_admitted: bool
    reasons: tuple[tuple[Key, str], ...]


@dataclass(frozen=True)
class Protected:
    """The plan of a release, and the review of each of its tables."""

    plan: Plan
    review: tuple[TableReview, ...]


def protect(
    facts: Sequence[Fact], *, head: PublishedRelease, quarter: Quarter, rules: Rules, earlier: Earlier | None = None
) -> Protected:
    """Plan the release of a quarter; `head` carries its id, vintage and moments, and has neither dimension nor table.

    Raises `Unprotectable` (registry.statistics.disclosure.search) where no pattern is safe.
    """
    known = earlier or Earlier()
    systems = [
        _system(subject, quarter, [each for each in facts if each.subject == subject.id], rules, known)
        for subject in definitions.subjects_of(quarter)
    ]
    measures = dict.fromkeys(name for system in systems for table in system.tables for name in table.measures)
    dimensions = {each.id: each for system in systems for each in system.dimensions}
    order = [rule.id for rule in definitions.tables()]
    tables = sorted((table for system in systems for table in system.tables), key=lambda each: order.index(each.id))
    frame = PublishedRelease(
        head.id,
        head.vintage,
        head.as_of,
        head.published_at,
        head.is_provisional,
        tuple(dimensions.values()),
        tuple(definitions.measures()[name] for name in measures),
        tuple(tables),
    )
    return Protected(
        Plan(
            frame,
            {table.id: system.subject.id for system in systems for table in system.tables},
            {name: MeasureRule(each.how, each.of) for name, each in definitions.reckoned().items()},
            {name: keys for system in systems for name, keys in system.withheld.items()},
            tuple(each for system in systems for each in system.alone),
        ),
        tuple(review for system in systems for review in system.review),
    )


@dataclass(frozen=True)
class _System:
    subject: Subject
    dimensions: tuple[Dimension, ...]
    tables: tuple[Table, ...]
    withheld: Mapping[str, tuple[Key, ...]]
    alone: tuple[tuple[str, Key, str], ...]
    review: tuple[TableReview, ...]


@dataclass(frozen=True)
class _Setting:
    """What stays the same while a system is worked on: its dimensions, their trees, its rules of tables."""

    subject: Subject
    dimensions: Mapping[str, Dimension]
    trees: Mapping[str, Hierarchy]
    rules: tuple[TableRule, ...]
    additive: frozenset[str]

    def spec(self, rule: TableRule, *, is_coarser: bool) -> TableSpec:
        """The table as the cube takes it, with or without its finest codes."""
        names = (self.subject.period, *rule.dimensions)
        codes = {name: frozenset(code.id for code in self.dimensions[name].codes) for name in names}
        if is_coarser:
            codes[rule.coarser] = codes[rule.coarser] - self.trees[rule.coarser].leaves
        return TableSpec(rule.id, names, codes)

    def specs(self, coarser: AbstractSet[str], earlier: Earlier) -> list[TableSpec]:
        """Every table as it is shown; then, of those that lose codes which others show, what is left out of them.

        A figure that a table leaves out is withheld like any other: readers know that it exists.
        """
        shown = [self.spec(rule, is_coarser=rule.id in coarser) for rule in self.rules]
        known: dict[str, set[str]] = defaultdict(set)
        for spec in shown:
            for name in spec.dimensions:
                known[name] |= spec.codes[name]
        for table in (table for release in earlier.shown for table in release.tables):
            for axis, name in enumerate(table.dimensions):
                known[name] |= {cell.key[axis] for cell in table.cells}
        whole = [self.spec(rule, is_coarser=False) for rule in self.rules if rule.id in coarser]
        left_out = [
            TableSpec(
                f"{each.id}, whole", each.dimensions, {name: each.codes[name] & known[name] for name in each.codes}
            )
            for each in whole
        ]
        return [*shown, *left_out]

    def key(self, cube: Cube, rule: TableRule, place: int) -> Key:
        """The codes of a cell in the order of the table's dimensions."""
        said = dict(zip(cube.dimensions, cube.cells[place], strict=True))
        return tuple(said[name] for name in (self.subject.period, *rule.dimensions))


def _setting(subject: Subject, quarter: Quarter) -> _Setting:
    period = definitions.period(subject, quarter)
    known = {name: definitions.classifications()[name].dimension for name in subject.dimensions}
    dimensions = {period.id: period, **known}
    trees = {name: hierarchy(name, each.splits, each.codes[0].id) for name, each in dimensions.items()}
    rules = tuple(rule for rule in definitions.tables() if rule.subject == subject.id)
    own = {name for rule in rules for name in rule.measures}
    additive = frozenset(name for name in own if definitions.measures()[name].is_additive)
    return _Setting(subject, dimensions, trees, rules, additive)


def _system(subject: Subject, quarter: Quarter, facts: Sequence[Fact], rules: Rules, earlier: Earlier) -> _System:
    setting = _setting(subject, quarter)
    given = contributions(facts, measures=setting.additive)
    specs = [setting.spec(rule, is_coarser=False) for rule in setting.rules]
    coarser = _coarser(setting, tabulate(given, specs=specs, hierarchies=setting.trees), rules, earlier)
    specs = setting.specs(coarser, earlier)
    cube = tabulate(given, specs=specs, hierarchies=setting.trees)
    return _protected(setting, cube, specs, facts, rules, earlier, coarser)


def _coarser(setting: _Setting, whole: Cube, rules: Rules, earlier: Earlier) -> set[str]:
    """The tables that lose their finest codes, for too many cells were to be withheld. A revision keeps its form."""
    able = [rule for rule in setting.rules if rule.coarser]
    if earlier.revised is not None and earlier.shown:
        was = {table.id: len(table.cells) for table in earlier.shown[-1].tables}
        return {rule.id for rule in able if was.get(rule.id, 0) < len(whole.tables[rule.id])}
    sensitive = frozenset(each.place for each in assess(whole, rules))
    return {rule.id for rule in able if _is_too_fine(whole, whole.tables[rule.id], sensitive, rules)}


def _is_too_fine(cube: Cube, places: Sequence[int], sensitive: frozenset[int], rules: Rules) -> bool:
    """Whether a table is to lose its finest codes; one without figures does, too: it would be long and say nothing."""
    has_figures = any(each.parts[place] for each in cube.measures.values() for place in places)
    return not has_figures or _share(cube, places, sensitive) > rules.admitted_share


def _protected(
    setting: _Setting,
    cube: Cube,
    specs: Sequence[TableSpec],
    facts: Sequence[Fact],
    rules: Rules,
    earlier: Earlier,
    coarser: set[str],
) -> _System:
    needs = assess(cube, rules)
    changed, changed_needs = _changed(setting, cube, specs, facts, rules, earlier)
    shown, hidden = _known(setting, cube, earlier)
    left_out = frozenset(range(len(cube.cells))).difference(*(cube.tables[rule.id] for rule in setting.rules))
    hidden |= left_out
    sensitive = frozenset(each.place for each in needs)
    fixed = shown - hidden - changed - sensitive
    pattern = control.protect(cube, [*needs, *changed_needs], published=fixed, withheld=hidden | changed)
    why = dict.fromkeys(pattern.withheld, OTHERS)
    why |= dict.fromkeys(hidden, BEFORE) | dict.fromkeys(changed, CHANGED)
    why |= dict.fromkeys(sensitive, CONCENTRATED)
    why |= {place: FEW for place in sensitive if _holdings(cube, place) < rules.minimum_holdings}
    tables, withheld, alone, review = [], {}, [], []
    for rule in setting.rules:
        places = _ordered(setting, cube, rule)
        keys = [setting.key(cube, rule, place) for place in places]
        tables.append(_empty(setting, rule, keys))
        withheld[rule.id] = tuple(key for place, key in zip(places, keys, strict=True) if place in pattern.withheld)
        alone += _alone(setting, rule, keys, facts, rules)
        review.append(_review(cube, rule, dict(zip(places, keys, strict=True)), why, sensitive, rules, coarser))
    dimensions = (setting.dimensions[setting.subject.period], *_used(setting))
    return _System(setting.subject, dimensions, tuple(tables), withheld, tuple(alone), tuple(review))


def _used(setting: _Setting) -> Iterable[Dimension]:
    used = {name for rule in setting.rules for name in rule.dimensions}
    return (each for name, each in setting.dimensions.items() if name in used)


def _ordered(setting: _Setting, cube: Cube, rule: TableRule) -> list[int]:
    """The places of a table in the order of its codes."""
    names = (setting.subject.period, *rule.dimensions)
    order = [{code.id: at for at, code in enumerate(setting.dimensions[name].codes)} for name in names]

    def rank(place: int) -> tuple[int, ...]:
        key = setting.key(cube, rule, place)
        return tuple(ranks[code] for ranks, code in zip(order, key, strict=True))

    return sorted(cube.tables[rule.id], key=rank)


def _empty(setting: _Setting, rule: TableRule, keys: Iterable[Key]) -> Table:
    period = setting.subject.period
    nothing = (None,) * len(rule.measures)
    cells = tuple(Cell(key, nothing) for key in keys)
    names = (period, *rule.dimensions)
    return Table(rule.id, rule.title, rule.note, rule.frequency, period, names, rule.measures, cells)


def _changed(
    setting: _Setting,
    cube: Cube,
    specs: Sequence[TableSpec],
    facts: Sequence[Fact],
    rules: Rules,
    earlier: Earlier,
) -> tuple[frozenset[int], tuple[Requirement, ...]]:
    """The cells of which the change since the vintage before would tell too much, and what protects the change."""
    if earlier.revised is None:
        return frozenset(), ()
    own = [each for each in earlier.revised if each.subject == setting.subject.id]
    delta = contributions([each for each in changes(own, facts) if each.value], measures=setting.additive)
    moved = tabulate(delta, specs=specs, hierarchies=setting.trees)
    needs = assess(moved, rules)
    scaled = tuple(
        Requirement(each.measure, each.place, each.attackers, _scaled(each, moved, cube))
        for each in needs
        if each.measure in cube.measures
    )
    return frozenset(each.place for each in needs), scaled


def _scaled(need: Requirement, moved: Cube, cube: Cube) -> int:
    """The amount of a requirement on the change, in the unit that the cube counts in."""
    shift = cube.measures[need.measure].decimals - moved.measures[need.measure].decimals
    return max(1, ceil(Fraction(need.amount) * Fraction(10) ** shift))


def _known(setting: _Setting, cube: Cube, earlier: Earlier) -> tuple[frozenset[int], frozenset[int]]:
    """The places shown and withheld by earlier releases, by what the newest of them says."""
    shown: set[int] = set()
    hidden: set[int] = set()
    for release in earlier.shown:
        was = {table.id: {cell.key: cell for cell in table.cells} for table in release.tables}
        for rule in setting.rules:
            for place in cube.tables[rule.id]:
                cell = was.get(rule.id, {}).get(setting.key(cube, rule, place))
                if cell is not None:
                    is_hidden = all(value is None for value in cell.values)
                    (hidden if is_hidden else shown).add(place)
                    (shown if is_hidden else hidden).discard(place)
    return frozenset(shown), frozenset(hidden)


def _alone(
    setting: _Setting, rule: TableRule, keys: Sequence[Key], facts: Sequence[Fact], rules: Rules
) -> list[tuple[str, Key, str]]:
    """Medians behind which too few holdings stand: of those there may be fewer than in the cell."""
    found = []
    reckoned = {name: definitions.reckoned()[name] for name in rule.measures if name not in setting.additive}
    behind = by_cell(facts, dimensions=(setting.subject.period, *rule.dimensions), hierarchies=setting.trees)
    for name, made in reckoned.items():
        for key in keys:
            holdings = {each.holding for each in behind.get(key, ()) if each.measure == made.of}
            if len(holdings) < rules.minimum_holdings and (made.how == "median" or holdings):
                found.append((rule.id, key, name))
    return found


def _holdings(cube: Cube, place: int) -> int:
    return len({holding for each in cube.measures.values() for holding in each.parts[place]})


def _share(cube: Cube, places: Iterable[int], hidden: frozenset[int]) -> Fraction:
    filled = [place for place in places if any(each.parts[place] for each in cube.measures.values())]
    return Fraction(sum(place in hidden for place in filled), len(filled)) if filled else Fraction(0)


def _review(
    cube: Cube,
    rule: TableRule,
    keys: Mapping[int, Key],
    why: Mapping[int, str],
    sensitive: frozenset[int],
    rules: Rules,
    coarser: set[str],
) -> TableReview:
    reasons = tuple((key, why[place]) for place, key in keys.items() if place in why)
    counts: dict[str, int] = {}
    for _, reason in reasons:
        counts[reason] = counts.get(reason, 0) + 1
    lost = {
        name: _percent(sum(each.totals[p] for p in keys if p in why), sum(each.totals[p] for p in keys))
        for name, each in cube.measures.items()
        if name in rule.measures
    }
    filled = sum(any(each.parts[place] for each in cube.measures.values()) for place in keys)
    is_admitted = _share(cube, keys, sensitive) <= rules.admitted_share
    return TableReview(rule.id, len(keys), filled, counts, lost, rule.id in coarser, is_admitted, reasons)


def _percent(part: int, whole: int) -> str:
    """A share in per cent with one decimal; nothing of nothing is none."""
    return str((Decimal(part) * 100 / Decimal(whole)).quantize(Decimal("0.1"))) if whole else "0.0"
