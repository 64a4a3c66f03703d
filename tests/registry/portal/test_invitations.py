"""Somebody is made a member: they are written to, set a password by the link, and the link can be sent again."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.mail import EmailMessage
from django.test import Client
from django.urls import reverse

from registry import tasks
from registry.accounts.models import Membership, Proposal, User
from registry.acting import acting_as
from registry.dispatch.models import Event
from registry.errors import NotFound
from registry.ledger.models import Entry
from registry.onboarding import invitations
from registry.onboarding.models import Invitation, Letter
from registry.organisations.models import Organisation
from tests.conftest import person

pytestmark = pytest.mark.django_db
SignIn = Callable[[str, "Organisation | str"], Client]
ZOE, PASSWORD = "zoe@aurelia.example", "a long enough sentence of my own"
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture
def outbox(settings: Any) -> list[EmailMessage]:
    """The mails that were sent."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    mail.outbox = []
    return mail.outbox


@pytest.fixture
def hugo(sign_in: SignIn, aurelia: Organisation) -> Client:
    """An administrator's browser."""
    return sign_in("provider_administrator", aurelia)


@pytest.fixture
def invite(hugo: Client, sign_in: SignIn, aurelia: Organisation, outbox: list[EmailMessage]) -> Callable[..., int]:
    """Has somebody invited by two administrators, and written to; gives the membership."""
    ines = sign_in("provider_administrator", aurelia)

    def invited(email: str = ZOE, language: str = "en") -> int:
        fields = {"name": "Zoé Tester", "email": email, "role": "provider_reader"}
        hugo.post(reverse("people-invite").replace("/en/", f"/{language}/"), fields)
        ines.post(reverse("proposals-confirm", args=[Proposal.objects.latest("proposed_at").id]))
        tasks.sweep_proposals()
        work()
        return Membership.objects.get(user__email=email).pk

    return invited


def work() -> None:
    """What the worker does with the events, twice, as a broker may tell them twice."""
    for _ in range(2):
        for event in Event.objects.filter(kind__in=invitations.CAUSES).order_by("id"):
            assert tasks.invite_member in tasks.LISTENERS[event.kind]
            tasks.invite_member(reference=event.subject, event_key=str(event.key))
    tasks.send_onboarding_letters()


def link_in(message: EmailMessage) -> str:
    """The page that a mail leads to."""
    found = re.search(r"https?://[^/]+(/\S+)", str(message.body))
    assert found
    return found[1]


def again(browser: Client, membership: int) -> str:
    """What the page says to who asks for the invitation to be sent again."""
    answer = browser.post(reverse("people-invite-again", args=[membership]), follow=True)
    work()
    return str(answer.content.decode())


@pytest.mark.parametrize(
    ("language", "title"),
    [
        ("en", "You are invited to the register"),
        ("fr", "Vous êtes invité au registre"),
        ("de", "Sie sind zum Register eingeladen"),
    ],
)
def test_a_new_member_is_written_to_once_in_the_language_of_who_invited(
    invite: Callable[..., int], outbox: list[EmailMessage], language: str, title: str
) -> None:
    invite(language=language)
    assert [(each.to, title in str(each.subject)) for each in outbox] == [([ZOE], True)]
    assert f"/{language}/invitation/" in link_in(outbox[0])
    assert "Aurelia" not in str(outbox[0].body)
    assert User.objects.get(email=ZOE).language == language


def test_the_link_sets_the_password_once_and_that_is_told(
    invite: Callable[..., int], outbox: list[EmailMessage], client: Client
) -> None:
    invite()
    link = link_in(outbox[0])
    assert client.post(link, {"password": PASSWORD, "again": PASSWORD})["Location"] == reverse("account_login")
    assert User.objects.get(email=ZOE).check_password(PASSWORD)
    assert client.get(link).status_code == 409
    assert [each.subject for each in outbox[1:]] == ["Your password was changed"]


def test_a_link_sent_again_ends_the_former_one(
    invite: Callable[..., int], hugo: Client, outbox: list[EmailMessage], client: Client
) -> None:
    membership = invite()
    Invitation.objects.update(created_at=datetime.now(UTC) - timedelta(minutes=11))
    assert "Send the invitation again" in hugo.get(reverse("people")).content.decode()
    assert "A new link is on its way" in again(hugo, membership)
    former, fresh = map(link_in, outbox)
    assert [client.get(each).status_code for each in (former, fresh)] == [409, 200]
    assert Entry.objects.filter(kind=invitations.ASKED_AGAIN).count() == 1


def test_three_mails_a_day_are_sent_and_none_within_ten_minutes(
    invite: Callable[..., int], sign_in: SignIn, aurelia: Organisation, outbox: list[EmailMessage]
) -> None:
    told = []
    with time_machine.travel(MONDAY, tick=False) as clock:
        membership = invite()
        for minutes in (9, 1, 11, 60, 24 * 60):
            clock.shift(timedelta(minutes=minutes))
            told.append("is on its way" in again(sign_in("provider_administrator", aurelia), membership))
    assert told == [False, True, True, False, True]
    assert len(outbox) == 4


def test_who_has_set_a_password_is_sent_no_link(
    invite: Callable[..., int], hugo: Client, outbox: list[EmailMessage], client: Client
) -> None:
    membership = invite()
    client.post(link_in(outbox[0]), {"password": PASSWORD, "again": PASSWORD})
    assert "has an account that works" in again(hugo, membership)
    assert "Send the invitation again" not in hugo.get(reverse("people")).content.decode()
    assert Invitation.objects.count() == 1


def test_nobody_of_another_organisation_has_a_link_sent(
    invite: Callable[..., int], sign_in: SignIn, cantabria: Organisation, outbox: list[EmailMessage], noon: datetime
) -> None:
    membership = invite()
    Invitation.objects.update(created_at=datetime.now(UTC) - timedelta(minutes=11))
    carla = person("provider_administrator", organisation=cantabria)
    with acting_as(carla), pytest.raises(NotFound):
        invitations.ask_again(membership=membership, by=carla, at=noon)
    again(sign_in("provider_administrator", cantabria), membership)
    assert len(outbox) == 1


def test_an_invitation_that_has_run_out_is_shown_as_such(invite: Callable[..., int], hugo: Client) -> None:
    invite()
    Invitation.objects.update(expires_at=datetime.now(UTC) - timedelta(days=1))
    assert "the invitation has run out" in hugo.get(reverse("people")).content.decode()


def test_a_member_of_an_authority_is_told_without_a_link(sign_in: SignIn, outbox: list[EmailMessage]) -> None:
    sylvie, marc = sign_in("supervisor", "FR"), sign_in("supervisor", "FR")
    sylvie.post(reverse("people-invite"), {"name": "Ana", "email": "ana@authority.example", "role": "officer"})
    marc.post(reverse("proposals-confirm", args=[Proposal.objects.get().id]))
    tasks.sweep_proposals()
    work()
    assert [each.kind for each in Letter.objects.all()] == ["authority_member"]
    assert link_in(outbox[0]) == reverse("account_login")
    assert not Invitation.objects.exists()
