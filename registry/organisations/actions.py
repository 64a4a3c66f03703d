"""What can be done to organisations and authorities: register, load."""

import csv
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from registry import rows
from registry.acting import Actor, inside_acting_as
from registry.errors import Conflict, Invalid, Obstacle
from registry.organisations import identifiers
from registry.organisations.models import Authority, Organisation

AUTHORITIES = Path(__file__).with_name("data") / "authorities.csv"


@dataclass(frozen=True)
class NewOrganisation:
    """What is needed to register one. `territory` is the competent Member State (seat, or representative's seat)."""

    legal_name: str
    seat_country: str
    territory: str
    lei: str = ""
    euid: str = ""
    is_developer: bool = False
    is_compute_provider: bool = False
    ultimate_parent_name: str = ""
    ultimate_parent_country: str = ""
    holding: str = ""
    is_illustrative: bool = False
    trade_names: tuple[str, ...] = ()


@inside_acting_as
def register(new: Sequence[NewOrganisation], *, by: Actor, at: datetime) -> list[Organisation]:
    """Register organisations, all or none. Raises `Invalid` for identifiers, `Conflict` for one that exists."""
    by.require("organisation_register")
    obstacles = [obstacle for position, item in enumerate(new) for obstacle in _obstacles(position, item)]
    if obstacles:
        raise Invalid("Some organisations cannot be registered.", obstacles=obstacles)
    leis = [item.lei for item in new if item.lei]
    taken = set(Organisation.objects.filter(lei__in=leis).values_list("lei", flat=True))
    if taken:
        raise Conflict(f"Already registered: {', '.join(sorted(taken))}.", remedy="Use the organisation that exists.")
    stored = [_row(item, at) for item in new]
    rows.insert(Organisation, stored)
    return [Organisation(**row) for row in stored]


@inside_acting_as
def load_authorities(*, by: Actor) -> int:
    """Make the stored authorities equal to `data/authorities.csv`, adding and renaming; returns how many there are."""
    by.require("reference_load")
    with AUTHORITIES.open(encoding="utf-8", newline="") as lines:
        listed = [Authority(**row) for row in csv.DictReader(lines)]
    Authority.objects.bulk_create(
        listed, update_conflicts=True, unique_fields=["code"], update_fields=["name", "territory"]
    )
    return len(listed)


def _row(item: NewOrganisation, at: datetime) -> dict[str, object]:
    return {
        "id": uuid.uuid4(),
        **{name: getattr(item, name) for name in item.__dataclass_fields__},
        "holding": item.holding or item.ultimate_parent_name or item.lei or item.legal_name,
        "trade_names": list(item.trade_names),
        "registered_at": at,
    }


def _obstacles(position: int, item: NewOrganisation) -> list[Obstacle]:
    found = []
    for name, check in (("lei", identifiers.lei), ("euid", identifiers.euid), ("seat_country", identifiers.country)):
        sentence = _refusal(check, getattr(item, name), required=name == "seat_country")
        if sentence:
            found.append(Obstacle(code="validation", pointer=f"/{position}/{name}", sentence=sentence))
    if not Authority.objects.filter(territory=item.territory).exists():
        found.append(
            Obstacle(
                code="validation",
                pointer=f"/{position}/territory",
                sentence="No authority is competent for this territory.",
                remedy="Name the Member State of the seat or of the authorised representative.",
            )
        )
    return found


def _refusal(check: Callable[[str], str], value: str, *, required: bool) -> str:
    """Why `value` is refused, or nothing."""
    if not value and not required:
        return ""
    try:
        check(value)
    except ValueError as error:
        return str(error)
    return ""
