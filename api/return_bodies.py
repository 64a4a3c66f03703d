"""What is told of returns: JSON members of returns, uploads, verdicts, records and versions."""

from typing import Any

from django.conf import settings

from api.bodies import moment
from api.facility_bodies import decimal
from registry.compute.models import AccessRecord, Return, ReturnVersion, Upload
from registry.compute.return_actions import statement_of
from registry.forms.parts import digest
from registry.ledger import log, receipts


def summary(row: Return) -> dict[str, Any]:
    """A return."""
    return {
        "reference": row.reference,
        "url": address(row),
        "month": f"{row.month:%Y-%m}",
        "territory": row.territory,
        "state": row.state,
        "version": row.version,
        "none": row.is_none,
        "records": row.records,
        "accelerator_hours": decimal(row.accelerator_hours),
        "revision": row.revision,
        "opened_at": moment(row.opened_at),
        "changed_at": moment(row.changed_at),
        "submitted_at": moment(row.submitted_at),
    }


def upload(row: Upload) -> dict[str, Any]:
    """An upload, and how far it has come."""
    base = f"{address(row.monthly_return)}uploads/{row.number}/"
    repeated = row.lines_checked - row.lines_stored - row.lines_refused
    return {
        "return": row.monthly_return.reference,
        "number": row.number,
        "url": base,
        "verdicts_url": f"{base}verdicts/",
        "state": row.state,
        "format": row.format,
        "atomicity": row.atomicity,
        "size_bytes": row.size_bytes,
        "sha256": bytes(row.digest).hex() or None,  # erased: none
        "mandate": str(row.mandate_id) if row.mandate_id else None,
        "lines": {
            "read": row.lines_read,
            "checked": row.lines_checked,
            "stored": row.lines_stored,
            "noted": row.lines_noted,
            "refused": row.lines_refused,
            "other": max(repeated, 0),
        },
        "received_at": moment(row.received_at),
        "changed_at": moment(row.changed_at),
        "finished_at": moment(row.finished_at),
    }


def record(row: AccessRecord, parent: Return) -> dict[str, Any]:
    """An access record, with what was said."""
    return {
        "line_id": row.line_id,
        "url": f"{address(parent)}records/{row.line_id}/",
        "revision": row.revision,
        "since_version": row.since_version,
        "until_version": row.until_version,
        "recorded_at": moment(row.recorded_at),
        "content_sha256": bytes(row.digest).hex(),
        "content": row.document,
    }


def version(row: ReturnVersion) -> dict[str, Any]:
    """One submission of a return."""
    return {
        "return": row.monthly_return.reference,
        "number": row.number,
        "none": row.is_none,
        "records": row.records,
        "accelerator_hours": decimal(row.accelerator_hours),
        "records_sha256": bytes(row.digest).hex() or None,
        "rule_set": row.rule_set,
        "submitted_at": moment(row.submitted_at),
        "mandate": str(row.mandate_id) if row.mandate_id else None,
        "receipt_url": f"{address(row.monthly_return)}versions/{row.number}/receipt/",
    }


def receipt(row: ReturnVersion) -> dict[str, Any]:
    """The signed receipt of a version, the register's key, the statement it stands for, and the opening."""
    key = receipts.load_key(settings.RECEIPT_KEY_FILE)
    signed = receipts.sign(
        key=key,
        origin=settings.LOG_ORIGIN,
        filing=row.monthly_return.reference,
        version=row.number,
        entry=log.line_of(row.entry),
        mandate=str(row.mandate_id or ""),
    )
    statement = statement_of(row) if row.salt else None  # erased: none
    return {
        "receipt": signed.as_json(),
        "public_key": receipts.public_pem(key),
        "statement": statement.decode() if statement else None,
        "opening": {
            "salt": bytes(row.salt).hex() or None,
            "document_sha256": digest(statement).hex() if statement else None,
        },
    }


def address(row: Return) -> str:
    """Where a return is."""
    return f"/api/v1/returns/{row.reference}/"
