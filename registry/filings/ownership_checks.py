"""What the register says of an ownership statement: consistency, arithmetic on each day, comparison. Pure.

Texts and severities stand in `data/ownership_checks.toml`. An error blocks; warnings and notes are told and stored.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final

from registry.errors import Obstacle
from registry.filings import ownership_document
from registry.filings.ownership_document import FILER, PERSON, OwnershipDocument, StatedHolding
from registry.organisations import ownership, ownership_control
from registry.organisations.ownership import Graph, Holding, Impossible, Measure
from registry.quantities import as_decimal

DATA: Final = Path(__file__).with_name("data") / "ownership_checks.toml"


@dataclass(frozen=True)
class Before:
    """The statement before and what it called its entities, and the days of changes that come late with this one."""

    document: OwnershipDocument | None = None
    late: tuple[date, ...] = ()


@dataclass(frozen=True)
class Said:
    """What one check says about one place of the statement. `inputs` hold no name of a person."""

    code: str
    pointer: str
    inputs: Mapping[str, str] = field(default_factory=dict)

    @property
    def severity(self) -> str:
        """`error`, `warning` or `note`."""
        return str(_texts()[self.code]["severity"])


def codes() -> tuple[str, ...]:
    """The codes of all checks of a statement."""
    return tuple(_texts())


def told(said: Said, *, language: str) -> Obstacle:
    """What a check says, in words."""
    text = _texts()[said.code]
    sentence, remedy = (text[language][part].format_map(said.inputs) for part in ("sentence", "remedy"))
    return Obstacle(said.code, said.pointer, sentence, remedy, said.severity)


def answers(document: OwnershipDocument, *, keys: Mapping[str, str], before: Before, today: date) -> list[Said]:
    """Everything there is to say, errors first. `keys` names each entity that has an id of its own, and `filer`.

    Arithmetic and structure are looked at only where every id leads somewhere and every holding is possible.
    """
    found = [*_entities(document, keys), *_holdings(document), *_moments(document, before, today)]
    if not found:
        found += _arithmetic(document)
    if not any(each.severity == "error" for each in found):
        found += [*_structure(document), *_comparison(document, before)]
    order = ("error", "warning", "note")
    return sorted(found, key=lambda each: order.index(each.severity))


def _entities(document: OwnershipDocument, keys: Mapping[str, str]) -> Iterator[Said]:
    ids, known = {FILER}, {keys[FILER]: FILER}
    for place, entity in enumerate(document.entities):
        pointer = f"/entities/{place}"
        if entity.id in ids:
            yield Said("id-taken", f"{pointer}/id", {"id": entity.id})
            continue
        ids.add(entity.id)
        is_person = entity.kind == PERSON
        has_number = bool(entity.lei or entity.euid or entity.registration_number)
        if is_person and entity.born_on is None:
            yield Said("person-without-birth", pointer)
        if (is_person and has_number) or (not is_person and (entity.born_on or entity.nationalities)):
            yield Said("person-as-company", pointer)
        other = known.setdefault(keys[entity.id], entity.id)
        if other != entity.id:
            yield Said("entity-twice", pointer, {"id": entity.id, "other": other})


def _holdings(document: OwnershipDocument) -> Iterator[Said]:
    kinds = {FILER: "company", **{entity.id: entity.kind for entity in document.entities}}
    for place, each in enumerate(document.holdings):
        pointer = f"/holdings/{place}"
        for name in ("owner_id", "owned_id", "nominator_id"):
            told_id = getattr(each, name)
            if told_id is not None and told_id not in kinds:
                yield Said("id-unknown", f"{pointer}/{name}", {"id": told_id})
        if kinds.get(each.owned_id) == PERSON:
            yield Said("person-held", f"{pointer}/owned_id")
        if each.owned_id in {each.owner_id, each.nominator_id}:
            yield Said("holds-itself", pointer)
        if each.until_on is not None and each.until_on <= each.since_on:
            yield Said("dates-reversed", f"{pointer}/until_on")
        yield from _share(each, pointer)


def _share(each: StatedHolding, pointer: str) -> Iterator[Said]:
    if each.kind in {"capital", "votes"} and not each.share_percent:
        yield Said("share-missing", f"{pointer}/share_percent")
    if (each.kind == "control") != (each.control_kind is not None) or (each.kind == "control" and each.share_percent):
        yield Said("control-without-kind", pointer)


def _moments(document: OwnershipDocument, before: Before, today: date) -> Iterator[Said]:
    if document.as_of_on > today:
        yield Said("as-of-in-future", "/as_of_on")
    if before.document is not None and document.as_of_on < before.document.as_of_on:
        yield Said("as-of-before-last", "/as_of_on", {"day": before.document.as_of_on.isoformat()})


def _arithmetic(document: OwnershipDocument) -> Iterator[Said]:
    """On every day on which something begins no entity is held by more than the whole."""
    edges = _edges(document)
    seen: set[tuple[str, str]] = set()
    for day in sorted({document.as_of_on, *(each.validity.starts_on for each in edges)}):
        for held, measure, percent in _above(edges, day):
            if (held, measure) not in seen:
                seen.add((held, measure))
                place = next(i for i, each in enumerate(document.holdings) if each.owned_id == held)
                inputs = {"day": day.isoformat(), "id": held, "percent": percent, "measure": measure}
                yield Said("more-than-whole", f"/holdings/{place}", inputs)


def _above(edges: list[Holding], day: date) -> Iterator[tuple[str, str, str]]:
    """Each entity of which more than the whole is held on the day, by which measure, and how much."""
    for held in sorted({each.held for each in edges}):
        own = [each for each in edges if each.held == held and day in each.validity]
        try:
            ownership.graph(own, on=day)
        except Impossible as wrong:
            measure = Measure.VOTES if wrong.reason.endswith(Measure.VOTES) else Measure.CAPITAL
            total = sum(each.share or 0 for each in own if each.kind.value == measure.value)
            yield held, measure.value, _percent(total)


def _structure(document: OwnershipDocument) -> Iterator[Said]:
    """Who is not connected, where owners are not stated or end in no person, circles, nobody at the end."""
    picture = ownership.graph(_edges(document), on=document.as_of_on)
    places = {entity.id: place for place, entity in enumerate(document.entities)}
    people = {entity.id for entity in document.entities if entity.kind == PERSON}
    above = picture.upstream(FILER)
    day = document.as_of_on.isoformat()
    past = {each.owner_id for each in document.holdings} | {each.nominator_id for each in document.holdings}
    for entity in document.entities:
        if entity.id not in above and entity.id not in past:
            yield Said("not-connected", f"/entities/{places[entity.id]}", {"id": entity.id})
    for held in sorted(above - people):
        stated = picture.capital.get(held)
        if stated and (missing := ownership.WHOLE - sum(stated.values())) > 0:
            yield Said("share-unstated", _place(held, places), {"day": day, "id": held, "percent": _percent(missing)})
    yield from _ends(document, picture, people, places)


def _ends(document: OwnershipDocument, picture: Graph, people: set[str], places: Mapping[str, int]) -> Iterator[Said]:
    owned = ownership.owned(picture, FILER, measure=Measure.CAPITAL)
    if owned.circular:
        yield Said("circular", "/holdings", {"count": str(len(owned.circular))})
    for key in sorted(owned.ultimate - people - owned.circular):
        if ownership.INTEREST.reached(owned.shares[key]):
            inputs = {"id": key, "percent": _percent(owned.shares[key])}
            yield Said("owners-end-in-company", _place(key, places), inputs)
    if not ownership_control.beneficial_owners(picture, FILER, people=people) and not document.senior_managers:
        yield Said("no-beneficial-owner", "/senior_managers")


def _comparison(document: OwnershipDocument, before: Before) -> Iterator[Said]:
    yield from (Said("late", "/holdings", {"day": day.isoformat()}) for day in before.late)
    if before.document is None:
        return
    told = {(each.owner_id, each.owned_id, each.kind, each.since_on) for each in document.holdings}
    for each in before.document.holdings:
        has_ended = each.until_on is not None and each.until_on <= document.as_of_on
        if not has_ended and (each.owner_id, each.owned_id, each.kind, each.since_on) not in told:
            yield Said("gap", "/holdings", {"id": each.owned_id})


def _edges(document: OwnershipDocument) -> list[Holding]:
    ids = {FILER: FILER, **{entity.id: entity.id for entity in document.entities}}
    return ownership_document.holdings(document, ids)


def _place(key: str, places: Mapping[str, int]) -> str:
    return "" if key == FILER else f"/entities/{places[key]}"


def _percent(share: Any) -> str:
    """A share as a percentage with as many decimals as it needs, six at most."""
    return f"{as_decimal(share * 100):.6f}".rstrip("0").rstrip(".")


@cache
def _texts() -> dict[str, dict[str, Any]]:
    return tomllib.loads(DATA.read_text(encoding="utf-8"))
