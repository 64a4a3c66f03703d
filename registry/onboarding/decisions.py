"""What the competent authority can do with an application: take up, ask, announce a refusal, refuse, approve.

The web records the decision; the organisation and the accounts are made by the register's own hand
(registry.onboarding.enrolment).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from registry.acting import Actor, inside_acting_as
from registry.errors import Invalid, NotPossible, Obstacle
from registry.onboarding import letters, lifecycle, particulars, stepping
from registry.onboarding.enrolment import REGISTERED
from registry.onboarding.lifecycle import Status
from registry.onboarding.models import Application, Observation, Step
from registry.onboarding.stepping import Said

LONGEST_REASON: Final = 4_000


@inside_acting_as
def review(*, reference: str, by: Actor, at: datetime, revision: int | None = None) -> Application:
    """Take an application from the queue."""
    application = _decidable(reference, by, revision)
    application.assigned_to = UUID(by.id.removeprefix("person:")) if by.id.startswith("person:") else None
    return stepping.take(application, "review", Said(), by=by, at=at)


@inside_acting_as
def ask(
    *, reference: str, pointer: str, reason: str, by: Actor, at: datetime, revision: int | None = None
) -> Application:
    """Put a question tied to a field; the authority's clock stops. Raises `Invalid` for a field there is not."""
    application = _decidable(reference, by, revision)
    if pointer not in questionable(application):
        raise Invalid("A question is tied to a field.", obstacles=[Obstacle("missing", "/pointer", "No such field.")])
    return stepping.take(application, "ask", Said(_said(reason), "", pointer), by=by, at=at)


@inside_acting_as
def hear(
    *, reference: str, code: str, reason: str, by: Actor, at: datetime, revision: int | None = None
) -> Application:
    """Announce a refusal with its coded reason and a sentence; the applicant is heard before the decision."""
    application = _decidable(reference, by, revision)
    _require_code(code)
    application.heard_until = at + lifecycle.periods().hearing
    return stepping.take(application, "hear", Said(_said(reason), code), by=by, at=at)


@inside_acting_as
def refuse(
    *, reference: str, code: str, reason: str, by: Actor, at: datetime, revision: int | None = None
) -> Application:
    """Refuse, after the applicant was heard. Raises `NotPossible` before."""
    application = _decidable(reference, by, revision)
    _require_code(code)
    lifecycle.require_verb(application.status, "refuse")
    if not may_refuse(application, by=by, at=at):
        raise NotPossible(
            "Nobody is refused without having been heard.",
            remedy="Announce the refusal first; decide when the applicant has answered or the period is over.",
        )
    return stepping.take(application, "refuse", Said(_said(reason), code), by=by, at=at)


@inside_acting_as
def approve(*, reference: str, by: Actor, at: datetime, revision: int | None = None) -> Application:
    """Approve: the register then enters the organisation and invites both administrators.

    Raises `NotPossible` where its LEI is registered already.
    """
    application = _decidable(reference, by, revision)
    lifecycle.require_verb(application.status, "approve")
    if is_registered(application, by=by):
        raise NotPossible(
            "The LEI of this application is registered already: it cannot be approved a second time.",
            remedy="Ask the applicant about it, or announce a refusal.",
        )
    return stepping.take(application, "approve", Said(), by=by, at=at)


@inside_acting_as
def is_registered(application: Application, *, by: Actor) -> bool:
    """Whether the register noticed that the applicant's LEI belongs to an organisation, of whatever territory."""
    noticed = Observation.objects.visible_to(by).filter(application=application, code=REGISTERED)
    return noticed.exists()


@inside_acting_as
def may_refuse(application: Application, *, by: Actor, at: datetime) -> bool:
    """Whether the applicant was heard about a refusal."""
    steps = list(Step.objects.visible_to(by).filter(application=application).order_by("at", "id"))
    heard = [place for place, step in enumerate(steps) if step.verb == "hear"]
    answered = bool(heard) and any(step.verb == "answer" for step in steps[heard[-1] :])
    return lifecycle.may_refuse(heard=bool(heard), answered=answered, heard_until=application.heard_until, at=at)


def questionable(application: Application) -> tuple[str, ...]:
    """The fields of an application that a question can be tied to, as JSON Pointers."""
    found: list[str] = []
    for pointer in particulars.fields():
        head = pointer.split("/")[1]
        if isinstance(application.content.get(head), Mapping | list) or head == pointer[1:]:
            found += [pointer.replace("N", str(place)) for place in range(2)] if "/N/" in pointer else [pointer]
    return tuple(found)


def receives(verb: str, language: str) -> str:
    """What the contact will be written when a step is taken; nothing for a step that is not told."""
    return letters.text(letters.ABOUT[verb], language)[1] if verb in letters.ABOUT else ""


def _decidable(reference: str, by: Actor, revision: int | None) -> Application:
    application = stepping.locked(reference, by, revision=revision)
    by.require("application_decide")
    if Status(application.status) in lifecycle.FINAL:
        raise NotPossible("The application is closed.")
    return application


def _require_code(code: str) -> None:
    if code not in lifecycle.refusal_reasons():
        raise Invalid("A refusal has a coded reason.", obstacles=[Obstacle("missing", "/code", "No such reason.")])


def _said(reason: str) -> str:
    said = reason.strip()[:LONGEST_REASON]
    if not said:
        raise Invalid("A sentence is needed.", obstacles=[Obstacle("missing", "/reason", "A sentence is needed.")])
    return said
