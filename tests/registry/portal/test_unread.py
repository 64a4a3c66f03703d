"""What is unread: a provider's messages since it marked them, and an authority's filings that changed since a look."""

from datetime import datetime, timedelta

import pytest
from django.urls import reverse

from registry.accounts import personal
from registry.accounts.personal_models import Reading
from registry.acting import Actor, acting_as
from registry.filings import actions
from registry.organisations.models import Organisation
from tests.registry.portal.conftest import File, SignIn, state_purpose
from tests.registry.portal.test_pages import assert_sound, body, in_language

pytestmark = pytest.mark.django_db
MARK = '<strong class="unread">'


def decided(reference: str, verb: str, *, by: Actor, at: datetime) -> None:
    with acting_as(by):
        actions.decide(reference=reference, verb=verb, reason="As told.", by=by, at=at)


def test_messages_are_unread_until_their_reader_says_otherwise(
    sign_in: SignIn, file: File, alice: Actor, olga: Actor, aurelia: Organisation, noon: datetime
) -> None:
    reference, messages = file(alice), reverse("workspace-messages")
    decided(reference, "review", by=olga, at=noon)
    decided(reference, "ask", by=olga, at=noon + timedelta(hours=1))
    browser, colleague = sign_in("provider_submitter", aurelia), sign_in("provider_reader", aurelia)
    html = body(browser, messages)
    assert_sound(html)
    assert html.count(MARK) == 1
    sent = {"until": (noon + timedelta(hours=2)).isoformat()}
    told = browser.post(reverse("workspace-messages-read"), sent, follow=True).content.decode()
    assert "All messages are marked as read." in told
    assert MARK not in told
    assert "No message here." in body(browser, f"{messages}?view=unread")
    assert reverse("workspace-messages-read") not in body(browser, messages)
    assert MARK in body(colleague, messages), "each person reads for itself"
    with acting_as(alice):
        actions.answer(reference=reference, reason="The large one.", by=alice, at=noon + timedelta(hours=3))
    decided(reference, "accept", by=olga, at=noon + timedelta(hours=4))
    assert reference in body(browser, f"{messages}?view=unread")
    for language in ("fr", "de"):
        html = body(browser, in_language(messages, language))
        assert_sound(html, language=language)
        assert html.count(MARK) == 1


@pytest.mark.parametrize("until", ["", "nonsense", "2020-01-01T00:00:00", "2199-01-01T00:00:00+00:00"])
def test_a_moment_that_cannot_be_is_now(sign_in: SignIn, aurelia: Organisation, until: str) -> None:
    browser = sign_in("provider_reader", aurelia)
    browser.post(reverse("workspace-messages-read"), {"until": until})
    kept = Reading.objects.get()
    assert abs((datetime.now(kept.read_until.tzinfo) - kept.read_until).total_seconds()) < 600


def test_reading_for_one_organisation_is_not_reading_for_another(
    sign_in: SignIn, aurelia: Organisation, noon: datetime
) -> None:
    user = sign_in("provider_reader", aurelia).session["_auth_user_id"]
    personal.mark_read(user=user, page="messages/a", until=noon)
    assert personal.read_until(user=user, page="messages/a") == noon
    assert personal.read_until(user=user, page="messages/b") is None


def test_a_filing_is_marked_from_an_answer_to_the_next_look(
    sign_in: SignIn, file: File, alice: Actor, olga: Actor, noon: datetime
) -> None:
    reference, browser = file(alice), sign_in("officer", "FR")
    state_purpose(browser, reference)
    assert MARK not in body(browser, reverse("queue")), "a first version is new for everybody"
    decided(reference, "review", by=olga, at=noon)
    decided(reference, "ask", by=olga, at=noon + timedelta(hours=1))
    with acting_as(alice):
        actions.answer(reference=reference, reason="The large one.", by=alice, at=noon + timedelta(hours=2))
    for page in ("queue", "overview"):
        assert "unread answer or version" in body(browser, reverse(page))
    body(browser, reverse("oversight-filings-one", args=[reference]))
    assert MARK not in body(browser, reverse("queue"))
    other = sign_in("officer", "FR")
    assert MARK in body(other, reverse("queue")), "each person reads for itself"
