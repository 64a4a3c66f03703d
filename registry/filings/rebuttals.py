"""Rebuttals of Art. 52(2): the arguments in a version that its model, though above the threshold, has no systemic risk.

A rebuttal is filed with the version that first carries it; later versions that repeat it word for word file nothing
anew. It moves no duty (Guidelines, paragraphs 32 to 41).
"""

import os
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from registry import rows
from registry.acting import Actor
from registry.filings import document
from registry.filings.beside import Rebuttal
from registry.filings.document import FilingDocument
from registry.filings.models import Decision, Plea, PleaKind
from registry.ledger import chain
from registry.ledger.log import Line
from registry.ledger.models import Entry

FILED = "rebuttal.filed"


@dataclass(frozen=True)
class Argued:
    """A rebuttal that is new with its version. `digest` is SHA-256 of its RFC 8785 form."""

    filing_id: uuid.UUID
    reference: str
    number: int
    summary: str
    digest: bytes
    salt: bytes

    def line(self) -> Line:
        """Its line in the ledger."""
        members = {"filing": self.reference, "version": self.number, "rebuttal_sha256": self.digest.hex()}
        statement = document.digest(document.canonical_json(members))
        return Line(FILED, self.reference, chain.commitment(salt=self.salt, digest=statement))


def new(
    versions: Sequence[tuple[uuid.UUID, str, int, FilingDocument]], *, known: Collection[uuid.UUID]
) -> list[Argued]:
    """The new rebuttals among versions (filing, reference, number, document); `known` filings have earlier versions."""
    arguing = [(each, document.plain(each[3])["rebuttal"]) for each in versions if each[3].rebuttal is not None]
    found = [
        Argued(
            filing_id=filing_id,
            reference=reference,
            number=number,
            summary=str(argument.get("summary", "")),
            digest=document.digest(document.canonical_json(argument)),
            salt=os.urandom(32),
        )
        for (filing_id, reference, number, _), argument in arguing
    ]
    last = _last_digests([each.filing_id for each in found if each.filing_id in known])
    return [each for each in found if last.get(each.filing_id) != each.digest]


def store(
    argued: Sequence[Argued],
    entries: Sequence[Entry],
    *,
    version_ids: Mapping[uuid.UUID, uuid.UUID],
    scope: Mapping[str, Any],
    by: Actor,
    at: datetime,
) -> None:
    """Store rebuttals with their ledger entries. `version_ids` is by filing; `scope` the organisation and territory."""
    rows.insert(
        Plea,
        [
            {
                "id": uuid.uuid4(),
                "filing_id": each.filing_id,
                **scope,
                "kind": PleaKind.REBUTTAL.value,
                "version_id": version_ids[each.filing_id],
                "reason": each.summary,
                "digest": each.digest,
                "at": at,
                "actor": by.id,
                "actor_name": by.name,
                "salt": each.salt,
                "entry_id": entry.index,
            }
            for each, entry in zip(argued, entries, strict=True)
        ],
    )


def of_plea(plea: Plea, decision: Decision | None) -> Rebuttal:
    """A stored rebuttal as the duties know it."""
    if decision is None:
        return Rebuttal(filed_at=plea.at)
    return Rebuttal(
        filed_at=plea.at,
        decided_at=decision.at,
        accepted=decision.is_granted,
        reason=decision.reason,
        decided_by=decision.actor,
    )


def _last_digests(filing_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, bytes]:
    if not filing_ids:
        return {}
    found = Plea.objects.filter(filing_id__in=filing_ids, kind=PleaKind.REBUTTAL.value).order_by("at", "id")
    return {filing_id: bytes(digest) for filing_id, digest in found.values_list("filing_id", "digest")}
