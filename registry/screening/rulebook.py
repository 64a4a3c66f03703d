"""The rows of the screening rules: code, version, since when, severity, limits, lists, source and texts. Pure.

One file for each subject in `data/rules/`, and `lists.toml` with the dated lists that rows name. A change is a new row
with a new version; rows are never changed, so that an old finding can be read by the row that made it.
"""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from registry.quantities import parse_decimal
from registry.screening.shapes import SubjectKind

_DATA = Path(__file__).with_name("data") / "rules"
_LISTS = "lists.toml"

Inputs = dict[str, str]
# The cases of the rule that hold, in order, and what was looked at; no case, no hit.
Outcome = tuple[tuple[str, ...], Inputs]
NOTHING: Final[Outcome] = ((), {})


class Severity(StrEnum):
    """How much a finding weighs before anybody has looked at it, the heaviest first."""

    STOP = "stop"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True)
class Rule:
    """One row. `limits` are numbers, `lists` sets of codes; `severities` those of cases that differ from `severity`."""

    code: str
    version: str
    valid_from: date
    subjects: tuple[SubjectKind, ...]
    severity: Severity
    severities: Mapping[str, Severity]
    formula: str
    source: str
    limits: Mapping[str, Decimal]
    lists: Mapping[str, frozenset[str]]
    names: Mapping[str, str]
    sentences: Mapping[str, Mapping[str, str]]

    def severity_of(self, cases: Iterable[str]) -> Severity:
        """The heaviest of the cases that hold."""
        weights = list(Severity)
        return min((self.severities.get(case, self.severity) for case in cases), key=weights.index)


def rows() -> tuple[Rule, ...]:
    """Every row of the register, by code, each code's in the order in which they came into force."""
    return _stored()


def read(text: str) -> tuple[Rule, ...]:
    """The rows of a draft in the form of the register's files. Raises KeyError, ValueError on an incomplete row."""
    return tuple(_rule(row) for row in tomllib.loads(text).get("rule", ()))


def drafted(text: str) -> tuple[Rule, ...]:
    """The register's rows and those of a draft; one of the same code and version takes the place of the register's."""
    draft = read(text)
    replaced = {(rule.code, rule.version) for rule in draft}
    return _sorted((*(rule for rule in _stored() if (rule.code, rule.version) not in replaced), *draft))


def rules_in_force(*, on: date | None = None, of: Sequence[Rule] | None = None) -> tuple[Rule, ...]:
    """The newest version of each rule, by code; with a day, the newest that was in force on it."""
    stored = _stored() if of is None else of
    return tuple({rule.code: rule for rule in stored if on is None or rule.valid_from <= on}.values())


def rule_of(code: str, version: str | None = None) -> Rule:
    """One rule, in the version given or the newest. Raises KeyError for one that never was."""
    found = [rule for rule in _stored() if rule.code == code and version in {None, rule.version}]
    if not found:
        raise KeyError(code)
    return found[-1]


def listed(code: str) -> frozenset[str]:
    """The values of one list, by its dated code. Raises KeyError for one that never was."""
    return frozenset(_lists()[code])


@cache
def _stored() -> tuple[Rule, ...]:
    files = sorted(path for path in _DATA.glob("*.toml") if path.name != _LISTS)
    return _sorted(rule for path in files for rule in read(path.read_text(encoding="utf-8")))


def _sorted(of: Iterable[Rule]) -> tuple[Rule, ...]:
    return tuple(sorted(of, key=lambda rule: (rule.code, rule.valid_from)))


def _rule(row: Mapping[str, Any]) -> Rule:
    return Rule(
        code=row["code"],
        version=row["version"],
        valid_from=row["valid_from"],
        subjects=tuple(SubjectKind(kind) for kind in row["subjects"]),
        severity=Severity(row["severity"]),
        severities=MappingProxyType({case: Severity(text) for case, text in row.get("severities", {}).items()}),
        formula=row["formula"],
        source=row["source"],
        limits=MappingProxyType({name: parse_decimal(text) for name, text in row.get("limits", {}).items()}),
        lists=MappingProxyType({name: listed(code) for name, code in row.get("lists", {}).items()}),
        names=MappingProxyType(dict(row["name"])),
        sentences=MappingProxyType({case: MappingProxyType(dict(texts)) for case, texts in row["sentences"].items()}),
    )


@cache
def _lists() -> Mapping[str, Sequence[str]]:
    return {each["code"]: each["values"] for each in _settings()["list"]}


@cache
def _settings() -> dict[str, Any]:
    return tomllib.loads((_DATA / _LISTS).read_text(encoding="utf-8"))


RULE_SET: Final[str] = _settings()["rule_set"]
"""The version of the whole set, as stored with every screening."""
