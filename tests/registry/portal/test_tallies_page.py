"""The analyst's page: counts by rule, state and month, and nobody named."""

import pytest
from django.urls import reverse

from registry import case_tasks
from registry.organisations.models import Organisation
from tests.registry.oversight.cases import finding
from tests.registry.portal.conftest import SignIn
from tests.registry.portal.test_pages import assert_sound, body, in_language

pytestmark = pytest.mark.django_db


@pytest.fixture
def counted(aurelia: Organisation) -> Organisation:
    for number in range(4):
        finding(aurelia, group_key=f"lei:{number}")
    finding(aurelia, rule="R-22", severity="stop")
    case_tasks.open_cases()
    case_tasks.count_tallies()
    return aurelia


@pytest.mark.parametrize("language", ["en", "fr", "de"])
def test_the_page_counts_and_names_nobody(sign_in: SignIn, counted: Organisation, language: str) -> None:
    shown = body(sign_in("analyst", "FR"), in_language(reverse("tallies"), language))
    assert_sound(shown, language=language)
    assert '<div class="num">4</div>' in shown
    assert "R-22" in shown
    assert "Sud Calcul" not in shown
    assert counted.legal_name not in shown


def test_each_kind_is_drawn_by_month_and_leads_nowhere(sign_in: SignIn, counted: Organisation) -> None:
    shown = body(sign_in("analyst", "FR"), reverse("tallies"))
    main = shown.partition('id="finding-months-h"')[2].partition("</section>")[0]
    assert 'role="img"' in main
    assert "4 + c" in main  # and one that is withheld
    assert "part--hidden" in main
    assert "href" not in main.replace("/static/", "").partition("<svg")[2].partition("</svg>")[0]
    assert "/oversight/filings" not in main


def test_a_count_about_one_group_is_withheld_on_page_and_in_file(sign_in: SignIn, counted: Organisation) -> None:
    analyst = sign_in("analyst", "EU")
    assert '<div class="num">c</div>' in body(analyst, reverse("tallies"))
    lines = b"".join(analyst.get(reverse("tallies-csv")).streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert lines[0] == '"kind","code","territory","month","count"'
    assert '"finding","R-15","EU","2026-11","4"' in lines
    assert '"finding","R-22","EU","2026-11",""' in lines


def test_an_analyst_lands_there_after_signing_in(sign_in: SignIn, db: None) -> None:
    assert sign_in("analyst", "FR").get(reverse("portal-start"))["Location"] == reverse("tallies")


def test_an_officer_has_lists_instead(sign_in: SignIn, db: None) -> None:
    assert sign_in("officer", "FR").get(reverse("tallies")).status_code in {403, 404}
