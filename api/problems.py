"""Problem documents (RFC 9457): one catalogue of types, one table from exceptions to types, one renderer.

The catalogue is `data/problems.toml`: status, title, sentence and remedy of each type in English, French and German.
A document never repeats a value that was refused; of the request it names at most members (as JSON Pointers) and query
parameters.
"""

import json
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from types import MappingProxyType

from django.core import exceptions as core
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.request import UnreadablePostError
from django.views import defaults
from rest_framework import exceptions as rest
from rest_framework.request import Request

from registry import errors
from registry.errors import Conflict, DomainError, Invalid, NotFound, NotPermitted, NotPossible, Obstacle
from registry.filings.actions import AlreadyFiled
from registry.languages import SPOKEN

MEDIA_TYPE = "application/problem+json"
ERRORS_SHOWN = 100
POINTER_CHARACTERS_SHOWN = 200
_LANGUAGE_RANGE = re.compile(r"\s*([a-z]{1,8})(?:-[a-z0-9-]+)?\s*(?:;\s*q=(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)\s*)?")
_BEARER = 'Bearer realm="ecar"'


@dataclass(frozen=True)
class Text:
    """What one type of problem says in one language. The sentence may name facts in braces."""

    title: str
    sentence: str
    remedy: str


@dataclass(frozen=True)
class ProblemType:
    """One line of the catalogue; `slug` is the last part of its URI, `/problems/<slug>`."""

    slug: str
    status: int
    texts: Mapping[str, Text]


def _catalogue() -> Mapping[str, ProblemType]:
    rows = tomllib.loads((Path(__file__).parent / "data" / "problems.toml").read_text("utf-8"))
    return MappingProxyType(
        {
            slug: ProblemType(slug, row["status"], {language: Text(**row[language]) for language in SPOKEN})
            for slug, row in rows.items()
        }
    )


CATALOGUE = _catalogue()

# Obstacle codes that give their name to the whole answer when nothing else is wrong; all others are `validation`.
LEADING_CODES = MappingProxyType(
    {
        "unknown-field": "unknown-field",
        "extra-forbidden": "unknown-field",  # pydantic's word for it
        "forbidden-character": "forbidden-character",
        "number-out-of-range": "number-out-of-range",
        "webhook-target-forbidden": "webhook-target-forbidden",
    }
)

# Families of refusals, the more special first; a domain error whose own code is in the catalogue goes by that.
_DOMAIN: tuple[tuple[type[DomainError], str], ...] = (
    (NotFound, "not-found"),
    (NotPermitted, "not-permitted"),
    (NotPossible, "not-possible"),
    (Conflict, "conflict"),
    (Invalid, "validation"),
    (DomainError, "not-possible"),
)
_FRAMEWORK: tuple[tuple[type[Exception], str], ...] = (
    (Http404, "not-found"),
    (rest.NotFound, "not-found"),
    (rest.NotAuthenticated, "unauthorized"),
    (rest.AuthenticationFailed, "unauthorized"),
    (rest.PermissionDenied, "not-permitted"),
    (core.PermissionDenied, "not-permitted"),
    (rest.MethodNotAllowed, "method-not-allowed"),
    (rest.NotAcceptable, "not-acceptable"),
    (rest.UnsupportedMediaType, "unsupported-media-type"),
    (rest.Throttled, "rate-limited"),
    (rest.ValidationError, "validation"),
    (rest.ParseError, "malformed-json"),
    (core.DisallowedHost, "host"),
    (core.RequestDataTooBig, "body-too-large"),
    (core.TooManyFieldsSent, "invalid-parameter"),
    (core.SuspiciousOperation, "bad-request"),
    (core.BadRequest, "bad-request"),
    (UnreadablePostError, "bad-request"),
    (OperationalError, "unavailable"),
    (InterfaceError, "unavailable"),
)
# Facts that the framework's own exceptions do not carry.
_FACTS: Mapping[str, Mapping[str, str | int]] = MappingProxyType(
    {
        "unsupported-media-type": {"types": "application/json"},
        "not-acceptable": {"types": "application/json"},
        "body-too-large": {"limit": 1024 * 1024},
    }
)
# What stands in for an answer that some other part of the house made without a problem document.
BY_STATUS = MappingProxyType(
    {
        400: "bad-request",
        401: "unauthorized",
        403: "not-permitted",
        404: "not-found",
        405: "method-not-allowed",
        406: "not-acceptable",
        409: "conflict",
        412: "precondition-failed",
        413: "body-too-large",
        415: "unsupported-media-type",
        422: "validation",
        429: "rate-limited",
        500: "internal",
        503: "unavailable",
    }
)


