"""The 188 broken JSON files, sent to every address of the REST edge that takes a body: always a problem document."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.urls import URLPattern, get_resolver, reverse

from api.problems import CATALOGUE
from registry.accounts.client_assertion import TOKEN_PATH
from registry.dispatch.models import Reply, Webhook
from registry.filings.models import Filing
from registry.organisations.models import Organisation
from tests.api.bad_input.sending import ask, token_of
from tests.api.described import operation_of, operations
from tests.api.generated import ALL_SCOPES

CORPUS = Path(settings.ROOT).parent / "shared" / "data" / "badinput" / "jsontestsuite" / "test_parsing"
FILES = sorted(CORPUS.glob("n_*.json"))
WRITES = ("POST", "PUT", "PATCH", "DELETE")
FORM = "application/x-www-form-urlencoded"
UNREADABLE = {"malformed-json", "encoding", "too-deep", "too-many-values", "duplicate-member"}
SAMPLES = {
    "reference": "ECAR-2026-000123-7",
    "own_duty_code": "ownership_change",
    "mismatch": "MISMATCH-000000000000",
    "facility": "ECAF-2026-000012-1",
    "cluster": "7b0d9a52-0000-4000-8000-000000000002",
    "installation": "7b0d9a52-0000-4000-8000-000000000003",
    "mandate": "7b0d9a52-0000-4000-8000-000000000004",
    "monthly_return": "ECAM-2026-000012-1",
    "line_id": "L-0000001",
    "secret": "A" * 43,
    "year": 2025,
    "number": 1,
    "duty_code": "run_notification",
    "webhook": "7b0d9a52-0000-4000-8000-000000000000",
    "delivery": "7b0d9a52-0000-4000-8000-000000000001",
    "client": "aurelia-filing",
    "version": "1.0",
    "release": "2026-Q3",
    "table": "runs",
}
LINES_PATH = reverse("returns-records", kwargs={"monthly_return": SAMPLES["monthly_return"]})
TAKES_NO_JSON = {TOKEN_PATH, LINES_PATH}
pytestmark = pytest.mark.shared


def _writes() -> list[tuple[str, str]]:
    """Method and path of everything in the map that writes."""
    found = []
    for route in get_resolver("api.urls").url_patterns:
        assert isinstance(route, URLPattern)
        view = getattr(route.callback, "cls", None) or route.callback.view_class
        # A name that is missing from SAMPLES fails here: a new kind of address cannot be left out.
        names = {name: SAMPLES[name] for name in route.pattern.converters}
        declared = getattr(view, "permissions", {"POST": None})
        found += [(method, reverse(str(route.name), kwargs=names)) for method in declared if method in WRITES]
    return found


@pytest.fixture
def corpus() -> list[tuple[str, bytes]]:
    """Every file by its name."""
    if not FILES:
        pytest.skip("the shared data is not here")
    assert len(FILES) == 188
    return [(path.name, path.read_bytes()) for path in FILES]


@pytest.fixture
def headers(aurelia: Organisation, noon: datetime) -> dict[str, str]:
    """What a client with every scope sends beside the body."""
    token = token_of(aurelia, at=noon, scope=ALL_SCOPES)
    return {"Host": "testserver", "Authorization": f"Bearer {token}", "Idempotency-Key": "k", "If-Match": '"1"'}


def _require_problem(answer: Any, name: str, slugs: set[str]) -> None:
    assert answer.status_code < 500, name
    assert answer["Content-Type"] == "application/problem+json", name
    shown = answer.json()
    slug = shown["type"].removeprefix("/problems/")
    assert slug in slugs, (name, slug)
    assert answer.status_code == shown["status"] == CATALOGUE[slug].status, name
    assert shown["trace_id"] == answer["Trace-Id"], name


@pytest.mark.parametrize(("method", "path"), _writes(), ids=lambda part: str(part))
def test_a_broken_body_is_a_problem(
    method: str, path: str, corpus: list[tuple[str, bytes]], headers: dict[str, str], noon: datetime
) -> None:
    slugs = {"unsupported-media-type"} if path in TAKES_NO_JSON else UNREADABLE
    if method == "DELETE":
        slugs = {"not-found"}  # it has no body, so nothing reads one
    with time_machine.travel(noon):
        for name, body in corpus:
            # Nothing at all is of no media type, so it is said to be no JSON.
            possible = slugs if body or path == TOKEN_PATH else slugs | {"malformed-json"}
            _require_problem(ask(method, path, content=body, headers=headers), name, possible)
    assert not Filing.objects.exists()
    assert not Webhook.objects.exists()
    assert not Reply.objects.exists()


@pytest.mark.django_db
def test_a_broken_body_is_no_form(corpus: list[tuple[str, bytes]]) -> None:
    for name, body in corpus:
        answer = ask("POST", TOKEN_PATH, content=body, content_type=FORM, headers={"Host": "testserver"})
        assert answer.status_code in {400, 401, 413}, name
        kind = "application/problem+json" if answer.status_code == 413 else "application/json"
        assert answer["Content-Type"] == kind, name


def test_broken_lines_make_no_return(corpus: list[tuple[str, bytes]], headers: dict[str, str], noon: datetime) -> None:
    with time_machine.travel(noon):
        for name, body in corpus:
            answer = ask("POST", LINES_PATH, content=body, content_type="application/x-ndjson", headers=headers)
            # Lines are read when the return is found, and this one does not exist; no body is refused before.
            _require_problem(answer, name, {"not-found", "bad-request"} if not body else {"not-found"})


def test_every_operation_of_the_document_that_writes_is_sent_them() -> None:
    sent = {operation_of(method, path)["operationId"] for method, path in _writes()}
    described = {name for name, (method, _, row) in operations().items() if method in WRITES or "requestBody" in row}
    assert sent == described
    assert {"filings_file", "filings_batch", "webhooks_make", "token"} <= sent
