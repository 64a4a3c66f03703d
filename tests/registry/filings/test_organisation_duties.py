"""Duties of organisations themselves: from statements and time to rows, reminders, requests and decisions."""

import uuid
from datetime import UTC, date, datetime, timedelta

import pytest

from registry.accounts.policy import of_the_register
from registry.acting import Actor, acting_as
from registry.errors import NotPermitted
from registry.filings import duty_actions, duty_clock, duty_lists, organisation_duties, ownership_statements
from registry.filings.duties import State
from registry.filings.models import Decision, Duty, Plea
from registry.filings.working_days import end_of_day
from registry.organisations import actions as organisations
from registry.organisations.actions import NewOrganisation
from tests.conftest import NOON
from tests.statements import holding, statement

pytestmark = pytest.mark.django_db

CLOCK = of_the_register("clock")
FIRST, CHANGE, CONFIRMATION = "ownership_first_statement", "ownership_change", "ownership_confirmation"
FIRST_DUE = end_of_day(date(2027, 8, 9))  # 28 days from 10 July 2027 end on a Saturday
SOLD = [
    holding("up", "filer", "70", until_on="2026-11-10"),
    holding("ada", "filer", "70", since_on="2026-11-10"),
    holding("ada", "filer", "30"),
    holding("ada", "up", "80"),
]


def state(actor: Actor, *, revision: int = 0, at: datetime = NOON, **changes: object) -> None:
    with acting_as(actor):
        ownership_statements.state(content=statement(**changes), revision=revision, by=actor, at=at)


def tick(at: datetime = NOON, limit: int = 100) -> int:
    with acting_as(CLOCK):
        return organisation_duties.reckon_passed(by=CLOCK, at=at, limit=limit)


def remind(at: datetime) -> int:
    with acting_as(CLOCK):
        return duty_clock.remind(by=CLOCK, at=at, limit=100)


def own(actor: Actor, code: str = "", *, current: bool = True) -> list[Duty]:
    with acting_as(actor):
        found = duty_lists.with_pleas(Duty.objects.visible_to(actor).of_organisations().filter(is_current=current))
        return list((found.filter(code=code) if code else found).order_by("falls_at", "id"))


def ask_extension(actor: Actor, duty: Duty, *, days: int = 30, at: datetime = NOON, subject: str = "") -> uuid.UUID:
    with acting_as(actor):
        duty_actions.ask_extension(
            reference=None,
            code=duty.code,
            trigger_on=duty.trigger_on,
            subject=subject,
            until=duty.falls_at + timedelta(days=days),
            reason="The register of our parent is being corrected.",
            by=actor,
            at=at,
        )
        return Plea.objects.visible_to(actor).get(decision__isnull=True).id


def decide(actor: Actor, plea: uuid.UUID, *, is_granted: bool = True, at: datetime = NOON) -> Decision:
    with acting_as(actor):
        return duty_actions.decide(plea=plea, is_granted=is_granted, reason="Heard.", by=actor, at=at)


# --- what is owed ---------------------------------------------------------------------------------------------------


def test_who_never_stated_owes_a_first_statement_once_the_law_applies(alice: Actor) -> None:
    assert own(alice) == []
    assert tick() == 1
    (duty,) = own(alice)
    assert (duty.code, duty.trigger_on, duty.due_at) == (FIRST, date(2027, 7, 10), FIRST_DUE)
    assert duty.state_at(NOON) is State.OPEN
    assert duty.state_at(FIRST_DUE + timedelta(seconds=1)) is State.OVERDUE
    assert tick() == 0


def test_nobody_seated_outside_the_union_is_asked_for_a_first_statement(registrar: Actor, nora: Actor) -> None:
    new = NewOrganisation("Zuri AG", "CH", "FR", is_developer=True, holding="Zuri AG", is_illustrative=True)
    with acting_as(registrar):
        organisations.register([new], by=registrar, at=NOON)
    assert tick() == 0
    assert own(nora) == []


def test_who_registers_after_the_law_applies_has_28_days(registrar: Actor, nora: Actor) -> None:
    later = datetime(2027, 9, 1, 12, tzinfo=UTC)
    new = NewOrganisation("Neu GmbH", "DE", "DE", is_developer=True, holding="Neu GmbH", is_illustrative=True)
    with acting_as(registrar):
        organisations.register([new], by=registrar, at=later)
    tick(later)
    (duty,) = own(nora)
    assert (duty.trigger_on, duty.due_at) == (date(2027, 9, 1), end_of_day(date(2027, 9, 29)))


def test_a_statement_meets_the_first_duty_and_starts_the_yearly_one(alice: Actor) -> None:
    tick()
    state(alice)
    found = {duty.code: duty for duty in own(alice)}
    assert set(found) == {FIRST, CONFIRMATION}
    assert found[FIRST].state_at(NOON) is State.MET
    assert found[CONFIRMATION].trigger_on == date(2026, 11, 20)
    assert found[CONFIRMATION].due_at == end_of_day(date(2027, 11, 22))  # a year later is a Saturday


@pytest.mark.parametrize(
    ("at", "stands"),
    [(datetime(2026, 12, 8, 22, 59, tzinfo=UTC), State.MET), (datetime(2026, 12, 8, 23, 1, tzinfo=UTC), State.LATE)],
)
def test_a_change_carries_its_late_mark_for_ever(alice: Actor, olga: Actor, at: datetime, stands: State) -> None:
    state(alice)
    state(alice, revision=1, at=at, as_of_on="2026-12-08", holdings=SOLD)
    for actor in (alice, olga):
        (duty,) = own(actor, CHANGE)
        assert duty.trigger_on == date(2026, 11, 10)
        assert duty.state_at(at + timedelta(days=500)) is stands


def test_the_next_year_comes_with_time_and_is_met_by_any_statement(alice: Actor) -> None:
    state(alice)
    later = NOON + timedelta(days=370)
    assert tick(later) == 1
    assert tick(later) == 0
    first, second = own(alice, CONFIRMATION)
    assert (first.state_at(later), second.state_at(later)) == (State.OVERDUE, State.OPEN)
    state(alice, revision=1, at=later, as_of_on="2027-11-24")
    assert [duty.state_at(later) for duty in own(alice, CONFIRMATION)] == [State.LATE, State.MET]


def test_strangers_and_other_states_see_nothing(alice: Actor, charlie: Actor, olga: Actor, pedro: Actor) -> None:
    tick()
    actors = (alice, charlie, olga, pedro)
    seen = {actor.name: [duty.organisation_id == alice.organisation for duty in own(actor)] for actor in actors}
    assert seen == {"Alice": [True], "Charlie": [False], "Olga": [True], "Pedro": [False]}
    with pytest.raises(NotPermitted), acting_as(alice):
        organisation_duties.reckon_passed(by=alice, at=NOON, limit=1)
