"""The catalogue of problems, what becomes of exceptions, and that no refused value comes back."""

import json
from pathlib import Path

import pytest
from django.core import exceptions as core
from django.db import OperationalError
from django.http import Http404, HttpRequest
from rest_framework import exceptions as rest

from api import problems
from api.problems import CATALOGUE, Problem
from registry.errors import Conflict, DomainError, Invalid, NotFound, NotPermitted, NotPossible, Obstacle
from registry.languages import SPOKEN

PAGE = Path(__file__).parents[2] / "docs" / "api" / "problems.md"
TRACE = "0af76519-16cd-43dd-8448-eb211c80319c"

STATUSES = {
    "malformed-json": 400,
    "duplicate-member": 400,
    "too-deep": 400,
    "too-many-values": 400,
    "encoding": 400,
    "invalid-parameter": 400,
    "host": 400,
    "idempotency-key-missing": 400,
    "idempotency-key-invalid": 400,
    "unauthorized": 401,
    "insufficient-scope": 403,
    "not-permitted": 403,
    "not-found": 404,
    "method-not-allowed": 405,
    "not-acceptable": 406,
    "conflict": 409,
    "not-possible": 409,
    "idempotency-key-running": 409,
    "precondition-failed": 412,
    "body-too-large": 413,
    "uri-too-long": 414,
    "unsupported-media-type": 415,
    "unsupported-content-encoding": 415,
    "validation": 422,
    "unknown-field": 422,
    "forbidden-character": 422,
    "number-out-of-range": 422,
    "idempotency-key-reused": 422,
    "webhook-target-forbidden": 422,
    "batch-refused": 422,
    "precondition-required": 428,
    "rate-limited": 429,
    "headers-too-large": 431,
    "internal": 500,
    "unavailable": 503,
}


@pytest.mark.parametrize(("slug", "status"), STATUSES.items())
def test_each_type_of_the_security_design_has_its_status(slug: str, status: int) -> None:
    assert CATALOGUE[slug].status == status


@pytest.mark.parametrize("slug", CATALOGUE)
def test_each_type_says_what_is_wrong_and_how_to_mend_it_in_every_language(slug: str) -> None:
    texts = CATALOGUE[slug].texts
    assert set(texts) == set(SPOKEN)
    said = [(text.title, text.sentence, text.remedy) for text in texts.values()]
    assert all(part.strip() for text in said for part in text)
    assert len({text[1] for text in said}) == len(SPOKEN)


def test_the_published_page_is_the_catalogue() -> None:
    assert PAGE.read_text("utf-8") == problems.as_markdown()


def test_a_document_has_the_members_of_rfc_9457_and_ours() -> None:
    problem = Problem("too-deep", facts={"limit": 32}, errors=[Obstacle("too-deep", "/a", "")])
    shown = problems.document(problem, language="en", trace_id=TRACE, instance=f"urn:uuid:{TRACE}")
    assert shown["type"] == "/problems/too-deep"
    assert shown["status"] == 400
    assert shown["title"] == "Nested too deeply"
    assert shown["detail"] == "The body is nested more than 32 levels deep."
    assert shown["limit"] == 32
    assert shown["trace_id"] == TRACE
    assert shown["instance"] == f"urn:uuid:{TRACE}"
    errors = shown["errors"]
    assert isinstance(errors, list)
    assert set(errors[0]) == {"pointer", "code", "severity", "sentence", "remedy"}


@pytest.mark.parametrize("language", SPOKEN)
def test_a_document_speaks_the_language_asked_for(language: str) -> None:
    shown = problems.document(Problem("not-found"), language=language)
    assert shown["title"] == CATALOGUE["not-found"].texts[language].title


def test_a_document_lists_at_most_a_hundred_errors_and_says_how_many_there_are() -> None:
    problem = Problem("validation", errors=[Obstacle("missing", f"/{n}", "") for n in range(150)])
    shown = problems.document(problem)
    assert len(shown["errors"]) == 100  # type: ignore[arg-type]
    assert shown["errors_total"] == 150


def test_names_given_by_the_client_are_cut_and_made_printable() -> None:
    problem = Problem("unknown-field", errors=[Obstacle("unknown-field", "/\ud800\x00\u202e" + "a" * 5_000, "")])
    shown = json.dumps(problems.document(problem), ensure_ascii=False).encode()
    assert len(shown) < 2_000
    assert b"\x00" not in shown


LANGUAGE_HEADERS = [
    (None, "en"),
    ("", "en"),
    ("fr", "fr"),
    ("de-AT", "de"),
    ("FR-be, de;q=0.9", "fr"),
    ("nl, de;q=0.5, fr;q=0.7", "fr"),
    ("de;q=0, fr;q=0.1", "fr"),
    ("de;q=0", "en"),
    ("nl, pl", "en"),
    ("*", "en"),
    ("garbage;;;,=,\x00", "en"),
    ("de;q=nan", "en"),
    (", ".join(["x"] * 1_000), "en"),
]


@pytest.mark.parametrize(("header", "language"), LANGUAGE_HEADERS)
def test_the_language_is_the_best_liked_of_three(header: str | None, language: str) -> None:
    assert problems.language(header) == language


OBSTACLES = [
    (["unknown-field"], "unknown-field"),
    (["unknown_field", "unknown-field"], "unknown-field"),
    (["extra_forbidden"], "unknown-field"),
    (["forbidden-character"], "forbidden-character"),
    (["number_out_of_range"], "number-out-of-range"),
    (["webhook-target-forbidden"], "webhook-target-forbidden"),
    (["unknown-field", "forbidden-character"], "validation"),
    (["unknown-field", "ECAR-17"], "validation"),
    (["missing"], "validation"),
    ([], "validation"),
]


