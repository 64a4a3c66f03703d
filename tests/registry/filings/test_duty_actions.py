"""Asking, deciding, reporting, designating: what the actions about duties promise, with row-level security in force."""

import uuid
from datetime import date, datetime, timedelta

import pytest
from django.db import DatabaseError

from registry.acting import Actor, acting_as
from registry.dispatch.models import Event
from registry.errors import Conflict, Invalid, NotFound, NotPermitted, NotPossible, OutsideUnitOfWork
from registry.filings import actions, duties, duty_actions, rebuttals, reckoning
from registry.filings.actions import NewFiling
from registry.filings.duties import State
from registry.filings.models import Decision, Duty, Plea
from registry.filings.working_days import BRUSSELS, end_of_day
from registry.ledger.models import Entry
from tests.conftest import NOON
from tests.documents import planned_run

pytestmark = pytest.mark.django_db

REBUTTAL = {
    "summary": "The model only transcribes speech.",
    "arguments": [{"topic": "benchmarks", "explanation": "Far below the state of the art on every benchmark."}],
    "benchmarks": [{"name": "MMLU", "score": "31.0", "unit": "percent", "is_forecast": True}],
}
NOTIFICATION, OWNERS = "systemic_risk_notification", "ownership_change"
LATE = {"run__known_on": "2026-10-19"}  # two weeks later is 2 November, a public holiday of the Commission


def filed(actor: Actor, **changes: object) -> str:
    with acting_as(actor):
        outcome = actions.file([NewFiling(planned_run(**changes))], by=actor, at=NOON)[0]
    assert outcome.refusal is None, [(o.code, o.pointer) for o in outcome.refusal.obstacles]
    return outcome.reference


def duty_of(actor: Actor, reference: str, code: str) -> Duty:
    with acting_as(actor):
        return Duty.objects.visible_to(actor).get(filing__reference=reference, code=code, is_current=True)


def amended(actor: Actor, reference: str, *, kind: str = "update", at: datetime = NOON, **changes: object) -> None:
    with acting_as(actor):
        actions.amend(
            reference=reference,
            kind=kind,
            content=planned_run(**changes),
            revision=None,
            by=actor,
            at=at,  # type: ignore[arg-type]
        )


def extension(actor: Actor, reference: str, duty: Duty, *, days: int = 30, at: datetime = NOON) -> uuid.UUID:
    until = NOON + timedelta(days=days)
    with acting_as(actor):
        duty_actions.ask_extension(
            reference=reference,
            code=duty.code,
            trigger_on=duty.trigger_on,
            until=until,
            reason="A fire in the hall.",
            by=actor,
            at=at,
        )
        return Plea.objects.visible_to(actor).get(decision__isnull=True).id


@pytest.fixture
def overdue(alice: Actor) -> tuple[str, Duty]:
    """A filing with a change of owners of 16 October that was reported in it; and a confirmation that is open."""
    reference = filed(alice)
    return reference, duty_of(alice, reference, "ownership_confirmation")


def test_a_granted_extension_moves_the_due_moment_and_stays_with_later_versions(
    alice: Actor, olga: Actor, overdue: tuple[str, Duty]
) -> None:
    reference, duty = overdue
    assert duty.due_at is not None
    past = duty.due_at + timedelta(days=10)
    assert duty.state_at(past) is State.OVERDUE
    plea = extension(alice, reference, duty, days=200)
    with acting_as(olga):
        decision = duty_actions.decide(plea=plea, is_granted=True, reason="It burnt.", by=olga, at=NOON)
    assert decision.granted_until == NOON + timedelta(days=200)
    moved = duty_of(alice, reference, duty.code)
    assert (moved.extended_until, moved.falls_at) == (decision.granted_until, decision.granted_until)
    assert (moved.due_at, moved.sequence) == (duty.due_at, duty.sequence + 1)
    assert moved.state_at(past) is State.OPEN
    amended(alice, reference, model__version="3.1", beneficial_ownership__as_of_on="2026-03-03")
    assert duty_of(alice, reference, duty.code).extended_until == decision.granted_until


def test_the_row_and_the_law_agree_on_what_was_granted(alice: Actor, olga: Actor, overdue: tuple[str, Duty]) -> None:
    reference, duty = overdue
    plea = extension(alice, reference, duty, days=200)
    with acting_as(olga):
        duty_actions.decide(plea=plea, is_granted=True, reason="It burnt.", by=olga, at=NOON)
        row = Duty.objects.visible_to(olga).get(id=duty.id)
        (exception,) = reckoning.beside([row.filing_id])[row.filing_id].exceptions
    value = duties.Duty(
        code=row.code,
        trigger_on=row.trigger_on,
        due_at=row.due_at,
        not_before=None,
        met_at=None,
        as_of=NOON,
        basis="",
        force="",
        authority="",
        exceptions=(exception,),
    )
    for day in range(0, 300, 20):
        at = NOON + timedelta(days=day)
        assert row.state_at(at) is duties.state_at(value, at)


