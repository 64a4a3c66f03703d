"""The OpenAPI 3.1 document: made of the endpoints, the operations (api.operations) and the schemas (api.components)."""

from collections.abc import Iterable, Mapping
from functools import cache
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.urls import URLPattern, get_resolver
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from rest_framework.request import Request
from rest_framework.response import Response
from uritemplate import variables

from api import components, deprecation
from api.endpoint import READS, Endpoint
from api.examples import EXAMPLES
from api.links import link
from api.operation import Operation, Reply
from api.operations import (
    ANY,
    KEYED,
    MATCHED,
    OPERATIONS,
    PATH,
    QUERY,
    READ_BODY,
    REQUEST_HEADERS,
    RESPONSE_HEADERS,
    SECURED,
    TAGS,
)
from api.problems import CATALOGUE, MEDIA_TYPE
from api.schema_parts import component
from registry.accounts.client_assertion import TOKEN_PATH
from registry.accounts.policy import SCOPE_PERMISSIONS, Permission

LICENCE = {"name": "EUPL-1.2", "identifier": "EUPL-1.2"}
ALWAYS = ("Trace-Id", "RateLimit", "RateLimit-Policy", "Client-Key-Expires")  # headers of every answer
_CHALLENGE, _LATER = ("WWW-Authenticate",), ("Retry-After",)
PROBLEM_HEADERS = {401: _CHALLENGE, 403: _CHALLENGE, 409: (*_LATER, "Location"), 429: _LATER, 503: _LATER}
DESCRIPTION = """\
File training runs, follow their duties and keep the proofs.

Every write takes `dry_run`; every POST needs an `Idempotency-Key`. Lists are turned by `cursor`. Quantities are decimal
strings with their unit in the name, moments are RFC 3339. Answers may gain members; requests with members that are not
listed here are refused. Every refusal is a problem document (RFC 9457); docs/api/problems.md lists the types.
"""


class EndpointSchema(AutoSchema):
    """Describes one method of one endpoint from what the endpoint and its row in `OPERATIONS` declare."""

    def get_operation(self, path: str, path_regex: str, path_prefix: str, method: str, registry: Any) -> dict[str, Any]:
        """The Operation Object. Raises KeyError for a route and method without a row."""
        endpoint: Any = type(self.view)
        route = _route_names()[endpoint], method
        row = OPERATIONS[route]
        permission = endpoint.permissions[method]
        description = getattr(endpoint, method.lower()).__doc__ or ""
        return {
            **_head(row, description),
            **({"deprecated": True} if route in deprecation.deprecated() else {}),
            "parameters": [
                *_parameters(row, endpoint.parameters_of(method), method, path, secured=permission is not None)
            ],
            **({"requestBody": _body(row)} if row.body else {}),
            "security": _security(permission),
            "responses": {**_replies(row, method), **_refusals(_problems(row, method, permission))},
        }


