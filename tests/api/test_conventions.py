"""Rows of the bad-input table that need more than one request: scopes, strangers, repeated keys, revisions, caches."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
import time_machine
from django.conf import settings

from api import endpoint
from api.reading import read_json
from registry.filings.models import Filing
from registry.ledger import receipts
from registry.organisations.models import Organisation
from tests import documents
from tests.api.bad_input.case import FILINGS
from tests.api.bad_input.sending import ask, token_of

FILING = json.dumps({"document": documents.planned_run()}).encode()
DRAFT = json.dumps({"document": documents.planned_run(), "state": "draft"}).encode()
OTHER = json.dumps({"document": documents.planned_run(model__version="3.1"), "state": "draft"}).encode()


@pytest.fixture(autouse=True)
def _still(db: None, noon: datetime) -> Iterator[None]:
    """The moment of the tests, so that no token ends and no day passes."""
    receipts.ensure_key(settings.RECEIPT_KEY_FILE)
    with time_machine.travel(noon):
        yield


@pytest.fixture
def token(aurelia: Organisation, noon: datetime) -> str:
    """A token of Aurelia's client with both scopes."""
    return token_of(aurelia, at=noon)


def _headers(token: str, **more: str) -> dict[str, str]:
    named = {name.replace("_", "-"): value for name, value in more.items()}
    return {"Host": "testserver", "Authorization": f"Bearer {token}", **named}


def _post(token: str, content: bytes, key: str, path: str = FILINGS) -> Any:
    return ask("POST", path, content=content, headers=_headers(token, Idempotency_Key=key))


def _problem(response: Any) -> tuple[int, str]:
    assert response["Content-Type"] == "application/problem+json", response.content
    return response.status_code, response.json()["type"].removeprefix("/problems/")


@pytest.mark.parametrize("scope", ["filings:read", ""])
def test_a_token_without_the_scope_may_not_write(aurelia: Organisation, noon: datetime, scope: str) -> None:
    response = _post(token_of(aurelia, at=noon, scope=scope), FILING, "k")
    assert _problem(response) == (403, "insufficient-scope")
    assert 'error="insufficient_scope"' in response["WWW-Authenticate"]


def test_an_expired_token_is_no_token(aurelia: Organisation, noon: datetime, token: str) -> None:
    with time_machine.travel(noon.replace(hour=13)):
        response = ask("GET", FILINGS, headers=_headers(token))
    assert _problem(response) == (401, "unauthorized")
    assert response["WWW-Authenticate"].startswith("Bearer")


FOREIGN = [
    ("GET", ""),
    ("GET", "versions/"),
    ("GET", "versions/1/"),
    ("GET", "versions/1/receipt/"),
    ("PUT", "draft/"),
    ("POST", "submit/"),
    ("POST", "withdraw/"),
    ("POST", "versions/"),
]
BODIES = {
    "draft/": {"document": documents.planned_run()},
    "submit/": {},
    "withdraw/": {"reason": "Not ours."},
    "versions/": {"kind": "update", "document": documents.planned_run()},
}


@pytest.mark.parametrize(("method", "below"), FOREIGN)
def test_a_strangers_filing_answers_as_if_it_were_not_there(
    token: str, cantabria: Organisation, noon: datetime, method: str, below: str
) -> None:
    reference = _post(token, FILING, "k").json()["reference"]
    unused = reference.replace("ECAR-2026-000", "ECAR-2026-999")
    stranger = token_of(cantabria, at=noon)
    content = json.dumps(BODIES[below]).encode() if method != "GET" else b""
    shown = []
    for each in (reference, unused):
        headers = _headers(stranger, Idempotency_Key=f"k{each}", If_Match='"1"')
        response = ask(method, f"{FILINGS}{each}/{below}", content=content, headers=headers)
        assert _problem(response) == (404, "not-found")
        traces = {"trace_id": "", "instance": ""}
        shown.append(({**response.json(), **traces}, sorted(set(response.headers) - {"Trace-Id"})))
    assert shown[0] == shown[1]


def test_a_key_used_for_another_body_is_refused(token: str) -> None:
    assert _post(token, DRAFT, "same").status_code == 201
    assert _problem(_post(token, OTHER, "same")) == (422, "idempotency-key-reused")
    assert Filing.objects.count() == 1


