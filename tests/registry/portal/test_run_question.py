"""«Must my run be filed?» on the public page: the four answers, the day, the way, and what is no number."""

import html

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client

from tests.registry.portal.test_pages import assert_sound

pytestmark = pytest.mark.django_db
PAGE = "/en/requirements/"
RUN = {"accelerator": "nvidia-h100-sxm5-80gb", "count": "4096", "days": "60", "utilisation": "40"}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, "Not by this estimate, but close"),
        ({"utilisation": "50"}, "Yes, it must be filed"),
        ({"utilisation": "47,7"}, "Yes, it must be filed"),
        ({"utilisation": "47.5"}, "Not by this estimate, but close"),
        ({"count": "512"}, "No notification for systemic risk"),
        ({"count": "8", "days": "3"}, "below every threshold"),
    ],
)
def test_a_stranger_learns_whether_a_run_must_be_filed(client: Client, changes: dict[str, str], told: str) -> None:
    page = client.get(PAGE, {**RUN, **changes}).content.decode()
    assert_sound(page)
    assert told in page


def test_a_stranger_learns_by_when_and_how(client: Client) -> None:
    call_command("load_reference", verbosity=0)
    with time_machine.travel("2026-11-23T10:00:00Z"):
        page = html.unescape(client.get(PAGE, RUN).content.decode())
    assert "8.4 × 10²⁴ FLOP" in page
    assert "above a utilisation of 47.6 %" in page
    assert "If you know today, 23 November 2026, that it will be passed, the last day is 7 December 2026." in page
    assert "/en/register/" in page
    assert "/en/api/" in page


@pytest.mark.parametrize(
    "changes", [{"count": "x"}, {"count": "0"}, {"days": "9" * 40}, {"utilisation": "101"}, {"accelerator": "abacus"}]
)
def test_what_is_no_run_is_said_at_its_field(client: Client, changes: dict[str, str]) -> None:
    page = client.get(PAGE, {**RUN, **changes}).content.decode()
    assert_sound(page)
    assert f'id="run-{next(iter(changes))}-error"' in page
    assert "calculator-h" not in page


@pytest.mark.parametrize("language", ["en", "fr", "de"])
def test_the_page_stands_without_a_question_in_every_language(client: Client, language: str) -> None:
    page = client.get(PAGE.replace("/en/", f"/{language}/")).content.decode()
    assert_sound(page, language=language)
    assert "calculator-h" not in page
