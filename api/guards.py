"""What stands before everything else under `/api/`: refusals that need no parsing, and the trace id of each answer.

Outermost middleware. Order: trace id, host, method, address, headers, query, `Accept`, then the envelope of the body.
`X-Forwarded-For`, `X-Forwarded-Host`, `X-Forwarded-Port`, `Forwarded` and `X-HTTP-Method-Override` are taken away, so
that no library below can believe them; `X-Forwarded-Proto` counts only where the settings name it, and the address in
`X-Forwarded-For` only where it comes from one of `TRUSTED_PROXIES`. Every answer tells how its caller stands against
the limits on calls; where nobody was charged for it, the address is.

The cookie of a session opens nothing here: it is taken away from calls of the API, and from every request where the
process does not serve the portal, for then its database login cannot read sessions.
"""

import re
from collections.abc import Callable, Sequence
from types import MappingProxyType
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponseBadRequest
from django.http.request import UnreadablePostError
from django.http.response import HttpResponseBase
from django.urls import Resolver404, is_valid_path, resolve

from api import throttling
from api.endpoint import methods_of
from api.parameters import require_readable_query
from api.problems import MEDIA_TYPE, Problem, is_api, of_status, render
from api.reading import (
    BATCH_LIMIT_BYTES,
    BODY_LIMIT_BYTES,
    JSON,
    liked_best,
    read_media_type,
    require_plain_body,
)
from registry.accounts.client_assertion import TOKEN_PATH
from registry.compute.record_reading import BODY_BYTES_LIMIT
from registry.errors import told

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
BODY_METHODS = ("POST", "PUT", "PATCH")
WRITES = (*BODY_METHODS, "DELETE")
ADDRESS_LIMIT_BYTES = 4 * 1024
HEADERS_LIMIT_BYTES = 16 * 1024
FORM, NDJSON, CSV = "application/x-www-form-urlencoded", "application/x-ndjson", "text/csv"

# What endpoints read, each type with the most bytes a body of it may have; those with other types, or more, by path.
# RFC 6749 demands a form at the token endpoint alone; a batch is larger than any other JSON body (api.batch).
BODY_TYPES = MappingProxyType({JSON: BODY_LIMIT_BYTES})
BODY_TYPES_AT = MappingProxyType(
    {
        "/api/v1/filings/batch/": MappingProxyType({JSON: BATCH_LIMIT_BYTES}),
        TOKEN_PATH: MappingProxyType({FORM: 16 * 1024}),
    }
)
# The lines of a return. JSON comes through as far as the endpoint, which says what it reads to whoever may send it.
LINES_AT = re.compile(r"/api/v1/returns/[A-Z0-9-]{1,32}/records/")
LINES_TYPES = MappingProxyType({NDJSON: BODY_BYTES_LIMIT, CSV: BODY_BYTES_LIMIT, JSON: BODY_LIMIT_BYTES})

_TRACEPARENT = re.compile(
    r"(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-.*)?", re.ASCII
)
_IGNORED = (
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_X_FORWARDED_PORT",
    "HTTP_FORWARDED",
    "HTTP_X_HTTP_METHOD_OVERRIDE",
)
_LENGTH = re.compile(r"[0-9]{1,18}", re.ASCII)
_PATH = re.compile(r"[\x21-\x7e]*")


class Guards:
    """Django middleware. Sets `request.trace_id` on every request; guards those under `/api/`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the refusal, or what stands below; always with `Trace-Id`, and under `/api/` never to be stored."""
        trace_id = read_trace_id(request.META.get("HTTP_TRACEPARENT"))
        request.trace_id = trace_id  # type: ignore[attr-defined]
        if is_api(request) or "portal" not in settings.SURFACES:
            request.COOKIES.pop(settings.SESSION_COOKIE_NAME, None)
        response = self._guarded(request) if is_api(request) else self._plain(request)
        response["Trace-Id"] = trace_id
        return response

    def _plain(self, request: HttpRequest) -> HttpResponseBase:
        try:
            request.get_host()
        except DisallowedHost:
            return HttpResponseBadRequest("Unknown host.\n", content_type="text/plain; charset=utf-8")
        return self.get_response(request)

    def _guarded(self, request: HttpRequest) -> HttpResponseBase:
        _settle_origin(request)
        try:
            require_sound(request)
        except Problem as problem:
            response: HttpResponseBase = render(problem, request=request)
        else:
            response = _as_problem(self.get_response(request), request)
        response = _counted(response, request)
        if "Authorization" in request.headers or "Cache-Control" not in response:
            response["Cache-Control"] = "no-store"
        if _is_dry(request) and response.status_code < 500:
            response["Dry-Run"] = "true"  # a refusal too says that nothing was stored
        return response


def read_trace_id(traceparent: str | None) -> str:
    """Return the trace id of a well-formed W3C `traceparent` as a UUID, else a new one."""
    found = _TRACEPARENT.fullmatch(traceparent or "")
    if found is None or (found[1] == "00" and found[3]):
        return str(uuid4())
    return str(UUID(hex=found[2]))


