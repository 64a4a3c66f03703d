"""How people come in: nobody signs up by themselves, and mails about accounts are written in the person's language."""

import tomllib
from pathlib import Path
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import record_authentication
from allauth.usersessions.internal.flows.sessions import end_other_sessions
from django.conf import settings
from django.core.checks import Error, Tags, register
from django.core.mail import EmailMessage
from django.http import HttpRequest
from django.utils.translation import get_language

from registry.accounts.models import User

_FILE = Path(__file__).parent / "data" / "account_mails.toml"
with _FILE.open("rb") as _file:
    _MAILS: dict[str, dict[str, dict[str, str]]] = tomllib.load(_file)
_ADDED = {"totp_activated": "totp", "webauthn_added": "webauthn"}
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
        spoken = _MAILS[template_prefix.rpartition("/")[2]]
        words = spoken.get(language, spoken["en"])
        link = context.get("password_reset_url", "")
        text = words["text"].format(link=link, minutes=settings.PASSWORD_RESET_TIMEOUT // 60)
        to = [email] if isinstance(email, str) else email
        return EmailMessage(words["subject"], text, self.get_from_email(), to, headers=headers)

    def send_notification_mail(
        self, template_prefix: str, user: User, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """Told that a second factor was added: this session has shown it, and all others, begun without, end."""
        kind = _ADDED.get(template_prefix.rpartition("/")[2])
        if kind:
            record_authentication(self.request, user, "mfa", type=kind, reauthenticated=True)
            end_other_sessions(self.request, user)


@register(Tags.security, deploy=True)
def limits_are_shared(app_configs: Any, **kwargs: Any) -> list[Error]:
    """Attempts to sign in are counted in the cache: one that each process has for itself multiplies what is allowed."""
    if str(settings.CACHES["default"]["BACKEND"]).startswith(_SHARED_CACHES):
        return []
    hint = "Set CACHE_URL to a Valkey or Redis server, or leave it out: then the database counts."
    return [Error("The cache is not shared between processes.", hint=hint, id="registry.E001")]