class Problem(Exception):
    """An answer of the REST edge that is not the one hoped for.

    `slug` names a type of the catalogue. `facts` are short extension members (limits, positions, names), never a
    refused value. `sentence` and `remedy` replace the catalogue's where the domain said something more exact.
    """

    def __init__(
        self,
        slug: str,
        *,
        status: int | None = None,
        errors: Iterable[Obstacle] = (),
        facts: Mapping[str, str | int] | None = None,
        headers: Mapping[str, str] | None = None,
        sentence: str = "",
        remedy: str = "",
    ) -> None:
        super().__init__(slug)
        self.type = CATALOGUE[slug]
        self.slug = slug
        self.status = status or self.type.status
        self.errors = tuple(errors)
        self.facts = dict(facts or {})
        self.headers = dict(headers or {})
        self.sentence = sentence
        self.remedy = remedy


def language(accept_language: str | None) -> str:
    """Return the language of the answer for an `Accept-Language` header: the best liked of en, fr, de, else English."""
    best, best_quality = SPOKEN[0], 0.0
    for part in (accept_language or "").lower().split(",")[:50]:
        found = _LANGUAGE_RANGE.fullmatch(part)
        quality = float(found[2] or 1) if found else 0.0
        if found and found[1] in SPOKEN and quality > best_quality:
            best, best_quality = found[1], quality
    return best


def document(problem: Problem, *, language: str = "en", trace_id: str = "", instance: str = "") -> dict[str, object]:
    """Return the members of the problem document in one of `SPOKEN`; `errors` shows at most the first hundred."""
    text = problem.type.texts[language]
    shown: dict[str, object] = {
        "type": f"/problems/{problem.slug}",
        "title": text.title,
        "status": problem.status,
        "detail": errors.in_language(problem.sentence, language) or _filled(text.sentence, problem.facts),
        "remedy": errors.in_language(problem.remedy, language) or text.remedy,
        "instance": instance,
        "trace_id": trace_id,
        "errors": [_error(obstacle, language) for obstacle in problem.errors[:ERRORS_SHOWN]],
    }
    if len(problem.errors) > ERRORS_SHOWN:
        shown["errors_total"] = len(problem.errors)
    return {**problem.facts, **{name: value for name, value in shown.items() if value != ""}}


def refusal(obstacles: Sequence[Obstacle], *, sentence: str = "", remedy: str = "") -> Problem:
    """Return the 422 for content with these obstacles: of the one leading type they all share, else `validation`."""
    codes = {obstacle.code.replace("_", "-") for obstacle in obstacles if obstacle.severity == "error"}
    slugs = {LEADING_CODES.get(code, "validation") for code in codes}
    slug = slugs.pop() if len(slugs) == 1 else "validation"
    if slug != "validation":
        sentence = remedy = ""
    return Problem(slug, errors=obstacles, sentence=sentence, remedy=remedy)


def of(error: Exception) -> Problem | None:
    """Return the problem that an exception stands for, or nothing for one that is the register's own mistake."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, DomainError):
        return _of_domain(error)
    for kind, slug in _FRAMEWORK:
        if isinstance(error, kind):
            return Problem(slug, headers=_headers_of(error), facts=_facts_of(error) or _FACTS.get(slug))
    return None


def render(problem: Problem, *, request: HttpRequest | Request) -> HttpResponse:
    """Return the answer: problem+json in the client's language, with the trace id of the request."""
    spoken = language(request.headers.get("Accept-Language"))
    trace_id = str(getattr(request, "trace_id", ""))
    instance = f"urn:uuid:{trace_id}" if trace_id else ""
    body = json.dumps(document(problem, language=spoken, trace_id=trace_id, instance=instance), ensure_ascii=False)
    response = HttpResponse(body.encode("utf-8", "replace"), status=problem.status, content_type=MEDIA_TYPE)
    response.problem = problem.slug  # type: ignore[attr-defined]  # for who notes calls
    headers = {"Cache-Control": "no-store", "Content-Language": spoken}
    headers |= _usual_headers(problem.slug) | problem.headers
    for name, value in headers.items():
        response[name] = value
    return response


def is_api(request: HttpRequest) -> bool:
    """Tell whether the path belongs to the REST edge, whose every answer is JSON."""
    return request.path_info.startswith("/api/") or request.path_info == "/api"


def of_status(status: int, *, headers: Mapping[str, str]) -> Problem | None:
    """Return the problem that stands in for an answer made without one, or nothing for a status without a type."""
    slug = BY_STATUS.get(status)
    return Problem(slug, headers=headers, facts=_FACTS.get(slug)) if slug else None


