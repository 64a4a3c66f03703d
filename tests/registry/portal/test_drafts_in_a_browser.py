"""The forms by which a run is filed, in a browser: sound at both widths, in three languages, without script."""

import re

import pytest
from django.test import Client

from registry.organisations.models import Organisation
from tests.documents import planned_run
from tests.registry.portal import forms
from tests.registry.portal.conftest import SignIn
from tests.registry.portal.test_draft_pages import begun, declared
from tests.registry.portal.test_in_a_browser import CHROMIUM, LANGUAGES, Answer, fetched, inspected

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="NO BROWSER TESTED: there is no chromium on this machine"),
]
RUN = "?accelerator=nvidia-h100-sxm5-80gb&count=4096&days=60&utilisation=40"


def pages_of(browser: Client, language: str) -> dict[str, Answer]:
    """Every page from the first form to the receipt and the amendment, with errors, warnings and a conflict."""
    start = f"/{language}/workspace/filings/new/"
    draft = begun(browser, language=language)
    shown = {start: fetched(browser, start), draft: fetched(browser, draft)}
    early = forms.fields(browser.get(f"{draft}hardware/").content.decode())
    wrong = browser.post(f"{draft}hardware/", {**early, "/run/hardware/0/count": "many"})
    shown[f"{draft}hardware/?wrong"] = Answer(200, dict(wrong.headers), wrong.content)
    forms.fill(browser, draft, planned_run(run__hardware__0__utilisation="0.66"))
    lists = ("run", "facilities", "data", "filer", "compute")
    shown |= {f"{draft}{topic}/": fetched(browser, f"{draft}{topic}/") for topic in lists}
    late = browser.post(f"{draft}hardware/", early)
    shown[f"{draft}hardware/?late"] = Answer(200, dict(late.headers), late.content)
    shown |= {f"{draft}?full": fetched(browser, draft), f"{draft}check/": fetched(browser, f"{draft}check/")}
    refused = browser.post(f"{draft}check/", {**forms.fields(shown[f"{draft}check/"].body.decode()), "agreed": "yes"})
    shown[f"{draft}check/?refused"] = Answer(200, dict(refused.headers), refused.content)
    filed = declared(browser, draft).headers["Location"]
    amend = filed.partition("versions/")[0] + "amend/"
    shown |= {filed: fetched(browser, filed), amend: fetched(browser, amend)}
    browser.post(amend, {"kind": "update"})
    return {**shown, f"{draft}?amending": fetched(browser, draft)}


@pytest.mark.parametrize(("language", "widths"), LANGUAGES)
def test_a_run_is_filed_on_accessible_pages(
    sign_in: SignIn, aurelia: Organisation, client: Client, language: str, widths: tuple[int, ...]
) -> None:
    pages = pages_of(sign_in("provider_submitter", aurelia), language)
    question = f"/{language}/requirements/{RUN}"
    pages[question] = fetched(client, question)
    assert not any(re.search(rb"<script", answer.body) for answer in pages.values())
    assert not inspected(pages, widths)
