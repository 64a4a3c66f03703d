"""A passkey in a real browser, with a virtual authenticator in place of a finger: made, used to sign in, refused.

The browser's requests are answered by the test client, under the content security policy as it is sent.
"""

import mimetypes
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Any
from urllib.parse import urlsplit

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.staticfiles import finders
from django.db import transaction
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, Route, sync_playwright

from registry.organisations.models import Organisation
from tests.registry.portal.conftest import SignIn
from tests.registry.portal.test_in_a_browser import ORIGIN
from tests.walk.looking import AXE, CHROMIUM, FLAGS, RULES, RUN_AXE

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="NO BROWSER TESTED: there is no chromium on this machine"),
]
FINGER = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def browser(sign_in: SignIn, aurelia: Organisation, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Client:
    """Somebody signed in who has no second factor yet."""
    settings.ALLOWED_HOSTS = ["pages.test"]
    settings.CSRF_TRUSTED_ORIGINS = [ORIGIN]
    monkeypatch.setattr(transaction, "on_commit", lambda call: call())  # as outside of a test, where it commits at once
    made = sign_in("provider_reader", aurelia)
    Authenticator.objects.all().delete()
    session = made.session
    session["account_authentication_methods"] = [{"method": "password", "at": 0.0}]
    session["account_authentication_methods_user"] = session["_auth_user_id"]
    session.save()
    return made


@dataclass
class Asked:
    """One request of the browser, waiting for its answer."""

    method: str
    address: str
    kind: str
    accept: str
    body: bytes
    answered: "Future[tuple[int, dict[str, str], bytes]]" = field(default_factory=Future)


def in_a_browser(client: Client, script: Callable[[Page], None]) -> None:
    """Run `script` in a browser in a thread of its own; this thread, whose the database is, answers as the register."""
    asked: SimpleQueue[Asked] = SimpleQueue()
    with ThreadPoolExecutor(1) as threads:
        running = threads.submit(_run, script, asked)
        while not running.done():
            try:
                each = asked.get(timeout=0.05)
            except Empty:
                continue
            try:
                each.answered.set_result(_answer(client, each))
            except BaseException as error:
                each.answered.set_exception(error)
                raise
        running.result()


def _run(script: Callable[[Page], None], asked: "SimpleQueue[Asked]") -> None:
    complaints: list[str] = []
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = chromium.new_context(viewport={"width": 390, "height": 900}).new_page()
        page.set_default_timeout(30_000)
        page.on("console", lambda message: complaints.append(message.text))
        page.route("**/*", lambda route: _serve(route, asked))
        finger = page.context.new_cdp_session(page)
        finger.send("WebAuthn.enable")
        finger.send("WebAuthn.addVirtualAuthenticator", {"options": FINGER})
        script(page)
        chromium.close()
    assert [each for each in complaints if "Content Security Policy" in each] == []


def _serve(route: Route, asked: "SimpleQueue[Asked]") -> None:
    request = route.request
    address = request.url.removeprefix(ORIGIN)
    if address.startswith("/static/"):
        path = finders.find(address.removeprefix("/static/").split("?")[0])
        kind = mimetypes.guess_type(str(path))[0] or "application/octet-stream"
        route.fulfill(status=200, headers={"Content-Type": kind}, path=path) if path else route.abort()
        return
    headers = request.headers
    kind, accept = headers.get("content-type", ""), headers.get("accept", "*/*")
    each = Asked(request.method, address, kind, accept, request.post_data_buffer or b"")
    asked.put(each)
    status, told, body = each.answered.result(timeout=30)
    route.fulfill(status=status, headers=told, body=body)


def _answer(client: Client, asked: Asked) -> tuple[int, dict[str, str], bytes]:
    """What the register answers, redirects followed: the browser would not ask through the route again."""
    host = {"secure": True, "headers": {"host": "pages.test", "accept": asked.accept}}
    answer: Any = client.generic(asked.method, asked.address, asked.body, asked.kind, **host)
    while answer.status_code == 302:
        answer = client.get(urlsplit(answer["Location"])._replace(scheme="", netloc="").geturl(), **host)
    return answer.status_code, dict(answer.headers), answer.content


def _see(page: Page, heading: str) -> None:
    page.get_by_role("heading", name=heading, level=1).wait_for()


def _enrol(page: Page) -> None:
    page.goto(ORIGIN + reverse("mfa_add_webauthn"))
    page.get_by_label("Name").fill("My telephone")
    page.get_by_label("Passwordless").check()
    page.locator("#mfa_webauthn_add").click()
    _see(page, "Recovery Codes")


def _leave_and_come_back(page: Page) -> None:
    page.goto(ORIGIN + reverse("account_logout"))
    page.locator("main").get_by_role("button", name="Sign out").click()
    page.wait_for_load_state()
    page.goto(ORIGIN + reverse("account_login"))
    page.locator("#passkey_login").click()


def _is_accessible(page: Page) -> None:
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate(RUN_AXE, RULES)["violations"]
    assert [(each["id"], each["nodes"][0]["html"][:120]) for each in found] == []
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0


def test_a_passkey_is_made_and_lets_its_owner_in(browser: Client) -> None:
    owner = browser.session["_auth_user_id"]

    def script(page: Page) -> None:
        page.goto(ORIGIN + reverse("workspace"))
        _see(page, "Second factor")
        _is_accessible(page)
        page.goto(ORIGIN + reverse("mfa_add_webauthn"))
        _is_accessible(page)
        _enrol(page)
        _is_accessible(page)
        page.goto(ORIGIN + reverse("mfa_list_webauthn"))
        assert "My telephone" in page.inner_text("main")
        _is_accessible(page)
        _leave_and_come_back(page)
        page.locator("body.area-workspace").wait_for()

    in_a_browser(browser, script)
    assert Authenticator.objects.filter(user_id=owner, type="webauthn").count() == 1
    assert browser.session["_auth_user_id"] == owner
    shown = browser.session["account_authentication_methods"]
    assert [(each["method"], each["passwordless"]) for each in shown] == [("mfa", True)]


def test_a_passkey_that_was_taken_away_lets_nobody_in(browser: Client) -> None:
    def script(page: Page) -> None:
        _enrol(page)
        page.goto(ORIGIN + reverse("mfa_list_webauthn"))
        page.get_by_role("link", name="Remove").click()
        page.locator("main form button[type=submit]").click()
        page.wait_for_load_state()
        _leave_and_come_back(page)
        _see(page, "Sign in")

    in_a_browser(browser, script)
    assert not Authenticator.objects.exists()
    assert "_auth_user_id" not in browser.session
