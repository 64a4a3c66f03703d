"""Storing submissions as sets: one statement for each table, whatever the number of filings.

Order (docs/adr/0004): content first, then the outbox, then the ledger, whose lock is held from there to the commit; the
rows that name their ledger entry come last.
"""

import os
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from random import SystemRandom
from typing import Any

from django.db import connection

from registry import quantities, rows
from registry.acting import Actor
from registry.dispatch import outbox
from registry.filings import assessment, duties, rebuttals, reckoning, reference
from registry.filings.assessment import Assessment
from registry.filings.beside import Beside
from registry.filings.checks.catalogue import RULE_SET
from registry.filings.lifecycle import Status
from registry.filings.models import Answer, Crossing, Filing, Transition, Version
from registry.filings.reckoning import Reckoned
from registry.ledger import chain, log
from registry.ledger.log import Line
from registry.ledger.models import Entry

MADE_UP = range(900_000_000, 1_000_000_000)  # numbers that a dry run shows
_LOT = SystemRandom()
SUBMITTED, AMENDED = "filing.submitted", "filing.amended"


@dataclass(frozen=True)
class Place:
    """Whose filings these are: one organisation and its competent territory."""

    organisation_id: uuid.UUID
    territory: str

    def columns(self) -> dict[str, Any]:
        """The scope columns of every confidential row."""
        return {"organisation_id": self.organisation_id, "territory": self.territory}


@dataclass(frozen=True)
class Stored:
    """A version as it was stored: what an answer needs without reading it back."""

    submission: "Submission"
    columns: Mapping[str, Any]
    salt: bytes
    entry: Entry


@dataclass(frozen=True)
class Submission:
    """One version about to be stored. `source` None means the filing does not exist yet."""

    filing_id: uuid.UUID
    reference: str
    client_reference: str
    number: int
    kind: str
    source: Status | None
    target: Status
    assessed: Assessment
    earlier: tuple[duties.Submission, ...] = ()

    @property
    def ledger_kind(self) -> str:
        """The word in the ledger and the outbox."""
        return SUBMITTED if self.target is Status.SUBMITTED and self.source is not Status.SUBMITTED else AMENDED


def take_references(count: int, *, at: datetime) -> list[str]:
    """`count` fresh references of the year of `at`."""
    with connection.cursor() as cursor:
        cursor.execute("select nextval('filings_reference_number') from generate_series(1, %s)", [count])
        return [reference.make(year=at.year, number=number) for (number,) in cursor.fetchall()]


def make_up_references(count: int, *, at: datetime) -> list[str]:
    """`count` references for a dry run, which uses up none: by lot, and larger than any that is given out."""
    return [reference.make(year=at.year, number=number) for number in _LOT.sample(MADE_UP, count)]


def store(submissions: Sequence[Submission], *, place: Place, by: Actor, at: datetime) -> list[Stored]:
    """Store versions with everything that follows from them; returns those stored, in order.

    A new filing is left out where another unit of work has meanwhile used its client reference.
    """
    summaries = {s.filing_id: _summary(s) for s in submissions}
    known = [s for s in submissions if s.source is not None]
    made = _store_filings([s for s in submissions if s.source is None], summaries, place=place, at=at)
    _change_filings(known, summaries, at=at)
    submissions = [s for s in submissions if s.source is not None or s.filing_id in made]
    if not submissions:
        return []
    version_ids = [uuid.uuid4() for _ in submissions]
    salts = [os.urandom(32) for _ in submissions]
    _store_answers(submissions, version_ids, place)
    _store_duties(submissions, place, at)
    argued = rebuttals.new(
        [(s.filing_id, s.reference, s.number, s.assessed.content) for s in submissions],
        known=[s.filing_id for s in known],
    )
    for kind in sorted({s.ledger_kind for s in submissions}):
        told = [s.reference for s in submissions if s.ledger_kind == kind]
        outbox.put(kind, subjects=told, organisation=place.organisation_id, at=at)
    if argued:
        told = [each.reference for each in argued]
        outbox.put(rebuttals.FILED, subjects=told, organisation=place.organisation_id, at=at)
    lines = [
        Line(s.ledger_kind, s.reference, chain.commitment(salt=salt, digest=s.assessed.digest))
        for s, salt in zip(submissions, salts, strict=True)
    ]
    entries = log.append([*lines, *(each.line() for each in argued)], by=by, at=at)
    entries, argued_entries = entries[: len(lines)], entries[len(lines) :]
    _store_versions(submissions, version_ids, salts, entries, place=place, by=by, at=at)
    _store_transitions(submissions, salts, entries, place=place, by=by, at=at)
    by_filing = {s.filing_id: version_id for s, version_id in zip(submissions, version_ids, strict=True)}
    rebuttals.store(argued, argued_entries, version_ids=by_filing, scope=place.columns(), by=by, at=at)
    return [
        Stored(s, summaries[s.filing_id], salt, entry)
        for s, salt, entry in zip(submissions, salts, entries, strict=True)
    ]


def _summary(submission: Submission) -> dict[str, Any]:
    """The columns of a filing that repeat its newest version, for lists."""
    content = submission.assessed.content
    run = content.run
    flop = submission.assessed.estimates.value
    starts_on = run.actual_start_on or run.planned_start_on
    return {
        "number": submission.number,
        "kind": submission.kind,
        "run_stage": run.stage,
        "run_id": run.client_run_id,
        "lineage": run.lineage_id or "",
        "training_compute_flop": flop,
        "band": quantities.band_of(flop, on=starts_on or date.max).code if flop is not None else "",
        "site_country": next((f.country for f in content.facilities if f.country), ""),
        "nace_division": (content.filer.nace_code or "")[:2],
        "starts_on": starts_on,
        "ends_on": run.actual_end_on or run.planned_end_on,
    }


