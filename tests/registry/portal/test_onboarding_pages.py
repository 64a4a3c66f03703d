"""Onboarding as people see it: apply, be asked, answer, be approved, enrol; confirm, state, act for another."""

import re
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from registry import tasks
from registry.accounts.models import User
from registry.filings.models import Filing
from registry.onboarding.models import Application, Confirmation, Letter
from registry.organisations.models import Mandate, Organisation, Statement
from tests.registry.onboarding.conftest import LEI
from tests.registry.portal.conftest import File, SignIn, signed_in

PASSWORD = "a long enough sentence of my own"


def form(**changes: str) -> dict[str, str]:
    """The application form, filled in completely."""
    return {
        "/legal_name": "Lumen Calcul SAS",
        "/trade_names": "Lumen, Lux",
        "/seat_country": "FR",
        "/lei": LEI,
        "/euid": "",
        "/roles/developer": "yes",
        "/contact/name": "Claire Dubois",
        "/contact/email": "claire@lumen.example",
        "/contact/language": "en",
        "/administrators/0/name": "Ines Faure",
        "/administrators/0/email": "ines@lumen.example",
        "/administrators/1/name": "Marc Petit",
        "/administrators/1/email": "marc@lumen.example",
        **changes,
    }


def posted() -> list[str]:
    """Send what waits and give the links in it."""
    before = len(mail.outbox)
    tasks.send_onboarding_letters()
    return [re.findall(r"https?://[^/]+(/\S+)", str(message.body))[0] for message in mail.outbox[before:]]


@pytest.fixture
def applied(db: None) -> str:
    """An application handed in; the address of its page."""
    browser = Client()
    assert browser.post(reverse("register"), form())["Location"] == reverse("register-sent")
    (link,) = posted()
    browser.post(f"{link}confirm/")
    assert posted() == [link]
    return link


def test_an_application_goes_from_the_form_to_two_administrators_who_can_sign_in(applied: str, sign_in: SignIn) -> None:
    officer, applicant = sign_in("officer", "FR"), Client()
    (application,) = Application.objects.all()
    queue = officer.get(reverse("oversight-applications")).content.decode()
    assert application.reference in queue
    one = reverse("oversight-applications-one", args=[application.reference])

    def step(verb: str, **given: str) -> None:
        revision = str(Application.objects.get().revision)
        address = reverse("oversight-applications-step", args=[application.reference, verb])
        assert officer.post(address, {"revision": revision, **given})["Location"] == one

    step("review")
    step("ask", pointer="/legal_name", reason="Is this the name in the register?")
    assert posted() == [applied]
    page = applicant.get(applied).content.decode()
    assert "Is this the name in the register?" in page
    assert "Officer Example" not in page, "no officer is named to an applicant"
    applicant.post(f"{applied}answer/", {"reason": "Nearly.", "value": "Lumen Calcul S.A.S."})
    step("approve")
    assert tasks.sweep_onboarding() == 1
    *_, first, second = posted()
    assert Organisation.objects.get().legal_name == "Lumen Calcul S.A.S."
    for link in (first, second):
        person = Client()
        assert person.get(link).status_code == 200
        assert person.post(link, {"password": "short", "again": "short"}).status_code == 400
        assert person.post(link, {"password": PASSWORD, "again": PASSWORD})["Location"] == reverse("account_login")
        assert person.post(link, {"password": PASSWORD, "again": PASSWORD}).status_code == 409
    admin = Client()
    admin.post(reverse("account_login"), {"login": "ines@lumen.example", "password": PASSWORD})
    assert admin.get(reverse("workspace"))["Location"] == reverse("mfa_index"), "a second factor comes first"
    inside = signed_in(User.objects.get(email="marc@lumen.example"))
    assert "Lumen Calcul S.A.S." in inside.get(reverse("workspace-organisation")).content.decode()


def test_an_officer_of_another_state_meets_nothing(applied: str, sign_in: SignIn) -> None:
    reference = Application.objects.get().reference
    stranger = sign_in("officer", "ES")
    assert reference not in stranger.get(reverse("oversight-applications")).content.decode()
    assert stranger.get(reverse("oversight-applications-one", args=[reference])).status_code == 404
    for role, place in (("analyst", "EU"), ("auditor", "EU")):
        assert sign_in(role, place).get(reverse("oversight-applications")).status_code == 403


