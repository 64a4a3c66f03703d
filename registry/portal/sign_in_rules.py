"""Who signs in how, and how long it lasts: the rules of data/sign_in.toml, and what a session has shown so far.

Pure: takes what allauth recorded in the session, returns frozen values. A word of the file that is not known here is
refused when the register starts.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from registry.acting import Audience

_FILE = Path(__file__).parent / "data" / "sign_in.toml"
with _FILE.open("rb") as _file:
    _SAID = tomllib.load(_file)


class Way(StrEnum):
    """A complete way to sign in: each proves two factors."""

    AUTHORITY_LOGIN = "authority_login"
    PASSKEY = "passkey"
    PASSWORD_AND_FACTOR = "password_and_factor"  # noqa: S105 - the name of a way


@dataclass(frozen=True)
class Rule:
    """What holds for one audience; `step_up`: a passkey shown lately before anybody is named."""

    ways: frozenset[Way]
    idle: timedelta
    step_up: bool = False


def _rule(said: Mapping[str, Any]) -> Rule:
    unknown = set(said) - {"ways", "idle_minutes", "step_up"}
    if unknown:
        raise ValueError(f"{_FILE.name}: unknown words {sorted(unknown)}")
    return Rule(frozenset(map(Way, said["ways"])), timedelta(minutes=said["idle_minutes"]), said.get("step_up", False))


ABSOLUTE = timedelta(hours=_SAID["absolute_hours"])
STEP_UP_LASTS = timedelta(minutes=_SAID["step_up_minutes"])
RULES: dict[Audience, Rule] = {Audience[name.upper()]: _rule(said) for name, said in _SAID["audience"].items()}
OF_NOBODY: Rule = _rule(_SAID["nobody"])
_EVERYWHERE_ELSE = frozenset(map(Way, _SAID["elsewhere"]["ways"]))
CLOSED: frozenset[str] = frozenset(_SAID["closed"])
_STEP_UP_BEFORE: tuple[str, ...] = tuple(_SAID["step_up_before"])


def rule_for(audience: Audience | None, *, production: bool) -> Rule:
    """The rule for an audience (None: an account without a role). Outside production ways are open, times the same."""
    rule = RULES.get(audience, OF_NOBODY) if audience else OF_NOBODY
    return rule if production else Rule(_EVERYWHERE_ELSE, rule.idle)


def names_somebody(address_name: str) -> bool:
    """Whether an address, by its name, is one where somebody is named."""
    return address_name.startswith(_STEP_UP_BEFORE)


def ways_shown(records: Iterable[Mapping[str, Any]]) -> frozenset[Way]:
    """The ways that a session has completed, by what allauth recorded in it: method, type, passwordless."""
    methods = {record["method"] for record in records}
    ways = set()
    if "socialaccount" in methods:
        ways.add(Way.AUTHORITY_LOGIN)
    if any(record["method"] == "mfa" and record.get("passwordless") for record in records):
        ways.add(Way.PASSKEY)
    if {"password", "mfa"} <= methods:
        ways.add(Way.PASSWORD_AND_FACTOR)
    return frozenset(ways)


def passkey_shown_at(records: Iterable[Mapping[str, Any]]) -> float:
    """When a passkey or key was last shown in the session, in seconds since 1970; 0 where none was."""
    shown = (record["at"] for record in records if record["method"] == "mfa" and record.get("type") == "webauthn")
    return max(shown, default=0.0)
