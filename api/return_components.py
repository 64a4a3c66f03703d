"""The schemas of returns, as api.components has them of all else. A line is described by registry.compute.record."""

from typing import Any, Final

from api.receipt_components import OPENING
from api.schema_parts import (
    Schema,
    a_code,
    a_hash,
    a_list,
    a_moment,
    a_request,
    a_text,
    an_address,
    an_object,
    component,
    nullable,
    results_of,
)
from registry.compute import record, verdicts
from registry.compute.models import Atomicity, Format, ReturnState, UploadState
from registry.compute.return_reference import PATTERN

_REFERENCE: Final = a_text("Reference of a return; the last digit is a check digit.", pattern=f"^{PATTERN.pattern}$")
_MONTH: Final = a_text("A month, such as 2026-10.", pattern="^20[0-9]{2}-(0[1-9]|1[0-2])$")
_COUNT: Final = {"type": "integer", "minimum": 0}
_NUMBER: Final = {"type": "integer", "minimum": 1}
_HOURS: Final = a_text("A decimal string.", pattern=r"^[0-9]+(\.[0-9]+)?$")
_NONE: Final = {"type": "boolean", "description": "The negative return: nobody used accelerators."}
_SEVERITY: Final = a_code("Errors refuse the line, warnings are noted.", ("error", "warning"))

_RETURN: Final[dict[str, Any]] = {
    "reference": _REFERENCE,
    "url": an_address("Address of the return."),
    "month": _MONTH,
    "territory": a_text("Whose authority is competent, ISO 3166-1 alpha-2.", pattern="^[A-Z]{2}$"),
    "state": a_code("Where it stands.", ReturnState.values),
    "version": {**_COUNT, "description": "How many times it was submitted."},
    "none": _NONE,
    "records": {**_COUNT, "description": "Records of the newest version submitted."},
    "accelerator_hours": {**_HOURS, "description": "Of the newest version submitted. A decimal string."},
    "revision": {**_NUMBER, "description": "Grows with every change; the `ETag`."},
    "opened_at": a_moment("When it was opened."),
    "changed_at": a_moment("When it last changed."),
    "submitted_at": nullable(a_moment("When the newest version was submitted.")),
}
_WHICH: Final[dict[str, Any]] = {"return": _REFERENCE}  # a word of Python's own
_RECEIPT: Final[dict[str, Any]] = {
    "receipt": component("Receipt"),
    "public_key": a_text("The register's Ed25519 key (PEM, SubjectPublicKeyInfo)."),
    "statement": nullable(
        a_text(
            "What the ledger commits to, canonical: the return, its numbers, and `records_sha256`, the SHA-256 over "
            "the SHA-256 of each line (as JSON, as it was sent) in the order of line ids. Null once erased."
        )
    ),
    "opening": OPENING,
}
_RECORD: Final[dict[str, Any]] = {
    "line_id": a_text("Your own name of the line."),
    "url": an_address("Address of the record."),
    "revision": {**_NUMBER, "description": "Grows with every amendment."},
    "since_version": {**_NUMBER, "description": "The first version of the return that it is part of."},
    "until_version": nullable({**_NUMBER, "description": "The first version that it is no longer part of."}),
    "recorded_at": a_moment("When it was stored."),
    "content_sha256": a_hash("SHA-256 of the line as JSON."),
    "content": component("AccessRecord"),
}

