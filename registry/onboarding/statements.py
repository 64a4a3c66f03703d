"""What an organisation says of itself, with its history: a change is a new statement, and the newest counts.

Identifiers, seat and competence are not changed by a statement: they were decided upon, so they need an application.
"""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from registry import rows
from registry.acting import Actor, inside_acting_as
from registry.dispatch import outbox
from registry.errors import Invalid, NotFound, Obstacle, Stale, told
from registry.ledger import chain, log
from registry.ledger.log import Line
from registry.onboarding import particulars
from registry.organisations.models import Organisation, Statement

STATED: Final = "organisation.stated"
FIXED: Final = ("lei", "euid", "seat_country")
LONGEST_REASON: Final = 500


def own(by: Actor) -> UUID:
    """The organisation of a provider's actor. Raises `NotFound` for who acts for none."""
    if by.organisation is None:
        raise NotFound
    return by.organisation


@inside_acting_as
def current(*, organisation: Organisation, by: Actor) -> tuple[dict[str, Any], int]:
    """What the organisation last said of itself, and the number of that statement (0: what was entered about it)."""
    by.require("organisation_read")
    newest = Statement.objects.visible_to(by).filter(organisation=organisation).order_by("-number").first()
    return (dict(newest.content), newest.number) if newest else (_entered(organisation), 0)


@inside_acting_as
def state(
    *, content: Mapping[str, Any], reason: str, number: int, by: Actor, at: datetime, language: str = "en"
) -> Statement:
    """State changed data. `number` is that of the statement that was read; raises `Stale` when there is a newer one.

    Raises `Invalid` for particulars that do not hold, for a change of what is fixed, and for no change at all.
    """
    organisation = Organisation.objects.visible_to(by).filter(id=own(by)).first()
    if organisation is None:
        raise NotFound
    by.require("organisation_state")
    before, newest = current(organisation=organisation, by=by)
    if newest != number:
        raise Stale("There is a newer statement.", remedy="Read it, then change what is to be changed.")
    made = particulars.plain(particulars.read(content, on=at.date(), language=language))
    changed = _differences(before, made)
    fixed = [f"/{name}" for name in FIXED if made[name] != before[name]]
    if particulars.read(made, on=at.date()).territory != organisation.territory:
        fixed.append("/representative/country")
    if fixed:
        sentence = told("Identifiers, seat and competent authority are changed by an application.")
        raise Invalid(sentence, obstacles=[Obstacle("fixed", pointer, sentence) for pointer in fixed])
    if not changed:
        raise Invalid("Nothing was changed.", remedy="Confirm the data instead.")
    return _store(organisation, made, changed, newest + 1, reason, by=by, at=at)


@inside_acting_as
def first(*, organisation: Organisation, content: Mapping[str, Any], by: Actor, at: datetime) -> Statement:
    """The statement with which an organisation is entered."""
    by.require("organisation_register")
    return _store(organisation, dict(content), [], 1, "", by=by, at=at)


@inside_acting_as
def apply_newest(*, organisation: str, by: Actor) -> bool:
    """Bring the organisation's row to its newest statement; whether there was one."""
    by.require("application_carry_out")
    found = Organisation.objects.visible_to(by).filter(id=organisation).first()
    newest = Statement.objects.visible_to(by).filter(organisation_id=organisation).order_by("-number").first()
    if found is None or newest is None:
        return False
    said = newest.content
    parent = said["ultimate_parent"] or {"name": "", "country": ""}
    found.legal_name, found.trade_names = said["legal_name"], said["trade_names"]
    found.is_developer = particulars.DEVELOPER in said["roles"]
    found.is_compute_provider = particulars.COMPUTE_PROVIDER in said["roles"]
    found.ultimate_parent_name, found.ultimate_parent_country = parent["name"], parent["country"]
    found.save(
        update_fields=[
            "legal_name",
            "trade_names",
            "is_developer",
            "is_compute_provider",
            "ultimate_parent_name",
            "ultimate_parent_country",
        ]
    )
    return True


@inside_acting_as
def history(*, organisation: Organisation, by: Actor) -> list[Statement]:
    """All statements of an organisation, newest first."""
    by.require("organisation_read")
    return list(Statement.objects.visible_to(by).filter(organisation=organisation).order_by("-number"))


def record(
    kind: str, organisation: Organisation, said: Mapping[str, Any], *, by: Actor, at: datetime
) -> tuple[bytes, int]:
    """Announce and record something an organisation says: the salt and the number of the ledger's entry."""
    salt = secrets.token_bytes(chain.HASH_BYTES)
    commitment = chain.commitment(salt=salt, digest=particulars.digest(said))
    outbox.put(kind, subjects=[str(organisation.id)], organisation=organisation.id, at=at)
    entry = log.append([Line(kind, str(organisation.id), commitment)], by=by, at=at)[0]
    return salt, entry.index


def _store(
    organisation: Organisation,
    content: dict[str, Any],
    changed: list[str],
    number: int,
    reason: str,
    *,
    by: Actor,
    at: datetime,
) -> Statement:
    salt, entry = record(STATED, organisation, {"number": number, **content}, by=by, at=at)
    row = {
        "id": uuid4(),
        "organisation_id": organisation.id,
        "territory": organisation.territory,
        "number": number,
        "content": content,
        "changed": changed,
        "reason": reason.strip()[:LONGEST_REASON],
        "at": at,
        "actor": by.id,
        "actor_name": by.name,
        "salt": salt,
        "entry_id": entry,
    }
    rows.insert(Statement, [row])
    return Statement(**row)


def _entered(organisation: Organisation) -> dict[str, Any]:
    """The data of an organisation that was entered without an application: no contacts are known."""
    roles = [
        role
        for role, is_held in (
            (particulars.DEVELOPER, organisation.is_developer),
            (particulars.COMPUTE_PROVIDER, organisation.is_compute_provider),
        )
        if is_held
    ]
    parent = {"name": organisation.ultimate_parent_name, "country": organisation.ultimate_parent_country}
    return {
        "legal_name": organisation.legal_name,
        "trade_names": list(organisation.trade_names),
        "lei": organisation.lei,
        "euid": organisation.euid,
        "seat_country": organisation.seat_country,
        "roles": roles,
        "contact": {"name": "", "email": "", "language": "en"},
        "administrators": [],
        "representative": None,
        "ultimate_parent": parent if parent["name"] else None,
    }


def _differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Pointers of the members, one level deep, that differ."""
    found = []
    for name, value in after.items():
        old = before.get(name)
        if isinstance(value, dict) and isinstance(old, dict):
            found += [f"/{name}/{part}" for part in value if value[part] != old.get(part)]
        elif value != old:
            found.append(f"/{name}")
    return found
