"""One measure's search for witnesses: what each sensitive cell asks for, what was found, what is still missing."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import numpy as np

from registry.statistics.disclosure.changes import INFINITE, Array, Changes
from registry.statistics.disclosure.cube import Cube
from registry.statistics.disclosure.cuts import Shortfall
from registry.statistics.disclosure.ratios import leeway
from registry.statistics.disclosure.rules import Attackers, Ratio, Requirement
from registry.statistics.disclosure.witness import Proof, Witness, breakers, fits

QUANTA: Final = 10**10  # of the grand total: what a float holds with room to spare
FAR: Final = 10.0**13  # quanta: as good as without end, for what may fall below nothing
WITHHELD: Final = 1.0  # what a change costs in a cell that is withheld already: as if its value were one quantum
NEVER: Final = 1e6  # times the cost, for the grand total


@dataclass(frozen=True)
class Costs:
    """What withholding a cell costs while a first pattern is sought, and what it is worth when patterns are compared.

    First its value to a power, times a factor for each level it stands above the leaves. Then one, and for its value
    `per_mean` times as much as it is larger than the mean of cells with figures.
    """

    power: float = 0.5
    per_level: float = 1.0
    per_mean: float = 5.0


class Unprotectable(ValueError):
    """A requirement cannot be met with what may still be withheld; the table has to be coarsened."""

    def __init__(self, requirement: Requirement) -> None:
        super().__init__(f"cell {requirement.place} cannot be protected: coarsen the table, or withhold it whole")
        self.requirement = requirement


def bits(places: Iterable[int]) -> int:
    """A set of places as one number."""
    found = bytearray()
    for place in places:
        byte, bit = divmod(place, 8)
        if byte >= len(found):
            found.extend(bytes(byte + 1 - len(found)))
        found[byte] |= 1 << bit
    return int.from_bytes(found, "little")


@dataclass(frozen=True, eq=False)
class Candidate:
    """A witness, and the holdings that can exclude it."""

    witness: Witness
    excluded_by: frozenset[str]

    @cached_property
    def moves(self) -> int:
        """The places that it moves, as bits."""
        return bits(self.witness.changes)


@dataclass
class Group:
    """What a cell asks for on one side, and the candidates that answer it at present."""

    place: int
    side: int
    needs: tuple[Requirement, ...]
    cover: list[Candidate] = field(default_factory=list)

    def reaching(self, need: Requirement, candidates: Sequence[Candidate]) -> Iterator[Candidate]:
        """The candidates that reach far enough for a need."""
        for each in candidates:
            if each.witness.reaches(self.place, side=self.side, amount=need.amount):
                yield each

    def without(self, places: int) -> list[Candidate]:
        """The answers that move none of these places, given as bits."""
        return [each for each in self.cover if not each.moves & places]

    def relies_on(self, place: int) -> bool:
        """Whether an answer moves the cell."""
        return any(place in each.witness.changes for each in self.cover)


Plan = list[tuple[Group, list[Candidate]]]
"""New answers for groups."""


class Search:
    """The groups of one measure, largest requirement first, with every candidate found so far by cell and side.

    `hidden` is shared between the measures and grows. Cells in `published`, or known of the measure, never move.
    """

    def __init__(
        self,
        cube: Cube,
        name: str,
        needs: Sequence[Requirement],
        *,
        hidden: set[int],
        published: frozenset[int],
        costs: Costs,
        ratios: Sequence[Ratio] = (),
    ) -> None:
        self.name, self.hidden = name, hidden
        self.measured, self.equations = cube.measures[name], cube.sums_of(name)
        self.quantum = max(1, max(self.measured.totals) // QUANTA)
        self.totals = np.array([total // self.quantum for total in self.measured.totals], dtype=float)
        self.totals[sorted(published | self.measured.known)] = 0
        self._falls, self._rises = self.totals.copy(), np.where(self.totals > 0, INFINITE, 0.0)
        self._falls[sorted(self.measured.loose)] = FAR
        for place, (fall, rise) in leeway(cube, name, ratios=ratios).items():
            self._falls[place] = min(self._falls[place], fall // self.quantum)
            self._rises[place] = min(self._rises[place], INFINITE if rise is None else rise // self.quantum)
        self.costs = _costs(self.totals, cube.heights, costs)
        self.groups = _groups(needs)
        self.found: dict[tuple[int, int], list[Candidate]] = defaultdict(list)
        self._filled: dict[str, list[int]] = defaultdict(list)
        for place, parts in enumerate(self.measured.parts):
            for holding in parts if place not in self.measured.loose else ():
                self._filled[holding].append(place)
        self._spent = 0
        self._changes = self._programme(range(len(self.totals)))

    @property
    def programmes(self) -> int:
        """How many linear programmes were solved."""
        return self._spent + self._changes.solved

    def withhold_enough(self) -> None:
        """Meet every group, withholding what moves. Raises `Unprotectable`.

        First with what is withheld as it is: those programmes are small, and such answers rely on no secondary. Where
        they are not enough, what they lack is asked of all cells.
        """
        whole = self._changes
        self._changes = self._programme(self.hidden)
        lacking = [group for group in self.groups if self._within(group) is not None]
        for group in lacking:
            while (need := self._within(group)) is not None:
                found = self._dearly(whole, group, need)
                if found is None:
                    raise Unprotectable(need)
                self.hidden.update(found.witness.changes)
                self.keep(found)
                self.narrow(self.hidden)
        self._spent += whole.solved

    def _within(self, group: Group) -> Requirement | None:
        """Meet a group by what is withheld, as far as that goes; what it lacks then.

        A candidate that none of those who could exclude all others can exclude answers them at once; where there is
        none, one for half of them is sought, and so on.
        """
        most = len(self._filled)
        while (need := self.missing(group, group.cover, self.found[group.place, group.side])) is not None:
            costs, found = self._spread(need.amount), None
            left = self._left(group, need)
            while found is None and min(most, len(left)) > 1:
                most = min(most, len(left))
                found = self._solve(self._changes, group, need, costs, room=self._least_room(left[:most]))
                most = most if found else most // 2
            found = found or self.solve(group, need, costs)
            if found is None:
                return need
            self.keep(found)
        return None

    def _left(self, group: Group, need: Requirement) -> Sequence[str]:
        """The holdings outside the cell that can exclude every answer so far, if it is one of them that lacks one."""
        inside = self.measured.parts[group.place].keys()
        if not need.attackers or not inside.isdisjoint(need.attackers):
            return ()
        return sorted(
            frozenset.intersection(*(each.excluded_by for each in group.reaching(need, group.cover))) - inside
        )

    def _least_room(self, holdings: Iterable[str]) -> Mapping[int, int]:
        """By how much cells may fall before any of these sees it, each by itself."""
        least: dict[int, int] = {}
        for each in holdings:
            for place, limit in self.room((each,)).items():
                least[place] = min(limit, least.get(place, limit))
        return least

    def _dearly(self, whole: Changes, group: Group, need: Requirement) -> Candidate | None:
        """A candidate among all cells, at what withholding costs; the finest where coarser units leave none."""
        costs, room = self._charged(need.amount), self.room(need.attackers)
        attempts = (self._solve(whole, group, need, costs, room=room, is_finest=fine) for fine in (False, True))
        return next((found for found in attempts if found is not None), None)

    def narrow(self, places: Iterable[int]) -> None:
        """From now on only these move."""
        self._spent += self._changes.solved
        self._changes = self._programme(places)

    def _programme(self, places: Iterable[int]) -> Changes:
        falls, rises = np.zeros_like(self.totals), np.zeros_like(self.totals)
        moving = sorted(places)
        falls[moving], rises[moving] = self._falls[moving], self._rises[moving]
        return Changes(falls, rises, self.equations)

    def shortfall(self) -> Shortfall:
        """The programme that tells what a set of withheld cells lacks."""
        return Shortfall(self._falls, self._rises, self.equations)

    def allow(self, places: frozenset[int]) -> None:
        """Of those that may move, only these do for now."""
        self._changes.allow(places)

    def fix(self, place: int) -> None:
        """The cell does not move any more."""
        self._changes.fix(place)

    def free(self, place: int) -> None:
        """The cell moves again."""
        self._changes.free(place)

    def missing(self, group: Group, cover: list[Candidate], pool: Sequence[Candidate]) -> Requirement | None:
        """Extend `cover` from `pool` until it meets the group; what it then still lacks, and for whom."""
        for need in group.needs:
            lacking = (self._for_insiders if need.attackers else self._for_everybody)(group, need, cover, pool)
            if lacking is not None:
                return lacking
        return None

    def solve(self, group: Group, need: Requirement, costs: Array) -> Candidate | None:
        """A candidate for the attackers of `need`, the cheapest by `costs`; None where there is none."""
        return self._solve(self._changes, group, need, costs, room=self.room(need.attackers))

    def _solve(
        self,
        programme: Changes,
        group: Group,
        need: Requirement,
        costs: Array,
        *,
        room: Mapping[int, int],
        is_finest: bool = False,
    ) -> Candidate | None:
        programme.charge(costs)
        amount = self.quanta(need)
        found = programme.cheapest(group.place, side=group.side, amount=amount, room=room, is_finest=is_finest)
        if found is None:
            return None
        changes, denominator = found
        witness = Witness(self.name, {place: by * self.quantum for place, by in changes.items()}, denominator)
        is_proved = witness.reaches(group.place, side=group.side, amount=need.amount)
        if not is_proved or not fits(witness, self.measured, need.attackers):
            return None
        return Candidate(witness, breakers(witness, self.measured))

    def keep(self, candidate: Candidate) -> None:
        """Remember it for every cell that it moves."""
        for place, change in candidate.witness.changes.items():
            self.found[place, 1 if change > 0 else -1].append(candidate)

    def forget(self, places: Iterable[int]) -> None:
        """No candidate that moves one of these counts any more."""
        gone = bits(places)
        for key, candidates in self.found.items():
            if any(each.moves & gone for each in candidates):
                self.found[key] = [each for each in candidates if not each.moves & gone]

    def settle(self, dropped: Iterable[int], plan: Plan) -> None:
        """Cells are shown again: the groups of the plan are answered by their new covers."""
        self.forget(dropped)
        known = {id(each) for candidates in self.found.values() for each in candidates}
        for group, cover in plan:
            group.cover = cover
            for each in cover:
                if id(each) not in known:
                    known.add(id(each))
                    self.keep(each)

    def proofs(self) -> Iterator[Proof]:
        """What was found, by cell and side."""
        for group in sorted(self.groups, key=lambda each: (each.place, each.side)):
            yield Proof(self.name, group.place, group.side, tuple(each.witness for each in group.cover))

    def _for_insiders(
        self, group: Group, need: Requirement, cover: list[Candidate], pool: Sequence[Candidate]
    ) -> Requirement | None:
        if any(self._fits(each, need.attackers) for each in group.reaching(need, cover)):
            return None
        for each in group.reaching(need, pool):
            if self._fits(each, need.attackers):
                cover.append(each)
                return None
        return need

    def _for_everybody(
        self, group: Group, need: Requirement, cover: list[Candidate], pool: Sequence[Candidate]
    ) -> Requirement | None:
        """Every holding that contributes nothing here has to be left with a candidate that it cannot exclude."""
        reaching = list(group.reaching(need, cover))
        inside = self.measured.parts[group.place].keys()
        left = frozenset.intersection(*(each.excluded_by for each in reaching)) - inside if reaching else None
        for each in group.reaching(need, pool):
            if left is not None and not left:
                return None
            if left is None or not left <= each.excluded_by:
                cover.append(each)
                left = each.excluded_by - inside if left is None else left & each.excluded_by
        if left is None:
            return need
        return Requirement(need.measure, need.place, (min(left),), need.amount) if left else None

    def _fits(self, candidate: Candidate, attackers: Attackers) -> bool:
        if len(attackers) == 1:
            return attackers[0] not in candidate.excluded_by
        return fits(candidate.witness, self.measured, attackers)

    def quanta(self, need: Requirement) -> int:
        """The amount of a requirement in whole quanta, rounded up."""
        return -(-need.amount // self.quantum)

    def room(self, attackers: Attackers) -> Mapping[int, int]:
        """By how much cells may fall before these attackers see it; 0 where they fill a cell alone."""
        places = {place for each in attackers for place in self._filled[each]}
        return {
            place: (self.measured.totals[place] - sum(self.measured.parts[place].get(each, 0) for each in attackers))
            // self.quantum
            for place in sorted(places)
        }

    def _charged(self, need: int) -> Array:
        """What a change costs in each cell: one that can carry the whole of it is paid for once."""
        costs = self.costs.copy()
        costs[sorted(self.hidden)] = WITHHELD
        return costs * self._spread(need)

    def _spread(self, need: int) -> Array:
        """How many cells of each size it takes to carry the whole change."""
        asked = max(1.0, need / self.quantum)
        spread: Array = asked / np.clip(self.totals, 1.0, asked)
        return spread


def _groups(needs: Sequence[Requirement]) -> list[Group]:
    by_place: dict[int, list[Requirement]] = defaultdict(list)
    for each in needs:
        by_place[each.place].append(each)
    groups = [Group(place, side, tuple(each)) for place, each in by_place.items() for side in (1, -1)]
    return sorted(groups, key=lambda group: (-max(need.amount for need in group.needs), group.place, -group.side))


def _costs(totals: Array, heights: Sequence[int], costs: Costs) -> Array:
    levels = np.power(costs.per_level, np.array(heights, dtype=np.float64))
    found = np.array(np.power(np.maximum(totals, 1.0), costs.power) * levels, dtype=np.float64)
    found[int(np.argmax(heights))] *= NEVER
    return found
