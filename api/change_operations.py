"""The operations of the change feed and the differences, and the filters of the list of filings."""

from collections.abc import Mapping
from typing import Any, Final

from api.operation import Operation, Reply, parameter
from api.parameters import CURSOR_CHARACTERS_LIMIT
from registry.filings import duties

CHANGE_OPERATIONS: Final[Mapping[tuple[str, str], Operation]] = {
    ("filings-versions-difference", "GET"): Operation(
        id="versions_difference",
        tag="Versions and receipts",
        summary="Compare two versions",
        replies={200: Reply("Difference", "Every field that differs.")},
        problems=("not-found",),
    ),
    ("changes", "GET"): Operation(
        id="changes",
        tag="Filings",
        summary="Follow what happens to your filings",
        replies={200: Reply("ChangePage", "What came after the cursor.")},
    ),
}
CHANGE_QUERY: Final[Mapping[str, Any]] = {
    "to": parameter(
        "query",
        "to",
        "The version to compare with; the newest where it is missing.",
        {"type": "integer", "minimum": 1, "maximum": 999_999},
    ),
    "duty": parameter(
        "query",
        "duty",
        "Only filings with this duty.",
        {"type": "string", "enum": [rule.code for rule in duties.rules()]},
    ),
    "duty_state": parameter(
        "query",
        "duty_state",
        "Only filings with a duty in this state; with `duty`, of that duty.",
        {"type": "string", "enum": [state.value for state in duties.State]},
    ),
    "period_from": parameter(
        "query",
        "period_from",
        "Only runs that go on until this day or longer.",
        {"type": "string", "format": "date"},
        example="2026-01-01",
    ),
    "period_until": parameter(
        "query",
        "period_until",
        "Only runs that start before this day.",
        {"type": "string", "format": "date"},
        example="2027-01-01",
    ),
    "changed_since": parameter(
        "query",
        "changed_since",
        "Only what changed at this moment or later (RFC 3339 with an offset), by the register's clock. Or what "
        "happened after a `position` that an earlier answer told: then nothing is missed, and drafts are always there.",
        {"type": "string", "pattern": "^[A-Za-z0-9_:.+-]+$", "maxLength": CURSOR_CHARACTERS_LIMIT},
        example="2026-11-01T00:00:00Z",
    ),
}
