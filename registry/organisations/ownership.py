"""Ownership as a dated graph: effective shares, beneficial owners, control, groups. Pure and exact (fractions).

A *holding* says what share of the capital or votes of `held` its `owner` has, or that it controls `held` by other
means, or that it is stated to be a beneficial owner. Who holds as a nominee is looked through: the nominator owns.

- Effective share (Regulation (EU) 2024/1624 Art. 52(1)): multiply along each chain, then add the chains. Where holdings
  go in a circle the chains are without end, and their sum is the solution of a linear system: with `A` the matrix of
  direct shares and `V = (I - A)⁻¹`, the share of `i` in `j` is `V[i,j] / V[i,i]`. The divisor leaves out chains that
  come back to `i` before they reach `j`; no share is then above one.
- Control (Art. 53): more than half of capital or votes, added over all that one controls (50 % + 1), or other means.
- Aggregate rule (OFAC, BIS affiliates): half or more, added over all listed parties and what the rule reaches itself.

A circle that owns all of itself has no owner outside. Its members then count as owners of themselves, and are told.
All mappings go from what is held to its owners unless they say otherwise. Keys of entities are the caller's own.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from fractions import Fraction
from functools import cached_property
from typing import Final

from registry.organisations import ownership_circles as circles
from registry.periods import Period

NONE: Final = Fraction(0)
WHOLE: Final = Fraction(1)


class Kind(StrEnum):
    """What a holding is a share of, or else by what it reaches."""

    CAPITAL = "capital"
    VOTES = "votes"
    CONTROL = "control"
    BENEFICIAL = "beneficial"


class Measure(StrEnum):
    """What shares are shares of. Who states no votes has as many as capital."""

    CAPITAL = "capital"
    VOTES = "votes"


@dataclass(frozen=True)
class Limit:
    """A limit for a share, and on which side of it the limit itself lies."""

    share: Fraction
    is_included: bool

    def reached(self, share: Fraction) -> bool:
        """Whether the share counts: at least the limit, or more than it."""
        return share >= self.share if self.is_included else share > self.share


# The rows owner-* of registry/filings/data/thresholds.toml, which stand a floor higher; a test keeps them equal.
INTEREST: Final = Limit(Fraction(25, 100), is_included=True)
INTEREST_AT_HIGHER_RISK: Final = Limit(Fraction(15, 100), is_included=True)
CONTROL: Final = Limit(Fraction(50, 100), is_included=False)
AGGREGATE: Final = Limit(Fraction(50, 100), is_included=True)


@dataclass(frozen=True)
class Holding:
    """One edge. `share` is a part of one, None for control by other means; `nominator` is for whom `owner` holds."""

    owner: str
    held: str
    kind: Kind
    share: Fraction | None
    validity: Period
    nominator: str = ""

    @property
    def true_owner(self) -> str:
        """Who owns: the nominator of a nominee."""
        return self.nominator or self.owner


class Impossible(ValueError):
    """Holdings that no day can have: more than the whole of something, or something that holds itself."""

    def __init__(self, held: str, reason: str) -> None:
        super().__init__(f"{held}: {reason}")
        self.held = held
        self.reason = reason


@dataclass(frozen=True)
class Graph:
    """The holdings of one day with nominees looked through, added up by owner, held entity and measure."""

    on: date
    capital: Mapping[str, Mapping[str, Fraction]]
    votes: Mapping[str, Mapping[str, Fraction]]
    controllers: Mapping[str, frozenset[str]]
    stated: Mapping[str, Mapping[str, Fraction | None]]

    def shares(self, measure: Measure) -> Mapping[str, Mapping[str, Fraction]]:
        """Direct shares by that measure."""
        return self.capital if measure is Measure.CAPITAL else self.votes

    @cached_property
    def entities(self) -> frozenset[str]:
        """Everything that holds or is held."""
        sides = (self.capital, self.votes, self.controllers, self.stated)
        return frozenset(key for side in sides for held, owners in side.items() for key in (held, *owners))

    @cached_property
    def holds(self) -> Mapping[str, frozenset[str]]:
        """From each owner to what it holds directly, by shares or by other control."""
        found: defaultdict[str, set[str]] = defaultdict(set)
        for side in (self.capital, self.votes, self.controllers):
            for held, owners in side.items():
                for owner in owners:
                    found[owner].add(held)
        return {owner: frozenset(held) for owner, held in found.items()}

    def upstream(self, held: str) -> frozenset[str]:
        """The entity and everything from which a chain of any kind leads to it."""
        sides = (self.capital, self.votes, self.controllers, self.stated)
        return circles.reached([held], lambda key: (owner for side in sides for owner in side.get(key, ())))

    def part(self, entities: Collection[str]) -> "Graph":
        """What the graph says of how these entities are held."""
        return Graph(
            self.on,
            {key: self.capital[key] for key in self.capital if key in entities},
            {key: self.votes[key] for key in self.votes if key in entities},
            {key: self.controllers[key] for key in self.controllers if key in entities},
            {key: self.stated[key] for key in self.stated if key in entities},
        )


def graph(holdings: Iterable[Holding], *, on: date) -> Graph:
    """The graph of the holdings that are valid on a day; their order does not matter.

    Raises `Impossible` where shares of one entity add up to more than one, or an entity holds itself.
    """
    capital: defaultdict[str, dict[str, Fraction]] = defaultdict(dict)
    votes: defaultdict[str, dict[str, Fraction]] = defaultdict(dict)
    controllers: defaultdict[str, set[str]] = defaultdict(set)
    stated: defaultdict[str, dict[str, Fraction | None]] = defaultdict(dict)
    for each in holdings:
        if on not in each.validity:
            continue
        owner = each.true_owner
        if owner == each.held:
            raise Impossible(each.held, "it holds itself")
        match each.kind:
            case Kind.CONTROL:
                controllers[each.held].add(owner)
            case Kind.BENEFICIAL:
                known = stated[each.held].get(owner)
                stated[each.held][owner] = max(known or NONE, each.share or NONE) or None
            case Kind.CAPITAL | Kind.VOTES if each.share:
                owners = (capital if each.kind is Kind.CAPITAL else votes)[each.held]
                owners[owner] = owners[owner] + each.share if owner in owners else each.share
            case Kind.VOTES:  # stated to be none, which is not the same as not stated
                votes[each.held].setdefault(owner, NONE)
            case _:
                pass
    whole = _whole(capital, Measure.CAPITAL)
    same = {held: owners for held, owners in whole.items() if held not in votes}
    return Graph(
        on,
        whole,
        {**same, **_whole(_votes(capital, votes), Measure.VOTES)},
        {held: frozenset(owners) for held, owners in controllers.items()},
        {held: dict(owners) for held, owners in stated.items()},
    )


def _votes(
    capital: Mapping[str, Mapping[str, Fraction]], stated: Mapping[str, Mapping[str, Fraction]]
) -> dict[str, Mapping[str, Fraction]]:
    """Votes of what has stated votes; there, a holder of capital who states none has as many votes as capital."""
    return {held: {**capital.get(held, {}), **owners} for held, owners in stated.items()}


def _whole(shares: Mapping[str, Mapping[str, Fraction]], measure: Measure) -> dict[str, Mapping[str, Fraction]]:
    """The shares that are above nothing. Raises `Impossible` where they add up to more than one."""
    for held, owners in shares.items():
        if sum(owners.values()) > WHOLE:
            raise Impossible(held, f"more than the whole of its {measure}")
    kept = ((held, {owner: share for owner, share in owners.items() if share}) for held, owners in shares.items())
    return {held: owners for held, owners in kept if owners}


@dataclass(frozen=True)
class Owned:
    """Who owns an entity by one measure: the effective share of everyone upstream, and what is a circle of its own."""

    shares: Mapping[str, Fraction]
    ultimate: frozenset[str]
    circular: frozenset[str] = field(default_factory=frozenset)

    @property
    def unstated(self) -> Fraction:
        """The part of the whole whose owner nobody has stated, if the entity itself has any stated owner."""
        return WHOLE - sum((self.shares[key] for key in self.ultimate), NONE) if self.shares else WHOLE


def owned(picture: Graph, held: str, *, measure: Measure) -> Owned:
    """The effective share of each owner, direct or indirect, in an entity. Exact, circles solved.

    `ultimate` are the owners of whom no owner is stated. Where every holding is stated in full their shares add up to
    one. Time grows with what lies upstream, and with the cube of the largest circle there.
    """
    direct = picture.shares(measure)
    order = circles.components(circles.reached([held], lambda key: direct.get(key, ())), direct)
    rings = [ring for ring in order if len(ring) > 1]
    closed = frozenset(key for ring in rings if is_closed(ring, direct) for key in ring)
    weight = _weights(held, order, direct, closed)
    loops = circles.returns([ring for ring in rings if not ring & closed], direct)
    shares = {key: weight[key] / loops.get(key, WHOLE) for key in weight if key != held and weight[key] > 0}
    ultimate = frozenset(key for key in shares if key not in direct or key in closed)
    return Owned(shares, ultimate, closed)


def is_closed(ring: frozenset[str], direct: Mapping[str, Mapping[str, Fraction]]) -> bool:
    """Whether the members of a circle own each other in full, so that nobody outside owns any."""
    return all(sum((share for owner, share in direct[key].items() if owner in ring), NONE) == WHOLE for key in ring)


def _weights(
    held: str,
    order: Sequence[frozenset[str]],
    direct: Mapping[str, Mapping[str, Fraction]],
    closed: frozenset[str],
) -> Mapping[str, Fraction]:
    """Column `held` of `(I - A)⁻¹`: for each entity the sum over all chains from it to `held`.

    From `held` upwards, one circle at a time: what lies below a circle is known when it is met.
    """
    weight: defaultdict[str, Fraction] = defaultdict(Fraction)
    weight[held] = WHOLE
    for ring in reversed(order):
        if ring & closed:
            continue
        if len(ring) > 1:
            weight.update(circles.solved(ring, direct, weight))
        for key in ring:
            for owner, share in direct.get(key, {}).items():
                if owner not in ring:
                    weight[owner] += share * weight[key]
    return weight
