"""What is shown of returns: states in words, rows of uploads, records and verdicts."""

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext

from registry.compute import verdicts
from registry.compute.models import AccessRecord, Return, ReturnState, Upload, UploadState
from registry.portal import record_form
from registry.portal.presentation import words
from registry.portal.presentation.marks import Label, Tone
from registry.portal.presentation.returns import RecordRow, UploadRow, VerdictRow


def state(row: Return) -> Label:
    """Where a return stands."""
    return {
        ReturnState.OPEN: Label(gettext("Open"), Tone.WAITING, "pencil-simple"),
        ReturnState.SUBMITTED: Label(gettext("Submitted"), Tone.DONE, "check-circle"),
        ReturnState.AMENDING: Label(gettext("Being amended"), Tone.REVIEW, "pencil-simple"),
    }[ReturnState(row.state)]


def missing() -> Label:
    """Of a month that is over and has no return."""
    return Label(gettext("Not reported"), Tone.PLAIN, "hourglass-medium")


def upload_state(row: Upload) -> Label:
    """Where an upload stands."""
    if row.state == UploadState.STORED:
        return Label(gettext("Stored"), Tone.DONE, "check-circle")
    if row.state == UploadState.REFUSED:
        return Label(gettext("Refused as a whole"), Tone.ALERT, "warning-octagon")
    return Label(gettext("Under way"), Tone.REVIEW, "hourglass-medium")


def outcome(code: str) -> Label:
    """What became of a line."""
    return {
        verdicts.STORED: Label(gettext("Stored"), Tone.DONE, "check-circle"),
        verdicts.NOTED: Label(gettext("Stored, with a remark"), Tone.REVIEW, "check-circle"),
        verdicts.REPEATED: Label(gettext("There already"), Tone.PLAIN, "check-circle"),
        verdicts.REFUSED: Label(gettext("Refused"), Tone.ALERT, "warning-octagon"),
        verdicts.NOT_KEPT: Label(gettext("Good, not kept"), Tone.WAITING, "hourglass-medium"),
    }[code]


def upload(row: Upload, parent: Return) -> UploadRow:
    """An upload in the list of a return."""
    return UploadRow(
        number=str(row.number),
        href=reverse("workspace-returns-upload", args=[parent.reference, row.number]),
        state=upload_state(row),
        sent=words.moment(row.received_at),
        read=words.count(row.lines_read),
        checked=words.count(row.lines_checked),
        stored=words.count(row.lines_stored),
        refused=words.count(row.lines_refused),
        percent=100 * row.lines_checked // max(row.lines_read, 1),
        is_under_way=row.is_under_way,
    )


def record_row(row: AccessRecord, *, href: str) -> RecordRow:
    """A record in a list."""
    return RecordRow(
        line_id=row.line_id,
        href=href,
        customer=row.customer_name,
        country=words.country(row.customer_country),
        accelerators=f"{words.count(row.accelerators)} × {record_form.accelerator(row.accelerator_id)}",
        hours=words.count(int(row.accelerator_hours)),
        days=f"{words.short_day(row.starts_at.date())} – {words.short_day(row.ends_at.date())}",
    )


def verdict_row(verdict: Mapping[str, Any]) -> VerdictRow:
    """A verdict in a table."""
    return VerdictRow(
        line=words.count(verdict["line"]),
        line_id=verdict["line_id"],
        outcome=outcome(verdict["outcome"]),
        answers=tuple(f"{each['sentence']} {each['remedy']}" for each in verdict["answers"]),
    )
