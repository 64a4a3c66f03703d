"""Witnesses: other tables that fit everything published, far enough from the true one. Addition alone proves safety.

A witness holds changes of withheld cells that leave every sum as it is. Whoever could exclude it knows more than what
is published; which holdings can, because it contradicts what they contributed themselves, is told by `breakers`.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from registry.statistics.disclosure.cube import Cube, Measured
from registry.statistics.disclosure.ratios import Leeway, leeway
from registry.statistics.disclosure.rules import Attackers, Ratio, Requirement


@dataclass(frozen=True, eq=False)
class Witness:
    """Changes by place, as whole numbers of `1 / denominator` of the measure's unit. Zero changes are left out."""

    measure: str
    changes: Mapping[int, int] = field(repr=False)
    denominator: int = field(repr=False)

    def reaches(self, place: int, *, side: int, amount: int) -> bool:
        """Whether the cell at `place` goes up (`side` 1) or down (-1) by the amount at least."""
        return side * self.changes.get(place, 0) >= amount * self.denominator


@dataclass(frozen=True)
class Finding:
    """What a witness or a pattern fails at; `place` is None where the table as a whole does not add up."""

    measure: str
    place: int | None
    attackers: Attackers = field(repr=False)
    side: int
    reason: str


def fits(witness: Witness, measured: Measured, attackers: Attackers) -> bool:
    """Whether these attackers cannot exclude it: no cell falls below what they put in, none moves that they fill alone.

    Nobody fits a table with a negative cell. Changes between vintages are bound by what they are changes of alone.
    """
    for place, change in witness.changes.items():
        if place in measured.loose:
            continue
        parts = measured.parts[place]
        known, total = sum(parts.get(each, 0) for each in attackers), measured.totals[place]
        if known == total or (total - known) * witness.denominator + change < 0:
            return False
    return True


def breakers(witness: Witness, measured: Measured) -> frozenset[str]:
    """The holdings that can exclude the witness by what each contributed itself."""
    return frozenset(_breakers(witness, measured))


def _breakers(witness: Witness, measured: Measured) -> Iterator[str]:
    for place, change in witness.changes.items():
        parts = measured.parts[place]
        if place in measured.loose:
            continue
        if len(parts) == 1:
            yield from parts
        elif change < 0:
            left = measured.totals[place] * witness.denominator + change
            yield from (holding for holding, part in parts.items() if part * witness.denominator > left)


def adds_up(witness: Witness, cube: Cube) -> bool:
    """Whether every sum of the tables still holds."""
    return not any(_imbalances(witness.changes, _sums_at(cube, witness.measure)))


def _imbalances(changes: Mapping[int, int], at: Mapping[int, Sequence[tuple[int, int]]]) -> Iterable[int]:
    sums: dict[int, int] = defaultdict(int)
    for place, change in changes.items():
        for equation, sign in at[place]:
            sums[equation] += sign * change
    return sums.values()


def _sums_at(cube: Cube, measure: str) -> Mapping[int, Sequence[tuple[int, int]]]:
    """For each place the sums of a measure it stands in, with its sign."""
    at: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for number, equation in enumerate(cube.sums_of(measure)):
        at[equation.parent].append((number, 1))
        for child in equation.children:
            at[child].append((number, -1))
    return at


@dataclass(frozen=True)
class Proof:
    """The requirements of a cell on one side, and the witnesses that meet them together."""

    measure: str
    place: int
    side: int
    witnesses: tuple[Witness, ...]


def verify(
    cube: Cube,
    *,
    withheld: frozenset[int],
    requirements: Iterable[Requirement],
    proofs: Iterable[Proof],
    ratios: Sequence[Ratio] = (),
) -> tuple[Finding, ...]:
    """What is wrong with a pattern and its proofs; nothing where it is safe. Exact, trusts no solver.

    Every requirement must have, on both sides, a witness that adds up, moves withheld cells only, stays non-negative,
    reaches far enough and that its attackers cannot exclude; for everybody outside the cell, each single holding has to
    be left with one. None may leave the limits of what everybody knows between measures.
    """
    limits = {name: leeway(cube, name, ratios=ratios) for name in cube.measures}
    at = {name: _sums_at(cube, name) for name in cube.measures}
    known = {(proof.measure, proof.place, proof.side): proof.witnesses for proof in proofs}
    sound: dict[int, bool] = {}

    def is_sound(witness: Witness) -> bool:
        if id(witness) not in sound:
            moved, known = witness.changes, cube.measures[witness.measure].known
            moves = withheld.issuperset(moved) and known.isdisjoint(moved)
            moves = moves and _stays_within(witness, limits[witness.measure])
            sound[id(witness)] = moves and not any(_imbalances(moved, at[witness.measure]))
        return sound[id(witness)]

    found: list[Finding] = []
    for each in requirements:
        measured = cube.measures[each.measure]
        if each.place not in withheld:
            found.append(Finding(each.measure, each.place, each.attackers, 0, "published"))
            continue
        for side in (1, -1):
            held = [w for w in known.get((each.measure, each.place, side), ()) if is_sound(w)]
            reaching = [w for w in held if w.reaches(each.place, side=side, amount=each.amount)]
            found += _unmet(each, side, reaching, measured)
    return tuple(found)


def _stays_within(witness: Witness, limits: Leeway) -> bool:
    for place, change in witness.changes.items():
        fall, rise = limits.get(place, (None, None))
        if fall is not None and change < -fall * witness.denominator:
            return False
        if rise is not None and change > rise * witness.denominator:
            return False
    return True


def _unmet(each: Requirement, side: int, reaching: Sequence[Witness], measured: Measured) -> Iterator[Finding]:
    fitting = [witness for witness in reaching if fits(witness, measured, each.attackers)]
    if not fitting:
        yield Finding(each.measure, each.place, each.attackers, side, "no witness")
        return
    if each.attackers:
        return
    can_exclude_all = frozenset.intersection(*(breakers(witness, measured) for witness in fitting))
    for holding in sorted(can_exclude_all - set(measured.parts[each.place])):
        yield Finding(each.measure, each.place, (holding,), side, "no witness")
