"""A second factor for every page that is not public, and for each audience the ways that it must use.

allauth has no setting for it. Somebody signed in without a second factor may reach the pages to set one up, to sign
out and the static files, and nothing else; the same holds for a session that has not shown one, such as one that was
open before, or that came in by a way its audience may not use (registry.portal.sign_in_rules).
"""

from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import urlencode

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve, reverse

from registry.portal.sign_in_rules import (
    CLOSED,
    STEP_UP_LASTS,
    Way,
    names_somebody,
    passkey_shown_at,
    rule_for,
    ways_shown,
)

# Where a second factor is set up: for whoever has none, and for whoever has shown theirs
ENROLMENT = frozenset(
    {
        "mfa_index",
        "mfa_activate_totp",
        "mfa_add_webauthn",
        "mfa_generate_recovery_codes",
        "mfa_view_recovery_codes",
    }
)
# Where one is shown, and the way out
ALWAYS = frozenset(
    {
        "mfa_reauthenticate",
        "mfa_reauthenticate_webauthn",
        "account_reauthenticate",
        "account_logout",
        "account_login",
    }
)
OPEN_WITHOUT = ENROLMENT | ALWAYS
_KEYS = [Authenticator.Type.WEBAUTHN]
_CODES = [Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES]


class SecondFactorRequired:
    """Middleware that sends a person to what is missing: a second factor, one shown, another way, a passkey."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith("/api/"):
            return self.get_response(request)
        name = _address_name(request)
        if name in CLOSED:
            raise Http404
        if name in ALWAYS or not request.user.is_authenticated:
            return self.get_response(request)
        return _missing(request, name) or self.get_response(request)


def _address_name(request: HttpRequest) -> str:
    try:
        return resolve(request.path_info).url_name or ""
    except Resolver404:
        return ""


def _missing(request: HttpRequest, name: str) -> HttpResponse | None:
    """Where to go first, or None where nothing is missing."""
    if not is_mfa_enabled(request.user):
        return None if name in ENROLMENT else redirect(reverse("mfa_index"))
    records = get_authentication_records(request, request.user)
    if not records and not settings.PRODUCTION:
        return None  # whoever signs in leaves records; a session without was made by the register itself, as in tests
    shown = ways_shown(records)
    if not shown:
        return _to_show_one(request, by_key=not is_mfa_enabled(request.user, _CODES))
    return None if name in ENROLMENT else _missing_for_the_role(request, name, shown, passkey_shown_at(records))


def _missing_for_the_role(
    request: HttpRequest, name: str, shown: frozenset[Way], key_shown_at: float
) -> HttpResponse | None:
    """Another way than the one taken, or a passkey shown lately, where the role asks for it."""
    rule = rule_for(getattr(request, "audience", None), production=settings.PRODUCTION)
    has_key = is_mfa_enabled(request.user, _KEYS)
    if not shown & rule.ways:
        return _another_way(request, rule.ways, has_key=has_key)
    if rule.step_up and names_somebody(name) and not _lately(key_shown_at):
        return _to_show_one(request, by_key=True) if has_key else redirect(reverse("mfa_add_webauthn"))
    return None


def _lately(shown_at: float) -> bool:
    return datetime.now(UTC).timestamp() - shown_at < STEP_UP_LASTS.total_seconds()


def _to_show_one(request: HttpRequest, *, by_key: bool) -> HttpResponse:
    """To the page where a second factor is shown; back to this page then, but never to a POST."""
    after = request.get_full_path() if request.method == "GET" else reverse("portal-start")
    name = "mfa_reauthenticate_webauthn" if by_key else "mfa_reauthenticate"
    return redirect(f"{reverse(name)}?{urlencode({'next': after})}")


def _another_way(request: HttpRequest, ways: frozenset[Way], *, has_key: bool) -> HttpResponse:
    """Who needs a passkey and has none makes one; who has to come in otherwise is told how."""
    if Way.PASSKEY in ways and not has_key:
        return redirect(reverse("mfa_add_webauthn"))
    return render(request, "account/another_way.html", {"ways": {str(way) for way in ways}}, status=403)
