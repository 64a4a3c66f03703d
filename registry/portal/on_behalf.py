"""For whom a person acts in this session: for its own organisation, or under a mandate, looked at anew each time."""

from datetime import datetime
from typing import Final
from uuid import UUID

from django.http import HttpRequest

from registry.accounts.models import User
from registry.acting import Actor, Audience, acting_as
from registry.errors import NotFound, NotPermitted
from registry.onboarding import mandate_actions

_KEY: Final = "mandate"


def choose(request: HttpRequest, mandate: UUID | None, principal: str = "") -> None:
    """Act under this mandate, for the organisation of this name, from the next page on; under none with None."""
    if mandate is None:
        request.session.pop(_KEY, None)
    else:
        request.session[_KEY] = [str(mandate), principal]


def principal(request: HttpRequest) -> str:
    """The name of the organisation that is acted for, or nothing."""
    session = getattr(request, "session", {})
    return str(session[_KEY][1]) if session.get(_KEY) else ""


def acting(request: HttpRequest, actor: Actor, *, at: datetime) -> Actor:
    """`actor`, or as it acts under the mandate of the session. One that is over is dropped, and its own actor given."""
    chosen = request.session.get(_KEY)
    if not chosen or actor.audience is not Audience.PROVIDER or not isinstance(request.user, User):
        return actor
    try:
        with acting_as(actor, read_only=True):
            return mandate_actions.on_behalf(mandate=UUID(chosen[0]), by=actor, at=at, email=request.user.email)
    except (NotFound, NotPermitted):
        choose(request, None)
        return actor