def handler(exc: Exception, context: Mapping[str, object]) -> HttpResponse | None:
    """Answer for the REST framework's `EXCEPTION_HANDLER`; nothing for an unknown error, which then becomes a 500."""
    problem = of(exc)
    request = context.get("request")
    if problem is None or not isinstance(request, (HttpRequest, Request)):
        return None
    return render(problem, request=request)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's `handler400`."""
    if not is_api(request):
        return defaults.bad_request(request, exception)
    return render(of(exception) or Problem("bad-request"), request=request)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's `handler403`."""
    if not is_api(request):
        return defaults.permission_denied(request, exception)
    return render(Problem("not-permitted"), request=request)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's `handler404`."""
    if not is_api(request):
        return defaults.page_not_found(request, exception)
    return render(Problem("not-found"), request=request)


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's `handler500`: says that the mistake is ours and under which trace id it was noted, nothing else."""
    if not is_api(request):
        return defaults.server_error(request)
    return render(Problem("internal"), request=request)


def printable(name: str, *, limit: int = POINTER_CHARACTERS_SHOWN) -> str:
    """Return what the client called something, fit to be shown: cut, and without any character that does not print."""
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in name[:limit])


def as_markdown() -> str:
    """Return the catalogue as the page `docs/api/problems.md`, which a test keeps equal to it."""
    lines = ["# Problem types", "", "Generated from `api/data/problems.toml`. Base of each type: `/problems/`.", ""]
    lines += ["| Type | Status | Title | Meaning | What to do |", "| --- | --- | --- | --- | --- |"]
    for row in sorted(CATALOGUE.values(), key=lambda row: (row.status, row.slug)):
        text = row.texts["en"]
        lines.append(f"| `{row.slug}` | {row.status} | {text.title} | {text.sentence} | {text.remedy} |")
    return "\n".join([*lines, ""])


def _of_domain(error: DomainError) -> Problem:
    if isinstance(error, NotFound):
        return Problem("not-found")  # always the same words: nothing tells what is hidden from what is not there
    sentence, remedy = error.sentence, error.remedy
    slug = next(slug for kind, slug in _DOMAIN if isinstance(error, kind))
    if isinstance(error, AlreadyFiled) and error.filing:
        facts, headers = {"filing": error.filing}, {"Location": f"/api/v1/filings/{error.filing}/"}
        return Problem(slug, facts=facts, headers=headers, sentence=sentence, remedy=remedy)
    if error.code in CATALOGUE and error.code != slug:
        return Problem(error.code, errors=error.obstacles, sentence=sentence, remedy=remedy)
    if slug == "validation":
        return refusal(error.obstacles, sentence=sentence, remedy=remedy)
    return Problem(slug, errors=error.obstacles, sentence=sentence, remedy=remedy)


def _headers_of(error: Exception) -> dict[str, str]:
    wait = getattr(error, "wait", None)
    if isinstance(error, rest.Throttled) and wait is not None:
        return {"Retry-After": str(ceil(wait))}
    challenge = getattr(error, "auth_header", None)
    return {"WWW-Authenticate": str(challenge)} if challenge else {}


def _facts_of(error: Exception) -> dict[str, str | int]:
    """What the framework's exception knows of the endpoint: the formats that it offers."""
    offered = getattr(error, "available_renderers", None)
    return {"types": ", ".join(str(each.media_type) for each in offered)} if offered else {}


def _usual_headers(slug: str) -> dict[str, str]:
    return {
        "unauthorized": {"WWW-Authenticate": _BEARER},
        "insufficient-scope": {"WWW-Authenticate": f'{_BEARER}, error="insufficient_scope"'},
        "unavailable": {"Retry-After": "5"},
        "rate-limited": {"Retry-After": "60"},
        "idempotency-key-running": {"Retry-After": "1"},
    }.get(slug, {})


def _error(obstacle: Obstacle, language: str) -> dict[str, str]:
    known = CATALOGUE.get(LEADING_CODES.get(obstacle.code.replace("_", "-"), obstacle.code))
    text = known.texts[language] if known else None
    return {
        "pointer": printable(obstacle.pointer),
        "code": obstacle.code,
        "severity": obstacle.severity,
        "sentence": errors.in_language(obstacle.sentence, language) or (text.sentence if text else ""),
        "remedy": errors.in_language(obstacle.remedy, language) or (text.remedy if text else ""),
    }


def _filled(sentence: str, facts: Mapping[str, str | int]) -> str:
    """Put the facts into the sentence; the names of missing ones are shown as an ellipsis."""
    return re.sub(r"\{(\w+)\}", lambda found: str(facts.get(found[1], "…")), sentence)
