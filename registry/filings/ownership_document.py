"""The ownership statement of an organisation: strict models, reading, canonical members, keys of entities. Pure.

The same words as in the filing document (`beneficial_ownership`): the organisation itself is `filer`, everybody else
is named in `entities` and called by an id of the statement's own. Source: Regulation (EU) 2024/1624 Art. 62(1).
"""

import hashlib
import hmac
import unicodedata
from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Annotated, Any, Final, Literal

from pydantic import Field, ValidationError

from registry.errors import Invalid
from registry.forms import obstacles
from registry.forms.parts import Part
from registry.forms.scalars import (
    Country,
    Day,
    Euid,
    HistoricDay,
    Lei,
    Line,
    Listing,
    Name,
    Percent,
    Prose,
    Reference,
)
from registry.organisations.ownership import Holding, Kind
from registry.periods import Period

FILER: Final = "filer"
PERSON: Final = "natural_person"
MOST_ENTITIES, MOST_HOLDINGS = 500, 2_000
_PSEUDONYM_LENGTH = 32

EntityKind = Literal["company", "natural_person", "public_body", "trust", "other"]
HoldingKind = Literal["capital", "votes", "control", "beneficial"]
ControlKind = Literal["board_appointment", "veto", "agreement", "family", "other"]


class Numbers(Part):
    """By which a company is known in registers; at most what there is."""

    lei: Lei | None = None
    euid: Euid | None = None
    registration_number: Line | None = None


class StatedEntity(Numbers):
    """Somebody or something in the chain of owners."""

    id: Reference
    kind: EntityKind
    name: Name
    country: Country
    born_on: HistoricDay | None = None
    nationalities: Annotated[tuple[Country, ...], Listing] = Field((), max_length=10)


class StatedHolding(Part):
    """One edge: who holds how much of whom, since when and until when (the first day on which it no longer does)."""

    owner_id: Reference
    owned_id: Reference
    kind: HoldingKind
    share_percent: Percent | None = None
    nominator_id: Reference | None = None
    control_kind: ControlKind | None = None
    since_on: HistoricDay
    until_on: HistoricDay | None = None
    source: Line | None = None


class SeniorManager(Part):
    """Named where there is no beneficial owner (Art. 63(4))."""

    name: Name
    function: Line


class OwnershipDocument(Part):
    """Who owns and controls the organisation, as of a day."""

    as_of_on: Day
    entities: Annotated[tuple[StatedEntity, ...], Listing] = Field((), max_length=MOST_ENTITIES)
    holdings: Annotated[tuple[StatedHolding, ...], Listing] = Field((), max_length=MOST_HOLDINGS)
    senior_managers: Annotated[tuple[SeniorManager, ...], Listing] = Field((), max_length=50)
    explanation: Prose | None = None


def read(raw: Mapping[str, Any], *, language: str) -> OwnershipDocument:
    """The statement in a parsed JSON object. Raises `Invalid` with every obstacle of form, in `language`."""
    try:
        return OwnershipDocument.model_validate(raw)
    except ValidationError as error:
        found = obstacles.explained(error, language=language, known=_names())
        raise Invalid(obstacles.summary(language=language), obstacles=found) from None


def plain(document: OwnershipDocument) -> dict[str, Any]:
    """The statement as JSON values, without members that say nothing."""
    return document.model_dump(mode="json", exclude_none=True, exclude_defaults=True)


def keys(document: OwnershipDocument, *, filer: str, secret: bytes) -> dict[str, str]:
    """What each entity of the statement is called in all statements: by id, `filer` among them.

    A company by LEI, else EUID, else name and country. A person by a pseudonym of name and date of birth under
    `secret`: the same person has the same in every statement, and nobody without the secret can try out names.
    """
    return {FILER: filer, **{entity.id: _key(entity, secret) for entity in document.entities}}


def organisation_key(*, lei: str, euid: str, identity: str) -> str:
    """What an organisation of the register is called in all statements; `identity` is its id here."""
    return f"lei:{lei}" if lei else f"euid:{euid}" if euid else f"organisation:{identity}"


def holdings(document: OwnershipDocument, named: Mapping[str, str]) -> list[Holding]:
    """The holdings as edges of the graph. `named` maps ids to keys, or each id to itself."""
    return [
        Holding(
            owner=named[each.owner_id],
            held=named[each.owned_id],
            kind=Kind(each.kind),
            share=Fraction(each.share_percent) / 100 if each.share_percent is not None else None,
            validity=Period(each.since_on, each.until_on),
            nominator=named[each.nominator_id] if each.nominator_id else "",
        )
        for each in document.holdings
    ]


def changes(
    before: OwnershipDocument | None, now: OwnershipDocument, *, named: Mapping[str, str], old: Mapping[str, str]
) -> list[date]:
    """The days on which ownership changed by this statement and not by the one before, up to its own day.

    None for a first statement: it tells how things stand. A holding that the statement leaves out has ended by its day.
    """
    if before is None:
        return []
    known, told = _edges(before, old), _edges(now, named)
    days = {edge[-2] for edge in told - known if (*edge[:-1], None) not in known}
    days |= {edge[-1] for edge in told - known if edge[-1] is not None}
    present = {_between(edge) for edge in told}
    days |= {now.as_of_on for edge in known if _between(edge) not in present and (edge[-1] or date.max) > now.as_of_on}
    return sorted(day for day in days if day <= now.as_of_on)


def _between(edge: tuple[Any, ...]) -> tuple[Any, ...]:
    """Owner, held, kind and nominator: what stays the same when a share is corrected."""
    return (*edge[:3], edge[4])


def _edges(document: OwnershipDocument, named: Mapping[str, str]) -> set[tuple[Any, ...]]:
    """Each holding with what makes it up, its days last."""
    return {
        (each.owner, each.held, each.kind, each.share, each.nominator, each.validity.starts_on, each.validity.ends_on)
        for each in holdings(document, named)
    }


def _key(entity: StatedEntity, secret: bytes) -> str:
    name = unicodedata.normalize("NFKC", " ".join(entity.name.split())).casefold()
    if entity.kind == PERSON:
        person = f"{name}\n{entity.born_on}".encode()
        return f"person:{hmac.new(secret, person, hashlib.sha256).hexdigest()[:_PSEUDONYM_LENGTH]}"
    if entity.lei or entity.euid:
        return organisation_key(lei=entity.lei or "", euid=entity.euid or "", identity="")
    told = hashlib.sha256(f"{name}\n{entity.registration_number or ''}".encode()).hexdigest()[:_PSEUDONYM_LENGTH]
    return f"name:{entity.country}:{told}"


def _names() -> tuple[str, ...]:
    parts = (OwnershipDocument, StatedEntity, StatedHolding, SeniorManager)
    return tuple(sorted({name for part in parts for name in part.model_fields}))
