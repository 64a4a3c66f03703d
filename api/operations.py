"""What each operation of the interface is: one row a route and method. Data, of which api.schema makes the document.

What follows from the endpoint is not repeated here: query parameters, `Idempotency-Key`, `dry_run`, scopes and the
text come from the class, its methods and the policy.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from api.endpoint import KEY_LENGTH
from api.parameters import CURSOR_CHARACTERS_LIMIT, LIMIT_LARGEST, LIMIT_USUAL
from registry.filings.lifecycle import Status
from registry.filings.reference import PATTERN

JSON: Final = "application/json"


@dataclass(frozen=True)
class Reply:
    """A success: the schema of its body, the response headers beside those that every answer has."""

    schema: str
    description: str
    headers: tuple[str, ...] = ()
    media_type: str = JSON


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One row. `problems` are slugs of api.problems; `if_match` is `required`, `optional` or empty."""

    id: str
    tag: str
    summary: str
    replies: Mapping[int, Reply]
    body: str = ""
    body_type: str = JSON
    if_match: str = ""
    problems: tuple[str, ...] = ()
    examples: tuple[str, ...] = field(default=())


OURS: Final = ("internal", "unavailable")
BEFORE: Final = ("bad-request", "host", "not-acceptable", "uri-too-long", "headers-too-large", *OURS)
ANY: Final = (*BEFORE, "invalid-parameter")
SECURED: Final = ("unauthorized", "insufficient-scope")
ENVELOPE: Final = ("length-required", "body-too-large", "unsupported-media-type", "unsupported-content-encoding")
READ_BODY: Final = (
    *ENVELOPE,
    "malformed-json",
    "duplicate-member",
    "too-deep",
    "too-many-values",
    "encoding",
    "validation",
    "unknown-field",
    "forbidden-character",
    "number-out-of-range",
)
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
                200: Reply("BatchAnswer", "Some items were refused, the others were kept (`each`)."),
                201: Reply("BatchAnswer", "All items were kept."),
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
            replies={201: _MADE},
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
        ("filings-versions-receipt", "GET"): Operation(
            id="versions_receipt",
            tag="Versions and receipts",
            summary="Fetch the receipt of a version",
            replies={200: Reply("VersionReceipt", "Receipt, public key and opening.")},
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
            summary="Fetch the JSON Schema of the filing document",
            replies={200: Reply("JsonSchema", "The schema.", media_type="application/schema+json")},
            problems=("not-found",),
        ),
        ("openapi", "GET"): Operation(
            id="openapi",
            tag="Reference data",
            summary="Fetch this document",
            replies={200: Reply("OpenApi", "This document.", media_type="application/vnd.oai.openapi+json")},
        ),
    }
)


def _parameter(place: str, name: str, description: str, schema: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    made = {"name": name, "in": place, "description": description, "schema": schema, **more}
    return {**made, "required": True} if place == "path" else made


# Query parameters by name, as endpoints declare them in `parameters`. Unknown, repeated and empty ones are refused.
QUERY: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "limit": _parameter(
            "query",
            "limit",
            "How many rows a page has.",
            {"type": "integer", "minimum": 1, "maximum": LIMIT_LARGEST, "default": LIMIT_USUAL},
        ),
        "cursor": _parameter(
            "query",
            "cursor",
            "`next` of the page before; holds for the same list, filters and organisation.",
            {"type": "string", "minLength": 1, "maxLength": CURSOR_CHARACTERS_LIMIT},
        ),
        "status": _parameter(
            "query", "status", "Only filings in this status.", {"type": "string", "enum": [s.value for s in Status]}
        ),
        "client_reference": _parameter(
            "query",
            "client_reference",
            "Only the filing with your reference. Sees your own writes at once.",
            {"type": "string", "minLength": 1, "maxLength": 200},
        ),
        "band": _parameter(
            "query", "band", "Only this order of magnitude.", {"type": "string", "minLength": 1, "maxLength": 200}
        ),
        "changed_since": _parameter(
            "query",
            "changed_since",
            "Only what changed at this moment or later (RFC 3339 with an offset).",
            {"type": "string", "format": "date-time"},
            example="2026-11-01T00:00:00Z",
        ),
        "dry_run": _parameter(
            "query",
            "dry_run",
            "`true`: the same path and the same answer, with the header `Dry-Run`; nothing is stored.",
            {"type": "string", "enum": ["true", "false"], "default": "false"},
        ),
    }
)
PATH: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "reference": _parameter(
            "path",
            "reference",
            "Reference of the filing.",
            {"type": "string", "pattern": f"^{PATTERN.pattern}$"},
            example="ECAR-2026-000123-7",
        ),
        "number": _parameter(
            "path", "number", "Number of the version.", {"type": "integer", "minimum": 1, "maximum": 999_999}
        ),
        "version": _parameter(
            "path", "version", "Version of the schema.", {"type": "string", "pattern": r"^[0-9]\.[0-9]$"}, example="1.0"
        ),
    }
)
REQUEST_HEADERS: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "Accept-Language": _parameter(
            "header",
            "Accept-Language",
            "Language of sentences: en, fr or de; English where it names none of them.",
            {"type": "string"},
            example="fr",
        ),
        "traceparent": _parameter(
            "header",
            "traceparent",
            "W3C trace context; its trace id becomes the answer's `Trace-Id`.",
            {"type": "string"},
        ),
        "Idempotency-Key": _parameter(
            "header",
            "Idempotency-Key",
            "One for each thing you want done, such as a UUID. Sent again with the same request, it gets the first "
            "success again for 30 days, with `Idempotent-Replayed`.",
            {"type": "string", "minLength": 1, "maxLength": KEY_LENGTH, "pattern": "^[ -~]+$"},
            required=True,
        ),
        "If-Match": _parameter(
            "header",
            "If-Match",
            "The ETag of the filing that you read. It is refused with 412 once the filing has changed.",
            {"type": "string", "pattern": '^"[0-9]{1,9}"$'},
            example='"1"',
        ),
    }
)
RESPONSE_HEADERS: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "Trace-Id": {"description": "Quote it when you ask us.", "schema": {"type": "string", "format": "uuid"}},
        "ETag": {"description": "The filing's revision.", "schema": {"type": "string", "pattern": '^"[0-9]{1,9}"$'}},
        "Location": {"description": "Address of the filing.", "schema": {"type": "string", "format": "uri-reference"}},
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
    {"name": "Reference data", "description": "Open to everybody, without a token."},
)
