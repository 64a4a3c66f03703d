"""A subsidiary sold within the window: what it used counts for its seller until the day, for its buyer from it on."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from registry.acting import Actor, acting_as
from registry.compute import facility_actions
from registry.compute.models import Facility
from registry.filings import ownership_statements
from registry.organisations.models import Organisation
from registry.screening import grouping, position_actions, posting
from registry.screening.models import GroupMember, Position
from tests import statements
from tests.conftest import person
from tests.registry.compute import facilities
from tests.registry.screening.returned import line, submit
from tests.registry.screening.split import SCREENER

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
MONTHS = (date(2026, 8, 1), date(2026, 9, 1), date(2026, 10, 1))
SOLD_ON = date(2026, 9, 16)  # half of September's thirty days for each side
HOURS = 2_400
SELLER, BUYER = "Upper Holding BV", "Over Holding BV"
OWNERS = [
    {"id": "up", "kind": "company", "name": SELLER, "country": "NL", "lei": "724500DEMONSTRATIO11"},
    {"id": "over", "kind": "company", "name": BUYER, "country": "NL", "registration_number": "KVK 7"},
]


@pytest.fixture
def owner(aurelia: Organisation) -> Actor:
    """Who states the owners of the subsidiary, Aurelia."""
    return person("provider_administrator", organisation=aurelia)


@pytest.fixture
def provider(cantabria: Organisation) -> Actor:
    """Whose accelerators the subsidiary uses."""
    return person("provider_submitter", organisation=cantabria)


@pytest.fixture
def hall(provider: Actor) -> Facility:
    with acting_as(provider):
        return facility_actions.register(content=facilities.statement(), by=provider, at=NOON)


def _stated(owner: Actor, revision: int, as_of: str, entities: list[Any], holdings: list[Any]) -> None:
    content = statements.statement(as_of_on=as_of, entities=entities, holdings=holdings)
    with acting_as(owner):
        ownership_statements.state(content=content, revision=revision, by=owner, at=NOON)
    with acting_as(SCREENER):
        grouping.regroup(organisation=str(owner.organisation), by=SCREENER, at=NOON)


def _bought(owner: Actor) -> None:
    _stated(owner, 0, "2026-08-01", OWNERS[:1], [statements.holding("up", "filer", "100")])


def _sold(owner: Actor) -> None:
    held = statements.holding("up", "filer", "100", until_on=SOLD_ON.isoformat())
    holds = statements.holding("over", "filer", "100", since_on=SOLD_ON.isoformat())
    _stated(owner, 1, SOLD_ON.isoformat(), OWNERS, [held, holds])


def _used(provider: Actor, hall: Facility, month: date) -> None:
    found = submit(provider, "ES", month, [line(f"{month:%Y-%m}", hall, hours=HOURS, month=month)])
    with acting_as(SCREENER):
        posting.post_return(reference=found.reference, by=SCREENER, at=NOON)


def _read() -> None:
    with acting_as(SCREENER):
        position_actions.read_stale(limit=50, by=SCREENER, at=NOON)


def _positions() -> dict[str, tuple[Decimal, Decimal]]:
    """Hours and compute of each owner group that used anything, by its name."""
    with acting_as(SCREENER):
        found = Position.objects.filter(kind=Position.Kind.OWNER_GROUP, total_flop__gt=0, stale_since__isnull=True)
        return {each.name: (each.window_hours or Decimal(0), each.total_flop or Decimal(0)) for each in found}


def _recomputed() -> dict[str, tuple[Decimal, Decimal]]:
    with acting_as(SCREENER):
        assert position_actions.check(by=SCREENER, at=NOON).is_equal
        position_actions.recompute(by=SCREENER, at=NOON)
    _read()
    return _positions()


def test_positions_move_from_seller_to_buyer_from_the_day_on(owner: Actor, provider: Actor, hall: Facility) -> None:
    _bought(owner)
    for month in MONTHS:
        _used(provider, hall, month)
    _read()
    before = _positions()
    assert {name: hours for name, (hours, _) in before.items()} == {SELLER: Decimal(3 * HOURS)}
    _sold(owner)
    _read()
    after = _positions()
    half = Decimal(3 * HOURS) / 2
    assert {name: hours for name, (hours, _) in after.items()} == {SELLER: half, BUYER: half}
    assert sum(flop for _, flop in after.values()) == before[SELLER][1]


def test_who_belonged_to_whom_is_kept_by_the_day(owner: Actor, provider: Actor, hall: Facility) -> None:
    _bought(owner)
    _used(provider, hall, MONTHS[0])
    _sold(owner)
    with acting_as(SCREENER):
        told = GroupMember.objects.filter(account__startswith="organisation:", group_name__in=[SELLER, BUYER])
        kept = [(each.group_name, each.from_on, each.until_on) for each in told.order_by("from_on")]
    assert kept == [(SELLER, grouping.BEGINNING, SOLD_ON), (BUYER, SOLD_ON, None)]


@pytest.mark.parametrize("bought_before", [0, 2])
@pytest.mark.parametrize("sold_before", [2, 3])
def test_whenever_the_sale_is_told_the_positions_are_those_of_a_full_recomputation(
    owner: Actor, provider: Actor, hall: Facility, bought_before: int, sold_before: int
) -> None:
    """The statements come before the return of the month with their number, or after all returns."""
    for number in range(len(MONTHS) + 1):
        if number == bought_before:
            _bought(owner)
        if number == sold_before:
            _sold(owner)
        if number < len(MONTHS):
            _used(provider, hall, MONTHS[number])
        _read()
    half = Decimal(3 * HOURS) / 2
    kept = _positions()
    assert {name: hours for name, (hours, _) in kept.items()} == {SELLER: half, BUYER: half}
    assert _recomputed() == kept
