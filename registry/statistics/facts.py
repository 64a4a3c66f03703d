"""Facts: what filings, returns and facilities contribute to statistics, one amount each. Pure and frozen.

A fact is confidential. It tells which version of which source it comes from, so that a correction can say how many
versions made it, and nothing that names anybody: holdings, providers and sources are keys.
"""

import gzip
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import product

from pydantic import TypeAdapter

from registry.statistics.disclosure.cube import Contribution, Hierarchy


@dataclass(frozen=True)
class Fact:
    """One amount of one measure: a leaf code in every dimension of its subject, period included; never negative.

    `source` is the filing, return, facility or report, `version` how many versions of it there were.
    """

    subject: str
    holding: str
    provider: str
    source: str
    version: int
    key: Mapping[str, str]
    measure: str
    value: Decimal


Key = tuple[str, ...]
_FACTS = TypeAdapter(tuple[Fact, ...])


def contributions(facts: Iterable[Fact], *, measures: frozenset[str]) -> tuple[Contribution, ...]:
    """The facts of additive measures, as disclosure control takes them."""
    return tuple(
        Contribution(each.holding, each.provider, each.key, each.measure, each.value)
        for each in facts
        if each.measure in measures
    )


def changes(before: Sequence[Fact], now: Sequence[Fact]) -> tuple[Fact, ...]:
    """What differs between two states: at each place by how much, of whom, and by how many versions."""
    old, new = _by_place(before), _by_place(now)
    return tuple(
        _change(old.get(place), new.get(place))
        for place in sorted({*old, *new})
        if _said(old.get(place)) != _said(new.get(place))
    )


def _said(fact: Fact | None) -> tuple[Decimal, str] | None:
    return None if fact is None else (fact.value, fact.holding)


def _change(was: Fact | None, now: Fact | None) -> Fact:
    """By how much a place changed, and by how many versions; a holding that changed owner counts as the new one's."""
    known = now or was
    if known is None:
        raise ValueError("a change needs a state before or after it")
    versions = (now.version if now else known.version + 1) - (was.version if was else 0)
    delta = abs((now.value if now else Decimal(0)) - (was.value if was else Decimal(0)))
    return replace(known, version=max(1, versions), value=delta)


def _by_place(facts: Iterable[Fact]) -> Mapping[tuple[str, ...], Fact]:
    return {(f.subject, f.source, f.measure, *(f"{n}={f.key[n]}" for n in sorted(f.key))): f for f in facts}


def by_cell(
    facts: Iterable[Fact], *, dimensions: Sequence[str], hierarchies: Mapping[str, Hierarchy]
) -> Mapping[Key, list[Fact]]:
    """The facts behind each cell over these dimensions, sums included."""
    found: dict[Key, list[Fact]] = defaultdict(list)
    for each in facts:
        for key in product(*(hierarchies[name].line(each.key[name]) for name in dimensions)):
            found[key].append(each)
    return found


def packed(facts: Sequence[Fact]) -> bytes:
    """All of them as bytes, the same in every run."""
    return gzip.compress(_FACTS.dump_json(tuple(facts)), mtime=0)


def unpacked(content: bytes) -> tuple[Fact, ...]:
    """The facts that `packed` wrote."""
    return _FACTS.validate_json(gzip.decompress(content))
