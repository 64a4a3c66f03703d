"""A person's own views of the queue: kept under a name, found again, forgotten, and nobody else's."""

import re
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from registry.accounts import personal
from registry.accounts.personal_models import SavedView
from registry.acting import Actor
from registry.errors import Invalid
from tests.conftest import NOON
from tests.registry.portal.conftest import File, SignIn
from tests.registry.portal.test_pages import assert_sound, body, in_language

pytestmark = pytest.mark.django_db
NARROWED = "sort=compute&band=above-1e25"


def keep(browser: Client, name: str, query: str = NARROWED) -> str:
    answer = browser.post(f"{reverse('queue-views-keep')}?{query}", {"name": name}, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def named(html: str) -> list[tuple[str, str]]:
    """Addresses and names of the views on the page."""
    part = html.partition('aria-labelledby="own-views-h"')[2].partition("</ul>")[0]
    return [(unescape(href), text) for href, text in re.findall(r'href="([^"]+)"[^>]*>([^<]+)</a>', part)]


def test_a_view_is_kept_found_again_and_forgotten(sign_in: SignIn, file: File, alice: Actor) -> None:
    reference, browser = file(by=alice), sign_in("officer", "FR")
    assert "own-views" not in body(browser, reverse("queue")), "nothing is narrowed, nothing is kept"
    assert "view-name" in body(browser, f"{reverse('queue')}?{NARROWED}")
    html = keep(browser, "  The   largest ")
    assert_sound(html)
    assert "The view is kept as “The largest”." in html
    [(address, name)] = named(body(browser, reverse("queue")))
    assert name == "The largest"
    shown = body(browser, address)
    assert reference in shown
    assert 'aria-current="true">The largest</a>' in shown
    assert "view-name" not in shown, "it has a name already"
    gone = browser.post(reverse("queue-views-forget", args=[SavedView.objects.get().pk]), follow=True)
    assert "The view is forgotten." in gone.content.decode()
    assert not SavedView.objects.exists()


def test_the_same_name_takes_the_newer_view(sign_in: SignIn) -> None:
    browser = sign_in("officer", "FR")
    keep(browser, "Mine")
    keep(browser, "Mine", "view=mine&page=3&nonsense=1")
    assert SavedView.objects.get().query == "view=mine"


def test_a_view_is_nobody_elses(sign_in: SignIn) -> None:
    browser, other = sign_in("officer", "FR"), sign_in("officer", "FR")
    keep(browser, "Mine")
    assert named(body(other, reverse("queue"))) == []
    assert other.post(reverse("queue-views-forget", args=[SavedView.objects.get().pk])).status_code == 404
    assert SavedView.objects.exists()


@pytest.mark.parametrize("name", ["", "  ", "x" * 61, "\x00"])
def test_a_view_without_a_fitting_name_is_not_kept(sign_in: SignIn, name: str) -> None:
    assert "A view needs a name" in keep(sign_in("officer", "FR"), name)
    assert not SavedView.objects.exists()


def test_a_person_has_twenty_views_of_a_page(sign_in: SignIn) -> None:
    browser = sign_in("officer", "FR")
    for number in range(personal.MOST_VIEWS):
        keep(browser, f"View {number}")
    assert "There are 20 named views already." in keep(browser, "One more")
    assert "is kept" in keep(browser, "View 3", "view=mine")
    assert SavedView.objects.count() == personal.MOST_VIEWS


def test_an_address_too_long_is_refused(sign_in: SignIn) -> None:
    browser = sign_in("officer", "FR")
    user = browser.session["_auth_user_id"]
    with pytest.raises(Invalid):
        personal.keep_view(user=user, page="queue", name="Long", query="q=" + "x" * 500, at=NOON)


@pytest.mark.parametrize(("language", "told"), [("fr", "Vos vues"), ("de", "Ihre Ansichten")])
def test_the_page_tells_of_them_in_other_languages(sign_in: SignIn, language: str, told: str) -> None:
    browser = sign_in("officer", "FR")
    keep(browser, "Mine")
    html = body(browser, in_language(reverse("queue"), language))
    assert_sound(html, language=language)
    assert told in html


@pytest.mark.parametrize(("role", "place"), [("analyst", "EU"), ("auditor", "EU")])
def test_who_has_no_queue_keeps_no_view(sign_in: SignIn, role: str, place: str) -> None:
    assert sign_in(role, place).post(reverse("queue-views-keep"), {"name": "x"}).status_code == 403
