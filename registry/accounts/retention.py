"""How long what is kept, and deleting what is older: one engine for all tables, told by data/retention.toml.

It stands below the tables it empties and knows them by name alone, as the policy does. The housekeeper, whom the
database lets delete where the policy says and nowhere else, carries it out; each step that deleted something is an
entry of the ledger, which says class, number and period.
"""

import hashlib
import json
import os
import re
import tomllib
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

from django.db import connection

from registry.accounts.policy import Permission
from registry.acting import Actor, inside_acting_as
from registry.ledger import chain, emptying, log
from registry.ledger.log import Line

_DATA: Final = Path(__file__).parent / "data" / "retention.toml"
APPLIED: Final = "retention.applied"
_NAME: Final = re.compile(r"[a-z_][a-z0-9_]*")
_UNITS: Final = ("years", "months", "days")


@dataclass(frozen=True)
class Rule:
    """One class of data: where it lies, how long it is kept from which moment, and what is done then.

    `columns` are those that `clear` makes empty; `spared_by` are (table, column) that refer to `key`.
    """

    name: str
    table: str
    moment: str
    keep: tuple[tuple[str, int], ...]
    source: str
    key: str = "id"
    columns: tuple[str, ...] = ()
    spared_by: tuple[tuple[str, str], ...] = ()

    @property
    def period(self) -> str:
        """In words that PostgreSQL reads as an interval: `12 months`."""
        return " ".join(f"{number} {unit}" for unit, number in self.keep)


def rule_of(said: dict[str, Any]) -> Rule:
    """The rule that a class of the file says. Raises ValueError for what may not be said, KeyError for what is not."""
    action, columns = said["action"], tuple(said.get("columns", ()))
    if action not in {"delete", "clear"} or (action == "clear") != bool(columns):
        raise ValueError(f"{said['class']}: «delete», or «clear» with columns")
    keep = tuple((unit, said["keep"][unit]) for unit in _UNITS if unit in said["keep"])
    if not keep or set(said["keep"]) - set(_UNITS) or any(type(number) is not int or number < 1 for _, number in keep):
        raise ValueError(f"{said['class']}: keep whole days, months or years, at least one")
    spared_by = tuple(_pair(each) for each in said.get("spared_by", ()))
    rule = Rule(
        name=said["class"],
        table=said["table"],
        moment=said["moment"],
        keep=keep,
        source=said["source"],
        key=said.get("key", "id"),
        columns=columns,
        spared_by=spared_by,
    )
    names = (rule.table, rule.moment, rule.key, *rule.columns, *(name for pair in spared_by for name in pair))
    if not rule.source or not all(map(_NAME.fullmatch, names)):
        raise ValueError(f"{rule.name}: names in small letters, and a source")
    return rule


@cache
def rules() -> tuple[Rule, ...]:
    """All rules in their order. Raises ValueError when two have one name."""
    found = tuple(map(rule_of, tomllib.loads(_DATA.read_text(encoding="utf-8"))["class"]))
    if len({rule.name for rule in found}) != len(found):
        raise ValueError("two classes of one name")
    return found


def rule(name: str) -> Rule:
    """The rule of a class. Raises KeyError for a class that is kept without limit."""
    return {each.name: each for each in rules()}[name]


@inside_acting_as
def apply(rule: Rule, *, by: Actor, at: datetime, limit: int) -> int:
    """Do what the rule says to up to `limit` rows whose period has ended by `at`, and enter it; returns how many."""
    by.require(Permission.EXPIRED_PURGE)
    with connection.cursor() as cursor:
        cursor.execute(statement(rule), {"at": at, "keep": rule.period, "limit": limit})
        count = int(cursor.rowcount)
    if count:
        log.append([_line(rule, count, at=at)], by=by, at=at)
    return count


def statement(rule: Rule) -> str:
    """SQL with `at`, `keep` and `limit` left open. All names in it are the file's own, checked by `rule_of`."""
    spared = "".join(
        f" and not exists (select from {table} as other where other.{column} = old.{rule.key})"
        for table, column in rule.spared_by
    )
    emptied = _emptied(rule)
    # A row that is empty already is not cleared again.
    marks = [f"old.{name} is distinct from {value}" for name, value in emptied.items() if name in _marks(rule)]
    filled = f" and ({' or '.join(marks)})" if marks else ""
    old = (
        f"select old.{rule.key} from {rule.table} as old "  # noqa: S608  (names that rule_of has checked)
        f"where old.{rule.moment} < %(at)s::timestamptz - %(keep)s::interval{spared}{filled} limit %(limit)s"
    )
    clears = ", ".join(f"{name} = {value}" for name, value in emptied.items())
    verb = f"update {rule.table} set {clears}" if clears else f"delete from {rule.table}"  # noqa: S608
    return f"{verb} where {rule.key} in ({old})"


def _emptied(rule: Rule) -> dict[str, str]:
    """The columns that are cleared, with the empty value of each."""
    known = emptying.tables().get(rule.table)
    return {name: known.columns[name] if known else "null" for name in rule.columns}


def _marks(rule: Rule) -> tuple[str, ...]:
    """The columns that say whether a row is empty already."""
    known = emptying.tables().get(rule.table)
    return (known.mark,) if known and known.mark else rule.columns


def _pair(said: str) -> tuple[str, str]:
    table, _, column = said.partition(".")
    return table, column


def _line(rule: Rule, count: int, *, at: datetime) -> Line:
    """The report. It names no row, so everything it says stands in the subject; the salt need not be kept."""
    report = {"class": rule.name, "table": rule.table, "kept": rule.period, "rows": count, "at": at.isoformat()}
    digest = hashlib.sha256(json.dumps(report, sort_keys=True).encode()).digest()
    subject = f"{rule.name}: {count} after {rule.period}"
    return Line(APPLIED, subject, chain.commitment(salt=os.urandom(chain.HASH_BYTES), digest=digest))
