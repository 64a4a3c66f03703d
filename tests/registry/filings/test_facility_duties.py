"""The yearly duty of facilities: owed from 500 kW in the Union, met by the report of that year, ended by closing."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from registry import tasks
from registry.accounts.policy import of_the_register
from registry.acting import Actor, acting_as
from registry.compute import facility_actions
from registry.compute.models import Facility
from registry.dispatch.models import Event
from registry.errors import NotPermitted
from registry.filings import duties, facility_duties, facility_owed, organisation_duties, reckoning
from registry.filings.duties import FilingFacts, State, Submission
from registry.filings.models import Duty
from registry.filings.working_days import end_of_day
from tests.conftest import NOON
from tests.registry.compute import facilities

pytestmark = pytest.mark.django_db
CLOCK = of_the_register("clock")


def registered(by: Actor, **changes: Any) -> Facility:
    with acting_as(by):
        return facility_actions.register(content=facilities.statement(**changes), by=by, at=NOON)


def reported(row: Facility, by: Actor, *, at: datetime = NOON, **changes: Any) -> None:
    with acting_as(by):
        facility_actions.report(reference=row.reference, content=facilities.report(**changes), by=by, at=at)


def told(row: Facility, *, at: datetime = NOON) -> None:
    with acting_as(CLOCK):
        facility_duties.follow(reference=row.reference, by=CLOCK, at=at)


def owed(row: Facility, by: Actor, *, at: datetime = NOON) -> list[tuple[str, str]]:
    """Year and state of each duty about the facility."""
    with acting_as(by):
        found = Duty.objects.visible_to(by).of_organisations().filter(subject=row.reference, is_current=True)
        return [(str(each.trigger_on.year), each.state_at(at).value) for each in found.order_by("trigger_on")]


def test_each_year_of_operation_is_owed_by_15_may_of_the_next(alice: Actor) -> None:
    row = registered(alice)
    told(row)
    assert owed(row, alice) == [("2024", "overdue"), ("2025", "overdue")]
    due = Duty.objects.get(subject=row.reference, trigger_on=date(2025, 12, 31)).due_at
    assert due == end_of_day(date(2026, 5, 15))
    assert owed(row, alice, at=datetime(2026, 5, 15, 20, tzinfo=UTC))[1] == ("2025", "open")


def test_a_year_is_met_by_its_own_report_and_no_other(alice: Actor) -> None:
    row = registered(alice, operating_from="2022-03-01")
    reported(row, alice, year=2024)
    told(row)
    assert owed(row, alice) == [("2024", "late"), ("2025", "overdue")]
    reported(row, alice, year=2025)
    told(row)
    assert owed(row, alice) == [("2024", "late"), ("2025", "late")]


@pytest.mark.parametrize(
    "changes",
    [
        {"it_power_kw": "499.999"},
        {"operating_from": None},
        {"country": "MY", "nuts_code": None, "lau_code": None},
    ],
)
def test_nothing_is_owed_below_the_bound_outside_the_union_or_before_operation(
    alice: Actor, changes: dict[str, Any]
) -> None:
    row = registered(alice, **changes)
    told(row)
    assert owed(row, alice) == []


def test_exactly_500_kilowatts_are_owed(alice: Actor) -> None:
    row = registered(alice, it_power_kw="500", operating_from="2025-06-01")
    told(row)
    assert owed(row, alice) == [("2025", "overdue")]


def test_a_duty_goes_when_it_no_longer_follows(alice: Actor) -> None:
    row = registered(alice, operating_from="2025-06-01")
    told(row)
    with acting_as(alice):
        content = facilities.statement(operating_from="2025-06-01", it_power_kw="400")
        facility_actions.amend(reference=row.reference, content=content, revision=1, by=alice, at=NOON)
    told(row)
    assert owed(row, alice) == []


def test_after_closing_no_further_year_is_owed(alice: Actor) -> None:
    row = registered(alice, closed_on="2024-07-01")
    told(row)
    assert owed(row, alice) == [("2024", "overdue")]


def test_the_duty_is_owed_where_the_facility_stands(alice: Actor, olga: Actor, pedro: Actor) -> None:
    row = registered(alice, country="ES", nuts_code="ES511", lau_code="08019", operating_from="2025-01-01")
    told(row)
    assert owed(row, pedro) == [("2025", "overdue")]
    assert owed(row, olga) == []


def test_the_worker_follows_every_act_and_can_repeat_it(alice: Actor) -> None:
    row = registered(alice)
    event = Event.objects.get(kind=facility_actions.REGISTERED)
    assert tasks.owe_reports in tasks.LISTENERS[event.kind]
    for _ in range(2):
        tasks.owe_reports(reference=event.subject, event_key=str(event.key))
    assert len(owed(row, alice)) == 2
    assert set(tasks.LISTENERS) >= facility_duties.CAUSES


def test_the_clock_begins_what_no_event_led_to(alice: Actor) -> None:
    row = registered(alice)
    with acting_as(CLOCK):
        assert facility_owed.begun(NOON, 10) == [row.organisation_id]
        organisation_duties.reckon_passed(by=CLOCK, at=NOON, limit=10)
        assert facility_owed.begun(NOON, 10) == []
    assert len(owed(row, alice)) == 2


def test_only_the_clock_follows(alice: Actor) -> None:
    row = registered(alice)
    with acting_as(alice), pytest.raises(NotPermitted):
        facility_duties.follow(reference=row.reference, by=alice, at=NOON)


def test_what_does_not_exist_is_followed_nowhere(db: None) -> None:
    with acting_as(CLOCK):
        assert not facility_duties.follow(reference="ECAF-2026-000001-1", by=CLOCK, at=NOON)


def test_a_report_that_names_no_year_meets_the_year_it_came_after(db: None) -> None:
    at = datetime(2026, 4, 1, 12, tzinfo=UTC)
    facts = FilingFacts(
        territory="FR",
        facility_operates_from=date(2025, 1, 1),
        submitted=(Submission("facility_report", at),),
    )
    with acting_as(CLOCK):
        calendar = reckoning.calendar(["FR"])
    (found,) = (each for each in duties.duties_of(facts, calendar, at=NOON) if each.code == facility_owed.CODE)
    assert (found.met_at, found.state) == (at, State.MET)