def test_the_answer_to_the_form_tells_nothing_of_what_is_registered(applied: str) -> None:
    """The same application again, of an LEI and addresses that are known: the same answers, byte for byte."""
    fresh = form(**{"/lei": "5493001KJTIIGC8Y1R12", "/contact/email": "nobody@elsewhere.example"})
    answers = []
    for given in (form(), fresh):
        answer = Client().post(reverse("register"), given)
        answers.append((answer.status_code, answer["Location"], answer.content))
    assert answers[0] == answers[1]
    assert Letter.objects.filter(kind="application_begun").count() == 3


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"/lei": "529900T8BM49AURSDO56"}, "check digits"),
        ({"/lei": ""}, "An LEI or an EUID is needed"),
        ({"/seat_country": "US"}, "an authorised representative is needed"),
        ({"/administrators/1/email": "INES@lumen.example"}, "different e-mail addresses"),
        ({"/roles/developer": ""}, "Choose at least one"),
        ({"/euid": "FR7501.552100555"}, "check digits of the national number"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_lost(
    db: None, changes: dict[str, str], told: str
) -> None:
    answer = Client().post(reverse("register"), form(**changes))
    page = answer.content.decode()
    assert (answer.status_code, told in page, "Lumen Calcul SAS" in page) == (400, True, True)
    assert not Application.objects.exists()


@pytest.mark.parametrize("language", ["en", "fr", "de"])
def test_the_form_stands_in_every_language_and_is_kept_by_nobody(db: None, language: str) -> None:
    answer = Client().get(f"/{language}/register/")
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "private, no-store"
    assert b"<script" not in answer.content


def test_too_many_applications_from_one_address_are_refused(db: None, settings: Any) -> None:
    settings.PRODUCTION = True
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": uuid.uuid4().hex}
    }
    statuses = [Client(REMOTE_ADDR="192.0.2.7").post(reverse("register"), form()).status_code for _ in range(11)]
    assert statuses == [302] * 10 + [429]


def test_a_guessed_link_meets_nothing(db: None) -> None:
    for secret in ("x", "A" * 43):
        assert Client().get(reverse("register-follow", args=[secret])).status_code == 404
        assert Client().get(reverse("invitation", args=[secret])).status_code == 404


def test_an_administrator_states_and_confirms_and_a_reader_does_neither(sign_in: SignIn, aurelia: Organisation) -> None:
    tasks.keep_onboarding()
    administrator, reader = sign_in("provider_administrator", aurelia), sign_in("provider_reader", aurelia)
    assert reader.get(reverse("workspace-organisation")).status_code == 200
    assert reader.post(reverse("workspace-organisation-confirm"), {"number": "0"}).status_code == 403
    Organisation.objects.update(lei=LEI)
    given = form(**{"/legal_name": "Aurelia Research SE", "number": "0", "reason": "Conversion"})
    assert administrator.post(reverse("workspace-organisation-state"), given)["Location"]
    statement = Statement.objects.get()
    assert "/legal_name" in statement.changed
    tasks.onboard(reference=str(aurelia.id), event_key=str(uuid.uuid4()))
    assert Organisation.objects.get(id=aurelia.id).legal_name == "Aurelia Research SE"
    page = administrator.get(reverse("workspace-organisation")).content.decode()
    assert "These are right" in page
    administrator.post(reverse("workspace-organisation-confirm"), {"number": "1"})
    confirmed = Confirmation.objects.get()
    assert (confirmed.confirmed_at is not None, confirmed.statement_id) == (True, statement.id)


def test_a_mandated_agent_switches_acts_and_switches_back(
    sign_in: SignIn, aurelia: Organisation, cantabria: Organisation, file: File, alice: Any
) -> None:
    file(alice)
    Organisation.objects.filter(id=cantabria.id).update(lei=LEI)
    principal, agent = sign_in("provider_administrator", aurelia), sign_in("provider_administrator", cantabria)
    today = datetime.now(UTC).date()
    given = {"agent_lei": LEI, "scope_read": "yes", "starts_on": str(today), "ends_on": str(today + timedelta(days=9))}
    principal.post(reverse("workspace-mandates"), given)
    tasks.sweep_onboarding()
    mandate = Mandate.objects.get()

    def step(browser: Client, verb: str) -> None:
        browser.post(reverse("workspace-mandates-step", args=[mandate.id, verb]))

    reference = Filing.objects.get().reference
    step(agent, "act")
    assert reference not in agent.get(reverse("workspace")).content.decode()
    step(agent, "accept")
    step(agent, "act")
    shown = agent.get(reverse("workspace")).content.decode()
    assert reference in shown
    assert "You act for Aurelia Research" in shown
    assert agent.post(reverse("workspace-filings-withdraw", args=[reference])).status_code == 403
    step(principal, "revoke")
    after = agent.get(reverse("workspace")).content.decode()
    assert reference not in after
    assert "You act for" not in after
