"""The schemas of facilities, as api.components has them of all else. What is said, the models of the forms describe."""

from collections.abc import Mapping
from typing import Any, Final

from api.schema_parts import (
    Schema,
    a_code,
    a_day,
    a_hash,
    a_list,
    a_moment,
    a_text,
    an_address,
    an_object,
    component,
    nullable,
    results_of,
)
from registry.compute import facility, facility_checks
from registry.compute.facility_reference import PATTERN
from registry.compute.models import FacilityKind, Stage

_REFERENCE: Final = a_text("Reference of a facility; the last digit is a check digit.", pattern=f"^{PATTERN.pattern}$")
_COUNTRY: Final = a_text("ISO 3166-1 alpha-2.", pattern="^[A-Z]{2}$")
_QUANTITY: Final = {"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)?$"}
_REVISION: Final = {"type": "integer", "minimum": 1, "description": "Grows with every change; the `ETag`."}
_ENTRY: Final = {"type": "integer", "minimum": 0, "description": "Index of the entry in the ledger."}
_ID: Final = a_text("Its id.", format="uuid")
_CHANGED: Final = a_moment("When it last changed.")
_ANSWERS: Final = a_list(component("FacilityCheckAnswer"), "What the checks say; errors first.")


def _quantity(description: str) -> dict[str, Any]:
    return {**_QUANTITY, "description": f"{description} A decimal string."}


_FACILITY: Final[dict[str, Any]] = {
    "reference": _REFERENCE,
    "url": an_address("Address of the facility."),
    "client_reference": nullable(a_text("Your own.", maxLength=100)),
    "name": a_text("Its name."),
    "operator_name": a_text("Who operates it."),
    "kind": a_code("Who uses what stands there.", FacilityKind.values),
    "country": _COUNTRY,
    "territory": {**_COUNTRY, "description": "Whose authority is competent."},
    "operating_from": nullable(a_day("Entry into operation; null while it is planned.")),
    "closed_on": nullable(a_day("When it closed.")),
    "it_power_kw": _quantity("Installed IT power demand, kW."),
    "size_class": nullable(
        a_code("Class of Annex IV; null below 100 kW.", [name for name, _, _ in facility.SIZE_CLASSES])
    ),
    "must_report": {"type": "boolean", "description": "In the Union, and at least 500 kW: a yearly report is owed."},
    "revision": _REVISION,
    "registered_at": a_moment("When it was registered."),
    "changed_at": _CHANGED,
}
_INSTALLATION: Final[dict[str, Any]] = {
    "id": _ID,
    "url": an_address("Address of the installation."),
    "lot": a_text("What you call the lot."),
    "cluster": nullable(a_text("Id of the cluster it stands in.", format="uuid")),
    "accelerator": a_text("Code of the catalogue."),
    "count": {"type": "integer", "minimum": 1, "description": "How many."},
    "stage": a_code("How far it has come.", Stage.values),
    "stage_name": a_text("In the reader's language."),
    "from_on": a_day("First day on which it is so."),
    "until_on": nullable(a_day("The first day on which it no longer is; equal to the first: struck.")),
    "delivered_on": nullable(a_day("When it arrived.")),
    "evidence": nullable(a_text("Where that can be seen.")),
    "revision": _REVISION,
    "changed_at": _CHANGED,
}

