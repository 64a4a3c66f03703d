"""Returns opened, filled, amended and submitted: visible, permitted, possible, done, announced, recorded.

Lines that arrive with one call are kept in parts and dealt with by the intake (`registry.compute.intake`). While an
upload of a return is under way, nothing else of that return changes.
"""

import os
import uuid
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from random import SystemRandom
from typing import Final
from zoneinfo import ZoneInfo

from django.db import connection

from registry import rows
from registry.acting import Actor, inside_acting_as
from registry.compute import return_reference
from registry.compute.models import Return, ReturnState, ReturnVersion, Upload
from registry.compute.record_checks import RULE_SET
from registry.dispatch import outbox
from registry.errors import Conflict, Invalid, NotFound, NotPermitted, NotPossible, Obstacle, Stale
from registry.forms.parts import canonical_json, digest
from registry.ledger import chain, log
from registry.ledger.log import Line
from registry.organisations.models import Organisation

OPENED, REOPENED, SUBMITTED, AMENDED = "return.opened", "return.reopened", "return.submitted", "return.amended"
FIRST_MONTH: Final = date(2025, 8, 1)  # AI Act Art. 113(b): Chapter V applies since 2 August 2025
BRUSSELS: Final = ZoneInfo("Europe/Brussels")
MADE_UP: Final = range(900_000_000, 1_000_000_000)  # numbers that a dry run shows
_LOT: Final = SystemRandom()


@dataclass(frozen=True)
class Submitted:
    """A return as it was submitted just now."""

    monthly_return: Return
    version: ReturnVersion


@inside_acting_as
def open_return(*, month: date, by: Actor, at: datetime, dry_run: bool = False) -> Return:
    """Open the return of the actor's organisation for a month, named by its first day. One a month.

    A dry run, which is rolled back, uses up no number.
    """
    provider = _provider(by)
    by.require("return_file")
    _require_month(month, at=at)
    known = Return.objects.visible_to(by).filter(month=month).first()
    if known is not None:
        raise Conflict(
            "There is a return for this month: {reference}.", remedy="Add to that one.", reference=known.reference
        )
    made = Return(
        id=uuid.uuid4(),
        organisation_id=provider.id,
        territory=provider.territory,
        reference=_made_up(at) if dry_run else _next_reference(at),
        month=month,
        opened_at=at,
        opened_by=by.id,
        changed_at=at,
    )
    rows.insert(Return, [{field.attname: getattr(made, field.attname) for field in made._meta.concrete_fields}])
    outbox.put(OPENED, subjects=[made.reference], organisation=made.organisation_id, at=at)
    return made


@inside_acting_as
def reopen(*, reference: str, revision: int, by: Actor, at: datetime) -> Return:
    """Open a submitted return again, to amend it. What was submitted stays in force until the next submission."""
    row = locked(reference, by)
    by.require("return_file")
    _require_revision(row, revision)
    if row.state != ReturnState.SUBMITTED:
        raise NotPossible("The return is open.", remedy="Change it, then submit it.")
    row.state = ReturnState.AMENDING
    touch(row, at=at, also=("state",))
    outbox.put(REOPENED, subjects=[row.reference], organisation=row.organisation_id, at=at)
    return row


@inside_acting_as
def submit(*, reference: str, revision: int, by: Actor, at: datetime, is_none: bool = False) -> Submitted:
    """Submit the whole return as its next version; with `is_none` the negative return: nobody used accelerators."""
    row = locked(reference, by)
    by.require("return_file")
    _require_revision(row, revision)
    require_writable(row)
    records, hours, content_digest = _whole(row)
    if is_none and records:
        raise NotPossible("The return has records.", remedy="Withdraw them, or submit without “none”.")
    if not is_none and not records:
        raise NotPossible("The return has no record.", remedy="Add records, or submit it with “none”.")
    number = row.version + 1
    kind = SUBMITTED if number == 1 else AMENDED
    row.state, row.version, row.is_none, row.submitted_at = ReturnState.SUBMITTED, number, is_none, at
    row.records, row.accelerator_hours = records, hours
    touch(row, at=at, also=("state", "version", "is_none", "submitted_at", "records", "accelerator_hours"))
    outbox.put(kind, subjects=[row.reference], organisation=row.organisation_id, at=at)
    version = ReturnVersion(
        id=uuid.uuid4(),
        organisation_id=row.organisation_id,
        territory=row.territory,
        monthly_return=row,
        number=number,
        is_none=is_none,
        records=records,
        accelerator_hours=hours,
        digest=content_digest,
        salt=os.urandom(32),
        rule_set=RULE_SET,
        submitted_at=at,
        submitted_by=by.id,
        mandate_id=by.mandate,
    )
    commitment = chain.commitment(salt=bytes(version.salt), digest=digest(statement_of(version)))
    version.entry = log.append([Line(kind, row.reference, commitment)], by=by, at=at)[0]
    fields = version._meta.concrete_fields
    rows.insert(ReturnVersion, [{field.attname: getattr(version, field.attname) for field in fields}])
    return Submitted(row, version)


