"""The rule on versions says what is true of the interface as it stands."""

import re
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

import pytest
from django.test import Client

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
