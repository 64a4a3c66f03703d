"""The schemas of machine clients, as api.components has them of all else."""

from collections.abc import Mapping
from typing import Any, Final

from api.schema_parts import Schema, a_code, a_list, a_moment, a_text, an_object, component, nullable, results_of
from registry.accounts.policy import SCOPE_PERMISSIONS

_SCOPE: Final[dict[str, Any]] = {"type": "string", "enum": list(SCOPE_PERMISSIONS), "description": "A scope."}

TOKEN_ERRORS: Final = ("invalid_client", "invalid_request", "invalid_scope", "unsupported_grant_type")

CLIENT_ANSWERS: Final[Mapping[str, Schema]] = {
    "Token": an_object(
        "A bearer token.",
        access_token=a_text("Opaque; send it as `Authorization: Bearer …`."),
        token_type={"type": "string", "const": "Bearer"},
        expires_in={"type": "integer", "maximum": 300, "description": "Seconds."},
        scope=a_text("Scopes of the token, separated by spaces."),
    ),
    "TokenError": an_object(
        "A refusal of the token endpoint (RFC 6749 section 5.2); it tells no more.",
        optional=("error_description",),
        error=a_code("What was refused.", TOKEN_ERRORS),
        error_description=a_text("In English."),
    ),
    "Client": an_object(
        "A machine client of your organisation.",
        client_id=a_text("Its id: `iss` and `sub` of its assertions."),
        name=a_text("What your people call it."),
        scopes=a_list(_SCOPE, "What it may ask for with a token."),
        revoked_at=nullable(a_moment("When it ended for good; null while it is in force.")),
        is_caller={"type": "boolean", "description": "Whether it is the one that asks."},
        keys=a_list(component("ClientKey"), "Its public keys, the one that ends last first."),
    ),
    "ClientKey": an_object(
        "A public key of a client. Several may overlap.",
        key_id=a_text("`kid` of assertions signed with it."),
        kind=a_text("`EC P-256` (ES256) or `Ed25519` (EdDSA)."),
        thumbprint=a_text("RFC 7638, SHA-256."),
        starts_at=a_moment("Holds from then on."),
        ends_at=a_moment("Holds until then."),
        last_used_at=nullable(a_moment("When it was last used for a token.")),
    ),
    "ClientList": results_of("Client", "The machine clients of your organisation."),
    "ClientCall": an_object(
        "A call that wrote or was refused. Bodies are not kept.",
        at=a_moment("When it was answered."),
        method=a_text("Its method."),
        operation=a_text("Name of the address, without what it names."),
        status={"type": "integer", "minimum": 100, "maximum": 599, "description": "What it was answered."},
        problem=nullable(a_text("Type of the problem document, if it was one.")),
        trace_id=a_text("Quote it when you ask us."),
    ),
    "ClientCallList": results_of("ClientCall", "The last calls of a client, newest first."),
}
