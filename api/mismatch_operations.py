"""The operations and schemas of mismatches, as api.operations and api.components have them of all else."""

from collections.abc import Mapping
from typing import Any, Final

from api.mismatches import CODES, STATUSES
from api.operation import Operation, Reply, parameter
from api.schema_parts import (
    Schema,
    a_code,
    a_day,
    a_list,
    a_moment,
    a_request,
    a_text,
    an_address,
    an_object,
    nullable,
    results_of,
)
from registry.screening.mismatches import REASON_LENGTH
from registry.screening.models import OtherSays, Side

_TAG: Final = "Mismatches"

MISMATCH_TAG: Final = {
    "name": _TAG,
    "description": "Where filings and returns do not agree; each side sees its own words and can answer.",
}
MISMATCH_OPERATIONS: Final[Mapping[tuple[str, str], Operation]] = {
    ("mismatches", "GET"): Operation(
        id="mismatches_list",
        tag=_TAG,
        summary="List your mismatches",
        replies={200: Reply("MismatchPage", "A page of mismatches, newest first.")},
    ),
    ("mismatches-one", "GET"): Operation(
        id="mismatches_read",
        tag=_TAG,
        summary="Read a mismatch",
        replies={200: Reply("Mismatch", "The mismatch with its answers.")},
        problems=("not-found",),
    ),
    ("mismatches-answer", "POST"): Operation(
        id="mismatches_answer",
        tag=_TAG,
        summary="Answer a mismatch",
        replies={201: Reply("Mismatch", "The mismatch, answered.")},
        body="MismatchAnswerRequest",
        problems=("not-found", "not-possible"),
        examples=("mismatch_answer",),
    ),
}
MISMATCH_QUERY: Final[Mapping[str, Any]] = {
    "mismatch_status": parameter(
        "query", "mismatch_status", "Only mismatches in this status.", {"type": "string", "enum": list(STATUSES)}
    ),
}
MISMATCH_PATH: Final[Mapping[str, Any]] = {
    "mismatch": parameter(
        "path",
        "mismatch",
        "Reference of the mismatch.",
        {"type": "string", "pattern": "^MISMATCH-[0-9a-f]{12}$"},
        example="MISMATCH-0a1b2c3d4e5f",
    ),
}
MISMATCH_EXAMPLES: Final[Mapping[str, Any]] = {
    "mismatch_answer": {
        "summary": "Hours counted otherwise",
        "value": {
            "reason_code": "hours_counted_otherwise",
            "reason": "We file the hours of the run; the provider reports those reserved for us.",
        },
    },
}
MISMATCH_REQUESTS: Final[Mapping[str, Schema]] = {
    "MismatchAnswerRequest": a_request(
        "Why a mismatch stands.",
        reason_code=a_code("A reason of the list.", CODES),
        reason=a_text("For the authority to read.", minLength=1, maxLength=REASON_LENGTH),
    ),
}
_ANSWER: Final = an_object(
    "An answer that your organisation gave.",
    reason_code=a_code("The reason.", CODES),
    reason_name=a_text("In the reader's language."),
    reason=a_text("The sentence."),
    answered_at=a_moment("When."),
    answered_by=a_text("By whom."),
    entry={"type": "integer", "minimum": 0, "description": "Index of the entry in the ledger."},
)
MISMATCH_ANSWERS: Final[Mapping[str, Schema]] = {
    "Mismatch": an_object(
        "Where what you filed or reported does not agree with another side. Nothing of the other side is told.",
        reference=a_text("Reference of the mismatch."),
        url=an_address("Address of the mismatch."),
        side=a_code("Whether it is about your filings or your returns.", Side.values),
        other_says=a_code("Whether another side says nothing, less or more.", OtherSays.values),
        sentence=a_text("The same in the reader's language."),
        status=a_code("Where it stands.", STATUSES),
        filing=nullable(a_text("Reference of your filing, if it is about one.")),
        customer_name=nullable(a_text("Your customer, if it is about one.")),
        facility=nullable(a_text("Reference of the facility that you named.")),
        accelerator=nullable(a_text("Code of the catalogue.")),
        starts_on=a_day("First day of what you state."),
        ends_on=a_day("The first day after it."),
        own_accelerator_hours=a_text("What you state, a decimal string.", pattern=r"^[0-9]+(\.[0-9]+)?$"),
        tolerance_percent={"type": "integer", "minimum": 0, "description": "By how much the sides may differ."},
        found_at=a_moment("When it was found."),
        changed_at=a_moment("When it last changed."),
        closed_at=nullable(a_moment("When both sides agreed again.")),
        answers=a_list(_ANSWER, "Oldest first."),
    ),
    "MismatchPage": results_of(
        "Mismatch",
        "A page of mismatches, newest first.",
        next=nullable(a_text("Cursor of the next page; null at the end.")),
        match_rate=nullable(
            an_object(
                "How the training hours that you report fared.",
                matched_share=nullable(a_text("Matched hours among those of which it can be said, 0 to 1.")),
                bundles={
                    "type": "object",
                    "additionalProperties": {"type": "integer", "minimum": 0},
                    "description": "How many uses by what came of them.",
                },
                read_at=a_moment("When it was last counted."),
            )
        ),
    ),
}
