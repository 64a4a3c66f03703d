"""How people come in with a password, get a new one, and how little they learn who try."""

import os
import re
import secrets
import subprocess
import sys
import time
import uuid
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

import pyotp
import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.conf import settings as configured
from django.contrib.auth.password_validation import validate_password
from django.core import mail
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import translation

from registry.accounts import actions as accounts
from registry.accounts.models import User
from registry.acting import Actor, acting_as
from registry.organisations.models import Organisation
from registry.portal.sign_in import limits_are_shared
from tests.house.sources import ROOT

PASSWORD, ANOTHER = "a long enough sentence of my own", "quite another sentence with 7 herons"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture(autouse=True)
def _nobody_has_tried_yet(settings: Any) -> None:
    """A cache of each test's own: attempts are counted in it."""
    backend = "django.core.cache.backends.locmem.LocMemCache"
    settings.CACHES = {"default": {"BACKEND": backend, "LOCATION": uuid.uuid4().hex}}


@pytest.fixture
def alix(aurelia: Organisation, registrar: Actor, noon: datetime) -> User:
    """A reader at Aurelia with a password, who speaks French."""
    with acting_as(registrar):
        user = accounts.grant(
            email="alix@aurelia.example",
            name="Alix Durand",
            password=PASSWORD,
            role="provider_reader",
            place=aurelia,
            by=registrar,
            at=noon - timedelta(days=400),
        )
    User.objects.filter(pk=user.pk).update(language="fr")
    return User.objects.get(pk=user.pk)


@pytest.fixture
def outbox(settings: Any) -> list[EmailMessage]:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    mail.outbox = []
    return mail.outbox


def _enter(browser: Client, email: str = "alix@aurelia.example", password: str = PASSWORD) -> Any:
    return browser.post(reverse("account_login"), {"login": email, "password": password})


def _inside(user: User, browser: Client) -> Client:
    """Sign in with password and code, as a person does."""
    Authenticator.objects.get_or_create(user=user, type="totp", defaults={"data": {"secret": SECRET}})
    cache.clear()  # a code counts once; here two browsers are quicker than half a minute
    assert _enter(browser)["Location"] == reverse("mfa_authenticate")
    assert browser.post(reverse("mfa_authenticate"), {"code": pyotp.TOTP(SECRET).now()}).status_code == 302
    assert browser.get(reverse("workspace")).status_code == 200
    return browser


def test_the_session_has_a_new_key_after_signing_in(alix: User, client: Client) -> None:
    client.get(reverse("account_login"))
    session = client.session
    session["planted"] = True
    session.save()
    client.cookies[configured.SESSION_COOKIE_NAME] = planted = session.session_key
    _inside(alix, client)
    assert client.cookies[configured.SESSION_COOKIE_NAME].value != planted
    thief = Client()
    thief.cookies[configured.SESSION_COOKIE_NAME] = planted
    assert thief.get(reverse("workspace")).status_code == 302


def test_a_session_open_before_the_second_factor_ends_when_one_is_set_up(
    alix: User, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = Client()
    for browser in (before, client):
        assert _enter(browser)["Location"] == reverse("portal-start")
        assert browser.get(reverse("workspace"))["Location"] == reverse("mfa_index")
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    page = client.get(reverse("mfa_activate_totp")).content.decode()
    secret = re.search(r'value="([A-Z2-7]{16,})"', page)
    assert secret, page
    monkeypatch.setattr(transaction, "on_commit", lambda call: call())  # as outside of a test, where it commits at once
    done = client.post(reverse("mfa_activate_totp"), {"code": pyotp.TOTP(secret[1]).now()})
    assert done["Location"] == reverse("mfa_view_recovery_codes")
    shown = client.get(done["Location"])
    assert shown.status_code == 200, shown["Location"]
    codes = shown.content.decode()
    assert len(re.findall(r"^[0-9a-f]{8}\b", codes, re.M)) + len(re.findall(r">([0-9a-f]{8})$", codes, re.M)) >= 9
    again = client.get(done["Location"]).content.decode()
    assert not re.search(r"^[0-9a-f]{8}$", again, re.M), "they are shown once"
    assert client.get(reverse("workspace")).status_code == 200
    assert "_auth_user_id" not in before.session


@pytest.mark.parametrize("page", ["account_login", "account_reset_password"])
def test_nobody_learns_who_has_an_account(alix: User, outbox: list[EmailMessage], client: Client, page: str) -> None:
    told = {}
    for email in (alix.email, "nobody@aurelia.example"):
        answer = client.post(reverse(page), {"login": email, "password": "wrong " * 4, "email": email}, follow=True)
        text = re.sub(r'value="[^"]*"', "", answer.content.decode().replace(email, "…"))
        told[email] = (answer.status_code, answer.redirect_chain, text)
    assert told[alix.email] == told["nobody@aurelia.example"]


def test_an_account_that_is_not_there_takes_as_long_to_refuse(alix: User, client: Client) -> None:
    spent: dict[str, list[float]] = {alix.email: [], "nobody@aurelia.example": []}
    for _ in range(5):
        for email, times in spent.items():
            cache.clear()
            began = time.perf_counter()
            _enter(client, email, "wrong " * 4)
            times.append(time.perf_counter() - began)
    known, unknown = (median(times) for times in spent.values())
    assert 0.5 < known / unknown < 2  # the password is hashed either way, and that is nearly all of it


def test_after_too_many_wrong_passwords_the_right_one_waits_too(alix: User, client: Client) -> None:
    for _ in range(5):
        _enter(client, password="wrong " * 4)
    assert _enter(Client()).status_code == 200, "the right one is refused, from another browser"
    cache.clear()
    assert _enter(client).status_code == 302


COUNT = """
import sys, django
django.setup()
from allauth.core import ratelimit
from django.test import RequestFactory
asked = RequestFactory().post("/", REMOTE_ADDR=sys.argv[2])
print(sum(bool(ratelimit.consume(asked, action="login_failed", key=sys.argv[1])) for _ in range(4)))
"""


def test_attempts_are_counted_for_all_processes_together() -> None:
    """Four attempts in each of two processes, with the settings as they are: five are let through, not eight."""
    key, place = uuid.uuid4().hex, f"2001:db8:{secrets.randbelow(65536):x}:{secrets.randbelow(65536):x}::1"
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "registry.settings"}
    let_through = [
        int(subprocess.check_output([sys.executable, "-c", COUNT, key, place], env=environment, cwd=ROOT, text=True))
        for _ in range(2)
    ]
    assert let_through == [4, 1]


