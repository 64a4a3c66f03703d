"""Questions of the authority: fields of the document, a day that is ahead, what the record and the clock make of it."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from registry.acting import Actor, acting_as
from registry.errors import Invalid
from registry.filings import actions, questions
from registry.filings.actions import NewFiling
from registry.filings.models import Transition
from registry.filings.review_clock import clock_of, remaining
from tests.documents import planned_run

pytestmark = pytest.mark.django_db
Put = Callable[..., questions.Question]


@pytest.fixture
def put(olga: Actor, noon: datetime) -> Put:
    """Puts a question in France."""

    def made(
        pointers: list[str], *, answer_by: datetime | None = None, at: datetime = noon, territory: str = "FR"
    ) -> questions.Question:
        with acting_as(olga):
            return questions.put(pointers=pointers, answer_by=answer_by, territory=territory, at=at)

    return made


def test_a_question_names_each_field_once(put: Put) -> None:
    asked = put(["/run/hardware/0/count", "/security", "/run/hardware/0/count"])
    assert asked.pointers == ("/run/hardware/0/count", "/security")


@pytest.mark.parametrize("pointers", [["/run/nothing"], [""], ["run"], ["/run" * 200], ["/run"] * 41])
def test_what_is_no_field_or_too_many_is_refused(put: Put, pointers: list[str]) -> None:
    with pytest.raises(Invalid) as refused:
        put(pointers)
    assert [each.pointer for each in refused.value.obstacles] == ["/about"]


@pytest.mark.parametrize("days", [-1, 0, 91])
def test_the_day_must_be_ahead_and_within_ninety_days(put: Put, noon: datetime, days: int) -> None:
    with pytest.raises(Invalid) as refused:
        put([], answer_by=noon + timedelta(days=days))
    assert [each.pointer for each in refused.value.obstacles] == ["/answer_by"]
    assert put([], answer_by=noon + timedelta(days=90)).answer_by == noon + timedelta(days=90)


def test_without_a_day_it_is_two_weeks_and_never_ends_on_a_weekend(put: Put, noon: datetime) -> None:
    assert put([]).answer_by.date().isoformat() == "2026-12-04"
    saturday = noon + timedelta(days=1)
    assert put([], at=saturday).answer_by.date().isoformat() == "2026-12-07"


def test_the_record_keeps_it_and_the_clock_stands_still(alice: Actor, olga: Actor, noon: datetime) -> None:
    with acting_as(alice):
        reference = actions.file([NewFiling(planned_run())], by=alice, at=noon)[0].reference
    with acting_as(olga):
        actions.decide(reference=reference, verb="review", reason="", by=olga, at=noon)
        asked = noon + timedelta(days=1)
        actions.decide(reference=reference, verb="ask", reason="Why?", pointers=["/run"], by=olga, at=asked)
    step = Transition.objects.get(verb="ask")
    assert step.pointers == ["/run"]
    assert step.answer_by is not None
    history = [(each.target, each.at) for each in Transition.objects.order_by("id")]
    clock = clock_of(history, days=60)
    assert clock is not None
    assert remaining(clock, noon + timedelta(days=30)) == timedelta(days=59)
    with acting_as(alice):
        actions.answer(reference=reference, reason="So.", by=alice, at=noon + timedelta(days=11))
    history = [(each.target, each.at) for each in Transition.objects.order_by("id")]
    clock = clock_of(history, days=60)
    assert clock is not None
    assert remaining(clock, noon + timedelta(days=30)) == timedelta(days=40)
