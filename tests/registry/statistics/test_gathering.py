"""From what is stored to facts: which quarter, which place, which amount, and what was known at the moment."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from registry.accounts.policy import of_the_register
from registry.acting import Actor, acting_as
from registry.compute import facility_actions, installation_actions, return_actions
from registry.compute.models import AccessRecord
from registry.errors import NotPermitted
from registry.filings import actions
from registry.filings.actions import NewFiling
from registry.organisations.models import Organisation
from registry.periods import Quarter
from registry.statistics import gathering
from registry.statistics.facts import Fact
from tests.documents import planned_run
from tests.registry.compute import facilities, records

pytestmark = pytest.mark.django_db
FOURTH = Quarter(2026, 4)
AFTERWARDS = datetime(2027, 1, 10, tzinfo=UTC)


def gathered(quarter: Quarter = FOURTH, *, as_of: datetime = AFTERWARDS) -> Sequence[Fact]:
    with acting_as(of_the_register("builder"), read_only=True) as by:
        return gathering.gather(quarter=quarter, as_of=as_of, by=by)


def amounts(facts: Sequence[Fact], measure: str) -> dict[tuple[str, ...], Decimal]:
    return {tuple(sorted(each.key.values())): each.value for each in facts if each.measure == measure}


def test_a_run_counts_in_the_quarter_of_its_first_filing(alice: Actor, aurelia: Organisation, noon: datetime) -> None:
    with acting_as(alice):
        (filed,) = actions.file([NewFiling(planned_run())], by=alice, at=noon)
    assert filed.reference
    facts = gathered()
    run, flop = (next(each for each in facts if each.measure == name) for name in ("runs", "training_flop"))
    assert run.value == 1
    assert run.key == {
        "quarter": "2026-Q4",
        "member_state": "FR",
        "band": "above-1e25",
        "purpose": "pre-training",
        "sector": "information",
        "filer_role": "developer",
        "parent_region": "EU27",
    }
    assert (run.holding, run.provider, run.version) == (aurelia.holding, str(aurelia.id), 1)
    assert flop.value == flop.value.to_integral_value() > Decimal("2e25")
    assert gathered(Quarter(2026, 3)) == ()


def test_what_came_later_is_not_counted(alice: Actor, noon: datetime) -> None:
    with acting_as(alice):
        actions.file([NewFiling(planned_run())], by=alice, at=noon)
    assert gathered(as_of=noon) == ()
    assert gathered(as_of=noon + timedelta(seconds=1)) != ()


def test_a_withdrawn_filing_is_not_counted(alice: Actor, noon: datetime) -> None:
    with acting_as(alice):
        (filed,) = actions.file([NewFiling(planned_run())], by=alice, at=noon)
    with acting_as(alice):
        actions.withdraw(reference=filed.reference, reason="Filed twice.", by=alice, at=noon, revision=None)
    assert gathered() == ()


def _returned(by: Actor, at: datetime, *lines: dict[str, Any]) -> None:
    row = records.opened(by, at)
    records.taken(records.sent(row, records.ndjson(lines), by, at), at)
    with acting_as(by):
        row.refresh_from_db()
        return_actions.submit(reference=row.reference, by=by, at=at, revision=row.revision)


def test_hours_count_where_the_machines_stand_and_the_customers_parent_sits(
    alice: Actor, aurelia: Organisation, noon: datetime
) -> None:
    records.lend(aurelia)
    parent = {"customer_parent_name": "Borealis Inc", "customer_parent_country": "US"}
    _returned(alice, noon, records.line(1), records.line(2, customer_key="C-2", **parent), records.line(3))
    found = amounts(gathered(), "accelerator_hours")
    assert found == {
        tuple(sorted(("2026-Q4", "FR", "nvidia-hopper", "inference", "EU27"))): Decimal("40321.0"),
        tuple(sorted(("2026-Q4", "FR", "nvidia-hopper", "inference", "US"))): Decimal("20160.5"),
    }
    with acting_as(alice):
        kept = AccessRecord.objects.visible_to(alice).values_list("customer_parent_country", flat=True)
        assert sorted(kept) == ["", "", "US"]


def test_what_was_not_submitted_is_not_counted(alice: Actor, aurelia: Organisation, noon: datetime) -> None:
    records.lend(aurelia)
    row = records.opened(alice, noon)
    records.taken(records.sent(row, records.ndjson([records.line(1)]), alice, noon), noon)
    assert not amounts(gathered(), "accelerator_hours")


def test_facilities_machines_and_energy_count_by_place_and_size(alice: Actor, noon: datetime) -> None:
    with acting_as(alice):
        site = facility_actions.register(content=facilities.statement(), by=alice, at=noon)
    with acting_as(alice):
        installation_actions.put_up(reference=site.reference, content=facilities.installation(), by=alice, at=noon)
    with acting_as(alice):
        facility_actions.report(reference=site.reference, content=facilities.report(), by=alice, at=noon)
    facts = gathered()
    place = tuple(sorted(("2026-Q4", "FR", "2-10mw")))
    assert amounts(facts, "facilities") == {place: Decimal(1)}
    assert amounts(facts, "it_power_kw") == {place: Decimal(2000)}
    assert amounts(facts, "accelerators") == {tuple(sorted(("2026-Q4", "FR", "nvidia-hopper"))): Decimal(800)}
    assert not amounts(facts, "energy_kwh")
    second = gathered(Quarter(2026, 2))
    assert amounts(second, "energy_kwh") == {tuple(sorted(("2025", "FR", "2-10mw"))): Decimal(12_000_000)}


def test_only_the_builder_gathers(alice: Actor) -> None:
    with acting_as(alice), pytest.raises(NotPermitted):
        gathering.gather(quarter=FOURTH, as_of=AFTERWARDS, by=alice)
