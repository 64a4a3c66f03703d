"""Which further cells to withhold, so that nothing sensitive can be worked out from the rest.

For each requirement a linear programme looks for the cheapest other table that fits what is published; what moves in it
is withheld. Attackers enter as bounds, for they know what they put in themselves. Then secondaries are given back where
every requirement can do without them. The result is the same in every run: sorted input, fixed order, one thread,
limits in numbers of programmes and never in seconds.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from registry.statistics.disclosure.cube import Cube
from registry.statistics.disclosure.rules import Requirement
from registry.statistics.disclosure.search import Candidate, Costs, Group, Search, Unprotectable
from registry.statistics.disclosure.witness import Proof

Plan = Sequence[tuple[Group, list[Candidate]]]


@dataclass(frozen=True)
class Pattern:
    """Which places are withheld, those that are so by themselves, and the proofs that this is enough."""

    withheld: frozenset[int]
    sensitive: frozenset[int]
    proofs: tuple[Proof, ...]
    programmes: int

    @property
    def secondary(self) -> frozenset[int]:
        """What is withheld to protect others."""
        return self.withheld - self.sensitive


def protect(
    cube: Cube,
    requirements: Iterable[Requirement],
    *,
    published: frozenset[int] = frozenset(),
    withheld: frozenset[int] = frozenset(),
    costs: Costs | None = None,
    programmes: int = 1_000_000,
) -> Pattern:
    """A pattern that meets every requirement, with its proofs; the same for all measures.

    `published` places stay shown, because they were shown before; `withheld` ones start and stay hidden. Nothing more
    is given back after `programmes` linear programmes. Raises `Unprotectable` for what cannot be met, or is sensitive
    and published already.
    """
    listed = tuple(requirements)
    for each in listed:
        if each.place in published:
            raise Unprotectable(each)
    sensitive = frozenset(each.place for each in listed)
    hidden = set(sensitive | withheld)
    by_measure: dict[str, list[Requirement]] = defaultdict(list)
    for each in listed:
        by_measure[each.measure].append(each)
    chosen = costs or Costs()
    searches = [
        Search(cube, name, needs, hidden=hidden, published=published, costs=chosen)
        for name, needs in sorted(by_measure.items())
    ]
    for search in searches:
        search.withhold_enough()
    _give_back(searches, hidden, stay=sensitive | withheld, programmes=programmes)
    proofs = tuple(proof for search in searches for proof in search.proofs())
    return Pattern(frozenset(hidden), sensitive, proofs, sum(search.programmes for search in searches))


def _give_back(searches: Sequence[Search], hidden: set[int], *, stay: frozenset[int], programmes: int) -> None:
    """Show again what every requirement can do without: first what is dear and little relied on."""
    for search in searches:
        search.narrow()
    order = {place: _reliance(searches, place) for place in hidden - stay}
    for place in sorted(order, key=lambda each: (order[each], each)):
        if sum(search.programmes for search in searches) > programmes:
            return
        for search in searches:
            search.fix(place)
        plans = list(_plans(searches, place))
        if len(plans) == len(searches):
            hidden.discard(place)
            for search, plan in zip(searches, plans, strict=True):
                _carry_out(search, plan, place)
        else:
            for search in searches:
                search.free(place)


def _reliance(searches: Sequence[Search], place: int) -> float:
    relying = sum(group.relies_on(place) for search in searches for group in search.groups)
    return relying / sum(float(search.costs[place]) for search in searches)


def _plans(searches: Sequence[Search], place: int) -> Iterator[Plan]:
    """A plan for each measure, until one cannot do without the cell."""
    for search in searches:
        plan = _without(search, place)
        if plan is None:
            return
        yield plan


def _carry_out(search: Search, plan: Plan, place: int) -> None:
    search.forget(place)
    known = {id(each) for candidates in search.found.values() for each in candidates}
    for group, cover in plan:
        group.cover = cover
        for each in cover:
            if id(each) not in known:
                known.add(id(each))
                search.keep(each)


def _without(search: Search, place: int) -> Plan | None:
    """New covers for every group that relies on the cell, all without it; None where one cannot do without."""
    fresh: Mapping[tuple[int, int], list[Candidate]] = defaultdict(list)
    costs = np.ones_like(search.totals)
    plan = []
    for group in search.groups:
        if not group.relies_on(place):
            continue
        key = group.place, group.side
        cover = [each for each in group.cover if place not in each.witness.changes]
        old = [each for each in search.found[key] if place not in each.witness.changes]
        while (missing := search.missing(group, cover, [*fresh[key], *old])) is not None:
            found = search.solve(group, missing, costs)
            if found is None:
                return None
            for cell, change in found.witness.changes.items():
                fresh[cell, 1 if change > 0 else -1].append(found)
        plan.append((group, cover))
    return plan
