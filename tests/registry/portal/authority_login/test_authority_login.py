"""People of an authority come in through a local provider: those granted an account, and nobody by a forged token."""

import json
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.urls import reverse

from registry.accounts import actions as accounts
from registry.accounts.models import User
from registry.acting import Actor, acting_as
from registry.organisations.models import Authority
from registry.portal.authority_login.configuration import identity_providers, origins
from tests.conftest import NOON
from tests.registry.portal.authority_login.identity_provider import CLIENT, SECRET, IdentityProvider, running

OLGA = {"sub": "n00olga", "email": "Olga@authority.example", "email_verified": True}


@pytest.fixture(scope="module")
def listening() -> Iterator[IdentityProvider]:
    with running() as provider:
        yield provider


@pytest.fixture
def provider(listening: IdentityProvider, settings: Any) -> IdentityProvider:
    """The provider as configured: one that is asked for a level, and one of another State, at the same address."""
    listening.person, listening.sign, listening.forge = dict(OLGA), "own", lambda claims: claims
    listening.codes, listening.metadata, listening.refused = {}, {}, []
    settings.SOCIALACCOUNT_PROVIDERS = identity_providers(
        json.dumps([_said(listening), _said(listening, id="other", email_domains=["elsewhere.example"])]),
        production=False,
    )
    return listening


def _said(provider: IdentityProvider, **changes: Any) -> dict[str, Any]:
    said = {"id": "eu-login", "name": "EU Login", "issuer": provider.issuer, "client_id": CLIENT}
    return said | {"client_secret": SECRET, "email_domains": ["authority.example"]} | changes


@pytest.fixture
def olga(db: None, registrar: Actor) -> User:
    with acting_as(registrar):
        place, _ = Authority.objects.get_or_create(
            territory="FR", defaults={"code": "authority-fr", "name": "Authority FR"}
        )
        return accounts.grant(
            email="olga@authority.example",
            name="Olga",
            password=None,
            role="officer",
            place=place,
            by=registrar,
            at=NOON - timedelta(days=400),
        )


def _sent(browser: Client, name: str = "eu-login", **query: str) -> dict[str, str]:
    """Start; what the register asks the provider for."""
    answer = browser.post(reverse("openid_connect_login", args=[name]), query_params=query)
    assert answer.status_code == 302, answer.content
    return dict(parse_qsl(urlsplit(answer["Location"]).query)) | {"address": answer["Location"]}


def _back(browser: Client, name: str = "eu-login", **query: str) -> Any:
    return browser.get(reverse("openid_connect_callback", args=[name]), query)


def _through(browser: Client, provider: IdentityProvider, name: str = "eu-login", **more: str) -> Any:
    asked = _sent(browser, name)
    return _back(browser, name, code=provider.authorize(asked["address"]), state=asked["state"], **more)


def _is_in(browser: Client) -> bool:
    return "_auth_user_id" in browser.session


def test_the_register_asks_with_pkce_state_and_nonce_and_for_nothing_else(
    db: None, client: Client, provider: IdentityProvider
) -> None:
    asked = _sent(client, scope="everything", auth_params="nonce=mine&prompt=none", process="connect")
    assert asked["code_challenge_method"] == "S256"
    assert min(len(asked[name]) for name in ("code_challenge", "state", "nonce")) >= 16
    assert set(asked["scope"].split()) == {"openid", "email"}
    assert "prompt" not in asked
    assert asked["nonce"] != _sent(client)["nonce"] != "mine"
    assert asked["redirect_uri"].endswith("/en/account/oidc/eu-login/login/callback/")


