"""Who signs in how: the file's rules, and what a session has shown."""

from datetime import timedelta

import pytest

from registry.acting import Audience
from registry.portal.sign_in_rules import RULES, Way, names_somebody, passkey_shown_at, rule_for, ways_shown

PASSWORD = {"method": "password", "at": 1.0}
CODE = {"method": "mfa", "type": "totp", "at": 2.0}
KEY = {"method": "mfa", "type": "webauthn", "at": 3.0}
PASSKEY = KEY | {"passwordless": True}
ABROAD = {"method": "socialaccount", "provider": "eu-login", "at": 1.0}
PEOPLE = ("provider", "officer", "ai_office", "analyst", "statistician", "auditor", "operator")


@pytest.mark.parametrize(
    ("records", "ways"),
    [
        ([], set()),
        ([PASSWORD], set()),
        ([CODE], set()),
        ([PASSWORD, CODE], {Way.PASSWORD_AND_FACTOR}),
        ([PASSWORD, KEY], {Way.PASSWORD_AND_FACTOR}),
        ([PASSKEY], {Way.PASSKEY}),
        ([ABROAD], {Way.AUTHORITY_LOGIN}),
        ([{"method": "password_reset", "at": 1.0}, CODE], set()),
    ],
)
def test_what_a_session_has_shown_is_a_way_only_with_two_factors(records: list[dict], ways: set[Way]) -> None:
    assert ways_shown(records) == ways


def test_everybody_who_can_sign_in_has_a_rule() -> None:
    assert set(RULES) == {Audience[name.upper()] for name in PEOPLE}


@pytest.mark.parametrize("name", ["officer", "ai_office", "analyst", "statistician", "auditor"])
def test_an_authority_comes_in_through_its_provider_alone_in_production(name: str) -> None:
    rule = rule_for(Audience[name.upper()], production=True)
    assert (rule.ways, rule.idle) == ({Way.AUTHORITY_LOGIN}, timedelta(minutes=15))


def test_an_operator_has_no_password_and_a_provider_may() -> None:
    assert rule_for(Audience.OPERATOR, production=True).ways == {Way.PASSKEY}
    provider = rule_for(Audience.PROVIDER, production=True)
    assert (provider.ways, provider.idle) == ({Way.PASSKEY, Way.PASSWORD_AND_FACTOR}, timedelta(minutes=30))


def test_outside_production_every_way_is_open_and_times_are_the_same() -> None:
    rule = rule_for(Audience.OFFICER, production=False)
    assert (rule.ways, rule.step_up, rule.idle) == (frozenset(Way), False, timedelta(minutes=15))


def test_a_passkey_counts_from_when_it_was_last_shown() -> None:
    assert passkey_shown_at([KEY, PASSKEY | {"at": 9.0}, CODE | {"at": 99.0}]) == 9.0
    assert passkey_shown_at([CODE]) == 0.0


def test_pages_of_filings_name_somebody_and_the_overview_does_not() -> None:
    assert names_somebody("oversight-filings-one")
    assert not names_somebody("overview")
