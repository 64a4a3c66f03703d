"""Erasing what was filed once its period is over: content and salts go, the ledger's commitments stay and verify.

The housekeeper carries it out. It reads ids and moments and may only empty what registry.ledger.emptying names, which
the database sees to; it never reads a document. A hold spares a filing as long as a procedure needs it.
"""

import os
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from django.db import connection

from registry import rows
from registry.accounts.policy import Permission
from registry.acting import Actor, inside_acting_as
from registry.filings import document
from registry.ledger import chain, emptying, log
from registry.oversight.erasure_targets import TARGETS, Target
from registry.oversight.models import Erasure

_FILE: Final = Path(__file__).parent / "data" / "erasure.toml"
_UNITS: Final = ("years", "months", "days")


@dataclass(frozen=True)
class Ground:
    """Why something is erased: of which status, how long after which moment, who says so."""

    code: str
    name: str
    target: Target
    statuses: tuple[str, ...]
    moment: str
    keep: tuple[tuple[str, int], ...]
    source: str

    @property
    def period(self) -> str:
        """In words that PostgreSQL reads as an interval: `10 years`."""
        return " ".join(f"{number} {unit}" for unit, number in self.keep)


@cache
def grounds() -> tuple[Ground, ...]:
    """All grounds, in the order of the file."""
    said = tomllib.loads(_FILE.read_text(encoding="utf-8"))["ground"]
    return tuple(_ground(row) for row in said)


@inside_acting_as
def due(ground: Ground, *, by: Actor, at: datetime, limit: int) -> list[tuple[Any, ...]]:
    """What has come to the end of its period: id and subject; of filings also organisation, territory, version number.

    What is held and what is erased already is not among it.
    """
    by.require(Permission.EXPIRED_PURGE)
    with connection.cursor() as cursor:
        cursor.execute(
            ground.target.found.format(moment=ground.moment),
            {"statuses": list(ground.statuses), "at": at, "keep": ground.period, "limit": limit},
        )
        return list(cursor.fetchall())


@inside_acting_as
def erase(ground: Ground, *, by: Actor, at: datetime, limit: int) -> int:
    """Erase what is due on this ground, up to `limit`, and enter each; returns how many."""
    found = due(ground, by=by, at=at, limit=limit)
    if not found:
        return 0
    _empty(ground.target, [row[0] for row in found])
    lines = [log.Line(ground.target.event, row[1], _commitment(row[1], ground, at)) for row in found]
    entries = log.append(lines, by=by, at=at)
    if ground.target is TARGETS["filing"]:
        rows.insert(
            Erasure, [_erasure(row, ground, at, entry.index) for row, entry in zip(found, entries, strict=True)]
        )
    return len(found)


def _empty(target: Target, ids: Sequence[UUID]) -> None:
    """One statement a table."""
    with connection.cursor() as cursor:
        for table, condition in target.emptied.items():
            changes = ", ".join(f"{column} = {value}" for column, value in emptying.tables()[table].columns.items())
            cursor.execute(f"update {table} set {changes} where {condition}", {"ids": list(ids)})  # noqa: S608
        for table, condition in target.deleted.items():
            cursor.execute(f"delete from {table} where {condition}", {"ids": list(ids)})  # noqa: S608


def _erasure(row: Sequence[Any], ground: Ground, at: datetime, entry: int) -> dict[str, Any]:
    """The row that says of a filing that it was erased."""
    filing, _, organisation, territory, versions = row
    return {
        "filing_id": filing,
        "organisation_id": organisation,
        "territory": territory,
        "at": at,
        "ground": ground.code,
        "versions": versions,
        "entry_id": entry,
    }


def _commitment(subject: str, ground: Ground, at: datetime) -> bytes:
    """What the entry says: nothing that would have to be erased in its turn, so its salt need not be kept."""
    told = {"subject": subject, "why": ground.code, "at": chain.moment_text(at)}
    return chain.commitment(salt=os.urandom(chain.HASH_BYTES), digest=document.digest(document.canonical_json(told)))


def _ground(row: Mapping[str, Any]) -> Ground:
    keep = tuple((unit, int(row["keep"][unit])) for unit in _UNITS if unit in row["keep"])
    target = TARGETS[row["what"]]
    if not keep or not row["source"] or row["moment"] not in target.moments:
        raise ValueError(f"{_FILE.name}: {row['code']} needs a period, a source and a moment of what is erased")
    return Ground(row["code"], row["name"], target, tuple(row.get("statuses", ())), row["moment"], keep, row["source"])
