"""One attack on all that was published, with all that is known: every target judged, block by block."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ecar_audit import bounds, closing, naming, targets
from ecar_audit.attack import Attack
from ecar_audit.block import Block
from ecar_audit.bounds import Bounds
from ecar_audit.findings import Finding, Kind, Subject
from ecar_audit.programme import Undecidable
from ecar_audit.refusals import OutOfTime
from ecar_audit.system import System
from ecar_audit.targets import Target
from ecar_audit.values import Parameters, Released

Remaining = Callable[[], float | None]


@dataclass
class Assault:
    """What an attack found. `sensitive` are the codes of all cells that must not be told, whatever the measure."""

    system: System
    bounds: Bounds
    findings: list[Finding] = field(default_factory=list)
    sensitive: set[tuple[str, ...]] = field(default_factory=set)
    intervals: list[Mapping[str, object]] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    undecided: int = 0


def assault(
    released: Released,
    parameters: Parameters,
    remaining: Remaining,
    *,
    only: Collection[naming.Identity] | None = None,
    with_intervals: bool = False,
) -> Assault:
    """Attack these releases. `only`: nothing but these targets. Raises `BadInput`."""
    system = closing.close(released, parameters)
    known = bounds.tighten(system)
    work = Assault(system, known)
    listed = [
        *targets.cells(system, parameters),
        *targets.changes(system, parameters),
        *targets.unions(system, known, parameters),
    ]
    work.sensitive = {system.columns[each.column].codes for each in listed if each.subject is Subject.CELL}
    own = [each.id for each in released[-1][0].dimensions]
    chosen = [each for each in listed if only is None or naming.identity(system, each, own) in only]
    told = [each for each in chosen if each.subject is Subject.UNION or all(map(known.is_known, each.columns))]
    work.findings += [naming.told(system, known, each, _kind(system, known, each)) for each in told]
    open_ones = [each for each in chosen if each not in told]
    work.counts = _counts(system, known, chosen)
    for columns in bounds.blocks(system, known):
        _attack(work, Block(system, known, columns), open_ones, parameters, remaining, with_intervals)
    return work


def _kind(system: System, known: Bounds, target: Target) -> Kind:
    if target.subject is Subject.CELL and system.columns[target.column].is_told:
        return Kind.PUBLISHED
    worked_out = (system.columns[each].is_told or each in known.subtracted for each in target.columns)
    return Kind.SUBTRACTION if target.subject is Subject.UNION or all(worked_out) else Kind.EXACT


def _attack(
    work: Assault,
    block: Block,
    open_ones: Sequence[Target],
    parameters: Parameters,
    remaining: Remaining,
    with_intervals: bool,
) -> None:
    mine = [each for each in open_ones if _stands_in(block, each)]
    if not mine and not with_intervals:
        return
    attack = Attack(block, mine, parameters.coalition, remaining)
    attack.run()
    work.findings += [naming.broken(work.system, each) for each in attack.found]
    work.undecided += attack.undecided
    if with_intervals:
        work.intervals += _intervals(work, attack)
    work.counts["programmes"] += attack.programme.solved


def _stands_in(block: Block, target: Target) -> bool:
    """A change may have one end that is known; the other says in which block it is."""
    return any(column in block.at for column in target.columns)


def _intervals(work: Assault, attack: Attack) -> Iterator[Mapping[str, object]]:
    """What everybody can work out of every withheld figure, for the statistician who wants to see it all."""
    for place, number in enumerate(attack.block.columns):
        column = work.system.columns[number]
        try:
            lower, upper = attack.interval(place, attack.block.everybody, float(max(column.truth, 1)))
        except (OutOfTime, Undecidable):
            return
        ends = naming.interval(work.system, column.measure, column.truth, lower, upper)
        yield {
            "release": column.release,
            "table": column.table,
            "codes": dict(zip(work.system.dimensions, column.codes, strict=True)),
            "measure": column.measure,
            "interval": [None if end is None else f"{end:f}" for end in ends],
            "true_value": f"{naming.value(work.system, column.measure, column.truth):f}",
        }


def _counts(system: System, known: Bounds, chosen: Sequence[Target]) -> dict[str, int]:
    listed = [each for each in system.columns if each.table]
    return {
        "figures": len(listed),
        "withheld": sum(not each.is_told for each in listed),
        "sums": len(system.sums),
        "ratios": len(system.proportions),
        "changes": len(system.changes),
        "targets": len(chosen),
        "holdings": len({name for column in system.columns for name in column.parts}),
        "told by addition": sum(known.is_known(c) and not each.is_told for c, each in enumerate(system.columns)),
        "programmes": 0,
    }