def insert_filings(filings: Sequence[Mapping[str, Any]]) -> frozenset[uuid.UUID]:
    """Insert filings unless their organisation has one under the same client reference; returns the ids of the new.

    In the order of these references, so that two units of work with the same ones wait for each other and never both.
    """
    ordered = sorted(filings, key=lambda row: str(row["client_reference"]))
    used = "(organisation_id, client_reference) where client_reference <> '' and status <> 'withdrawn' do nothing"
    return frozenset(rows.insert(Filing, ordered, conflict=used, returning="id"))


def _store_filings(
    new: Sequence[Submission], summaries: Mapping[uuid.UUID, Mapping[str, Any]], *, place: Place, at: datetime
) -> frozenset[uuid.UUID]:
    return insert_filings(
        [
            {
                "id": s.filing_id,
                "reference": s.reference,
                "client_reference": s.client_reference,
                **place.columns(),
                "status": s.target.value,
                "draft": None,
                "revision": 1,
                "created_at": at,
                "changed_at": at,
                "submitted_at": at,
                **summaries[s.filing_id],
            }
            for s in new
        ]
    )


def _change_filings(
    known: Sequence[Submission], summaries: Mapping[uuid.UUID, Mapping[str, Any]], *, at: datetime
) -> None:
    """Bring existing filings to their new version: one statement for all."""
    changes = [
        {"id": s.filing_id, "status": s.target.value, "changed_at": at, "submitted_at": at, **summaries[s.filing_id]}
        for s in known
    ]
    ended = "revision = revision + 1, draft = null, acknowledgements = '[]'"
    rows.update(Filing, changes, key="id", also=ended, keep_first=("submitted_at",))


def _store_answers(submissions: Sequence[Submission], version_ids: Sequence[uuid.UUID], place: Place) -> None:
    rows.insert(
        Answer,
        [
            {
                "version_id": version_id,
                **place.columns(),
                "code": answer.code,
                "severity": answer.severity,
                "pointer": answer.pointer,
                "inputs": dict(answer.inputs),
            }
            for s, version_id in zip(submissions, version_ids, strict=True)
            for answer in s.assessed.answers
        ],
    )
    rows.insert(
        Crossing,
        [
            {"version_id": version_id, **place.columns(), "threshold": threshold, "crossed_on": day}
            for s, version_id in zip(submissions, version_ids, strict=True)
            for threshold, day in s.assessed.crossed().items()
        ],
    )


def _store_duties(submissions: Sequence[Submission], place: Place, at: datetime) -> None:
    """Reckon the duties of each filing anew. What no longer follows stays as a row that is not current."""
    holidays = reckoning.calendar([place.territory])
    known = [s.filing_id for s in submissions if s.source is not None]
    beside = reckoning.beside(known)
    found = [
        Reckoned(s.filing_id, place.columns(), _duties(s, place, holidays, beside.get(s.filing_id, Beside()), at))
        for s in submissions
    ]
    reckoning.store(found, known=known, at=at)


def _duties(
    submission: Submission, place: Place, holidays: duties.Calendar, beside: Beside, at: datetime
) -> tuple[duties.Duty, ...]:
    this = assessment.submission(submission.assessed, kind=submission.kind, at=at)
    facts = assessment.facts(
        submission.assessed.content,
        crossings=submission.assessed.crossed(),
        territory=place.territory,
        submitted=(*submission.earlier, this),
        beside=beside,
    )
    return duties.duties_of(facts, holidays, at=at)


def _store_versions(
    submissions: Sequence[Submission],
    version_ids: Sequence[uuid.UUID],
    salts: Sequence[bytes],
    entries: Sequence[Entry],
    *,
    place: Place,
    by: Actor,
    at: datetime,
) -> None:
    rows.insert(
        Version,
        [
            {
                "id": version_id,
                "filing_id": s.filing_id,
                **place.columns(),
                "number": s.number,
                "kind": s.kind,
                "canonical": s.assessed.canonical.decode(),
                "digest": s.assessed.digest,
                "salt": salt,
                "entry_id": entry.index,
                "schema_version": s.assessed.content.schema_version,
                "rule_set": RULE_SET,
                "submitted_at": at,
                "submitted_by": by.id,
                "mandate_id": by.mandate,
                "training_compute_flop": s.assessed.estimates.declared,
                "estimated_flop": s.assessed.estimates.computed.value if s.assessed.estimates.computed else None,
            }
            for s, version_id, salt, entry in zip(submissions, version_ids, salts, entries, strict=True)
        ],
    )


def _store_transitions(
    submissions: Sequence[Submission],
    salts: Sequence[bytes],
    entries: Sequence[Entry],
    *,
    place: Place,
    by: Actor,
    at: datetime,
) -> None:
    rows.insert(
        Transition,
        [
            {
                "filing_id": s.filing_id,
                **place.columns(),
                "verb": "submit" if s.ledger_kind == SUBMITTED else "amend",
                "source": (s.source or Status.DRAFT).value,
                "target": s.target.value,
                "version_number": s.number,
                "at": at,
                "actor": by.id,
                "actor_name": by.name,
                "mandate_id": by.mandate,
                "reason": "",
                "salt": salt,
                "entry_id": entry.index,
            }
            for s, salt, entry in zip(submissions, salts, entries, strict=True)
        ],
    )
