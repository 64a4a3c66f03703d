"""Each role walks through the register in a real browser: signs in, follows every link, states a purpose where asked.

What a role reaches is compared with the written table of addresses (addresses.toml): all of it and nothing else. Every
page is searched for the canaries of filings.
"""

import threading
import tomllib
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from socketserver import ThreadingMixIn
from urllib.parse import urlsplit
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pyotp
import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.urls import NoReverseMatch, Resolver404, resolve, reverse
from django.utils import translation
from playwright.sync_api import Page, sync_playwright

from registry.accounts import actions as accounts
from registry.accounts.policy import of_the_register
from registry.acting import acting_as
from registry.organisations.models import Authority, Organisation
from registry.runtime.processes import LOOPBACK
from tests.conftest import NOON
from tests.security.asking import NOT_OURS
from tests.security.conftest import Login, World
from tests.walk.looking import CHROMIUM, FLAGS

pytestmark = [
    pytest.mark.xdist_group("committed"),
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="NO ROLE WALKED: there is no chromium on this machine"),
]
PASSWORD = "a long enough sentence of my own"
TABLE = tomllib.loads(Path(__file__).with_name("addresses.toml").read_text())
ROLES: dict[str, tuple[str, str]] = {
    "an officer in France": ("officer", "FR"),
    "a supervisor in France": ("supervisor", "FR"),
    "the AI Office": ("ai_office_officer", "EU"),
    "an analyst": ("analyst", "EU"),
    "a statistician": ("statistician", "EU"),
    "an auditor": ("auditor", "EU"),
    "a submitter at Aurelia": ("provider_submitter", "aurelia"),
}
SEES = {
    "an officer in France": {"filed"},
    "a supervisor in France": {"filed"},
    "the AI Office": {"filed", "filed_by_cantabria"},
    "a submitter at Aurelia": {"filed", "drafted"},
}
REFUSED = {401, 403, 404}
EACH = 3  # pages of one kind that are looked at


