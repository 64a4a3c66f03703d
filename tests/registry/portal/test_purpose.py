"""Lists of identities ask for a purpose once a session, and log each filing they show once a day."""

import pytest
from django.test import Client
from django.urls import reverse

from registry.acting import Actor
from registry.oversight.models import Look
from tests.registry.portal.conftest import File, SignIn, forget_purpose

pytestmark = pytest.mark.django_db
LISTS = ("overview", "queue", "pleas")


def fresh(sign_in: SignIn, role: str = "officer", place: str = "FR") -> Client:
    browser = sign_in(role, place)
    forget_purpose(browser)
    return browser


@pytest.mark.parametrize("name", LISTS)
def test_a_list_of_identities_asks_first_and_shows_nothing(
    sign_in: SignIn, alice: Actor, file: File, name: str
) -> None:
    reference, browser = file(alice), fresh(sign_in)
    answer = browser.get(reverse(name) + "?page=1")
    assert answer.status_code == 302
    assert reference not in answer.content.decode()
    asked = browser.get(answer.headers["Location"])
    assert asked.status_code == 200
    assert "Start work" in asked.content.decode()
    assert not Look.objects.exists()
    going = browser.post(answer.headers["Location"], {"purpose": "review", "case": "W-47"})
    assert going.headers["Location"] == reverse(name) + "?page=1"
    assert browser.get(going.headers["Location"]).status_code == 200


@pytest.mark.parametrize("name", ["overview", "queue"])
def test_each_filing_of_a_list_is_a_look_once_a_day(sign_in: SignIn, alice: Actor, file: File, name: str) -> None:
    references = {file(alice, run__client_run_id=f"run-{number}") for number in range(3)}
    browser = fresh(sign_in)
    browser.post(reverse("oversight-purpose"), {"purpose": "finding", "case": "W-47"})
    for _ in range(2):
        browser.get(reverse(name))
    found = set(Look.objects.values_list("reference", "kind", "basis", "case_reference"))
    assert found == {(reference, "listed", "finding", "W-47") for reference in references}
    assert Look.objects.count() == 3


def test_a_purpose_that_is_not_for_lists_or_not_whole_is_asked_again(sign_in: SignIn) -> None:
    browser = fresh(sign_in)
    for given in ({"purpose": "alert"}, {"purpose": "curiosity"}, {}, {"purpose": "review", "case": "x" * 101}):
        assert browser.post(reverse("oversight-purpose"), given).status_code == 400
    assert browser.get(reverse("queue")).status_code == 302


@pytest.mark.parametrize("next_", ["https://evil.example/", "//evil.example", "javascript:alert(1)", ""])
def test_the_way_on_stays_in_the_house(sign_in: SignIn, next_: str) -> None:
    going = fresh(sign_in).post(reverse("oversight-purpose") + f"?next={next_}", {"purpose": "review"})
    assert going.headers["Location"] == reverse("overview")


def test_the_sessions_purpose_opens_a_filing_and_the_filings_own_goes_before_it(
    sign_in: SignIn, alice: Actor, file: File
) -> None:
    reference, browser = file(alice), sign_in("officer", "FR")
    address = reverse("oversight-filings-one", args=[reference])
    assert "Review of filings" in browser.get(address).content.decode()
    browser.post(reverse("oversight-filings-open", args=[reference]), {"purpose": "alert", "case": "Panel 3"})
    assert "Panel 3" in browser.get(address).content.decode()
    assert list(Look.objects.order_by("id").values_list("basis", flat=True)) == ["review", "alert"]


def test_a_provider_and_an_analyst_are_not_asked(sign_in: SignIn) -> None:
    assert sign_in("analyst", "EU").get(reverse("oversight-purpose")).status_code == 403
