"""What the rules find in an invented world, held against the labels: recall and false alarms, by rule and in all. Pure.

No single flag is decisive. An actor is *found* where a rule hits with the weight "high" or "stop", or with "medium" on
what was done (a filing, a use, what belongs together, a facility), or where two rules hit with "medium" on who a
customer is: that somebody is young, or has a parent elsewhere, says nothing by itself. "Low" is a note.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from registry.screening import rulebook, rules
from registry.screening.rulebook import Severity
from registry.screening.scenarios.facts import Actor
from registry.screening.scenarios.snapshots import Seen
from registry.screening.shapes import CustomerSnapshot

_HEAVY: Final = frozenset({Severity.HIGH, Severity.STOP})
_TOGETHER: Final = 2


@dataclass(frozen=True)
class ByRule:
    """One rule: of the actors it is meant to see, how many it saw; of the honest, how many it flagged at all."""

    rule: str
    meant: int
    seen: int
    honest_flagged: int
    honest_weighty: int


@dataclass(frozen=True)
class ByScenario:
    """One way to act: how many there were, and how many were found."""

    scenario: str
    is_evading: bool
    actors: int
    found: int


@dataclass(frozen=True)
class Measured:
    """Everything measured. `flagged` are honest actors with a hit of any weight, `alarmed` those that were found."""

    evading: int
    found: int
    honest: int
    alarmed: int
    flagged: int
    by_rule: tuple[ByRule, ...]
    by_scenario: tuple[ByScenario, ...]

    @property
    def recall(self) -> float:
        """The share of the evading that were found."""
        return self.found / self.evading if self.evading else 1.0

    @property
    def false_alarms(self) -> float:
        """The share of the honest that were found."""
        return self.alarmed / self.honest if self.honest else 0.0


@dataclass(frozen=True)
class _Flag:
    rule: str
    severity: Severity
    is_on_customer: bool


def measure(seen: Iterable[Seen], actors: Iterable[Actor]) -> Measured:
    """Apply every rule in force to every snapshot, and count by label."""
    labels = tuple(actors)
    flags = _flags(seen, labels)
    found = {number for number in range(len(labels)) if is_found(flags[number])}
    honest = [number for number, actor in enumerate(labels) if not actor.is_evading]
    evading = [number for number, actor in enumerate(labels) if actor.is_evading]
    return Measured(
        evading=len(evading),
        found=len(found.intersection(evading)),
        honest=len(honest),
        alarmed=len(found.intersection(honest)),
        flagged=sum(bool(flags[number]) for number in honest),
        by_rule=tuple(_by_rule(labels, flags)),
        by_scenario=_by_scenario(labels, found),
    )


def is_found(flags: Iterable[_Flag]) -> bool:
    """Whether the flags on one actor are together something to look at."""
    weighty = [each for each in flags if each.severity is not Severity.LOW]
    if any(each.severity in _HEAVY or not each.is_on_customer for each in weighty):
        return True
    return len({each.rule for each in weighty}) >= _TOGETHER


def _flags(seen: Iterable[Seen], actors: tuple[Actor, ...]) -> Mapping[int, frozenset[_Flag]]:
    """The flags on each actor, by its number."""
    of_entity = {entity: number for number, actor in enumerate(actors) for entity in actor.entities}
    of_facility = {key: number for number, actor in enumerate(actors) for key in actor.facilities}
    found: defaultdict[int, set[_Flag]] = defaultdict(set)
    for each in seen:
        concerned = {of_entity[entity] for entity in each.entities if entity in of_entity}
        if each.facility in of_facility:
            concerned.add(of_facility[each.facility])
        for hit in rules.screen(each.snapshot):
            flag = _Flag(hit.rule, rules.severity(hit), isinstance(each.snapshot, CustomerSnapshot))
            for number in concerned:
                found[number].add(flag)
    return defaultdict(frozenset, {number: frozenset(flags) for number, flags in found.items()})


def _by_rule(actors: tuple[Actor, ...], flags: Mapping[int, frozenset[_Flag]]) -> Iterable[ByRule]:
    for rule in rulebook.rules_in_force():
        hit = {number for number in range(len(actors)) if any(each.rule == rule.code for each in flags[number])}
        weighty = {n for n in hit if any(f.rule == rule.code and f.severity is not Severity.LOW for f in flags[n])}
        meant = [number for number, actor in enumerate(actors) if rule.code in actor.expects]
        honest = [number for number, actor in enumerate(actors) if not actor.is_evading]
        yield ByRule(rule.code, len(meant), len(hit & {*meant}), len(hit & {*honest}), len(weighty & {*honest}))


def _by_scenario(actors: tuple[Actor, ...], found: set[int]) -> tuple[ByScenario, ...]:
    counts, hits = Counter(actor.scenario for actor in actors), Counter(actors[number].scenario for number in found)
    kinds = {actor.scenario: actor.is_evading for actor in actors}
    return tuple(
        ByScenario(name, kinds[name], counts[name], hits[name])
        for name in sorted(kinds, key=lambda n: (not kinds[n], n))
    )


def report(measured: Measured) -> str:
    """Two tables and two figures, for people."""
    lines = [f"{'rule':<6} {'meant':>6} {'seen':>6} {'recall':>7} {'honest flagged':>15} {'medium or more':>15}"]
    for row in measured.by_rule:
        recall = f"{row.seen / row.meant:.2f}" if row.meant else "–"
        share = f"{row.honest_flagged / measured.honest:.1%}"
        weighty = f"{row.honest_weighty / measured.honest:.1%}"
        lines.append(f"{row.rule:<6} {row.meant:>6} {row.seen:>6} {recall:>7} {share:>15} {weighty:>15}")
    lines += ["", f"{'scenario':<32} {'':<8} {'actors':>7} {'found':>7}"]
    for each in measured.by_scenario:
        kind = "evading" if each.is_evading else "honest"
        lines.append(f"{each.scenario:<32} {kind:<8} {each.actors:>7} {each.found:>7}")
    lines += [
        "",
        f"recall        {measured.recall:.3f}  ({measured.found} of {measured.evading} evading actors found)",
        f"false alarms  {measured.false_alarms:.3f}  ({measured.alarmed} of {measured.honest} honest actors)",
        f"any flag      {measured.flagged / max(measured.honest, 1):.3f}  of honest actors, notes included",
    ]
    return "\n".join(lines)
