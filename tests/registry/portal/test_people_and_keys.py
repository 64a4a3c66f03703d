"""Administrators keep people and machine clients in pages: two persons for what adds, one for what takes away."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from jwcrypto import jwk

from registry import tasks
from registry.accounts import calls
from registry.accounts.models import ApiClient, ClientKey, Membership, Proposal, StaticKey
from registry.organisations.models import Organisation
from registry.portal.browsers import browser

pytestmark = pytest.mark.django_db
SignIn = Callable[[str, "Organisation | str"], Client]


@pytest.fixture
def hugo(sign_in: SignIn, aurelia: Organisation) -> Client:
    """An administrator's browser."""
    return sign_in("provider_administrator", aurelia)


@pytest.fixture
def ines(sign_in: SignIn, aurelia: Organisation) -> Client:
    """Another administrator's browser."""
    return sign_in("provider_administrator", aurelia)


def _post(browser: Client, route: str, /, *args: object, **fields: str) -> Any:
    return browser.post(reverse(route, args=args), fields, follow=True)


def _decide(browser: Client, verb: str = "confirm", **fields: str) -> Any:
    proposal = Proposal.objects.order_by("-proposed_at").first()
    assert proposal is not None
    answer = _post(browser, f"proposals-{verb}", proposal.id, **fields)
    tasks.sweep_proposals()
    return answer


def _key() -> str:
    return str(jwk.JWK.generate(kty="OKP", crv="Ed25519", kid="laptop").export_public())


def test_one_invites_another_confirms_and_both_see_it(hugo: Client, ines: Client) -> None:
    fields = {"name": "Zoé", "email": "zoe@aurelia.example", "role": "provider_reader"}
    page = _post(hugo, "people-invite", **fields).content.decode()
    assert "Another administrator must confirm it." in page
    assert "proposals" in page
    assert "Withdraw" in page
    assert ">Confirm<" not in page
    page = ines.get(reverse("people")).content.decode()
    assert "Invite Zoé (zoe@aurelia.example) as reader." in page
    assert "Confirm" in page
    _decide(ines)
    assert Membership.objects.filter(user__email="zoe@aurelia.example").exists()
    assert "zoe@aurelia.example" in hugo.get(reverse("people")).content.decode()


def test_who_proposed_is_refused_when_confirming(hugo: Client, ines: Client) -> None:
    _post(hugo, "people-invite", name="Zoé", email="zoe@aurelia.example", role="provider_reader")
    page = _decide(hugo).content.decode()
    assert "You proposed this yourself." in page
    assert Proposal.objects.get().status == "pending"


def test_a_refusal_tells_its_reason(hugo: Client, ines: Client) -> None:
    _post(hugo, "people-invite", name="Zoé", email="zoe@aurelia.example", role="provider_reader")
    _decide(ines, "refuse", reason="Not one of us")
    assert "Not one of us" in hugo.get(reverse("people")).content.decode()


def test_the_last_two_administrators_stay_and_the_page_says_what_to_do(hugo: Client, ines: Client) -> None:
    kept = Membership.objects.order_by("-id").first()
    assert kept is not None
    page = _post(hugo, "people-end", kept.pk, sure="yes").content.decode()
    assert "Two administrators must stay" in page
    assert "Make somebody else an administrator first." in page


def test_a_changed_role_signs_the_person_out(
    hugo: Client, ines: Client, sign_in: SignIn, aurelia: Organisation
) -> None:
    bob = sign_in("provider_reader", aurelia)
    kept = Membership.objects.order_by("-id").first()
    assert kept is not None
    _post(hugo, "people-change", kept.pk, role="provider_submitter")
    _decide(ines)
    assert Membership.objects.filter(user=kept.user, role="provider_submitter", ends_at__isnull=True).exists()
    assert bob.get(reverse("workspace")).status_code in {200, 302}


def test_who_only_files_is_shown_neither_page(sign_in: SignIn, aurelia: Organisation) -> None:
    alice = sign_in("provider_submitter", aurelia)
    assert [alice.get(reverse(name)).status_code for name in ("people", "keys")] == [403, 403]


def test_a_supervisor_keeps_people_and_has_no_clients(sign_in: SignIn) -> None:
    sylvie = sign_in("supervisor", "FR")
    assert sylvie.get(reverse("people")).status_code == 200
    assert sylvie.get(reverse("keys")).status_code == 403


def test_a_client_and_its_keys_from_first_to_last(hugo: Client, ines: Client, aurelia: Organisation) -> None:
    fields = {"name": "Pipeline", "scope-filings:read": "yes", "key": _key(), "not_after": ""}
    _post(hugo, "keys-register", **fields)
    _decide(ines, back="keys")
    client = ApiClient.objects.get(organisation=aurelia)
    page = hugo.get(reverse("keys")).content.decode()
    assert client.client_id in page
    assert "laptop" in page
    _post(hugo, "keys-end", client.client_id, key_id="laptop")
    assert "ended" in hugo.get(reverse("keys")).content.decode()
    _post(ines, "keys-revoke", client.client_id, sure="yes")
    client.refresh_from_db()
    assert client.ends_at is not None


