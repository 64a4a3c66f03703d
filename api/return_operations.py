"""The operations of returns, as api.operations has them of all else."""

from collections.abc import Mapping
from typing import Any, Final

from api.operation import Operation, Reply, parameter
from api.records import NDJSON
from api.tables import CSV
from registry.compute import facility, verdicts
from registry.compute.models import Atomicity, ReturnState
from registry.compute.return_reference import PATTERN

_TAG: Final = "Returns"
_REFERENCE_DATA: Final = "Reference data"
_UNKNOWN: Final = ("not-found",)
_CLOSED: Final = ("not-found", "not-possible")

RETURN_TAG: Final = {
    "name": _TAG,
    "description": "What a compute provider reports for a month: who used which accelerators, one line each.",
}
RECORD_EXAMPLE: Final[Mapping[str, Any]] = {
    "line_id": "2026-10/000017",
    "facility": "lyon-1",
    "accelerator": "nvidia-h100-sxm5-80gb",
    "accelerators": 64,
    "starts_at": "2026-10-01T00:00:00Z",
    "ends_at": "2026-10-15T00:00:00Z",
    "accelerator_hours": "20160.5",
    "workload_class": "inference",
    "customer_key": "C-0017",
    "customer_name": "Borealis Analytique SAS",
    "customer_country": "FR",
    "customer_lei": "969500DEMONSTRATIO14",
    "contracted_on": "2024-01-15",
    "declared_access_countries": ["FR", "DE"],
    "observed_access_countries": ["FR"],
    "verification_method": "register",
    "verified_on": "2024-01-10",
    "is_established_in_russia": False,
    "is_end_use_prohibited": False,
    "attested_on": "2024-01-10",
    "attested_by": "Jeanne Colin",
}
RETURN_EXAMPLES: Final[Mapping[str, Any]] = {
    "return": {"summary": "October 2026", "value": {"month": "2026-10"}},
    "negative_return": {"summary": "Nobody used accelerators", "value": {"month": "2026-10", "none": True}},
    "return_submission": {"summary": "With its records", "value": {}},
    "access_record": {
        "summary": "Inference for a shop",
        "value": {**RECORD_EXAMPLE, "line_id": "L-000017"},
    },
}

