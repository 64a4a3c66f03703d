"""The pages in a real browser: no rule of axe broken, no word of the policy, nothing wider than the screen.

Pages are made first by the test client; the browser gets them, and the static files, from there and asks no network.
"""

import mimetypes
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qsl

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, Route

from registry.acting import Actor
from registry.filings.models import Decision
from registry.organisations.models import Organisation
from tests.registry.portal.conftest import File, SignIn
from tests.registry.portal.test_duties import LATE, NOTIFICATION, OWNERS, address, asked
from tests.walk.looking import CHROMIUM, NARROW, WIDE, chromium, faults, listening

ORIGIN = "https://pages.test"  # a secure origin, as in production
BOTH = (WIDE, NARROW)
# Longer languages break where it is narrow; in English both are looked at.
LANGUAGES = (("en", BOTH), ("fr", (NARROW,)), ("de", (NARROW,)))
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
    heard = listening(page)
    page.goto(ORIGIN + address)
    return [f"{address}: {fault}" for fault in (*heard, *faults(page))]


def inspected(answers: Mapping[str, Answer], widths: tuple[int, ...] = BOTH) -> list[str]:
    """Every complaint about every page at every width."""
    found: list[str] = []
    with chromium() as browser:
        for width in widths:
            context = browser.new_context(viewport={"width": width, "height": 900})
            context.route("**/*", serving(answers))
            for address in answers:
                page = context.new_page()
                found += [f"{width}: {line}" for line in complaints(page, address)]
                page.close()
            context.close()
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


@pytest.mark.parametrize(("language", "widths"), LANGUAGES[::2])
def test_the_pages_of_duties_and_requests_are_accessible(
    sign_in: SignIn,
    alice: Actor,
    aurelia: Organisation,
    file: File,
    noon: datetime,
    language: str,
    widths: tuple[int, ...],
) -> None:
    plea = asked(alice, file(alice, **LATE), NOTIFICATION, at=noon)
    place = [plea.filing.reference, plea.id]
    provider, nora = sign_in("provider_submitter", aurelia), sign_in("ai_office_officer", "EU")
    nora.post(reverse("oversight-pleas-open", args=place), {"purpose": "review"})
    query = "?what=thresholds&threshold=systemic-risk&operator=gt&value=9e29"
    shown = {
        reverse("workspace-duties"): provider,
        address(plea.filing.reference, NOTIFICATION): provider,
        address(plea.filing.reference, OWNERS): provider,
        reverse("pleas"): nora,
        reverse("oversight-pleas-one", args=place): nora,
        reverse("oversight-filings-one", args=[plea.filing.reference]): nora,
        reverse("preview") + query: nora,
    }
    spoken = {each.replace("/en/", f"/{language}/", 1): browser for each, browser in shown.items()}
    assert not inspected({each: fetched(browser, each) for each, browser in spoken.items()}, widths)


def test_a_decision_is_taken_by_keyboard_alone(sign_in: SignIn, alice: Actor, file: File, noon: datetime) -> None:
    plea = asked(alice, file(alice, **LATE), NOTIFICATION, at=noon)
    place, nora = [plea.filing.reference, plea.id], sign_in("ai_office_officer", "EU")
    nora.post(reverse("oversight-pleas-open", args=place), {"purpose": "review"})
    listed, one = reverse("pleas"), reverse("oversight-pleas-one", args=place)
    sent = typed({each: fetched(nora, each) for each in (listed, one)}, start=listed, link=one)
    assert [target for target, _ in sent] == [reverse("oversight-pleas-decide", args=place)]
    nora.post(sent[0][0], dict(parse_qsl(sent[0][1])))
    made = Decision.objects.get()
    assert (made.is_granted, made.reason) == (True, "A doctor says so.")


def typed(answers: Mapping[str, Answer], *, start: str, link: str) -> list[tuple[str, str]]:
    """From the list to the request to its form to the button, by Tab and Enter alone; what the form then sends."""
    sent: list[tuple[str, str]] = []

    def serve(route: Route) -> None:
        if route.request.method == "POST":
            sent.append((route.request.url.removeprefix(ORIGIN), route.request.post_data or ""))
            route.fulfill(status=204)
        else:
            serving(answers)(route)

    with chromium() as browser:
        page = browser.new_page()
        page.route("**/*", serve)
        page.goto(ORIGIN + start)
        tab_to(page, f"document.activeElement.getAttribute('href') === '{link}'")
        page.keyboard.press("Enter")
        page.wait_for_url(ORIGIN + link)
        tab_to(page, "document.activeElement.id === 'grant-reason'")
        page.keyboard.type("A doctor says so.")
        tab_to(page, "document.activeElement.type === 'submit'")
        with page.expect_request(lambda request: request.method == "POST"):
            page.keyboard.press("Enter")
    return sent


def tab_to(page: Page, there: str) -> None:
    """Press Tab until the focus is where it should be; fail when it does not come there."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate(there):
            return
    raise AssertionError(f"the keyboard does not come to: {there}")
