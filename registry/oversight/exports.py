"""Files made of filings: why, of which, how many, with a digest; above a size released by a second person; then read.

A file is made once, in pieces that are kept until it expires, so that what was confirmed is what is downloaded and its
digest is that of the ledger. Each download is a look at every filing in it.
"""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from django.db.models import F

from registry import rows
from registry.accounts import precision, proposals
from registry.accounts.models import Proposal
from registry.accounts.policy import Permission
from registry.accounts.proposals import Announce
from registry.acting import Actor, inside_acting_as
from registry.errors import Invalid, NotFound, NotPossible
from registry.filings import document
from registry.filings.document.rendering import rendered
from registry.filings.models import Filing, FilingQuerySet, Version
from registry.ledger import chain, log
from registry.oversight import export_rules, looks, tabular
from registry.oversight.export_rules import Content, Format
from registry.oversight.models import Export, ExportPart, ExportState, LookKind
from registry.oversight.purposes import Purpose
from registry.quantities import Precision, format_flop

MADE: Final = "export.made"
DOWNLOADED: Final = "export.downloaded"
RELEASE: Final = "export.release"  # the kind of proposal
AT_ONCE: Final = {Content.LIST: 500, Content.DOCUMENTS: 20}  # filings in memory: a document may be large
HEAD: Final = (
    "reference",
    "status",
    "kind",
    "version",
    "provider",
    "territory",
    "run",
    "run_stage",
    "training_compute_flop",
    "site_country",
    "submitted_at",
    "decided_at",
)


@dataclass(frozen=True)
class Order:
    """What is asked for: the filings, as what, in which format; `filters` says the choice in words that can be kept."""

    filings: FilingQuerySet
    content: Content
    format: Format
    filters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Piece:
    """A piece of a file with the filings that begin in it."""

    filings: tuple[UUID, ...]
    content: bytes


@inside_acting_as
def make(order: Order, *, purpose: Purpose, by: Actor, at: datetime, announce: Announce) -> Export:
    """Make the file and keep it; above the limit of the role a second person is asked to release it.

    Raises `NotPermitted`, and `Invalid` for nothing, for too many filings and for a format that does not exist.
    """
    by.require(Permission.EXPORT_MAKE)
    export_rules.require_format(order.content, order.format)
    limit = export_rules.limit_of(by, order.content)
    _require_size(order.filings, limit.at_most)
    export_id = uuid4()
    count, size, digest = _keep(pieces(order, by=by), export_id, by=by, at=at)
    needs = count > limit.alone
    made = {
        "id": export_id,
        "territory": by.territory,
        "looked_from": by.territory,
        "role": next(iter(sorted(by.roles)), ""),
        "actor": by.id,
        "actor_name": by.name,
        **purpose.columns(),
        "at": at,
        "content": order.content.value,
        "format": order.format.value,
        "filters": dict(order.filters),
        "filings": count,
        "size_bytes": size,
        "sha256": digest,
        "state": ExportState.WAITING.value if needs else ExportState.RELEASED.value,
        "needs_second_person": needs,
        "second_person": "",
        "released_at": None if needs else at,
        "expires_at": at + export_rules.lasts(needs_second_person=needs),
        "salt": os.urandom(chain.HASH_BYTES),
    }
    made["proposal"] = _propose(made, by=by, at=at, announce=announce).id if needs else None
    entry = log.append([_line(MADE, made, by=by, at=at)], by=by, at=at)[0]
    rows.insert(Export, [{**made, "entry_id": entry.index}])
    return Export.objects.visible_to(by).get(id=export_id)


