"""One's own account: the sessions that are open, each of which can be ended, and the mails that tell of a change."""

import re
import smtplib
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.core import mail
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.test import Client
from django.urls import reverse

from registry.accounts.models import User
from registry.organisations.models import Organisation
from registry.portal import sign_in as account
from tests.registry.portal.conftest import SignIn, signed_in

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:142.0) Gecko/20100101 Firefox/142.0"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1"
PASSWORD, ANOTHER = "a long enough sentence of my own", "quite another sentence with 7 herons"
NINE = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
CHANGES = sorted(set(account._CHANGED.values()))


class NoServer(BaseEmailBackend):
    """A mail server that is away."""

    def open(self) -> bool:
        raise smtplib.SMTPServerDisconnected("gone")


@pytest.fixture
def outbox(settings: Any, monkeypatch: pytest.MonkeyPatch) -> list[EmailMessage]:
    """The mails that were sent."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    monkeypatch.setattr(transaction, "on_commit", lambda call: call())  # as outside of a test, where it commits at once
    mail.outbox = []
    return mail.outbox


@pytest.fixture
def alix(sign_in: SignIn, aurelia: Organisation) -> Client:
    """A reader's browser, in which a password and a code were shown just now."""
    browser = sign_in("provider_reader", aurelia)
    user = _user(browser)
    user.set_password(PASSWORD)
    user.save(update_fields=["password"])
    return _again(user, FIREFOX)


def _user(browser: Client) -> User:
    return User.objects.get(pk=browser.session["_auth_user_id"])


def _again(user: User, agent: str) -> Client:
    """Another browser of the same person."""
    browser = signed_in(user, second_factor=False)
    browser.defaults["HTTP_USER_AGENT"] = agent
    session = browser.session
    session["account_authentication_methods"] = [
        {"method": "password", "at": time.time()},
        {"method": "mfa", "type": "totp", "at": time.time(), "reauthenticated": True},
    ]
    session["account_authentication_methods_user"] = session["_auth_user_id"]
    session.save()
    UserSession.objects.create(user=user, session_key=session.session_key, ip="192.0.2.7", user_agent=agent)
    return browser


def _number(browser: Client) -> int:
    return int(UserSession.objects.get(session_key=browser.session.session_key).pk)


def _is_in(browser: Client) -> bool:
    return browser.get(reverse("workspace")).status_code == 200


def test_one_of_my_sessions_ends_and_the_others_go_on(alix: Client) -> None:
    telephone, laptop = _again(_user(alix), SAFARI), _again(_user(alix), FIREFOX)
    page = alix.get(reverse("usersessions_list")).content.decode()
    assert "Safari, iPhone" in page
    assert "Firefox, Windows" in page
    answer = alix.post(reverse("sessions-end", args=[_number(telephone)]), follow=True)
    assert "That session has ended." in answer.content.decode()
    assert [_is_in(each) for each in (telephone, laptop, alix)] == [False, True, True]


def test_all_others_end_at_once(alix: Client) -> None:
    telephone, laptop = _again(_user(alix), SAFARI), _again(_user(alix), FIREFOX)
    alix.post(reverse("usersessions_list"))
    assert [_is_in(each) for each in (telephone, laptop, alix)] == [False, False, True]


def test_ending_this_very_session_signs_out(alix: Client) -> None:
    answer = alix.post(reverse("sessions-end", args=[_number(alix)]))
    assert answer["Location"] == reverse("account_login")
    assert answer["Clear-Site-Data"]
    assert not _is_in(alix)


def test_nobody_ends_a_strangers_session_or_learns_of_it(
    alix: Client, sign_in: SignIn, cantabria: Organisation
) -> None:
    stranger = sign_in("provider_administrator", cantabria)
    told = set()
    for number in (_number(alix), 2_000_000_000, 10**30):
        answer = stranger.post(reverse("sessions-end", args=[number]))
        assert answer.status_code == 404
        told.add(re.sub(r"(?s).*<main|</main>.*", "", answer.content.decode()))
    assert len(told) == 1
    assert _is_in(alix)


def test_a_session_is_ended_by_a_form_alone(alix: Client) -> None:
    telephone = _again(_user(alix), SAFARI)
    assert alix.get(reverse("sessions-end", args=[_number(telephone)])).status_code == 405
    assert _is_in(telephone)


def test_the_list_says_when_a_session_was_last_used(sign_in: SignIn, aurelia: Organisation) -> None:
    with time_machine.travel(NINE, tick=False) as clock:
        browser = _again(_user(sign_in("provider_reader", aurelia)), SAFARI)
        browser.get(reverse("workspace"))
        clock.shift(timedelta(minutes=20))
        browser.get(reverse("workspace"))
        assert UserSession.objects.get(pk=_number(browser)).last_seen_at == NINE + timedelta(minutes=20)


@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.parametrize("language", ["en", "fr", "de"])
def test_every_change_is_told_in_the_persons_language(
    alix: Client, outbox: list[EmailMessage], name: str, language: str
) -> None:
    user = _user(alix)
    user.language = language
    account.tell(user, name, agent=FIREFOX, at=NINE)
    assert (outbox[0].to, outbox[0].extra_headers["Content-Language"]) == ([user.email], language)
    assert outbox[0].extra_headers["Auto-Submitted"] == "auto-generated"
    assert "2026-11-23 09:00 UTC" in outbox[0].body
    assert "Firefox, Windows" in outbox[0].body
    assert user.name not in outbox[0].body
    assert "Aurelia" not in outbox[0].body


def test_three_languages_say_three_things() -> None:
    for name in CHANGES:
        assert len({account._MAILS[name][language]["text"] for language in ("en", "fr", "de")}) == 3


def test_a_changed_password_is_told(alix: Client, outbox: list[EmailMessage]) -> None:
    fields = {"oldpassword": PASSWORD, "password1": ANOTHER, "password2": ANOTHER}
    assert alix.post(reverse("account_change_password"), fields).status_code == 302
    assert [each.subject for each in outbox] == ["Your password was changed"]


def test_codes_that_are_removed_and_made_anew_are_told(alix: Client, outbox: list[EmailMessage]) -> None:
    Authenticator.objects.create(user=_user(alix), type="webauthn", data={"name": "Key", "credential": {}})
    assert alix.post(reverse("mfa_generate_recovery_codes"))["Location"] == reverse("mfa_view_recovery_codes")
    assert alix.post(reverse("mfa_deactivate_totp"))["Location"] == reverse("mfa_index")
    assert [each.subject for each in outbox] == [
        "New recovery codes were made",
        "One-time codes were removed from your account",
    ]


def test_without_a_mail_server_the_change_is_made_all_the_same(
    alix: Client, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.NoServer"
    fields = {"oldpassword": PASSWORD, "password1": ANOTHER, "password2": ANOTHER}
    assert alix.post(reverse("account_change_password"), fields).status_code == 302
    assert _user(alix).check_password(ANOTHER)
    assert "was not told of password_changed" in caplog.text


@pytest.mark.parametrize("page", ["account_change_password", "mfa_index", "usersessions_list"])
def test_pages_of_an_account_keep_the_navigation_of_the_workspace(page: str, alix: Client) -> None:
    html = alix.get(reverse(page)).content.decode()
    assert '<body class="area-workspace">' in html
    assert f'href="{reverse("workspace-messages")}"' in html


def test_pages_of_an_officers_account_keep_the_navigation_of_oversight(sign_in: SignIn) -> None:
    html = sign_in("officer", "FR").get(reverse("usersessions_list")).content.decode()
    assert '<body class="area-oversight">' in html
    assert f'href="{reverse("queue")}"' in html