RETURN_REQUESTS: Final[dict[str, Schema]] = {
    "NewReturn": a_request("A return to open.", optional=("none",), month=_MONTH, none=_NONE),
    "ReturnSubmission": a_request("A return to submit.", optional=("none",), none=_NONE),
    "ReturnReopening": a_request("Nothing is asked."),
    "AccessRecordLines": a_text(
        "One record a line, each an `AccessRecord` as JSON, up to a million lines. Or `text/csv`: a header with names "
        "of members, lists of texts set apart by semicolons, lists of objects as JSON in their cell, empty cells for "
        "what is not stated."
    ),
}
RETURN_ANSWERS: Final[dict[str, Schema]] = {
    "Return": an_object("The return of one month.", **_RETURN),
    "ReturnPage": results_of("Return", "A page of returns, newest first.", next=nullable(a_text("The next page."))),
    "SubmittedReturn": an_object("A return as submitted, with its receipt.", **_RETURN, **_RECEIPT),
    "ReturnVersion": an_object(
        "One submission of a return.",
        **_WHICH,
        number=_NUMBER,
        none=_NONE,
        records=_COUNT,
        accelerator_hours=_HOURS,
        records_sha256=nullable(a_hash("Over the SHA-256 of each line in the order of line ids; null once erased.")),
        rule_set=a_text("Version of the checks."),
        submitted_at=a_moment("When."),
        mandate=nullable(a_text("The mandate under which an agent submitted it.", format="uuid")),
        receipt_url=an_address("Address of the receipt."),
    ),
    "ReturnVersionList": results_of("ReturnVersion", "Every submission, oldest first."),
    "ReturnReceipt": an_object(
        "The register's signed word for a return, and its place in the public log.",
        **_RECEIPT,
        log={"oneOf": [component("LogPlace"), component("LogWaiting")]},
    ),
    "ReturnUpload": an_object(
        "Lines sent with one call, and how far they have come.",
        **_WHICH,
        number=_NUMBER,
        url=an_address("Address of the upload."),
        verdicts_url=an_address("Address of the verdicts."),
        state=a_code("`stored` and `refused` are final.", UploadState.values),
        format=a_code("How the lines are written.", Format.values),
        atomicity=a_code("What becomes of good lines beside bad ones.", Atomicity.values),
        size_bytes=_COUNT,
        sha256=nullable(a_hash("Of the body as it was sent; null once erased.")),
        mandate=nullable(a_text("The mandate under which an agent sent it.", format="uuid")),
        lines=an_object(
            "How many lines. `other`: there already, not stored again; or good, but not kept.",
            read=_COUNT,
            checked=_COUNT,
            stored=_COUNT,
            noted=_COUNT,
            refused=_COUNT,
            other=_COUNT,
        ),
        received_at=a_moment("When it was received."),
        changed_at=a_moment("When it last came further."),
        finished_at=nullable(a_moment("When it was done.")),
    ),
    "ReturnUploadList": results_of("ReturnUpload", "Every upload, oldest first."),
    "LineAnswer": an_object(
        "What a check says of a line.",
        code=a_text("Stable code."),
        severity=_SEVERITY,
        pointer=a_text("JSON Pointer into the line."),
        sentence=a_text("What is wrong, in the reader's language."),
        remedy=a_text("How to mend it."),
    ),
    "LineVerdict": an_object(
        "What became of a line.",
        line={**_NUMBER, "description": "Its number in the file."},
        line_id=a_text("Your own name of it, where it could be read."),
        outcome=a_code("What became of it.", verdicts.OUTCOMES),
        answers=a_list(component("LineAnswer"), "What the checks say."),
    ),
    "LineVerdictPage": results_of("LineVerdict", "A page of verdicts.", next=nullable(a_text("The next page."))),
    "LineVerdictLines": a_text("One `LineVerdict` a line, of every line that was judged."),
    "LineVerdictTable": a_text("CSV (RFC 4180): line, line_id, outcome, code, severity, pointer, sentence, remedy."),
    "StoredRecord": an_object("An access record.", **_RECORD),
    "AmendedRecord": an_object(
        "A record as amended.", **_RECORD, answers=a_list(component("LineAnswer"), "What the checks say.")
    ),
    "StoredRecordPage": results_of("StoredRecord", "A page of records.", next=nullable(a_text("The next page."))),
    "RecordCheckCatalogue": an_object(
        "The checks of the lines of returns.",
        rule_set=a_text("Version of the checks: edition and digest of the data."),
        results=a_list(
            an_object(
                "A check.",
                code=a_text("Stable code."),
                severity=_SEVERITY,
                sentence=a_text("With the names of its inputs in braces, in the reader's language."),
                remedy=a_text("In the reader's language."),
                source=a_text("Where it comes from."),
            ),
            "The checks.",
        ),
    ),
}


def record_schema() -> dict[str, Any]:
    """The schema of a line, and of the objects in it under names of their own."""
    schema = record.Record.model_json_schema(mode="validation", ref_template="#/components/schemas/Record{model}")
    inner = {f"Record{name}": part for name, part in schema.pop("$defs", {}).items()}
    return {**inner, "AccessRecord": schema}
