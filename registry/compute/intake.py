"""The intake: deals with uploads part by part, each in one unit of work.

One unit of work reads, judges and stores the lines of a part, keeps their verdicts, empties the part and moves the
counters of the upload. So whatever dies, and whenever, the next run goes on behind the last part that was dealt with:
no line is lost, none is stored twice. Uploads of one return are dealt with one after the other.

Where all lines are to be good, their records are held back until the last part (`AccessRecordQuerySet.whole`), and
taken away again if a line was bad.
"""

import json
import zlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from registry.acting import Actor, inside_acting_as
from registry.compute import record_checks, record_context, record_reading, record_storing
from registry.compute.models import AccessRecord, Atomicity, Format, Upload, UploadPart, UploadState
from registry.compute.record_checks import Answer
from registry.compute.record_reading import Reading, Unreadable
from registry.compute.record_storing import Line, Place
from registry.dispatch import outbox

STORED, REFUSED = "return.upload_stored", "return.upload_refused"
STORED_LINE, NOTED, REPEATED, REFUSED_LINE = "stored", "noted", "repeated", "refused"
COMPRESSION: Final = 1
Judged = tuple[int, Reading | Unreadable, list[Answer]]


@dataclass
class Verdicts:
    """What becomes of the lines of a part, and how many of each."""

    kept: list[str] = field(default_factory=list)
    stored: int = 0
    noted: int = 0
    refused: int = 0

    def say(self, number: int, line_id: str, outcome: str, answers: list[dict[str, Any]]) -> None:
        """One line's verdict."""
        self.stored += outcome in {STORED_LINE, NOTED}
        self.noted += outcome == NOTED
        self.refused += outcome == REFUSED_LINE
        if answers:
            said: dict[str, Any] = {"line": number, "line_id": line_id, "outcome": outcome, "answers": answers}
            self.kept.append(json.dumps(said, ensure_ascii=False, separators=(",", ":")))
        else:  # a line id that was read has no character that JSON would escape
            self.kept.append(f'{{"line":{number},"line_id":"{line_id}","outcome":"{outcome}","answers":[]}}')

    def packed(self) -> bytes:
        """All of them, a line each, compressed."""
        return zlib.compress("\n".join(self.kept).encode(), COMPRESSION)


@inside_acting_as
def waiting(*, by: Actor, limit: int) -> list[UUID]:
    """Uploads that are not done, oldest first."""
    by.require("return_store")
    found = Upload.objects.filter(finished_at__isnull=True).order_by("received_at", "id")
    return list(found.values_list("id", flat=True)[:limit])


@inside_acting_as
def take(*, upload: UUID, by: Actor, at: datetime) -> bool:
    """Deal with the next part of an upload; says whether there is more to do.

    False too while another hand has the upload, or an earlier upload of the same return is not done.
    """
    by.require("return_store")
    found = _free(upload)
    if found is None:
        return False
    part = found.parts.filter(number=found.checked_parts + 1).first()
    if part is not None:
        _deal_with(part, found, at=at)
    if found.checked_parts == found.parts_made:
        _finish(found, at=at)
    return found.is_under_way


def _free(upload: UUID) -> Upload | None:
    """The upload, locked, if it is to be dealt with by this hand and now."""
    locked = Upload.objects.select_for_update(skip_locked=True, of=("self",)).select_related("monthly_return")
    found = locked.filter(id=upload, finished_at__isnull=True).first()
    if found is None:
        return None
    earlier = Upload.objects.filter(
        monthly_return=found.monthly_return, number__lt=found.number, finished_at__isnull=True
    )
    return None if earlier.exists() else found


def _deal_with(part: UploadPart, upload: Upload, *, at: datetime) -> None:
    verdicts = _judged(part, upload, at=at)
    part.content, part.verdicts, part.checked_at = None, verdicts.packed(), at
    part.stored, part.noted, part.refused = verdicts.stored, verdicts.noted, verdicts.refused
    part.save(update_fields=["content", "verdicts", "checked_at", "stored", "noted", "refused"])
    upload.state = UploadState.STORING
    upload.checked_parts = part.number
    upload.lines_checked += part.lines
    upload.lines_stored += verdicts.stored
    upload.lines_noted += verdicts.noted
    upload.lines_refused += verdicts.refused
    _save(upload, at=at)


