"""Stating who owns an organisation: visible, permitted, possible, done, announced, recorded. And reading it back.

A statement replaces the picture from its day on; none is ever changed or deleted. What was said at any moment about any
day can be asked for: `picture_at` takes both.
"""

import hmac
import json
import os
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import connection

from registry import rows
from registry.acting import Actor, inside_acting_as
from registry.dispatch import outbox
from registry.errors import Invalid, NotFound, Stale
from registry.filings import document as filing_document
from registry.filings import organisation_duties, ownership_checks, ownership_document, ownership_duties, reckoning
from registry.filings.models import DutyQuerySet
from registry.filings.ownership_checks import Before, Said
from registry.filings.ownership_document import FILER, PERSON, OwnershipDocument, StatedEntity, StatedHolding
from registry.filings.working_days import day_of
from registry.ledger import chain, log
from registry.ledger.log import Line
from registry.organisations.models import Organisation, OwnershipEntity, OwnershipHolding, OwnershipStatement

STATED = "ownership.stated"
_PURPOSE = b"ecar pseudonyms of owners"


@dataclass(frozen=True)
class Picture:
    """What one statement says, as people of the organisation and its authority may read it."""

    statement: OwnershipStatement
    document: OwnershipDocument

    def said(self) -> list[Said]:
        """What the checks said when it was stated."""
        return [Said(each["code"], each["pointer"], each["inputs"]) for each in self.statement.answers]


@inside_acting_as
def state(
    *, content: Mapping[str, Any], revision: int, by: Actor, at: datetime, language: str = "en"
) -> OwnershipStatement:
    """State who owns the actor's organisation. `revision` is the number of the statement that it replaces, 0 for none.

    Raises `Stale` when there is a newer one, `Invalid` with every error of form or content.
    """
    organisation = own_organisation(by)
    by.require("ownership_state")
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"ownership {organisation.id}"])
    earlier = list(statements(organisation, by=by))
    if (earlier[-1].number if earlier else 0) != revision:
        raise Stale("There is a newer statement.", remedy="Read it and repeat the change.")
    content_read = ownership_document.read(content, language=language)
    key = _own_key(organisation)
    names = ownership_document.keys(content_read, filer=key, secret=_secret())
    before = _read(earlier[-1]) if earlier else None
    changed_on = _changed_on(before, content_read, names)
    said = _judged(content_read, names, before, changed_on, organisation=organisation, at=at, language=language)
    statement = OwnershipStatement(
        id=uuid.uuid4(),
        organisation=organisation,
        territory=organisation.territory,
        number=revision + 1,
        as_of_on=content_read.as_of_on,
        recorded_at=at,
        stated_by=by.id,
        key=key,
        changed_on=[day.isoformat() for day in changed_on],
        answers=[{"code": each.code, "pointer": each.pointer, "inputs": dict(each.inputs)} for each in said],
    )
    _store(statement, content_read, names, by=by, at=at)
    organisation_duties.renew([organisation], at=at)
    return statement


@inside_acting_as
def statements(organisation: Organisation, *, by: Actor) -> Iterable[OwnershipStatement]:
    """Every statement of an organisation that the actor may see, oldest first."""
    return OwnershipStatement.objects.visible_to(by).filter(organisation=organisation).order_by("number")


@inside_acting_as
def picture_at(
    organisation: Organisation, *, on: date | None = None, known_at: datetime | None = None, by: Actor
) -> Picture | None:
    """What was stated about a day, as known at a moment; the newest without either. None where nothing was.

    A day before the first statement is told by that one, as far as its holdings reach back.
    """
    found = OwnershipStatement.objects.visible_to(by).filter(organisation=organisation).exclude(key="")  # erased
    if known_at is not None:
        found = found.filter(recorded_at__lte=known_at)
    ordered = found.order_by("as_of_on", "number")
    chosen = ordered.filter(as_of_on__lte=on).last() if on is not None else ordered.last()
    chosen = chosen or ordered.first()
    return Picture(chosen, _read(chosen)) if chosen else None


@inside_acting_as
def duties_of(organisation: Organisation, *, by: Actor) -> DutyQuerySet:
    """What the law asks of the organisation about its owners, by due moment."""
    return organisation_duties.of_organisation(organisation, by=by).filter(code__in=ownership_duties.CODES)


