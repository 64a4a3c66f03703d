"""The monthly duty of compute providers: owed by the 15th of the next month, met by the return of that month."""

from datetime import UTC, date, datetime, timedelta

import pytest

from registry import return_tasks, tasks
from registry.accounts.policy import of_the_register
from registry.acting import Actor, acting_as
from registry.compute import facility_actions, return_actions
from registry.compute.models import Facility
from registry.dispatch.models import Event
from registry.errors import NotPermitted
from registry.filings import duties, facility_duties, organisation_duties, return_duties, return_owed
from registry.filings.duties import FilingFacts
from registry.filings.models import Duty
from registry.filings.working_days import end_of_day
from registry.organisations.models import Organisation
from tests.conftest import NOON
from tests.registry.compute import facilities, records

pytestmark = pytest.mark.django_db
CLOCK = of_the_register("clock")
SUMMER = datetime(2026, 7, 20, 12, tzinfo=UTC)


@pytest.fixture
def lender(aurelia: Organisation) -> Organisation:
    """Aurelia as a compute provider."""
    records.lend(aurelia)
    aurelia.refresh_from_db()
    return aurelia


def _registered(by: Actor, *, at: datetime = SUMMER, **changes: object) -> Facility:
    with acting_as(by):
        row = facility_actions.register(content=facilities.statement(**changes), by=by, at=at)
    with acting_as(CLOCK):
        facility_duties.follow(reference=row.reference, by=CLOCK, at=NOON)
    return row


def _submitted(month: date, by: Actor, *, at: datetime) -> str:
    with acting_as(by):
        reference = return_actions.report_none(month=month, by=by, at=at).monthly_return.reference
    with acting_as(CLOCK):
        return_duties.follow(reference=reference, by=CLOCK, at=NOON)
    return str(reference)


def _owed(by: Actor, *, at: datetime = NOON) -> dict[str, str]:
    """State of the duty of each month."""
    with acting_as(by):
        found = Duty.objects.visible_to(by).of_organisations().filter(code=return_owed.CODE, is_current=True)
        return {f"{each.trigger_on:%Y-%m}": each.state_at(at).value for each in found.order_by("trigger_on")}


def test_each_month_is_owed_by_the_15th_of_the_next(lender: Organisation, alice: Actor) -> None:
    _registered(alice)
    assert _owed(alice) == {"2026-08": "overdue", "2026-09": "overdue", "2026-10": "overdue", "2026-11": "open"}
    due = dict(Duty.objects.filter(code=return_owed.CODE).values_list("trigger_on", "due_at"))
    assert due[date(2026, 9, 30)] == end_of_day(date(2026, 10, 15))
    assert due[date(2026, 10, 31)] == end_of_day(date(2026, 11, 16)), "the 15th is a Sunday"


def test_a_month_is_met_by_its_own_return_and_no_other(lender: Organisation, alice: Actor) -> None:
    _registered(alice)
    _submitted(date(2026, 10, 1), alice, at=datetime(2026, 11, 10, 12, tzinfo=UTC))
    _submitted(date(2026, 8, 1), alice, at=NOON)
    assert _owed(alice) == {"2026-08": "late", "2026-09": "overdue", "2026-10": "met", "2026-11": "open"}


def test_an_amendment_does_not_make_a_month_late(lender: Organisation, alice: Actor) -> None:
    _registered(alice)
    reference = _submitted(date(2026, 10, 1), alice, at=datetime(2026, 11, 10, 12, tzinfo=UTC))
    with acting_as(alice):
        row = return_actions.reopen(reference=reference, revision=2, by=alice, at=NOON)
        return_actions.submit(reference=reference, revision=row.revision, is_none=True, by=alice, at=NOON)
    with acting_as(CLOCK):
        return_duties.follow(reference=reference, by=CLOCK, at=NOON)
    assert _owed(alice)["2026-10"] == "met"


def test_it_begins_with_the_month_of_the_first_facility(lender: Organisation, alice: Actor) -> None:
    _registered(alice, at=datetime(2026, 10, 20, 12, tzinfo=UTC))
    assert list(_owed(alice)) == ["2026-10", "2026-11"]


def test_it_ends_with_the_month_in_which_the_last_facility_closes(lender: Organisation, alice: Actor) -> None:
    _registered(alice, closed_on="2026-09-10")
    assert list(_owed(alice)) == ["2026-08", "2026-09"]
    _registered(alice, client_reference="second")
    assert list(_owed(alice)) == ["2026-08", "2026-09", "2026-10", "2026-11"]


def test_who_only_builds_and_who_does_not_lend_owe_nothing(aurelia: Organisation, alice: Actor) -> None:
    _registered(alice)
    assert _owed(alice) == {}
    records.lend(aurelia)
    Facility.objects.update(operating_from=None)
    with acting_as(CLOCK):
        assert return_owed.begun(NOON, 10) == []


def test_the_authority_of_the_provider_sees_it(lender: Organisation, alice: Actor, olga: Actor, pedro: Actor) -> None:
    _registered(alice, country="ES", nuts_code="ES511", lau_code="08019")
    assert len(_owed(olga)) == 4
    assert _owed(pedro) == {}


def test_the_worker_follows_each_submission_and_can_repeat_it(lender: Organisation, alice: Actor) -> None:
    _registered(alice)
    with acting_as(alice):
        return_actions.report_none(month=date(2026, 10, 1), by=alice, at=NOON - timedelta(days=10))
    event = Event.objects.get(kind=return_actions.SUBMITTED)
    assert return_tasks.owe_returns in tasks.LISTENERS[event.kind]
    for _ in range(2):
        return_tasks.owe_returns(reference=event.subject, event_key=str(event.key))
    assert _owed(alice)["2026-10"] == "met"


def test_the_clock_begins_what_no_event_led_to(lender: Organisation, alice: Actor) -> None:
    with acting_as(alice):
        facility_actions.register(content=facilities.statement(), by=alice, at=SUMMER)
    with acting_as(CLOCK):
        assert return_owed.begun(NOON, 10) == [lender.id]
        organisation_duties.reckon_passed(by=CLOCK, at=NOON, limit=10)
        assert return_owed.begun(NOON, 10) == []
        later = NOON + timedelta(days=31)
        organisation_duties.reckon_passed(by=CLOCK, at=later, limit=10)
    assert list(_owed(alice))[-2:] == ["2026-11", "2026-12"]


def test_only_the_clock_follows_and_nothing_is_followed_nowhere(lender: Organisation, alice: Actor) -> None:
    with acting_as(alice), pytest.raises(NotPermitted):
        return_duties.follow(reference="ECAM-2026-000001-1", by=alice, at=NOON)
    with acting_as(CLOCK):
        assert not return_duties.follow(reference="ECAM-2026-000001-1", by=CLOCK, at=NOON)


def test_every_month_has_one_end_and_each_is_due_in_the_next() -> None:
    holidays = {"FR": frozenset[date]()}
    facts = FilingFacts(territory="FR", lends_from=date(2027, 12, 31), lends_until=date(2028, 3, 1))
    found = duties.duties_of(facts, holidays, at=datetime(2030, 1, 1, tzinfo=UTC))
    assert [each.trigger_on for each in found] == [
        date(2027, 12, 31),
        date(2028, 1, 31),
        date(2028, 2, 29),
        date(2028, 3, 31),
    ]
    assert [each.due_at for each in found] == [
        end_of_day(day) for day in (date(2028, 1, 17), date(2028, 2, 15), date(2028, 3, 15), date(2028, 4, 17))
    ]
