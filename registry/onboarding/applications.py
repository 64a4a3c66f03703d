"""What an applicant can do: apply, confirm the address, answer, withdraw. All but the first by the secret link.

Nothing here says whether an organisation, an identifier or an address is known already: what the register notices
(registry.onboarding.enrolment) is shown to the authority alone.
"""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from registry import rows
from registry.acting import Actor, inside_acting_as
from registry.errors import Invalid, NotFound, NotPossible, Obstacle
from registry.onboarding import letters, lifecycle, links, particulars, stepping
from registry.onboarding.lifecycle import Status
from registry.onboarding.models import Application, Step
from registry.onboarding.stepping import Said

LONGEST_ANSWER: Final = 4_000
_SIGNS: Final = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_id(key: str = "") -> UUID:
    """The id of a new application. It decides the link, so it is made before anybody acts by the link.

    The same `key` gives the same id: a repeated request makes one application.
    """
    return UUID(bytes=particulars.digest({"application": key})[:16], version=4) if key else uuid4()


@inside_acting_as
def apply(*, new: UUID, content: Mapping[str, Any], by: Actor, at: datetime, language: str = "en") -> Application:
    """Begin an application and send the link to the contact. `by` holds the link of the `new` id.

    Raises `Invalid` with every obstacle. A second time with the same id changes nothing.
    """
    by.require("application_follow")
    known = Application.objects.visible_to(by).filter(id=new).first()
    if known is not None:
        return known
    found = particulars.read(content, on=at.date(), language=language)
    row = {
        "id": new,
        "reference": "APP-" + "".join(secrets.choice(_SIGNS) for _ in range(10)),
        "link": links.link_of(links.APPLICATION, new),
        "territory": found.territory,
        "status": Status.UNCONFIRMED.value,
        "revision": 1,
        "content": particulars.plain(found),
        "language": found.language,
        "created_at": at,
        "changed_at": at,
        "submitted_at": None,
        "expires_at": at + lifecycle.periods().link,
        "decided_at": None,
        "assigned_to": None,
        "heard_until": None,
        "organisation_id": None,
    }
    rows.insert(Application, [row])
    letters.write(
        "application_begun",
        target=new,
        address=found.contact.email,
        language=found.language,
        at=at,
        link=str(row["link"]),
    )
    return Application(**row)


@inside_acting_as
def mine(*, by: Actor) -> Application:
    """The application of the link. Raises `NotFound`."""
    by.require("application_follow")
    found = Application.objects.visible_to(by).first()
    if found is None:
        raise NotFound
    return found


@inside_acting_as
def confirm(*, by: Actor, at: datetime, revision: int | None = None) -> Application:
    """Confirm the address, which hands the application in. A second time changes nothing.

    Here as below, raises `Stale` when the application changed since `revision`.
    """
    application = _locked(by, revision)
    if application.submitted_at is not None:
        return application
    if application.expires_at is not None and at >= application.expires_at:
        raise NotPossible("The link has expired.", remedy="Apply anew.")
    application.submitted_at, application.expires_at = at, None
    return stepping.take(application, "confirm", Said(), by=by, at=at)


@inside_acting_as
def answer(
    *,
    reason: str,
    by: Actor,
    at: datetime,
    value: str | None = None,
    language: str = "en",
    revision: int | None = None,
) -> Application:
    """Answer the authority's question or announcement; `value` corrects the field that was asked about."""
    application = _locked(by, revision)
    step = lifecycle.require_verb(application.status, "answer")
    said = reason.strip()[:LONGEST_ANSWER]
    if not said:
        raise Invalid(
            particulars.fault_text("summary", language),
            obstacles=[Obstacle("missing", "/reason", particulars.fault_text("missing", language))],
        )
    pointer = question(application, by=by).pointer if step.source is Status.ASKED else ""
    changed = ""
    if value is not None and pointer:
        application.content = _corrected(application, pointer, value, at=at, language=language)
        changed = value[:1_000]
    return stepping.take(application, "answer", Said(said, "", pointer, changed), by=by, at=at)


@inside_acting_as
def withdraw(*, by: Actor, at: datetime, revision: int | None = None) -> Application:
    """Take the application back."""
    return stepping.take(_locked(by, revision), "withdraw", Said(), by=by, at=at)


@inside_acting_as
def history(*, by: Actor) -> list[Step]:
    """The steps of the link's application, oldest first."""
    by.require("application_follow")
    return list(Step.objects.visible_to(by).order_by("at", "id"))


def question(application: Application, *, by: Actor) -> Step:
    """The newest question about an application."""
    return Step.objects.visible_to(by).filter(application=application, verb="ask").latest("id")


def _corrected(application: Application, pointer: str, value: str, *, at: datetime, language: str) -> dict[str, Any]:
    """The content with the field asked about changed, if it is then still in order; competence stays where it is."""
    try:
        changed = particulars.with_value(application.content, pointer, value.strip())
    except (KeyError, IndexError, ValueError):
        raise Invalid(particulars.fault_text("summary", language)) from None
    found = particulars.read(changed, on=at.date(), language=language)
    if found.territory != application.territory:
        raise NotPossible("This would make another authority competent.", remedy="Withdraw and apply anew.")
    return particulars.plain(found)


def _locked(by: Actor, revision: int | None) -> Application:
    by.require("application_follow")
    return stepping.locked(mine(by=by).reference, by, revision=revision)
