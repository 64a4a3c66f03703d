"""The operations of the access log, as api.operations has them of all else."""

from collections.abc import Mapping
from typing import Any, Final

from api.operation import Operation, Reply, parameter
from api.tables import CSV
from registry.oversight import purposes
from registry.oversight.models import LookKind

_TAG: Final = "Access log"

ACCESS_TAG: Final = {"name": _TAG, "description": "Who of an authority saw your filings, when and why (Art. 78)."}

ACCESS_OPERATIONS: Final[Mapping[tuple[str, str], Operation]] = {
    ("access", "GET"): Operation(
        id="access_list",
        tag=_TAG,
        summary="List who looked at your filings",
        replies={200: Reply("LookPage", "A page of looks, newest first.", also=((CSV, "LookTable"),))},
    ),
    ("legal-bases", "GET"): Operation(
        id="legal_bases",
        tag="Reference data",
        summary="List what an authority may look for",
        replies={200: Reply("LegalBases", "All legal bases.")},
    ),
}

_MOMENT: Final = {"type": "string", "format": "date-time"}
ACCESS_QUERY: Final[Mapping[str, Any]] = {
    "look_kind": parameter(
        "query", "look_kind", "Only looks of this kind.", {"type": "string", "enum": [kind.value for kind in LookKind]}
    ),
    "legal_basis": parameter(
        "query", "legal_basis", "Only looks on this basis.", {"type": "string", "enum": list(purposes.bases())}
    ),
    "looked_after": parameter(
        "query", "looked_after", "Only looks at or after this moment.", _MOMENT, example="2026-11-20T12:00:00Z"
    ),
    "looked_before": parameter(
        "query", "looked_before", "Only looks before this moment.", _MOMENT, example="2026-11-21T12:00:00Z"
    ),
}
