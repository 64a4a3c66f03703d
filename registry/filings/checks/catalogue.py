"""The catalogue of checks: code, severity, sources, dates of validity and texts, from `data/checks/*.toml`. Pure."""

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from pathlib import Path
from string import Formatter
from types import MappingProxyType
from typing import Any, Final, Literal

from registry.languages import SPOKEN

DATA: Final = Path(__file__).resolve().parent.parent / "data" / "checks"
# Raised by hand when a function changes what it answers; a change of the data shows in the digest by itself.
_EDITION: Final = "2026.1"

Severity = Literal["error", "warning", "note"]
SEVERITIES: Final[tuple[Severity, ...]] = ("error", "warning", "note")
"""An error blocks the submission, a warning needs an acknowledgement, a note informs; in this order they are shown."""


@dataclass(frozen=True)
class CheckText:
    """What a check says in one language: what is wrong, and how to mend it. Placeholders stand in braces."""

    sentence: str
    remedy: str

    @property
    def placeholders(self) -> frozenset[str]:
        """The names of the inputs that the two texts need."""
        parsed = (*Formatter().parse(self.sentence), *Formatter().parse(self.remedy))
        return frozenset(name for _, name, _, _ in parsed if name)


@dataclass(frozen=True)
class Check:
    """One rule that answers the filer. `family` is its file; `on_withdrawal`: it judges withdrawals too."""

    code: str
    family: str
    severity: Severity
    source: str
    valid_from: date
    valid_until: date | None
    on_withdrawal: bool
    texts: Mapping[str, CheckText]

    def is_valid(self, on: date) -> bool:
        """Whether the check is in force on the day; the last day of validity is not included."""
        return self.valid_from <= on and (self.valid_until is None or on < self.valid_until)


@dataclass(frozen=True)
class Reason:
    """A coded reason for which a filer keeps a value in spite of a warning."""

    code: str
    names: Mapping[str, str]


@cache
def every_check() -> Mapping[str, Check]:
    """Every check that is or was in force, by its code, by file and in the order of the files."""
    checks: dict[str, Check] = {}
    for path in _files():
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        for row in content["check"]:
            if row["code"] in checks:
                raise ValueError(f"two checks are called {row['code']}")
            checks[row["code"]] = _check({"valid_from": content["valid_from"], **row}, family=path.stem)
    return MappingProxyType(checks)


@lru_cache(maxsize=64)
def catalogue(on: date) -> tuple[Check, ...]:
    """The checks in force on a day, in the order in which they are shown."""
    return tuple(each for each in every_check().values() if each.is_valid(on))


@cache
def reasons() -> Mapping[str, Reason]:
    """The reasons with which a warning may be acknowledged, by code."""
    rows = tomllib.loads((DATA.parent / "check_reasons.toml").read_text(encoding="utf-8"))["reason"]
    named = (Reason(row["code"], MappingProxyType({language: row[language] for language in SPOKEN})) for row in rows)
    return MappingProxyType({each.code: each for each in named})


def _files() -> tuple[Path, ...]:
    return tuple(sorted(DATA.glob("*.toml")))


def _check(row: Mapping[str, Any], *, family: str) -> Check:
    if row["severity"] not in SEVERITIES:
        raise ValueError(f"{row['code']}: no such severity as {row['severity']}")
    texts = {language: CheckText(row[language]["sentence"], row[language]["remedy"]) for language in SPOKEN}
    return Check(
        code=row["code"],
        family=family,
        severity=row["severity"],
        source=row["source"],
        valid_from=row["valid_from"],
        valid_until=row.get("valid_until"),
        on_withdrawal=row.get("on_withdrawal", False),
        texts=MappingProxyType(texts),
    )


def _rule_set() -> str:
    digest = hashlib.sha256()
    for path in _files():
        digest.update(path.read_bytes())
    return f"{_EDITION}+{digest.hexdigest()[:8]}"


RULE_SET: Final = _rule_set()
"""Version of the checks: edition and digest of the data. A version of a filing keeps the one it was judged by."""
