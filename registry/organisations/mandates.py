"""Mandates: what an agent may do for the organisation that mandated it, and when. Pure; data/mandates.toml.

A mandate gives permissions of providers and no other; it never gives away who is mandated or who administers.
"""

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from registry.languages import SPOKEN

_DATA: Final = Path(__file__).with_name("data") / "mandates.toml"
LONGEST: Final = timedelta(days=5 * 366)


class State(StrEnum):
    """How a mandate stands at a moment."""

    OFFERED = "offered"
    NOT_YET = "not_yet"
    IN_FORCE = "in_force"
    ENDED = "ended"
    DECLINED = "declined"
    REVOKED = "revoked"


@dataclass(frozen=True)
class Scope:
    """One thing that can be mandated: its permissions, whether it writes, and its words by language."""

    code: str
    permissions: frozenset[str]
    writes: bool
    texts: Mapping[str, str]


@dataclass(frozen=True)
class Terms:
    """A mandate's terms; moments are aware, the end is not included."""

    scopes: frozenset[str]
    starts_at: datetime
    ends_at: datetime
    accepted_at: datetime | None = None
    declined_at: datetime | None = None
    revoked_at: datetime | None = None


@cache
def scopes() -> Mapping[str, Scope]:
    """All scopes by code."""
    return MappingProxyType(
        {
            code: Scope(code, frozenset(row["permissions"]), row["writes"], {k: row[k] for k in SPOKEN})
            for code, row in _read()["scopes"].items()
        }
    )


def permissions_of(codes: Collection[str]) -> frozenset[str]:
    """The permissions that scopes give. Raises KeyError for a scope that does not exist."""
    return frozenset(permission for code in codes for permission in scopes()[code].permissions)


def writes(codes: Collection[str]) -> bool:
    """Whether one of the scopes writes."""
    return any(scopes()[code].writes for code in codes)


def state_at(terms: Terms, at: datetime) -> State:
    """How the mandate stands at `at`; what ended it first counts."""
    if terms.declined_at is not None:
        return State.DECLINED
    if terms.revoked_at is not None and terms.revoked_at <= at:
        return State.REVOKED
    if at >= terms.ends_at:
        return State.ENDED
    if terms.accepted_at is None:
        return State.OFFERED
    return State.IN_FORCE if at >= terms.starts_at else State.NOT_YET


def granted(terms: Terms, *, own: frozenset[str], at: datetime) -> frozenset[str]:
    """What an agent who may do `own` for itself may do under the mandate at `at`: nothing unless it is in force."""
    if state_at(terms, at) is not State.IN_FORCE:
        return frozenset()
    return own & permissions_of(terms.scopes)


def scope_text(code: str, language: str) -> str:
    """What a scope lets an agent do, in words."""
    return scopes()[code].texts[language]


def state_text(state: State, language: str) -> str:
    """How a mandate stands, in a word or two."""
    return str(_read()["states"][state.value][language])


@cache
def _read() -> dict[str, Any]:
    return tomllib.loads(_DATA.read_text(encoding="utf-8"))
