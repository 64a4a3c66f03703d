"""The pages of people, machine clients and one's own sessions in a browser: accessible, wide and narrow, thrice."""

from datetime import UTC, datetime, timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client
from django.urls import reverse
from jwcrypto import jwk

from registry import tasks
from registry.accounts.models import Proposal, User
from registry.dispatch.models import Event
from registry.onboarding import invitations
from registry.organisations.models import Organisation
from tests.registry.portal.conftest import SignIn
from tests.registry.portal.test_in_a_browser import fetched, inspected, pytestmark

__all__ = ["pytestmark"]
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:142.0) Gecko/20100101 Firefox/142.0"
PAGES = ("people", "keys", "usersessions_list")


@pytest.fixture
def hugo(sign_in: SignIn, aurelia: Organisation) -> Client:
    """An administrator, with somebody invited, sessions open, a client with a key, and proposals that wait."""
    hugo, ines = sign_in("provider_administrator", aurelia), sign_in("provider_administrator", aurelia)
    _invited(hugo, ines, "zoe@aurelia.example")
    key = str(jwk.JWK.generate(kty="OKP", crv="Ed25519", kid="laptop").export_public())
    hugo.post(reverse("keys-register"), {"name": "Pipeline", "scope-filings:read": "yes", "key": key})
    _confirmed(ines)
    hugo.post(reverse("keys-register"), {"name": "Archive", "scope-receipts:read": "yes", "key": key})
    ines.post(reverse("people-invite"), {"name": "Yves", "email": "yves@aurelia.example", "role": "provider_reader"})
    for user in User.objects.filter(pk__in=[each.session["_auth_user_id"] for each in (hugo, ines)]):
        for number in range(2):
            made = {"session_key": f"{user.pk.hex}{number}"[:40], "ip": "192.0.2.7", "user_agent": FIREFOX}
            UserSession.objects.create(user=user, last_seen_at=datetime.now(UTC) - timedelta(minutes=9), **made)
    return hugo


def _invited(one: Client, other: Client, email: str) -> None:
    one.post(reverse("people-invite"), {"name": "Zoé Tester", "email": email, "role": "provider_reader"})
    _confirmed(other)
    for event in Event.objects.filter(kind__in=invitations.CAUSES):
        tasks.invite_member(reference=event.subject, event_key=str(event.key))


def _confirmed(by: Client) -> None:
    by.post(reverse("proposals-confirm", args=[Proposal.objects.latest("proposed_at").id]))
    tasks.sweep_proposals()


@pytest.mark.parametrize("language", ["en", "fr", "de"])
def test_the_pages_of_people_keys_and_sessions_are_accessible(hugo: Client, language: str) -> None:
    addresses = [reverse(name).replace("/en/", f"/{language}/", 1) for name in PAGES]
    assert not inspected({address: fetched(hugo, address) for address in addresses})
