"""Which further cells to withhold, so that nothing sensitive can be worked out from the rest.

For each requirement a linear programme looks for the cheapest other table that fits what is published; what moves in it
is withheld. Attackers enter as bounds, for they know what they put in themselves. Then a small block of cells is made
anew at least cost, a large one slice by slice; what is too large for that gives secondaries back where every
requirement can do without them. The result is the same in every run: sorted input, fixed order, one thread, limits in
numbers of programmes and never in seconds.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from registry.statistics.disclosure.changes import Array
from registry.statistics.disclosure.cube import Cube
from registry.statistics.disclosure.exchange import Exchange
from registry.statistics.disclosure.parts import blocks, slices
from registry.statistics.disclosure.rules import Ratio, Requirement
from registry.statistics.disclosure.search import Candidate, Costs, Plan, Search, Unprotectable
from registry.statistics.disclosure.witness import Proof

FEW: Final = 20  # sensitive cells


@dataclass(frozen=True)
class Limits:
    """What is tried, by the cells of a block that can move and by the number of linear programmes so far.

    A block is made anew whole up to `small` cells, or `small_if_few` with few sensitive ones, and by slices up to
    `largest_block`; a larger one only gives back. After `exchange` programmes for each measure no more slices are made
    anew, but what is left gives back; after `give_back` programmes for each measure nothing more is given back, in a
    block too large for slices after `give_back_largest`: the first attempts find nearly all that can be shown.
    """

    small: int = 200
    small_if_few: int = 1_500
    largest_block: int = 3_000
    exchange: int = 5_000
    give_back: int = 20_000
    give_back_largest: int = 4_000


@dataclass(frozen=True)
class Pattern:
    """Which places are withheld, those that are so by themselves, and the proofs that this is enough.

    `is_least` tells that no pattern costs less. Only `withheld` may be told.
    """

    withheld: frozenset[int]
    sensitive: frozenset[int] = field(repr=False)
    proofs: tuple[Proof, ...] = field(repr=False)
    programmes: int
    is_least: bool = False

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
    ratios: Sequence[Ratio] = (),
    costs: Costs | None = None,
    limits: Limits | None = None,
) -> Pattern:
    """A pattern that meets every requirement, with its proofs; the same for all measures.

    `published` places stay shown, because they were shown before; `withheld` ones start and stay hidden. Raises
    `Unprotectable` for what cannot be met, or is sensitive and published already.
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
    chosen, bounds = costs or Costs(), limits or Limits()
    searches = [
        Search(cube, name, needs, hidden=hidden, published=published, costs=chosen, ratios=ratios)
        for name, needs in sorted(by_measure.items())
    ]
    for search in searches:
        search.withhold_enough()
    stay = sensitive | withheld
    is_least = not hidden - stay
    if not is_least:
        exchange = Exchange(searches, hidden, stay=stay, prices=_prices(cube, chosen))
        is_least = _make_anew(cube, exchange, published, bounds)
    proofs = tuple(proof for search in searches for proof in search.proofs())
    programmes = exchange.programmes if hidden - stay else sum(search.programmes for search in searches)
    return Pattern(frozenset(hidden), sensitive, proofs, programmes, is_least)


def _prices(cube: Cube, costs: Costs) -> Array:
    """What withholding each cell is worth avoiding, over all measures."""
    found = np.ones(len(cube.cells))
    for measured in cube.measures.values():
        totals = np.array(measured.totals, dtype=float)
        if totals.any():
            found += costs.per_mean / len(cube.measures) * totals / totals[totals > 0].mean()
    return found


def _make_anew(cube: Cube, exchange: Exchange, published: frozenset[int], limits: Limits) -> bool:
    """Every block whole, by slices, or only giving back, by its size; whether all is proved to cost least."""
    is_least = True
    top = max(range(len(cube.cells)), key=lambda place: cube.heights[place])
    for block in blocks(cube, movable=_movable(cube) - published):
        opened = [place for place in block if place not in exchange.stay and place != top]
        if exchange.hidden.isdisjoint(opened):
            continue
        is_few = len(exchange.stay.intersection(block)) < FEW
        if len(block) <= (limits.small_if_few if is_few else limits.small):
            is_done = exchange.remake(opened, is_relaxed_first=True)
            is_least &= is_done
        else:
            is_done = len(block) <= limits.largest_block and _exchange_slices(cube, exchange, opened, limits)
            is_least = False
        if not is_done:
            most = limits.give_back if len(block) <= limits.largest_block else limits.give_back_largest
            _give_back(exchange.searches, exchange.hidden, stay=exchange.stay, programmes=most)
    return is_least


def _movable(cube: Cube) -> frozenset[int]:
    return frozenset(place for each in cube.measures.values() for place, total in enumerate(each.totals) if total)


def _exchange_slices(cube: Cube, exchange: Exchange, opened: Sequence[int], limits: Limits) -> bool:
    """One slice after the other, the dearest first; whether all had their turn."""
    parts = slices(cube, block=opened)
    worth = {part: exchange.price(exchange.hidden.intersection(part)) for part in parts}
    last = exchange.programmes + limits.exchange * len(exchange.searches)
    for part in sorted(parts, key=lambda each: (-worth[each], each)):
        if exchange.programmes > last:
            return False
        if not exchange.hidden.isdisjoint(part):
            exchange.remake(part)
    return True


def _give_back(searches: Sequence[Search], hidden: set[int], *, stay: frozenset[int], programmes: int) -> None:
    """Show again what every requirement can do without: first what is dear and little relied on."""
    for search in searches:
        search.narrow(hidden)
    last = sum(search.programmes for search in searches) + programmes * len(searches)
    order = {place: _reliance(searches, place) for place in hidden - stay}
    for place in sorted(order, key=lambda each: (order[each], each)):
        if sum(search.programmes for search in searches) > last:
            return
        for search in searches:
            search.fix(place)
        plans = list(_plans(searches, place))
        if len(plans) == len(searches):
            hidden.discard(place)
            for search, plan in zip(searches, plans, strict=True):
                search.settle((place,), plan)
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
