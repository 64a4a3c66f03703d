"""The operations of organisations, as api.operations has them of all else."""

from collections.abc import Mapping
from typing import Any, Final

from api.operation import Operation, Reply

_TAG: Final = "Organisations"
_OWN: Final = Reply("OwnOrganisation", "The organisation; the number of its statement is the ETag.", ("ETag",))

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
    ("mandates", "GET"): Operation(
        id="mandates_list",
        tag=_TAG,
        summary="List mandates given and received",
        replies={200: Reply("MandateList", "All mandates.")},
    ),
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
    "data_confirmation": {"summary": "These are right", "value": {"statement": 1}},
}