FACILITY_ANSWERS: Final[Mapping[str, Schema]] = {
    "FacilitySummary": an_object("A facility as a line of a list.", **_FACILITY),
    "RegisteredFacility": an_object(
        "A facility.", **_FACILITY, statement=component("FacilityStatement"), answers=_ANSWERS
    ),
    "FacilityTable": a_text(
        "The same as CSV (RFC 4180), a line a facility, each cell quoted, an apostrophe before what a spreadsheet "
        "would compute."
    ),
    "FacilityPage": results_of(
        "FacilitySummary", "Facilities, newest first.", next=nullable(a_text("`cursor` of the next page."))
    ),
    "FacilityCheckAnswer": an_object(
        "What a check said.",
        code=a_code("Stable code.", [check.code for check in facility_checks.checks()]),
        severity=a_code("Errors block, warnings and notes do not.", facility_checks.SEVERITIES),
        subject=nullable(a_text("`lot:…` or `cluster:…`; null for the facility or the report.")),
        pointer=a_text("JSON Pointer into what was said of the subject."),
        sentence=a_text("In the reader's language."),
        remedy=a_text("In the reader's language."),
    ),
    "FacilityAct": an_object(
        "Something said of a facility, for ever.",
        number={"type": "integer", "minimum": 1, "description": "Counts from 1."},
        kind=a_code("What was done.", facility.said()["words"]["act"]),
        name=a_text("In the reader's language."),
        subject=nullable(a_text("Id of the cluster or installation it is about.", format="uuid")),
        at=a_moment("When."),
        content={"type": ["object", "null"], "description": "What was said; null once it was erased after its period."},
        entry=_ENTRY,
        content_sha256=nullable(a_hash("SHA-256 of the content in canonical form (RFC 8785); null once erased.")),
        salt=nullable(a_hash("Opens the commitment; null once erased.")),
    ),
    "FacilityActList": results_of("FacilityAct", "All acts, oldest first."),
    "FacilityYear": an_object(
        "One version of the report of a year, with the ratios of Annex III.",
        year={"type": "integer", "description": "Calendar year."},
        version={"type": "integer", "minimum": 1, "description": "Version within the year; the `ETag`."},
        url=an_address("Address of the year."),
        reported_at=a_moment("When."),
        pue=nullable(_quantity("Power usage effectiveness.")),
        wue_l_per_kwh=nullable(_quantity("Water usage effectiveness, litres a kWh.")),
        erf=nullable(_quantity("Energy reuse factor.")),
        ref=nullable(_quantity("Renewable energy factor.")),
        report={
            **nullable(component("YearlyReport")),
            "description": "As it was reported; null once it was erased after its period.",
        },
        answers=_ANSWERS,
        entry=_ENTRY,
        document_sha256=nullable(a_hash("SHA-256 of the report in canonical form (RFC 8785); null once erased.")),
        salt=nullable(a_hash("Opens the commitment; null once erased.")),
    ),
    "FacilityYearList": results_of("FacilityYear", "Every version, newest first."),
    "Cluster": an_object(
        "Machines that work together over one network.",
        id=_ID,
        url=an_address("Address of the cluster."),
        name=a_text("Its name."),
        network=nullable(a_text("What the network is.")),
        interconnect_gbit_per_s=nullable(_quantity("At each node, Gbit/s.")),
        from_on=a_day("Its first day."),
        until_on=nullable(a_day("The first day on which it no longer is.")),
        revision=_REVISION,
        changed_at=_CHANGED,
    ),
    "ClusterList": results_of("Cluster", "Clusters by name."),
    "InstallationPeriod": an_object("One period of a lot of accelerators.", **_INSTALLATION),
    "Installation": an_object("One period of a lot of accelerators.", **_INSTALLATION, answers=_ANSWERS),
    "InstallationList": results_of("InstallationPeriod", "Periods by lot and day."),
    "FacilityCheckCatalogue": an_object(
        "The checks of facilities and yearly reports.",
        rule_set=a_text("Version of the checks: edition and digest of the data."),
        results=a_list(
            an_object(
                "A check.",
                code=a_text("Stable code."),
                about=a_code("What it looks at.", (facility_checks.SITE, facility_checks.REPORT)),
                severity=a_code("Errors block, warnings and notes do not.", facility_checks.SEVERITIES),
                sentence=a_text("With the names of its inputs in braces, in the reader's language."),
                remedy=a_text("In the reader's language."),
                source=a_text("Where it comes from."),
                valid_from=a_day("In force from."),
            ),
            "The checks.",
        ),
    ),
}


def facility_forms() -> dict[str, Any]:
    """The schemas of what is said of facilities, by the names of their models."""
    found: dict[str, Any] = {}
    for form in facility.FORMS.values():
        schema = form.model_json_schema(mode="validation", ref_template="#/components/schemas/{model}")
        found |= schema.pop("$defs", {})
        found[form.__name__] = schema
    return found