def test_a_refused_extension_moves_nothing_and_may_be_asked_again(
    alice: Actor, olga: Actor, overdue: tuple[str, Duty]
) -> None:
    reference, duty = overdue
    plea = extension(alice, reference, duty, days=200)
    with acting_as(olga):
        duty_actions.decide(plea=plea, is_granted=False, reason="There was no fire.", by=olga, at=NOON)
    assert duty_of(alice, reference, duty.code).falls_at == duty.due_at
    extension(alice, reference, duty, days=210)


def test_what_is_waiting_is_not_asked_twice_and_what_is_decided_not_decided_twice(
    alice: Actor, olga: Actor, overdue: tuple[str, Duty]
) -> None:
    reference, duty = overdue
    plea = extension(alice, reference, duty, days=200)
    with pytest.raises(Conflict):
        extension(alice, reference, duty, days=200)
    with acting_as(olga):
        duty_actions.decide(plea=plea, is_granted=True, reason="It burnt.", by=olga, at=NOON)
    with acting_as(olga), pytest.raises(Conflict):
        duty_actions.decide(plea=plea, is_granted=False, reason="It did not.", by=olga, at=NOON)


def test_an_extension_ends_later_than_what_it_extends(alice: Actor, olga: Actor, overdue: tuple[str, Duty]) -> None:
    reference, duty = overdue
    with pytest.raises(Invalid) as refused:
        extension(alice, reference, duty, days=1)
    assert [o.pointer for o in refused.value.obstacles] == ["/until"]
    plea = extension(alice, reference, duty, days=200)
    with acting_as(olga), pytest.raises(Invalid):
        duty_actions.decide(plea=plea, is_granted=True, reason="Less.", granted_until=NOON, by=olga, at=NOON)


def test_each_act_is_recorded_and_announced(alice: Actor, olga: Actor, overdue: tuple[str, Duty]) -> None:
    reference, duty = overdue
    plea = extension(alice, reference, duty, days=200)
    with acting_as(olga):
        duty_actions.decide(plea=plea, is_granted=True, reason="It burnt.", by=olga, at=NOON)
    kinds = ["duty.extension_asked", "duty.extension_granted"]
    assert list(Event.objects.filter(kind__in=kinds).order_by("id").values_list("kind", "subject")) == [
        (kind, reference) for kind in kinds
    ]
    found = Entry.objects.filter(subject=reference, kind__in=kinds).order_by("index")
    assert list(found.values_list("kind", "actor")) == [(kinds[0], alice.id), (kinds[1], olga.id)]


def test_late_is_excused_by_the_authority_and_stays_late(alice: Actor, nora: Actor) -> None:
    reference = filed(alice, **LATE)
    duty = duty_of(alice, reference, NOTIFICATION)
    assert duty.state_at(NOON) is State.LATE
    with acting_as(alice):
        duty_actions.ask_excuse(
            reference=reference, code=duty.code, trigger_on=duty.trigger_on, reason="Illness.", by=alice, at=NOON
        )
        plea = Plea.objects.visible_to(alice).get().id
    with acting_as(nora):
        duty_actions.decide(plea=plea, is_granted=True, reason="It is documented.", by=nora, at=NOON)
    excused = duty_of(alice, reference, NOTIFICATION)
    assert (excused.excused_at, excused.state_at(NOON)) == (NOON, State.LATE)
    with acting_as(alice), pytest.raises(NotPossible):
        duty_actions.ask_excuse(
            reference=reference, code=duty.code, trigger_on=duty.trigger_on, reason="Again.", by=alice, at=NOON
        )


def test_what_is_in_time_needs_no_excuse_and_what_is_met_no_extension(alice: Actor, overdue: tuple[str, Duty]) -> None:
    reference, duty = overdue
    with acting_as(alice), pytest.raises(NotPossible):
        duty_actions.ask_excuse(
            reference=reference, code=duty.code, trigger_on=duty.trigger_on, reason="No.", by=alice, at=NOON
        )
    with pytest.raises(NotPossible):
        extension(alice, reference, duty_of(alice, reference, NOTIFICATION))
    with pytest.raises(NotPossible):
        extension(alice, reference, duty_of(alice, reference, "record_retention"))


