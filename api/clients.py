"""Machine clients over HTTP, to look at: keys and their ends, last use, last calls. People administer them in pages."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from api.bodies import moment
from api.endpoint import Endpoint
from registry.accounts import calls, client_keys, clients
from registry.accounts.models import ApiClient, Call, ClientKey
from registry.accounts.policy import Permission
from registry.errors import NotFound

P = Permission


class Clients(Endpoint):
    """`/clients/`: the organisation's machine clients with their keys."""

    permissions = {"GET": P.FILING_READ}

    def get(self, request: Request) -> Response:
        """Every client, the caller marked. A client changes nothing about clients: two people do, in the pages."""
        with self.reading(request) as actor:
            found = [_shown(client, actor.id) for client in clients.visible_to(actor).order_by("id")]
        return Response({"results": found})


class ClientCalls(Endpoint):
    """`/clients/<client>/calls/`: the last calls of one client that wrote or were refused."""

    permissions = {"GET": P.FILING_READ}

    def get(self, request: Request, client: str) -> Response:
        """Newest first, at most 200 of the last 30 days: status, problem type and trace id, no bodies."""
        with self.reading(request) as actor:
            known = clients.visible_to(actor).filter(client_id=client).first()
            if known is None:
                raise NotFound
            found = [_call(call) for call in calls.visible_to(actor).filter(client=known)]
        return Response({"results": found})


def _shown(client: ApiClient, caller: str) -> dict[str, Any]:
    keys = ClientKey.objects.filter(client=client).select_related("use").order_by("-ends_at", "id")
    return {
        "client_id": client.client_id,
        "name": client.name,
        "scopes": client.scopes.split(),
        "revoked_at": moment(client.ends_at) if client.ends_at else None,
        "is_caller": caller == f"client:{client.client_id}"[:64],
        "keys": [_key(key) for key in keys],
    }


def _key(key: ClientKey) -> dict[str, Any]:
    use = getattr(key, "use", None)
    return {
        "key_id": key.key_id,
        "kind": client_keys.kind_of(key.public_jwk),
        "thumbprint": client_keys.thumbprint_of(key.public_jwk),
        "starts_at": moment(key.starts_at),
        "ends_at": moment(key.ends_at),
        "last_used_at": moment(use.at) if use else None,
    }


def _call(call: Call) -> dict[str, Any]:
    return {
        "at": moment(call.at),
        "method": call.method,
        "operation": call.route,
        "status": call.status,
        "problem": f"/problems/{call.problem}" if call.problem else None,
        "trace_id": call.trace_id,
    }
