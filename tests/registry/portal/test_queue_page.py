"""The queue: its views are addresses, filters and order survive paging and export, several are assigned in one act."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from registry.accounts.models import Membership
from registry.acting import Actor
from registry.dispatch.models import Event
from registry.filings.models import Filing
from registry.ledger.models import Entry
from tests.conftest import NOON
from tests.registry.portal.conftest import File, SignIn
from tests.registry.portal.test_pages import assert_sound, body, in_language

pytestmark = pytest.mark.django_db


def listed(html: str) -> list[str]:
    return re.findall(r'class="reference" href="[^"]*">([^<]*)<', html)


def mine(browser: Client) -> str:
    return str(browser.session["_auth_user_id"])


def give(browser: Client, references: list[str], person: str, query: str = "") -> str:
    answer = browser.post(f"{reverse('queue-assign')}{query}", {"filing": references, "person": person}, follow=True)
    return answer.content.decode()


def holders() -> list[str]:
    return sorted(str(each) for each in Filing.objects.values_list("assigned_to", flat=True))


@pytest.fixture
def three(alice: Actor, file: File) -> list[str]:
    """Three filings in France, an hour apart."""
    return [file(alice, at=NOON - timedelta(hours=9 - each), run__client_run_id=f"run-{each}") for each in range(3)]


@pytest.mark.parametrize(
    ("sort", "order"), [("", [0, 1, 2]), ("newest", [2, 1, 0]), ("compute", [0, 1, 2]), ("nonsense", [0, 1, 2])]
)
def test_the_order_stands_in_the_address(sign_in: SignIn, three: list[str], sort: str, order: list[int]) -> None:
    html = body(sign_in("officer", "FR"), f"{reverse('queue')}?sort={sort}")
    assert_sound(html)
    assert listed(html) == [three[each] for each in order]


def test_an_address_is_a_view_that_export_and_other_views_keep(sign_in: SignIn, three: list[str]) -> None:
    html = body(sign_in("officer", "FR"), f"{reverse('queue')}?view=unassigned&sort=newest&q=run-1")
    assert listed(html) == [three[1]]
    assert f"{reverse('queue-csv')}?view=unassigned&amp;sort=newest&amp;q=run-1" in html
    assert "?sort=newest&amp;q=run-1&amp;view=mine" in html
    assert '<input type="hidden" name="view" value="unassigned">' in html
    assert 'value="newest" selected' in html


@pytest.mark.parametrize("typed", ["\x00", "x" * 10_000, "-", '"', "%"])
def test_any_words_can_be_asked_of_the_queue(sign_in: SignIn, three: list[str], typed: str) -> None:
    assert_sound(body(sign_in("officer", "FR"), f"{reverse('queue')}?q={typed.replace('%', '%25')}"))


@pytest.mark.parametrize("language", ["en", "fr", "de"])
def test_a_supervisor_gives_several_to_a_colleague(sign_in: SignIn, three: list[str], language: str) -> None:
    supervisor, officer = sign_in("supervisor", "FR"), sign_in("officer", "FR")
    html = body(supervisor, in_language(f"{reverse('queue')}?sort=newest", language))
    assert_sound(html, language=language)
    assert f'name="filing" value="{three[0]}"' in html
    assert f'value="{mine(officer)}"' in html
    revisions = list(Filing.objects.order_by("reference").values_list("revision", flat=True))
    told = give(supervisor, three[:2], mine(officer), "?sort=newest")
    assert "2 filings given to Officer Example." in told
    assert holders() == sorted([mine(officer), mine(officer), "None"])
    assert listed(body(officer, f"{reverse('queue')}?view=mine")) == three[:2]
    entries = Entry.objects.filter(kind="filing.assigned").order_by("index").values_list("subject", flat=True)
    assert list(entries) == sorted(three[:2])
    assert Event.objects.filter(kind="filing.assigned", organisation=None).count() == 2
    assert list(Filing.objects.order_by("reference").values_list("revision", flat=True)) == revisions
    assert "given to nobody" in give(supervisor, three[:1], "")
    assert holders() == sorted([mine(officer), "None", "None"])


def test_all_are_given_or_none(sign_in: SignIn, charlie: Actor, file: File, three: list[str]) -> None:
    supervisor, officer = sign_in("supervisor", "FR"), sign_in("officer", "FR")
    abroad = file(charlie)
    stranger = str(Membership.objects.get(user_id=mine(sign_in("officer", "ES"))).user_id)
    me = mine(officer)
    Filing.objects.filter(reference=three[2]).update(status="in_review")
    Filing.objects.filter(reference=three[2]).update(status="accepted", decided_at=NOON)
    assert "Choose at least one filing." in give(supervisor, [], me)
    assert "Nobody of your authority" in give(supervisor, three[:1], stranger)
    assert "Nobody of your authority" in give(supervisor, three[:1], "x")
    assert "waits for no decision" in give(supervisor, [three[0], three[2]], me)
    for unknown in (abroad, "ECAR-2026-999999-1", "x" * 500, "\x01"):
        give(supervisor, [three[0], unknown], me)
    give(supervisor, [f"ECAR-2026-{number:06}-1" for number in range(201)], me)
    assert set(holders()) == {"None"}
    assert not Entry.objects.filter(kind="filing.assigned").exists()


def test_who_may_not_assign_has_no_boxes_and_cannot(sign_in: SignIn, three: list[str]) -> None:
    officer = sign_in("officer", "FR")
    assert 'name="filing"' not in body(officer, reverse("queue"))
    assert officer.post(reverse("queue-assign"), {"filing": three, "person": mine(officer)}).status_code == 403
    assert set(holders()) == {"None"}
