"""The operations of facilities, as api.operations has them of all else."""

from collections.abc import Mapping
from typing import Any, Final

from api.operation import Operation, Reply, parameter
from api.tables import CSV
from registry.compute import facility
from registry.compute.facility_reference import PATTERN
from registry.compute.models import FacilityKind, Stage

_TAG: Final = "Facilities"
_REFERENCE_DATA: Final = "Reference data"
_UNKNOWN: Final = ("not-found",)
_TAKEN: Final = ("conflict", "not-found", "not-possible")
_FACILITY: Final = "RegisteredFacility"
_CONTACT: Final[Mapping[str, Any]] = {"name": "Operations desk", "email": "desk@rhone.example"}

FACILITY_TAG: Final = {"name": _TAG, "description": "Data centres, what stands there, and their yearly reports."}

FACILITY_EXAMPLES: Final[Mapping[str, Any]] = {
    "facility": {
        "summary": "A co-hosting site of 2 MW in Lyon",
        "value": {
            "client_reference": "lyon-1",
            "name": "Lyon One",
            "operator": _CONTACT,
            "owner_name": "Rhône Halls SA",
            "owner": _CONTACT,
            "kind": "co_hosting",
            "country": "FR",
            "lau_code": "69123",
            "nuts_code": "FRK26",
            "operating_from": "2023-03-01",
            "electrical_redundancy": "2n",
            "cooling_redundancy": "n_plus_1",
            "it_power_kw": "2000",
            "hardware_control": "owner",
            "remote_access_countries": ["FR", "DE"],
        },
    },
    "facility_report": {
        "summary": "The year 2025",
        "value": {
            "year": 2025,
            "it_power_kw": "1800",
            "floor_area_m2": "4000",
            "computer_room_area_m2": "1500",
            "total_energy_kwh": "12000000",
            "it_energy_kwh": "10000000",
            "backup_energy_kwh": "3000",
            "water_m3": "9000",
            "potable_water_m3": "4000",
            "heat_reused_kwh": "600000",
            "renewable_energy_kwh": "9000000",
        },
    },
    "cluster": {
        "summary": "A cluster over 400 Gbit/s",
        "value": {
            "name": "alpha",
            "network": "InfiniBand NDR",
            "interconnect_gbit_per_s": "400",
            "from_on": "2024-01-10",
        },
    },
    "installation": {
        "summary": "Eight hundred accelerators in use",
        "value": {
            "lot": "a1",
            "accelerator": "nvidia-h100-sxm5-80gb",
            "count": 800,
            "stage": "operating",
            "from_on": "2024-02-01",
            "delivered_on": "2024-01-15",
            "evidence": "Delivery note 4711",
        },
    },
    "installation_change": {
        "summary": "Taken out of use",
        "value": {"from_on": "2026-10-01", "stage": "retired"},
    },
}

