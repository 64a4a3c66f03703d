"""What a change of a threshold or of the checks would change, as an authority is shown it."""

import csv
import re

import pytest
from django.urls import reverse

from registry.acting import Actor
from registry.filings.models import Filing
from registry.languages import SPOKEN
from tests.registry.portal.conftest import File, SignIn
from tests.registry.portal.test_pages import assert_sound, body, in_language


def preview(**query: str) -> str:
    """The address of a preview."""
    return reverse("preview") + "?" + "&".join(f"{name}={value}" for name, value in query.items())


@pytest.mark.parametrize("language", SPOKEN)
@pytest.mark.parametrize(
    "query", [{}, {"what": "thresholds", "threshold": "systemic-risk", "value": "9e27"}, {"what": "checks"}]
)
def test_the_preview_is_sound(sign_in: SignIn, alice: Actor, file: File, query: dict[str, str], language: str) -> None:
    file(alice)
    html = body(sign_in("officer", "FR"), in_language(preview(**query), language))
    assert_sound(html, language=language)


def test_a_higher_limit_is_no_longer_crossed_by_those_in_reach_and_nothing_is_stored(
    sign_in: SignIn, alice: Actor, charlie: Actor, file: File
) -> None:
    mine = file(alice)
    theirs = file(charlie, filer__legal_name="Cantabria IA", filer__seat_country="ES")
    before = list(Filing.objects.order_by("id").values_list("id", "revision", "changed_at"))
    query = {"what": "thresholds", "threshold": "systemic-risk", "operator": "gt", "value": "9e29"}
    seen = {
        who: body(sign_in(role, place), preview(**query))
        for who, role, place in (
            ("olga", "officer", "FR"),
            ("nora", "ai_office_officer", "EU"),
        )
    }
    assert mine in seen["olga"]
    assert theirs not in seen["olga"]
    assert {mine, theirs} <= set(re.findall(r"ECAR-\d+-\d+-\d", seen["nora"]))
    assert "would no longer" in seen["olga"]
    assert "France" in seen["nora"]
    assert "Spain" in seen["nora"]
    assert before == list(Filing.objects.order_by("id").values_list("id", "revision", "changed_at"))


def test_the_same_limit_changes_nothing(sign_in: SignIn, alice: Actor, file: File) -> None:
    file(alice)
    query = {"what": "thresholds", "threshold": "systemic-risk", "operator": "gt", "value": "1e25"}
    assert "Nothing would change" in body(sign_in("officer", "FR"), preview(**query))


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ({"threshold": "nothing", "value": "1e25"}, "Choose a threshold from the list."),
        ({"threshold": "systemic-risk", "value": "much"}, "Write the limit as a number"),
        ({"threshold": "systemic-risk", "value": "NaN"}, "Write the limit as a number"),
        ({"threshold": "systemic-risk", "value": "1e999999"}, "Write the limit as a number"),
        ({"threshold": "systemic-risk", "value": "1e25", "operator": "lt"}, "Choose on which side"),
    ],
)
def test_a_change_that_cannot_be_read_is_told(sign_in: SignIn, query: dict[str, str], told: str) -> None:
    browser = sign_in("officer", "FR")
    assert told in body(browser, preview(what="thresholds", **query))
    answer = browser.get(preview(what="thresholds", **query).replace("/preview/", "/preview.csv"))
    assert answer.status_code == 400


def test_the_checks_are_previewed_as_of_a_day(sign_in: SignIn, alice: Actor, file: File) -> None:
    reference, browser = file(alice), sign_in("officer", "FR")
    assert reference in body(browser, preview(what="checks", on="2031-01-01"))
    assert "Choose a day." in body(browser, preview(what="checks", on="never"))


def test_the_preview_as_csv_has_a_line_for_each_change(sign_in: SignIn, alice: Actor, file: File) -> None:
    reference = file(alice)
    query = {"what": "thresholds", "threshold": "systemic-risk", "operator": "gt", "value": "9e29"}
    address = preview(**query).replace("/preview/", "/preview.csv")
    lines = b"".join(sign_in("officer", "FR").get(address).streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    head, first, *_ = csv.reader(lines)
    assert head[:3] == ["reference", "provider", "territory"]
    assert first[:3] == [reference, "Aurelia Research", "FR"]
    assert "leaves" in first
