"""A mandate permits what its scopes say, while it is in force, and never more than the agent may for itself."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.accounts.policy import ROLES, Permission
from registry.organisations import mandates
from registry.organisations.mandates import State, Terms

START = datetime(2026, 11, 1, tzinfo=UTC)
TERMS = Terms(frozenset({"file"}), START, START + timedelta(days=30), accepted_at=START - timedelta(days=1))
OWN = frozenset(str(each) for each in ROLES["provider_administrator"].permissions)


@pytest.mark.parametrize(
    ("changes", "hours", "state"),
    [
        ({}, 0, State.IN_FORCE),
        ({}, -1, State.NOT_YET),
        ({}, 30 * 24 - 1, State.IN_FORCE),
        ({}, 30 * 24, State.ENDED),
        ({"accepted_at": None}, 0, State.OFFERED),
        ({"accepted_at": None}, 30 * 24, State.ENDED),
        ({"revoked_at": START}, 0, State.REVOKED),
        ({"revoked_at": START + timedelta(hours=2)}, 1, State.IN_FORCE),
        ({"accepted_at": None, "declined_at": START}, 0, State.DECLINED),
    ],
)
def test_a_mandate_stands_as_its_moments_say(changes: dict[str, datetime | None], hours: int, state: State) -> None:
    terms = replace(TERMS, **changes)
    assert mandates.state_at(terms, START + timedelta(hours=hours)) is state
    granted = mandates.granted(terms, own=OWN, at=START + timedelta(hours=hours))
    assert bool(granted) is (state is State.IN_FORCE)


@given(st.sets(st.sampled_from(sorted(mandates.scopes())), min_size=1), st.sets(st.sampled_from(sorted(OWN))))
def test_what_is_granted_lies_within_both(codes: set[str], own: set[str]) -> None:
    granted = mandates.granted(replace(TERMS, scopes=frozenset(codes)), own=frozenset(own), at=START)
    assert granted == frozenset(own) & mandates.permissions_of(codes)


def test_no_scope_gives_away_who_acts_or_administers() -> None:
    given_ = mandates.permissions_of(mandates.scopes())
    assert given_ <= OWN
    assert given_ <= {str(each) for each in Permission}
    assert not {"mandate_manage", "member_manage", "client_manage", "organisation_state", "webhook_manage"} & given_


def test_a_scope_that_writes_says_so_and_has_its_words() -> None:
    for code, scope in mandates.scopes().items():
        assert scope.writes is bool(scope.permissions - {"filing_read", "receipt_read"})
        assert len({mandates.scope_text(code, language) for language in ("en", "fr", "de")}) == 3
    for state in State:
        assert mandates.state_text(state, "fr")
