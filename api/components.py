"""What requests and answers look like: the JSON Schemas (draft 2020-12) of the OpenAPI document, by name.

The filing document is not repeated here: registry.filings.document publishes it, and api.schema adds it as the
component `FilingDocument`. Lists of codes and limits come from where they are enforced.
"""

from collections.abc import Mapping
from typing import Any, Final

from api.batch import ALL, CLIENT_ID_LENGTH, EACH, ITEM_MEMBERS, ITEMS_LIMIT
from api.bodies import REASON_LENGTH, STATES
from api.problems import CATALOGUE, ERRORS_SHOWN
from registry.filings import document, duties
from registry.filings.lifecycle import Owner, Status
from registry.filings.models import Kind
from registry.filings.reference import PATTERN
from registry.filings.thresholds import Operator

Schema = Mapping[str, Any]

DOCUMENT: Final = "FilingDocument"
CLIENT_REFERENCE_LENGTH: Final = 100
ATOMICITIES: Final = (ALL, EACH)
SEVERITIES: Final = ("error", "warning", "note")
TOKEN_ERRORS: Final = ("invalid_client", "invalid_request", "invalid_scope", "unsupported_grant_type")


def component(name: str) -> dict[str, Any]:
    """A reference to a schema of this table."""
    return {"$ref": f"#/components/schemas/{name}"}


def _object(description: str, *, optional: tuple[str, ...] = (), **members: Any) -> dict[str, Any]:
    """An object whose members are all required but the `optional` ones."""
    required = [name for name in members if name not in optional]
    return {"type": "object", "description": description, "properties": members, "required": required}


def _request(description: str, *, optional: tuple[str, ...] = (), **members: Any) -> dict[str, Any]:
    """A body that is refused with any other member."""
    made = {**_object(description, optional=optional, **members), "additionalProperties": False}
    return made if made["required"] else {name: value for name, value in made.items() if name != "required"}


def _text(description: str, **more: Any) -> dict[str, Any]:
    return {"type": "string", "description": description, **more}


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    if "type" in schema:
        return {**schema, "type": [schema["type"], "null"]}
    return {"anyOf": [schema, {"type": "null"}]}


def _list(items: Schema, description: str) -> dict[str, Any]:
    return {"type": "array", "items": items, "description": description}


def _code(description: str, choices: Any) -> dict[str, Any]:
    return {"type": "string", "description": description, "enum": [str(choice) for choice in choices]}


def _moment(description: str) -> dict[str, Any]:
    return _text(f"{description} RFC 3339, in UTC.", format="date-time", pattern="Z$")


def _day(description: str) -> dict[str, Any]:
    return _text(description, format="date")


def _hash(description: str, *, octets: int = 32) -> dict[str, Any]:
    return _text(f"{description} Lower-case hexadecimal.", pattern=f"^[0-9a-f]{{{2 * octets}}}$")


def _flop(description: str) -> dict[str, Any]:
    return _text(f"{description} In FLOP, as a decimal string.", pattern=r"^[0-9]+(\.[0-9]+)?(e[0-9]+)?$")


def _address(description: str) -> dict[str, Any]:
    return _text(description, format="uri-reference")


REFERENCE: Final = _text("Reference of a filing; the last digit is a check digit.", pattern=f"^{PATTERN.pattern}$")
_WHOLE: Final = {"type": "integer", "minimum": 1}
_VERSION_NUMBER: Final = {**_WHOLE, "description": "Number of the version within its filing."}
_REASON: Final = _text("For the other side to read.", minLength=1, maxLength=REASON_LENGTH)
_ACKNOWLEDGED: Final = _list(component("Acknowledgement"), "Warnings that stand, each with its reason.")

