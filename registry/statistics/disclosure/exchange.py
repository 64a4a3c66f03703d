"""Exchange: part of a pattern made anew at least cost, while the rest stays as it is.

Of a block of cells, or of a slice of it, every cell is open; cuts tell the master programme what it lacks until what it
proposes is enough, or is no cheaper than what there was. Cuts hold for the whole system and are kept from one slice to
the next. Where a whole block is open, what comes out costs least of all that could be.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from registry.statistics.disclosure.changes import Array
from registry.statistics.disclosure.cuts import Cut, Shortfall
from registry.statistics.disclosure.exact import Master
from registry.statistics.disclosure.rules import Requirement
from registry.statistics.disclosure.search import Candidate, Group, Plan, Search, bits

Known = dict[tuple[int, int], list[Candidate]]
"""Candidates by the cell that they move, and its side."""
_AT_ONCE: Final = 5  # cuts for one proposal
_ROUNDS: Final = 100  # proposals for one part
_STEPS: Final = 30_000  # of the master programme for one part: some ten seconds
_RELAXED: Final = 8  # rounds with shares of cells
_NODES: Final = 200  # of the master programme's search
_LESS: Final = 1e-6  # of the price: what counts as cheaper
_STAYING: Final = 1e-3  # the cost of a change in a cell that is not open, so that answers outlive proposals


@dataclass
class _Trial:
    """One proposal: what it withholds, all else as bits, and the new answers of each measure."""

    withheld: frozenset[int]
    shown: int
    shares: Array
    costs: Array
    plans: list[Plan] = field(default_factory=list)


class Exchange:
    """Improves a pattern in place: `hidden` is the set that all searches share; `stay` is never given back.

    `prices` say by place what withholding costs.
    """

    def __init__(self, searches: Sequence[Search], hidden: set[int], *, stay: frozenset[int], prices: Array) -> None:
        self.searches, self.hidden, self.stay = searches, hidden, stay
        self.master = Master(prices)
        self._shortfalls: list[Shortfall] = [search.shortfall() for search in searches]
        self._failed: dict[tuple[int, int], int] = defaultdict(int)

    @property
    def programmes(self) -> int:
        """How many linear programmes were solved, here and before."""
        return sum(each.solved for each in self._shortfalls) + sum(each.programmes for each in self.searches)

    def price(self, places: set[int] | frozenset[int]) -> float:
        """What withholding these places costs."""
        return float(self.master.prices[sorted(places)].sum())

    def remake(self, places: Sequence[int], *, is_relaxed_first: bool = False) -> bool:
        """Withhold among `places` what costs least, the rest being as it is; whether it is proved to cost least."""
        opened = sorted(set(places) - self.stay)
        rest = frozenset(self.hidden.difference(opened))
        if is_relaxed_first:
            self._relax(opened, rest)
        before = self.price(self.hidden) * (1 - _LESS)
        costs = np.full(len(self.master.prices), _STAYING)
        costs[opened] = 1.0
        for search in self.searches:
            search.narrow(rest.union(opened))
        known: list[Known] = [defaultdict(list) for _ in self.searches]
        last = self.master.steps + _STEPS
        for _ in range(_ROUNDS):
            if self.master.steps > last:
                return False
            found = self.master.cheapest(opened, withheld=rest, nodes=_NODES)
            if found is None:
                return False
            shares, is_least = found
            withheld = frozenset(np.flatnonzero(shares > 1 / 2).tolist())
            if self.price(withheld) >= before:
                return is_least
            trial = _Trial(withheld, bits(set(range(len(shares))) - withheld), shares, costs)
            cuts = list(self._cuts(trial, known))
            if not cuts:
                self._carry_out(trial)
                return is_least
            self.master.cuts += cuts
        return False

    def _relax(self, opened: Sequence[int], rest: frozenset[int]) -> None:
        """Cuts for shares of cells, which cost less to find than proposals."""
        for _ in range(_RELAXED):
            found = self.master.cheapest(opened, withheld=rest, nodes=_NODES, is_whole=False)
            if found is None:
                return
            shares, _is_least = found
            cuts = [
                cut
                for search, shortfall in zip(self.searches, self._shortfalls, strict=True)
                for group in search.groups
                for need in group.needs
                if (cut := _cut(search, shortfall, group, need, shares)) and _is_missed(cut, shares)
            ]
            if not cuts:
                return
            self.master.cuts += cuts

    def _cuts(self, trial: _Trial, known: Sequence[Known]) -> Iterator[Cut]:
        """Why the proposal is not enough, a few reasons at a time; none where it is."""
        count = 0
        for search, shortfall, fresh in zip(self.searches, self._shortfalls, known, strict=True):
            search.allow(trial.withheld)
            plan: Plan = []
            for group in sorted(search.groups, key=lambda each: -self._failed[each.place, each.side]):
                cover = group.without(trial.shown)
                if len(cover) == len(group.cover):
                    continue
                missing = _cover(search, group, cover, trial, fresh)
                if missing is None:
                    plan.append((group, cover))
                    continue
                self._failed[group.place, group.side] += 1
                yield _cut(search, shortfall, group, missing, trial.shares) or _more_than(trial)
                count += 1
                if count == _AT_ONCE:
                    return
            trial.plans.append(plan)

    def _carry_out(self, trial: _Trial) -> None:
        dropped = self.hidden - trial.withheld
        self.hidden.clear()
        self.hidden.update(trial.withheld)
        for search, plan in zip(self.searches, trial.plans, strict=True):
            search.settle(dropped, plan)


def _cut(search: Search, shortfall: Shortfall, group: Group, need: Requirement, shares: Array) -> Cut | None:
    room, amount = search.room(need.attackers), search.quanta(need)
    return shortfall.cut(group.place, side=group.side, amount=amount, room=room, shares=shares)


def _cover(search: Search, group: Group, cover: list[Candidate], trial: _Trial, fresh: Known) -> Requirement | None:
    """Extend the cover within the proposal; what cannot be met."""
    key = group.place, group.side
    pool = [each for each in (*fresh[key], *search.found[key]) if not each.moves & trial.shown]
    while (missing := search.missing(group, cover, pool)) is not None:
        found = search.solve(group, missing, trial.costs)
        if found is None:
            return missing
        pool.append(found)
        for cell, change in found.witness.changes.items():
            fresh[cell, 1 if change > 0 else -1].append(found)
    return None


def _is_missed(cut: Cut, shares: Array) -> bool:
    return sum(share * float(shares[place]) for place, share in cut.items()) < 1 - _LESS


def _more_than(trial: _Trial) -> Cut:
    """Some cell more than the proposal withholds."""
    return {place: 1.0 for place in range(len(trial.shares)) if place not in trial.withheld}
