"""What PostgreSQL's own catalogue says of this database: no table unprotected, no login with power, no way around."""

import re

import psycopg
import pytest
from django.db import connection

from registry.accounts import policy, row_security
from registry.accounts.policy import CONFIDENTIAL, FRAMEWORK, LOGINS, OPEN, SIGN_IN
from registry.acting import Audience
from registry.runtime import logins

pytestmark = pytest.mark.xdist_group("committed")
OURS = sorted([*LOGINS, *(audience.value for audience in Audience)])


def _all(owner: psycopg.Connection, statement: str, *values: object) -> list[tuple[object, ...]]:
    return owner.execute(statement, values).fetchall()


def test_every_table_is_classified_once(owner: psycopg.Connection) -> None:
    tables = {str(name) for (name,) in _all(owner, "select tablename from pg_tables where schemaname = 'public'")}
    listed = [*CONFIDENTIAL, *OPEN, *SIGN_IN, *FRAMEWORK]
    assert len(listed) == len(set(listed))
    assert tables - set(listed) == set(), "nobody said who may see these tables"
    assert set(listed) - tables <= {"accounts_cache"}, "these tables do not exist"


@pytest.mark.parametrize("table", sorted({**CONFIDENTIAL, **SIGN_IN}))
def test_a_confidential_table_is_under_row_level_security_for_everybody(owner: psycopg.Connection, table: str) -> None:
    ((enabled, forced),) = _all(
        owner, "select relrowsecurity, relforcerowsecurity from pg_class where oid = %s::regclass", table
    )
    assert (enabled, forced) == (True, True)
    policies = _all(owner, "select roles::text[], cmd, qual, with_check from pg_policies where tablename = %s", table)
    unused = table in SIGN_IN and not SIGN_IN[table].logins
    assert policies or unused
    for roles, command, _, _ in policies:
        assert len(roles) == 1, "one policy for each role"  # type: ignore[arg-type]
        assert set(roles) <= set(OURS), "never to everybody"  # type: ignore[call-overload]
        assert command != "ALL" or table in SIGN_IN, "one policy for each command"


@pytest.mark.parametrize("table", sorted(CONFIDENTIAL))
def test_the_grants_of_a_confidential_table_are_the_policys(owner: psycopg.Connection, table: str) -> None:
    """Table and column privileges as PostgreSQL holds them, against the policy, both ways."""
    held = {
        (str(grantee), str(command).lower(), "")
        for grantee, command in _all(
            owner,
            "select grantee, privilege_type from information_schema.role_table_grants "
            "where table_schema = 'public' and table_name = %s and grantee <> current_user",
            table,
        )
    }
    whole = {(grantee, command) for grantee, command, _ in held}
    held |= {
        (str(grantee), str(command).lower(), str(column))
        for grantee, command, column in _all(
            owner,
            "select grantee, privilege_type, column_name from information_schema.column_privileges "
            "where table_schema = 'public' and table_name = %s and grantee <> current_user",
            table,
        )
        if (str(grantee), str(command).lower()) not in whole
    }
    wanted = {
        (audience.value, grant.command, column)
        for audience, grants in CONFIDENTIAL[table].items()
        for grant in grants
        for column in (grant.columns or ("",))
    }
    if table == "organisations_organisation":
        named = policy.NAMED_AT_SIGN_IN
        wanted |= {(login, "select", column) for login in policy.SIGN_IN_LOGINS for column in named}
    assert held == wanted


@pytest.mark.parametrize("table", sorted(SIGN_IN))
def test_the_grants_of_a_table_of_signing_in_are_the_policys(owner: psycopg.Connection, table: str) -> None:
    held = {
        (str(grantee), str(command).lower())
        for grantee, command in _all(
            owner,
            "select grantee, privilege_type from information_schema.role_table_grants "
            "where table_schema = 'public' and table_name = %s and grantee <> current_user",
            table,
        )
    }
    allowed = SIGN_IN[table]
    wanted = {(login, command) for login in allowed.logins for command in allowed.commands}
    wanted |= {(Audience.REGISTRAR.value, command) for command in allowed.registrar}
    for audience, grants in policy.HANDS.get(table, {}).items():
        wanted |= {(audience.value, grant.command) for grant in grants if not grant.columns}
    if table in policy.EXPIRING:
        wanted.add((Audience.HOUSEKEEPER.value, "delete"))
    assert held == wanted


@pytest.mark.parametrize("table", sorted(OPEN))
def test_an_open_table_is_written_by_its_one_audience(owner: psycopg.Connection, table: str) -> None:
    writers = _all(
        owner,
        "select distinct grantee from information_schema.role_table_grants where table_schema = 'public' "
        "and table_name = %s and privilege_type <> 'SELECT' and grantee <> current_user",
        table,
    )
    assert writers == [(OPEN[table].value,)]


