"""Returns, records and uploads as lists and single rows, for whoever may see them."""

from datetime import date

from registry.acting import Actor
from registry.compute.models import AccessRecord, AccessRecordQuerySet, Return, ReturnVersion, Upload
from registry.errors import NotFound
from registry.ledger.models import RESTRICTED


def found(reference: str, by: Actor) -> Return:
    """The return, if the actor may see it; a stranger's and a random reference look alike."""
    row = Return.objects.visible_to(by).filter(reference=reference).first()
    if row is None:
        raise NotFound
    return row


def upload_of(row: Return, number: int, by: Actor) -> Upload:
    """One upload of a return; only its provider sees uploads."""
    upload = Upload.objects.visible_to(by).filter(monthly_return=row, number=number).first()
    if upload is None:
        raise NotFound
    upload.monthly_return = row
    return upload


def version_of(row: Return, number: int, by: Actor) -> ReturnVersion:
    """One submission of a return."""
    versions = ReturnVersion.objects.visible_to(by).filter(monthly_return=row, number=number)
    version = versions.select_related("entry").defer(*(f"entry__{name}" for name in RESTRICTED)).first()
    if version is None:
        raise NotFound
    version.monthly_return = row
    return version


def records_of(row: Return, by: Actor) -> AccessRecordQuerySet:
    """The records of a return, as the actor may see them."""
    return AccessRecord.objects.visible_to(by).filter(monthly_return=row, month=row.month)


def record_of(row: Return, line_id: str, by: Actor) -> AccessRecord:
    """The newest revision of a record, withdrawn or not."""
    record = records_of(row, by).filter(line_id=line_id).order_by("-since_version", "-id").first()
    if record is None:
        raise NotFound
    return record


def months_until(last: date, *, count: int) -> list[date]:
    """The first days of `count` months, the newest first, ending with that of `last`."""
    first = last.year * 12 + last.month - 1
    return [date((first - back) // 12, (first - back) % 12 + 1, 1) for back in range(count)]
