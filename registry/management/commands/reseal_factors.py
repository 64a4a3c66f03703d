"""Seal every second factor under the first of FACTOR_KEYS: after a key was put before the others, or the first time.

With the login of the portal (`ecar_web`, or `ecar_web_portal`). May run while people sign in, and again at any time.
"""

from collections.abc import Callable
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import decrypt, encrypt
from cryptography.fernet import InvalidToken
from django.core.management.base import BaseCommand, CommandError, CommandParser


class Command(BaseCommand):
    """`manage.py reseal_factors`; `--check` only says how many no key opens."""

    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        """Whether to change anything."""
        parser.add_argument("--check", action="store_true", help="change nothing; fail if a factor cannot be opened")

    def handle(self, *_args: Any, check: bool, **_options: Any) -> None:
        """One factor after another; who uses a recovery code at the same moment loses nothing."""
        sealed, unreadable = 0, 0
        for number, data in Authenticator.objects.order_by("id").values_list("id", "data"):
            try:
                fresh = _turned(data, decrypt) if check else _turned(_turned(data, decrypt), encrypt)
            except InvalidToken:
                unreadable += 1
                continue
            unchanged = Authenticator.objects.filter(id=number, data=data)
            sealed += 0 if check or fresh == data else unchanged.update(data=fresh)
        if unreadable:
            raise CommandError(f"{unreadable} factors are sealed under a key that is not among FACTOR_KEYS.")
        self.stdout.write(
            "Every factor can be opened." if check else f"{sealed} factors are sealed under the first key."
        )


def _turned(data: dict[str, Any], how: Callable[[str], str]) -> dict[str, Any]:
    """What the library keeps of a factor, with each secret in it turned; a passkey has a public half alone."""
    secrets: dict[str, Any] = {name: how(data[name]) for name in ("secret", "seed") if name in data}
    if "migrated_codes" in data:
        secrets["migrated_codes"] = [how(code) for code in data["migrated_codes"]]
    return {**data, **secrets}
