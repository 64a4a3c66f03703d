"""Positions and mismatches in the portal: the split run drawn against the threshold, each side's view, the answer."""

import re
from collections.abc import Iterator
from datetime import date

import pytest
import time_machine
from django.test import Client

from registry.acting import acting_as
from registry.organisations.models import Organisation
from registry.screening import position_actions, posting
from registry.screening.models import Mismatch, MismatchAnswer, Position
from tests.conftest import person
from tests.registry.portal.conftest import SignIn, forget_purpose
from tests.registry.portal.test_pages import assert_sound
from tests.registry.screening import returned, split
from tests.registry.screening.returned import NOON

pytestmark = pytest.mark.django_db
POSITIONS, MISMATCHES, OWN = "/en/oversight/positions/", "/en/oversight/mismatches/", "/en/workspace/mismatches/"


def page(browser: Client, address: str) -> str:
    answer = browser.get(address)
    assert answer.status_code == 200, answer.status_code
    html = answer.content.decode()
    assert_sound(html, language=address[1:3])
    return html


@pytest.fixture
def later() -> Iterator[None]:
    """After the run."""
    with time_machine.travel(split.LATER):
        yield


@pytest.fixture
def mismatch(cantabria: Organisation) -> str:
    """A large use at Cantabria's hall that nobody filed; its reference."""
    provider = person("provider_submitter", organisation=cantabria)
    hall = split.hall(provider)
    month = date(2026, 3, 1)
    large = returned.line("a", hall, hours=7_020_000, month=month, accelerators=9436, customer_name="Secret Customer")
    found = returned.submit(provider, "ES", month, [large])
    with acting_as(split.SCREENER):
        posting.post_return(reference=found.reference, by=split.SCREENER, at=NOON)
    with acting_as(split.SCREENER):
        position_actions.read_stale(limit=9, by=split.SCREENER, at=NOON)
        return Mismatch.objects.get().reference


def test_the_split_run_is_drawn_against_the_threshold(later: None, sign_in: SignIn) -> None:
    split.build()
    office = sign_in("ai_office_officer", "EU")
    listed = page(office, POSITIONS)
    assert "above since" in listed
    with acting_as(split.SCREENER):
        position = Position.objects.filter(kind="owner_group").latest("peak_flop")
        lineage = Position.objects.filter(kind="lineage").latest("peak_flop")
    assert position.peak_flop == split.FILED_FLOP + split.REPORTED_BEYOND_FLOP
    for language in ("en", "fr", "de"):
        html = page(office, f"/{language}/oversight/positions/{position.pk}/")
        assert "<svg" in html
        assert re.search("2[.,]2[^<]{0,3}×[^<]{0,3}10²⁵", html)
    assert "matched" in page(office, f"{POSITIONS}{position.pk}/")
    assert "owner group" not in page(office, f"{POSITIONS}{lineage.pk}/")


def test_positions_are_for_the_union_s_authority_and_need_a_purpose(sign_in: SignIn) -> None:
    office, officer = sign_in("ai_office_officer", "EU"), sign_in("officer", "FR")
    assert officer.get(POSITIONS).status_code == 403
    assert officer.get(f"{POSITIONS}1/").status_code == 403
    assert office.get(f"{POSITIONS}1/").status_code == 404
    assert "Nothing was filed or reported" in page(office, POSITIONS)
    forget_purpose(office)
    assert office.get(POSITIONS).status_code in {302, 303}


def test_a_provider_answers_its_mismatch_and_the_officer_reads_it(
    mismatch: str, sign_in: SignIn, cantabria: Organisation, aurelia: Organisation
) -> None:
    carla, officer = sign_in("provider_submitter", cantabria), sign_in("officer", "ES")
    assert mismatch in page(carla, OWN)
    one = page(carla, f"{OWN}{mismatch}/")
    assert "Secret Customer" in one
    assert "No filing states this use" in one
    refused = carla.post(f"{OWN}{mismatch}/answer/", {"reason_code": "", "reason": ""}, follow=True)
    assert "This is none of the reasons in the list." in refused.content.decode() or refused.status_code == 200
    carla.post(f"{OWN}{mismatch}/answer/", {"reason_code": "no_training", "reason": "It was a climate model."})
    assert "It was a climate model." in page(carla, f"{OWN}{mismatch}/")
    with acting_as(split.SCREENER):
        assert MismatchAnswer.objects.get().reason_code == "no_training"
        assert Mismatch.objects.get().status == "answered"
    listed = page(officer, MISMATCHES)
    assert "It was a climate model." in listed
    assert mismatch in listed


def test_strangers_see_nothing_of_it(mismatch: str, sign_in: SignIn, aurelia: Organisation) -> None:
    alice, elsewhere = sign_in("provider_submitter", aurelia), sign_in("officer", "FR")
    assert mismatch not in page(alice, OWN)
    assert alice.get(f"{OWN}{mismatch}/").status_code == 404
    assert alice.post(f"{OWN}{mismatch}/answer/", {"reason_code": "other", "reason": "x"}).status_code == 404
    assert mismatch not in page(elsewhere, MISMATCHES)


def test_a_reader_cannot_answer(mismatch: str, sign_in: SignIn, cantabria: Organisation) -> None:
    reader = sign_in("provider_reader", cantabria)
    assert "Nothing is to be done." in page(reader, f"{OWN}{mismatch}/")
    assert reader.post(f"{OWN}{mismatch}/answer/", {"reason_code": "other", "reason": "x"}).status_code == 403
