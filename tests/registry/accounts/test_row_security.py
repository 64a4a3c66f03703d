"""The SQL of the policy: everything is taken before anything is given, and no name is anybody's but the policy's."""

import re

import pytest
from django.core.management import call_command
from django.db import connection

from registry.accounts import policy, row_security
from registry.acting import Audience

TABLES = frozenset({*policy.CONFIDENTIAL, *policy.OPEN, *policy.SIGN_IN, *policy.FRAMEWORK})


def _grants() -> list[str]:
    return list(row_security.grants(TABLES))


def test_everything_is_revoked_before_anything_is_granted() -> None:
    statements = _grants()
    first = next(number for number, text in enumerate(statements) if text.startswith("grant select"))
    revoked = " ".join(statements[:first])
    for role in ("public", *policy.LOGINS, *(audience.value for audience in Audience)):
        assert re.search(rf"revoke all on all tables in schema public from [^;]*\b{role}\b", revoked)


@pytest.mark.parametrize("table", sorted({**policy.CONFIDENTIAL, **policy.SIGN_IN}))
def test_a_table_is_protected_before_it_is_granted(table: str) -> None:
    statements = _grants()
    forced = statements.index(f"alter table {table} force row level security")
    granted = [number for number, text in enumerate(statements) if re.search(rf" on {table} to ", text)]
    assert all(forced < number for number in granted)


def test_no_grant_goes_to_everybody() -> None:
    assert not [text for text in _grants() if re.match(r"(grant|create policy).* to public\b", text)]


def test_every_grant_of_the_policy_has_its_row_policy() -> None:
    statements = _grants()
    for table, per_audience in policy.CONFIDENTIAL.items():
        for audience, grants in per_audience.items():
            for grant in grants:
                name = f"create policy {audience.value}_{grant.command} on {table} for {grant.command} "
                made = [text for text in statements if text.startswith(f"{name}to {audience.value} ")]
                assert len(made) == 1


def test_a_table_that_is_not_there_is_left_out() -> None:
    statements = list(row_security.grants(TABLES - {"accounts_cache", "django_session"}))
    assert not [text for text in statements if "accounts_cache" in text or "django_session" in text]


@pytest.mark.django_db
def test_applying_it_again_changes_nothing() -> None:
    def held() -> list[tuple[object, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(
                "select tablename, policyname, roles::text, cmd, qual, with_check from pg_policies order by 1, 2"
            )
            policies = cursor.fetchall()
            cursor.execute(
                "select relname, relacl::text, relrowsecurity, relforcerowsecurity from pg_class "
                "where relnamespace = 'public'::regnamespace order by 1"
            )
            return [*policies, *cursor.fetchall()]

    before = held()
    call_command("apply_policy", verbosity=0)
    assert held() == before
    assert len(before) > len(policy.CONFIDENTIAL)


@pytest.mark.django_db
def test_a_grant_made_by_hand_is_gone_once_it_is_applied_again() -> None:
    with connection.cursor() as cursor:
        cursor.execute("grant select on filings_filing to ecar_public")
        cursor.execute("create policy forgotten on filings_filing for select to ecar_public using (true)")
        cursor.execute("alter table filings_version no force row level security")
    call_command("apply_policy", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("select has_table_privilege('ecar_public', 'filings_filing', 'select')")
        assert cursor.fetchone() == (False,)
        cursor.execute("select count(*) from pg_policies where policyname = 'forgotten'")
        assert cursor.fetchone() == (0,)
        cursor.execute("select relforcerowsecurity from pg_class where relname = 'filings_version'")
        assert cursor.fetchone() == (True,)
