"""The operations of organisations, as api.operations has them of all else."""

from collections.abc import Mapping
from typing import Any, Final

from api.operation import Operation, Reply, parameter
from registry.onboarding import links

_TAG: Final = "Organisations"
_OWN: Final = Reply("OwnOrganisation", "The organisation; the number of its statement is the ETag.", ("ETag",))
_APPLICATION: Final = Reply("OneApplication", "The application; its revision is the ETag.", ("ETag",))
_MANDATE: Final = Reply("Mandate", "The mandate as it now stands.", ("ETag",))

ORGANISATION_TAG: Final = {"name": _TAG, "description": "Being entered, one's own data, and acting for another."}

ORGANISATION_OPERATIONS: Final[Mapping[tuple[str, str], Operation]] = {
    ("applications", "POST"): Operation(
        id="applications_begin",
        tag=_TAG,
        summary="Ask to be entered",
        replies={202: Reply("ApplicationReceived", "A link was sent to the contact, whatever is registered.")},
        body="NewApplication",
        examples=("application",),
    ),
    ("organisation", "GET"): Operation(
        id="organisation_read",
        tag=_TAG,
        summary="Read your organisation's data",
        replies={200: _OWN},
        problems=("not-found",),
    ),
    ("organisation-confirm", "POST"): Operation(
        id="organisation_confirm",
        tag=_TAG,
        summary="Confirm your organisation's data",
        replies={200: _OWN},
        body="DataConfirmation",
        problems=("not-found", "not-possible", "precondition-failed"),
        examples=("data_confirmation",),
    ),
    ("applications-one", "GET"): Operation(
        id="applications_follow",
        tag=_TAG,
        summary="Follow an application by its link",
        replies={200: _APPLICATION},
        problems=("not-found",),
    ),
    ("applications-confirmation", "PUT"): Operation(
        id="applications_confirm",
        tag=_TAG,
        summary="Confirm the address of an application",
        replies={200: _APPLICATION},
        body="Nothing",
        if_match="required",
        problems=("not-found", "not-possible"),
    ),
    ("applications-answer", "PUT"): Operation(
        id="applications_answer",
        tag=_TAG,
        summary="Answer the authority about an application",
        replies={200: _APPLICATION},
        body="ApplicationAnswer",
        if_match="required",
        problems=("not-found", "not-possible"),
        examples=("application_answer",),
    ),
    ("applications-withdrawal", "PUT"): Operation(
        id="applications_withdraw",
        tag=_TAG,
        summary="Withdraw an application",
        replies={200: _APPLICATION},
        body="Nothing",
        if_match="required",
        problems=("not-found", "not-possible"),
    ),
    ("mandates", "GET"): Operation(
        id="mandates_list",
        tag=_TAG,
        summary="List mandates given and received",
        replies={200: Reply("MandateList", "All mandates.")},
    ),
    ("mandates", "POST"): Operation(
        id="mandates_give",
        tag=_TAG,
        summary="Offer a mandate",
        replies={201: Reply("Mandate", "The mandate that is offered.", ("ETag", "Location"))},
        body="NewMandate",
        problems=("not-found",),
        examples=("mandate",),
    ),
    ("mandates-one", "GET"): Operation(
        id="mandates_read",
        tag=_TAG,
        summary="Read a mandate",
        replies={200: _MANDATE},
        problems=("not-found",),
    ),
    **{
        (f"mandates-{verb}", "POST"): Operation(
            id=f"mandates_{verb}",
            tag=_TAG,
            summary=summary,
            replies={200: _MANDATE},
            body="Nothing",
            if_match="optional",
            problems=("not-found", "not-possible"),
        )
        for verb, summary in (
            ("accept", "Accept a mandate"),
            ("decline", "Decline a mandate"),
            ("revoke", "End a mandate or give it back"),
        )
    },
}

ORGANISATION_PATH: Final[Mapping[str, Any]] = {
    "secret": parameter(
        "path",
        "secret",
        "Secret of the link that the contact has by mail; whoever has it can act for the applicant.",
        {"type": "string", "pattern": f"^{links.FORM.pattern}$"},
        example="k3Zr0mJ4pYx9vQe1nLb7sTg2wUa6dHc5fRi8oKq0WzM",
    ),
    "mandate": parameter("path", "mandate", "Id of the mandate.", {"type": "string", "format": "uuid"}),
}

ORGANISATION_EXAMPLES: Final[Mapping[str, Any]] = {
    "application": {
        "summary": "A developer seated in France",
        "value": {
            "legal_name": "Lumen Calcul SAS",
            "lei": "529900T8BM49AURSDO55",
            "seat_country": "FR",
            "roles": ["developer"],
            "contact": {"name": "Claire Dubois", "email": "claire@lumen.example", "language": "fr"},
            "administrators": [
                {"name": "Ines Faure", "email": "ines@lumen.example"},
                {"name": "Marc Petit", "email": "marc@lumen.example"},
            ],
        },
    },
    "application_answer": {
        "summary": "The field was wrong",
        "value": {"reason": "The name lacked its legal form.", "value": "Lumen Calcul SAS"},
    },
    "mandate": {
        "summary": "To file for a year",
        "value": {
            "agent_lei": "529900T8BM49AURSDO55",
            "scopes": ["read", "file"],
            "starts_at": "2027-01-01T00:00:00+01:00",
            "ends_at": "2028-01-01T00:00:00+01:00",
        },
    },
    "data_confirmation": {"summary": "These are right", "value": {"statement": 1}},
}
