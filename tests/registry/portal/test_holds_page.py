"""Holds through the pages: the form, the list, the proposal to lift one, the second person."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from registry import tasks
from registry.acting import Actor
from registry.oversight.models import Hold
from tests.registry.portal.conftest import File, SignIn
from tests.registry.portal.test_pages import assert_sound, body, in_language

pytestmark = pytest.mark.django_db
WHY = "Conseil d’État, no 501234"


def until(days: int = 100) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).date().isoformat()


def set_hold(browser: Client, reference: str, **changes: str) -> int:
    said = {"reference": reference, "basis": "litigation", "reason": WHY, "until": until(), **changes}
    return browser.post(reverse("holds-new"), said).status_code


def test_an_officer_sets_a_hold_from_the_page_of_the_filing(sign_in: SignIn, alice: Actor, file: File) -> None:
    reference, browser = file(alice), sign_in("officer", "FR")
    form = f"{reverse('holds-new')}?reference={reference}"
    assert form in body(browser, reverse("oversight-filings-one", args=[reference]))
    shown = body(browser, form)
    assert_sound(shown)
    assert f'value="{reference}"' in shown
    assert set_hold(browser, reference.lower()) == 302
    listed = body(browser, reverse("holds"))
    assert_sound(listed)
    for told in (reference, WHY, "GDPR Art. 17(3)(e)", "In force", "Officer Example"):
        assert told in listed
    assert Hold.objects.get().reference == reference


@pytest.mark.parametrize("language", ["en", "fr", "de"])
def test_list_and_form_are_whole_in_every_language(sign_in: SignIn, alice: Actor, file: File, language: str) -> None:
    reference, browser = file(alice), sign_in("officer", "FR")
    assert_sound(body(browser, in_language(reverse("holds"), language)), language=language)
    set_hold(browser, reference)
    assert_sound(body(browser, in_language(reverse("holds"), language)), language=language)
    assert_sound(body(browser, in_language(reverse("holds-new"), language)), language=language)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"reference": "ECAR-2026-FR-0000000"}, "no filing of this reference"),
        ({"reference": "' or 1=1"}, "no filing of this reference"),
        ({"until": "soon"}, "A day is needed"),
        ({"until": "9999-12-31"}, "A day is needed"),
        ({"until": "2001-01-01"}, "ends within 5 years"),
        ({"reason": "x"}, "Give a reason"),
        ({"basis": "?"}, "needs its legal basis"),
    ],
)
def test_what_is_not_complete_is_asked_again(
    sign_in: SignIn, alice: Actor, file: File, changes: dict[str, str], told: str
) -> None:
    reference, browser = file(alice), sign_in("officer", "FR")
    said = {"reference": reference, "basis": "litigation", "reason": WHY, "until": until(), **changes}
    answer = browser.post(reverse("holds-new"), said)
    assert answer.status_code == 400
    assert told in answer.content.decode()
    assert not Hold.objects.exists()


def test_two_persons_lift_a_hold_and_one_alone_does_not(sign_in: SignIn, alice: Actor, file: File) -> None:
    reference, first, second = file(alice), sign_in("officer", "FR"), sign_in("officer", "FR")
    set_hold(first, reference)
    hold = Hold.objects.get()
    lift, decide = reverse("holds-lift", args=[hold.id]), reverse("holds-decide", args=[hold.id])
    assert lift in body(first, reverse("holds"))
    first.post(lift)
    own, others = body(first, reverse("holds")), body(second, reverse("holds"))
    assert "Waits for a second person" in own
    assert 'value="withdraw"' in own
    assert 'value="confirm"' not in own
    assert 'value="confirm"' in others
    first.post(decide, {"decision": "confirm"})
    assert "You proposed this yourself" in body(first, reverse("holds"))
    second.post(decide, {"decision": "confirm"})
    assert tasks.sweep_proposals() == 1
    hold.refresh_from_db()
    assert hold.lifted_at is not None
    assert "Lifted on" in body(second, reverse("holds"))


@pytest.mark.parametrize(("decision", "by_whom"), [("refuse", 1), ("withdraw", 0)])
def test_what_is_refused_or_withdrawn_leaves_the_hold_in_force(
    sign_in: SignIn, alice: Actor, file: File, decision: str, by_whom: int
) -> None:
    reference, people = file(alice), (sign_in("officer", "FR"), sign_in("officer", "FR"))
    set_hold(people[0], reference)
    hold = Hold.objects.get()
    people[0].post(reverse("holds-lift", args=[hold.id]))
    people[by_whom].post(reverse("holds-decide", args=[hold.id]), {"decision": decision})
    assert "In force" in body(people[0], reverse("holds"))
    assert people[1].post(reverse("holds-decide", args=[hold.id]), {"decision": "confirm"}).status_code == 404
    assert tasks.sweep_proposals() == 0


def test_another_state_sees_no_hold_and_the_auditor_reads_without_deciding(
    sign_in: SignIn, alice: Actor, file: File
) -> None:
    reference = file(alice)
    set_hold(sign_in("officer", "FR"), reference)
    hold = Hold.objects.get()
    stranger = sign_in("officer", "ES")
    assert reference not in body(stranger, reverse("holds"))
    assert stranger.post(reverse("holds-lift", args=[hold.id])).status_code == 404
    assert set_hold(stranger, reference) == 400
    read = body(sign_in("auditor", "EU"), reverse("holds"))
    assert_sound(read)
    assert reference in read
    assert WHY in read
    assert "<form" not in read[read.index("holds-h") :].split("</section>")[0]


@pytest.mark.parametrize("role", ["analyst", "operator", "statistician"])
def test_nobody_else_sees_the_page(sign_in: SignIn, role: str) -> None:
    body(sign_in(role, "EU"), reverse("holds"), status=403)
