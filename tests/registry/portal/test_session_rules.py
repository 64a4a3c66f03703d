"""How long a session lasts, and that nothing of it stays behind."""

import os
import secrets
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from registry.accounts.models import Membership
from registry.organisations.models import Organisation
from tests.house.sources import ROOT
from tests.registry.portal.conftest import SignIn

NINE = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
PROVIDER, OFFICER = ("provider_reader", "workspace", 30), ("officer", "overview", 15)


def _is_in(browser: Client, page: str) -> bool:
    answer = browser.get(reverse(page))
    assert answer.status_code in {200, 302}
    return answer.status_code == 200


@pytest.mark.parametrize(("role", "page", "minutes"), [PROVIDER, OFFICER])
def test_a_session_ends_when_nothing_is_done_in_it(
    sign_in: SignIn, aurelia: Organisation, role: str, page: str, minutes: int
) -> None:
    with time_machine.travel(NINE, tick=False) as clock:
        browser = sign_in(role, aurelia if role.startswith("provider") else "FR")
        for _ in range(3):
            assert _is_in(browser, page)
            clock.shift(timedelta(minutes=minutes - 1))
        assert _is_in(browser, page)
        clock.shift(timedelta(minutes=minutes))
        key = browser.session.session_key
        answer = browser.get(reverse(page))
        assert answer["Location"].startswith(reverse("account_login"))
    assert not Session.objects.filter(session_key=key).exists()


def test_a_session_ends_after_eight_hours_whatever_is_done_in_it(sign_in: SignIn, aurelia: Organisation) -> None:
    with time_machine.travel(NINE, tick=False) as clock:
        browser = sign_in("provider_reader", aurelia)
        for _ in range(32):
            assert _is_in(browser, "workspace")
            clock.shift(timedelta(minutes=15))
        assert not _is_in(browser, "workspace")


def test_every_session_ends_when_the_role_changes(sign_in: SignIn, aurelia: Organisation) -> None:
    browser = sign_in("provider_reader", aurelia)
    assert _is_in(browser, "workspace")
    Membership.objects.filter(user=browser.session["_auth_user_id"]).update(role="provider_administrator")
    assert not _is_in(browser, "workspace")
    assert "_auth_user_id" not in browser.session


def test_signing_out_leaves_nothing_behind(sign_in: SignIn, aurelia: Organisation) -> None:
    browser = sign_in("provider_reader", aurelia)
    key = browser.session.session_key
    assert "no-store" in browser.get(reverse("workspace"))["Cache-Control"]
    answer = browser.post(reverse("account_logout"))
    assert answer["Clear-Site-Data"] == '"cache", "cookies", "storage"'
    assert not Session.objects.filter(session_key=key).exists()


def test_no_account_page_is_kept_in_a_cache(db: None, client: Client) -> None:
    for name in ("account_login", "account_reset_password"):
        assert "no-store" in client.get(reverse(name))["Cache-Control"]


def test_cookies_of_production_are_bound_to_the_host() -> None:
    """`__Host-`: secure, for this host alone, for all of it (RFC 6265bis 4.1.3.2)."""
    names = "SESSION_COOKIE_NAME CSRF_COOKIE_NAME SESSION_COOKIE_SECURE CSRF_COOKIE_SECURE SESSION_COOKIE_HTTPONLY"
    names += " SESSION_COOKIE_SAMESITE SESSION_COOKIE_DOMAIN SESSION_COOKIE_PATH CSRF_COOKIE_DOMAIN CSRF_COOKIE_PATH"
    code = f"from django.conf import settings; print(*[getattr(settings, name) for name in {names.split()!r}])"
    environment = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "registry.settings",
        "REGISTRY_ENVIRONMENT": "production",
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
        "CELERY_BROKER_URL": "memory://",
        "BASE_URL": "https://registry.example.eu",
        "SECRET_KEY": secrets.token_urlsafe(48),
        "FACTOR_KEYS": secrets.token_urlsafe(48),
    }
    told = subprocess.check_output([sys.executable, "-c", code], env=environment, cwd=ROOT, text=True)
    assert told.split() == ["__Host-session", "__Host-csrf", "True", "True", "True", "Lax", "None", "/", "None", "/"]
