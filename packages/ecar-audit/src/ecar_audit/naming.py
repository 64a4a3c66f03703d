"""Findings in words and amounts, out of columns and whole units."""

from collections.abc import Iterator, Sequence
from decimal import Decimal, localcontext
from math import isinf

from ecar_audit.attack import Broken
from ecar_audit.bounds import Bounds
from ecar_audit.findings import Finding, Kind, Subject
from ecar_audit.system import Sum, System
from ecar_audit.targets import Target

Identity = tuple[Subject, str, tuple[str, ...], str]
"""What a finding is about, in whichever system it is found: subject, release, codes in some dimensions, measure."""

_STEPS = 12  # at most, of a subtraction


def codes(system: System, target: Target) -> dict[str, str]:
    """Where a target stands; the cells of a union side by side."""
    named: dict[str, str] = {}
    for axis, name in enumerate(system.dimensions):
        named[name] = "+".join(dict.fromkeys(system.columns[each].codes[axis] for each in target.columns))
    return named


def identity(system: System, target: Target, dimensions: Sequence[str]) -> Identity:
    """The identity of a target, as far as these dimensions tell it."""
    column, named = system.columns[target.column], codes(system, target)
    return target.subject, column.release, tuple(named[name] for name in dimensions), column.measure


def value(system: System, measure: str, units: int) -> Decimal:
    """Whole units as an amount in the unit of the measure, without needless zeros."""
    with localcontext(prec=60):
        found = Decimal(units).scaleb(-system.scales[measure]).normalize()
        return found.quantize(Decimal(1)) if found == found.to_integral_value() else found


def interval(
    system: System, measure: str, truth: int, lower: float, upper: float
) -> tuple[Decimal | None, Decimal | None]:
    """An interval given as changes from the truth, rounded to whole units; None is without end."""
    ends = (None if isinf(end) else value(system, measure, truth + round(end)) for end in (lower, upper))
    return next(ends), next(ends)


def told(system: System, known: Bounds, target: Target, kind: Kind) -> Finding:
    """A target that addition alone gives away, to everybody."""
    return _finding(system, target, (), kind, (0.0, 0.0), target.ask.outsider, tuple(_steps(system, known, target)))


def broken(system: System, found: Broken) -> Finding:
    """A target that a linear programme gives away. An interval that is shorter than a step holds one value only."""
    step = system.steps[system.columns[found.target.column].measure]
    is_exact = found.upper - found.lower < max(step * (1 - 1e-6), 1e-6 * abs(found.target.truth))
    kind = Kind.EXACT if is_exact else Kind.INTERVAL
    ends = (0.0, 0.0) if is_exact else (found.lower, found.upper)
    return _finding(system, found.target, found.attackers, kind, ends, found.needed, ())


def _finding(
    system: System,
    target: Target,
    attackers: tuple[str, ...],
    kind: Kind,
    ends: tuple[float, float],
    needed: int,
    steps: tuple[str, ...],
) -> Finding:
    column = system.columns[target.column]
    return Finding(
        kind=kind,
        subject=target.subject,
        release=column.release,
        table=column.table,
        codes=codes(system, target),
        measure=column.measure,
        attackers=attackers,
        interval=interval(system, column.measure, target.truth, *ends),
        true_value=value(system, column.measure, target.truth),
        needed=value(system, column.measure, needed),
        holdings=len(target.ask.parts),
        steps=steps,
    )


def _steps(system: System, known: Bounds, target: Target) -> Iterator[str]:
    """The sums by which a target is worked out, the last one first."""
    if target.subject is Subject.UNION:
        yield f"{' + '.join(_name(system, each) for each in target.columns)} is what is left of a sum that is told"
    if target.change is not None:
        yield f"{_name(system, target.columns[1])} now, less the same before"
    waiting, seen = list(target.columns), set(target.columns)
    for _ in range(_STEPS):
        number = next((known.subtracted[each] for each in waiting if each in known.subtracted), None)
        if number is None:
            return
        each = system.sums[number]
        waiting = [column for column in waiting if known.subtracted.get(column) != number]
        waiting += [column for column in (each.whole, *each.terms) if column not in seen]
        seen.update(waiting)
        yield _equation(system, each)


def _equation(system: System, each: Sum) -> str:
    return f"{_name(system, each.whole)} = {' + '.join(_name(system, term) for term in each.terms)}"


def _name(system: System, column: int) -> str:
    return "/".join(system.columns[column].codes)
