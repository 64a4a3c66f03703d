"""Every status is owned and every step of a filing's life is complete: permission, role, route, words, drawing."""

from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.urls import URLPattern, URLResolver, get_resolver

from registry.accounts.policy import ROLES, Permission
from registry.acting import Audience
from registry.filings import duties, lifecycle, thresholds
from registry.filings.lifecycle import OWNER, TRANSITIONS, Owner, Status, Transition

REGULATORS = {Audience.OFFICER, Audience.AI_OFFICE}
BY_VERB = {step.verb: step for step in TRANSITIONS}


def _names(patterns: list[URLPattern | URLResolver]) -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _names(pattern.url_patterns)
        elif pattern.name:
            yield pattern.name


def _permission(step: Transition) -> Permission:
    return Permission[step.permission]


def test_every_status_has_an_owner() -> None:
    assert set(OWNER) == set(Status)


@pytest.mark.parametrize("step", BY_VERB.values(), ids=list(BY_VERB))
def test_a_step_is_permitted_to_the_side_that_takes_it_and_to_no_other(step: Transition) -> None:
    audiences = {role.audience for role in ROLES.values() if _permission(step) in role.permissions}
    assert audiences == ({Audience.PROVIDER} if step.who is Owner.PROVIDER else REGULATORS)


def test_a_reader_can_take_no_step() -> None:
    assert not {_permission(step) for step in TRANSITIONS} & ROLES["provider_reader"].permissions


@pytest.mark.parametrize("step", BY_VERB.values(), ids=list(BY_VERB))
def test_a_step_has_its_route(step: Transition) -> None:
    """A provider's steps are open to its machines, an authority's are pages, whose names say so in front."""
    names = list(_names(get_resolver().url_patterns))
    assert any(name == step.route or name.endswith(f"-{step.route}") for name in names)


@pytest.mark.parametrize("step", BY_VERB.values(), ids=list(BY_VERB))
def test_a_step_has_one_kind_in_the_ledger(step: Transition) -> None:
    assert {other.kind for other in TRANSITIONS if other.verb == step.verb} == {step.kind}
    assert [other.verb for other in BY_VERB.values() if other.kind == step.kind] == [step.verb]


def test_the_drawings_are_fresh() -> None:
    call_command("draw_lifecycle", check=True)


def test_duties_name_thresholds_that_exist() -> None:
    named = {rule.threshold for rule in duties.rules() if rule.threshold}
    assert named
    assert named <= {row.code for row in thresholds.rows()}


def test_duties_wait_for_kinds_that_can_be_filed() -> None:
    kinds = {kind for rule in duties.rules() for kind in rule.met_by}
    assert kinds >= {"notification", "update", "completion", "correction"}


def test_the_triggers_of_the_database_admit_what_the_table_does() -> None:
    assert set(lifecycle.pairs()) == {(step.source.value, step.target.value) for step in TRANSITIONS}
