"""The middleware before parsing: what it refuses under `/api/`, what it leaves alone, the trace of each answer."""

import io
import json
import uuid
from typing import Any

import pytest
from django.test import RequestFactory

from api.guards import METHODS, Guards
from api.problems import HttpRequest, HttpResponse
from registry.accounts.client_assertion import TOKEN_PATH

PATH = "/api/v1/filings/"
TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
KIB = 1024


class Below:
    """What stands below the guards: remembers the requests that came through."""

    def __init__(self) -> None:
        self.requests: list[HttpRequest] = []
        self.response = HttpResponse(b"{}", content_type="application/json")

    def __call__(self, request: HttpRequest) -> HttpResponse:
        self.requests.append(request)
        return self.response


@pytest.fixture
def below() -> Below:
    """A fresh floor below the guards."""
    return Below()


@pytest.fixture(autouse=True)
def _known_host(settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["testserver"]


def _ask(below: Below, method: str = "GET", path: str = PATH, body: bytes = b"", **extra: Any) -> Any:
    content_type = extra.pop("content_type", "application/json" if body else "")
    request = RequestFactory().generic(method, path, body, content_type=content_type, **extra)
    request.META["CONTENT_TYPE"] = content_type
    return Guards(below)(request)


REFUSED: list[tuple[int, dict[str, Any], int, str]] = [
    (1, {"method": "POST", "content_type": "application/json"}, 400, "malformed-json"),
    (
        24,
        {"method": "POST", "body": b"{}", "content_type": "application/json; charset=utf-16"},
        415,
        "unsupported-media-type",
    ),
    (
        25,
        {"method": "POST", "body": b"{}", "content_type": "application/json; charset=bogus"},
        415,
        "unsupported-media-type",
    ),
    (
        26,
        {"method": "PUT", "body": b"{}", "content_type": "application/json; charset=utf-7"},
        415,
        "unsupported-media-type",
    ),
    (69, {"method": "POST", "body": b"<a/>", "content_type": "application/xml"}, 415, "unsupported-media-type"),
    (
        70,
        {"method": "POST", "body": b"a=1", "content_type": "application/x-www-form-urlencoded"},
        415,
        "unsupported-media-type",
    ),
    (
        70,
        {"method": "POST", "body": b"--x", "content_type": "multipart/form-data; boundary=x"},
        415,
        "unsupported-media-type",
    ),
    (71, {"method": "POST", "body": b"{}", "content_type": ""}, 415, "unsupported-media-type"),
    (71, {"method": "POST", "body": b"{}", "content_type": "application/json;;=="}, 415, "unsupported-media-type"),
    (72, {"method": "POST", "body": b"\x1f\x8b", "HTTP_CONTENT_ENCODING": "gzip"}, 415, "unsupported-content-encoding"),
    (72, {"method": "POST", "body": b"{}", "HTTP_CONTENT_ENCODING": "br"}, 415, "unsupported-content-encoding"),
    (73, {"method": "POST", "body": b" " * (KIB * KIB + 1)}, 413, "body-too-large"),
    (74, {"method": "POST", "body": b"{}", "CONTENT_LENGTH": "abc"}, 400, "bad-request"),
    (74, {"method": "POST", "body": b"{}", "CONTENT_LENGTH": "-1"}, 400, "bad-request"),
    (74, {"method": "POST", "body": b"{}", "CONTENT_LENGTH": "\u0661"}, 400, "bad-request"),
    (74, {"method": "POST", "body": b"{}", "HTTP_TRANSFER_ENCODING": "chunked"}, 400, "bad-request"),
    (75, {"HTTP_ACCEPT": "application/xml"}, 406, "not-acceptable"),
    (75, {"HTTP_ACCEPT": "garbage"}, 406, "not-acceptable"),
    (78, {"path": f"{PATH}?search=%00"}, 400, "invalid-parameter"),
    (78, {"path": f"{PATH}?search=%ff"}, 400, "invalid-parameter"),
    (78, {"path": f"{PATH}?search=%ED%A0%80"}, 400, "invalid-parameter"),
    (80, {"path": f"{PATH}%00/"}, 404, "not-found"),
    (80, {"path": f"{PATH}%D9%A1/"}, 404, "not-found"),
    (81, {"path": f"{PATH}?{'&'.join(['a=1'] * 1_000)}"}, 400, "invalid-parameter"),
    (81, {"path": f"{PATH}?{'&'.join(['a'] * 2_000)}"}, 400, "invalid-parameter"),
    (81, {"path": f"{PATH}?a={'a' * 64 * KIB}"}, 414, "uri-too-long"),
    (81, {"path": f"{PATH}{'a' * 64 * KIB}/"}, 414, "uri-too-long"),
    (81, {"HTTP_X_LONG": "a" * 64 * KIB}, 431, "headers-too-large"),
    (82, {"HTTP_HOST": "evil.example"}, 400, "host"),
    (82, {"HTTP_HOST": "testserver\r\n"}, 400, "host"),
    (69, {"method": "POST", "body": b"{}", "content_type": "application/x-ndjson"}, 415, "unsupported-media-type"),
    (69, {"method": "POST", "body": b"a,b", "content_type": "text/csv"}, 415, "unsupported-media-type"),
    (83, {"method": "OPTIONS"}, 405, "method-not-allowed"),
    (83, {"method": "TRACE"}, 405, "method-not-allowed"),
    (83, {"method": "FOO"}, 405, "method-not-allowed"),
    (83, {"method": "CONNECT"}, 405, "method-not-allowed"),
]


@pytest.mark.parametrize(("row", "asked", "status", "slug"), REFUSED, ids=lambda value: str(value)[:40])
def test_a_guard_refuses_before_anything_is_parsed(
    below: Below, row: int, asked: dict[str, Any], status: int, slug: str
) -> None:
    response = _ask(below, **asked)
    shown = json.loads(response.content)
    assert (response.status_code, shown["type"]) == (status, f"/problems/{slug}")
    assert response["Content-Type"] == "application/problem+json"
    assert response["Cache-Control"] == "no-store"
    assert response["Trace-Id"] == shown["trace_id"]
    assert below.requests == []


PASSING: list[dict[str, Any]] = [
    {},
    {"method": "HEAD"},
    {"method": "DELETE"},
    {"method": "POST"},
    {"method": "POST", "body": b"{}"},
    {"method": "PATCH", "body": b"{}", "content_type": "application/json; charset=utf-8"},
    {"method": "POST", "body": b" " * KIB * KIB},
    {"method": "POST", "path": TOKEN_PATH, "body": b"a=1", "content_type": "application/x-www-form-urlencoded"},
    {"HTTP_ACCEPT": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"},
    {"path": f"{PATH}?search=%C3%A9&limit=5"},
]


@pytest.mark.parametrize("asked", PASSING, ids=lambda value: str(value)[:40])
def test_a_sound_request_comes_through(below: Below, asked: dict[str, Any]) -> None:
    response = _ask(below, **asked)
    assert response.status_code == 200
    assert len(below.requests) == 1


def test_the_body_can_be_read_again_below(below: Below) -> None:
    _ask(below, "POST", body=b'{"a": 1}')
    assert below.requests[0].body == b'{"a": 1}'
    assert below.requests[0].read() == b'{"a": 1}'


def test_a_body_without_a_length_is_asked_for_one(below: Below) -> None:
    response = _ask(below, "POST", body=b"{}", CONTENT_LENGTH="", HTTP_TRANSFER_ENCODING="chunked")
    assert response.status_code == 411
    assert below.requests == []


def test_a_truncated_body_is_refused(below: Below) -> None:
    response = _ask(below, "POST", body=b"{}", CONTENT_LENGTH="3", **{"wsgi.input": io.BytesIO(b"{}")})
    assert response.status_code == 400
    assert below.requests == []


def test_a_refused_method_is_told_the_allowed_ones(below: Below) -> None:
    assert _ask(below, "FOO", "/api/v1/nowhere/")["Allow"] == ", ".join(METHODS)
    assert _ask(below, "TRACE", "/api/v1/filings/")["Allow"] == "GET, HEAD, POST"
    assert _ask(below, "OPTIONS", TOKEN_PATH)["Allow"] == "POST"


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("path", ["/api/v1/filings", "/api/v1/filings/ECAR-2026-000123-7/submit", "/api/v1/checks"])
def test_an_address_without_its_last_slash_is_refused_naming_the_right_one(
    below: Below, method: str, path: str
) -> None:
    response = _ask(below, method, path)
    shown = json.loads(response.content)
    assert (response.status_code, shown["type"], below.requests) == (404, "/problems/not-found", [])
    assert f" {path}/, " in shown["remedy"]


def test_an_address_that_is_nowhere_goes_on_to_be_told_so_below(below: Below) -> None:
    _ask(below, path="/api/v1/nowhere")
    assert len(below.requests) == 1


@pytest.mark.parametrize(
    ("path", "types"),
    [
        ("/api/v1/filings/", "application/json"),
        ("/api/v1/duties/calendar.ics", "text/calendar"),
        ("/api/v1/filings/batch/", "application/json, text/csv"),
    ],
)
def test_who_accepts_nothing_that_is_offered_is_told_what_is(below: Below, path: str, types: str) -> None:
    shown = json.loads(_ask(below, path=path, HTTP_ACCEPT="image/png").content)
    assert (shown["type"], shown["types"]) == ("/problems/not-acceptable", types)
    assert types in shown["detail"]


def test_forwarding_and_override_headers_are_not_believed(below: Below) -> None:
    _ask(
        below,
        "POST",
        body=b"{}",
        HTTP_X_FORWARDED_HOST="evil.example",
        HTTP_X_FORWARDED_FOR="203.0.113.9",
        HTTP_X_HTTP_METHOD_OVERRIDE="DELETE",
        HTTP_FORWARDED="for=203.0.113.9",
    )
    (request,) = below.requests
    assert request.get_host() == "testserver"
    assert request.method == "POST"
    assert not [name for name in request.headers if name.startswith(("X-Forwarded", "Forwarded", "X-Http-Method"))]


TRACEPARENTS = [
    TRACEPARENT,
    TRACEPARENT.replace("00-", "01-", 1),
    TRACEPARENT.replace("00-", "cc-", 1) + "-what-a-later-version-adds",
]


@pytest.mark.parametrize("header", TRACEPARENTS)
def test_the_trace_of_a_well_formed_traceparent_is_taken_over(below: Below, header: str) -> None:
    response = _ask(below, HTTP_TRACEPARENT=header)
    assert response["Trace-Id"] == "0af76519-16cd-43dd-8448-eb211c80319c"
    assert below.requests[0].trace_id == response["Trace-Id"]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "header",
    [
        "",
        "garbage",
        TRACEPARENT.upper(),
        TRACEPARENT + "-more",
        TRACEPARENT.replace("00-", "ff-", 1),
        f"00-{'0' * 32}-b7ad6b7169203331-01",
        f"00-0af7651916cd43dd8448eb211c80319c-{'0' * 16}-01",
        TRACEPARENT + "\n",
    ],
)
def test_any_other_traceparent_gives_a_new_trace(below: Below, header: str) -> None:
    first, second = (_ask(below, HTTP_TRACEPARENT=header)["Trace-Id"] for _ in range(2))
    assert first != second
    assert str(uuid.UUID(first)) == first
    assert first != "0af76519-16cd-43dd-8448-eb211c80319c"


def test_an_answer_to_somebody_is_never_stored(below: Below) -> None:
    below.response["Cache-Control"] = "public, max-age=60"
    assert _ask(below)["Cache-Control"] == "public, max-age=60"
    assert _ask(below, HTTP_AUTHORIZATION="Bearer x")["Cache-Control"] == "no-store"


def test_an_answer_is_not_stored_unless_it_says_so(below: Below) -> None:
    assert _ask(below)["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("status", "slug"), [(400, "bad-request"), (404, "not-found"), (405, "method-not-allowed"), (500, "internal")]
)
def test_an_error_page_of_another_layer_becomes_a_problem_document(below: Below, status: int, slug: str) -> None:
    below.response = HttpResponse("<h1>Secret</h1>", status=status, headers={"Allow": "GET"})
    response = _ask(below)
    assert response.status_code == status
    assert json.loads(response.content)["type"] == f"/problems/{slug}"
    assert response["Allow"] == "GET"
    assert b"Secret" not in response.content


def test_an_answer_in_json_is_left_as_it_is(below: Below) -> None:
    below.response = HttpResponse(b'{"error": "invalid_client"}', status=401, content_type="application/json")
    assert _ask(below).content == b'{"error": "invalid_client"}'


def test_pages_outside_the_api_are_not_guarded_but_traced(below: Below) -> None:
    response = _ask(below, path="/en/?q=%ff", HTTP_ACCEPT="garbage", HTTP_TRACEPARENT=TRACEPARENT)
    assert response.status_code == 200
    assert response["Trace-Id"] == "0af76519-16cd-43dd-8448-eb211c80319c"
    assert "Cache-Control" not in response


def test_an_unknown_host_outside_the_api_is_refused_plainly(below: Below) -> None:
    response = _ask(below, path="/en/", HTTP_HOST="evil.example")
    assert response.status_code == 400
    assert response["Content-Type"].startswith("text/plain")
    assert b"evil" not in response.content
    assert below.requests == []
