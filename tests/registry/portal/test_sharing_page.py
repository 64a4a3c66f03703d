"""An officer shows a filing to another State through the pages; that State's officer reads magnitudes and masks."""

import pytest
from django.urls import reverse

from registry.acting import Actor
from registry.organisations.models import Organisation
from registry.oversight.models import Look, Sharing
from tests.conftest import NOON
from tests.documents import planned_run
from tests.registry.portal.conftest import File, SignIn
from tests.registry.portal.test_pages import assert_sound, body, in_language

pytestmark = pytest.mark.django_db
ASKED = {
    "recipient": "ES",
    "until": "",
    "purpose": "cooperation",
    "case": "FR-7",
    "sentence": "The runs of one lineage lie in both States.",
}


@pytest.fixture
def shared(sign_in: SignIn, alice: Actor, file: File) -> Sharing:
    """A filing in France, shown to Spain by the form, until the day that the form proposes."""
    reference, browser = file(alice), sign_in("officer", "FR")
    address = reverse("oversight-filings-share", args=[reference])
    assert address in body(browser, reverse("oversight-filings-one", args=[reference]))
    html = body(browser, address)
    assert_sound(html)
    until = html.split('name="until" type="date" value="')[1][:10]
    assert browser.post(address, {**ASKED, "until": until}).headers["Location"] == reverse("sharings")
    return Sharing.objects.get()


@pytest.mark.parametrize("language", ["en", "fr", "de"])
def test_the_other_authority_reads_orders_of_magnitude_and_masks(
    sign_in: SignIn, shared: Sharing, language: str
) -> None:
    browser, one = sign_in("officer", "ES"), reverse("sharings-one", args=[shared.id])
    listed = body(browser, in_language(reverse("sharings"), language))
    assert_sound(listed, language=language)
    assert shared.reference in listed
    html = body(browser, in_language(one, language))
    assert_sound(html, language=language)
    document = planned_run()
    assert document["filer"]["seat_address"] not in html
    assert document["beneficial_ownership"]["owners"][0]["name"] not in html
    assert {"en": "given", "fr": "fourni", "de": "angegeben"}[language] in html
    assert "10²⁵" in html
    assert body(browser, reverse("oversight-filings-one", args=[shared.reference]), status=404)


def test_the_provider_reads_both_the_showing_and_the_look(
    sign_in: SignIn, aurelia: Organisation, shared: Sharing
) -> None:
    body(sign_in("officer", "ES"), reverse("sharings-one", args=[shared.id]))
    kinds = list(Look.objects.filter(kind__in=("shared", "shown")).values_list("kind", "looked_from"))
    assert sorted(kinds) == [("shared", "FR"), ("shown", "ES")]
    html = body(sign_in("provider_reader", aurelia), reverse("access-log"))
    assert "Shown to another authority" in html
    assert "Authority of Spain" in html


def test_a_third_state_and_a_provider_do_not_reach_it(sign_in: SignIn, aurelia: Organisation, shared: Sharing) -> None:
    one = reverse("sharings-one", args=[shared.id])
    body(sign_in("officer", "IT"), one, status=404)
    body(sign_in("officer", "FR"), one, status=404)
    body(sign_in("provider_administrator", aurelia), one, status=403)
    assert shared.reference not in body(sign_in("officer", "IT"), reverse("sharings"))


@pytest.mark.parametrize(
    "changes", [{"recipient": "FR"}, {"recipient": "US"}, {"until": "soon"}, {"until": "1999-01-01"}, {"sentence": ""}]
)
def test_what_is_not_whole_is_asked_again(sign_in: SignIn, alice: Actor, file: File, changes: dict[str, str]) -> None:
    address = reverse("oversight-filings-share", args=[file(alice)])
    until = f"{NOON.year + 1}-01-10"
    assert sign_in("officer", "FR").post(address, {**ASKED, "until": until, **changes}).status_code == 400
    assert not Sharing.objects.exists()
