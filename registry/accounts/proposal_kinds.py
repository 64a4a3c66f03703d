"""What needs a second person, as data/proposals.toml says it: permission, how long it waits, and its words."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from registry.accounts.policy import Permission
from registry.languages import SPOKEN

_DATA: Final = Path(__file__).parent / "data" / "proposals.toml"
Shown = Mapping[str, str | Mapping[str, str]]  # values of a sentence; a mapping has them by language


class Hand(StrEnum):
    """Who carries out what was confirmed."""

    STEWARD = "steward"
    PROPOSER = "proposer"


@dataclass(frozen=True)
class ProposalKind:
    """One kind of act that needs a second person (or one, where it only takes away)."""

    code: str
    permission: Permission
    persons: int
    waits: timedelta
    hand: Hand
    sentences: Mapping[str, str]


@cache
def kinds() -> Mapping[str, ProposalKind]:
    """All kinds by code. Raises ValueError for one that asks for another number of persons than one or two."""
    found = {code: _kind(code, row) for code, row in _read()["kind"].items()}
    for kind in found.values():
        if kind.persons not in {1, 2}:
            raise ValueError(f"{kind.code} asks for {kind.persons} persons")
    return MappingProxyType(found)


def sentence(code: str, shown: Shown, *, language: str) -> str:
    """What will be done, in plain words. A value that is not there is shown as an ellipsis."""
    pattern = kinds()[code].sentences[language]
    return pattern.format_map(_Values({name: _worded(value, language) for name, value in shown.items()}))


def role_words(role: str) -> Mapping[str, str]:
    """How a role is called, by language; its code where the file has no words for it."""
    said: Mapping[str, str] = _read()["role"].get(role, dict.fromkeys(SPOKEN, role))
    return said


class _Values(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return "…"


def _worded(value: str | Mapping[str, str], language: str) -> str:
    return value[language] if isinstance(value, Mapping) else str(value)


def _kind(code: str, row: Mapping[str, Any]) -> ProposalKind:
    return ProposalKind(
        code,
        Permission(row["permission"]),
        row["persons"],
        timedelta(days=row["days"]),
        Hand(row["hand"]),
        MappingProxyType({language: row[language] for language in SPOKEN}),
    )


@cache
def _read() -> dict[str, Any]:
    return tomllib.loads(_DATA.read_text(encoding="utf-8"))