def test_somebody_with_an_account_comes_in_and_is_known_again(
    client: Client, provider: IdentityProvider, olga: User
) -> None:
    first = _through(client, provider)
    assert (first.status_code, first["Location"]) == (302, reverse("portal-start"))
    assert client.session["_auth_user_id"] == str(olga.pk)
    linked = SocialAccount.objects.get()
    assert (linked.user, linked.provider, linked.uid, linked.extra_data) == (
        olga,
        "eu-login",
        "n00olga",
        {"iss": provider.issuer},
    )
    again = Client()
    provider.person |= {"email": "new-name@authority.example"}  # the subject counts from now on
    _through(again, provider)
    assert again.session["_auth_user_id"] == str(olga.pk)
    assert SocialAccount.objects.count() == 1


def test_who_has_a_local_key_shows_it_too(client: Client, provider: IdentityProvider, olga: User) -> None:
    Authenticator.objects.create(user=olga, type="totp", data={"secret": "JBSWY3DPEHPK3PXP"})
    assert _through(client, provider)["Location"] == reverse("mfa_authenticate")
    assert not _is_in(client)


@pytest.mark.parametrize(
    "person",
    [
        {"sub": "n00pedro", "email": "pedro@authority.example", "email_verified": True},
        OLGA | {"email_verified": False},
        OLGA | {"email_verified": "true"},
        {"sub": "n00olga", "email": "olga@authority.example"},
        {"sub": "n00olga"},
    ],
    ids=["unknown", "not verified", "verified in words", "nothing said", "no address"],
)
def test_nobody_gets_an_account_by_signing_in(
    client: Client, provider: IdentityProvider, olga: User, person: dict[str, Any]
) -> None:
    provider.person = person
    before = User.objects.count()
    answer = _through(client, provider)
    assert (answer.status_code, _is_in(client)) == (200, False)
    assert b"No account" in answer.content
    assert (User.objects.count(), SocialAccount.objects.count()) == (before, 0)


def test_a_provider_names_no_other_states_people(client: Client, provider: IdentityProvider, olga: User) -> None:
    _through(client, provider, "other")
    assert not _is_in(client)


FORGED: dict[str, dict[str, Any]] = {
    "for somebody else": {"aud": "another"},
    "from somebody else": {"iss": "https://elsewhere.example"},
    "expired": {"exp": int(time.time()) - 3600},
    "for another sign-in": {"nonce": "guessed"},
    "for two, by the other": {"aud": [CLIENT, "another"], "azp": "another"},
    "for two, by nobody": {"aud": [CLIENT, "another"]},
    "by another party": {"azp": "another"},
    "not yet made": {"iat": int(time.time()) + 86400},
    "of nobody": {"sub": ""},
    "without an end": {"exp": None},
    "without a nonce": {"nonce": None},
}


@pytest.mark.parametrize("how", FORGED)
def test_a_forged_token_lets_nobody_in(client: Client, provider: IdentityProvider, olga: User, how: str) -> None:
    def forge(claims: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in (claims | FORGED[how]).items() if value is not None}

    provider.forge = forge
    assert (_through(client, provider).status_code, _is_in(client)) == (401, False)


@pytest.mark.parametrize("sign", ["none", "stranger", "public key as secret"])
def test_a_token_with_another_signature_lets_nobody_in(
    client: Client, provider: IdentityProvider, olga: User, sign: str
) -> None:
    provider.sign = sign
    assert (_through(client, provider).status_code, _is_in(client)) == (401, False)


def test_a_code_is_not_used_twice(client: Client, provider: IdentityProvider, olga: User) -> None:
    asked = _sent(client)
    code = provider.authorize(asked["address"])
    assert _back(client, code=code, state=asked["state"]).status_code == 302
    client.post(reverse("account_logout"))
    assert _back(client, code=code, state=asked["state"]).status_code == 401
    mine = _sent(client)
    assert _back(client, code=code, state=mine["state"]).status_code == 401
    assert provider.refused == ["code"]
    assert not _is_in(client)


def test_a_stolen_code_is_worth_nothing_to_another_browser(
    client: Client, provider: IdentityProvider, olga: User
) -> None:
    code = provider.authorize(_sent(client)["address"])
    thief = Client()
    assert _back(thief, code=code, state=_sent(thief)["state"]).status_code == 401
    assert (provider.refused, _is_in(thief)) == (["pkce"], False)


