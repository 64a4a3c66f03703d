"""What may become of a case: every state and verb, the outcomes and their reasons."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.iso7064 import mod_11_10

from registry.languages import SPOKEN
from registry.oversight import case_rules
from registry.oversight.case_rules import State, Verb
from registry.screening.precision import Outcome

OPEN, ASSIGNED, CLOSED = State.OPEN, State.ASSIGNED, State.CLOSED
# By verb what follows in open, assigned and closed.
TABLE = {
    Verb.OPEN: (None, None, None),
    Verb.ADD: (OPEN, ASSIGNED, OPEN),
    Verb.ASSIGN: (ASSIGNED, ASSIGNED, None),
    Verb.RELEASE: (None, OPEN, None),
    Verb.NOTE: (OPEN, ASSIGNED, None),
    Verb.LOOK: (OPEN, ASSIGNED, CLOSED),
    Verb.CLOSE: (None, CLOSED, None),
    Verb.REOPEN: (None, None, OPEN),
}


@pytest.mark.parametrize(
    ("verb", "state", "after"),
    [(verb, state, after) for verb, row in TABLE.items() for state, after in zip(State, row, strict=True)],
)
def test_the_table_of_transitions_is_this_one(verb: Verb, state: State, after: State | None) -> None:
    assert case_rules.next_state(state, verb) is after
    assert (verb in case_rules.verbs_in(state)) is (after is not None)


def test_every_verb_stands_in_the_table() -> None:
    assert set(TABLE) == set(Verb)
    assert {("open", "assigned"), ("assigned", "closed"), ("closed", "open")} <= set(case_rules.CHANGES)
    assert ("open", "closed") not in case_rules.CHANGES, "a case is closed by whoever has it"


@given(st.lists(st.sampled_from(Outcome), min_size=1))
def test_one_confirmed_finding_confirms_the_case(outcomes: list[Outcome]) -> None:
    found = case_rules.heaviest(outcomes)
    assert found in outcomes
    assert (found is Outcome.CONFIRMED) is (Outcome.CONFIRMED in outcomes)
    assert (found is Outcome.DISMISSED) is (set(outcomes) == {Outcome.DISMISSED})


def test_no_finding_makes_no_outcome() -> None:
    assert case_rules.heaviest([]) is None


@pytest.mark.parametrize(
    ("severities", "gravest"), [(["low", "stop"], "stop"), (["medium", "high"], "high"), (["low"], "low")]
)
def test_a_case_weighs_what_its_gravest_finding_does(severities: list[str], gravest: str) -> None:
    assert case_rules.gravest(severities) == gravest


@pytest.mark.parametrize("reason", case_rules.reasons().values(), ids=lambda each: each.code)
def test_a_reason_is_whole_in_every_language(reason: case_rules.Reason) -> None:
    assert all(len(reason.words[language]) > 10 for language in SPOKEN)
    assert reason.source
    assert len(reason.code) <= 32


def test_every_outcome_has_reasons() -> None:
    assert {reason.outcome for reason in case_rules.reasons().values()} == set(Outcome)


@given(st.integers(2026, 2099), st.integers(1, 999_999_999))
def test_a_reference_has_a_check_digit_that_finds_a_slip(year: int, number: int) -> None:
    prefix, years, digits, check = case_rules.reference(year=year, number=number).split("-")
    assert (prefix, int(years), int(digits)) == ("CASE", year, number)
    assert mod_11_10.is_valid(f"{years}{digits}{check}")
    slip = str((int(check) + 1) % 10)
    assert not mod_11_10.is_valid(f"{years}{digits}{slip}")