def _turned(value: Any) -> Any:
    """The same value with the members of every object the other way round."""
    if isinstance(value, dict):
        return {name: _turned(value[name]) for name in reversed(value)}
    return [_turned(each) for each in value] if isinstance(value, list) else value


WRITTEN = json.loads(DRAFT)
SAME = {
    "other order of members": json.dumps(_turned(WRITTEN)).encode(),
    "white space": json.dumps(WRITTEN, indent=4).encode(),
    "no white space": json.dumps(WRITTEN, separators=(",", ":")).encode(),
    "escapes": DRAFT.replace(b"draft", rb"\u0064raft"),
}
DIFFERENT = {
    "a value": OTHER,
    "a member more": json.dumps({**WRITTEN, "client_reference": "x"}).encode(),
    "a member less": json.dumps({"document": WRITTEN["document"]}).encode(),
    "null for nothing": json.dumps({**WRITTEN, "client_reference": None}).encode(),
}


@pytest.mark.parametrize("name", SAME)
def test_the_same_content_written_otherwise_is_the_same_request(token: str, name: str) -> None:
    assert SAME[name] != DRAFT
    first, second = _post(token, DRAFT, "same"), _post(token, SAME[name], "same")
    assert (first.status_code, first.content) == (second.status_code, second.content)
    assert second["Idempotent-Replayed"] == "true"


@pytest.mark.parametrize("name", DIFFERENT)
def test_other_content_is_another_request(token: str, name: str) -> None:
    assert _post(token, DRAFT, "same").status_code == 201
    assert _problem(_post(token, DIFFERENT[name], "same")) == (422, "idempotency-key-reused")
    assert Filing.objects.count() == 1


NUMBERS = [
    (b"1", b"1.0", True),
    (b"100", b"1e2", True),
    (b"0.5", b"5E-1", True),
    (b"0", b"-0.0", True),
    (b"9.9e308", b"99e307", True),
    (b"9" * 308 + b"e1", b"9" * 308 + b"0.0", True),
    (b"1", b"2", False),
    (b"1", b'"1"', False),
    (b"0.5", b"0.25", False),
    (b"[1, 2]", b"[2, 1]", False),
    (b"9007199254740993", b"9007199254740992", False),
]


@pytest.mark.parametrize(("one", "other", "is_same"), NUMBERS)
def test_numbers_are_the_same_by_value(one: bytes, other: bytes, is_same: bool) -> None:
    made = [endpoint.fingerprint(method="POST", path=FILINGS, content=read_json(each)) for each in (one, other)]
    assert (made[0] == made[1]) is is_same


def test_another_path_or_method_is_another_request() -> None:
    asked = [("POST", FILINGS), ("PUT", FILINGS), ("POST", f"{FILINGS}batch/")]
    made = {endpoint.fingerprint(method=method, path=path, content={}) for method, path in asked}
    assert len(made) == len(asked)


def test_a_dry_run_under_a_used_key_tells_what_the_key_answers(token: str) -> None:
    first = _post(token, DRAFT, "same")
    tried = _post(token, DRAFT, "same", path=f"{FILINGS}?dry_run=true")
    assert (tried.json(), tried["Idempotent-Replayed"], tried["Dry-Run"]) == (first.json(), "true", "true")
    assert _problem(_post(token, OTHER, "same", path=f"{FILINGS}?dry_run=true")) == (422, "idempotency-key-reused")
    assert Filing.objects.count() == 1


def test_a_key_tried_is_not_used(token: str) -> None:
    assert _post(token, OTHER, "same", path=f"{FILINGS}?dry_run=true").status_code == 201
    assert _post(token, DRAFT, "same").status_code == 201


def test_a_repeated_request_gets_the_first_answer(token: str) -> None:
    first, second = _post(token, DRAFT, "same"), _post(token, DRAFT, "same")
    assert (first.status_code, first.content) == (second.status_code, second.content)
    assert second["Idempotent-Replayed"] == "true"
    assert Filing.objects.count() == 1


def test_the_same_key_of_another_organisation_is_another_key(
    token: str, cantabria: Organisation, noon: datetime
) -> None:
    other = token_of(cantabria, at=noon)
    assert _post(token, DRAFT, "same").status_code == 201
    assert _post(other, DRAFT, "same").status_code == 201
    assert Filing.objects.count() == 2


