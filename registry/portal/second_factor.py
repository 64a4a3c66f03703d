"""A second factor for every page that is not public (allauth has no setting for it).

A signed-in person without one may reach the pages to enrol, to sign out and the static files, and nothing else.
"""

from collections.abc import Callable

from allauth.mfa.utils import is_mfa_enabled
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import resolve, reverse

OPEN_WITHOUT = frozenset(
    {
        "mfa_index",
        "mfa_activate_totp",
        "mfa_add_webauthn",
        "mfa_generate_recovery_codes",
        "mfa_view_recovery_codes",
        "mfa_reauthenticate",
        "account_reauthenticate",
        "account_logout",
        "account_login",
    }
)


class SecondFactorRequired:
    """Middleware that sends a person without a second factor to the page where one is set up."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith("/api/") or not request.user.is_authenticated:
            return self.get_response(request)
        if is_mfa_enabled(request.user) or resolve(request.path_info).url_name in OPEN_WITHOUT:
            return self.get_response(request)
        return redirect(reverse("mfa_index"))
