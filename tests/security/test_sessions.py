"""The cookie of a session, sent where no sessions are: to the API, and to processes that do not serve the portal.

Their database logins may not read the table of sessions, so whatever looks at one would fail, and the request with it.
"""

from http.cookies import SimpleCookie
from importlib import import_module
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.test import Client
from django.urls import reverse
from django.utils import translation

from registry.accounts.client_assertion import TOKEN_PATH
from registry.accounts.models import User
from tests.security.conftest import Login, World

pytestmark = pytest.mark.xdist_group("committed")
FILINGS = "/api/v1/filings/"
GRANT, FORM = "grant_type=client_credentials", "application/x-www-form-urlencoded"
API = {
    "/health/live": 200,
    "/health/ready": 200,
    "/api/v1/accelerators/": 200,
    "/api/v1/openapi.json": 200,
    FILINGS: 401,
    f"{FILINGS}ECAR-2026-000001-0/": 401,
    "/api/v1/nothing/": 404,
    "/api/nothing": 404,
    "/api/v1/filings/%00/": 404,
}
PUBLIC = ("home", "statistics", "requirements", "api-reference", "status", "accessibility", "about")
KINDS = ("of a person", "of nobody", "of no form")


@pytest.fixture(scope="module")
def cookies(world: World) -> dict[str, str]:
    """The session of somebody who is signed in, one that is not there, and what is no session."""
    user = User.objects.create_user(email="signed-in@example.org", password=None)
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store.create()
    return {"of a person": store.session_key, "of nobody": "a" * 32, "of no form": "\u00e9'; --"}


def _client(session: str) -> Client:
    client = Client(raise_request_exception=False)
    client.cookies = SimpleCookie()
    client.cookies[settings.SESSION_COOKIE_NAME] = session
    return client


@pytest.mark.parametrize("kind", KINDS)
def test_the_api_answers_as_if_there_were_no_cookie(
    cookies: dict[str, str], as_login: Login, settings: Any, kind: str
) -> None:
    settings.SURFACES = ("api",)
    with as_login("ecar_web_api"):
        found = {path: _client(cookies[kind]).get(path).status_code for path in API}
        unknown = _client(cookies[kind]).get("/nothing").status_code
        token = _client(cookies[kind]).post(TOKEN_PATH, GRANT, content_type=FORM)
    assert found == API
    assert unknown == 404
    assert token.status_code == 401


def test_a_session_is_no_token(cookies: dict[str, str], as_login: Login) -> None:
    """Not even in a process that serves everything, whose login can read it."""
    with as_login("ecar_web"):
        client = _client(cookies["of a person"])
        assert client.get(FILINGS).status_code == 401
        assert client.post(FILINGS, b"{}", content_type="application/json").status_code == 401


def test_a_machine_that_sends_a_cookie_is_served(
    world: World, cookies: dict[str, str], as_login: Login, settings: Any
) -> None:
    settings.SURFACES = ("api",)
    with as_login("ecar_web_api"):
        world.machine.sign_in()
        answer = _client(cookies["of a person"]).get(
            FILINGS, headers={"Authorization": f"Bearer {world.machine.token}"}
        )
    assert answer.status_code == 200


@pytest.mark.parametrize("kind", KINDS)
def test_the_public_pages_answer_as_if_there_were_no_cookie(
    cookies: dict[str, str], as_login: Login, settings: Any, kind: str
) -> None:
    settings.SURFACES = ("public",)
    with as_login("ecar_web_public"), translation.override("en"):
        found = {name: _client(cookies[kind]).get(reverse(name)).status_code for name in PUBLIC}
        plain = {path: _client(cookies[kind]).get(path).status_code for path in ("/health/ready", "/nothing")}
    assert found == dict.fromkeys(PUBLIC, 200)
    assert plain == {"/health/ready": 200, "/nothing": 404}
