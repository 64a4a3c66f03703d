"""Duties of the organisation itself as people get them: the list, the page, the forms, the authority's decision."""

from html import escape

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from registry import tasks
from registry.acting import Actor, acting_as
from registry.filings import duties, ownership_statements
from registry.filings.models import Decision, Duty, Plea
from registry.languages import SPOKEN
from registry.organisations.models import Organisation
from tests.conftest import NOON
from tests.registry.portal.conftest import SignIn, forget_purpose
from tests.registry.portal.test_pages import assert_sound, body, in_language
from tests.statements import holding, statement

pytestmark = pytest.mark.django_db


@pytest.fixture
def late(alice: Actor) -> Duty:
    """A change of owners of 1 October that was stated on 20 November."""
    sold = [
        holding("up", "filer", "70", since_on="2026-10-01"),
        holding("ada", "filer", "30"),
        holding("ada", "up", "80"),
    ]
    with acting_as(alice):
        ownership_statements.state(content=statement(), revision=0, by=alice, at=NOON)
        ownership_statements.state(content=statement(holdings=sold), revision=1, by=alice, at=NOON)
    return Duty.objects.get(code="ownership_change")


def excuse(browser: Client, duty: Duty) -> Plea:
    browser.post(reverse("workspace-own-duties-excuse", args=[duty.pk]), {"reason": "The seller was silent."})
    return Plea.objects.get()


@pytest.mark.parametrize("language", SPOKEN)
def test_the_list_and_the_page_of_a_duty_are_sound(
    sign_in: SignIn, aurelia: Organisation, late: Duty, language: str
) -> None:
    browser = sign_in("provider_submitter", aurelia)
    one = reverse("workspace-own-duties-one", args=[late.pk])
    listed = body(browser, in_language(reverse("workspace-duties"), language) + "?view=late")
    assert one.replace("/en/", f"/{language}/") in listed
    html = body(browser, in_language(one, language))
    for page in (listed, html):
        assert_sound(page, language=language)
    told = {"en": "The organisation itself", "fr": "L’organisation elle-même", "de": "Die Organisation selbst"}
    assert told[language] in html
    owners = body(browser, in_language(reverse("workspace-ownership"), language))
    assert one.replace("/en/", f"/{language}/") in owners
    cited = escape(duties.basis_text("ownership_change", language))
    assert all(cited in page for page in (listed, html))


def test_it_is_excused_by_the_form_and_the_decision_stands_on_both_sides(
    sign_in: SignIn, aurelia: Organisation, late: Duty
) -> None:
    provider, officer = sign_in("provider_submitter", aurelia), sign_in("officer", "FR")
    plea = excuse(provider, late)
    place = [aurelia.id, plea.id]
    listed = body(officer, reverse("pleas"))
    assert_sound(listed)
    assert reverse("oversight-own-pleas-one", args=place) in listed
    html = body(officer, reverse("oversight-own-pleas-one", args=place))
    assert_sound(html)
    assert "The seller was silent." in html
    assert "Aurelia Research" in html
    decide = reverse("oversight-own-pleas-decide", args=place)
    assert officer.post(decide, {"verdict": "grant", "reason": "Shown."}).status_code == 302
    assert Decision.objects.get().filing_id is None
    after = body(provider, reverse("workspace-own-duties-one", args=[late.pk]))
    assert "Late, excused" in after
    assert "Shown." in after


def test_more_time_is_asked_for_by_the_form(sign_in: SignIn, aurelia: Organisation) -> None:
    with time_machine.travel(NOON, tick=False):
        tasks.watch_duties()
    duty = Duty.objects.get(code="ownership_first_statement")
    browser = sign_in("provider_submitter", aurelia)
    where = reverse("workspace-own-duties-extension", args=[duty.pk])
    browser.post(where, {"until": "", "reason": "A court."})
    assert not Plea.objects.exists()
    browser.post(where, {"until": "2027-09-30", "reason": "A court."})
    assert Plea.objects.get().kind == "extension"
    html = body(browser, reverse("workspace-own-duties-one", args=[duty.pk]))
    assert "Decision awaited" in html
    assert "Ask for more time" not in html


def test_a_stranger_a_reader_and_another_authority_have_no_part_in_it(
    sign_in: SignIn, aurelia: Organisation, cantabria: Organisation, late: Duty
) -> None:
    plea = excuse(sign_in("provider_submitter", aurelia), late)
    one, ask = (reverse(f"workspace-own-duties-{verb}", args=[late.pk]) for verb in ("one", "extension"))
    stranger, reader = sign_in("provider_submitter", cantabria), sign_in("provider_reader", aurelia)
    assert stranger.get(one).status_code == stranger.post(ask, {}).status_code == 404
    assert (reader.get(one).status_code, reader.post(ask, {}).status_code) == (200, 403)
    assert "Ask for more time" not in body(reader, one)
    other = sign_in("officer", "ES")
    for place in ([aurelia.id, plea.id], [cantabria.id, plea.id]):
        assert other.get(reverse("oversight-own-pleas-one", args=place)).status_code == 404
        answer = other.post(reverse("oversight-own-pleas-decide", args=place), {"verdict": "grant", "reason": "x"})
        assert answer.status_code == 404
    wrong = sign_in("officer", "FR").get(reverse("oversight-own-pleas-one", args=[cantabria.id, plea.id]))
    assert wrong.status_code == 404
    assert not Decision.objects.exists()


def test_the_ai_office_reads_and_leaves_the_decision_to_the_member_state(
    sign_in: SignIn, aurelia: Organisation, late: Duty
) -> None:
    plea = excuse(sign_in("provider_submitter", aurelia), late)
    nora, place = sign_in("ai_office_officer", "EU"), [aurelia.id, plea.id]
    html = body(nora, reverse("oversight-own-pleas-one", args=place))
    assert "On this request decides: France." in html
    nora.post(reverse("oversight-own-pleas-decide", args=place), {"verdict": "grant", "reason": "x"})
    assert not Decision.objects.exists()


def test_a_purpose_is_asked_first(sign_in: SignIn, aurelia: Organisation, late: Duty) -> None:
    plea = excuse(sign_in("provider_submitter", aurelia), late)
    officer = sign_in("officer", "FR")
    forget_purpose(officer)
    answer = officer.get(reverse("oversight-own-pleas-one", args=[aurelia.id, plea.id]))
    assert answer.status_code == 302
    assert "purpose" in answer["Location"]
