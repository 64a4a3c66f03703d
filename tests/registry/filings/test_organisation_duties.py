"""Duties of organisations themselves: from statements and time to rows, reminders, requests and decisions."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from registry.accounts.policy import of_the_register
from registry.acting import Actor, acting_as
from registry.dispatch.models import Event
from registry.errors import Conflict, NotFound, NotPermitted, NotPossible
from registry.filings import duty_actions, duty_clock, duty_lists, organisation_duties, ownership_statements
from registry.filings.duties import FilingFacts, State, Submission
from registry.filings.models import Decision, Duty, Plea, Reminder
from registry.filings.owed import Owed, Source
from registry.filings.working_days import end_of_day
from registry.ledger.models import Entry
from registry.organisations import actions as organisations
from registry.organisations.actions import NewOrganisation
from registry.organisations.models import Organisation
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


# --- reminders and calendar -----------------------------------------------------------------------------------------


def test_it_is_reminded_of_at_each_stage_and_once_overdue(alice: Actor) -> None:
    tick()
    for hours in range(-20 * 24, 20 * 24, 12):
        at = FIRST_DUE + timedelta(hours=hours)
        remind(at)
        assert remind(at) == 0
    assert list(Reminder.objects.order_by("id").values_list("stage", flat=True)) == ["14", "7", "2", "overdue"]
    told = Event.objects.filter(kind__startswith="organisation_duty.").order_by("at")
    assert [event.kind for event in told] == ["organisation_duty.due_soon"] * 3 + ["organisation_duty.overdue"]
    assert {(event.subject, event.organisation_id) for event in told} == {(str(alice.organisation), alice.organisation)}


def test_the_calendar_names_the_organisation_and_what_it_is_about(alice: Actor) -> None:
    state(alice)
    with acting_as(alice):
        feed = duty_lists.feed_for(alice, at=NOON, language="en", base_url="https://ecar.example").decode()
    unfolded = feed.replace("\r\n ", "")
    assert f"UID:{alice.organisation}.{CONFIRMATION}.2026-11-20@ecar.example" in unfolded
    assert "SUMMARY;LANGUAGE=en:Confirm the owners\r\n" in unfolded
    assert "About the organisation itself." in unfolded
    assert "URL:https://ecar.example/api/v1/organisation/duties/" in unfolded


# --- asking and deciding --------------------------------------------------------------------------------------------


def test_a_granted_extension_moves_the_due_moment_and_outlives_a_new_reckoning(alice: Actor, olga: Actor) -> None:
    tick()
    (duty,) = own(alice)
    plea = ask_extension(alice, duty)
    with pytest.raises(Conflict):
        ask_extension(alice, duty)
    made = decide(olga, plea)
    assert made.filing_id is None
    later = FIRST_DUE + timedelta(days=20)
    tick(later)
    (moved,) = own(alice)
    assert (moved.extended_until, moved.falls_at) == (made.granted_until, FIRST_DUE + timedelta(days=30))
    assert moved.state_at(later) is State.OPEN
    kinds = ["organisation_duty.extension_asked", "organisation_duty.extension_granted"]
    for model in (Event, Entry):
        assert list(model.objects.filter(kind__in=kinds).values_list("kind", "subject").order_by("pk")) == [
            (kind, str(alice.organisation)) for kind in kinds
        ]


def test_what_is_excused_stays_late_and_is_not_reminded_of(alice: Actor, olga: Actor) -> None:
    tick()
    (duty,) = own(alice)
    past = FIRST_DUE + timedelta(days=3)
    question = {"reference": None, "code": FIRST, "trigger_on": duty.trigger_on, "reason": "Flood.", "by": alice}
    with acting_as(alice), pytest.raises(NotPossible):
        duty_actions.ask_excuse(**question, at=NOON)
    with acting_as(alice):
        duty_actions.ask_excuse(**question, at=past)
        plea = Plea.objects.visible_to(alice).get()
    decide(olga, plea.id, at=past)
    (excused,) = own(alice)
    assert (excused.excused_at, excused.state_at(past)) == (past, State.OVERDUE)
    assert remind(past) == 0


def test_the_competent_authority_decides_and_nobody_else(
    alice: Actor, charlie: Actor, olga: Actor, pedro: Actor, nora: Actor
) -> None:
    tick()
    (duty,) = own(alice)
    plea = ask_extension(alice, duty)
    for actor, refusal in [(charlie, NotFound), (pedro, NotFound), (nora, NotPermitted), (alice, NotPermitted)]:
        with pytest.raises(refusal):
            decide(actor, plea)
    decide(olga, plea, is_granted=False)
    assert own(alice)[0].extended_until is None


def test_nobody_asks_for_another_organisation_or_about_something_else(
    alice: Actor, bob: Actor, charlie: Actor, olga: Actor
) -> None:
    state(alice)
    (duty,) = own(alice, CONFIRMATION)
    for actor, refusal in [(charlie, NotFound), (bob, NotPermitted), (olga, NotFound)]:
        with pytest.raises(refusal):
            ask_extension(actor, duty)
    with pytest.raises(NotFound):
        ask_extension(alice, duty, subject="another")


# --- further sources ------------------------------------------------------------------------------------------------


def _facilities(count: int) -> Source:
    """A source as a further one would be: two facilities of each organisation that report by 15 May."""

    def read(organisations_: Sequence[Organisation]) -> Iterable[Owed]:
        for organisation in organisations_:
            for number in range(count):
                facts = FilingFacts(
                    territory=organisation.territory,
                    facility_operates_from=date(2025, 3, 1),
                    submitted=(Submission("facility_report", NOON),) if number == 0 else (),
                )
                yield Owed(
                    organisation_id=organisation.id,
                    territory=organisation.territory,
                    subject=f"F-{number}",
                    facts=(facts,),
                )

    return Source(frozenset({"facility_report"}), read)


def test_a_further_source_is_kept_by_subject_and_leaves_the_others_alone(alice: Actor, aurelia: Organisation) -> None:
    state(alice)
    before = [duty.id for duty in own(alice)]
    with acting_as(alice):
        organisation_duties.renew([aurelia], at=NOON, sources=[_facilities(2)])
    found = {duty.subject: duty.state_at(NOON) for duty in own(alice, "facility_report")}
    assert found == {"F-0": State.LATE, "F-1": State.OVERDUE}
    assert set(before) < {duty.id for duty in own(alice)}
    with acting_as(alice):
        organisation_duties.renew([aurelia], at=NOON, sources=[_facilities(1)])
    assert [duty.subject for duty in own(alice, "facility_report")] == ["F-0"]
    assert [duty.subject for duty in own(alice, "facility_report", current=False)] == ["F-1"]


def test_one_organisation_at_fault_does_not_keep_the_others_waiting(
    alice: Actor, cantabria: Organisation, caplog: pytest.LogCaptureFixture
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("update organisations_organisation set territory = 'XX' where id = %s", [cantabria.id])
    assert tick() == 1
    assert f"the duties of organisation {cantabria.id} cannot be reckoned" in caplog.text
    assert [duty.code for duty in own(alice)] == [FIRST]


def test_the_number_of_statements_does_not_grow_with_the_organisations(registrar: Actor) -> None:
    counts = []
    for number in (2, 6):
        new = [
            NewOrganisation(
                f"Company {number} {each}", "FR", "FR", is_developer=True, holding="X", is_illustrative=True
            )
            for each in range(number)
        ]
        with acting_as(registrar):
            organisations.register(new, by=registrar, at=NOON)
        with CaptureQueriesContext(connection) as asked:
            assert tick() == number
        counts.append(len(asked))
    assert counts[0] == counts[1]
