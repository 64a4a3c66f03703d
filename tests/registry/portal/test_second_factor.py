"""No page that is not public without a second factor, whatever the address; and the ways that an audience must use."""

import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from registry.accounts.models import User
from registry.organisations.models import Organisation
from registry.portal.second_factor import OPEN_WITHOUT
from registry.portal.sign_in_rules import CLOSED
from tests.registry.portal.conftest import SignIn, signed_in

PASSWORD, CODE, KEY = {"method": "password"}, {"method": "mfa", "type": "totp"}, {"method": "mfa", "type": "webauthn"}
PASSKEY, ABROAD = KEY | {"passwordless": True}, {"method": "socialaccount", "provider": "eu-login", "uid": "1"}
VALUES = {"int": 1, "uuid": "00000000-0000-0000-0000-000000000001", "str": "x", "slug": "x"}


def _addresses() -> Iterator[tuple[str, str]]:
    """Name and address of everything the resolver knows, the library's included, the API left out."""

    def walk(patterns: list[Any], before: str) -> Iterator[tuple[str, str]]:
        for pattern in patterns:
            route = before + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                yield from walk(pattern.url_patterns, route)
            elif isinstance(pattern, URLPattern):
                yield pattern.name or "", "/" + _filled(route, pattern)

    yield from (each for each in walk(get_resolver().url_patterns, "") if not each[1].startswith("/api/"))


def _filled(route: str, pattern: URLPattern) -> str:
    """The route with values that its converters admit."""
    known = pattern.pattern.converters
    for name in re.findall(r"<(?:\w+:)?(\w+)>", route):
        kind = next((kind for kind in ("Int", "UUID", "Reference") if kind in type(known.get(name, "")).__name__), "")
        value = {"Int": "1", "UUID": VALUES["uuid"], "Reference": "ECAR-2026-000001-7"}.get(kind, "x1")
        route = re.sub(rf"<(?:\w+:)?{name}>", str(value), route)
    return route if "(?P" not in route and "^" not in route else ""


def test_without_a_second_factor_no_address_is_reached(db: None) -> None:
    user = User.objects.create_user(email="half@example.org", password=None, name="Half")
    browser = signed_in(user, second_factor=False)
    reached, asked = {}, 0
    for name, address in {*_addresses()}:
        if not address or address == "/" or name in OPEN_WITHOUT | CLOSED:
            continue
        for method in (browser.get, browser.post):
            asked += 1
            answer = method(address)
            if answer.status_code != 404 and answer.headers.get("Location") != reverse("mfa_index"):
                reached[address] = answer.status_code
    assert asked > 150
    assert reached == {}


def test_what_is_open_without_one_shows_nothing_of_the_register(db: None) -> None:
    assert {name for name in OPEN_WITHOUT if not name.startswith(("mfa_", "account_"))} == set()


def test_pages_that_the_house_does_not_open_are_not_there(db: None, client: Client) -> None:
    for name in CLOSED:
        address = reverse(name, args=["abc"]) if name == "account_confirm_email" else reverse(name)
        assert (client.get(address).status_code, client.post(address).status_code) == (404, 404), name


def _shown(browser: Client, *records: dict[str, Any], ago: float = 0) -> None:
    """Write into the session what allauth would have recorded in it."""
    session = browser.session
    session["account_authentication_methods"] = [{"at": time.time() - ago, **record} for record in records]
    session["account_authentication_methods_user"] = session["_auth_user_id"]
    session.save()


def _add_key(browser: Client) -> None:
    Authenticator.objects.create(user_id=browser.session["_auth_user_id"], type="webauthn", data={})


def test_a_session_from_before_the_second_factor_must_show_it(sign_in: SignIn, aurelia: Organisation) -> None:
    browser = sign_in("provider_reader", aurelia)
    _shown(browser, PASSWORD)
    for name in ("workspace", "mfa_index", "mfa_add_webauthn", "mfa_generate_recovery_codes"):
        assert browser.get(reverse(name))["Location"].startswith(reverse("mfa_reauthenticate") + "?next="), name
    _shown(browser, PASSWORD, CODE)
    assert browser.get(reverse("workspace")).status_code == 200


@pytest.mark.parametrize(("records", "status"), [((PASSWORD, CODE), 200), ((PASSKEY,), 200), ((ABROAD,), 403)])
def test_a_provider_comes_in_by_its_ways(
    sign_in: SignIn, aurelia: Organisation, settings: Any, records: tuple[dict[str, Any], ...], status: int
) -> None:
    browser = sign_in("provider_reader", aurelia)
    _add_key(browser)
    settings.PRODUCTION = True
    _shown(browser, *records)
    assert browser.get(reverse("workspace")).status_code == status


@pytest.mark.parametrize(("records", "status"), [((PASSWORD, CODE), 403), ((PASSKEY,), 403), ((ABROAD,), 200)])
def test_an_officer_comes_in_through_the_authority_alone(
    sign_in: SignIn, settings: Any, records: tuple[dict[str, Any], ...], status: int
) -> None:
    browser = sign_in("officer", "FR")
    _add_key(browser)
    settings.PRODUCTION = True
    _shown(browser, *records)
    answer = browser.get(reverse("overview"))
    assert answer.status_code == status
    assert (b"EU Login" in answer.content) is (status == 403)


def test_before_somebody_is_named_an_officer_shows_a_passkey(sign_in: SignIn, settings: Any) -> None:
    browser = sign_in("officer", "FR")
    address = reverse("oversight-filings-one", args=["ECAR-2026-000001-7"])
    settings.PRODUCTION = True
    _shown(browser, ABROAD)
    assert browser.get(address)["Location"] == reverse("mfa_add_webauthn")
    _add_key(browser)
    for _ in range(2):
        assert browser.get(address)["Location"].startswith(reverse("mfa_reauthenticate_webauthn"))
        _shown(browser, ABROAD, KEY, ago=31 * 60)
    _shown(browser, ABROAD, KEY, ago=29 * 60)
    assert browser.get(address).status_code != 302


def test_an_operator_with_a_password_makes_a_passkey_first(sign_in: SignIn, settings: Any) -> None:
    browser = sign_in("operator", "EU")
    settings.PRODUCTION = True
    _shown(browser, PASSWORD, CODE)
    assert browser.get(reverse("portal-start"))["Location"] == reverse("mfa_add_webauthn")
    _add_key(browser)
    assert browser.get(reverse("portal-start")).status_code == 403


def test_in_production_a_session_that_has_shown_nothing_is_worth_nothing(sign_in: SignIn, settings: Any) -> None:
    browser = sign_in("officer", "FR")
    settings.PRODUCTION = True
    assert browser.get(reverse("overview"))["Location"].startswith(reverse("mfa_reauthenticate"))
