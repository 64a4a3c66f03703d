"""What may become of a case: states, verbs, outcomes and their reasons. Pure.

A case is what an authority makes of findings that belong together. It is open until somebody takes it, assigned until
it is closed, and opens again where a further finding comes or where the authority looks anew.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from stdnum.iso7064 import mod_11_10

from registry.languages import SPOKEN
from registry.screening.precision import Outcome
from registry.screening.rulebook import Severity

OPENING: Final = frozenset({Severity.STOP.value, Severity.HIGH.value})
"""Findings of these severities open a case by themselves; the others wait until an officer takes them up."""
SHORTEST_REASON: Final = 10
LONGEST_TEXT: Final = 2000
_FILE: Final = Path(__file__).parent / "data" / "case_reasons.toml"
_WEIGHT: Final = (Outcome.CONFIRMED, Outcome.EXPLAINED, Outcome.DISMISSED)
_SEVERITIES: Final = tuple(each.value for each in Severity)


class State(StrEnum):
    """Where a case stands."""

    OPEN = "open"  # nobody has it
    ASSIGNED = "assigned"
    CLOSED = "closed"


class Verb(StrEnum):
    """What is done to a case; each is also the kind of the step that tells of it."""

    OPEN = "opened"
    ADD = "finding_added"
    ASSIGN = "assigned"
    RELEASE = "released"
    NOTE = "noted"
    CLOSE = "closed"
    REOPEN = "reopened"
    LOOK = "looked"


TRANSITIONS: Final[Mapping[tuple[State, Verb], State]] = MappingProxyType(
    {
        (State.OPEN, Verb.ADD): State.OPEN,
        (State.OPEN, Verb.ASSIGN): State.ASSIGNED,
        (State.OPEN, Verb.NOTE): State.OPEN,
        (State.OPEN, Verb.LOOK): State.OPEN,
        (State.ASSIGNED, Verb.ADD): State.ASSIGNED,
        (State.ASSIGNED, Verb.ASSIGN): State.ASSIGNED,
        (State.ASSIGNED, Verb.RELEASE): State.OPEN,
        (State.ASSIGNED, Verb.NOTE): State.ASSIGNED,
        (State.ASSIGNED, Verb.LOOK): State.ASSIGNED,
        (State.ASSIGNED, Verb.CLOSE): State.CLOSED,
        (State.CLOSED, Verb.ADD): State.OPEN,
        (State.CLOSED, Verb.LOOK): State.CLOSED,
        (State.CLOSED, Verb.REOPEN): State.OPEN,
    }
)
"""What follows when something is done in a state; what is not here cannot be done."""

CHANGES: Final = tuple(sorted({(old.value, new.value) for (old, _), new in TRANSITIONS.items() if old is not new}))
"""The changes of state that the database lets through."""


@dataclass(frozen=True)
class Reason:
    """A coded reason for an outcome, in words of each language."""

    code: str
    outcome: Outcome
    words: Mapping[str, str]
    source: str


@cache
def reasons() -> Mapping[str, Reason]:
    """All coded reasons by code, in the order of the file."""
    said = tomllib.loads(_FILE.read_text(encoding="utf-8"))["reason"]
    return MappingProxyType({row["code"]: _reason(row) for row in said})


def next_state(state: State, verb: Verb) -> State | None:
    """The state after it, None where it cannot be done."""
    return TRANSITIONS.get((state, verb))


def verbs_in(state: State) -> frozenset[Verb]:
    """What can be done in a state."""
    return frozenset(verb for known, verb in TRANSITIONS if known is state)


def heaviest(outcomes: Iterable[Outcome]) -> Outcome | None:
    """What findings with these outcomes make of their case: one confirmed confirms it. None where there are none."""
    return min(outcomes, key=_WEIGHT.index, default=None)


def gravest(severities: Iterable[str]) -> str:
    """The heaviest of severities. Raises ValueError for none, or for a word that is no severity."""
    return min(severities, key=_SEVERITIES.index)


def reference(*, year: int, number: int) -> str:
    """The reference of the `number`-th case, such as `CASE-2026-000012-4`: check digit (ISO 7064 MOD 11,10) last."""
    digits = f"{number:06d}"
    return f"CASE-{year}-{digits}-{mod_11_10.calc_check_digit(f'{year}{digits}')}"


def _reason(row: Mapping[str, Any]) -> Reason:
    if not row["source"]:
        raise ValueError(f"{_FILE.name}: {row['code']} needs a source")
    words = MappingProxyType({language: row[language] for language in SPOKEN})
    return Reason(row["code"], Outcome(row["outcome"]), words, row["source"])