REVISIONS = [
    (None, 428, "precondition-required"),
    ("", 428, "precondition-required"),
    ("*", 428, "precondition-required"),
    ('"7"', 412, "precondition-failed"),
    ('"\u0661"', 412, "precondition-failed"),
    ('"' + "9" * 400 + '"', 412, "precondition-failed"),
    ('W/"1"', 412, "precondition-failed"),
    ("1", 400, "precondition-invalid"),
    ("abc def", 400, "precondition-invalid"),
    ('"1", "2"', 400, "precondition-invalid"),
]


@pytest.mark.parametrize(("value", "status", "slug"), REVISIONS)
def test_a_change_needs_the_revision_that_was_read(token: str, value: str | None, status: int, slug: str) -> None:
    path = f"{FILINGS}{_post(token, DRAFT, 'k').json()['reference']}/draft/"
    headers = _headers(token) if value is None else _headers(token, If_Match=value)
    content = json.dumps({"document": documents.planned_run()}).encode()
    assert _problem(ask("PUT", path, content=content, headers=headers)) == (status, slug)


def test_the_revision_that_was_read_may_be_changed_once(token: str) -> None:
    made = _post(token, DRAFT, "k")
    path = f"{FILINGS}{made.json()['reference']}/draft/"
    content = json.dumps({"document": documents.planned_run(model__version="3.1")}).encode()
    first = ask("PUT", path, content=content, headers=_headers(token, If_Match=made["ETag"]))
    assert first.status_code == 200
    assert first["ETag"] != made["ETag"]
    again = ask("PUT", path, content=content, headers=_headers(token, If_Match=made["ETag"]))
    assert _problem(again) == (412, "precondition-failed")


def test_what_one_caller_was_shown_no_cache_gives_to_another(token: str) -> None:
    path = f"{FILINGS}{_post(token, DRAFT, 'k').json()['reference']}/"
    shown = ask("GET", path, headers=_headers(token))
    assert shown.status_code == 200
    assert shown["Cache-Control"] == "no-store"
    assert _problem(ask("GET", path, headers={"Host": "testserver"})) == (401, "unauthorized")


def test_an_undeclared_method_is_told_the_declared_ones(token: str) -> None:
    response = ask("DELETE", FILINGS, headers=_headers(token))
    assert _problem(response) == (405, "method-not-allowed")
    assert response["Allow"] == "GET, HEAD, POST"


REFUSED_QUERIES = [
    (f"{FILINGS}?changed_since=2026-11-23", "changed_since"),
    (f"{FILINGS}?changed_since=yesterday", "changed_since"),
    (f"{FILINGS}?band=zzz", "band"),
    ("/api/v1/duties/?filing=nope", "filing"),
    ("/api/v1/duties/?filing=ECAR-2026-000123-0", "filing"),
]


@pytest.mark.parametrize(("path", "name"), REFUSED_QUERIES)
def test_a_filter_that_is_not_of_its_kind_is_refused_by_its_name(token: str, path: str, name: str) -> None:
    response = ask("GET", path, headers=_headers(token))
    assert (_problem(response), response.json()["parameter"]) == ((400, "invalid-parameter"), name)


def test_a_write_reads_no_filter_of_the_list(token: str) -> None:
    response = _post(token, DRAFT, "k", path=f"{FILINGS}?limit=5")
    assert (_problem(response), response.json()["parameter"]) == ((400, "invalid-parameter"), "limit")


def test_a_lost_slash_is_no_redirect(token: str) -> None:
    response = _post(token, DRAFT, "k", path=FILINGS.rstrip("/"))
    assert _problem(response) == (404, "not-found")
    assert "Location" not in response


def test_a_repetition_is_in_the_language_of_the_first_answer(token: str) -> None:
    headers = [_headers(token, Idempotency_Key="same", Accept_Language=each) for each in ("de", "fr")]
    first, second = [ask("POST", FILINGS, content=DRAFT, headers=each) for each in headers]
    assert (first["Content-Language"], second["Content-Language"]) == ("de", "de")
    assert first.content == second.content


def test_head_answers_like_get_without_its_body(token: str) -> None:
    response = ask("HEAD", FILINGS, headers=_headers(token))
    assert response.status_code == 200
