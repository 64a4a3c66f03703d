"""The pages of onboarding in a real browser: no rule of axe broken, nothing wider than a telephone."""

import pytest
from django.test import Client
from django.urls import reverse

from registry import tasks
from registry.onboarding.models import Application
from registry.organisations.models import Organisation
from tests.registry.portal.conftest import SignIn
from tests.registry.portal.test_in_a_browser import LANGUAGES, Answer, fetched, inspected
from tests.registry.portal.test_in_a_browser import pytestmark as browser
from tests.registry.portal.test_onboarding_pages import form, posted

pytestmark = browser


@pytest.mark.parametrize(("language", "widths"), LANGUAGES)
def test_registering_oneself_is_accessible(
    db: None, client: Client, sign_in: SignIn, language: str, widths: tuple[int, ...]
) -> None:
    def spoken(address: str) -> str:
        return address.replace("/en/", f"/{language}/", 1)

    register = spoken(reverse("register"))
    wrong = client.post(register, form(**{"/lei": "x", "/seat_country": "US"}))
    client.post(register, form())
    (link,) = posted()
    client.post(f"{link}confirm/")
    officer, reference = sign_in("officer", "FR"), Application.objects.get().reference
    one = reverse("oversight-applications-one", args=[reference])
    for verb, more in (("review", {}), ("ask", {"pointer": "/lei", "reason": "Whose LEI is this?"})):
        revision = Application.objects.get().revision
        officer.post(reverse("oversight-applications-step", args=[reference, verb]), {"revision": revision, **more})
    answers = {
        register: fetched(client, register),
        register + "?wrong": Answer(200, dict(wrong.headers), wrong.content),
        spoken(reverse("register-sent")): fetched(client, spoken(reverse("register-sent"))),
        spoken(link): fetched(client, spoken(link)),
        spoken(one): fetched(officer, spoken(one)),
        spoken(reverse("oversight-applications")): fetched(officer, spoken(reverse("oversight-applications"))),
    }
    assert not inspected(answers, widths)


def test_ones_own_organisation_and_its_mandates_are_accessible(sign_in: SignIn, aurelia: Organisation) -> None:
    tasks.keep_onboarding()
    administrator = sign_in("provider_administrator", aurelia)
    names = ("workspace-organisation", "workspace-organisation-state", "workspace-mandates")
    given = {"agent_lei": form()["/lei"], "scope_file": "yes", "starts_on": "2026-11-01", "ends_on": "2027-11-01"}
    administrator.post(reverse("workspace-mandates"), given)
    assert not inspected({reverse(name): fetched(administrator, reverse(name)) for name in names})


def test_the_one_time_link_is_accessible(db: None, client: Client, sign_in: SignIn) -> None:
    client.post(reverse("register"), form())
    (link,) = posted()
    client.post(f"{link}confirm/")
    officer, reference = sign_in("officer", "FR"), Application.objects.get().reference
    for verb in ("review", "approve"):
        revision = Application.objects.get().revision
        officer.post(reverse("oversight-applications-step", args=[reference, verb]), {"revision": revision})
    tasks.sweep_onboarding()
    *_, invitation = posted()
    assert not inspected({invitation: fetched(client, invitation)})
