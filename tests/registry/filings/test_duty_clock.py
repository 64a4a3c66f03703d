"""What time does to duties: reminders once a stage, overdue marks, the next occurrence."""

import logging
from collections import Counter
from datetime import date, datetime, timedelta

import pytest

from registry.accounts.policy import of_the_register
from registry.acting import Actor, acting_as
from registry.dispatch.models import Event
from registry.errors import NotPermitted
from registry.filings import actions, assessment, duty_actions, duty_clock
from registry.filings.actions import NewFiling
from registry.filings.duties import State
from registry.filings.models import Duty, Plea, Reminder
from registry.filings.working_days import BRUSSELS
from tests.conftest import NOON
from tests.documents import planned_run

pytestmark = pytest.mark.django_db
CLOCK = of_the_register("clock")
CODE = "ownership_confirmation"
DUE = datetime(2027, 3, 3, 23, 59, 59, 999999, tzinfo=BRUSSELS)


def filed(actor: Actor, **changes: object) -> str:
    with acting_as(actor):
        outcome = actions.file([NewFiling(planned_run(**changes))], by=actor, at=NOON)[0]
    assert outcome.refusal is None, [(o.code, o.pointer) for o in outcome.refusal.obstacles]
    return outcome.reference


def remind(at: datetime, limit: int = 100) -> int:
    with acting_as(CLOCK):
        return duty_clock.remind(by=CLOCK, at=at, limit=limit)


def reckon(at: datetime, limit: int = 100) -> int:
    with acting_as(CLOCK):
        return duty_clock.reckon_passed(by=CLOCK, at=at, limit=limit)


def stages() -> list[str]:
    return list(Reminder.objects.filter(duty__code=CODE).order_by("id").values_list("stage", flat=True))


def test_a_duty_is_told_of_once_at_each_stage_and_once_when_it_is_overdue(alice: Actor) -> None:
    reference = filed(alice)
    for hours in range(-20 * 24, 20 * 24, 12):
        at = DUE + timedelta(hours=hours)
        remind(at)
        assert remind(at) == 0
    assert stages() == ["14", "7", "2", "overdue"]
    told = Event.objects.filter(kind__startswith="duty.", subject=reference)
    per_duty = Counter(Reminder.objects.values_list("duty__code", flat=True))[CODE]
    assert per_duty == 4
    assert told.filter(kind="duty.overdue", at__gt=DUE).count() == 1
    assert set(told.values_list("organisation_id", flat=True)) == {alice.organisation}


@pytest.mark.parametrize(
    ("before", "stage"),
    [
        (timedelta(days=14, seconds=1), []),
        (timedelta(days=14), ["14"]),
        (timedelta(days=7), ["7"]),
        (timedelta(days=2), ["2"]),
        (timedelta(0), ["2"]),
        (timedelta(microseconds=-1), ["overdue"]),
    ],
)
def test_who_comes_late_is_told_of_the_last_stage_alone(alice: Actor, before: timedelta, stage: list[str]) -> None:
    filed(alice)
    remind(DUE - before)
    assert stages() == stage


def test_the_reminders_are_cut_at_the_limit_and_the_rest_comes_next(alice: Actor) -> None:
    for number in range(3):
        filed(alice, run__client_run_id=f"run-{number}")
    at = DUE + timedelta(days=1)
    counts = [remind(at, limit=2) for _ in range(10)]
    everything = Duty.objects.standing().filter(met_at=None, due_at__lt=at).count()
    assert sum(counts) == everything
    assert counts[0] == 2
    assert counts[-1] == 0


def test_what_is_met_withdrawn_or_excused_is_not_reminded_of(alice: Actor, olga: Actor) -> None:
    excused, withdrawn = filed(alice), filed(alice, run__client_run_id="withdrawn")
    late = DUE + timedelta(days=1)
    with acting_as(alice):
        actions.withdraw(reference=withdrawn, reason="Cancelled.", revision=None, by=alice, at=NOON)
        duty_actions.ask_excuse(
            reference=excused, code=CODE, trigger_on=date(2026, 3, 3), reason="Illness.", by=alice, at=late
        )
        plea = Plea.objects.visible_to(alice).get().id
    with acting_as(olga):
        duty_actions.decide(plea=plea, is_granted=True, reason="Documented.", by=olga, at=late)
    remind(late)
    assert stages() == []
    assert not Reminder.objects.filter(duty__filing__reference=withdrawn).exists()
    assert not Reminder.objects.filter(duty__code="systemic_risk_notification").exists()