@inside_acting_as
def report_none(*, month: date, by: Actor, at: datetime, dry_run: bool = False) -> Submitted:
    """The negative return in one step: open the month's return and submit that nobody used accelerators."""
    row = open_return(month=month, by=by, at=at, dry_run=dry_run)
    return submit(reference=row.reference, revision=row.revision, is_none=True, by=by, at=at)


def statement_of(version: ReturnVersion) -> bytes:
    """What is said of a version, canonical: the ledger commits to its digest. It holds no record, only theirs."""
    return canonical_json(
        {
            "return": version.monthly_return.reference,
            "month": f"{version.monthly_return.month:%Y-%m}",
            "version": version.number,
            "none": version.is_none,
            "records": version.records,
            "accelerator_hours": f"{version.accelerator_hours:.3f}",
            "records_sha256": bytes(version.digest).hex(),
        }
    )


def locked(reference: str, by: Actor) -> Return:
    """The return, if the actor may see it, locked until the unit of work ends."""
    row = Return.objects.visible_to(by).filter(reference=reference).select_for_update(of=("self",)).first()
    if row is None:
        raise NotFound
    return row


def require_writable(row: Return) -> None:
    """Raise `NotPossible` unless records can be added, amended and withdrawn now."""
    if not row.is_writable:
        raise NotPossible("The return is submitted.", remedy="Open it again to amend it.")
    if Upload.objects.filter(monthly_return=row, finished_at__isnull=True).exists():
        raise NotPossible("An upload of this return is under way.", remedy="Wait until it is done.")


def touch(row: Return, *, at: datetime, also: tuple[str, ...] = ()) -> None:
    """Store what changed, and that it did."""
    row.revision += 1
    row.changed_at = at
    row.save(update_fields=[*also, "revision", "changed_at"])


def month_today(at: datetime) -> date:
    """The first day of the month in which `at` lies in Brussels."""
    return at.astimezone(BRUSSELS).date().replace(day=1)


def _provider(by: Actor) -> Organisation:
    if by.organisation is None:
        raise NotPermitted("Only organisations have returns.")
    provider = Organisation.objects.visible_to(by).get(id=by.organisation)
    if not provider.is_compute_provider:
        raise NotPermitted(
            "Your organisation is not entered as a compute provider.",
            remedy="State in your organisation's data that it is one.",
        )
    return provider


def _require_month(month: date, *, at: datetime) -> None:
    if month.day != 1 or not FIRST_MONTH <= month <= month_today(at):
        raise Invalid(
            "Returns are for months from {first} to the present one.",
            remedy="Choose such a month.",
            obstacles=[Obstacle("out-of-range", "/month", "There is no return for this month.", "Choose another.")],
            first=f"{FIRST_MONTH:%Y-%m}",
        )


def _require_revision(row: Return, revision: int) -> None:
    if row.revision != revision:
        raise Stale("It has changed since you read it.", remedy="Read it and repeat the change.")


def _whole(row: Return) -> tuple[int, Decimal, bytes]:
    """How many records the return has now, their accelerator-hours, and one digest over theirs, by line id."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*), coalesce(sum(accelerator_hours), 0), "
            "sha256(coalesce(string_agg(digest, ''::bytea order by line_id collate \"C\"), ''::bytea)) "
            "from compute_accessrecord where monthly_return_id = %s and month = %s and until_version is null",
            [row.id, row.month],
        )
        count, hours, found = cursor.fetchone()
    return int(count), hours, bytes(found)


def _next_reference(at: datetime) -> str:
    with connection.cursor() as cursor:
        cursor.execute("select nextval('compute_return_number')")
        return return_reference.make(year=at.year, number=cursor.fetchone()[0])


def _made_up(at: datetime) -> str:
    return return_reference.make(year=at.year, number=_LOT.choice(MADE_UP))