def require_sound(request: HttpRequest) -> None:
    """Raise the `Problem` of the first guard that refuses the request."""
    try:
        request.get_host()
    except DisallowedHost:
        raise Problem("host") from None
    if request.method not in METHODS:
        raise Problem("method-not-allowed", headers={"Allow": ", ".join(_methods_at(request.path_info))})
    query = request.META.get("QUERY_STRING", "")
    if len(request.get_full_path()) > ADDRESS_LIMIT_BYTES:
        raise Problem("uri-too-long", facts={"limit": ADDRESS_LIMIT_BYTES})
    if sum(len(name) + len(value) for name, value in request.headers.items()) > HEADERS_LIMIT_BYTES:
        raise Problem("headers-too-large", facts={"limit": HEADERS_LIMIT_BYTES})
    if not _PATH.fullmatch(request.path):
        raise Problem("not-found")
    _require_slash(request)
    require_readable_query(query)
    _require_acceptable(request)
    _require_sound_body(request)


def _endpoint_at(path: str) -> Any:
    """The class that answers at a path; None where nothing does."""
    try:
        answering = resolve(path).func
    except Resolver404:
        return None
    return getattr(answering, "cls", None) or getattr(answering, "view_class", None)


def _methods_at(path: str) -> Sequence[str]:
    """The methods that the header `Allow` names there."""
    endpoint = _endpoint_at(path)
    if hasattr(endpoint, "permissions"):
        return methods_of(endpoint)
    return [name.upper() for name in endpoint.http_method_names] if endpoint else METHODS


def _require_slash(request: HttpRequest) -> None:
    """Refuse an address that only lacks its last slash, naming the right one.

    Django would send a redirect, after which many clients repeat a POST as a GET, and what was filed would be lost.
    """
    path = request.path_info
    if not path.endswith("/") and is_valid_path(f"{path}/") and not is_valid_path(path):
        raise Problem("not-found", remedy=told("Send it to {address}, with the slash at the end.", address=f"{path}/"))


def _require_acceptable(request: HttpRequest) -> None:
    """Refuse with 406 an `Accept` that admits none of the formats of the endpoint, nor a problem document."""
    endpoint = _endpoint_at(request.path_info)
    offered = [str(each.media_type) for each in getattr(endpoint, "renderer_classes", ())] or [JSON]
    if liked_best(request.headers.get("Accept"), offered=[*offered, MEDIA_TYPE]) is None:
        raise Problem("not-acceptable", facts={"types": ", ".join(offered)})


def _is_dry(request: HttpRequest) -> bool:
    """Whether a write was only to be tried; asked of refused requests too, whose query may not be readable."""
    asked = request.META.get("QUERY_STRING", "").split("&")
    return request.method in WRITES and "dry_run=true" in asked and request.path != TOKEN_PATH


def _require_sound_body(request: HttpRequest) -> None:
    length = _body_length(request)
    content_type = request.META.get("CONTENT_TYPE", "")
    if "Content-Encoding" in request.headers:
        require_plain_body(request.headers["Content-Encoding"])
    if not length and not (content_type and request.method in BODY_METHODS):
        return
    types = LINES_TYPES if LINES_AT.fullmatch(request.path) else BODY_TYPES_AT.get(request.path, BODY_TYPES)
    media_type = read_media_type(content_type, allowed=types)
    if length > types[media_type]:
        raise Problem("body-too-large", facts={"limit": types[media_type]})
    if media_type == JSON:
        _require_whole_body(request, length)


def _require_whole_body(request: HttpRequest, length: int) -> None:
    """Read a JSON body once, which keeps it for all who ask later; refuse an empty and a truncated one."""
    if not length:
        raise Problem("malformed-json")
    try:
        received = len(request.body)
    except UnreadablePostError:
        received = -1
    if received != length:
        raise Problem("bad-request")


def _body_length(request: HttpRequest) -> int:
    given = request.META.get("CONTENT_LENGTH") or ""
    chunked = "Transfer-Encoding" in request.headers
    if given and (chunked or not _LENGTH.fullmatch(given)):
        raise Problem("bad-request")
    if chunked:
        # WSGI hands on no body without a length; saying so is better than reading it as empty.
        raise Problem("length-required")
    return int(given or 0)


def _settle_origin(request: HttpRequest) -> None:
    """Leave one address that the call comes from, and nothing else that claims to be one."""
    if settings.TRUSTED_PROXIES:
        request.META["REMOTE_ADDR"] = throttling.origin(
            peer=request.META.get("REMOTE_ADDR", ""),
            forwarded_for=request.META.get("HTTP_X_FORWARDED_FOR", ""),
            proxies=settings.TRUSTED_PROXIES,
        )
    for name in _IGNORED:
        request.META.pop(name, None)


def _counted(response: HttpResponseBase, request: HttpRequest) -> HttpResponseBase:
    """Charge the address for an answer that nobody was charged for, and tell the caller how it stands."""
    try:
        if not throttling.is_charged(request):
            throttling.charge_address(request)
    except Problem as problem:
        response = render(problem, request=request)
    for name, value in throttling.fields(request).items():
        response[name] = value
    return response


def _as_problem(response: HttpResponseBase, request: HttpRequest) -> HttpResponseBase:
    """Put a problem document in place of an error page in HTML or plain text that another layer made."""
    made_of = response.get("Content-Type", "text/html").partition(";")[0]
    if response.status_code < 400 or response.streaming or made_of not in {"text/html", "text/plain", ""}:
        return response
    kept = {name: response[name] for name in ("Allow", "Retry-After", "WWW-Authenticate") if name in response}
    problem = of_status(response.status_code, headers=kept)
    return response if problem is None else render(problem, request=request)
