"""The rule on versions says what is true of the interface as it stands."""

import re
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

import pytest
from django.test import Client

from api import deprecation
from api.operations import OPERATIONS
from api.schema import openapi
from tests.house.sources import ROOT

GUIDE = (ROOT / "docs/api/versions.md").read_text(encoding="utf-8")


def test_every_address_has_the_version_of_the_guide() -> None:
    assert {path.split("/")[2] for path in openapi()["paths"]} == {"v1"}


def test_nothing_is_deprecated_without_the_guide_saying_so() -> None:
    operations = [operation for path in openapi()["paths"].values() for operation in path.values()]
    is_any = any(isinstance(each, dict) and each.get("deprecated") for each in operations)
    assert is_any is ("Nothing is deprecated at present" not in GUIDE)


@pytest.mark.django_db
def test_an_answer_of_what_is_not_deprecated_says_nothing_of_it() -> None:
    answer = Client().get("/api/v1/openapi.json")
    assert not {"Deprecation", "Sunset"} & set(answer.headers)


def test_the_headers_of_the_guide_are_of_their_form() -> None:
    (deprecated,) = re.findall(r"`Deprecation: @(\d+)`", GUIDE)
    (ends,) = re.findall(r"`Sunset: ([^`]+)`", GUIDE)
    end = parsedate_to_datetime(ends)
    assert format_datetime(end, usegmt=True) == ends
    assert (end - datetime.fromtimestamp(int(deprecated), UTC)).days >= 365


ROWS = [
    {
        "route": "openapi",
        "method": "GET",
        "since": datetime(2027, 12, 1, tzinfo=UTC),
        "sunset": datetime(2029, 12, 1, tzinfo=UTC),
        "notice": "/en/api/#moved",
    }
]


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["get", "head"])
def test_an_answer_of_what_is_deprecated_says_since_when_and_until_when(
    method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deprecation, "deprecated", lambda: deprecation.by_route(ROWS))
    answer = getattr(Client(), method)("/api/v1/openapi.json")
    told = {name: answer.headers[name] for name in ("Deprecation", "Sunset", "Link")}
    assert told == {
        "Deprecation": "@1827619200",
        "Sunset": "Sat, 01 Dec 2029 00:00:00 GMT",
        "Link": '</en/api/#moved>; rel="deprecation"',
    }


def test_the_document_marks_what_is_deprecated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deprecation, "deprecated", lambda: deprecation.by_route(ROWS))
    marked = openapi.__wrapped__()["paths"]
    assert [path for path, row in marked.items() if row.get("get", {}).get("deprecated")] == ["/api/v1/openapi.json"]


def test_the_end_is_not_told_before_it_is_set() -> None:
    (row,) = deprecation.by_route([{**ROWS[0], "sunset": None}]).values()
    assert set(row.headers()) == {"Deprecation", "Link"}


def test_an_end_that_comes_too_soon_is_refused() -> None:
    with pytest.raises(ValueError, match="sooner than 365 days"):
        deprecation.by_route([{**ROWS[0], "sunset": datetime(2028, 11, 29, tzinfo=UTC)}])


def test_every_row_names_an_operation_that_there_is() -> None:
    assert set(deprecation.deprecated()) <= set(OPERATIONS)