@pytest.mark.parametrize("code", ["ownership_confirmation", "no_such_duty"])
def test_a_stranger_and_an_unknown_duty_find_nothing(alice: Actor, charlie: Actor, code: str) -> None:
    reference = filed(alice)
    duty = duty_of(alice, reference, "ownership_confirmation")
    asks = charlie if code == duty.code else alice
    with acting_as(asks), pytest.raises(NotFound):
        duty_actions.ask_excuse(
            reference=reference, code=code, trigger_on=duty.trigger_on, reason="Mine.", by=asks, at=NOON
        )


def test_who_reads_may_not_ask_and_who_asks_may_not_decide(alice: Actor, bob: Actor, overdue: tuple[str, Duty]) -> None:
    reference, duty = overdue
    with pytest.raises(NotPermitted):
        extension(bob, reference, duty, days=200)
    plea = extension(alice, reference, duty, days=200)
    with acting_as(alice), pytest.raises(NotPermitted):
        duty_actions.decide(plea=plea, is_granted=True, reason="Granted to myself.", by=alice, at=NOON)


def test_the_authority_to_which_a_duty_is_owed_decides(
    alice: Actor, olga: Actor, pedro: Actor, nora: Actor, overdue: tuple[str, Duty]
) -> None:
    reference, duty = overdue
    national = extension(alice, reference, duty, days=200)
    with acting_as(pedro), pytest.raises(NotFound):
        duty_actions.decide(plea=national, is_granted=True, reason="Not my territory.", by=pedro, at=NOON)
    with acting_as(nora), pytest.raises(NotPermitted):
        duty_actions.decide(plea=national, is_granted=True, reason="Not my law.", by=nora, at=NOON)
    with acting_as(olga), pytest.raises(Invalid):
        duty_actions.decide(plea=national, is_granted=True, reason=" ", by=olga, at=NOON)


def test_nothing_is_asked_outside_a_unit_of_work(alice: Actor) -> None:
    with pytest.raises(OutsideUnitOfWork):
        duty_actions.designate(reference="x", reason="y", by=alice, at=NOON)


def test_a_rebuttal_is_filed_with_its_version_once_and_moves_no_duty(alice: Actor, nora: Actor) -> None:
    plain, argued = filed(alice), filed(alice, run__client_run_id="argued", rebuttal=REBUTTAL)
    assert duty_of(alice, argued, NOTIFICATION).due_at == duty_of(alice, plain, NOTIFICATION).due_at
    amended(alice, argued, run__client_run_id="argued", rebuttal=REBUTTAL, model__version="3.1")
    with acting_as(alice):
        plea = Plea.objects.visible_to(alice).get()
        assert (plea.kind, plea.version and plea.version.number) == ("rebuttal", 1)
        assert plea.reason == REBUTTAL["summary"]
    with acting_as(nora):
        decision = duty_actions.decide(plea=plea.id, is_granted=False, reason="Not substantiated.", by=nora, at=NOON)
    assert rebuttals.of_plea(plea, None).state_at(NOON) == "filed"
    assert rebuttals.of_plea(plea, decision).state_at(NOON) == "rejected"
    assert Event.objects.filter(kind="rebuttal.filed", subject=argued).count() == 1
    anew = {**REBUTTAL, "summary": "New reasons."}
    amended(alice, argued, run__client_run_id="argued", rebuttal=anew, at=NOON + timedelta(hours=1))
    with acting_as(alice):
        assert [p.reason for p in Plea.objects.visible_to(alice)] == [REBUTTAL["summary"], "New reasons."]


def test_only_the_ai_office_decides_on_a_rebuttal(alice: Actor, olga: Actor) -> None:
    filed(alice, rebuttal=REBUTTAL)
    with acting_as(olga):
        plea = Plea.objects.visible_to(olga).get()
    with acting_as(olga), pytest.raises(NotPermitted):
        duty_actions.decide(plea=plea.id, is_granted=True, reason="Convinced.", by=olga, at=NOON)


