"""How long a session lasts: not beyond idleness, not beyond eight hours, not beyond the role it was begun with.

Runs before everything that asks who is signed in. A session that has ended is emptied, and its person is nobody in
this very request, so that pages send to sign in as they do with anybody (registry.portal.sign_in_rules has the times).
"""

from collections.abc import Callable
from datetime import UTC, datetime

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve

from registry.accounts import actors
from registry.accounts.models import User
from registry.acting import Actor
from registry.portal.sign_in_rules import ABSOLUTE, rule_for

ENTERED, SEEN, AS_WHAT = "entered_at", "seen_at", "entered_as"
SEEN_EVERY = 60.0  # seconds between two writes of when somebody was last seen
CLEAR_SITE_DATA = '"cache", "cookies", "storage"'


class SessionRules:
    """Middleware that ends sessions in time, and keeps what a signed-in person sees out of every cache."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith("/api/"):
            return self.get_response(request)
        was_somebody = request.user.is_authenticated
        if isinstance(request.user, User):
            _keep_or_end(request, request.user, now=datetime.now(UTC))
        answer = self.get_response(request)
        if was_somebody or _is_account_page(request):
            answer["Cache-Control"] = "private, no-store"
        if request.method == "POST" and was_somebody and not request.user.is_authenticated:
            answer["Clear-Site-Data"] = CLEAR_SITE_DATA
        return answer


def _keep_or_end(request: HttpRequest, user: User, *, now: datetime) -> None:
    """Leave who it is as `request.actor`, its audience as `request.audience`; or empty the session.

    It is emptied where it has lasted too long or the role is another one. A page may replace the actor by one that acts
    under a mandate.
    """
    actor = actors.of_person(user, at=now)
    audience = actor.audience if actor else None
    rule = rule_for(audience, production=settings.PRODUCTION)
    session, at = request.session, now.timestamp()
    entered, seen = session.setdefault(ENTERED, at), session.get(SEEN, at)
    is_too_old = at - entered >= ABSOLUTE.total_seconds() or at - seen >= rule.idle.total_seconds()
    if is_too_old or session.setdefault(AS_WHAT, _as_what(actor)) != _as_what(actor):
        logout(request)
        return
    request.actor = actor  # type: ignore[attr-defined]
    request.audience = audience  # type: ignore[attr-defined]
    if at - session.get(SEEN, 0.0) >= SEEN_EVERY:
        session[SEEN] = at
        UserSession.objects.filter(session_key=session.session_key, user_id=user.pk).update(last_seen_at=now)


def _as_what(actor: Actor | None) -> str:
    """What a person is, in one text: another role, place or none makes another text."""
    if actor is None:
        return "nobody"
    return " ".join((*sorted(actor.roles), str(actor.organisation or ""), actor.territory))


def _is_account_page(request: HttpRequest) -> bool:
    try:
        return "account/" in resolve(request.path_info).route
    except Resolver404:
        return False
