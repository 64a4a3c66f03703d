"""People who look at pages, signed in with their second factor, and filings they may find there."""

import uuid
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.utils import translation

from registry.accounts import actions as accounts
from registry.accounts.models import User
from registry.acting import Actor, acting_as
from registry.filings import actions
from registry.filings.actions import NewFiling
from registry.filings.checks.catalogue import reasons
from registry.filings.checks.engine import Acknowledgement
from registry.organisations.models import Authority, Organisation
from registry.portal import purpose
from tests.documents import planned_run

SignIn = Callable[[str, "Organisation | str"], Client]
File = Callable[..., str]


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    """Addresses and sentences are English unless a test asks for others; a request leaves its language behind."""
    with translation.override("en"):
        yield


@pytest.fixture
def sign_in(db: None, registrar: Actor, noon: datetime) -> SignIn:
    """Makes a person with a role, at an organisation or for a territory, and gives the browser of it."""

    def made(role: str, place: Organisation | str) -> Client:
        email = f"{role}-{uuid.uuid4().hex[:6]}@example.org"
        with acting_as(registrar):
            where = place if isinstance(place, Organisation) else _authority(place)
            user = accounts.grant(
                email=email,
                name=f"{role.title()} Example",
                password=None,
                role=role,
                place=where,
                by=registrar,
                at=noon - timedelta(days=400),
            )
        browser = signed_in(user)
        state_purpose(browser)
        return browser

    return made


def state_purpose(browser: Client, reference: str = "", *, basis: str = "review") -> None:
    """As if a purpose had been stated in this session: for a filing, or without a reference for all."""
    session = browser.session
    session[purpose.STATED] = {**session.get(purpose.STATED, {}), reference: [basis, "", ""]}
    session.save()


def forget_purpose(browser: Client) -> None:
    """As at the beginning of a session."""
    session = browser.session
    session.pop(purpose.STATED, None)
    session.save()


def signed_in(user: User, *, second_factor: bool = True) -> Client:
    """A browser in which `user` is signed in."""
    if second_factor:
        Authenticator.objects.create(user=user, type="totp", data={"secret": "JBSWY3DPEHPK3PXP"})
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def _authority(territory: str) -> Authority:
    found, _ = Authority.objects.get_or_create(
        territory=territory, defaults={"code": f"authority-{territory.lower()}", "name": f"Authority {territory}"}
    )
    return found


@pytest.fixture
def file(noon: datetime) -> File:
    """Files the complete sample document for an actor and gives its reference; warnings are acknowledged."""

    def filed(by: Actor, *, at: datetime = noon, draft: bool = False, **changes: object) -> str:
        document = planned_run(**changes)
        item = NewFiling(document, draft=draft)
        with acting_as(by):
            outcome = actions.file([item], by=by, at=at)[0]
        if outcome.refusal is not None:
            reason = next(iter(reasons()))
            known = tuple(
                Acknowledgement(each.code, each.pointer, reason, "Measured on our own cluster.")
                for each in outcome.refusal.obstacles
            )
            with acting_as(by):
                outcome = actions.file([NewFiling(document, acknowledgements=known)], by=by, at=at)[0]
        assert outcome.refusal is None, outcome.refusal
        return outcome.reference

    return filed
