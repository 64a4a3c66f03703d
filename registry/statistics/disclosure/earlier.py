"""What a release may still choose, given every vintage that was published before it.

What was shown stays shown, what was withheld stays withheld. A value that is another than before tells the difference:
that is a table of its own, of the holdings whose figures changed, and has to meet the same rules. Where it does not,
the revision is held back, or the new value is withheld. Combinations of several sums are for the audit to find.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from registry.statistics.disclosure.cube import Cube, Key, Measured
from registry.statistics.disclosure.rules import Requirement, Rules, needs_of


@dataclass(frozen=True)
class Vintage:
    """One vintage as it was published: its cube, which nobody outside sees, and the places in it that were withheld."""

    id: str
    cube: Cube = field(repr=False)
    withheld: frozenset[int] = field(repr=False)


Ledger = Sequence[Vintage]
"""Everything that was ever published, oldest first."""


@dataclass(frozen=True)
class Held:
    """The revision must not be published now: these cells would tell what one or too few holdings changed."""

    cells: tuple[Key, ...]


@dataclass(frozen=True)
class Bound:
    """Places that stay shown and places that are withheld; the requirements of new values withheld for their change."""

    published: frozenset[int] = frozenset()
    withheld: frozenset[int] = frozenset()
    requirements: tuple[Requirement, ...] = ()


Changes = Mapping[int, Mapping[str, Mapping[str, int]]]
"""By place and measure, what each holding's figure changed by, in units of the measure; of changed values only."""


def bind(cube: Cube, *, ledger: Ledger, rules: Rules, may_withhold: bool = False) -> Bound | Held:
    """What the ledger leaves to choose; `Held` where a change tells too much.

    With `may_withhold` a new value whose change tells too much is withheld instead, unless sums tell it all the same.
    """
    shown: set[int] = set()
    withheld: set[int] = set()
    fresh: set[int] = set()
    needs: set[Requirement] = set()
    held: set[int] = set()
    for vintage in ledger:
        then = {place: vintage.cube.places[key] for key, place in cube.places.items() if key in vintage.cube.places}
        public = {place for place, old in then.items() if old not in vintage.withheld}
        changes = {place: _changes(cube, place, vintage.cube, then[place]) for place in sorted(public)}
        found = {each for place in sorted(public) for each in _needs(place, changes[place], rules)}
        fresh |= {place for place in public if changes[place]}
        needs |= found
        held |= {place for place in _combined(cube, changes, rules) if place not in {each.place for each in found}}
        shown |= public
        withheld |= {place for place in then if place not in public}
    unsafe = {each.place for each in needs}
    if held or (unsafe and not may_withhold):
        return Held(tuple(cube.cells[place] for place in sorted(held | unsafe)))
    filled = {place for each in cube.measures.values() for place, parts in enumerate(each.parts) if parts}
    hidden = (withheld - shown | unsafe) & filled
    return Bound(frozenset(shown - hidden - (fresh & _sensitive(cube, rules))), frozenset(hidden), tuple(sorted(needs)))


def _sensitive(cube: Cube, rules: Rules) -> frozenset[int]:
    return frozenset(
        place
        for each in cube.measures.values()
        for place, parts in enumerate(each.parts)
        if any(True for _ in needs_of(parts, waived=each.waived, rules=rules))
    )


def _changes(cube: Cube, place: int, before: Cube, old: int) -> Mapping[str, Mapping[str, int]]:
    """What changed in a cell whose value is another than before, by measure and holding."""
    found = {}
    for name, measured in cube.measures.items():
        parts = _parts(before.measures.get(name), old, measured.decimals)
        if sum(parts.values()) == measured.totals[place]:
            continue
        now = measured.parts[place]
        by = {each: now.get(each, 0) - parts.get(each, Fraction(0)) for each in sorted({*now, *parts})}
        found[name] = {each: round(change) for each, change in by.items() if change}
    return found


def _parts(measured: Measured | None, place: int, decimals: int) -> Mapping[str, Fraction]:
    if measured is None:
        return {}
    unit = Fraction(10) ** (decimals - measured.decimals)
    return {each: part * unit for each, part in measured.parts[place].items()}


def _needs(place: int, changes: Mapping[str, Mapping[str, int]], rules: Rules) -> Iterator[Requirement]:
    for name, by in changes.items():
        amounts = {each: abs(change) for each, change in by.items()}
        for attackers, amount in needs_of(amounts, waived=frozenset(), rules=rules):
            yield Requirement(name, place, attackers, amount)


def _combined(cube: Cube, changes: Mapping[int, Mapping[str, Mapping[str, int]]], rules: Rules) -> Iterator[int]:
    """Places whose changes, put together in one sum, tell too much of what is withheld in it."""
    for equation in cube.equations:
        terms = [(place, sign) for place, sign in _terms(equation.parent, equation.children) if place in changes]
        if len(terms) == len(equation.children) + 1:
            continue
        for name in cube.measures:
            by: dict[str, int] = defaultdict(int)
            for place, sign in terms:
                for holding, change in changes[place].get(name, {}).items():
                    by[holding] += sign * change
            amounts = {each: abs(change) for each, change in by.items() if change}
            if sum(by.values()) and any(True for _ in needs_of(amounts, waived=frozenset(), rules=rules)):
                yield from (place for place, _ in terms if name in changes[place])


def _terms(parent: int, children: Sequence[int]) -> Iterator[tuple[int, int]]:
    yield parent, 1
    yield from ((child, -1) for child in children)
