"""What is deleted when, what would be deleted now, and what was: read from the data, the tables and the ledger."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from registry.accounts import retention
from registry.accounts.policy import EXPIRING, Permission
from registry.acting import Actor, Audience, inside_acting_as
from registry.ledger.models import Entry
from registry.oversight import erasure, holds
from registry.oversight.erasure_targets import TARGETS

RUNS = (retention.APPLIED, *(target.event for target in TARGETS.values()), holds.HELD, holds.LIFTED)
COUNTED = 100_000


@dataclass(frozen=True)
class Limit:
    """One time limit: of which class of data, how long, what then, who says so."""

    name: str
    table: str
    period: str
    then: str
    source: str


@dataclass(frozen=True)
class Run:
    """What was done, as the ledger has it."""

    index: int
    at: datetime
    kind: str
    subject: str


def limits() -> tuple[Limit, ...]:
    """All time limits: rows deleted, columns cleared, filings erased, and what expires by itself."""
    found = [
        Limit(rule.name, rule.table, rule.period, "clear" if rule.columns else "delete", rule.source)
        for rule in retention.rules()
    ]
    found += [Limit(g.name, g.target.table, g.period, "erase", g.source) for g in erasure.grounds()]
    found += [Limit(table, table, "until it expires", "delete", "policy.toml") for table in EXPIRING]
    return tuple(found)


@inside_acting_as
def waiting(*, by: Actor, at: datetime) -> dict[str, int]:
    """By class, how many rows or filings would be deleted now. Nothing is changed: the dry run."""
    by.require(Permission.EXPIRED_PURGE)
    found = {}
    for rule in retention.rules():
        chosen = retention.statement(rule).partition(f" where {rule.key} in ")[2]
        with connection.cursor() as cursor:
            cursor.execute(
                f"select count(*) from {chosen} as chosen",  # noqa: S608  (names of the file, checked when read)
                {"at": at, "keep": rule.period, "limit": COUNTED},
            )
            found[rule.name] = int(cursor.fetchone()[0])
    for ground in erasure.grounds():
        found[ground.name] = len(erasure.due(ground, by=by, at=at, limit=COUNTED))
    return found


@inside_acting_as
def runs(*, by: Actor, limit: int) -> tuple[Run, ...]:
    """The latest of what was done, newest first; only for the auditor, who alone reads what an entry is about."""
    by.require(Permission.RETENTION_READ)
    if by.audience is not Audience.AUDITOR:
        return ()
    found = Entry.objects.filter(kind__in=RUNS).order_by("-index")[:limit]
    return tuple(Run(*row) for row in found.values_list("index", "at", "kind", "subject"))