@pytest.mark.parametrize(
    ("backend", "refused"), [("locmem.LocMemCache", 1), ("redis.RedisCache", 0), ("db.DatabaseCache", 0)]
)
def test_a_cache_of_one_process_is_refused_in_production(settings: Any, backend: str, refused: int) -> None:
    settings.CACHES = {"default": {"BACKEND": f"django.core.cache.backends.{backend}", "LOCATION": "x"}}
    assert len(limits_are_shared(None)) == refused


@pytest.mark.parametrize(("language", "subject"), [("en", "Choose a new"), ("fr", "Choisissez"), ("de", "Wählen Sie")])
def test_a_new_password_is_offered_in_the_persons_language(
    alix: User, outbox: list[EmailMessage], client: Client, language: str, subject: str
) -> None:
    User.objects.filter(pk=alix.pk).update(language=language)
    client.post(reverse("account_reset_password"), {"email": alix.email})
    assert outbox[0].subject.startswith(subject)
    assert "Aurelia" not in outbox[0].body
    assert alix.name not in outbox[0].body


def test_who_has_no_account_is_told_so_in_their_mailbox_alone(
    db: None, outbox: list[EmailMessage], client: Client
) -> None:
    with translation.override("de"):
        address = reverse("account_reset_password")
    client.post(address, {"email": "nobody@aurelia.example"})
    assert outbox[0].subject == "Kein Konto mit dieser Adresse"


def _link(client: Client, outbox: list[EmailMessage]) -> str:
    client.post(reverse("account_reset_password"), {"email": "alix@aurelia.example"})
    found = re.search(r"https?://\S+", outbox[-1].body)
    assert found
    return "/" + found[0].split("/", 3)[3]


def _set(client: Client, link: str, password: str = ANOTHER) -> Any:
    form = client.get(link, follow=True)
    target = form.redirect_chain[-1][0] if form.redirect_chain else link
    return client.post(target, {"password1": password, "password2": password})


def test_a_link_sets_a_password_once_and_ends_every_session(
    alix: User, outbox: list[EmailMessage], client: Client
) -> None:
    inside = _inside(alix, Client())
    link = _link(client, outbox)
    assert _set(client, link)["Location"] == reverse("account_reset_password_from_key_done")
    assert inside.get(reverse("workspace")).status_code == 302
    assert b"This link no longer works" in Client().get(link, follow=True).content
    assert _enter(Client(), password=ANOTHER)["Location"] == reverse("mfa_authenticate"), "the second factor stays"


def test_a_link_works_for_an_hour(alix: User, outbox: list[EmailMessage], client: Client) -> None:
    with time_machine.travel(datetime.now(UTC), tick=False) as clock:
        link = _link(client, outbox)
        clock.shift(timedelta(minutes=61))
        assert b"This link no longer works" in client.get(link, follow=True).content


@pytest.mark.parametrize(
    "password",
    [
        "too short 14!!",
        "passwordpassword",
        "P@ssw0rdP@ssw0rd1",
        "compute-registry-2026",
        "alix durand aurelia",
        "qwertyuiopasdfghjkl",
        "iloveyou-football-2024",
        "aaaaaaaaaaaaaaaaaaa",
        "123456789012345678",
    ],
)
def test_a_password_that_is_easy_to_guess_is_refused(password: str) -> None:
    with pytest.raises(ValidationError):
        validate_password(password, User(name="Alix Durand", email="alix@aurelia.example"))


@pytest.mark.parametrize(
    "password",
    [PASSWORD, ANOTHER, "correct horse battery staple", "vT9k-mWq2-Lx8r-Zp4", "Schnabeltier-tanzt-leise"],
)
def test_a_sentence_or_a_random_password_is_taken(password: str) -> None:
    validate_password(password, User(name="Alix Durand", email="alix@aurelia.example"))


def test_passwords_are_kept_by_a_memory_hard_function(alix: User) -> None:
    assert alix.password.startswith("scrypt$16384$")
