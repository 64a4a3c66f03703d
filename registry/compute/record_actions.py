"""Records sent, amended and withdrawn within a return that is open."""

import hashlib
import uuid
import zlib
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Final

from registry import rows
from registry.acting import Actor, inside_acting_as
from registry.compute import record_checks, record_context, record_reading, record_storing
from registry.compute.models import AccessRecord, Atomicity, Format, Return, Upload, UploadPart
from registry.compute.record_checks import Answer
from registry.compute.record_reading import Reading, Unreadable
from registry.compute.record_storing import Line, Place
from registry.compute.return_actions import locked, require_writable, touch
from registry.dispatch import outbox
from registry.errors import Invalid, NotFound, Obstacle, told

RECEIVED: Final = "return.received"
RECORD_AMENDED, RECORD_WITHDRAWN = "return.record_amended", "return.record_withdrawn"
COMPRESSION: Final = 1  # lines are alike: the quickest level makes them eight times smaller


@dataclass(frozen=True)
class Body:
    """What was sent: a stream at its beginning, how its lines are written, its SHA-256 and its size."""

    stream: IO[bytes]
    format: Format
    digest: bytes
    size_bytes: int


@dataclass(frozen=True)
class Amended:
    """A record that was amended by itself, and the warnings of the checks."""

    record: AccessRecord
    answers: tuple[Answer, ...]


def body_of(stream: IO[bytes], *, written: Format) -> Body:
    """A body as it lies in `stream`, which is read once and set back to its beginning."""
    found, size = hashlib.sha256(), 0
    while block := stream.read(record_reading.PART_BYTES):
        found.update(block)
        size += len(block)
    stream.seek(0)
    return Body(stream, written, found.digest(), size)


@inside_acting_as
def receive(*, reference: str, body: Body, atomicity: Atomicity, by: Actor, at: datetime) -> Upload:
    """Keep the lines of a body for the intake, which checks and stores them. Memory does not grow with the body.

    Raises `Invalid` where the body as a whole is no file of lines.
    """
    row = locked(reference, by)
    by.require("return_file")
    require_writable(row)
    row.uploads_made += 1
    upload = Upload(
        id=uuid.uuid4(),
        organisation_id=row.organisation_id,
        territory=row.territory,
        monthly_return=row,
        number=row.uploads_made,
        format=body.format,
        atomicity=atomicity,
        digest=body.digest,
        size_bytes=body.size_bytes,
        parts_made=0,
        lines_read=0,
        received_at=at,
        received_from=by.id,
        changed_at=at,
        mandate_id=by.mandate,
    )
    made, lines = _keep_parts(body, upload)
    upload.parts_made, upload.lines_read = made, lines
    rows.insert(Upload, [{field.attname: getattr(upload, field.attname) for field in upload._meta.concrete_fields}])
    touch(row, at=at, also=("uploads_made",))
    outbox.put(RECEIVED, subjects=[str(upload.id)], organisation=upload.organisation_id, at=at)
    return upload


@inside_acting_as
def amend(*, reference: str, line_id: str, content: bytes, by: Actor, at: datetime, language: str = "en") -> Amended:
    """State one record anew, as a whole. The record before stays known, as part of the versions it was part of.

    `content` is the line as JSON. Raises `Invalid` with every error.
    """
    row = locked(reference, by)
    by.require("return_file")
    require_writable(row)
    before = _current(row, line_id, by)
    reading = _read(content, language=language)
    if reading.record.line_id != line_id:
        sentence = told("The line id is not that of the record.")
        remedy = told("Send the record under its own line id.")
        obstacle = Obstacle("validation", "/line_id", sentence, remedy)
        raise Invalid(sentence, remedy=remedy, obstacles=[obstacle])
    if reading.digest == bytes(before.digest):
        return Amended(before, ())
    context = record_context.of_provider(row, besides=before)
    answers = record_checks.judge(reading.record, context)
    if any(answer.is_error for answer in answers):
        raise Invalid(
            "The record cannot be kept: each obstacle is listed.",
            remedy="Mend the errors; warnings do not block.",
            obstacles=record_checks.obstacles_of(answers, language=language),
        )
    _end(before, row)
    place = Place(
        month=row.month,
        organisation_id=row.organisation_id,
        territory=row.territory,
        return_id=row.id,
        since_version=row.working_version,
        revision=before.revision + 1,
    )
    line = Line(0, reading, context.sites[reading.record.facility].id)
    record_storing.store([line], place=place, at=at)
    touch(row, at=at)
    outbox.put(RECORD_AMENDED, subjects=[row.reference], organisation=row.organisation_id, at=at)
    return Amended(_current(row, line_id, by), tuple(answers))


@inside_acting_as
def withdraw(*, reference: str, line_id: str, by: Actor, at: datetime) -> Return:
    """Take one record out of the return, from the next version on."""
    row = locked(reference, by)
    by.require("return_file")
    require_writable(row)
    _end(_current(row, line_id, by), row)
    touch(row, at=at)
    outbox.put(RECORD_WITHDRAWN, subjects=[row.reference], organisation=row.organisation_id, at=at)
    return row


def _keep_parts(body: Body, upload: Upload) -> tuple[int, int]:
    """Store the parts of a body as they are cut; returns how many, and how many lines they have.

    They go in before the upload, which carries both numbers: its key is looked for when the unit of work ends.
    """
    first_line = 1
    if body.format == Format.CSV:
        upload.header = ",".join(record_reading.header_of(body.stream))
        first_line = 2
    made, lines = 0, 0
    for made, part in enumerate(record_reading.cut(body.stream, first_line=first_line), 1):
        row = {
            "organisation_id": upload.organisation_id,
            "territory": upload.territory,
            "upload_id": upload.id,
            "number": made,
            "first_line": part.first_line,
            "lines": part.lines,
            "content": zlib.compress(part.content, COMPRESSION),
            "stored": 0,
            "refused": 0,
            "noted": 0,
        }
        rows.insert(UploadPart, [row])
        lines += part.lines
    if not lines:
        sentence = told("The body has no line.")
        raise Invalid(
            sentence,
            remedy="Send one record a line, or submit the return with “none”.",
            obstacles=[Obstacle("validation", "", sentence)],
        )
    return made, lines


def _read(content: bytes, *, language: str) -> Reading:
    try:
        return record_reading.read(content)
    except Unreadable as unreadable:
        kept = map(record_checks.kept_fault, unreadable.faults)
        said = record_checks.explained(kept, language=language)
        raise Invalid(
            "The record cannot be read: each obstacle is listed.",
            remedy="Compare it with the schema of a line.",
            obstacles=[Obstacle(each["code"], each["pointer"], each["sentence"], each["remedy"]) for each in said],
        ) from None


def _current(row: Return, line_id: str, by: Actor) -> AccessRecord:
    seen = AccessRecord.objects.visible_to(by).filter(monthly_return=row, month=row.month, line_id=line_id)
    found = seen.current().select_related("facility").first()
    if found is None:
        raise NotFound
    return found


def _end(record: AccessRecord, row: Return) -> None:
    ended = AccessRecord.objects.filter(month=row.month, id=record.id)
    ended.update(until_version=row.working_version)
