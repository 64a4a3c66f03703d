"""Examples of the OpenAPI document: invented organisations, complete enough to be sent as they stand."""

import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from api.facility_operations import FACILITY_EXAMPLES
from api.mismatch_operations import MISMATCH_EXAMPLES
from api.organisation_operations import ORGANISATION_EXAMPLES
from api.return_operations import RETURN_EXAMPLES

_DOCUMENT: Final[Mapping[str, Any]] = json.loads(
    (Path(__file__).parent / "data" / "example_filing.json").read_text("utf-8")
)
_FIRST: Final = ("schema_version", "stage", "language", "illustrative", "filer", "run")
_BEGUN: Final = {name: _DOCUMENT[name] for name in _FIRST}

_OWNERSHIP: Final[Mapping[str, Any]] = {
    "as_of_on": "2026-11-01",
    "entities": [
        {"id": "holding", "kind": "company", "name": "Aurelia Holding BV", "country": "NL"},
        {
            "id": "founder",
            "kind": "natural_person",
            "name": "Ada Example",
            "country": "BE",
            "born_on": "1970-02-03",
            "nationalities": ["BE"],
        },
    ],
    "holdings": [
        {
            "owner_id": "holding",
            "owned_id": "filer",
            "kind": "capital",
            "share_percent": "50",
            "since_on": "2021-04-01",
            "source": "Register of shareholders of 1 November 2026",
        },
        {
            "owner_id": "founder",
            "owned_id": "filer",
            "kind": "capital",
            "share_percent": "50",
            "since_on": "2021-04-01",
        },
        {
            "owner_id": "founder",
            "owned_id": "holding",
            "kind": "capital",
            "share_percent": "100",
            "since_on": "2020-06-15",
        },
    ],
}


def _example(summary: str, value: Any) -> dict[str, Any]:
    return {"summary": summary, "value": value}


EXAMPLES: Final[Mapping[str, dict[str, Any]]] = MappingProxyType(
    {
        **ORGANISATION_EXAMPLES,
        **FACILITY_EXAMPLES,
        **MISMATCH_EXAMPLES,
        **RETURN_EXAMPLES,
        "filing": _example("A planned run, submitted", {"document": _DOCUMENT, "client_reference": "run-7"}),
        "draft": _example("The beginning of a document, kept", {"document": _BEGUN, "state": "draft"}),
        "batch": _example(
            "A run and a draft, whichever are good",
            {
                "atomicity": "each",
                "items": [
                    {"client_id": "1", "document": _DOCUMENT, "client_reference": "run-8"},
                    {"client_id": "2", "document": _BEGUN, "state": "draft"},
                ],
            },
        ),
        "document": _example("The draft, completed", {"document": _DOCUMENT}),
        "submit": _example(
            "With a warning that stands",
            {
                "acknowledgements": [
                    {
                        "code": "signed-long-ago",
                        "pointer": "/document/signature/signed_at",
                        "reason_code": "other",
                        "sentence": "The text is the one that was signed; nothing has changed since.",
                    }
                ]
            },
        ),
        "version": _example(
            "The model got another version",
            {"kind": "update", "document": {**_DOCUMENT, "model": {**_DOCUMENT["model"], "version": "3.1"}}},
        ),
        "withdraw": _example("The run will not happen", {"reason": "The run was cancelled before it began."}),
        "answer": _example("An answer", {"answer": "The second cluster was used for evaluation only."}),
        "extension": _example(
            "Two weeks more",
            {
                "trigger_on": "2027-01-11",
                "until": "2027-05-11T23:59:59+02:00",
                "reason": "A fire in the hall has destroyed the meters.",
            },
        ),
        "excuse": _example(
            "Why it was late", {"trigger_on": "2026-11-16", "reason": "The only signatory was in hospital."}
        ),
        "own_extension": _example(
            "More time to state the owners",
            {
                "trigger_on": "2027-07-10",
                "until": "2027-09-30T23:59:59+02:00",
                "reason": "The register of our parent's State is being corrected by court order.",
            },
        ),
        "own_excuse": _example(
            "Why the change was stated late",
            {"trigger_on": "2026-10-16", "reason": "The seller told us of the transfer after five weeks."},
        ),
        "duty_report": _example(
            "The summary was renewed", {"done_on": "2026-11-18", "evidence": "https://aurelia.example/training-content"}
        ),
        "reassessment": _example(
            "New reasons", {"reason": "Since the designation the model has been replaced by a smaller one."}
        ),
        "ownership": _example("Half a holding company, half its founder", _OWNERSHIP),
        "webhook": _example(
            "Questions and decisions",
            {
                "target_url": "https://hooks.aurelia.example/ecar",
                "kinds": ["filing.asked", "filing.accepted", "filing.returned", "webhook.disabled"],
            },
        ),
        "webhook_pause": _example("Called no more until it is active again", {"status": "paused"}),
        "rotate": _example("Both keys sign for two days", {"overlap_hours": 48}),
        "token": _example(
            "With an assertion",
            {
                "grant_type": "client_credentials",
                "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                "client_assertion": "eyJhbGciOiJFUzI1NiIsImtpZCI6IjEifQ.eyJpc3MiOiIuLi4ifQ.c2lnbmF0dXJl",
                "scope": "filings:read filings:write",
            },
        ),
    }
)

# What `Accept: text/csv` gives (api.tables).
_SAID: Final = '"The document was signed on 2026-10-01, more than 30 days ago.","Have the present text signed again."'
ANSWERS_TABLE: Final = (
    '"filing","version","code","severity","pointer","sentence","remedy","reason_code","reason"\r\n'
    f'"ECAR-2026-000123-7","1","signed-long-ago","warning","/signature/signed_at",{_SAID},'
    '"other","The signatory is away until December."\r\n'
)
BATCH_TABLE: Final = (
    '"index","client_id","status","filing","code","severity","pointer","sentence","remedy","reason_code","reason"\r\n'
    '"0","run-1","201","ECAR-2026-000123-7","","","","","","",""\r\n'
    f'"1","run-2","422","","signed-long-ago","warning","/document/signature/signed_at",{_SAID},"",""\r\n'
)
