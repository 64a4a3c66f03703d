"""Examples of the OpenAPI document: invented organisations, complete enough to be sent as they stand."""

import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

_DOCUMENT: Final[Mapping[str, Any]] = json.loads(
    (Path(__file__).parent / "data" / "example_filing.json").read_text("utf-8")
)
_FIRST: Final = ("schema_version", "stage", "language", "illustrative", "filer", "run")
_BEGUN: Final = {name: _DOCUMENT[name] for name in _FIRST}


def _example(summary: str, value: Any) -> dict[str, Any]:
    return {"summary": summary, "value": value}


EXAMPLES: Final[Mapping[str, dict[str, Any]]] = MappingProxyType(
    {
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
                        "code": "PHYS-3",
                        "pointer": "/run/hardware/0/utilisation",
                        "reason_code": "measured",
                        "sentence": "Measured over the whole of the preceding run.",
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
        "duty_report": _example(
            "The summary was renewed", {"done_on": "2026-11-18", "evidence": "https://aurelia.example/training-content"}
        ),
        "reassessment": _example(
            "New reasons", {"reason": "Since the designation the model has been replaced by a smaller one."}
        ),
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
