"""Who controls whom, who belongs to which group, who are the beneficial owners. Pure and exact, on ownership's graph.

Control (Regulation (EU) 2024/1624 Art. 53) is the least relation in which somebody controls what it controls by other
means, and whatever it and all that it controls hold more than half of, of the capital or of the votes. An *ultimate
parent* controls and is not controlled; where control goes in a circle, all of the circle stand at the top together.

An entity belongs to the group of its one ultimate parent. What several control jointly belongs to none of their groups
and is told with all of them: to put two parents into one group because of a joint venture would be wrong. It is the
head of a group of its own, to which belongs what it controls.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from registry.organisations import ownership
from registry.organisations.ownership import AGGREGATE, CONTROL, INTEREST, Graph, Limit, Measure


class Ground(StrEnum):
    """Why a natural person is a beneficial owner."""

    CAPITAL = "capital"
    VOTES = "votes"
    CONTROL = "control"
    STATED = "stated"


@dataclass(frozen=True, order=True)
class BeneficialOwner:
    """A natural person that owns or controls in the end, with the grounds and the effective shares."""

    key: str
    grounds: tuple[Ground, ...]
    capital: Fraction
    votes: Fraction


@dataclass(frozen=True)
class Standing:
    """Where an entity stands: its ultimate parents (itself where nobody controls it) and the key of its group."""

    parents: tuple[str, ...]
    group: str
    is_joint: bool = False


def controlled(picture: Graph, owner: str) -> frozenset[str]:
    """Everything that an owner controls, alone or through what it controls."""
    return _reached(picture, [owner], CONTROL, measures=tuple(Measure), by_other_means=True) - {owner}


def held_in_aggregate(picture: Graph, listed: Collection[str], *, limit: Limit = AGGREGATE) -> frozenset[str]:
    """What listed parties together own, directly or indirectly, up to the limit: half or more.

    It goes by ownership alone, and what is reached counts in whole for what it owns (OFAC, 13 August 2014; BIS
    affiliates rule). The listed themselves are not among the answer.
    """
    return _reached(picture, listed, limit, measures=(Measure.CAPITAL,), by_other_means=False) - frozenset(listed)


def _reached(
    picture: Graph, start: Collection[str], limit: Limit, *, measures: Iterable[Measure], by_other_means: bool
) -> frozenset[str]:
    """The start and all of which it and what it reaches hold enough."""
    reached = set(start)
    waiting = sorted(reached)
    sums: defaultdict[tuple[Measure, str], Fraction] = defaultdict(Fraction)
    while waiting:
        owner = waiting.pop()
        for held in picture.holds.get(owner, ()):
            if held in reached:
                continue
            enough = by_other_means and owner in picture.controllers.get(held, ())
            for measure in measures:
                share = picture.shares(measure).get(held, {}).get(owner)
                if share is not None:
                    sums[measure, held] += share
                    enough = enough or limit.reached(sums[measure, held])
            if enough:
                reached.add(held)
                waiting.append(held)
    return frozenset(reached)


def controllers(picture: Graph) -> Mapping[str, frozenset[str]]:
    """Of every entity that is controlled: all who control it, directly or through others."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for owner in picture.holds:
        for held in controlled(picture, owner):
            found[held].add(owner)
    return {held: frozenset(owners) for held, owners in found.items()}


def standings(picture: Graph) -> Mapping[str, Standing]:
    """Where every entity of the graph stands."""
    above = controllers(picture)
    return {key: _standing(key, above) for key in picture.entities}


def standing(picture: Graph, entity: str) -> Standing:
    """Where one entity stands; looks at what lies upstream of it alone."""
    return _standing(entity, controllers(picture.part(picture.upstream(entity))))


def _standing(key: str, above: Mapping[str, frozenset[str]]) -> Standing:
    owners = above.get(key, frozenset())
    tops = _tops(key, above)
    if not tops:
        circle = sorted({key, *owners})
        return Standing(tuple(circle) if owners else (key,), circle[0])
    if len({_circle(top, above) | {top} for top in tops}) == 1:
        return Standing(tuple(sorted(tops)), min(tops))
    alike = {key, *(owner for owner in owners if _tops(owner, above) == tops)}
    highest = {each for each in alike if not (above[each] - _circle(each, above)) & alike}
    group = min(highest) if len({_circle(each, above) | {each} for each in highest}) == 1 else key
    return Standing(tuple(sorted(tops)), group, is_joint=True)


def _tops(key: str, above: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """Who controls an entity without being controlled but by its own circle; nobody for who stands at the top."""
    owners = above.get(key, frozenset())
    if owners == _circle(key, above):
        return frozenset()
    return frozenset(owner for owner in owners if above.get(owner, frozenset()) == _circle(owner, above))


def _circle(owner: str, above: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """Those that control the owner and are controlled by it."""
    return frozenset(other for other in above.get(owner, ()) if owner in above.get(other, ()))


def beneficial_owners(
    picture: Graph, entity: str, *, people: Collection[str], limit: Limit = INTEREST
) -> tuple[BeneficialOwner, ...]:
    """The natural persons (among `people`) with a sufficient interest in an entity, with control over it, or stated.

    Interest and control are looked at in parallel (Art. 51). None found means that the senior managing officials are
    to be named (Art. 63(4)).
    """
    shares = {measure: ownership.owned(picture, entity, measure=measure).shares for measure in Measure}
    above = controllers(picture.part(picture.upstream(entity))).get(entity, frozenset())
    stated = picture.stated.get(entity, {})
    found = []
    for person in sorted({*shares[Measure.CAPITAL], *shares[Measure.VOTES], *above, *stated}):
        if person not in people:
            continue
        capital, votes = (shares[measure].get(person, Fraction(0)) for measure in Measure)
        holds = {
            Ground.CAPITAL: limit.reached(capital),
            Ground.VOTES: limit.reached(votes),
            Ground.CONTROL: person in above,
            Ground.STATED: person in stated,
        }
        grounds = tuple(ground for ground, is_one in holds.items() if is_one)
        if grounds:
            found.append(BeneficialOwner(person, grounds, capital, votes))
    return tuple(found)