def with_document(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """drf-spectacular's postprocessing: what no endpoint knows, and the token endpoint, which is none."""
    shown = {**result, "servers": [{"url": "/"}], "tags": list(TAGS)}
    shown["info"] = {**result["info"], "description": DESCRIPTION, "license": LICENCE}
    shown["paths"] = {TOKEN_PATH: {"post": _token()}, **result["paths"]}
    shown["components"] = {
        "schemas": components.schemas(),
        "parameters": {**QUERY, **PATH, **{name: row for name, row in REQUEST_HEADERS.items() if name != "If-Match"}},
        "headers": dict(RESPONSE_HEADERS),
        "examples": dict(EXAMPLES),
        "links": link(shown["paths"]),
        "responses": {f"Problem{status}": _problem_response(status) for status in sorted(_statuses())},
        "securitySchemes": {"oauth2": _security_scheme()},
    }
    return shown


@cache
def openapi() -> dict[str, Any]:
    """The document, made once a process."""
    made: dict[str, Any] = SchemaGenerator(urlconf="registry.urls").get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return made


class OpenApi(Endpoint):
    """`/openapi.json`: this interface, for machines; `/en/api/` shows it to people."""

    permissions = {"GET": None}

    def get(self, request: Request) -> Response:
        """The OpenAPI 3.1 document."""
        return Response(openapi(), content_type="application/vnd.oai.openapi+json")


@cache
def _route_names() -> Mapping[type, str]:
    """The name of the route of each endpoint. Looked up when needed: the map of routes imports this module."""
    routes = [route for route in get_resolver("api.urls").url_patterns if isinstance(route, URLPattern)]
    return {route.callback.cls: str(route.name) for route in routes if hasattr(route.callback, "cls")}


def _head(row: Operation, description: str) -> dict[str, Any]:
    return {"operationId": row.id, "tags": [row.tag], "summary": row.summary, "description": description}


def _parameters(
    row: Operation, declared: Iterable[str], method: str, path: str, *, secured: bool
) -> Iterable[dict[str, Any]]:
    """References to every parameter: of the path, of the query, and headers."""
    named = [*variables(path), *declared]
    if method == "POST":
        named.append("Idempotency-Key")
    if secured:
        named.append("Mandate")
    for name in (*named, "Accept-Language", "traceparent"):
        yield {"$ref": f"#/components/parameters/{name}"}
    if row.if_match:
        yield {**REQUEST_HEADERS["If-Match"], "required": row.if_match == "required"}


def _body(row: Operation) -> dict[str, Any]:
    examples = {name: {"$ref": f"#/components/examples/{name}"} for name in row.examples}
    content = {"schema": component(row.body), **({"examples": examples} if examples else {})}
    return {"required": True, "content": {row.body_type: content}}


def _security(permission: Permission | None) -> list[dict[str, list[str]]]:
    """Any one of the scopes that include the permission; nothing where the endpoint is open."""
    return [{"oauth2": [scope]} for scope, included in SCOPE_PERMISSIONS.items() if permission in included]


def _replies(row: Operation, method: str) -> dict[str, Any]:
    also = (() if method in READS else ("Dry-Run",)) + (("Idempotent-Replayed",) if method == "POST" else ())
    return {str(status): _reply(reply, also) for status, reply in row.replies.items()}


def _reply(reply: Reply, also: tuple[str, ...] = ()) -> dict[str, Any]:
    content = {media_type: {"schema": component(schema)} for media_type, schema in reply.forms()}
    return {
        "description": reply.description,
        "headers": _headers(*ALWAYS, *reply.headers, *also),
        **({"content": content} if content else {}),
    }


def _headers(*names: str) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _problems(row: Operation, method: str, permission: Permission | None) -> tuple[str, ...]:
    """Every type of problem the operation can answer with."""
    found = [*ANY, *row.problems]
    if permission is not None:
        found += SECURED
    if row.body:
        found += READ_BODY
    if method == "POST":
        found += KEYED
    if row.if_match:
        found += (*MATCHED, "precondition-required")  # an optional one may still be “*”
    return tuple(found)


def _refusals(slugs: Iterable[str]) -> dict[str, Any]:
    """By status, a reference to the common answer with the types that this operation knows."""
    by_status: dict[int, list[str]] = {}
    for slug in dict.fromkeys(slugs):
        by_status.setdefault(CATALOGUE[slug].status, []).append(slug)
    return {
        str(status): {"$ref": f"#/components/responses/Problem{status}", "description": _types(by_status[status])}
        for status in sorted(by_status)
    }


def _types(slugs: Iterable[str]) -> str:
    return "; ".join(f"`{slug}`: {CATALOGUE[slug].texts['en'].title}" for slug in slugs)


@cache
def _statuses() -> frozenset[int]:
    """Every status of a problem that an operation declares."""
    known = {*ANY, *SECURED, *READ_BODY, *KEYED, *MATCHED, "precondition-required"}
    known.update(slug for row in OPERATIONS.values() for slug in row.problems)
    return frozenset(CATALOGUE[slug].status for slug in known)


def _problem_response(status: int) -> dict[str, Any]:
    extra = PROBLEM_HEADERS.get(status, ())
    schema = {"allOf": [component("Problem"), {"properties": {"status": {"const": status}}}]}
    return {
        "description": HTTPStatus(status).phrase,
        "headers": _headers(*ALWAYS, "Content-Language", "Dry-Run", *extra),
        "content": {MEDIA_TYPE: {"schema": schema}},
    }


def _token() -> dict[str, Any]:
    """The token endpoint, which answers as RFC 6749 has it; only what stands before it answers with problems."""
    row = OPERATIONS["token", "POST"]
    refused = {"description": "What is not right about the request.", "headers": _headers(*ALWAYS)}
    refused["content"] = {
        "application/json": {"schema": component("TokenError")},
        MEDIA_TYPE: {"schema": component("Problem")},
    }
    unknown = _reply(Reply("TokenError", "The assertion does not hold; it tells no more.", ("WWW-Authenticate",)))
    return {
        **_head(row, "Exchange an assertion signed with your key for a bearer token. There are no refresh tokens."),
        "parameters": [{"$ref": "#/components/parameters/traceparent"}],
        "requestBody": _body(row),
        "security": [],
        "responses": {**_replies(row, "GET"), **_refusals(row.problems), "400": refused, "401": unknown},
    }


def _security_scheme() -> dict[str, Any]:
    flow = {"tokenUrl": TOKEN_PATH, "scopes": settings.OAUTH2_PROVIDER["SCOPES"]}
    return {
        "type": "oauth2",
        "description": "The client authenticates with `private_key_jwt` (RFC 7523), never with a secret.",
        "flows": {"clientCredentials": flow},
    }
