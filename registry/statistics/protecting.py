"""What of a release is withheld, and what the statistician is told about it. Pure; knows the sealed parameters.

The tables of a subject are one system. What was published before stays published and what was withheld stays withheld;
a value that changed is shown anew only where enough holdings stand behind the change (disclosure.md 5.3).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from math import ceil

from registry.periods import Quarter
from registry.statistics import definitions, reviewing
from registry.statistics.assembling import MeasureRule, Plan
from registry.statistics.definitions import Subject, TableRule
from registry.statistics.disclosure import protect as control
from registry.statistics.disclosure.cube import Cube
from registry.statistics.disclosure.earlier import Vintage, joined
from registry.statistics.disclosure.rules import Requirement, Rules, assess
from registry.statistics.disclosure.unions import united
from registry.statistics.facts import Fact, Key, by_cell
from registry.statistics.published import Cell, Dimension, PublishedRelease, Table
from registry.statistics.reviewing import TableReview
from registry.statistics.systems import Earlier, Setting, setting

FEW, CONCENTRATED, CHANGED, OTHERS, BEFORE = "few", "concentrated", "changed", "others", "before"
"""Why a cell is withheld: too few holdings, one tells too much of another, a change of too few, to protect others."""


@dataclass(frozen=True)
class Found:
    """What an audit found told of a cell, of its change since a vintage before, or of several cells together.

    `cells` are their codes by dimension; `amount` says how far off an estimate has to be, in the unit of the measure.
    Without attackers everybody learns it. Found again, it is the same.
    """

    subject: str
    cells: tuple[tuple[tuple[str, str], ...], ...]
    measure: str
    attackers: tuple[str, ...] = field(repr=False)
    amount: Decimal = field(repr=False)
    is_change: bool = False


@dataclass(frozen=True)
class Protected:
    """The plan of a release, and the review of each of its tables."""

    plan: Plan
    review: tuple[TableReview, ...]


def protect(
    facts: Sequence[Fact],
    *,
    head: PublishedRelease,
    quarter: Quarter,
    rules: Rules,
    earlier: Sequence[Earlier] = (),
    found: Iterable[Found] = (),
) -> Protected:
    """Plan the release of a quarter; `head` carries its id, vintage and moments, and has neither dimension nor table.

    `earlier` are the vintages of the year that were published before, the oldest first. What an audit `found` in a plan
    before is required of this one besides.

    Raises `Unprotectable` (registry.statistics.disclosure.search) where no pattern is safe.
    """
    asked, systems = sorted(found, key=repr), []
    for subject in definitions.subjects_of(quarter):
        given = _Given(
            tuple(each for each in facts if each.subject == subject.id),
            rules,
            tuple(earlier),
            tuple(each for each in asked if each.subject == subject.id),
        )
        systems.append(_system(subject, quarter, given))
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
class _Given:
    """What a system is protected from: its facts, the rules, what was published, what an audit found before."""

    facts: tuple[Fact, ...]
    rules: Rules
    earlier: tuple[Earlier, ...]
    found: tuple[Found, ...]


def _system(subject: Subject, quarter: Quarter, given: _Given) -> _System:
    own = setting(subject, quarter, given.earlier)
    coarser = _coarser(own, own.cube(given.facts, own.specs()), given, str(quarter))
    known = own.known(coarser, given.earlier)
    told = (own.vintage(each, known) for each in given.earlier)
    before = [each for each in told if each is not None]
    return _protected(own, own.cube(given.facts, own.specs_shown(coarser, known)), before, given, coarser)


def _coarser(own: Setting, whole: Cube, given: _Given, release: str) -> set[str]:
    """The tables that lose their finest codes, for too many cells were to be withheld. A revision keeps its form."""
    able = [rule for rule in own.rules if rule.coarser]
    before = [each.release for each in given.earlier if each.release.id == release]
    if before:
        was = {table.id: len(table.cells) for table in before[-1].tables}
        return {rule.id for rule in able if was.get(rule.id, 0) < len(whole.tables[rule.id])}
    sensitive = frozenset(each.place for each in assess(whole, given.rules))
    return {rule.id for rule in able if _is_too_fine(whole, whole.tables[rule.id], sensitive, given.rules)}


def _is_too_fine(cube: Cube, places: Sequence[int], sensitive: frozenset[int], rules: Rules) -> bool:
    """Whether a table is to lose its finest codes; one without figures does, too: it would be long and say nothing."""
    has_figures = any(each.parts[place] for each in cube.measures.values() for place in places)
    return not has_figures or reviewing.share(cube, places, sensitive) > rules.admitted_share


def _protected(own: Setting, cube: Cube, before: Sequence[Vintage], given: _Given, coarser: set[str]) -> _System:
    rules = given.rules
    known = joined(cube, before=before, rules=rules)
    sensitive = frozenset(each.place for each in assess(cube, rules))
    left_out = frozenset(range(len(cube.cells))).difference(*(cube.tables[rule.id] for rule in own.rules))
    hidden = known.withheld | left_out
    fixed = known.shown - hidden - known.changed - sensitive
    asked = _asked(known.cube, given.found, fixed)
    changed = known.changed | asked.changed
    pattern = control.protect(
        asked.cube,
        [*known.requirements, *asked.requirements],
        published=fixed - changed,
        withheld=hidden | changed | known.unknown | asked.sums,
    )
    why = dict.fromkeys(pattern.withheld, OTHERS)
    why |= dict.fromkeys(hidden, BEFORE) | dict.fromkeys(changed, CHANGED)
    why |= dict.fromkeys(sensitive, CONCENTRATED)
    why |= {place: FEW for place in sensitive if _holdings(cube, place) < rules.minimum_holdings}
    tables, withheld, alone, review = [], {}, [], []
    for rule in own.rules:
        places = _ordered(own, cube, rule)
        keys = [own.key(cube, rule, place) for place in places]
        tables.append(_empty(own, rule, keys))
        withheld[rule.id] = tuple(key for place, key in zip(places, keys, strict=True) if place in pattern.withheld)
        alone += _alone(own, rule, keys, given.facts, rules)
        review.append(
            reviewing.review(cube, rule, dict(zip(places, keys, strict=True)), why, sensitive, rules, coarser)
        )
    dimensions = (own.dimensions[own.subject.period], *_used(own))
    return _System(own.subject, dimensions, tuple(tables), withheld, tuple(alone), tuple(review))


def _used(own: Setting) -> Iterable[Dimension]:
    used = {name for rule in own.rules for name in rule.dimensions}
    return (each for name, each in own.dimensions.items() if name in used)


def _ordered(own: Setting, cube: Cube, rule: TableRule) -> list[int]:
    """The places of a table in the order of its codes."""
    names = (own.subject.period, *rule.dimensions)
    order = [{code.id: at for at, code in enumerate(own.dimensions[name].codes)} for name in names]

    def rank(place: int) -> tuple[int, ...]:
        key = own.key(cube, rule, place)
        return tuple(ranks[code] for ranks, code in zip(order, key, strict=True))

    return sorted(cube.tables[rule.id], key=rank)


def _empty(own: Setting, rule: TableRule, keys: Iterable[Key]) -> Table:
    period = own.subject.period
    nothing = (None,) * len(rule.measures)
    cells = tuple(Cell(key, nothing) for key in keys)
    names = (period, *rule.dimensions)
    return Table(rule.id, rule.title, rule.note, rule.frequency, period, names, rule.measures, cells)


@dataclass(frozen=True)
class _Asked:
    """What an audit found, as requirements; `cube` has the sums it found told, `sums`, as figures of their own."""

    cube: Cube
    requirements: tuple[Requirement, ...]
    changed: frozenset[int]
    sums: frozenset[int]


def _asked(cube: Cube, found: Iterable[Found], fixed: frozenset[int]) -> _Asked:
    """Nothing is asked of what was shown and stays."""
    needs, changed, sums = [], set(), set()
    for each in found:
        places = [cube.places.get(tuple(dict(said).get(name, "") for name in cube.dimensions)) for said in each.cells]
        own = [place for place in places if place is not None]
        if len(own) < len(places) or each.measure not in cube.measures:
            continue
        stays = cube.measures[each.measure].known if each.is_change else cube.measures[each.measure].known | fixed
        if stays.issuperset(own):
            continue
        place = own[0]
        if len(own) > 1:
            cube, place = united(cube, each.measure, own)
            sums.add(place)
        if each.is_change:
            changed.add(place)
        amount = ceil(each.amount * Decimal(10) ** cube.measures[each.measure].decimals)
        needs.append(Requirement(each.measure, place, each.attackers, max(1, amount)))
    return _Asked(cube, tuple(needs), frozenset(changed), frozenset(sums))


def _alone(
    own: Setting, rule: TableRule, keys: Sequence[Key], facts: Sequence[Fact], rules: Rules
) -> list[tuple[str, Key, str]]:
    """Medians behind which too few holdings stand: of those there may be fewer than in the cell."""
    found = []
    reckoned = {name: definitions.reckoned()[name] for name in rule.measures if name not in own.additive}
    behind = by_cell(facts, dimensions=(own.subject.period, *rule.dimensions), hierarchies=own.trees)
    for name, made in reckoned.items():
        for key in keys:
            holdings = {each.holding for each in behind.get(key, ()) if each.measure == made.of}
            if len(holdings) < rules.minimum_holdings and (made.how == "median" or holdings):
                found.append((rule.id, key, name))
    return found


def _holdings(cube: Cube, place: int) -> int:
    return len({holding for each in cube.measures.values() for holding in each.parts[place]})
