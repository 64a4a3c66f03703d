"""What each operation of the interface is: one row a route and method. Data, of which api.schema makes the document.

What follows from the endpoint is not repeated here: query parameters, `Idempotency-Key`, `dry_run`, scopes and the
text come from the class, its methods and the policy.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from api import selection
from api.access_operations import ACCESS_OPERATIONS, ACCESS_QUERY, ACCESS_TAG
from api.change_operations import CHANGE_OPERATIONS, CHANGE_QUERY
from api.client_operations import CLIENT_OPERATIONS, CLIENT_PATH, CLIENT_TAG
from api.duty_operations import DUTY_OPERATIONS, DUTY_PATH, DUTY_QUERY, DUTY_TAG
from api.endpoint import KEY_LENGTH
from api.facility_operations import FACILITY_OPERATIONS, FACILITY_PATH, FACILITY_QUERY, FACILITY_TAG
from api.log_operations import LOG_OPERATIONS, LOG_QUERY
from api.mismatch_operations import MISMATCH_OPERATIONS, MISMATCH_PATH, MISMATCH_QUERY, MISMATCH_TAG
from api.operation import Operation, Reply, parameter
from api.organisation_operations import ORGANISATION_OPERATIONS, ORGANISATION_PATH, ORGANISATION_TAG
from api.ownership_operations import OWNERSHIP_OPERATIONS, OWNERSHIP_QUERY, OWNERSHIP_TAG
from api.parameters import CURSOR_CHARACTERS_LIMIT, LIMIT_LARGEST, LIMIT_USUAL
from api.return_operations import RETURN_OPERATIONS, RETURN_PATH, RETURN_QUERY, RETURN_TAG
from api.statistics_operations import (
    STATISTICS_OPERATIONS,
    STATISTICS_PATH,
    STATISTICS_QUERY,
    STATISTICS_TAG,
)
from api.tables import CSV
from api.webhook_operations import WEBHOOK_OPERATIONS, WEBHOOK_PATH, WEBHOOK_QUERY, WEBHOOK_TAG
from registry.filings.lifecycle import Status
from registry.filings.reference import PATTERN

OURS: Final = ("internal", "unavailable")
BEFORE: Final = ("bad-request", "host", "not-acceptable", "uri-too-long", "headers-too-large", "rate-limited", *OURS)
ANY: Final = (*BEFORE, "invalid-parameter")
SECURED: Final = ("unauthorized", "insufficient-scope", "invalid-header", "mandate-not-held")
ENVELOPE: Final = ("length-required", "body-too-large", "unsupported-media-type", "unsupported-content-encoding")
_JSON: Final = ("malformed-json", "duplicate-member", "too-deep", "too-many-values", "encoding")
READ_BODY: Final = (*ENVELOPE, *_JSON, "validation", "unknown-field", "forbidden-character", "number-out-of-range")
KEYED: Final = (
    "idempotency-key-missing",
    "idempotency-key-invalid",
    "idempotency-key-running",
    "idempotency-key-reused",
)
MATCHED: Final = ("precondition-invalid", "precondition-failed")

FILING: Final = "Filing"
_CHANGED: Final = Reply(FILING, "The filing as it now is.", ("ETag",))
_MADE: Final = Reply(FILING, "The filing as it now is, with its receipt.", ("ETag", "Location"))
_BATCH_TABLE: Final = ((CSV, "BatchAnswerTable"),)
_LISTED: Final = "The list."

OPERATIONS: Final[Mapping[tuple[str, str], Operation]] = MappingProxyType(
    {
        ("token", "POST"): Operation(
            id="token",
            tag="Access",
            summary="Fetch an access token",
            replies={200: Reply("Token", "A token of five minutes.")},
            body="TokenRequest",
            body_type="application/x-www-form-urlencoded",
            problems=(*BEFORE, *ENVELOPE),
            examples=("token",),
        ),
        ("filings", "GET"): Operation(
            id="filings_list",
            tag="Filings",
            summary="List your filings",
            replies={200: Reply("FilingPage", "A page of filings, newest first.")},
        ),
        ("filings", "POST"): Operation(
            id="filings_file",
            tag="Filings",
            summary="File a training run",
            replies={201: _MADE},
            body="NewFiling",
            problems=("conflict",),
            examples=("filing", "draft"),
        ),
        ("filings-batch", "POST"): Operation(
            id="filings_batch",
            tag="Filings",
            summary="File many training runs",
            replies={
                200: Reply("BatchAnswer", "Some items were refused, the others were kept (`each`).", also=_BATCH_TABLE),
                201: Reply("BatchAnswer", "All items were kept.", also=_BATCH_TABLE),
            },
            body="Batch",
            problems=("batch-refused",),
            examples=("batch",),
        ),
        ("filings-one", "GET"): Operation(
            id="filings_read",
            tag="Filings",
            summary="Read a filing",
            replies={200: Reply(FILING, "The filing; its revision is the ETag.", ("ETag",))},
            problems=("not-found",),
        ),
        ("filings-draft", "PUT"): Operation(
            id="filings_redraft",
            tag="Filings",
            summary="Replace the document of a draft",
            replies={200: _CHANGED},
            body="DraftDocument",
            if_match="required",
            problems=("not-found", "not-possible"),
            examples=("document",),
        ),
        ("filings-submit", "POST"): Operation(
            id="filings_submit",
            tag="Filings",
            summary="Submit a draft",
            replies={200: _CHANGED},
            body="Submission",
            problems=("not-found", "not-possible"),
            examples=("submit",),
        ),
        ("filings-withdraw", "POST"): Operation(
            id="filings_withdraw",
            tag="Filings",
            summary="Withdraw a filing",
            replies={200: _CHANGED},
            body="Withdrawal",
            if_match="optional",
            problems=("not-found", "not-possible"),
            examples=("withdraw",),
        ),
        ("filings-answer", "POST"): Operation(
            id="filings_answer",
            tag="Filings",
            summary="Answer the authority's question",
            replies={200: _CHANGED},
            body="QuestionAnswer",
            problems=("not-found", "not-possible"),
            examples=("answer",),
        ),
        ("filings-versions", "GET"): Operation(
            id="versions_list",
            tag="Versions and receipts",
            summary="List the versions of a filing",
            replies={200: Reply("VersionList", "All versions, oldest first.")},
            problems=("not-found",),
        ),
        ("filings-versions", "POST"): Operation(
            id="versions_file",
            tag="Versions and receipts",
            summary="File a further version",
            replies={201: Reply("AmendedFiling", "The filing as it now is, and what changed.", ("ETag", "Location"))},
            body="NewVersion",
            if_match="optional",
            problems=("not-found", "not-possible"),
            examples=("version",),
        ),
        ("filings-versions-one", "GET"): Operation(
            id="versions_read",
            tag="Versions and receipts",
            summary="Read a version",
            replies={200: Reply("Version", "The version as it was filed.")},
            problems=("not-found",),
        ),
        ("filings-versions-answers", "GET"): Operation(
            id="versions_answers",
            tag="Versions and receipts",
            summary="Fetch what the checks said about a version",
            replies={200: Reply("VersionAnswers", "The answers.", also=((CSV, "VersionAnswersTable"),))},
            problems=("not-found",),
        ),
        ("filings-versions-receipt", "GET"): Operation(
            id="versions_receipt",
            tag="Versions and receipts",
            summary="Fetch the receipt of a version",
            replies={200: Reply("LoggedReceipt", "Receipt, public key, opening and place in the public log.")},
            problems=("not-found",),
        ),
        ("accelerators", "GET"): Operation(
            id="accelerators",
            tag="Reference data",
            summary="List the accelerators",
            replies={200: Reply("AcceleratorList", _LISTED)},
        ),
        ("thresholds", "GET"): Operation(
            id="thresholds",
            tag="Reference data",
            summary="List the thresholds",
            replies={200: Reply("ThresholdList", _LISTED)},
        ),
        ("checks", "GET"): Operation(
            id="checks",
            tag="Reference data",
            summary="List the checks",
            replies={200: Reply("CheckList", _LISTED)},
        ),
        ("code-lists", "GET"): Operation(
            id="code_lists",
            tag="Reference data",
            summary="List the codes",
            replies={200: Reply("CodeLists", "All lists by name.")},
        ),
        ("schema", "GET"): Operation(
            id="schema",
            tag="Reference data",
            summary="Fetch the JSON Schema of a form",
            replies={200: Reply("JsonSchema", "The schema.", media_type="application/schema+json")},
            problems=("not-found",),
        ),
        ("openapi", "GET"): Operation(
            id="openapi",
            tag="Reference data",
            summary="Fetch this document",
            replies={200: Reply("OpenApi", "This document.", media_type="application/vnd.oai.openapi+json")},
        ),
        **ACCESS_OPERATIONS,
        **CHANGE_OPERATIONS,
        **DUTY_OPERATIONS,
        **FACILITY_OPERATIONS,
        **MISMATCH_OPERATIONS,
        **LOG_OPERATIONS,
        **ORGANISATION_OPERATIONS,
        **OWNERSHIP_OPERATIONS,
        **RETURN_OPERATIONS,
        **CLIENT_OPERATIONS,
        **WEBHOOK_OPERATIONS,
        **STATISTICS_OPERATIONS,
    }
)


# Query parameters by name, as endpoints declare them in `parameters`. Unknown, repeated and empty ones are refused.
QUERY: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "limit": parameter(
            "query",
            "limit",
            "How many rows a page has.",
            {"type": "integer", "minimum": 1, "maximum": LIMIT_LARGEST, "default": LIMIT_USUAL},
        ),
        "cursor": parameter(
            "query",
            "cursor",
            "`next` of the page before; holds for the same list, filters and organisation.",
            {"type": "string", "minLength": 1, "maxLength": CURSOR_CHARACTERS_LIMIT},
        ),
        "status": parameter(
            "query", "status", "Only filings in this status.", {"type": "string", "enum": [s.value for s in Status]}
        ),
        "client_reference": parameter(
            "query",
            "client_reference",
            "Only the filing or facility with your reference. Sees your own writes at once.",
            {"type": "string", "minLength": 1, "maxLength": 200},
        ),
        "band": parameter(
            "query", "band", "Only this order of magnitude.", {"type": "string", "enum": list(selection.BANDS)}
        ),
        "dry_run": parameter(
            "query",
            "dry_run",
            "`true`: the same path and the same answer, with the header `Dry-Run`; nothing is stored, and "
            "new references in it are made up.",
            {"type": "string", "enum": ["true", "false"], "default": "false"},
        ),
        **ACCESS_QUERY,
        **CHANGE_QUERY,
        **DUTY_QUERY,
        **FACILITY_QUERY,
        **LOG_QUERY,
        **MISMATCH_QUERY,
        **OWNERSHIP_QUERY,
        **RETURN_QUERY,
        **WEBHOOK_QUERY,
        **STATISTICS_QUERY,
    }
)
PATH: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "reference": parameter(
            "path",
            "reference",
            "Reference of the filing.",
            {"type": "string", "pattern": f"^{PATTERN.pattern}$"},
            example="ECAR-2026-000123-7",
        ),
        "number": parameter(
            "path", "number", "Number of the version.", {"type": "integer", "minimum": 1, "maximum": 999_999}
        ),
        "version": parameter(
            "path", "version", "Version of the schema.", {"type": "string", "pattern": r"^[0-9]\.[0-9]$"}, example="1.0"
        ),
        **DUTY_PATH,
        **FACILITY_PATH,
        **MISMATCH_PATH,
        **ORGANISATION_PATH,
        **RETURN_PATH,
        **CLIENT_PATH,
        **WEBHOOK_PATH,
        **STATISTICS_PATH,
    }
)
REQUEST_HEADERS: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "Accept-Language": parameter(
            "header",
            "Accept-Language",
            "Language of sentences: en, fr or de; English where it names none of them.",
            {"type": "string"},
            example="fr",
        ),
        "traceparent": parameter(
            "header",
            "traceparent",
            "W3C trace context; its trace id becomes the answer's `Trace-Id`.",
            {"type": "string"},
        ),
        "Idempotency-Key": parameter(
            "header",
            "Idempotency-Key",
            "One for each thing you want done, such as a UUID. Sent again with the same request, it gets the first "
            "success again for 30 days, with `Idempotent-Replayed`.",
            {"type": "string", "minLength": 1, "maxLength": KEY_LENGTH, "pattern": "^[ -~]+$"},
            required=True,
        ),
        "Mandate": parameter(
            "header",
            "Mandate",
            "Id of a mandate that was given to your organisation: the call is then made for its principal.",
            {"type": "string", "format": "uuid"},
        ),
        "If-Match": parameter(
            "header",
            "If-Match",
            "The ETag of what you read. It is refused with 412 once that has changed.",
            {"type": "string", "pattern": '^"[0-9]{1,9}"$'},
            example='"1"',
        ),
    }
)
RESPONSE_HEADERS: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "Trace-Id": {"description": "Quote it when you ask us.", "schema": {"type": "string", "format": "uuid"}},
        "RateLimit": {
            "description": "What remains (`r`) of the limit on calls, and in how many seconds (`t`) all of it is back "
            "(draft-ietf-httpapi-ratelimit-headers-10). Missing while calls are not counted.",
            "schema": {"type": "string", "pattern": r'^"[a-z]+";r=[0-9]+;t=[0-9]+$'},
            "example": '"writes";r=59;t=41',
        },
        "RateLimit-Policy": {
            "description": "The limit on calls: its name, and how many (`q`) in how many seconds (`w`).",
            "schema": {"type": "string", "pattern": r'^"[a-z]+";q=[0-9]+;w=[0-9]+$'},
            "example": '"writes";q=60;w=60',
        },
        "Client-Key-Expires": {
            "description": "When the key ends with which you last asked for a token; in its last 30 days only. Add a "
            "new one in time: both hold side by side.",
            "schema": {"type": "string", "format": "date-time"},
        },
        "ETag": {
            "description": "The revision shown; of published statistics what `If-None-Match` may name.",
            "schema": {"type": "string", "pattern": '^"[0-9a-f]{1,32}"$'},
        },
        "Location": {
            "description": "Address of the new one; in a 409, of your own that has the name.",
            "schema": {"type": "string", "format": "uri-reference"},
        },
        "Idempotent-Replayed": {
            "description": "The answer is that of the first request with this key.",
            "schema": {"type": "string", "const": "true"},
        },
        "Dry-Run": {"description": "Nothing was stored.", "schema": {"type": "string", "const": "true"}},
        "WWW-Authenticate": {"description": "How to authenticate.", "schema": {"type": "string"}},
        "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "string", "pattern": "^[0-9]+$"}},
        "Content-Language": {
            "description": "Language of the sentences.",
            "schema": {"type": "string", "enum": ["en", "fr", "de"]},
        },
    }
)
TAGS: Final = (
    {"name": "Access", "description": "OAuth 2 client credentials with `private_key_jwt` (RFC 7523)."},
    {"name": "Filings", "description": "Your organisation's filings on training runs."},
    {"name": "Versions and receipts", "description": "What was submitted, and the proof of it."},
    DUTY_TAG,
    FACILITY_TAG,
    MISMATCH_TAG,
    RETURN_TAG,
    ORGANISATION_TAG,
    OWNERSHIP_TAG,
    ACCESS_TAG,
    CLIENT_TAG,
    WEBHOOK_TAG,
    STATISTICS_TAG,
    {"name": "Reference data", "description": "Open to everybody, without a token."},
)
