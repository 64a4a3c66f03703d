"""The yearly confirmation of an organisation's data: opened, reminded of, marked when late, given."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from django.db.models import Exists, OuterRef

from registry import rows
from registry.accounts.models import Membership
from registry.acting import Actor, inside_acting_as
from registry.dispatch import outbox
from registry.errors import NotFound, NotPossible, Stale
from registry.onboarding import letters, lifecycle, statements
from registry.onboarding.models import Confirmation
from registry.onboarding.statements import own
from registry.organisations.models import Organisation, Statement

CONFIRMED: Final = "organisation.confirmed"
DUE: Final = "organisation.confirmation_due"
LATE: Final = "organisation.confirmation_late"
ADMINISTRATOR: Final = "provider_administrator"


class State(StrEnum):
    """How a confirmation stands."""

    OPEN = "open"
    DUE_SOON = "due_soon"
    OVERDUE = "overdue"
    CONFIRMED = "confirmed"
    CONFIRMED_LATE = "confirmed_late"


def state_at(due_at: datetime, confirmed_at: datetime | None, at: datetime) -> State:
    """How a confirmation that is due at `due_at` stands at `at`. Pure."""
    if confirmed_at is not None:
        return State.CONFIRMED if confirmed_at <= due_at else State.CONFIRMED_LATE
    if at > due_at:
        return State.OVERDUE
    return State.DUE_SOON if at >= due_at - lifecycle.periods().confirmation_reminder else State.OPEN


def next_due(*, registered_at: datetime, confirmed_at: datetime | None, at: datetime) -> datetime:
    """When the next confirmation is due: a year after the last; if there was none, at the next anniversary. Pure."""
    year: timedelta = lifecycle.periods().confirmation
    if confirmed_at is not None:
        return confirmed_at + year
    return registered_at + year * max(1, -((registered_at - at) // year))


@inside_acting_as
def confirm(*, number: int, by: Actor, at: datetime) -> Confirmation:
    """Confirm that the organisation's data are right. `number` is that of the statement that was read.

    Raises `Stale` when there is a newer statement, `NotPossible` when the contacts were never stated.
    """
    organisation = Organisation.objects.visible_to(by).filter(id=own(by)).first()
    if organisation is None:
        raise NotFound
    by.require("organisation_confirm")
    content, newest = statements.current(organisation=organisation, by=by)
    if newest != number:
        raise Stale("There is a newer statement.", remedy="Read it, then confirm.")
    if len(content["administrators"]) != 2:
        raise NotPossible("Contact and two administrators are not stated yet.", remedy="State them first.")
    waiting = Confirmation.objects.visible_to(by).filter(organisation=organisation, confirmed_at__isnull=True)
    found = waiting.select_for_update(of=("self",)).first()
    if found is None:
        raise NotPossible("No confirmation is open.", remedy="The next one is opened by the register.")
    said: dict[str, Any] = {"number": number, **content}
    found.salt, entry = statements.record(CONFIRMED, organisation, said, by=by, at=at)
    found.entry_id = entry
    found.confirmed_at, found.confirmed_by, found.confirmed_by_name = at, by.id, by.name
    found.statement = Statement.objects.visible_to(by).filter(organisation=organisation, number=number).first()
    found.save(update_fields=["confirmed_at", "confirmed_by", "confirmed_by_name", "statement", "salt", "entry"])
    return found


@inside_acting_as
def open_next(*, organisation: Organisation, due_at: datetime, by: Actor) -> None:
    """Open the confirmation that is due at `due_at`, unless one is open."""
    by.require("organisation_remind")
    row = {"organisation_id": organisation.id, "territory": organisation.territory, "due_at": due_at}
    empty = dict.fromkeys(("reminded_at", "told_late_at", "confirmed_at", "statement_id", "salt", "entry_id"))
    nobody = {"confirmed_by": "", "confirmed_by_name": ""}
    rows.insert(Confirmation, [{**row, **empty, **nobody}], conflict="do nothing")


@inside_acting_as
def keep(*, by: Actor, at: datetime, limit: int = 500) -> int:
    """Open what is to come, remind of what is near, mark what is late; returns how many were touched."""
    by.require("organisation_remind")
    return _open(by, at, limit) + _tell(by, at, limit, late=False) + _tell(by, at, limit, late=True)


def _open(by: Actor, at: datetime, limit: int) -> int:
    """One open confirmation for each organisation: the next."""
    open_ = Confirmation.objects.visible_to(by).filter(organisation=OuterRef("pk"), confirmed_at__isnull=True)
    missing = list(Organisation.objects.visible_to(by).filter(~Exists(open_)).order_by("registered_at")[:limit])
    given = Confirmation.objects.visible_to(by).filter(organisation__in=missing).order_by("due_at")
    last = {row.organisation_id: row.confirmed_at for row in given}
    for each in missing:
        due = next_due(registered_at=each.registered_at, confirmed_at=last.get(each.id), at=at)
        open_next(organisation=each, due_at=due, by=by)
    return len(missing)


def _tell(by: Actor, at: datetime, limit: int, *, late: bool) -> int:
    column, kind, letter = (
        ("told_late_at", LATE, "confirmation_late") if late else ("reminded_at", DUE, "confirmation_due")
    )
    until = at if late else at + lifecycle.periods().confirmation_reminder
    waiting = Confirmation.objects.visible_to(by).filter(confirmed_at__isnull=True, due_at__lt=until)
    found = list(waiting.filter(**{f"{column}__isnull": True}).select_for_update(of=("self",))[:limit])
    people = Membership.objects.filter(
        organisation_id__in=[each.organisation_id for each in found], role=ADMINISTRATOR, starts_at__lte=at
    ).exclude(ends_at__lte=at)
    told = people.values_list("organisation_id", "user_id", "user__email", "user__language", "user__is_active")
    for _, person, address, language, is_active in told.order_by("id"):
        if is_active:
            letters.write(letter, target=person, address=address, language=language, at=at)
    for each in found:
        setattr(each, column, at)
        each.save(update_fields=[column])
        outbox.put(kind, subjects=[str(each.organisation_id)], organisation=each.organisation_id, at=at)
    return len(found)