_SUMMARY: Final[dict[str, Any]] = {
    "reference": REFERENCE,
    "url": _address("Address of the filing."),
    "client_reference": _nullable(_text("Your own reference.", maxLength=CLIENT_REFERENCE_LENGTH)),
    "status": _code("Where the filing stands.", Status),
    "status_name": _text("The status in the reader's language."),
    "status_sentence": _text("What the status means, in the reader's language."),
    "whose_turn": _code("From whom the next step is expected.", Owner),
    "revision": {**_WHOLE, "description": "Grows with every change; the number in the ETag."},
    "version": {"type": ["integer", "null"], "minimum": 1, "description": "Newest version; null for a draft."},
    "created_at": _moment("When it was first sent."),
    "changed_at": _moment("When it last changed."),
    "submitted_at": _nullable(_moment("When it was first submitted.")),
    "training_compute_flop": _nullable(_flop("Training compute of the newest version.")),
    "compute_band": _nullable(_text("Order of magnitude of the training compute.")),
    "territory": _text("Competent Member State (ISO 3166-1 alpha-2).", pattern="^[A-Z]{2}$"),
}
_VERSION: Final[dict[str, Any]] = {
    "filing": REFERENCE,
    "url": _address("Address of the version."),
    "number": _VERSION_NUMBER,
    "kind": _code("What the version is.", Kind),
    "submitted_at": _moment("When it was received."),
    "submitted_by": _text("Who submitted it: a client or a person of your organisation."),
    "schema_version": _text("Version of the document's schema."),
    "rule_set": _text("Version of the checks it was judged by."),
    "document_sha256": _hash("SHA-256 of the canonical document (RFC 8785)."),
    "declared_flop": _nullable(_flop("Training compute as declared.")),
    "estimated_flop": _nullable(_flop("Training compute as the register computes it.")),
    "crossings": _list(component("Crossing"), "Thresholds that the compute passes."),
}
_NEW_FILING: Final[dict[str, Any]] = {
    "document": component(DOCUMENT),
    "state": {**_code("`draft` keeps it without submitting.", STATES), "default": STATES[0]},
    "client_reference": _nullable(
        _text("Your own reference, unique within your organisation.", maxLength=CLIENT_REFERENCE_LENGTH)
    ),
    "acknowledgements": _ACKNOWLEDGED,
}
_OPENING: Final = _object(
    "Opens the commitment: SHA-256(domain, salt, document_sha256). Only filer and authority get it.",
    salt=_hash("The salt."),
    document_sha256=_hash("SHA-256 of the canonical document (RFC 8785)."),
)
_BATCH_RESULTS: Final = _list(component("BatchResult"), "One for each item, in the order of the request.")


def _results(name: str, description: str, **more: Any) -> dict[str, Any]:
    return _object(description, results=_list(component(name), "The rows."), **more)


REQUESTS: Final[dict[str, Schema]] = {
    "NewFiling": _request(
        "A training run to be filed, or to be kept as a draft.",
        optional=("state", "client_reference", "acknowledgements"),
        **_NEW_FILING,
    ),
    "Batch": _request(
        "Filings for one call.",
        atomicity=_code("`all`: one refusal refuses all. `each`: the good ones are kept.", ATOMICITIES),
        items={
            **_list(
                {"anyOf": [component("BatchItem"), {"description": "Anything else is refused with its own problem."}]},
                "Judged one by one.",
            ),
            "minItems": 1,
            "maxItems": ITEMS_LIMIT,
        },
    ),
    "BatchItem": _request(
        "A filing as in the single request, and your name for it.",
        optional=ITEM_MEMBERS,
        client_id=_text("Comes back with the result; once in a batch.", minLength=1, maxLength=CLIENT_ID_LENGTH),
        **_NEW_FILING,
    ),
    "DraftDocument": _request("The draft's new document.", document=component(DOCUMENT)),
    "Submission": _request(
        "Nothing, or warnings that stand.", optional=("acknowledgements",), acknowledgements=_ACKNOWLEDGED
    ),
    "NewVersion": _request(
        "A further version of a filing.",
        optional=("acknowledgements",),
        kind=_code("What the version is.", [kind for kind in Kind if kind is not Kind.NOTIFICATION]),
        document=component(DOCUMENT),
        acknowledgements=_ACKNOWLEDGED,
    ),
    "Withdrawal": _request("Why the filing is withdrawn.", reason=_REASON),
    "QuestionAnswer": _request("The answer to the authority's question.", answer=_REASON),
    "Acknowledgement": _request(
        "A warning that stands, with its reason.",
        code=_text("Code of the check."),
        pointer=_text("Place in the document (JSON Pointer), as the answer named it."),
        reason_code=_text("Code of the reason, from the list `check_reasons`."),
        sentence=_text("The reason in a sentence."),
    ),
    "TokenRequest": _request(
        "RFC 6749 section 4.4 with RFC 7523 section 2.2. A `client_secret` beside the assertion is refused.",
        optional=("scope", "client_id"),
        grant_type={"type": "string", "const": "client_credentials"},
        client_assertion_type={
            "type": "string",
            "const": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        },
        client_assertion=_text(
            "A JWT signed by one of the client's keys (ES256 or EdDSA, `kid` in its header) with `iss` = `sub` = the "
            "client's id, `aud` = this server or this address, `exp` at most 300 s ahead, a `jti` that was never used."
        ),
        scope=_text("Scopes asked for, separated by spaces; all that the client has where it is missing."),
        client_id=_text("The client's id, if sent the one of the assertion."),
    ),
}