@dataclass
class Walk:
    """What one role met with: names of addresses, all that was on the pages, and what went wrong."""

    reached: set[str] = field(default_factory=set)
    heard: list[bytes] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (the library's name)
        """Nothing: the test says what it met with."""


def _application(environ: dict[str, object], start_response: object) -> Iterator[bytes]:
    """The whole register, and the connection of this thread closed after each answer."""
    answer = StaticFilesHandler(WSGIHandler())(environ, start_response)
    try:
        yield from answer
    finally:
        answer.close()
        connection.close()


@contextmanager
def _served(as_login: Login) -> Iterator[str]:
    """The register on a port of the loopback interface, on the login that serves all surfaces; gives its origin."""
    with as_login("ecar_web"):
        server = make_server(LOOPBACK, 0, _application, server_class=_Server, handler_class=_Quiet)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://{LOOPBACK}:{server.server_port}"
        server.shutdown()
        server.server_close()
        thread.join(timeout=10)


@contextmanager
def _browser(origin: str, email: str, secret: str) -> Iterator[Page]:
    """A browser in which somebody has signed in with both factors."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = chromium.new_context(viewport={"width": 1440, "height": 900}).new_page()
        page.goto(origin + "/en/account/login/")
        page.fill("input[name=login]", email)
        page.fill("input[name=password]", PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_selector("input[name=code]")
        page.fill("input[name=code]", pyotp.TOTP(secret).now())
        page.keyboard.press("Enter")
        page.wait_for_selector("input[name=code]", state="detached")
        yield page
        chromium.close()


def _account(world: World, role: str, where: str) -> tuple[str, str]:
    """E-mail and secret of a new person in the role."""
    places: dict[str, Organisation | Authority] = {a.territory: a for a in Authority.objects.all()}
    registrar, secret = of_the_register("registrar"), pyotp.random_base32()
    email = f"{uuid.uuid4().hex[:8]}@example.org"
    place = places.get(where, world.aurelia)
    with acting_as(registrar):
        user = accounts.grant(
            email=email, name="Somebody", password=PASSWORD, role=role, place=place, by=registrar, at=NOON
        )
        TOTP.activate(user, secret)
    return email, secret


def _name(path: str) -> str:
    """The name of the address, empty for what is not ours to walk."""
    try:
        name = resolve(path).url_name or ""
    except Resolver404:
        return ""
    return "" if name.startswith(NOT_OURS) else name


def _links(page: Page, origin: str) -> list[str]:
    found = page.eval_on_selector_all(
        "a[href]", "links => links.map(link => new URL(link.getAttribute('href'), location).href)"
    )
    return [each.removeprefix(origin) for each in found if each.startswith(f"{origin}/en/")]


def _state_purpose(page: Page) -> None:
    """Fill in the form that asks why one looks, if this page is one."""
    form = page.locator("form:has(select[name=purpose])")
    if form.count() != 1:
        return
    form.locator("[name=case]").fill("Case 7")
    form.locator("[name=sentence]").fill("A review of what was filed.")
    form.locator("[type=submit]").first.click()
    page.wait_for_load_state()


def _look(page: Page, origin: str, path: str, walk: Walk) -> list[str]:
    """One address: a page is opened and read, a file fetched; returns where it leads."""
    walk.reached.add(_name(urlsplit(path).path))
    fetched = page.request.get(origin + path)
    if not fetched.headers.get("content-type", "").startswith("text/html"):
        walk.heard.append(fetched.body())
        if fetched.status != 200:
            walk.wrong.append(f"{path}: {fetched.status}")
        return []
    answer = page.goto(origin + path)
    assert answer is not None
    _state_purpose(page)
    walk.heard.append(page.content().encode())
    if answer.status >= 400:
        walk.wrong.append(f"{path}, from {page.url}: {answer.status}")
    return _links(page, origin)


def _walk(page: Page, origin: str) -> Walk:
    """Follow every link from where the role begins, a few of each kind."""
    walk, seen, looked = Walk(), set[str](), dict[str, int]()
    walk.heard.append(page.content().encode())
    waiting = [urlsplit(page.url).path, *_links(page, origin)]
    while waiting:
        path = waiting.pop(0).partition("#")[0]
        name = _name(urlsplit(path).path)
        if not name or path in seen or looked.get(name, 0) >= EACH:
            continue
        seen.add(path)
        looked[name] = looked.get(name, 0) + 1
        waiting += _look(page, origin, path, walk)
    return walk


def _plain() -> Iterator[tuple[str, str]]:
    """Name and path of every page that names nothing."""
    for name, cells in TABLE["addresses"].items():
        if "GET" in cells:
            with translation.override("en"):
                try:
                    path = reverse(name)
                except NoReverseMatch:  # it wants a name
                    continue
            if path.startswith("/en/"):
                yield name, path


@pytest.mark.parametrize("who", sorted(ROLES))
def test_a_role_reaches_what_the_table_says_and_nothing_else(world: World, as_login: Login, who: str) -> None:
    role, where = ROLES[who]
    email, secret = _account(world, role, where)
    allowed = {n for n, cells in TABLE["addresses"].items() if who in TABLE["who"][cells.get("GET", "nobody")]}
    with _served(as_login) as origin, _browser(origin, email, secret) as page:
        walk = _walk(page, origin)
        tried = {name: page.request.get(origin + path, max_redirects=0).status for name, path in _plain()}
    assert walk.wrong == []
    assert sorted(walk.reached - allowed) == [], "led where it may not be"
    assert {name: status for name, status in tried.items() if (name in allowed) is (status in REFUSED)} == {}
    told = b"".join(walk.heard)
    canaries = {name: world.canaries[getattr(world, name)] for name in ("filed", "drafted", "filed_by_cantabria")}
    assert {name for name, canary in canaries.items() if canary.encode() in told} == SEES.get(who, set())
