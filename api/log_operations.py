"""The operations of the public log and of the keys that check receipts."""

from collections.abc import Mapping
from typing import Any, Final

from api.operation import Operation, Reply, parameter

LOG_OPERATIONS: Final[Mapping[tuple[str, str], Operation]] = {
    ("log", "GET"): Operation(
        id="log",
        tag="Reference data",
        summary="Fetch the head of the public log",
        replies={200: Reply("PublicLog", "The newest head. May be kept for seconds.")},
        problems=("not-found",),
    ),
    ("receipt-keys", "GET"): Operation(
        id="receipt_keys",
        tag="Reference data",
        summary="List the keys that check receipts",
        replies={200: Reply("ReceiptKeyList", "The present key first. May be kept for an hour.")},
    ),
    ("log-consistency", "GET"): Operation(
        id="log_consistency",
        tag="Reference data",
        summary="Prove that the public log only grew",
        replies={200: Reply("LogConsistency", "The proof; may be kept for ever.")},
        problems=("not-found",),
    ),
}
LOG_QUERY: Final[Mapping[str, Any]] = {
    "old": parameter("query", "old", "The smaller size.", {"type": "integer", "minimum": 0}, required=True, example=0),
    "new": parameter(
        "query",
        "new",
        "The larger size; that of the newest head where it is missing.",
        {"type": "integer", "minimum": 0},
    ),
}