def test_a_due_moment_that_moved_is_told_of_anew(alice: Actor, olga: Actor) -> None:
    reference = filed(alice)
    remind(DUE - timedelta(days=2))
    with acting_as(alice):
        until = DUE + timedelta(days=60)
        duty_actions.ask_extension(
            reference=reference, code=CODE, trigger_on=date(2026, 3, 3), until=until, reason="Fire.", by=alice, at=NOON
        )
        plea = Plea.objects.visible_to(alice).get().id
    with acting_as(olga):
        duty_actions.decide(plea=plea, is_granted=True, reason="It burnt.", by=olga, at=NOON)
    remind(DUE)
    assert stages() == ["2"]
    remind(until - timedelta(days=2))
    assert stages() == ["2", "2"]


def test_only_the_clock_reminds(alice: Actor) -> None:
    with acting_as(alice), pytest.raises(NotPermitted):
        duty_clock.remind(by=alice, at=NOON, limit=1)
    with acting_as(alice), pytest.raises(NotPermitted):
        duty_clock.reckon_passed(by=alice, at=NOON, limit=1)


def windows(reference: str) -> list[tuple[date, State]]:
    at = DUE + timedelta(days=400)
    found = Duty.objects.filter(filing__reference=reference, code=CODE, is_current=True).order_by("trigger_on")
    return [(duty.trigger_on, duty.state_at(at)) for duty in found]


def test_the_next_occurrence_begins_although_nobody_files(alice: Actor) -> None:
    reference = filed(alice)
    assert [day for day, _ in windows(reference)] == [date(2026, 3, 3)]
    assert reckon(DUE) == 1  # the notification and the estimate have fallen due, and bring nothing new
    assert [day for day, _ in windows(reference)] == [date(2026, 3, 3)]
    assert reckon(DUE + timedelta(days=1)) == 1
    assert reckon(DUE + timedelta(days=1)) == 0
    assert [day for day, _ in windows(reference)] == [date(2026, 3, 3), date(2027, 3, 3)]
    assert Duty.objects.filter(filing__reference=reference, code="systemic_risk_notification", is_current=True).exists()


def test_time_alone_changes_nothing_but_what_it_must(alice: Actor) -> None:
    reference = filed(alice)
    columns = ("code", "trigger_on", "due_at", "not_before", "met_at", "sequence")
    rows = Duty.objects.filter(filing__reference=reference, is_current=True)
    before = set(rows.values_list(*columns))
    reckon(DUE + timedelta(days=1))
    assert before <= set(rows.values_list(*columns))


def test_a_filing_that_cannot_be_reckoned_keeps_no_other_waiting(
    alice: Actor, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    bad, good = filed(alice, run__client_run_id="bad"), filed(alice)
    read = assessment.facts

    def facts(content, **given):  # type: ignore[no-untyped-def]
        if content.run.client_run_id == "bad":
            raise ValueError("a day out of this world")
        return read(content, **given)

    monkeypatch.setattr(assessment, "facts", facts)
    with caplog.at_level(logging.ERROR):
        assert reckon(DUE + timedelta(days=1)) == 1
    assert f"the duties of {bad} cannot be reckoned" in caplog.text
    assert len(windows(good)) == 2
    assert len(windows(bad)) == 1


@pytest.mark.parametrize("count", [1, 8])
def test_the_number_of_statements_does_not_grow_with_the_filings(
    alice: Actor,
    count: int,
    django_assert_num_queries,  # type: ignore[no-untyped-def]
) -> None:
    for number in range(count):
        filed(alice, run__client_run_id=f"run-{number}")
    at = DUE + timedelta(days=1)
    with acting_as(CLOCK), django_assert_num_queries(11):
        assert duty_clock.reckon_passed(by=CLOCK, at=at, limit=100) == count
    with acting_as(CLOCK), django_assert_num_queries(3):
        assert duty_clock.remind(by=CLOCK, at=at, limit=100) >= count