def _judged(part: UploadPart, upload: Upload, *, at: datetime) -> Verdicts:
    """Read, judge and store the lines of a part, and say what becomes of each."""
    judged, good = _read(part, upload)
    inserted = set(good)
    if upload.atomicity == Atomicity.EACH or not upload.lines_refused:  # else nothing of it will be kept
        inserted = record_storing.store(list(good.values()), place=_place(upload), at=at)
    known = _known(upload, good.keys() - inserted)
    verdicts = Verdicts()
    for number, reading, answers in judged:
        if isinstance(reading, Unreadable):
            verdicts.say(number, reading.line_id, REFUSED_LINE, list(map(record_checks.kept_fault, reading.faults)))
            continue
        line_id, outcome = reading.record.line_id, REFUSED_LINE
        first = good.get(line_id)
        if first is not None and first.number == number and line_id in inserted:
            outcome = NOTED if answers else STORED_LINE
        elif first is not None and not any(answer.is_error for answer in answers):
            outcome, answers = _again(reading, first, known.get(line_id), upload)
        verdicts.say(number, line_id, outcome, list(map(record_checks.kept_answer, answers)))
    return verdicts


def _read(part: UploadPart, upload: Upload) -> tuple[list[Judged], dict[str, Line]]:
    """Every line of a part with what the checks say of it, and by line id the first good one of each."""
    context = record_context.of_intake(upload.monthly_return)
    columns = upload.header.split(",") if upload.format == Format.CSV else None
    judged: list[Judged] = []
    good: dict[str, Line] = {}
    for number, line in record_reading.lines_of(zlib.decompress(part.content or b""), first_line=part.first_line):
        try:
            reading = record_reading.read(line, columns=columns)
        except Unreadable as unreadable:
            judged.append((number, unreadable, []))
            continue
        answers = record_checks.judge(reading.record, context)
        if not any(answer.is_error for answer in answers):
            good.setdefault(reading.record.line_id, Line(number, reading, context.sites[reading.record.facility].id))
        judged.append((number, reading, answers))
    return judged, good


def _again(
    reading: Reading, first: Line, known: tuple[UUID | None, int, bytes] | None, upload: Upload
) -> tuple[str, list[Answer]]:
    """What becomes of a line whose id is there already: in this part, in this upload, or in the return."""
    source, number, digest = known or (upload.id, first.number, first.reading.digest)
    if digest == reading.digest:
        return REPEATED, []
    line_id = ("line_id", reading.record.line_id)
    if source == upload.id:
        return REFUSED_LINE, [Answer(record_checks.LINE_REPEATED, "/line_id", (line_id, ("line", number)))]
    return REFUSED_LINE, [Answer(record_checks.LINE_EXISTS, "/line_id", (line_id,))]


def _known(upload: Upload, line_ids: set[str]) -> dict[str, tuple[UUID | None, int, bytes]]:
    """Of records that the return has: the upload they came with, their line there, and their digest."""
    if not line_ids:
        return {}
    row = upload.monthly_return
    found = AccessRecord.objects.filter(monthly_return=row, month=row.month, line_id__in=line_ids).current()
    columns = found.values_list("line_id", "upload_id", "line_number", "digest")
    return {name: (source, number, bytes(digest)) for name, source, number, digest in columns}


def _finish(upload: Upload, *, at: datetime) -> None:
    """The last part was dealt with. Where all were to be good and one was not, what was held back is taken away."""
    kind = STORED
    if upload.atomicity == Atomicity.ALL and upload.lines_refused:
        upload.state = UploadState.REFUSING
        _save(upload, at=at)
        row = upload.monthly_return
        AccessRecord.objects.filter(monthly_return=row, month=row.month, upload=upload).delete()
        upload.lines_stored = upload.lines_noted = 0
        kind = REFUSED
    upload.state = UploadState.REFUSED if kind == REFUSED else UploadState.STORED
    upload.finished_at = at
    _save(upload, at=at)
    outbox.put(kind, subjects=[upload.monthly_return.reference], organisation=upload.organisation_id, at=at)


def _place(upload: Upload) -> Place:
    row = upload.monthly_return
    return Place(
        month=row.month,
        organisation_id=row.organisation_id,
        territory=row.territory,
        return_id=row.id,
        since_version=row.working_version,
        upload_id=upload.id,
    )


def _save(upload: Upload, *, at: datetime) -> None:
    upload.changed_at = at
    upload.save(
        update_fields=[
            "state",
            "checked_parts",
            "lines_checked",
            "lines_stored",
            "lines_noted",
            "lines_refused",
            "changed_at",
            "finished_at",
        ]
    )


def kept_verdicts(part: UploadPart) -> list[dict[str, Any]]:
    """The verdicts on the lines of a part as they are kept; none while it waits."""
    return [json.loads(line) for line in verdict_lines(part)]


def verdict_lines(part: UploadPart) -> list[str]:
    """The same, not parsed."""
    return zlib.decompress(part.verdicts).decode().split("\n") if part.verdicts else []