ANSWERS: Final[dict[str, Schema]] = {
    "Token": _object(
        "A bearer token.",
        access_token=_text("Opaque; send it as `Authorization: Bearer …`."),
        token_type={"type": "string", "const": "Bearer"},
        expires_in={"type": "integer", "maximum": 300, "description": "Seconds."},
        scope=_text("Scopes of the token, separated by spaces."),
    ),
    "TokenError": _object(
        "A refusal of the token endpoint (RFC 6749 section 5.2); it tells no more.",
        optional=("error_description",),
        error=_code("What was refused.", TOKEN_ERRORS),
        error_description=_text("In English."),
    ),
    "FilingSummary": _object("A filing as a line of a list.", **_SUMMARY),
    "Filing": _object(
        "A filing in full.",
        **_SUMMARY,
        document={**component(DOCUMENT), "description": "The newest version's document, or the draft's."},
        answers=_list(component("CheckAnswer"), "What the checks said about the newest version."),
        duties=_list(component("Duty"), "What the law asks, by when."),
        receipt=_nullable(component("VersionReceipt")),
    ),
    "FilingPage": _results(
        "FilingSummary",
        "A page of filings, newest first.",
        next=_nullable(_text("Cursor of the next page; null at the end.")),
    ),
    "BatchAnswer": _object(
        "What became of a batch.",
        atomicity=_code("As asked for.", ATOMICITIES),
        items={"type": "integer", "description": "How many there were."},
        kept={"type": "integer", "description": "How many were stored."},
        refused={"type": "integer", "description": "How many were refused."},
        results=_BATCH_RESULTS,
        public_key=_text("The register's Ed25519 key (PEM), which signed the receipts."),
    ),
    "BatchResult": _object(
        "What became of one item.",
        index={"type": "integer", "minimum": 0, "description": "Place in the request."},
        client_id=_nullable(_text("Your name for it.")),
        status={"type": "integer", "description": "As of a single request; 424 where only another item was refused."},
        filing=_nullable(component("BatchFiling")),
        problem=_nullable(component("Problem")),
    ),
    "BatchFiling": _object(
        "A filing as a line of a list, with its receipt.",
        **_SUMMARY,
        document_sha256=_nullable(_hash("SHA-256 of the canonical document (RFC 8785); null for a draft.")),
        answers=_list(component("CheckAnswer"), "What the checks said."),
        receipt=_nullable(_object("Receipt and opening.", receipt=component("Receipt"), opening=_OPENING)),
    ),
    "VersionSummary": _object("A version as a line of a list.", **_VERSION),
    "Version": _object(
        "A version as it was filed.",
        **_VERSION,
        document=component(DOCUMENT),
        answers=_list(component("CheckAnswer"), "What the checks said about it."),
    ),
    "VersionList": _results("VersionSummary", "All versions of a filing, oldest first."),
    "Crossing": _object(
        "A threshold that is passed.",
        threshold=_text("Code of the threshold."),
        crossed_on=_nullable(_day("The day on which the estimate passes it; null where no day follows.")),
    ),
    "CheckAnswer": _object(
        "What a check says to the filer.",
        code=_text("Stable code of the check."),
        severity=_code("Errors block, warnings need a reason, notes inform.", SEVERITIES),
        pointer=_text("Place in the document (JSON Pointer)."),
        sentence=_text("In the reader's language."),
        remedy=_text("What to do, in the reader's language."),
    ),
    "Duty": _object(
        "What the law asks by when.",
        code=_text("Stable code of the duty."),
        name=_text("In the reader's language."),
        sentence=_text("In the reader's language."),
        legal_basis=_text("Where it stands."),
        trigger_on=_day("The day from which it is reckoned."),
        due_at=_nullable(_moment("The last moment.")),
        not_before=_nullable(_moment("The first moment.")),
        met_at=_nullable(_moment("When it was met.")),
        state=_code("How it stands now.", duties.State),
    ),
    "VersionReceipt": _object(
        "The register's signed word for a version, and the opening of its commitment. Keep both with the document.",
        receipt=component("Receipt"),
        public_key=_text("The register's Ed25519 key (PEM, SubjectPublicKeyInfo)."),
        opening=_OPENING,
    ),
    "Receipt": _object(
        "What the register signs (Ed25519 over the RFC 8785 form of all other members).",
        origin=_text("Name of the log."),
        filing=REFERENCE,
        version=_VERSION_NUMBER,
        commitment=_hash("What the log holds of the version."),
        digest_algorithm=_text("How the document is hashed."),
        index={"type": "integer", "minimum": 0, "description": "Place in the log."},
        entry_hash=_hash("Hash of the log's line."),
        previous_hash=_hash("Hash of the line before."),
        received_at=_moment("When the register received it."),
        key_id=_hash("First eight bytes of the key's SHA-256.", octets=8),
        signature=_hash("Ed25519 signature.", octets=64),
    ),
    "Accelerator": _object(
        "An accelerator with its dense peaks.",
        code=_text("Stable code, as the document uses it."),
        vendor=_text("Who makes it."),
        name=_text("Its name."),
        released_on=_day("When it came out."),
        dense_peak_flop_per_s={
            "type": "object",
            "description": "Dense peak in FLOP/s by number format, as decimal strings.",
            "propertyNames": {"enum": ["bf16", "fp8", "fp4"]},
            "additionalProperties": {"type": "string", "pattern": "^[0-9]+$"},
        },
        thermal_design_power_w={"type": ["integer", "null"], "minimum": 0, "description": "In watts."},
        control_entry=_text("Entry of the export-control list, by its parameters."),
        source=_text("Where the figures come from."),
    ),
    "AcceleratorList": _results("Accelerator", "The catalogue of accelerators."),
    "Threshold": _object(
        "A dated threshold.",
        code=_text("Stable code."),
        quantity=_text("What is measured."),
        unit=_text("In which unit."),
        operator=_code("`gt`: greater than the value; `ge`: the value or more.", Operator),
        value=_text("As the law writes it."),
        legal_basis=_text("Where it stands."),
        effect=_text("What follows."),
        valid_from=_day("First day."),
        valid_until=_nullable(_day("First day on which it no longer applies.")),
    ),
    "ThresholdList": _results("Threshold", "All thresholds, past and future ones too."),
    "Check": _object(
        "A check of the catalogue.",
        code=_text("Stable code."),
        severity=_code("Errors block, warnings need a reason, notes inform.", SEVERITIES),
        sentence=_text("In the reader's language; facts stand in braces."),
        remedy=_text("In the reader's language."),
        source=_text("Legal basis or reason."),
    ),
    "CheckList": _results("Check", "The catalogue of checks.", rule_set=_text("Its version.")),
    "CodeLists": _object(
        "The codes that the document uses.",
        lists={
            "type": "object",
            "description": "By name of the list.",
            "additionalProperties": _list(
                _object("A code.", code=_text("The code."), label=_text("In the reader's language.")), "Its codes."
            ),
        },
    ),
    "JsonSchema": {"type": "object", "description": "A JSON Schema (draft 2020-12).", "required": ["$schema", "$id"]},
    "OpenApi": {"type": "object", "description": "An OpenAPI 3.1 document.", "required": ["openapi", "info", "paths"]},
}

