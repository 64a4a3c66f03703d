"""How people come in: nobody signs up by themselves, and mails about accounts are written in the person's language.

Whoever has an account is told of each change to how they sign in, so that a change made by somebody else is noticed.
"""

import logging
import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import record_authentication
from allauth.usersessions.internal.flows.sessions import end_other_sessions
from django.conf import settings
from django.core.checks import Error, Tags, register
from django.core.mail import EmailMessage, get_connection
from django.http import HttpRequest
from django.utils.translation import get_language, override

from registry.accounts.models import User
from registry.dispatch.mail import hand_over, plain
from registry.portal.browsers import browser

log = logging.getLogger(__name__)

_FILE = Path(__file__).parent / "data" / "account_mails.toml"
with _FILE.open("rb") as _file:
    _MAILS: dict[str, dict[str, dict[str, str]]] = tomllib.load(_file)
_ADDED = {"totp_activated": "totp", "webauthn_added": "webauthn"}
_CHANGED = {  # what the library calls it, and the mail
    "totp_activated": "totp_activated",
    "totp_deactivated": "totp_deactivated",
    "webauthn_added": "webauthn_added",
    "webauthn_removed": "webauthn_removed",
    "recovery_codes_generated": "recovery_codes_generated",
    "password_changed": "password_changed",
    "password_set": "password_changed",
    "password_reset": "password_changed",
}
_SHARED_CACHES = ("django.core.cache.backends.redis.", "django.core.cache.backends.db.")


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts are granted (registry.accounts.actions.grant), never opened by a visitor."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """No."""
        return False

    def render_mail(
        self,
        template_prefix: str,
        email: str | list[str],
        context: dict[str, Any],
        headers: Any = None,
    ) -> EmailMessage:
        """A mail of data/account_mails.toml: in the person's language, or where there is none in that of the page."""
        user = context.get("user")
        language = user.language if user else (get_language() or "en").split("-")[0]
        link, to = context.get("password_reset_url", ""), email if isinstance(email, str) else email[0]
        values = {"link": link, "minutes": settings.PASSWORD_RESET_TIMEOUT // 60}
        return _written(template_prefix.rpartition("/")[2], to, language, values)

    def send_notification_mail(
        self, template_prefix: str, user: User, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """Tell the person. Where a second factor was added: this session has shown it, and all others end."""
        name = template_prefix.rpartition("/")[2]
        if name in _ADDED:
            record_authentication(self.request, user, "mfa", type=_ADDED[name], reauthenticated=True)
            end_other_sessions(self.request, user)
        if name in _CHANGED:
            tell(user, _CHANGED[name], agent=self.request.META.get("HTTP_USER_AGENT", ""), at=datetime.now(UTC))


def tell(user: User, name: str, *, agent: str, at: datetime) -> None:
    """Write to a person that something about their account was changed: when, and with which browser.

    What was changed stays changed where the mail server is away.
    """
    with override(user.language):
        values = {"moment": f"{at:%Y-%m-%d %H:%M} UTC", "browser": browser(agent)}
    server = get_connection()
    try:
        failure = hand_over(_written(name, user.email, user.language, values), server)
    finally:
        server.close()
    if failure is not None:
        log.warning("%s was not told of %s: %s", user.pk, name, failure)


def _written(name: str, to: str, language: str, values: Mapping[str, object]) -> EmailMessage:
    """The mail called `name`, in `language` or else in English."""
    spoken = _MAILS[name]
    words = spoken.get(language, spoken["en"])
    return plain(words["subject"], words["text"].format(**values), to=to, language=language, number=uuid4())


@register(Tags.security, deploy=True)
def limits_are_shared(app_configs: Any, **kwargs: Any) -> list[Error]:
    """Attempts to sign in are counted in the cache: one that each process has for itself multiplies what is allowed."""
    if str(settings.CACHES["default"]["BACKEND"]).startswith(_SHARED_CACHES):
        return []
    hint = "Set CACHE_URL to a Valkey or Redis server, or leave it out: then the database counts."
    return [Error("The cache is not shared between processes.", hint=hint, id="registry.E001")]