def own_organisation(by: Actor) -> Organisation:
    """The organisation that the actor acts for. Raises `NotFound` for somebody who acts for none."""
    found = Organisation.objects.visible_to(by).filter(id=str(by.organisation)).first() if by.organisation else None
    if found is None:
        raise NotFound
    return found


def _own_key(organisation: Organisation) -> str:
    return ownership_document.organisation_key(
        lei=organisation.lei, euid=organisation.euid, identity=str(organisation.id)
    )


def _secret() -> bytes:
    """The oldest key that is known: pseudonyms stay the same when a new key is put before it."""
    oldest = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS][-1]
    return hmac.digest(str(oldest).encode(), _PURPOSE, "sha256")


def _read(statement: OwnershipStatement) -> OwnershipDocument:
    return ownership_document.read(json.loads(statement.canonical), language="en")


def _changed_on(before: OwnershipDocument | None, now: OwnershipDocument, names: Mapping[str, str]) -> list[date]:
    """The days of changes; none where an id leads nowhere, which the checks will say."""
    known = {*names}
    told = {key for each in now.holdings for key in (each.owner_id, each.owned_id, each.nominator_id) if key}
    in_order = all(each.until_on is None or each.until_on > each.since_on for each in now.holdings)
    if before is None or not told <= known or not in_order:
        return []
    old = ownership_document.keys(before, filer=names[FILER], secret=_secret())
    return ownership_document.changes(before, now, named=names, old=old)


def _judged(
    content: OwnershipDocument,
    names: Mapping[str, str],
    before: OwnershipDocument | None,
    changed_on: list[date],
    *,
    organisation: Organisation,
    at: datetime,
    language: str,
) -> list[Said]:
    """What the checks say; raises `Invalid` where they find an error."""
    late = ownership_duties.late_changes(
        changed_on, territory=organisation.territory, calendar=reckoning.calendar([organisation.territory]), at=at
    )
    said = ownership_checks.answers(content, keys=names, before=Before(before, late), today=day_of(at))
    if any(each.severity == "error" for each in said):
        raise Invalid(
            "The statement cannot be stored: each obstacle is listed.",
            remedy="Mend the errors; warnings and notes do not block.",
            obstacles=[ownership_checks.told(each, language=language) for each in said],
        )
    return said


def _store(
    statement: OwnershipStatement, content: OwnershipDocument, names: Mapping[str, str], *, by: Actor, at: datetime
) -> None:
    canonical = filing_document.canonical_json(ownership_document.plain(content))
    salt, digest = os.urandom(32), filing_document.digest(canonical)
    subject = str(statement.organisation_id)
    outbox.put(STATED, subjects=[subject], organisation=statement.organisation_id, at=at)
    commitment = chain.commitment(salt=salt, digest=digest)
    entry = log.append([Line(STATED, subject, commitment)], by=by, at=at)[0]
    statement.canonical, statement.digest, statement.salt = canonical.decode(), digest, salt
    statement.entry_id = entry.index
    rows.insert(
        OwnershipStatement,
        [{field.attname: getattr(statement, field.attname) for field in OwnershipStatement._meta.concrete_fields}],
    )
    place = {
        "organisation_id": statement.organisation_id,
        "territory": statement.territory,
        "statement_id": statement.id,
    }
    rows.insert(OwnershipEntity, [{**place, **_entity_columns(each, names)} for each in content.entities])
    moment = {"recorded_at": statement.recorded_at}
    rows.insert(OwnershipHolding, [{**place, **moment, **_holding_columns(each, names)} for each in content.holdings])


def _entity_columns(entity: StatedEntity, names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "local_id": entity.id,
        "key": names[entity.id],
        "kind": entity.kind,
        "name": "" if entity.kind == PERSON else entity.name,
        "country": entity.country,
        "lei": entity.lei or "",
        "euid": entity.euid or "",
    }


def _holding_columns(each: StatedHolding, names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "owner_key": names[each.owner_id],
        "held_key": names[each.owned_id],
        "nominator_key": names[each.nominator_id] if each.nominator_id else "",
        "kind": each.kind,
        "share_percent": each.share_percent,
        "valid_from": each.since_on,
        "valid_to": each.until_on,
        "source": each.source or "",
    }