PROBLEM: Final[Schema] = {
    **_object(
        "RFC 9457. It never repeats a refused value. Further members are short facts, such as a limit.",
        optional=("instance", "trace_id", "errors_total", "remedy", "results"),
        type=_code("Stable; relative to this server.", [f"/problems/{slug}" for slug in CATALOGUE]),
        title=_text("In the reader's language."),
        status={"type": "integer", "minimum": 400, "maximum": 599},
        detail=_text("In the reader's language."),
        remedy=_text("What to do, in the reader's language."),
        instance=_text("This answer, as a URN.", format="uri"),
        trace_id=_text("Also in the header `Trace-Id`; quote it when you ask us.", format="uuid"),
        errors={**_list(component("Obstacle"), "Everything in the way, all at once."), "maxItems": ERRORS_SHOWN},
        results=_BATCH_RESULTS,
        errors_total={"type": "integer", "description": f"How many there are, if more than {ERRORS_SHOWN}."},
    ),
    "additionalProperties": {"type": ["string", "integer"]},
}
OBSTACLE: Final[Schema] = _object(
    "One thing in the way.",
    pointer=_text("Place in the body (JSON Pointer); empty for the whole."),
    code=_text("Stable code."),
    severity=_code("Errors block, warnings need a reason, notes inform.", SEVERITIES),
    sentence=_text("In the reader's language."),
    remedy=_text("What to do, in the reader's language."),
)


def filing_document() -> dict[str, Any]:
    """The schemas of the filing document: `FilingDocument` and one for each of its parts."""
    whole = document.json_schema(ref_template="#/components/schemas/{model}")
    parts: dict[str, Any] = whole.pop("$defs")
    for name in ("$schema", "$id"):
        whole.pop(name)
    return {DOCUMENT: whole, **parts}


def schemas() -> dict[str, Any]:
    """Every schema of the OpenAPI document by name. Raises ValueError if two are called the same."""
    ours = {**REQUESTS, **ANSWERS, "Problem": PROBLEM, "Obstacle": OBSTACLE}
    parts = filing_document()
    if clash := ours.keys() & parts.keys():
        raise ValueError(f"two schemas are called {', '.join(sorted(clash))}")
    return dict(sorted({**ours, **parts}.items()))