FACILITY_OPERATIONS: Final[Mapping[tuple[str, str], Operation]] = {
    ("facilities", "GET"): Operation(
        id="facilities_list",
        tag=_TAG,
        summary="List your facilities",
        replies={200: Reply("FacilityPage", "A page of facilities, newest first.", also=((CSV, "FacilityTable"),))},
    ),
    ("facilities", "POST"): Operation(
        id="facilities_register",
        tag=_TAG,
        summary="Register a facility",
        replies={201: Reply(_FACILITY, "The facility.", ("ETag", "Location"))},
        body="FacilityStatement",
        problems=("conflict",),
        examples=("facility",),
    ),
    ("facilities-one", "GET"): Operation(
        id="facilities_read",
        tag=_TAG,
        summary="Read a facility",
        replies={200: Reply(_FACILITY, "The facility.", ("ETag",))},
        problems=_UNKNOWN,
    ),
    ("facilities-one", "PUT"): Operation(
        id="facilities_amend",
        tag=_TAG,
        summary="State a facility anew",
        replies={200: Reply(_FACILITY, "The facility as it now is.", ("ETag",))},
        body="FacilityStatement",
        if_match="required",
        problems=_TAKEN,
        examples=("facility",),
    ),
    ("facilities-acts", "GET"): Operation(
        id="facilities_acts",
        tag=_TAG,
        summary="List everything said of a facility",
        replies={200: Reply("FacilityActList", "All acts, oldest first.")},
        problems=_UNKNOWN,
    ),
    ("facilities-reports", "GET"): Operation(
        id="facility_reports_list",
        tag=_TAG,
        summary="List the yearly reports of a facility",
        replies={200: Reply("FacilityYearList", "Every version, newest first.")},
        problems=_UNKNOWN,
    ),
    ("facilities-reports", "POST"): Operation(
        id="facility_reports_report",
        tag=_TAG,
        summary="Report a year",
        replies={201: Reply("FacilityYear", "The report with its ratios.", ("ETag", "Location"))},
        body="YearlyReport",
        problems=("conflict", "not-found"),
        examples=("facility_report",),
    ),
    ("facilities-reports-one", "GET"): Operation(
        id="facility_reports_read",
        tag=_TAG,
        summary="Read the report of a year",
        replies={200: Reply("FacilityYear", "The newest version.", ("ETag",))},
        problems=_UNKNOWN,
    ),
    ("facilities-reports-one", "PUT"): Operation(
        id="facility_reports_amend",
        tag=_TAG,
        summary="Report a year anew",
        replies={200: Reply("FacilityYear", "The further version.", ("ETag",))},
        body="YearlyReport",
        if_match="required",
        problems=_UNKNOWN,
        examples=("facility_report",),
    ),
    ("facilities-clusters", "GET"): Operation(
        id="clusters_list",
        tag=_TAG,
        summary="List the clusters of a facility",
        replies={200: Reply("ClusterList", "Clusters by name.")},
        problems=_UNKNOWN,
    ),
    ("facilities-clusters", "POST"): Operation(
        id="clusters_put_up",
        tag=_TAG,
        summary="Put up a cluster",
        replies={201: Reply("Cluster", "The cluster.", ("ETag", "Location"))},
        body="ClusterStatement",
        problems=("conflict", "not-found"),
        examples=("cluster",),
    ),
    ("facilities-clusters-one", "GET"): Operation(
        id="clusters_read",
        tag=_TAG,
        summary="Read a cluster",
        replies={200: Reply("Cluster", "The cluster.", ("ETag",))},
        problems=_UNKNOWN,
    ),
    ("facilities-clusters-one", "PUT"): Operation(
        id="clusters_change",
        tag=_TAG,
        summary="State a cluster anew, or end it",
        replies={200: Reply("Cluster", "The cluster as it now is.", ("ETag",))},
        body="ClusterStatement",
        if_match="required",
        problems=("conflict", "not-found"),
        examples=("cluster",),
    ),
    ("facilities-installations", "GET"): Operation(
        id="installations_list",
        tag=_TAG,
        summary="List the accelerators of a facility",
        replies={200: Reply("InstallationList", "Periods by lot and day.")},
        problems=_UNKNOWN,
    ),
    ("facilities-installations", "POST"): Operation(
        id="installations_put_up",
        tag=_TAG,
        summary="Put up a lot of accelerators",
        replies={201: Reply("Installation", "The installation.", ("ETag", "Location"))},
        body="InstallationStatement",
        problems=("conflict", "not-found"),
        examples=("installation",),
    ),
    ("facilities-installations-one", "GET"): Operation(
        id="installations_read",
        tag=_TAG,
        summary="Read an installation",
        replies={200: Reply("Installation", "The installation.", ("ETag",))},
        problems=_UNKNOWN,
    ),
    ("facilities-installations-change", "POST"): Operation(
        id="installations_change",
        tag=_TAG,
        summary="Change a lot of accelerators from a day on",
        replies={201: Reply("Installation", "The new period.", ("ETag", "Location"))},
        body="InstallationChange",
        if_match="required",
        problems=("not-found", "not-possible"),
        examples=("installation_change",),
    ),
    ("facility-checks", "GET"): Operation(
        id="facility_checks",
        tag=_REFERENCE_DATA,
        summary="List the checks of facilities",
        replies={200: Reply("FacilityCheckCatalogue", "The checks in force.")},
    ),
}

FACILITY_PATH: Final[Mapping[str, Any]] = {
    "facility": parameter(
        "path",
        "facility",
        "Reference of the facility.",
        {"type": "string", "pattern": f"^{PATTERN.pattern}$"},
        example="ECAF-2026-000012-1",
    ),
    "year": parameter(
        "path", "year", "Calendar year.", {"type": "integer", "minimum": 2000, "maximum": 2099}, example=2025
    ),
    "cluster": parameter("path", "cluster", "Id of the cluster.", {"type": "string", "format": "uuid"}),
    "installation": parameter("path", "installation", "Id of the installation.", {"type": "string", "format": "uuid"}),
}
FACILITY_QUERY: Final[Mapping[str, Any]] = {
    "country": parameter(
        "query", "country", "Only in this country (ISO 3166-1 alpha-2).", {"type": "string"}, example="FR"
    ),
    "facility_kind": parameter(
        "query", "facility_kind", "Only of this type.", {"type": "string", "enum": FacilityKind.values}
    ),
    "size_class": parameter(
        "query",
        "size_class",
        "Only of this class of size.",
        {"type": "string", "enum": [name for name, _, _ in facility.SIZE_CLASSES]},
    ),
    "stage": parameter("query", "stage", "Only in this stage.", {"type": "string", "enum": Stage.values}),
}
