"""The operations of ownership, as api.operations has them of all else."""

from collections.abc import Mapping
from typing import Any, Final

from api.operation import Operation, Reply, parameter

_TAG: Final = "Ownership"
_WHOLE: Final = "The statement, what follows from it, and the duties about it."

OWNERSHIP_TAG: Final = {"name": _TAG, "description": "Who owns and controls the organisation, on any day."}

OWNERSHIP_OPERATIONS: Final[Mapping[tuple[str, str], Operation]] = {
    ("ownership", "GET"): Operation(
        id="ownership_read",
        tag=_TAG,
        summary="Read who owns the organisation",
        replies={200: Reply("Ownership", _WHOLE, headers=("ETag",))},
    ),
    ("ownership", "PUT"): Operation(
        id="ownership_state",
        tag=_TAG,
        summary="State who owns the organisation",
        replies={200: Reply("Ownership", _WHOLE, headers=("ETag",))},
        body="OwnershipStatement",
        if_match="required",
        problems=("validation",),
        examples=("ownership",),
    ),
    ("ownership-statements", "GET"): Operation(
        id="ownership_statements",
        tag=_TAG,
        summary="List everything stated about the owners",
        replies={200: Reply("OwnershipStatementList", "All statements, oldest first.")},
    ),
}

OWNERSHIP_QUERY: Final[Mapping[str, Any]] = {
    "on": parameter(
        "query",
        "on",
        "What was stated about this day, or held on it.",
        {"type": "string", "format": "date"},
        example="2026-11-01",
    ),
    "known_at": parameter(
        "query",
        "known_at",
        "As the register knew it at this moment (RFC 3339 with an offset).",
        {"type": "string", "format": "date-time"},
        example="2026-11-20T12:00:00+01:00",
    ),
}
