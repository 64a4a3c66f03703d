"""From facts to what a release shows: sums, rounding, what is withheld, corrections. Pure; the same in every run.

What is withheld is decided elsewhere (registry.statistics.protecting) and handed in, so that a release can be built
again from what was stored about it, without the sealed parameters.
"""

import gzip
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from statistics import median

from pydantic import TypeAdapter

from registry.quantities import EXACT, as_decimal
from registry.statistics.disclosure.cube import Hierarchy
from registry.statistics.facts import Fact, Key, by_cell, changes
from registry.statistics.published import Cell, Correction, Measure, PublishedRelease, Table


@dataclass(frozen=True)
class MeasureRule:
    """Of a measure that does not add up: how it is made, and of which measure of facts."""

    how: str
    of: str


@dataclass(frozen=True)
class Plan:
    """A release without its values: its structure, the subject of each table, and what is withheld.

    `frame` has every cell of every table, empty. `withheld` are cells by table; `alone` single values, by table, cell
    and measure, of measures that do not add up.
    """

    frame: PublishedRelease
    subjects: Mapping[str, str]
    reckoned: Mapping[str, MeasureRule]
    withheld: Mapping[str, tuple[Key, ...]]
    alone: tuple[tuple[str, Key, str], ...] = ()


_PLAN = TypeAdapter(Plan)


def assemble(
    plan: Plan, facts: Sequence[Fact], *, before: tuple[PublishedRelease, Sequence[Fact]] | None = None
) -> PublishedRelease:
    """The release with its values; `before` is the vintage before it and its facts, for the corrections."""
    trees = hierarchies(plan.frame)
    shown = tuple(_table(plan, table, facts, trees) for table in plan.frame.tables)
    release = replace(plan.frame, tables=shown)
    if before is None:
        return release
    return replace(release, corrections=tuple(_corrections(plan, release, facts, before, trees)))


def hierarchies(release: PublishedRelease) -> Mapping[str, Hierarchy]:
    """How the codes of each dimension add up; a dimension of a single code has it alone."""
    return {each.id: hierarchy(each.id, each.splits, each.codes[0].id) for each in release.dimensions}


def hierarchy(name: str, splits: Mapping[str, tuple[tuple[str, ...], ...]], top: str) -> Hierarchy:
    """The hierarchy of a dimension; one code without parts stands below a sum that no table shows."""
    return Hierarchy(name, splits or {f"({top})": ((top,),)})


def _table(plan: Plan, table: Table, facts: Sequence[Fact], trees: Mapping[str, Hierarchy]) -> Table:
    own = [each for each in facts if each.subject == plan.subjects[table.id]]
    found = by_cell(own, dimensions=table.dimensions, hierarchies=trees)
    hidden = set(plan.withheld.get(table.id, ()))
    alone = {(key, measure) for name, key, measure in plan.alone if name == table.id}
    return replace(
        table,
        cells=tuple(
            Cell(
                cell.key,
                tuple(
                    None
                    if cell.key in hidden or (cell.key, measure) in alone
                    else value(found.get(cell.key, ()), plan.frame.measure[measure], plan.reckoned.get(measure))
                    for measure in table.measures
                ),
            )
            for cell in table.cells
        ),
    )


def value(facts: Iterable[Fact], measure: Measure, rule: MeasureRule | None) -> Decimal:
    """What a cell shows of a measure: the sum, or what the rule says, rounded as the measure says."""
    of = rule.of if rule else measure.id
    own = [each for each in facts if each.measure == of]
    if rule is None:
        exact = sum((each.value for each in own), Decimal(0))
    elif rule.how == "distinct":
        exact = Decimal(len({each.provider for each in own}))
    else:
        exact = as_decimal(Fraction(median(each.value for each in own))) if own else Decimal(0)
    return rounded(exact, measure)


def rounded(exact: Decimal, measure: Measure) -> Decimal:
    """The value as the measure is published: to its decimals, or to the nearest multiple of its base."""
    if measure.rounded_to is not None:
        base = Decimal(measure.rounded_to)
        return EXACT.multiply((exact / base).quantize(Decimal(1), ROUND_HALF_EVEN), base)
    return exact.quantize(Decimal(1).scaleb(-measure.decimals), ROUND_HALF_EVEN, EXACT)


def _corrections(
    plan: Plan,
    release: PublishedRelease,
    facts: Sequence[Fact],
    before: tuple[PublishedRelease, Sequence[Fact]],
    trees: Mapping[str, Hierarchy],
) -> Iterator[Correction]:
    """Every value that is another than in the vintage before, and how many versions changed what it counts."""
    earlier, known = before
    changed = changes(known, facts)
    was = {table.id: (table.measures, {cell.key: cell.values for cell in table.cells}) for table in earlier.tables}
    for table in release.tables:
        measures, cells = was.get(table.id, ((), {}))
        own = [each for each in changed if each.subject == plan.subjects[table.id]]
        behind = by_cell(own, dimensions=table.dimensions, hierarchies=trees)
        for cell in table.cells:
            old = dict(zip(measures, cells[cell.key], strict=True)) if cell.key in cells else {}
            for measure, now in zip(table.measures, cell.values, strict=True):
                if measure in old and old[measure] != now:
                    yield Correction(
                        table.id, cell.key, measure, old[measure], now, _versions(behind.get(cell.key, ()))
                    )


def _versions(facts: Iterable[Fact]) -> int:
    newest: dict[str, int] = {}
    for each in facts:
        newest[each.source] = max(each.version, newest.get(each.source, 0))
    return sum(newest.values())


def plan_bytes(plan: Plan) -> bytes:
    """The plan as bytes, the same in every run."""
    return gzip.compress(_PLAN.dump_json(plan), mtime=0)


def plan_of(content: bytes) -> Plan:
    """The plan that `plan_bytes` wrote."""
    return _PLAN.validate_json(gzip.decompress(content))