@pytest.mark.parametrize("state", ["", "guessed"])
def test_an_answer_that_nobody_asked_for_is_not_heard(
    client: Client, provider: IdentityProvider, olga: User, state: str
) -> None:
    code = provider.authorize(_sent(client)["address"])
    assert (_back(client, code=code, state=state).status_code, _is_in(client)) == (401, False)


def test_an_answer_of_another_issuer_is_not_heard(client: Client, provider: IdentityProvider, olga: User) -> None:
    assert _through(client, provider, iss="https://elsewhere.example").status_code == 401
    assert _through(client, provider, iss=provider.issuer).status_code == 302


@pytest.mark.parametrize(("acr", "status"), [("high", 302), ("low", 401), (None, 401)])
def test_where_a_level_is_demanded_a_lower_one_lets_nobody_in(
    client: Client, provider: IdentityProvider, olga: User, settings: Any, acr: str | None, status: int
) -> None:
    said = json.dumps([_said(provider, acr=["high", "highest"])])
    settings.SOCIALACCOUNT_PROVIDERS = identity_providers(said, production=False)
    provider.person |= {"acr": acr} if acr else {}
    assert "acr_values=high+highest" in _sent(client)["address"]
    assert _through(client, provider).status_code == status


@pytest.mark.parametrize("metadata", [{"issuer": "https://elsewhere.example"}, {"token_endpoint": "file:///etc"}])
def test_metadata_that_does_not_fit_sends_nobody_anywhere(
    db: None, client: Client, provider: IdentityProvider, metadata: dict[str, Any]
) -> None:
    provider.metadata = metadata
    assert client.post(reverse("openid_connect_login", args=["eu-login"])).status_code == 401


def test_a_provider_that_says_too_much_or_nothing_is_a_page_and_no_mistake(
    db: None, client: Client, provider: IdentityProvider, settings: Any
) -> None:
    provider.metadata = {"padding": "x" * 300_000}
    assert client.post(reverse("openid_connect_login", args=["eu-login"])).status_code == 401
    said = json.dumps([_said(provider, issuer="http://127.0.0.1:9")])
    settings.SOCIALACCOUNT_PROVIDERS = identity_providers(said, production=False)
    assert client.post(reverse("openid_connect_login", args=["eu-login"])).status_code == 401


def test_an_unknown_provider_is_not_there(db: None, client: Client) -> None:
    assert client.post(reverse("openid_connect_login", args=["nobody"])).status_code == 404


def test_the_page_to_sign_in_names_the_providers(db: None, client: Client, provider: IdentityProvider) -> None:
    assert "Sign in with EU Login" in client.get(reverse("account_login")).content.decode()


@pytest.mark.parametrize(
    "said",
    ["{}", "no json", "[{}]", '[{"id": "x"}]'],
)
def test_what_is_not_whole_stops_the_start_by_its_name(said: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="IDENTITY_PROVIDERS"):
        identity_providers(said, production=False)


@pytest.mark.parametrize("changes", [{"issuer": "http://idp.example"}, {"email_domains": []}, {"id": "A b"}, {"x": 1}])
def test_a_provider_without_https_or_domains_stops_the_start_in_production(changes: dict[str, Any]) -> None:
    good = _said(IdentityProvider(issuer="https://idp.example"))
    assert origins(identity_providers(json.dumps([good]), production=True)) == ["https://idp.example"]
    with pytest.raises(ImproperlyConfigured, match="IDENTITY_PROVIDERS"):
        identity_providers(json.dumps([good | changes]), production=True)


def test_two_providers_of_one_name_stop_the_start() -> None:
    good = _said(IdentityProvider(issuer="https://idp.example"))
    with pytest.raises(ImproperlyConfigured, match="same id"):
        identity_providers(json.dumps([good, good]), production=True)
