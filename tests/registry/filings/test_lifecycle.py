"""The life of a filing: which step leads where, who owns a state, what is said about it."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.errors import NotPossible
from registry.filings import lifecycle
from registry.filings.lifecycle import FINAL, OWNER, TRANSITIONS, Owner, Status
from registry.languages import SPOKEN

POSSIBLE = {
    ("draft", "submitted"),
    ("returned", "submitted"),
    ("submitted", "in_review"),
    ("in_review", "awaiting_provider"),
    ("awaiting_provider", "in_review"),
    ("in_review", "accepted"),
    ("in_review", "returned"),
    ("draft", "withdrawn"),
    ("submitted", "withdrawn"),
    ("in_review", "withdrawn"),
    ("awaiting_provider", "withdrawn"),
    ("returned", "withdrawn"),
    ("accepted", "withdrawn"),
}


@pytest.mark.parametrize(("source", "target"), list(itertools.product(Status, Status)))
def test_a_step_is_possible_exactly_when_the_design_lists_it(source: Status, target: Status) -> None:
    assert lifecycle.holds(lifecycle.require_transition, source, target) is ((source.value, target.value) in POSSIBLE)


def test_the_pairs_for_the_database_are_those_of_the_design() -> None:
    assert set(lifecycle.pairs()) == POSSIBLE
    assert list(lifecycle.pairs()) == sorted(lifecycle.pairs())


def test_a_refusal_names_what_is_possible() -> None:
    with pytest.raises(NotPossible) as refusal:
        lifecycle.require_transition("submitted", "accepted")
    assert refusal.value.sentence == "A filing that is submitted cannot become accepted."
    assert refusal.value.remedy == (
        "Possible now: review (by the authority, then in review), withdraw (by the provider, then withdrawn)."
    )


def test_a_withdrawn_filing_has_nowhere_to_go() -> None:
    assert {status for status in Status if not lifecycle.allowed(status)} == FINAL
    with pytest.raises(NotPossible) as refusal:
        lifecycle.require_verb(Status.WITHDRAWN, "submit")
    assert refusal.value.remedy == "Nothing more can be done with it; file anew."


def test_a_verb_leads_to_one_state_only() -> None:
    for status in Status:
        verbs = [step.verb for step in lifecycle.allowed(status)]
        assert len(verbs) == len(set(verbs))


@pytest.mark.parametrize(
    ("status", "verb", "target"),
    [
        ("draft", "submit", "submitted"),
        ("returned", "submit", "submitted"),
        ("in_review", "ask", "awaiting_provider"),
        ("awaiting_provider", "answer", "in_review"),
        ("accepted", "confirm_withdrawal", "withdrawn"),
    ],
)
def test_a_verb_finds_its_step(status: str, verb: str, target: str) -> None:
    assert lifecycle.require_verb(status, verb).target == target


def test_an_accepted_filing_is_withdrawn_by_the_authority_alone() -> None:
    (step,) = lifecycle.allowed(Status.ACCEPTED)
    assert (step.verb, step.who) == ("confirm_withdrawal", Owner.AUTHORITY)
    assert not lifecycle.holds(lifecycle.require_verb, Status.ACCEPTED, "withdraw")


@pytest.mark.parametrize("status", list(Status))
def test_further_versions_are_filed_after_submission_and_before_the_end(status: Status) -> None:
    open_to_versions = status in {"submitted", "in_review", "awaiting_provider", "accepted"}
    assert lifecycle.holds(lifecycle.require_amendable, status) is open_to_versions


@pytest.mark.parametrize("status", list(Status))
def test_a_withdrawal_version_is_for_accepted_filings(status: Status) -> None:
    assert lifecycle.holds(lifecycle.require_amendable, status, withdrawal=True) is (status is Status.ACCEPTED)


def test_every_state_has_an_owner_and_the_owner_can_act() -> None:
    assert set(OWNER) == set(Status)
    for status, owner in OWNER.items():
        if owner is not Owner.REGISTRY:
            assert owner in {step.who for step in lifecycle.allowed(status)}, status


def test_one_word_runs_from_the_route_to_the_permission() -> None:
    for step in TRANSITIONS:
        assert step.permission == f"FILING_{step.verb.upper()}"
        assert step.route == "filings-" + step.verb.replace("_", "-")
        assert step.kind.startswith("filing.")


@pytest.mark.parametrize("language", SPOKEN)
def test_every_state_verb_and_owner_is_said_in_every_language(language: str) -> None:
    texts = [lifecycle.status_text(status, language) for status in Status]
    texts += [lifecycle.verb_text(step.verb, language) for step in TRANSITIONS]
    texts += [lifecycle.owner_text(owner, language) for owner in Owner]
    for text in texts:
        assert text.name
        assert text.sentence.endswith(".")


def test_the_languages_differ() -> None:
    for status in Status:
        assert len({lifecycle.status_text(status, language).sentence for language in SPOKEN}) == len(SPOKEN)


def test_the_drawing_shows_every_step_once() -> None:
    lines = lifecycle.drawing().splitlines()
    assert lines[0] == "stateDiagram-v2"
    for step in TRANSITIONS:
        verb = step.verb.replace("_", " ")
        assert lines.count(f"    {step.source} --> {step.target}: {verb} ({step.who})") == 1
    assert len(lines) == 2 + len(TRANSITIONS) + len(FINAL)


def test_an_unknown_code_is_an_error_of_the_caller() -> None:
    with pytest.raises(ValueError, match="published"):
        lifecycle.allowed("published")


@given(st.lists(st.sampled_from(TRANSITIONS), max_size=30))
def test_no_walk_leaves_the_final_state(steps: list[lifecycle.Transition]) -> None:
    here = Status.DRAFT
    for step in steps:
        if lifecycle.holds(lifecycle.require_transition, here, step.target):
            assert here not in FINAL
            here = step.target


def test_every_state_can_be_reached_from_a_draft() -> None:
    seen = {Status.DRAFT}
    while True:
        further = {step.target for status in seen for step in lifecycle.allowed(status)} - seen
        if not further:
            break
        seen |= further
    assert seen == set(Status)