def test_no_table_is_granted_to_everybody(owner: psycopg.Connection) -> None:
    statement = (
        "select relname from pg_class, aclexplode(relacl) where relnamespace = 'public'::regnamespace and grantee = 0"
    )
    assert _all(owner, statement) == []
    assert _all(owner, "select 1 where has_schema_privilege('public', 'public', 'create')") == []


def test_sequences_are_drawn_from_by_whom_the_policy_says(owner: psycopg.Connection) -> None:
    held = _all(
        owner,
        "select relname, grantee::regrole::text from pg_class, aclexplode(relacl) "
        "where relkind = 'S' and relnamespace = 'public'::regnamespace and grantee <> relowner",
    )
    assert set(held) == {(name, a.value) for name, audiences in policy.SEQUENCES.items() for a in audiences}


@pytest.mark.parametrize("role", OURS)
def test_no_role_of_ours_has_power_or_owns_anything(owner: psycopg.Connection, role: str) -> None:
    ((can_login, *powers),) = _all(
        owner,
        "select rolcanlogin, rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls, rolinherit "
        "from pg_roles where rolname = %s",
        role,
    )
    assert can_login is (role in LOGINS)
    assert not any(powers)
    assert _all(owner, "select relname from pg_class where relowner = %s::regrole", role) == []
    assert _all(owner, "select proname from pg_proc where proowner = %s::regrole", role) == []
    assert _all(owner, "select nspname from pg_namespace where nspowner = %s::regrole", role) == []


def test_who_may_become_whom_is_what_the_policy_says(owner: psycopg.Connection) -> None:
    held = _all(
        owner,
        "select member::regrole::text, roleid::regrole::text, admin_option from pg_auth_members "
        "where member::regrole::text = any(%s)",
        OURS,
    )
    assert set(held) == {(login, a.value, False) for login, audiences in LOGINS.items() for a in audiences}


def test_a_stray_membership_does_not_survive_the_policy(owner: psycopg.Connection) -> None:
    """Made in a transaction that is undone: a grant by hand is gone once the policy is applied again."""
    owner.execute("grant pg_read_all_data to ecar_web_public")
    owner.execute("grant ecar_ai_office to ecar_web_public")
    revoke = next(statement for statement in _role_statements() if "pg_auth_members" in statement)
    owner.execute(revoke.encode())
    held = _all(owner, "select roleid::regrole::text from pg_auth_members where member = 'ecar_web_public'::regrole")
    assert set(held) == {(audience.value,) for audience in policy.LOGINS["ecar_web_public"]}


def test_no_view_lends_its_owners_eyes(owner: psycopg.Connection) -> None:
    views = _all(
        owner,
        "select relname from pg_class where relnamespace = 'public'::regnamespace and (relkind = 'm' or relkind = 'v' "
        "and not coalesce(reloptions::text[] && array['security_invoker=true', 'security_invoker=on'], false))",
    )
    assert views == []


def test_no_function_lends_its_owners_hands_without_a_fixed_path(owner: psycopg.Connection) -> None:
    functions = _all(
        owner,
        "select proname from pg_proc where pronamespace = 'public'::regnamespace and prosecdef "
        "and not coalesce(proconfig::text like '%%search_path=%%', false)",
    )
    assert functions == []


def test_uniqueness_never_spans_organisations_on_what_a_client_supplies(owner: psycopg.Connection) -> None:
    """A clash would tell one organisation of another: unique keys of client values begin with the organisation."""
    statement = "select indexdef from pg_indexes where schemaname = 'public' and indexdef like 'CREATE UNIQUE%%'"
    definitions = [str(definition) for (definition,) in _all(owner, statement)]
    supplied = [line for line in definitions if re.search(r"\b(client_reference|dispatch_reply .*\(.*key)\b", line)]
    assert supplied
    assert all("(organisation_id, " in line for line in supplied), supplied


def test_the_server_keeps_row_level_security_tight(db: None) -> None:
    major, minor = divmod(connection.pg_version, 10_000)  # type: ignore[attr-defined]
    assert major >= min(logins.FIRST_SAFE)
    assert minor >= logins.FIRST_SAFE.get(major, 0)


def test_statements_are_not_prepared_on_the_server(db: None) -> None:
    """A plan kept over a change of role was a hole (CVE-2023-2455)."""
    assert connection.settings_dict["OPTIONS"].get("prepare_threshold") is None
    connection.ensure_connection()
    assert connection.connection.prepare_threshold is None
    assert connection.settings_dict["DISABLE_SERVER_SIDE_CURSORS"] is True
    assert connection.settings_dict["ATOMIC_REQUESTS"] is False


def _role_statements() -> list[str]:
    return list(row_security.roles())