def test_a_private_key_is_refused_with_a_warning_and_not_kept(hugo: Client) -> None:
    private = str(jwk.JWK.generate(kty="EC", crv="P-256").export(private_key=True))
    answer = _post(hugo, "keys-register", **{"name": "x", "scope-filings:read": "yes", "key": private})
    assert "private key" in answer.content.decode()
    assert not Proposal.objects.exists()


def test_a_day_that_is_none_is_refused(hugo: Client) -> None:
    fields = {"name": "x", "scope-filings:read": "yes", "key": _key(), "not_after": "soon"}
    assert "must be a day" in _post(hugo, "keys-register", **fields).content.decode()


def test_a_stranger_ends_no_client(hugo: Client, ines: Client, sign_in: SignIn, cantabria: Organisation) -> None:
    _post(hugo, "keys-register", **{"name": "Pipeline", "scope-filings:read": "yes", "key": _key()})
    _decide(ines)
    client = ApiClient.objects.get()
    stranger = sign_in("provider_administrator", cantabria)
    assert client.client_id not in stranger.get(reverse("keys")).content.decode()
    assert _post(stranger, "keys-revoke", client.client_id).status_code == 404
    assert _post(stranger, "keys-end", client.client_id, key_id="laptop").status_code == 404
    assert ClientKey.objects.get().ends_at.year > 2026


def test_a_static_key_is_shown_once_where_there_is_a_sandbox(hugo: Client, ines: Client, settings: Any) -> None:
    _post(hugo, "keys-register", **{"name": "Pipeline", "scope-filings:read": "yes", "key": _key()})
    _decide(ines)
    named = ApiClient.objects.get().client_id
    settings.SANDBOX_KEYS = False
    assert "sandbox only" in _post(hugo, "keys-static", named).content.decode()
    settings.SANDBOX_KEYS = True
    shown = re.findall(r"sk_test_[\w-]{43}", _post(hugo, "keys-static", named).content.decode())
    assert len(shown) == 1
    _decide(ines)
    assert StaticKey.objects.get().hint == shown[0][:14]
    assert shown[0] not in hugo.get(reverse("keys")).content.decode()


def test_the_last_calls_stand_with_their_client_and_errors_by_themselves(
    hugo: Client, ines: Client, sign_in: SignIn, cantabria: Organisation
) -> None:
    _post(hugo, "keys-register", **{"name": "Pipeline", "scope-filings:read": "yes", "key": _key()})
    _decide(ines)
    client, now = ApiClient.objects.get(), datetime.now(UTC)
    noted = ((9, 400, "validation", "old"), (1, 201, "", "good"), (0, 404, "not-found", "bad"))
    for days, status, problem, trace in noted:
        told: dict[str, Any] = {"status": status, "problem": problem, "trace_id": trace}
        calls.note(client=client.pk, at=now - timedelta(days=days), method="POST", route="filings-one", **told)
    page = hugo.get(reverse("keys")).content.decode()
    assert all(f">{trace}<" in page for trace in ("old", "good", "bad"))
    assert "POST /api/v1/filings/{reference}/" in page
    assert 'href="/problems/not-found' in page
    assert "errors of the last 7 days: 1" in page
    page = hugo.get(f"{reverse('keys')}?calls=errors").content.decode()
    assert [trace for trace in ("old", "good", "bad") if f">{trace}<" in page] == ["bad"]
    assert "<details open" in page.replace(' class="calls"', "")
    elsewhere = sign_in("provider_administrator", cantabria).get(reverse("keys")).content.decode()
    assert ">bad<" not in elsewhere


@pytest.mark.parametrize("language", ["fr", "de"])
def test_the_pages_speak_the_readers_language(hugo: Client, language: str) -> None:
    for name, word in (("people", {"fr": "Membres", "de": "Mitglieder"}), ("keys", {"fr": "clé", "de": "Schlüssel"})):
        page = hugo.get(reverse(name).replace("/en/", f"/{language}/")).content.decode()
        assert word[language] in page


AGENTS = [
    (
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36",
        "Chrome, Linux",
    ),
    ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:142.0) Gecko/20100101 Firefox/142.0", "Firefox, Windows"),
    ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1", "Safari, iPhone"),
    ("<script>alert(1)</script>", "Another browser"),
]


@pytest.mark.parametrize(("agent", "words"), AGENTS)
def test_a_browser_is_told_in_two_words(agent: str, words: str) -> None:
    assert browser(agent) == words