@pytest.mark.parametrize(("codes", "slug"), OBSTACLES)
def test_the_type_is_that_of_all_obstacles_or_validation(codes: list[str], slug: str) -> None:
    obstacles = [Obstacle(code, "/a", "") for code in codes]
    assert problems.refusal(obstacles).slug == slug
    assert problems.of(Invalid("Wrong.", obstacles=obstacles)).slug == slug  # type: ignore[union-attr]


def test_warnings_do_not_choose_the_type() -> None:
    obstacles = [Obstacle("unknown-field", "/a", ""), Obstacle("ECAR-17", "/b", "Odd.", severity="warning")]
    assert problems.refusal(obstacles).slug == "unknown-field"


EXCEPTIONS: list[tuple[Exception, int, str]] = [
    (Problem("encoding"), 400, "encoding"),
    (NotFound(), 404, "not-found"),
    (NotPermitted("No."), 403, "not-permitted"),
    (NotPossible("No."), 409, "not-possible"),
    (Conflict("No."), 409, "conflict"),
    (Invalid("No."), 422, "validation"),
    (DomainError("No."), 409, "not-possible"),
    (Http404("secret"), 404, "not-found"),
    (rest.NotFound("secret"), 404, "not-found"),
    (rest.NotAuthenticated(), 401, "unauthorized"),
    (rest.AuthenticationFailed(), 401, "unauthorized"),
    (rest.PermissionDenied(), 403, "not-permitted"),
    (core.PermissionDenied(), 403, "not-permitted"),
    (rest.MethodNotAllowed("FOO"), 405, "method-not-allowed"),
    (rest.NotAcceptable(), 406, "not-acceptable"),
    (rest.UnsupportedMediaType("a/b"), 415, "unsupported-media-type"),
    (rest.Throttled(wait=3), 429, "rate-limited"),
    (rest.ParseError(), 400, "malformed-json"),
    (rest.ValidationError("secret"), 422, "validation"),
    (core.DisallowedHost("evil"), 400, "host"),
    (core.RequestDataTooBig(), 413, "body-too-large"),
    (core.TooManyFieldsSent(), 400, "invalid-parameter"),
    (core.SuspiciousOperation("secret"), 400, "bad-request"),
    (OperationalError("secret"), 503, "unavailable"),
]


@pytest.mark.parametrize(("error", "status", "slug"), EXCEPTIONS, ids=lambda value: type(value).__name__)
def test_each_exception_has_one_answer(error: Exception, status: int, slug: str) -> None:
    problem = problems.of(error)
    assert problem is not None
    assert (problem.status, problem.slug) == (status, slug)
    assert "secret" not in json.dumps(problems.document(problem))
    assert "…" not in json.dumps(problems.document(problem), ensure_ascii=False) or slug == "invalid-parameter"


def test_a_mistake_of_ours_has_no_answer_but_the_500() -> None:
    assert problems.of(ZeroDivisionError()) is None
    assert problems.handler(ZeroDivisionError(), {"request": _request("/api/v1/filings/")}) is None


def test_a_domain_error_of_a_listed_code_goes_by_its_code() -> None:
    class Forbidden(Invalid):
        code = "webhook-target-forbidden"

    assert problems.of(Forbidden("Not there.")).slug == "webhook-target-forbidden"  # type: ignore[union-attr]


def test_the_sentence_of_the_domain_is_kept() -> None:
    shown = problems.document(problems.of(NotPossible("It is accepted.", remedy="Correct it.")))  # type: ignore[arg-type]
    assert (shown["detail"], shown["remedy"]) == ("It is accepted.", "Correct it.")


def _request(path: str, **headers: str) -> HttpRequest:
    request = HttpRequest()
    request.path = request.path_info = path
    request.META = {f"HTTP_{name.upper()}": value for name, value in headers.items()}
    request.trace_id = TRACE  # type: ignore[attr-defined]
    return request


def test_the_answer_is_problem_json_with_its_trace_and_is_not_stored() -> None:
    response = problems.handler(NotFound(), {"request": _request("/api/v1/x/", accept_language="de")})
    assert response is not None
    assert response.status_code == 404
    assert response["Content-Type"] == "application/problem+json"
    assert response["Cache-Control"] == "no-store"
    assert response["Content-Language"] == "de"
    shown = json.loads(response.content)
    assert (shown["trace_id"], shown["title"]) == (TRACE, "Nicht gefunden")


USUAL = [
    ("unauthorized", "WWW-Authenticate"),
    ("insufficient-scope", "WWW-Authenticate"),
    ("rate-limited", "Retry-After"),
    ("unavailable", "Retry-After"),
    ("idempotency-key-running", "Retry-After"),
]


@pytest.mark.parametrize(("slug", "header"), USUAL)
def test_answers_carry_the_header_that_tells_what_next(slug: str, header: str) -> None:
    assert problems.render(Problem(slug), request=_request("/api/")).has_header(header)


def test_the_wait_of_a_limit_is_told() -> None:
    problem = problems.of(rest.Throttled(wait=2.4))
    assert problem is not None
    assert problem.headers["Retry-After"] == "3"


def test_django_answers_in_problem_json_under_the_api() -> None:
    request = _request("/api/v1/nothing/")
    answers = [
        problems.bad_request(request, core.DisallowedHost()),
        problems.permission_denied(request, core.PermissionDenied()),
        problems.page_not_found(request, Http404()),
        problems.server_error(request),
    ]
    assert [answer.status_code for answer in answers] == [400, 403, 404, 500]
    assert {answer["Content-Type"] for answer in answers} == {"application/problem+json"}
