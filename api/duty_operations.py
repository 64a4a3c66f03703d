"""The operations of duties, as api.operations has them of all else."""

from collections.abc import Mapping
from typing import Any, Final

from api.duties import CODES
from api.duty_bodies import ABOUT
from api.operation import Operation, Reply, parameter
from registry.filings import organisation_duties
from registry.filings.calendar_feed import MEDIA_TYPE
from registry.filings.duties import State
from registry.filings.reference import PATTERN

_TAG: Final = "Duties"
_ASKED: Final = Reply("Duty", "The duty, with what was asked.")
_RISK: Final = "How the presumption stands."

DUTY_TAG: Final = {"name": _TAG, "description": "What the law asks by when, by Regulation (EEC, Euratom) 1182/71."}

DUTY_OPERATIONS: Final[Mapping[tuple[str, str], Operation]] = {
    ("duties", "GET"): Operation(
        id="duties_list",
        tag=_TAG,
        summary="List your duties",
        replies={200: Reply("DutyPage", "A page of duties, what falls due first.")},
    ),
    ("duties-calendar", "GET"): Operation(
        id="duties_calendar",
        tag=_TAG,
        summary="Fetch your duties as a calendar",
        replies={200: Reply("Calendar", "The calendar.", media_type=MEDIA_TYPE)},
    ),
    ("organisation-duties", "GET"): Operation(
        id="organisation_duties",
        tag=_TAG,
        summary="List the duties of your organisation itself",
        replies={200: Reply("OwnDutyList", "All its duties that hang on no filing.")},
        problems=("not-found",),
    ),
    ("organisation-duties-extension", "POST"): Operation(
        id="organisation_duties_extension",
        tag=_TAG,
        summary="Ask for an extension of a duty of your organisation",
        replies={201: _ASKED},
        body="OwnExtensionRequest",
        problems=("not-found", "not-possible", "conflict"),
        examples=("own_extension",),
    ),
    ("organisation-duties-excuse", "POST"): Operation(
        id="organisation_duties_excuse",
        tag=_TAG,
        summary="Ask to be excused for a duty of your organisation",
        replies={201: _ASKED},
        body="OwnExcuseRequest",
        problems=("not-found", "not-possible", "conflict"),
        examples=("own_excuse",),
    ),
    ("filings-duties", "GET"): Operation(
        id="filings_duties",
        tag=_TAG,
        summary="List the duties of a filing",
        replies={200: Reply("DutyList", "All its duties.")},
        problems=("not-found",),
    ),
    ("filings-duties-extension", "POST"): Operation(
        id="duties_extension",
        tag=_TAG,
        summary="Ask for an extension",
        replies={201: _ASKED},
        body="ExtensionRequest",
        problems=("not-found", "not-possible", "conflict"),
        examples=("extension",),
    ),
    ("filings-duties-excuse", "POST"): Operation(
        id="duties_excuse",
        tag=_TAG,
        summary="Ask to be excused",
        replies={201: _ASKED},
        body="ExcuseRequest",
        problems=("not-found", "not-possible", "conflict"),
        examples=("excuse",),
    ),
    ("filings-duties-report", "POST"): Operation(
        id="duties_report",
        tag=_TAG,
        summary="Report what was done elsewhere",
        replies={201: Reply("DutyList", "The duty's occurrences as they now stand.")},
        body="DutyReport",
        problems=("not-found", "not-possible"),
        examples=("duty_report",),
    ),
    ("filings-systemic-risk", "GET"): Operation(
        id="systemic_risk",
        tag=_TAG,
        summary="Read rebuttal, designation and reassessment",
        replies={200: Reply("SystemicRisk", _RISK)},
        problems=("not-found",),
    ),
    ("filings-reassessment", "POST"): Operation(
        id="systemic_risk_reassessment",
        tag=_TAG,
        summary="Ask for a reassessment of the designation",
        replies={201: Reply("SystemicRisk", _RISK)},
        body="ReassessmentRequest",
        problems=("not-found", "not-possible", "conflict"),
        examples=("reassessment",),
    ),
}


def _moment(name: str, description: str) -> dict[str, Any]:
    schema = {"type": "string", "format": "date-time"}
    return parameter("query", name, description, schema, example="2026-12-01T00:00:00+01:00")


DUTY_QUERY: Final[Mapping[str, Any]] = {
    "state": parameter(
        "query", "state", "Only duties in this state.", {"type": "string", "enum": [state.value for state in State]}
    ),
    "code": parameter("query", "code", "Only duties of this code.", {"type": "string", "enum": list(CODES)}),
    "filing": parameter(
        "query", "filing", "Only duties of this filing.", {"type": "string", "pattern": f"^{PATTERN.pattern}$"}
    ),
    "about": parameter(
        "query",
        "about",
        "Only duties on account of filings, or only those of the organisation itself.",
        {"type": "string", "enum": list(ABOUT)},
    ),
    "due_before": _moment("due_before", "Only what falls due before this moment (RFC 3339 with an offset)."),
    "due_after": _moment("due_after", "Only what falls due at this moment or later (RFC 3339 with an offset)."),
}
DUTY_PATH: Final[Mapping[str, Any]] = {
    "duty_code": parameter("path", "duty_code", "Code of the duty.", {"type": "string", "enum": list(CODES)}),
    "own_duty_code": parameter(
        "path",
        "own_duty_code",
        "Code of a duty of the organisation itself.",
        {"type": "string", "enum": sorted(organisation_duties.CODES)},
    ),
}
