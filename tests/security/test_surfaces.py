"""Each surface does its whole work on its own login, which has nothing of the others: people and machines come in."""

import uuid
from collections.abc import Iterator
from typing import Any

import psycopg
import pyotp
import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import translation

from registry.accounts import actions as accounts
from registry.accounts.policy import of_the_register
from registry.acting import acting_as
from registry.organisations.models import Authority
from registry.statistics import releases
from registry.statistics.disclosure.threshold import Parameters
from tests.conftest import NOON
from tests.documents import planned_run
from tests.security.asking import state_a_purpose
from tests.security.conftest import Connect, Login, World

pytestmark = pytest.mark.xdist_group("committed")
PASSWORD = "a long enough sentence of my own"
FILINGS = "/api/v1/filings/"


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    """Addresses in English."""
    with translation.override("en"):
        yield


@pytest.fixture
def officer(world: World) -> tuple[str, str]:
    """E-mail and secret of an officer in France with a password and one-time codes."""
    registrar = of_the_register("registrar")
    email, secret = f"{uuid.uuid4().hex[:8]}@example.org", pyotp.random_base32()
    with acting_as(registrar):
        place = Authority.objects.get(territory="FR")
        user = accounts.grant(
            email=email, name="Olga", password=PASSWORD, role="officer", place=place, by=registrar, at=NOON
        )
        TOTP.activate(user, secret)
    return email, secret


def test_a_person_signs_in_with_both_factors_and_works_on_the_login_of_the_portal(
    world: World, as_login: Login, officer: tuple[str, str]
) -> None:
    email, secret = officer
    browser = Client()
    with as_login("ecar_web_portal"):
        first: Any = browser.post(reverse("account_login"), {"login": email, "password": PASSWORD})
        assert first["Location"] == reverse("mfa_authenticate"), first.content[:400]
        assert browser.get(reverse("overview")).status_code == 302
        second = browser.post(reverse("mfa_authenticate"), {"code": pyotp.TOTP(secret).now()})
        assert second.status_code == 302, second.content[:400]
        state_a_purpose(browser)
        shown = browser.get(reverse("queue"))
        assert (shown.status_code, world.filed.encode() in shown.content) == (200, True)
        assert world.filed_by_cantabria.encode() not in shown.content
        assert browser.post(reverse("account_logout")).status_code == 302
        assert browser.get(reverse("queue")).status_code == 302


def test_a_wrong_password_and_a_wrong_code_do_not_let_in(
    world: World, as_login: Login, officer: tuple[str, str]
) -> None:
    email, _ = officer
    browser = Client()
    with as_login("ecar_web_portal"):
        assert browser.post(reverse("account_login"), {"login": email, "password": "x"}).status_code == 200
        browser.post(reverse("account_login"), {"login": email, "password": PASSWORD})
        assert browser.post(reverse("mfa_authenticate"), {"code": "000000"}).status_code == 200
        assert browser.get(reverse("overview")).status_code == 302
    assert not any("_auth_user_id" in session.get_decoded() for session in Session.objects.all())


def test_a_machine_fetches_a_token_files_and_reads_on_the_login_of_the_api(world: World, as_login: Login) -> None:
    machine = world.machine
    with as_login("ecar_web_api"):
        machine.sign_in()
        made = machine.post(FILINGS, {"document": planned_run(run__client_run_id=uuid.uuid4().hex)})
        assert made.status_code == 201, made.content
        url = made.json()["url"]
        assert machine.get(url + "versions/1/receipt/").status_code == 200
        assert machine.post(url + "withdraw/", {"reason": "Only a trial."}).status_code == 200
        assert machine.get("/api/v1/changes/").status_code == 200
        assert Client().get("/api/v1/accelerators/").status_code == 200


def test_the_public_surface_shows_statistics_and_open_data_on_its_login(world: World, as_login: Login) -> None:
    with as_login("ecar_web_public"):
        for name in ("home", "statistics", "requirements", "status", "about"):
            assert Client().get(reverse(name)).status_code == 200, name


def test_the_worker_builds_statistics_on_its_login(world: World, as_login: Login) -> None:
    later = NOON.replace(year=2027, month=2)
    with as_login("ecar_worker"), acting_as(of_the_register("builder")) as builder:
        release = releases.publish(by=builder, at=later, parameters=Parameters(minimum_holdings=3))
    assert release is not None


@pytest.mark.parametrize("login", ["ecar_web", "ecar_web_api", "ecar_web_portal", "ecar_web_public", "ecar_worker"])
def test_no_surface_changes_the_house(connect: Connect, login: str) -> None:
    statements = (
        "create table mine (x int)",
        "alter table filings_filing disable row level security",
        "drop policy ecar_provider_select on filings_filing",
        "grant select on filings_filing to public",
        "set session_replication_role = replica",
        "truncate filings_version",
        "create role mine",
    )
    for statement in statements:
        with connect(login) as opened, pytest.raises(psycopg.errors.InsufficientPrivilege):
            opened.execute(statement.encode())
