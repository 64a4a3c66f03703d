"""Building a world of a size: providers, honest and evading actors, and records up to the number asked for. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from math import ceil
from typing import Final, TypeVar

from registry.screening.scenarios import evading, honest
from registry.screening.scenarios.builder import Builder
from registry.screening.scenarios.facts import Actor, Facts, Record

_PROVIDERS: Final = 12
_HALLS: Final = 3
_EVADING: Final = 0.12  # of all actors
_MOST_LINES: Final = 400  # of one use in one month: then a line is an hour's

Made = TypeVar("Made")


@dataclass(frozen=True)
class World:
    """Facts, and apart from them who is who."""

    facts: Facts
    actors: tuple[Actor, ...]


def build(*, organisations: int, records: int, seed: int) -> World:
    """A world of at least so many companies and records; the same for the same three numbers."""
    b = Builder(seed=seed)
    actors = [_provider(b) for _ in range(_PROVIDERS)]
    b.open_halls = tuple(sorted(b.facilities))
    actors.append(evading.forty_parts(b))
    actors += [make(b) for make in evading.EVADING]
    actors += [_labelled(make, b) for make in honest.HONEST]
    while b.companies < organisations:
        if b.random.random() < _EVADING:
            actors.append(_drawn(evading.EVADING, b)(b))
        else:
            actors.append(_labelled(_drawn(honest.HONEST, b), b))
    _fill(b, records)
    return World(b.facts(), tuple(actors))


def _provider(b: Builder) -> Actor:
    company = b.provider(_HALLS)
    halls = {key for key, operator in b.operators.items() if operator == company}
    return Actor("provider", frozenset({company}), is_evading=False, facilities=frozenset(halls))


def _labelled(make: honest.Maker, b: Builder) -> Actor:
    halls = set(b.facilities)
    entities = make(b)
    return Actor(make.__name__, entities, is_evading=False, facilities=frozenset(set(b.facilities) - halls))


def _drawn(among: Mapping[Callable[[Builder], Made], float], b: Builder) -> Callable[[Builder], Made]:
    return b.random.choices(list(among), weights=list(among.values()))[0]


def _fill(b: Builder, records: int) -> None:
    """Up to the number asked for: the inference of those who rent for it, cut into finer lines, hours unchanged."""
    missing = records - len(b.records)
    lines = [each for each in b.records if each.workload == "inference"]
    if missing <= 0 or not lines:
        return
    parts = min(ceil(missing / len(lines)) + 1, _MOST_LINES)
    kept = [each for each in b.records if each.workload != "inference"]
    for line in lines:
        share = line.hours / parts
        kept += [_part(line, number, share) for number in range(parts)]
    b.records = kept


def _part(line: Record, number: int, hours: Decimal) -> Record:
    return replace(line, key=f"{line.key}.{number}", hours=hours)
