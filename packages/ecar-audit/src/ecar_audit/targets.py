"""What must not be told: every sensitive figure, change and sum of withheld figures, with what each asks for."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from ecar_audit.bounds import Bounds
from ecar_audit.findings import Subject
from ecar_audit.sensitivity import Ask, ask
from ecar_audit.system import Sum, System
from ecar_audit.values import Parameters, Unions


@dataclass(frozen=True)
class Target:
    """A sensitive figure. `columns` are what it consists of; a change has its number, and goes from first to second."""

    subject: Subject
    columns: tuple[int, ...]
    truth: int
    ask: Ask
    change: int | None = None

    @property
    def column(self) -> int:
        """The column that names the target: of a change, the later one."""
        return self.columns[-1]


def cells(system: System, parameters: Parameters) -> Iterator[Target]:
    """Every sensitive figure, published or not, listed or not."""
    for number, column in enumerate(system.columns):
        waived = system.waived.get(column.measure, frozenset())
        found = ask(column.parts, waived, parameters, step=system.steps[column.measure])
        if found is not None:
            yield Target(Subject.CELL, (number,), column.truth, found)


def changes(system: System, parameters: Parameters) -> Iterator[Target]:
    """Every change that tells too much of the holdings whose figures changed."""
    for number, each in enumerate(system.changes):
        before, after = system.columns[each.before], system.columns[each.after]
        waived = system.waived.get(after.measure, frozenset())
        found = ask(each.parts, waived, parameters, step=system.steps[after.measure])
        if found is not None:
            subject = Subject.LATE_FILER if len(each.parts) == 1 else Subject.CHANGE
            yield Target(subject, (each.before, each.after), after.truth - before.truth, found, number)


def unions(system: System, bounds: Bounds, parameters: Parameters) -> Iterator[Target]:
    """Sums of withheld figures that a published sum tells exactly, where they would be sensitive as one cell."""
    seen = set()
    for each in () if parameters.unions is Unions.OFF else system.sums:
        hidden = tuple(sorted(term for term in each.terms if not bounds.is_known(term)))
        if len(hidden) < 2 or not bounds.is_known(each.whole) or hidden in seen:
            continue
        seen.add(hidden)
        found = _union(system, each, hidden, parameters)
        if found is not None:
            yield found


def _union(system: System, each: Sum, hidden: tuple[int, ...], parameters: Parameters) -> Target | None:
    parts: dict[str, int] = defaultdict(int)
    for column in hidden:
        for name, part in system.columns[column].parts.items():
            parts[name] += part
    if parameters.unions is Unions.FEW and len(parts) >= parameters.minimum_holdings:
        return None
    measure = system.columns[each.whole].measure
    found = ask(parts, system.waived.get(measure, frozenset()), parameters, step=system.steps[measure])
    return None if found is None else Target(Subject.UNION, hidden, sum(parts.values()), found)