@inside_acting_as
def open_file(*, export: UUID, by: Actor, at: datetime, announce: Announce) -> Export:
    """Let who asked for a file download it now: the looks at its filings and the download are recorded.

    Raises `NotFound` for another person's, `NotPossible` once it has expired and while nobody has confirmed it.
    """
    by.require(Permission.EXPORT_MAKE)
    asked = Export.objects.visible_to(by).select_for_update().filter(id=export, actor=by.id).first()
    if asked is None:
        raise NotFound
    if asked.expires_at <= at:
        raise NotPossible("This file has expired.", remedy="Make the export anew.")
    if asked.state == ExportState.WAITING:
        _release(asked, by=by, at=at, announce=announce)
    purpose = Purpose(asked.basis, asked.case_reference, asked.purpose)
    for filing_ids in asked.parts.values_list("filing_ids", flat=True):
        seen = Filing.objects.visible_to(by).filter(id__in=filing_ids)
        found = [looks.Seen(*row) for row in seen.values_list("id", "reference", "organisation_id", "territory")]
        looks.note(found, kind=LookKind.EXPORTED, purpose=purpose, by=by, at=at)
    columns = {name: getattr(asked, name) for name in (*_COMMITTED, "id", "sha256")}
    log.append([_line(DOWNLOADED, {**columns, "salt": os.urandom(chain.HASH_BYTES)}, by=by, at=at)], by=by, at=at)
    return asked


@inside_acting_as
def piece(*, export: UUID, position: int, by: Actor, at: datetime) -> bytes | None:
    """A piece of a released file of one's own; None after the last, or once it has expired."""
    mine = Export.objects.visible_to(by).filter(
        id=export, actor=by.id, state=ExportState.RELEASED.value, expires_at__gt=at
    )
    found = ExportPart.objects.filter(export__in=mine, position=position).values_list("content", flat=True).first()
    return bytes(found) if found is not None else None


def pieces(order: Order, *, by: Actor) -> Iterator[Piece]:
    """The file piece by piece, in the order of references, told to `by` as the policy has it for each filing."""
    writer = tabular.writer(order.format, HEAD)
    yield Piece((), writer.begin())
    for filings in _batches(order.filings, at_once=AT_ONCE[order.content]):
        lines = _lines(filings, by=by) if order.content is Content.LIST else _documents(filings, by=by)
        yield Piece(tuple(filing.id for filing in filings), writer.rows(lines))
    yield Piece((), writer.end())


def file_name(export: Export) -> str:
    """What the file is called: no name of anybody in it."""
    return f"ecar-{export.content}-{export.at:%Y%m%d-%H%M%S}.{export.format}"


_COMMITTED: Final = ("content", "format", "filters", "filings", "size_bytes", "basis", "case_reference", "purpose")


def statement(export: Mapping[str, Any], *, by: str, at: datetime) -> dict[str, Any]:
    """What the ledger's entry about an export commits to."""
    told = {name: export[name] for name in _COMMITTED}
    told["filings"], told["size_bytes"] = str(told["filings"]), str(told["size_bytes"])
    return {**told, "sha256": bytes(export["sha256"]).hex(), "by": by, "at": chain.moment_text(at)}


def _line(kind: str, export: Mapping[str, Any], *, by: Actor, at: datetime) -> log.Line:
    digest = document.digest(document.canonical_json(statement(export, by=by.id, at=at)))
    return log.Line(kind, str(export["id"]), chain.commitment(salt=bytes(export["salt"]), digest=digest))


def _propose(made: Mapping[str, Any], *, by: Actor, at: datetime, announce: Announce) -> Proposal:
    """Ask a second person, who reads what, how many and why."""
    return proposals.propose(
        kind=RELEASE,
        payload={"export": str(made["id"]), "sha256": bytes(made["sha256"]).hex(), "filings": str(made["filings"])},
        shown={"filings": str(made["filings"]), "format": str(made["format"]).upper(), "name": by.name},
        subject=str(made["id"]),
        by=by,
        at=at,
        announce=announce,
    )


