"""What requests and answers look like: the JSON Schemas (draft 2020-12) of the OpenAPI document, by name.

The filing document is not repeated here: registry.filings.document publishes it, and api.schema adds it as the
component `FilingDocument`. Lists of codes and limits come from where they are enforced.
"""

from typing import Any, Final

from api.access_components import ACCESS_ANSWERS
from api.batch import ALL, CLIENT_ID_LENGTH, EACH, ITEM_MEMBERS, ITEMS_LIMIT
from api.bodies import CLIENT_REFERENCE_LENGTH, REASON_LENGTH, STATES
from api.change_components import CHANGE_ANSWERS
from api.client_components import CLIENT_ANSWERS
from api.duty_components import DUTY_ANSWERS, DUTY_REQUESTS
from api.examples import ANSWERS_TABLE, BATCH_TABLE
from api.facility_components import FACILITY_ANSWERS, facility_forms
from api.mismatch_operations import MISMATCH_ANSWERS, MISMATCH_REQUESTS
from api.organisation_components import ORGANISATION_ANSWERS, ORGANISATION_REQUESTS
from api.ownership_components import OWNERSHIP_ANSWERS, OWNERSHIP_REQUESTS
from api.problems import CATALOGUE, ERRORS_SHOWN
from api.receipt_components import OPENING, RECEIPT_ANSWERS
from api.return_components import RETURN_ANSWERS, RETURN_REQUESTS, record_schema
from api.schema_parts import (
    Schema,
    a_code,
    a_day,
    a_flop,
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
from api.statistics_components import STATISTICS_ANSWERS
from api.webhook_components import WEBHOOK_ANSWERS, WEBHOOK_REQUESTS
from registry.compute.catalogue import EventKind
from registry.filings import document
from registry.filings.checks.engine import SHORTEST_SENTENCE
from registry.filings.lifecycle import Owner, Status
from registry.filings.models import Kind
from registry.filings.reference import PATTERN
from registry.filings.thresholds import Operator

DOCUMENT: Final = "FilingDocument"
ATOMICITIES: Final = (ALL, EACH)
SEVERITIES: Final = ("error", "warning", "note")


REFERENCE: Final = a_text("Reference of a filing; the last digit is a check digit.", pattern=f"^{PATTERN.pattern}$")
_WHOLE: Final = {"type": "integer", "minimum": 1}
_VERSION_NUMBER: Final = {**_WHOLE, "description": "Number of the version within its filing."}
_REASON: Final = a_text("For the other side to read.", minLength=1, maxLength=REASON_LENGTH)
_ACKNOWLEDGED: Final = a_list(component("Acknowledgement"), "Warnings that stand, each with its reason.")

_SUMMARY: Final[dict[str, Any]] = {
    "reference": REFERENCE,
    "url": an_address("Address of the filing."),
    "client_reference": nullable(a_text("Your own; free again after a withdrawal.", maxLength=CLIENT_REFERENCE_LENGTH)),
    "status": a_code("Where the filing stands.", Status),
    "status_name": a_text("The status in the reader's language."),
    "status_sentence": a_text("What the status means, in the reader's language."),
    "whose_turn": a_code("From whom the next step is expected.", Owner),
    "revision": {**_WHOLE, "description": "Grows with every change; the number in the ETag."},
    "version": {"type": ["integer", "null"], "minimum": 1, "description": "Newest version; null for a draft."},
    "created_at": a_moment("When it was first sent."),
    "changed_at": a_moment("When it last changed."),
    "submitted_at": nullable(a_moment("When it was first submitted.")),
    "training_compute_flop": nullable(a_flop("Training compute of the newest version.")),
    "compute_band": nullable(a_text("Order of magnitude of the training compute.")),
    "territory": a_text("Competent Member State (ISO 3166-1 alpha-2).", pattern="^[A-Z]{2}$"),
}
_VERSION: Final[dict[str, Any]] = {
    "filing": REFERENCE,
    "url": an_address("Address of the version."),
    "number": _VERSION_NUMBER,
    "kind": a_code("What the version is.", Kind),
    "submitted_at": a_moment("When it was received."),
    "submitted_by": a_text("Who submitted it: a client or a person of your organisation, or of its agent."),
    "mandate": nullable(a_text("The mandate under which an agent submitted it.", format="uuid")),
    "schema_version": a_text("Version of the document's schema."),
    "rule_set": a_text("Version of the checks it was judged by."),
    "document_sha256": nullable(a_hash("SHA-256 of the canonical document (RFC 8785); null once it was erased.")),
    "declared_flop": nullable(a_flop("Training compute as declared.")),
    "estimated_flop": nullable(a_flop("Training compute as the register computes it.")),
    "crossings": a_list(component("Crossing"), "Thresholds that the compute passes."),
}
_NEW_FILING: Final[dict[str, Any]] = {
    "document": component(DOCUMENT),
    "state": {**a_code("`draft` keeps it without submitting.", STATES), "default": STATES[0]},
    "client_reference": nullable(
        a_text(
            "Your own reference, unique within your organisation: printable characters, none that turns the writing.",
            minLength=1,
            maxLength=CLIENT_REFERENCE_LENGTH,
        )
    ),
    "acknowledgements": _ACKNOWLEDGED,
}
_FILING: Final[dict[str, Any]] = {
    **_SUMMARY,
    "document": {
        **nullable(component(DOCUMENT)),
        "description": "The newest version's document, or the draft's; null once it was erased after its period.",
    },
    "answers": a_list(component("CheckAnswer"), "What the checks said about the newest version; empty once erased."),
    "duties": a_list(component("Duty"), "What the law asks, by when."),
    "receipt": nullable(component("VersionReceipt")),
}
_BATCH_RESULTS: Final = a_list(component("BatchResult"), "One for each item, in the order of the request.")


REQUESTS: Final[dict[str, Schema]] = {
    "NewFiling": a_request(
        "A training run to be filed, or to be kept as a draft.",
        optional=("state", "client_reference", "acknowledgements"),
        **_NEW_FILING,
    ),
    "Batch": a_request(
        "Filings for one call.",
        atomicity=a_code("`all`: one refusal refuses all. `each`: the good ones are kept.", ATOMICITIES),
        items={
            **a_list(
                {"anyOf": [component("BatchItem"), {"description": "Anything else is refused with its own problem."}]},
                "Judged one by one.",
            ),
            "minItems": 1,
            "maxItems": ITEMS_LIMIT,
        },
    ),
    "BatchItem": a_request(
        "A filing as in the single request, and your name for it.",
        optional=ITEM_MEMBERS,
        client_id=a_text("Comes back with the result; once in a batch.", minLength=1, maxLength=CLIENT_ID_LENGTH),
        **_NEW_FILING,
    ),
    "DraftDocument": a_request("The draft's new document.", document=component(DOCUMENT)),
    "Submission": a_request(
        "Nothing, or warnings that stand.", optional=("acknowledgements",), acknowledgements=_ACKNOWLEDGED
    ),
    "NewVersion": a_request(
        "A further version of a filing.",
        optional=("acknowledgements",),
        kind=a_code("What the version is.", [kind for kind in Kind if kind is not Kind.NOTIFICATION]),
        document=component(DOCUMENT),
        acknowledgements=_ACKNOWLEDGED,
    ),
    "Withdrawal": a_request("Why the filing is withdrawn.", reason=_REASON),
    "QuestionAnswer": a_request("The answer to the authority's question.", answer=_REASON),
    "Acknowledgement": a_request(
        "A warning that stands, with its reason.",
        code=a_text("Code of the check."),
        pointer=a_text("Place of the warning (JSON Pointer), as the problem or the answer named it."),
        reason_code=a_text("Code of the reason, from the list `check_reasons`."),
        sentence=a_text("The reason in a sentence.", minLength=SHORTEST_SENTENCE),
    ),
    "TokenRequest": a_request(
        "RFC 6749 section 4.4 with RFC 7523 section 2.2. A `client_secret` beside the assertion is refused.",
        optional=("scope", "client_id"),
        grant_type={"type": "string", "const": "client_credentials"},
        client_assertion_type={
            "type": "string",
            "const": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        },
        client_assertion=a_text(
            "A JWT signed by one of the client's keys (ES256 or EdDSA, `kid` in its header) with `iss` = `sub` = the "
            "client's id, `aud` = this server or this address, `exp` at most 300 s ahead, a `jti` that was never used."
        ),
        scope=a_text("Scopes asked for, separated by spaces; all that the client has where it is missing."),
        client_id=a_text("The client's id, if sent the one of the assertion."),
    ),
    **DUTY_REQUESTS,
    **MISMATCH_REQUESTS,
    **ORGANISATION_REQUESTS,
    **OWNERSHIP_REQUESTS,
    **RETURN_REQUESTS,
    **WEBHOOK_REQUESTS,
}

ANSWERS: Final[dict[str, Schema]] = {
    "FilingSummary": an_object("A filing as a line of a list.", **_SUMMARY),
    "Filing": an_object("A filing in full.", **_FILING),
    "AmendedFiling": an_object(
        "A filing in full, and what its newest version changed.", **_FILING, difference=component("Difference")
    ),
    "FilingPage": results_of(
        "FilingSummary",
        "A page of filings, newest first.",
        next=nullable(a_text("Cursor of the next page; null at the end.")),
        position=a_text("Where the change feed stood before this page was read; its `cursor` from there on."),
    ),
    "BatchAnswer": an_object(
        "What became of a batch.",
        atomicity=a_code("As asked for.", ATOMICITIES),
        items={"type": "integer", "description": "How many there were."},
        kept={"type": "integer", "description": "How many were stored."},
        refused={"type": "integer", "description": "How many were refused."},
        results=_BATCH_RESULTS,
        public_key=a_text("The register's Ed25519 key (PEM), which signed the receipts."),
    ),
    "BatchResult": an_object(
        "What became of one item.",
        index={"type": "integer", "minimum": 0, "description": "Place in the request."},
        client_id=nullable(a_text("Your name for it.")),
        status={"type": "integer", "description": "As of a single request; 424 where only another item was refused."},
        filing=nullable(component("BatchFiling")),
        problem=nullable(component("Problem")),
    ),
    "BatchFiling": an_object(
        "A filing as a line of a list, with its receipt.",
        **_SUMMARY,
        document_sha256=nullable(a_hash("SHA-256 of the canonical document (RFC 8785); null for a draft.")),
        answers=a_list(component("CheckAnswer"), "What the checks said."),
        receipt=nullable(an_object("Receipt and opening.", receipt=component("Receipt"), opening=OPENING)),
    ),
    "VersionSummary": an_object("A version as a line of a list.", **_VERSION),
    "Version": an_object(
        "A version as it was filed.",
        **_VERSION,
        document={**nullable(component(DOCUMENT)), "description": "As filed; null once it was erased."},
        answers=a_list(component("CheckAnswer"), "What the checks said about it; empty once it was erased."),
    ),
    "VersionList": results_of("VersionSummary", "All versions of a filing, oldest first."),
    "Crossing": an_object(
        "A threshold that is passed.",
        threshold=a_text("Code of the threshold."),
        crossed_on=nullable(a_day("The day on which the estimate passes it; null where no day follows.")),
    ),
    "CheckAnswer": an_object(
        "What a check says to the filer.",
        code=a_text("Stable code of the check."),
        severity=a_code("Errors block, warnings need a reason, notes inform.", SEVERITIES),
        pointer=a_text("Place in the document (JSON Pointer), whose root is the document itself."),
        sentence=a_text("In the reader's language."),
        remedy=a_text("What to do, in the reader's language."),
        acknowledgement=nullable(
            an_object(
                "Why the filer keeps what a warning questions.",
                reason_code=a_text("From the list `check_reasons`."),
                sentence=a_text("As the filer wrote it."),
            )
        ),
    ),
    "VersionAnswers": results_of(
        "CheckAnswer",
        "What the checks said about a version.",
        filing=a_text("Reference of the filing."),
        version={"type": "integer", "minimum": 1, "description": "Number of the version."},
        rule_set=a_text("Version of the checks that judged it."),
    ),
    "VersionAnswersTable": a_text(
        "The same as CSV (RFC 4180), each cell quoted, an apostrophe before what a spreadsheet would compute.",
        examples=[ANSWERS_TABLE],
    ),
    "BatchAnswerTable": a_text(
        "What was found in each item as CSV (RFC 4180), a line an answer or error; one line for an item without any.",
        examples=[BATCH_TABLE],
    ),
    "Accelerator": an_object(
        "An accelerator with its dense peaks.",
        code=a_text("Stable code, as the document uses it."),
        vendor=a_text("Who makes it."),
        name=a_text("Its name."),
        released_on=a_day("When it came out."),
        dense_peak_flop_per_s={
            "type": "object",
            "description": "Dense peak in FLOP/s by number format, as decimal strings.",
            "propertyNames": {"enum": ["bf16", "fp8", "fp4"]},
            "additionalProperties": {"type": "string", "pattern": "^[0-9]+$"},
        },
        thermal_design_power_w={"type": ["integer", "null"], "minimum": 0, "description": "In watts."},
        control_entry=a_text("Entry of the export-control list, by its parameters."),
        export_events=a_list(
            an_object(
                "A dated change in its export-control status; the last one governs.",
                code=a_text("Stable code."),
                on=a_day("Its day."),
                precision=a_code("How exactly the day is known.", ("day", "month")),
                kind=a_code("What changed.", EventKind),
                sentence=a_text("In the reader's language."),
                source=a_text("Where it stands."),
            ),
            "Oldest first.",
        ),
        source=a_text("Where the figures come from."),
    ),
    "AcceleratorList": results_of("Accelerator", "The catalogue of accelerators."),
    "Threshold": an_object(
        "A dated threshold.",
        code=a_text("Stable code."),
        quantity=a_text("What is measured."),
        unit=a_text("In which unit."),
        operator=a_code("`gt`: greater than the value; `ge`: the value or more.", Operator),
        value=a_text("As the law writes it."),
        legal_basis=a_text("Where it stands."),
        effect=a_text("What follows."),
        valid_from=a_day("First day."),
        valid_until=nullable(a_day("First day on which it no longer applies.")),
    ),
    "ThresholdList": results_of("Threshold", "All thresholds, past and future ones too."),
    "Check": an_object(
        "A check of the catalogue.",
        code=a_text("Stable code."),
        severity=a_code("Errors block, warnings need a reason, notes inform.", SEVERITIES),
        sentence=a_text("In the reader's language; facts stand in braces."),
        remedy=a_text("In the reader's language."),
        source=a_text("Legal basis or reason."),
    ),
    "CheckList": results_of("Check", "The catalogue of checks.", rule_set=a_text("Its version.")),
    "CodeLists": an_object(
        "The codes that the document uses.",
        lists={
            "type": "object",
            "description": "By name of the list.",
            "additionalProperties": a_list(
                an_object("A code.", code=a_text("The code."), label=a_text("In the reader's language.")), "Its codes."
            ),
        },
    ),
    "JsonSchema": {"type": "object", "description": "A JSON Schema (draft 2020-12).", "required": ["$schema", "$id"]},
    "OpenApi": {"type": "object", "description": "An OpenAPI 3.1 document.", "required": ["openapi", "info", "paths"]},
    **CHANGE_ANSWERS,
    **RECEIPT_ANSWERS,
    **DUTY_ANSWERS,
    **FACILITY_ANSWERS,
    **MISMATCH_ANSWERS,
    **RETURN_ANSWERS,
    **ORGANISATION_ANSWERS,
    **ACCESS_ANSWERS,
    **OWNERSHIP_ANSWERS,
    **CLIENT_ANSWERS,
    **WEBHOOK_ANSWERS,
    **STATISTICS_ANSWERS,
}

PROBLEM: Final[Schema] = {
    **an_object(
        "RFC 9457. It never repeats a refused value. Further members are short facts, such as a limit.",
        optional=("instance", "trace_id", "errors_total", "remedy", "results"),
        type=a_code("Stable; relative to this server.", [f"/problems/{slug}" for slug in CATALOGUE]),
        title=a_text("In the reader's language."),
        status={"type": "integer", "minimum": 400, "maximum": 599},
        detail=a_text("In the reader's language."),
        remedy=a_text("What to do, in the reader's language."),
        instance=a_text("This answer, as a URN.", format="uri"),
        trace_id=a_text("Also in the header `Trace-Id`; quote it when you ask us.", format="uuid"),
        errors={**a_list(component("Obstacle"), "Everything in the way, all at once."), "maxItems": ERRORS_SHOWN},
        results=_BATCH_RESULTS,
        errors_total={"type": "integer", "description": f"How many there are, if more than {ERRORS_SHOWN}."},
    ),
    "additionalProperties": {"type": ["string", "integer"]},
}
OBSTACLE: Final[Schema] = an_object(
    "One thing in the way.",
    pointer=a_text(
        "Place in the body, or in the item of a batch (JSON Pointer); empty for the whole. The document stands under "
        "`/document`, also where it was sent before."
    ),
    code=a_text("Stable code."),
    severity=a_code("Errors block, warnings need a reason, notes inform.", SEVERITIES),
    sentence=a_text("In the reader's language."),
    remedy=a_text("What to do, in the reader's language."),
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
    parts, forms = filing_document(), {**facility_forms(), **record_schema()}
    if clash := parts.keys() & forms.keys():
        raise ValueError(f"two forms are called {', '.join(sorted(clash))}")
    parts |= forms
    if clash := ours.keys() & parts.keys():
        raise ValueError(f"two schemas are called {', '.join(sorted(clash))}")
    return dict(sorted({**ours, **parts}.items()))
