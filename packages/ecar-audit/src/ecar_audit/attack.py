"""Attacks one block: for every target, everybody, every single holding and coalitions look for another table.

A witness is a table that fits all somebody knows and in which the target is far enough from the truth. One that serves
all is looked for first; whom it does not serve is found by arithmetic, and only for those another is looked for.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

from ecar_audit.block import Block, Flags, Floats, Integers, Knowledge, is_all
from ecar_audit.programme import TOLERANCE, Answer, Programme, Undecidable
from ecar_audit.refusals import OutOfTime
from ecar_audit.targets import Target

SIDES = (1, -1)
SUSPECTS = {2: 24, 3: 10}
"""By size of a coalition: of how many holdings around a target all coalitions are tried. Larger ones: as of three."""

FINEST = 0.01
"""Times what a witness was looked for with: smaller targets are not served by it, floating point is not that exact."""


@dataclass(frozen=True)
class Broken:
    """A target that these attackers work out to an interval, given as changes from the truth."""

    target: Target
    attackers: tuple[str, ...]
    lower: float
    upper: float
    needed: int


@dataclass
class Attack:
    """The attack on a block. `found` and `undecided` fill while it runs."""

    block: Block
    targets: Sequence[Target]
    coalition: int
    remaining: Callable[[], float | None]
    found: list[Broken] = field(default_factory=list)
    undecided: int = 0

    def __post_init__(self) -> None:
        self.programme = Programme(self.block, self.remaining)
        self._who = {name: at for at, name in enumerate(self.block.names)}
        self._places = [self._place(target) for target in self.targets]
        self._of: dict[int, list[int]] = {}
        for number, place in enumerate(self._places):
            self._of.setdefault(place, []).append(number)
        # By target, side, attacker; attacker 0 is everybody, the others are the holdings of the block in order.
        self._is_settled = np.zeros((len(self.targets), 2, len(self.block.names) + 1), dtype=bool)
        self._is_served = np.zeros((len(self.targets), 2), dtype=bool)
        self._asked = [[self._ask(target, side) for side in SIDES] for target in self.targets]
        for number in range(len(self.targets)):
            self._is_settled[number] = self._needs(number, 0) <= 0
        self._largest = np.array(
            [[self._needs(number, at).max() for at in (0, 1)] for number in range(len(self.targets))]
        )
        self._witness: dict[tuple[int, int], Answer] = {}

    def run(self) -> None:
        """Judge every target, the largest first."""
        order = sorted(range(len(self.targets)), key=lambda n: (-self.targets[n].ask.outsider, self.targets[n].columns))
        for done, number in enumerate(order):
            try:
                self._judge(number)
            except OutOfTime:
                self.undecided += len(order) - done
                return
            except Undecidable:
                self.undecided += 1

    def interval(self, place: int, known: Knowledge, unit: float) -> tuple[float, float]:
        """How far a column can fall and rise."""
        ends = [self.programme.reach(place, side, known, unit=unit, cap=None).reach for side in SIDES]
        return -ends[1], ends[0]

    def _place(self, target: Target) -> int:
        if target.change is None:
            return self.block.at[target.column]
        return next(
            len(self.block.columns) + at
            for at, each in enumerate(self.block.changes)
            if (each.before, each.after) == target.columns
        )

    def _ask(self, target: Target, side: int) -> tuple[float, Integers, Floats]:
        """How far the target has to move for those who add nothing to it, and for each who does."""
        place = {name: 1 + self._who[name] for name in sorted(target.ask.parts) if name in self._who}
        needs = [self._need(target, (name,), side) for name in place]
        everybody = float(self._need(target, (), side))
        return everybody, np.array(list(place.values()), dtype=np.int64), np.array(needs, dtype=float)

    def _needs(self, number: int, at: int) -> Floats:
        """By attacker: how far the target has to move; not above 0 where it may be known."""
        everybody, who, needs = self._asked[number][at]
        found = np.full(len(self.block.names) + 1, everybody)
        found[who] = needs
        return found

    def _need(self, target: Target, attackers: Sequence[str], side: int) -> int:
        """Downwards no figure can go below what is known of it, however much is asked for."""
        need = target.ask.of(attackers)
        if side > 0 or target.change is not None:
            return need
        return min(need, target.truth - sum(target.ask.parts.get(name, 0) for name in attackers))

    def _judge(self, number: int) -> None:
        if not self._outsiders(number):
            return
        for side in SIDES:
            self._insiders(number, side)
        if self.coalition > 1:
            self._coalitions(number)

    def _outsiders(self, number: int) -> bool:
        """Whether everybody's estimate is far enough off; else nobody else needs to be asked."""
        place = self._places[number]
        for at, side in enumerate(SIDES):
            if self._is_settled[number, at, 0]:
                continue
            needs = self._needs(number, at)
            answer = self._reach(place, side, self.block.everybody, float(needs.max()))
            self._serve(answer, float(needs.max()))
            if not self._is_settled[number, at, 0]:
                self._report(number, (), self.block.everybody)
                self._is_settled[number] = True
                return False
        return True

    def _insiders(self, number: int, side: int) -> None:
        """All that are left at once; where no witness serves all of them, each half by itself, down to one."""
        at = SIDES.index(side)
        needs = self._needs(number, at)
        waiting = [np.flatnonzero(~self._is_settled[number, at])]
        while waiting:
            group = waiting.pop()
            group = group[~self._is_settled[number, at, group]]
            if not len(group):
                continue
            known = self.block.any_of(group - 1)
            need = float(needs[group].max())
            self._serve(self._reach(self._places[number], side, known, need), need)
            left = group[~self._is_settled[number, at, group]]
            if len(group) == 1 and len(left):
                self._report(number, (self.block.names[group[0] - 1],), known)
                self._is_settled[number, :, group[0]] = True
            elif len(left):
                half = (len(left) + 1) // 2
                waiting += [left[half:], left[:half]]

    def _reach(self, place: int, side: int, known: Knowledge, need: float) -> Answer:
        return self.programme.reach(place, side, known, unit=need, cap=need)

    def _serve(self, answer: Answer, unit: float) -> None:
        """Settle all whom a witness serves, whichever targets it moves; much smaller ones need a finer one."""
        breaks = self._breakers(answer)
        for place in np.flatnonzero(answer.moves):
            for number in self._of.get(int(place), ()):
                side = 1 if answer.moves[place] > 0 else -1
                at = SIDES.index(side)
                if self._is_served[number, at] or self._largest[number, at] < FINEST * unit:
                    continue
                reach = abs(float(answer.moves[place]))
                serves = (self._needs(number, at) <= reach * (1 + TOLERANCE)) & ~breaks
                if serves[0]:
                    self._witness.setdefault((number, at), answer)
                self._is_settled[number, at] |= serves
                self._is_served[number, at] = (number, at) in self._witness and self._is_settled[number, at].all()

    def _breakers(self, answer: Answer) -> Flags:
        """Who can rule a witness out, because it contradicts what they filed."""
        parts, ratios = self.block.parts, self.block.ratio_parts
        moved, hair = answer.moves[parts.at], answer.hair[parts.at]
        bad = (moved < parts.amount - hair) | (parts.is_whole & (np.abs(moved) > hair))
        found = np.zeros(len(self.block.names) + 1, dtype=bool)
        found[1 + parts.who[bad]] = True
        if len(ratios.at):
            over = (self._ratio_moves(answer) - self._ratio_hair(answer))[ratios.at] > ratios.amount
            found[1 + ratios.who[over]] = True
        return found

    def _ratio_moves(self, answer: Answer) -> Floats:
        rows: Floats = self.block.matrix[self.block.equalities :] @ (answer.moves / self.block.units)
        return rows * self.block.row_units

    def _ratio_hair(self, answer: Answer) -> Floats:
        """By ratio row: how far off it can be."""
        return self.block.row_units * float((answer.hair / self.block.units).max())

    def _coalitions(self, number: int) -> None:
        """One that succeeds is enough for a target: more of them would say no more."""
        for size in range(2, self.coalition + 1):
            for at in (0, 1):
                groups = self._suspected(number, at, size)
                if self._meets(number, at, self._unserved(number, at, groups, self._witness.get((number, at)))):
                    return

    def _meets(self, number: int, at: int, groups: Integers) -> bool:
        """Whether one of these coalitions learns more than it could from what one of its members learns anyway.

        All are tried at once; where no witness serves all of them, each half by itself, down to one.
        """
        learned = {name for each in self.found if each.target is self.targets[number] for name in each.attackers}
        known_to = np.array([name in learned for name in self.block.names], dtype=bool)
        waiting = [groups[~known_to[groups].any(axis=1)]]
        while waiting:
            group = waiting.pop()
            if not len(group):
                continue
            known, need = self.block.together(group), float(self._needs_of(number, at, group).max())
            left = self._unserved(number, at, group, self._reach(self._places[number], SIDES[at], known, need))
            if len(group) == 1 and len(left):
                self._report(number, tuple(self.block.names[each] for each in left[0]), known)
                return True
            half = (len(left) + 1) // 2
            waiting += [left[half:], left[:half]] if len(left) == len(group) else [left]
        return False

    def _needs_of(self, number: int, at: int, groups: Integers) -> Floats:
        """By coalition: how far the target has to move."""
        everybody, who, _ = self._asked[number][at]
        needs = np.full(len(groups), everybody)
        for row in np.flatnonzero(np.isin(groups, who - 1).any(axis=1)):
            names = tuple(self.block.names[each] for each in groups[row])
            needs[row] = self._need(self.targets[number], names, SIDES[at])
        return needs

    def _suspected(self, number: int, at: int, size: int) -> Integers:
        """Coalitions of the holdings with most in the target and in what its witness moves: others rule nothing out."""
        place, witness = self._places[number], self._witness.get((number, at))
        moved = np.array([place] if witness is None else np.union1d([place], np.flatnonzero(witness.moves)))
        parts = self.block.parts
        chosen = np.isin(parts.at, moved)
        column, who = parts.at[chosen], parts.who[chosen]
        nearness = 1.0 + parts.amount[chosen] / np.maximum(self.block.truth[column], 1.0) + 2.0 * (column == place)
        weight = np.zeros(len(self.block.names))
        np.maximum.at(weight, who, nearness)
        first = np.argsort(-weight, kind="stable")[: SUSPECTS.get(size, SUSPECTS[3])]
        groups = list(combinations(sorted(int(each) for each in first if weight[each] > 0), size))
        return np.array(groups, dtype=np.int64).reshape(-1, size)

    def _unserved(self, number: int, at: int, groups: Integers, witness: Answer | None) -> Integers:
        """Those of the coalitions that may not know the target, and that a witness does not serve."""
        needs = self._needs_of(number, at, groups)
        is_open: Flags = needs > 0
        if witness is not None and len(groups):
            reach = SIDES[at] * witness.moves[self._places[number]]
            is_open &= ~((needs * (1 - TOLERANCE) <= reach) & self._fits(groups, witness))
        left: Integers = groups[is_open]
        return left

    def _fits(self, groups: Integers, witness: Answer) -> Flags:
        """By coalition: whether a witness fits what they filed together."""
        moved = np.flatnonzero(witness.moves)
        filed = self.block.filed[groups.ravel()][:, moved].toarray().reshape(*groups.shape, len(moved)).sum(axis=1)
        truth, moves, hair = self.block.truth[moved], witness.moves[moved], witness.hair[moved]
        is_known = is_all(filed, truth) & (np.abs(moves) > hair)
        fits = ~(is_known | (filed > 0) & (moves < filed - truth - hair)).any(axis=1)
        for row in np.flatnonzero(fits) if len(self.block.everybody.slack) else ():
            slack = self.block.together(groups[row : row + 1]).slack
            fits[row] = (self._ratio_moves(witness) - self._ratio_hair(witness) <= slack).all()
        return np.asarray(fits, dtype=bool)

    def _report(self, number: int, attackers: tuple[str, ...], known: Knowledge) -> None:
        target = self.targets[number]
        needed = self._need(target, attackers, 1)
        unit = float(max(abs(target.truth), needed, 1))
        lower, upper = self.interval(self._places[number], known, unit)
        self.found.append(Broken(target, attackers, lower, upper, needed))
