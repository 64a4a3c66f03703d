"""The operations of machine clients, as api.operations has them of all else."""

from collections.abc import Mapping
from typing import Any, Final

from api.operation import Operation, Reply, parameter

_TAG: Final = "Clients"

CLIENT_TAG: Final = {"name": _TAG, "description": "Your machine clients: keys, their ends, last calls. To look at."}

CLIENT_OPERATIONS: Final[Mapping[tuple[str, str], Operation]] = {
    ("clients", "GET"): Operation(
        id="clients_list",
        tag=_TAG,
        summary="List your machine clients and their keys",
        replies={200: Reply("ClientList", "The list.")},
    ),
    ("clients-calls", "GET"): Operation(
        id="clients_calls",
        tag=_TAG,
        summary="Read the last calls of a client",
        replies={200: Reply("ClientCallList", "The list, newest first.")},
        problems=("not-found",),
    ),
}

CLIENT_PATH: Final[Mapping[str, Any]] = {
    "client": parameter("path", "client", "Id of the client.", {"type": "string", "pattern": "^[A-Za-z0-9_-]+$"}),
}
