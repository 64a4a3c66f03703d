"""Who walks: one person of the demonstration for each role, and the public, signed in with both factors."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page

from registry.runtime.one_time_code import one_time_code

PUBLIC, FILES = "public", "provider_submitter"


@dataclass(frozen=True)
class Walker:
    """Somebody at the pages: who has no log-in is the public."""

    name: str
    role: str = PUBLIC
    known: Mapping[str, str] = field(default_factory=dict)

    @property
    def starts(self) -> tuple[str, ...]:
        """Where their walk begins."""
        return ("/en/start/",) if self.known else ("/en/", "/problems/not-found")


def walkers(demonstration: Path, *, everybody: bool) -> list[Walker]:
    """The public, the first person of each role and everybody who files (not every organisation reports), or all."""
    found = [Walker(PUBLIC)]
    for known in json.loads(demonstration.read_text("utf-8"))["people"]:
        if everybody or known["role"] == FILES or known["role"] not in {each.role for each in found}:
            found.append(Walker(known["email"].replace("@", "-at-"), known["role"], known))
    return found


def entered(browser: Browser, walker: Walker, *, url: str) -> BrowserContext:
    """A browser window in which the walker is signed in, and has said why they look where that is asked."""
    context = browser.new_context(base_url=url, viewport={"width": 1440, "height": 900})
    context.set_default_timeout(60_000)
    if walker.known:
        page = context.new_page()
        _sign_in(page, walker.known)
        _say_why(page)
        page.close()
    return context


def _sign_in(page: Page, known: Mapping[str, str]) -> None:
    page.goto("/en/account/login/")
    page.fill("input[name=login]", known["email"])
    page.fill("input[name=password]", known["password"])
    page.press("input[name=password]", "Enter")
    page.wait_for_url("**/2fa/authenticate/")
    page.fill("input[name=code]", one_time_code(secret=known["totp_secret"], seconds=time.time()))
    page.press("input[name=code]", "Enter")
    page.wait_for_url(lambda address: "/account/" not in address)


def confirmed(context: BrowserContext, walker: Walker, address: str) -> None:
    """Give the password again where a page of the account asks for it."""
    page = context.new_page()
    page.goto(address)
    page.fill("input[name=password]", walker.known["password"])
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda now: "/reauthenticate/" not in now)
    page.close()


def _say_why(page: Page) -> None:
    """An authority states a purpose for the session; to everybody else that page is closed."""
    answer = page.goto("/en/oversight/purpose/")
    if answer is None or answer.status != 200:
        return
    page.select_option("select[name=purpose]", "review")
    if page.locator("[name=case]").count():
        page.fill("[name=case]", "7")
    if page.locator("[name=sentence]").count():
        page.fill("[name=sentence]", "A review of what is filed.")
    page.locator("main form button[type=submit]").click()
    page.wait_for_load_state()