RETURN_OPERATIONS: Final[Mapping[tuple[str, str], Operation]] = {
    ("returns", "GET"): Operation(
        id="returns_list",
        tag=_TAG,
        summary="List your returns",
        replies={200: Reply("ReturnPage", "A page of returns, newest first.")},
    ),
    ("returns", "POST"): Operation(
        id="returns_open",
        tag=_TAG,
        summary="Open the return of a month",
        replies={201: Reply("Return", "The return.", ("ETag", "Location"))},
        body="NewReturn",
        problems=("conflict", "not-permitted"),
        examples=("return", "negative_return"),
    ),
    ("returns-one", "GET"): Operation(
        id="returns_read",
        tag=_TAG,
        summary="Read a return",
        replies={200: Reply("Return", "The return.", ("ETag",))},
        problems=_UNKNOWN,
    ),
    ("returns-submit", "POST"): Operation(
        id="returns_submit",
        tag=_TAG,
        summary="Submit a return",
        replies={201: Reply("SubmittedReturn", "The return with its receipt.", ("ETag",))},
        body="ReturnSubmission",
        if_match="required",
        problems=_CLOSED,
        examples=("return_submission",),
    ),
    ("returns-reopen", "POST"): Operation(
        id="returns_reopen",
        tag=_TAG,
        summary="Open a submitted return again",
        replies={200: Reply("Return", "The return, open.", ("ETag",))},
        body="ReturnReopening",
        if_match="required",
        problems=_CLOSED,
    ),
    ("returns-versions", "GET"): Operation(
        id="return_versions_list",
        tag=_TAG,
        summary="List the submissions of a return",
        replies={200: Reply("ReturnVersionList", "Every submission, oldest first.")},
        problems=_UNKNOWN,
    ),
    ("returns-versions-receipt", "GET"): Operation(
        id="return_versions_receipt",
        tag=_TAG,
        summary="Fetch the receipt of a submission",
        replies={200: Reply("ReturnReceipt", "The receipt.")},
        problems=_UNKNOWN,
    ),
    ("returns-records", "GET"): Operation(
        id="records_list",
        tag=_TAG,
        summary="List the records of a return",
        replies={200: Reply("StoredRecordPage", "A page of records.")},
        problems=_UNKNOWN,
    ),
    ("returns-records", "POST"): Operation(
        id="records_send",
        tag=_TAG,
        summary="Send records",
        replies={202: Reply("ReturnUpload", "The upload, which is dealt with afterwards.", ("Location",))},
        body="AccessRecordLines",
        body_type=NDJSON,
        problems=_CLOSED,
    ),
    ("returns-records-one", "GET"): Operation(
        id="records_read",
        tag=_TAG,
        summary="Read a record",
        replies={200: Reply("StoredRecord", "Its newest revision.")},
        problems=_UNKNOWN,
    ),
    ("returns-records-one", "PUT"): Operation(
        id="records_amend",
        tag=_TAG,
        summary="Amend a record",
        replies={200: Reply("AmendedRecord", "The record as it now is.")},
        body="AccessRecord",
        problems=_CLOSED,
        examples=("access_record",),
    ),
    ("returns-records-one", "DELETE"): Operation(
        id="records_withdraw",
        tag=_TAG,
        summary="Withdraw a record",
        replies={200: Reply("Return", "The return.", ("ETag",))},
        problems=_CLOSED,
    ),
    ("returns-uploads", "GET"): Operation(
        id="return_uploads_list",
        tag=_TAG,
        summary="List what was sent for a return",
        replies={200: Reply("ReturnUploadList", "Every upload, oldest first.")},
        problems=_UNKNOWN,
    ),
    ("returns-uploads-one", "GET"): Operation(
        id="return_uploads_read",
        tag=_TAG,
        summary="Follow an upload",
        replies={200: Reply("ReturnUpload", "How far it has come.")},
        problems=_UNKNOWN,
    ),
    ("returns-uploads-verdicts", "GET"): Operation(
        id="return_uploads_verdicts",
        tag=_TAG,
        summary="Read what became of each line",
        replies={
            200: Reply(
                "LineVerdictPage",
                "A page of verdicts, or all of them in one file.",
                also=((NDJSON, "LineVerdictLines"), (CSV, "LineVerdictTable")),
            )
        },
        problems=_UNKNOWN,
    ),
    ("record-checks", "GET"): Operation(
        id="record_checks",
        tag=_REFERENCE_DATA,
        summary="List the checks of the lines of returns",
        replies={200: Reply("RecordCheckCatalogue", "The checks.")},
    ),
}
RETURN_QUERY: Final[Mapping[str, Any]] = {
    "month": parameter(
        "query",
        "month",
        "Only the return of this month, such as 2026-10.",
        {"type": "string", "pattern": "^20[0-9]{2}-"},
    ),
    "return_state": parameter(
        "query", "return_state", "Only returns in this state.", {"type": "string", "enum": ReturnState.values}
    ),
    "customer_key": parameter(
        "query", "customer_key", "Only records of this customer.", {"type": "string", "minLength": 1, "maxLength": 200}
    ),
    "outcome": parameter(
        "query", "outcome", "Only lines of which this became.", {"type": "string", "enum": list(verdicts.OUTCOMES)}
    ),
    "atomicity": parameter(
        "query",
        "atomicity",
        "`all` keeps nothing where one line is bad, `each` the good ones.",
        {"type": "string", "enum": Atomicity.values, "default": "each"},
    ),
}
RETURN_PATH: Final[Mapping[str, Any]] = {
    "form": parameter(
        "path",
        "form",
        "Which form.",
        {"type": "string", "enum": ["filing", "access-record", *facility.FORMS]},
        example="filing",
    ),
    "monthly_return": parameter(
        "path",
        "monthly_return",
        "Reference of the return.",
        {"type": "string", "pattern": f"^{PATTERN.pattern}$"},
        example="ECAM-2026-000012-1",
    ),
    "line_id": parameter(
        "path",
        "line_id",
        "Your own id of the line.",
        {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$"},
        example="L-000017",
    ),
}