def test_a_reassessment_waits_six_months_from_designation_and_from_each_refusal(alice: Actor, nora: Actor) -> None:
    reference = filed(alice)
    with acting_as(alice), pytest.raises(NotPossible):
        duty_actions.ask_reassessment(reference=reference, reason="Nothing to.", by=alice, at=NOON)
    with acting_as(nora):
        duty_actions.designate(reference=reference, reason="Annex XIII.", by=nora, at=NOON)
    with acting_as(nora), pytest.raises(NotPossible):
        duty_actions.designate(reference=reference, reason="Again.", by=nora, at=NOON)
    first = duty_of(alice, reference, "reassessment_request")
    assert first.not_before == datetime(2027, 5, 21, tzinfo=BRUSSELS)
    with acting_as(alice), pytest.raises(NotPossible, match="2027-05-21"):
        duty_actions.ask_reassessment(reference=reference, reason="Too early.", by=alice, at=NOON)
    may = datetime(2027, 5, 21, 9, tzinfo=BRUSSELS)
    with acting_as(alice):
        plea = duty_actions.ask_reassessment(reference=reference, reason="New reasons.", by=alice, at=may)
    assert duty_of(alice, reference, "reassessment_request").state_at(may) is State.MET
    with acting_as(nora):
        duty_actions.decide(plea=plea.id, is_granted=False, reason="Not new.", by=nora, at=may)
    again = duty_of(alice, reference, "reassessment_request")
    assert (again.trigger_on, again.not_before) == (date(2027, 5, 21), datetime(2027, 11, 22, tzinfo=BRUSSELS))


def test_a_reassessment_that_lifts_the_designation_ends_its_duty(alice: Actor, nora: Actor) -> None:
    reference = filed(alice)
    with acting_as(nora):
        duty_actions.designate(reference=reference, reason="Annex XIII.", by=nora, at=NOON)
    later = NOON + timedelta(days=200)
    with acting_as(alice):
        plea = duty_actions.ask_reassessment(reference=reference, reason="New reasons.", by=alice, at=later)
    with acting_as(nora):
        duty_actions.decide(plea=plea.id, is_granted=True, reason="Convincing.", by=nora, at=later)
        assert not Duty.objects.filter(code="reassessment_request", is_current=True).exists()
        assert Duty.objects.filter(code=NOTIFICATION, is_current=True).exists()


def test_a_designation_survives_a_new_version(alice: Actor, nora: Actor) -> None:
    reference = filed(alice)
    with acting_as(nora):
        duty_actions.designate(reference=reference, reason="Annex XIII.", by=nora, at=NOON)
    amended(alice, reference, model__version="3.1")
    assert duty_of(alice, reference, "reassessment_request").state_at(NOON) is State.NOT_BEFORE


def test_a_summary_renewed_elsewhere_is_reported_and_meets_its_window(alice: Actor) -> None:
    reference = filed(alice)
    duty = duty_of(alice, reference, "training_content_summary")
    assert (duty.trigger_on, duty.due_at) == (date(2027, 9, 1), end_of_day(date(2028, 3, 1)))
    october = datetime(2027, 10, 5, 9, tzinfo=BRUSSELS)
    with acting_as(alice):
        duty_actions.report(
            reference=reference,
            code=duty.code,
            done_on=date(2027, 10, 1),
            evidence="https://aurelia.example/summary",
            by=alice,
            at=october,
        )
    met = duty_of(alice, reference, duty.code)
    assert (met.met_at, met.state_at(october)) == (datetime(2027, 10, 1, tzinfo=BRUSSELS), State.MET)
    amended(alice, reference, model__version="3.1")
    assert duty_of(alice, reference, duty.code).met_at == met.met_at


@pytest.mark.parametrize(
    ("code", "done_on", "refused"),
    [
        (NOTIFICATION, date(2026, 11, 18), NotPossible),
        ("facility_report", date(2026, 11, 18), NotPossible),
        ("training_content_summary", date(2026, 11, 21), Invalid),
        ("no_such_duty", date(2026, 11, 18), NotFound),
    ],
)
def test_only_what_was_done_elsewhere_is_reported(
    alice: Actor, code: str, done_on: date, refused: type[Exception]
) -> None:
    reference = filed(alice)
    with acting_as(alice), pytest.raises(refused):
        duty_actions.report(reference=reference, code=code, done_on=done_on, evidence="here", by=alice, at=NOON)


@pytest.mark.parametrize("table", [Plea, Decision])
def test_what_was_asked_and_decided_is_never_changed(
    alice: Actor, olga: Actor, overdue: tuple[str, Duty], table: type[Plea] | type[Decision]
) -> None:
    reference, duty = overdue
    plea = extension(alice, reference, duty, days=200)
    with acting_as(olga):
        duty_actions.decide(plea=plea, is_granted=True, reason="It burnt.", by=olga, at=NOON)
    with pytest.raises(DatabaseError, match="Cannot update or delete"):  # even as the owner of the tables
        table.objects.update(reason="something else")
