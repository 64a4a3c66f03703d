"""Screening the newest version of a filing, finding what was not screened, and taking in public observations."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import connection
from django.db.models import Exists, F, OuterRef

from registry.acting import Actor, inside_acting_as
from registry.dispatch import outbox
from registry.errors import NotFound
from registry.filings.models import Filing
from registry.filings.working_days import day_of
from registry.screening import rulebook, rules, taking
from registry.screening.keeping import keep
from registry.screening.models import Finding, Observation, Screening
from registry.screening.observations import Observation as Observed

FOUND = "finding.made"
_BATCH = 500


@inside_acting_as
def screen(*, reference: str, by: Actor, at: datetime) -> list[Finding]:
    """Apply the rules in force to the newest version of a filing; returns the findings that are new.

    Repeatable: a version is screened once by one rule set, and a rule in one version finds once. Raises `NotFound` for
    a reference that does not exist or was never submitted, `NotPermitted` without the permission.
    """
    filing = Filing.objects.visible_to(by).filter(reference=reference, number__gte=1).first()
    if filing is None:
        raise NotFound
    by.require("finding_write")
    if not _claim(filing, at=at):
        return []
    taken = taking.of_filings(by, references=[filing.reference])
    found = keep([(subject, hit) for subject, each in taken for hit in rules.screen(each, on=day_of(at))], at=at)
    if found:
        outbox.put(FOUND, subjects=[filing.reference], at=at)
    return found


@inside_acting_as
def unscreened(*, limit: int, by: Actor) -> list[str]:
    """References of filings whose newest version the rule set in force has not seen, oldest first."""
    by.require("finding_write")
    seen = Screening.objects.filter(
        filing=OuterRef("pk"), version_number=OuterRef("number"), rule_set=rulebook.RULE_SET
    )
    waiting = Filing.objects.visible_to(by).filter(~Exists(seen), number__gte=1)
    return list(waiting.order_by(F("submitted_at").asc(), "reference").values_list("reference", flat=True)[:limit])


def _claim(filing: Filing, *, at: datetime) -> bool:
    """Note that this version is screened by this rule set; False if it was. A rival waits here until we are done."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"insert into {Screening._meta.db_table} (filing_id, version_number, rule_set, at, organisation_id, "  # noqa: S608
            "territory) values (%s, %s, %s, %s, %s, %s) on conflict do nothing",
            [filing.id, filing.number, rulebook.RULE_SET, at, filing.organisation_id, filing.territory],
        )
        return bool(cursor.rowcount == 1)


# --- public observations ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Origin:
    """Where observations come from: the publisher's code, licence and attribution, and the file they stood in."""

    source: str
    licence: str
    attribution: str
    file_name: str
    file_digest: str


@dataclass(frozen=True)
class Tally:
    """How many rows were new, changed, or known already."""

    imported: int = 0
    updated: int = 0
    unchanged: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(self.imported + other.imported, self.updated + other.updated, self.unchanged + other.unchanged)


# Column to type; the second group is what a further import may change.
_IDENTITY = {"source": "text", "kind": "text", "key": "text"}
_CONTENT = {
    "name": "text",
    "organisation_name": "text",
    "countries": "text",
    "observed_on": "date",
    "training_compute_flop": "numeric",
    "accelerator": "text",
    "accelerator_count": "bigint",
    "confidence": "text",
    "licence": "text",
    "attribution": "text",
}
_FACTS = {"facts": "jsonb"}
_FILE = {"file_name": "text", "file_digest": "text", "imported_at": "timestamptz"}
_COLUMNS = {**_IDENTITY, **_CONTENT, **_FACTS, **_FILE}


def _upsert_statement() -> str:
    """New rows in, changed rows changed, equal rows untouched.

    Facts are added to those known: the publisher's files about models overlap, and each tells what others leave out.
    """
    changed = [f"{column} = excluded.{column}" for column in (*_CONTENT, *_FILE)]
    mine = ", ".join(f"known.{column}" for column in _CONTENT)
    theirs = ", ".join(f"excluded.{column}" for column in _CONTENT)
    return f"""
with stored as (
  insert into {Observation._meta.db_table} as known ({", ".join(_COLUMNS)})
  select * from unnest({", ".join(f"%s::{kind}[]" for kind in _COLUMNS.values())})
  on conflict (source, kind, key) do update
  set {", ".join(changed)}, facts = known.facts || excluded.facts
  where ({mine}) is distinct from ({theirs}) or not known.facts @> excluded.facts
  returning (known.xmax = 0) as is_new
)
select count(*) filter (where is_new), count(*) filter (where not is_new) from stored
"""  # noqa: S608 - only names of columns and types of this module


@inside_acting_as
def observe(*, observed: Iterable[Observed], origin: Origin, by: Actor, at: datetime) -> Tally:
    """Store observations from a stream, a batch a statement; the same file twice changes nothing the second time.

    No two may have the same kind and key. Raises `NotPermitted` without the permission.
    """
    by.require("observation_import")
    stream = iter(observed)
    tally = Tally()
    while batch := list(islice(stream, _BATCH)):
        tally += _upsert(batch, origin, at)
    return tally


def _upsert(batch: Sequence[Observed], origin: Origin, at: datetime) -> Tally:
    values = [_row(each, origin, at) for each in batch]
    with connection.cursor() as cursor:
        cursor.execute(_upsert_statement(), [[row[column] for row in values] for column in _COLUMNS])
        imported, updated = cursor.fetchone() or (0, 0)
    return Tally(imported, updated, len(batch) - imported - updated)


def _row(observed: Observed, origin: Origin, at: datetime) -> dict[str, Any]:
    facts = json.dumps(observed.facts, ensure_ascii=False)
    return {**vars(observed), **vars(origin), "facts": facts, "imported_at": at}
