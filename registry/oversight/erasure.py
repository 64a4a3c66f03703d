"""Erasing what was filed once its period is over: content and salts go, the ledger's commitments stay and verify.

The housekeeper carries it out. It reads ids and moments and may only empty the columns named here (policy.toml); it
never reads a document. A hold spares a filing as long as a procedure needs it.
"""

import os
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid4

from django.db import connection

from registry import rows
from registry.accounts.policy import Permission
from registry.acting import Actor, inside_acting_as
from registry.errors import Invalid, NotFound, NotPossible
from registry.filings import document
from registry.filings.models import Filing
from registry.ledger import chain, emptying, log
from registry.oversight.models import Erasure, Hold

_FILE: Final = Path(__file__).parent / "data" / "erasure.toml"
ERASED: Final = "filing.erased"
HELD, LIFTED = "filing.held", "filing.hold_lifted"
_UNITS: Final = ("years", "months", "days")
# How the rows of a filing are reached, table by table; what is emptied of them says registry.ledger.emptying.
_BY_FILING: Final = "filing_id = any(%(ids)s)"
_REACHED: Final[Mapping[str, str]] = {
    "filings_version": _BY_FILING,
    "filings_transition": _BY_FILING,
    "filings_plea": _BY_FILING,
    "filings_decision": _BY_FILING,
    "filings_act": _BY_FILING,
    "filings_answer": "version_id in (select id from filings_version where filing_id = any(%(ids)s))",
    "screening_finding": _BY_FILING,
    "filings_filing": "id = any(%(ids)s)",
}


@dataclass(frozen=True)
class Ground:
    """Why a filing is erased: of which status, how long after which moment, who says so."""

    code: str
    name: str
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
    """Filings whose period has ended: id, reference, organisation, territory, version number. Held and erased not."""
    by.require(Permission.EXPIRED_PURGE)
    with connection.cursor() as cursor:
        cursor.execute(
            f"select id, reference, organisation_id, territory, number from filings_filing as old "  # noqa: S608
            f"where status = any(%(statuses)s) and old.{ground.moment} < %(at)s::timestamptz - %(keep)s::interval "
            "and not exists (select from oversight_erasure as done where done.filing_id = old.id) "
            "and not exists (select from oversight_hold as held where held.filing_id = old.id and lifted_at is null) "
            f"order by old.{ground.moment}, id limit %(limit)s",
            {"statuses": list(ground.statuses), "at": at, "keep": ground.period, "limit": limit},
        )
        return list(cursor.fetchall())


@inside_acting_as
def erase(ground: Ground, *, by: Actor, at: datetime, limit: int) -> int:
    """Erase what is due on this ground, up to `limit` filings, and enter each; returns how many."""
    found = due(ground, by=by, at=at, limit=limit)
    if not found:
        return 0
    _empty([row[0] for row in found])
    lines = [log.Line(ERASED, reference, _commitment(reference, ground, at)) for _, reference, *_ in found]
    entries = log.append(lines, by=by, at=at)
    rows.insert(
        Erasure,
        [
            {
                "filing_id": filing_id,
                "organisation_id": organisation,
                "territory": territory,
                "at": at,
                "ground": ground.code,
                "versions": number,
                "entry_id": entry.index,
            }
            for (filing_id, _, organisation, territory, number), entry in zip(found, entries, strict=True)
        ],
    )
    return len(found)


@inside_acting_as
def hold(*, reference: str, reason: str, by: Actor, at: datetime) -> Hold:
    """Keep a filing from being erased while a procedure needs it. Raises `NotFound`, `Invalid` without a reason."""
    filing = Filing.objects.visible_to(by).filter(reference=reference).first()
    if filing is None:
        raise NotFound
    by.require(Permission.FILING_HOLD)
    if not reason.strip():
        raise Invalid("Give a reason.", remedy="Name the procedure that needs the filing.")
    held = Hold(
        id=uuid4(),
        filing=filing,
        organisation_id=filing.organisation_id,
        territory=filing.territory,
        reason=" ".join(reason.split())[:500],
        at=at,
        actor=by.id,
    )
    held.save(force_insert=True)
    log.append([log.Line(HELD, reference, _commitment(reference, held.reason, at))], by=by, at=at)
    return held


@inside_acting_as
def lift(*, held: UUID, by: Actor, at: datetime) -> Hold:
    """End a hold. Raises `NotFound`, `NotPossible` for one that was lifted already."""
    found = Hold.objects.visible_to(by).filter(id=held).select_related("filing").first()
    if found is None:
        raise NotFound
    by.require(Permission.FILING_HOLD)
    if found.lifted_at is not None:
        raise NotPossible("This hold was lifted already.", remedy="Look at what became of it.")
    found.lifted_at, found.lifted_by = at, by.id
    found.save(update_fields=["lifted_at", "lifted_by"])
    line = log.Line(LIFTED, found.filing.reference, _commitment(found.filing.reference, found.reason, at))
    log.append([line], by=by, at=at)
    return found


def _empty(filings: Sequence[UUID]) -> None:
    """One statement a table. The names are this module's own."""
    with connection.cursor() as cursor:
        for table, condition in _REACHED.items():
            changes = ", ".join(f"{column} = {value}" for column, value in emptying.tables()[table].columns.items())
            cursor.execute(f"update {table} set {changes} where {condition}", {"ids": list(filings)})  # noqa: S608


def _commitment(reference: str, why: Ground | str, at: datetime) -> bytes:
    """What the entry says: nothing that would have to be erased in its turn, so its salt need not be kept."""
    said = why.code if isinstance(why, Ground) else why
    told = {"filing": reference, "why": said, "at": chain.moment_text(at)}
    return chain.commitment(salt=os.urandom(chain.HASH_BYTES), digest=document.digest(document.canonical_json(told)))


def _ground(row: Mapping[str, Any]) -> Ground:
    keep = tuple((unit, int(row["keep"][unit])) for unit in _UNITS if unit in row["keep"])
    if not keep or not row["source"] or row["moment"] not in {"changed_at", "decided_at", "submitted_at"}:
        raise ValueError(f"{_FILE.name}: {row['code']} needs a period, a source and a moment of the filing")
    return Ground(row["code"], row["name"], tuple(row["statuses"]), row["moment"], keep, row["source"])
