"""How people come in: nobody signs up by themselves, and everybody lands where their role works."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts are granted (registry.accounts.actions.grant), never opened by a visitor."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """No."""
        return False
