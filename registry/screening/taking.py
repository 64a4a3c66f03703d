"""From what is stored to snapshots: filings with their customers and filers. Read in chunks, some queries for each."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import TypeVar
from uuid import UUID

from registry.acting import Actor
from registry.filings import document
from registry.filings.models import Duty, Filing, Version
from registry.filings.working_days import BRUSSELS, day_of
from registry.screening import parties, snapshot
from registry.screening.keeping import Subject
from registry.screening.shapes import Snapshot, SubjectKind
from registry.screening.snapshot import Submitted

AT_ONCE = 200
_NOTIFICATION = "systemic_risk_notification"
Item = TypeVar("Item")
Taken = tuple[Subject, Snapshot]


def of_filings(actor: Actor, *, references: Iterable[str] | None = None) -> Iterator[Taken]:
    """The newest version of each filing that the actor may see, by reference; all, or those named.

    For each the version itself, the customer that it names and the filer, as of the day of the version. Where one rule
    hits two of them, the first of them is what it finds in the filing.
    """
    found = Filing.objects.visible_to(actor).filter(number__gte=1).order_by("reference")
    if references is not None:
        found = found.filter(reference__in=list(references))
    for filings in chunks(found.iterator(chunk_size=AT_ONCE)):
        versions, due = _versions(filings), _due(filings)
        for filing in filings:
            subject = _subject(filing)
            for each in _snapshots(versions[filing.id], due.get(filing.id)):
                yield subject, each


def chunks(of: Iterable[Item]) -> Iterator[list[Item]]:
    """The same in lists of some hundred."""
    stream = iter(of)
    while chunk := list(islice(stream, AT_ONCE)):
        yield chunk


def _snapshots(versions: list[Submitted], due_at: datetime | None) -> Iterator[Snapshot]:
    yield snapshot.take(versions, notification_due_at=due_at)
    newest, day = versions[-1].content, day_of(versions[-1].at)
    customer = parties.customer(newest, as_of=day)
    if customer is not None:
        yield customer
    yield parties.filer(newest, as_of=day)


def _versions(filings: list[Filing]) -> Mapping[UUID, list[Submitted]]:
    found: defaultdict[UUID, list[Submitted]] = defaultdict(list)
    stored = Version.objects.filter(filing__in=filings).order_by("filing_id", "number")
    for filing_id, canonical, at in stored.values_list("filing_id", "canonical", "submitted_at"):
        found[filing_id].append(Submitted(document.read(json.loads(canonical)), at))
    return found


def _due(filings: list[Filing]) -> Mapping[UUID, datetime]:
    """The end of the period of Art. 52(1) of those that have one, in the time of Brussels."""
    stored = Duty.objects.filter(filing__in=filings, code=_NOTIFICATION, is_current=True)
    found = stored.order_by("-id").values_list("filing_id", "due_at")
    return {filing_id: due_at.astimezone(BRUSSELS) for filing_id, due_at in found if due_at}


def _subject(filing: Filing) -> Subject:
    return Subject(
        kind=SubjectKind.FILING,
        key=filing.reference,
        organisation_id=filing.organisation_id,
        territory=filing.territory,
        filing_id=filing.id,
        version_number=filing.number,
    )
