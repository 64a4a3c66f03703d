"""The life of an application: every state owned, every step complete, and the authority's clock."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.errors import NotPossible
from registry.languages import SPOKEN
from registry.onboarding import letters, lifecycle
from registry.onboarding.lifecycle import FINAL, OWNER, TRANSITIONS, Owner, Status

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def test_every_state_is_owned_and_can_be_reached_and_left() -> None:
    assert set(OWNER) == set(Status)
    assert {step.target for step in TRANSITIONS} | {Status.UNCONFIRMED} == set(Status)
    assert {status for status in Status if not lifecycle.allowed(status)} == FINAL


@pytest.mark.parametrize("step", TRANSITIONS, ids=lambda step: f"{step.source} {step.verb}")
def test_a_step_is_taken_by_whose_turn_it_is_or_withdrawn(step: lifecycle.Transition) -> None:
    beyond = {"withdraw", "refuse"}
    assert step.who is OWNER[step.source] or step.verb in beyond
    assert lifecycle.require_verb(step.source, step.verb) == step


def test_an_applicant_never_leads_to_a_decision() -> None:
    targets = {step.target for step in TRANSITIONS if step.who is Owner.APPLICANT}
    assert targets | {Status.UNCONFIRMED} == lifecycle.APPLICANTS


@pytest.mark.parametrize("language", SPOKEN)
def test_everything_has_its_words(language: str) -> None:
    for status in Status:
        assert lifecycle.status_text(status, language).sentence
    for verb in {step.verb for step in TRANSITIONS}:
        assert lifecycle.verb_text(verb, language).sentence
    assert all(lifecycle.refusal_reasons(language).values())
    for kind in letters.kinds():
        title, text = letters.text(kind, language)
        assert title
        assert len(text) < 500


def test_what_is_not_possible_says_what_is() -> None:
    with pytest.raises(NotPossible) as refused:
        lifecycle.require_verb(Status.SUBMITTED, "approve")
    assert "Take up" in refused.value.remedy


def test_the_clock_stands_still_while_the_applicant_has_the_turn() -> None:
    hours = [timedelta(hours=each) for each in (0, 2, 5, 20)]
    history = list(
        zip((Status.SUBMITTED, Status.IN_REVIEW, Status.ASKED, Status.IN_REVIEW), map(NOON.__add__, hours), strict=True)
    )
    assert lifecycle.worked(history, at=NOON + timedelta(hours=21)) == timedelta(hours=6)
    assert lifecycle.worked(history[:3], at=NOON + timedelta(days=9)) == timedelta(hours=5)
    assert lifecycle.worked([], at=NOON) == timedelta(0)


@given(st.booleans(), st.booleans(), st.integers(-5, 5))
def test_a_refusal_follows_a_hearing_that_was_answered_or_is_over(heard: bool, answered: bool, hours: int) -> None:
    until = NOON if heard else None
    may = lifecycle.may_refuse(heard=heard, answered=answered, heard_until=until, at=NOON + timedelta(hours=hours))
    assert may is (heard and (answered or hours >= 0))
