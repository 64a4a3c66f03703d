"""A machine client of one organisation, and how it sends a case."""

import uuid
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.test import Client
from oauth2_provider.models import get_access_token_model

from registry.accounts.models import ApiClient
from registry.organisations.models import Organisation
from tests.api.bad_input.case import Case

BOTH_SCOPES = "filings:read filings:write"
LIFE = timedelta(minutes=5)


def token_of(organisation: Organisation, *, at: datetime, scope: str = BOTH_SCOPES) -> str:
    """An access token of a new client of `organisation`."""
    client = ApiClient.objects.create(
        organisation=organisation,
        name="Test",
        client_type=ApiClient.CLIENT_CONFIDENTIAL,
        authorization_grant_type=ApiClient.GRANT_CLIENT_CREDENTIALS,
        client_secret="",
        hash_client_secret=False,  # there is no secret, and hashing is slow
    )
    value = uuid.uuid4().hex
    get_access_token_model().objects.create(token=value, application=client, expires=at + LIFE, scope=scope)
    return value


@cache
def _client() -> Client:
    """One client, so that the middleware is loaded once; it keeps no cookies, as the API sets none."""
    return Client(raise_request_exception=False)


def send(case: Case, *, token: str) -> Any:
    """The answer to `case`, errors of the register included."""
    headers = {"Host": "testserver", "Idempotency-Key": str(uuid.uuid4())}
    if not case.is_anonymous:
        headers["Authorization"] = f"Bearer {token}"
    headers |= case.headers
    return ask(case.method, case.path, content=case.content(), content_type=case.content_type, headers=headers)


def ask(
    method: str, path: str, *, content: bytes = b"", content_type: str = "application/json", headers: dict[str, str]
) -> Any:
    """One request through the whole application, with exactly these headers."""
    environ = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()}
    if "HTTP_CONTENT_LENGTH" in environ:
        environ["CONTENT_LENGTH"] = environ.pop("HTTP_CONTENT_LENGTH")
    if method in {"POST", "PUT", "PATCH"}:
        environ["CONTENT_TYPE"] = content_type
    return _client().generic(method, path, content, content_type, **environ)  # type: ignore[arg-type]