def _release(export: Export, *, by: Actor, at: datetime, announce: Announce) -> None:
    """Use the second person's confirmation, once. Raises `NotPossible` while there is none."""
    if export.proposal is None:  # a constraint of the table: only what needs a second person waits
        raise NotPossible("Nobody was asked to confirm this export.", remedy="Make the export anew.")
    confirmed = proposals.take_up(proposal_id=export.proposal, kind=RELEASE, by=by, at=at, announce=announce)
    if confirmed.payload.get("sha256") != bytes(export.sha256).hex():
        raise NotPossible("What was confirmed is another file.", remedy="Make the export anew.")
    export.state, export.second_person, export.released_at = ExportState.RELEASED, confirmed.decided_by, at
    export.save(update_fields=["state", "second_person", "released_at"])


def _keep(made: Iterator[Piece], export_id: UUID, *, by: Actor, at: datetime) -> tuple[int, int, bytes]:
    """Store each piece as it comes; returns how many filings and bytes, and the digest of the whole."""
    digest, count, size = hashlib.sha256(), 0, 0
    for position, each in enumerate(made):
        digest.update(each.content)
        count, size = count + len(each.filings), size + len(each.content)
        part = {
            "export_id": export_id,  # its row follows in this unit of work; the key is checked at its end
            "territory": by.territory,
            "position": position,
            "filing_ids": list(each.filings),
            "content": each.content,
            "at": at,
        }
        ExportPart.objects.create(**part)
    return count, size, digest.digest()


def _require_size(filings: FilingQuerySet, at_most: int) -> None:
    count = filings.order_by().values("id")[: at_most + 1].count()
    if not count:
        raise Invalid("There is nothing to export.", remedy="Widen the filters.")
    if count > at_most:
        raise Invalid("These are more than {at_most} filings.", remedy="Narrow the filters.", at_most=f"{at_most}")


def _batches(filings: FilingQuerySet, *, at_once: int) -> Iterator[list[Filing]]:
    """The filings in the order of their references, some at a time."""
    ordered, last = filings.select_related("organisation").order_by("reference"), ""
    while found := list(ordered.filter(reference__gt=last)[:at_once]):
        yield found
        last = found[-1].reference


def _lines(filings: Sequence[Filing], *, by: Actor) -> Iterator[dict[str, object]]:
    """A line each. A column that this reader is not told exactly is left empty."""
    for filing in filings:
        told = {
            resource: precision.precisions(
                viewer=precision.viewer_of(by, territory=filing.territory), resource=resource
            ).get("R")
            for resource in ("filing", "organisation")
        }
        line: dict[str, object] = {"reference": filing.reference}
        if told["filing"] is Precision.EXACT:
            line = _line_of(filing)
        if told["organisation"] is Precision.EXACT:
            line["provider"] = filing.organisation.legal_name
        yield line


def _line_of(filing: Filing) -> dict[str, object]:
    flop = filing.training_compute_flop
    return {
        "reference": filing.reference,
        "status": filing.status,
        "kind": filing.kind,
        "version": str(filing.number),
        "territory": filing.territory,
        "run": filing.run_id,
        "run_stage": filing.run_stage,
        "training_compute_flop": None if flop is None else format_flop(flop.normalize()),
        "site_country": filing.site_country,
        "submitted_at": filing.submitted_at and filing.submitted_at.isoformat(),
        "decided_at": filing.decided_at and filing.decided_at.isoformat(),
    }


def _documents(filings: Sequence[Filing], *, by: Actor) -> Iterator[dict[str, object]]:
    """The newest document each, told as the policy has it."""
    known = {filing.id: filing for filing in filings}
    for version in Version.objects.visible_to(by).filter(filing_id__in=known, number=F("filing__number")):
        filing = known[version.filing_id]
        if version.canonical:  # erased ones have none
            viewer = precision.viewer_of(by, territory=filing.territory)
            yield {
                "reference": filing.reference,
                "version": str(version.number),
                "kind": version.kind,
                "submitted_at": version.submitted_at.isoformat(),
                "document": rendered(
                    json.loads(version.canonical), precision.precisions(viewer=viewer, resource="document")
                ),
            }
