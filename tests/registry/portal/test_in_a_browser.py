"""The pages in a real browser: no rule of axe broken, no word of the policy, nothing wider than the screen.

Pages are made first by the test client; the browser gets them, and the static files, from there and asks no network.
"""

import mimetypes
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, Route, sync_playwright

from registry.acting import Actor
from registry.organisations.models import Organisation
from tests.house.sources import ROOT
from tests.registry.portal.conftest import File, SignIn

ORIGIN = "https://pages.test"  # a secure origin, as in production
WIDE, NARROW = 1440, 390
BOTH = (WIDE, NARROW)
# Longer languages break where it is narrow; in English both are looked at.
LANGUAGES = (("en", BOTH), ("fr", (NARROW,)), ("de", (NARROW,)))
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
AXE = ROOT / "tests/vendor/axe/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice", "EN-301-549"]
RUN_AXE = "rules => axe.run(document, {runOnly: {type: 'tag', values: rules}})"

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="NO BROWSER TESTED: there is no chromium on this machine"),
]


@dataclass(frozen=True)
class Answer:
    """One answer of the register, as the browser will get it."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def fetched(client: Client, address: str) -> Answer:
    """What the register answers at an address."""
    answer = client.get(address)
    assert answer.status_code in {200, 404}, f"{address}: {answer.status_code}"
    return Answer(answer.status_code, dict(answer.headers), answer.content)


def serving(answers: Mapping[str, Answer]) -> Callable[[Route], None]:
    """A network that knows only these pages and the static files."""

    def serve(route: Route) -> None:
        address = route.request.url.removeprefix(ORIGIN)
        if address in answers:
            known = answers[address]
            route.fulfill(status=known.status, headers=dict(known.headers), body=known.body)
            return
        path = finders.find(address.removeprefix("/static/").split("?")[0]) if address.startswith("/static/") else None
        if path is None:
            route.abort()
            return
        kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
        route.fulfill(status=200, headers={"Content-Type": kind}, path=path)

    return serve


def complaints(page: Page, address: str) -> list[str]:
    """What is wrong with the page at this width."""
    found: list[str] = []
    page.on("console", lambda message: found.append(f"{address}: console: {message.text}"))
    page.on("requestfailed", lambda request: found.append(f"{address}: asked for {request.url}"))
    page.goto(ORIGIN + address)
    too_wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    if too_wide > 0:
        found.append(f"{address}: {too_wide} pixels too wide")
    page.evaluate(AXE.read_text("utf-8"))
    for violation in page.evaluate(RUN_AXE, RULES)["violations"]:
        found.append(f"{address}: {violation['id']}: {violation['nodes'][0]['html'][:160]}")
    return [line for line in found if "username fields" not in line and "404" not in line]


def inspected(answers: Mapping[str, Answer], widths: tuple[int, ...] = BOTH) -> list[str]:
    """Every complaint about every page at every width."""
    found: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for width in widths:
            context = browser.new_context(viewport={"width": width, "height": 900})
            context.route("**/*", serving(answers))
            for address in answers:
                page = context.new_page()
                found += [f"{width}: {line}" for line in complaints(page, address)]
                page.close()
            context.close()
        browser.close()
    return found


@pytest.mark.parametrize(("language", "widths"), LANGUAGES)
def test_public_pages_are_accessible(db: None, client: Client, language: str, widths: tuple[int, ...]) -> None:
    names = ("home", "statistics", "requirements", "status", "accessibility", "about", "account_login")
    addresses = [reverse(name).replace("/en/", f"/{language}/", 1) for name in names]
    answers = {address: fetched(client, address) for address in (*addresses, f"/{language}/nothing/")}
    assert not inspected(answers, widths)


def test_the_reference_of_the_interface_is_accessible(db: None, client: Client) -> None:
    address = reverse("api-reference")
    assert not inspected({address: fetched(client, address)})


@pytest.mark.parametrize(("language", "widths"), LANGUAGES[::2])
def test_the_pages_of_an_authority_are_accessible(
    sign_in: SignIn, alice: Actor, file: File, language: str, widths: tuple[int, ...]
) -> None:
    reference, browser = file(alice), sign_in("officer", "FR")
    ask = reverse("oversight-filings-open", args=[reference])
    shown = [reverse("overview"), reverse("queue"), ask, reverse("oversight-filings-one", args=[reference])]
    browser.post(ask, {"purpose": "review"})
    addresses = [address.replace("/en/", f"/{language}/", 1) for address in shown]
    assert not inspected({address: fetched(browser, address) for address in addresses}, widths)


def test_the_pages_of_a_provider_are_accessible(
    sign_in: SignIn, alice: Actor, aurelia: Organisation, file: File
) -> None:
    reference, draft = file(alice), file(alice, draft=True)
    browser = sign_in("provider_submitter", aurelia)
    addresses = [
        reverse("workspace"),
        reverse("workspace-filings-one", args=[reference]),
        reverse("workspace-filings-one", args=[draft]),
        reverse("mfa_index"),
    ]
    assert not inspected({address: fetched(browser, address) for address in addresses})
