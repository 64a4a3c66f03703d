"""The form of owners and an organisation's own duties in a browser: sound at both widths, without script."""

import re

import pytest
from django.urls import reverse

from registry.acting import Actor, acting_as
from registry.filings import ownership_statements
from registry.filings.models import Duty, Plea
from registry.organisations.models import Organisation
from tests.conftest import NOON
from tests.registry.portal.conftest import SignIn
from tests.registry.portal.test_in_a_browser import CHROMIUM, Answer, fetched, inspected
from tests.statements import holding, statement

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="NO BROWSER TESTED: there is no chromium on this machine"),
]


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_form_and_the_pages_of_own_duties_are_accessible(
    sign_in: SignIn, alice: Actor, aurelia: Organisation, language: str
) -> None:
    sold = [
        holding("up", "filer", "70", since_on="2026-10-01"),
        holding("ada", "filer", "30"),
        holding("ada", "up", "80"),
    ]
    with acting_as(alice):
        ownership_statements.state(content=statement(), revision=0, by=alice, at=NOON)
        ownership_statements.state(content=statement(holdings=sold), revision=1, by=alice, at=NOON)
    provider, officer = sign_in("provider_administrator", aurelia), sign_in("officer", "FR")
    duty = Duty.objects.get(code="ownership_change")
    provider.post(reverse("workspace-own-duties-excuse", args=[duty.pk]), {"reason": "The seller was silent."})
    shown = {
        reverse("workspace-ownership"): provider,
        reverse("workspace-ownership-state"): provider,
        reverse("workspace-own-duties-one", args=[duty.pk]): provider,
        reverse("oversight-own-pleas-one", args=[aurelia.id, Plea.objects.get().id]): officer,
    }
    spoken = {each.replace("/en/", f"/{language}/", 1): browser for each, browser in shown.items()}
    pages = {each: fetched(browser, each) for each, browser in spoken.items()}
    form = next(each for each in pages if each.endswith("owners/state/"))
    entered = {"/entities/0/name": "Ada", "/holdings/0/share_percent": "many", "/as_of_on": "2026-11-20"}
    wrong = provider.post(form, {"do": "state", "revision": "2", **entered})
    assert b'aria-invalid="true"' in wrong.content
    pages[f"{form}?wrong"] = Answer(wrong.status_code, dict(wrong.headers), wrong.content)
    assert not re.search(rb"<script", wrong.content)
    assert not inspected(pages)
