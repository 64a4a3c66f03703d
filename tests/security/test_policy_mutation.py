"""Each row policy does its work: with it nothing of another is reached, and with its condition widened something is.

Two rows of every table, of two organisations in two territories, are made by their columns' types, so that a new table
is tried without anybody thinking of it. Everything happens in a transaction that is undone.
"""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
from psycopg import sql

from registry.accounts.policy import (
    ALL,
    CONFIDENTIAL,
    DIRECT,
    FILED,
    LINK,
    OWN,
    PARTY,
    SHARED,
    SHOWN,
    TERRITORY,
    TERRITORY_FILED,
    Grant,
)
from registry.acting import Audience

pytestmark = pytest.mark.xdist_group("committed")

OURS, THEIRS = uuid.uuid4(), uuid.uuid4()
PLACES = ((OURS, "FR"), (THEIRS, "ES"))
SCOPED = (OWN, TERRITORY, TERRITORY_FILED, FILED, DIRECT, PARTY, LINK, SHARED, SHOWN)
ONE_REACHED = frozenset(SCOPED) - {FILED}
DRAFT = {
    "submitted_at": None,
    "version_number": 0,
    "since_version": 2,
    "published_at": None,
    "vintage_id": uuid.uuid4(),
}
RETURNS = {True: uuid.uuid4(), False: uuid.uuid4()}  # ours and another's, submitted once; records are of these
VINTAGES = {True: uuid.uuid4(), False: uuid.uuid4()}  # published both; files are of these
LINKS = {True: "0" * 64, False: "1" * 64}  # the digest of our secret link, and of another
BY_TYPE = {
    "uuid": "gen_random_uuid()",
    "text": "left(md5(random()::text), 2)",
    "varchar": "left(md5(random()::text), 2)",
    "int2": "(random() * 30000)::int2",
    "int4": "(random() * 2000000000)::int4",
    "int8": "(random() * 1000000000000)::int8",
    "numeric": "1",
    "bool": "false",
    "bytea": "'\\x00'::bytea",
    "jsonb": "'{}'::jsonb",
    "date": "current_date",
    "timestamptz": "now()",
    "inet": "'192.0.2.1'::inet",
    "_varchar": "'{}'::varchar[]",
    "_text": "'{}'::text[]",
    "_int4": "'{}'::int4[]",
    "_int8": "'{}'::int8[]",
    "_uuid": "'{}'::uuid[]",
}


@dataclass(frozen=True)
class Case:
    """One grant of the policy with rows that are not all."""

    table: str
    audience: Audience
    grant: Grant

    def __str__(self) -> str:
        return f"{self.table} {self.audience} {self.grant.command}"

    @property
    def is_read(self) -> bool:
        """Whether the grant is for reading."""
        return self.grant.command == "select"

    @property
    def organisation(self) -> str:
        """The column that says whose the row is."""
        return "id" if self.table == "organisations_organisation" else "organisation_id"


CASES = [
    Case(table, audience, grant)
    for table, per_audience in CONFIDENTIAL.items()
    for audience, grants in per_audience.items()
    for grant in grants
    if grant.rows != ALL
]


@pytest.fixture(scope="module")
def sown(module_owner: psycopg.Connection) -> Iterator[psycopg.Connection]:
    """The owner's connection, with two rows in every confidential table, whose constraints do not matter here."""
    owner = module_owner
    owner.execute("set session_replication_role = replica")
    checks = owner.execute(
        "select conrelid::regclass::text, conname from pg_constraint "
        "where contype in ('c', 'u') and connamespace = 'public'::regnamespace"
    ).fetchall()
    for table, name in checks:
        owner.execute(
            sql.SQL("alter table {} drop constraint {} cascade").format(sql.Identifier(table), sql.Identifier(name))
        )
    indexes = owner.execute(  # values are short and drawn: two may be the same, and none is the document it should be
        "select indexrelid::regclass::text from pg_index join pg_class on pg_class.oid = indexrelid "
        "where relnamespace = 'public'::regnamespace "
        "and not exists (select from pg_constraint where conindid = indexrelid)"
    ).fetchall()
    for (index,) in indexes:
        owner.execute(sql.SQL("drop index {}").format(sql.Identifier(index)))
    for table in CONFIDENTIAL:
        for organisation, territory in PLACES:
            known = {"id": RETURNS[territory == "FR"], "version": 1} if table == "compute_return" else {}
            known |= {"id": VINTAGES[territory == "FR"]} if table == "statistics_vintage" else {}
            _insert(owner, table, organisation, territory, **known)
    yield owner
    owner.rollback()


@pytest.fixture
def seeded(sown: psycopg.Connection) -> Iterator[psycopg.Connection]:
    """The same, and whatever a test does with it is undone."""
    with sown.transaction(force_rollback=True):
        yield sown


def _columns(opened: psycopg.Connection, table: str) -> dict[str, str]:
    """Columns with their types; none that the database computes."""
    found = opened.execute(
        "select attname, typname from pg_attribute join pg_type on pg_type.oid = atttypid "
        "where attrelid = %s::regclass and attnum > 0 and not attisdropped and attgenerated = ''",
        [table],
    )
    return {str(name): str(kind) for name, kind in found.fetchall()}


def _insert(opened: psycopg.Connection, table: str, organisation: uuid.UUID, territory: str, **more: Any) -> None:
    """Insert a row made of its columns' types. Identity and defaults of the database are not relied upon."""
    values: dict[str, sql.Composable] = {}
    given = {"territory": territory, "link": LINKS[territory == "FR"], "agent_id": None}
    given |= {"monthly_return_id": RETURNS[territory == "FR"], "since_version": 1}
    given |= {"vintage_id": VINTAGES[territory == "FR"], **more}
    given["id" if table == "organisations_organisation" else "organisation_id"] = organisation
    for column, kind in _columns(opened, table).items():
        values[column] = sql.Literal(given[column]) if column in given else sql.SQL(BY_TYPE[kind])
    opened.execute(
        sql.SQL("insert into {} ({}) values ({})").format(
            sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, values)), sql.SQL(", ").join(values.values())
        )
    )


def _become(opened: psycopg.Connection, case: Case) -> None:
    opened.execute(
        "select set_config('reg.organisation', %s, true), set_config('reg.territory', 'FR', true), "
        "set_config('reg.link', %s, true), set_config('role', %s, true)",
        [str(OURS), LINKS[True], case.audience.value],
    )


def _reached(opened: psycopg.Connection, case: Case) -> int:
    """How many rows the audience reaches by the command: rows seen, rows changed, or foreign rows let in."""
    with opened.transaction(force_rollback=True):
        if case.grant.command == "insert":
            return _let_in(opened, case)
        columns = _columns(opened, case.table)
        _become(opened, case)
        table = sql.Identifier(case.table)
        if case.grant.command == "select":
            ((count,),) = opened.execute(sql.SQL("select count(*) from {}").format(table)).fetchall()
            return int(count)
        if case.grant.command == "delete":
            return opened.execute(sql.SQL("delete from {}").format(table)).rowcount
        column = next(name for name in case.grant.columns or columns if name not in {"id", "organisation_id"})
        value = sql.SQL(BY_TYPE[columns[column]])
        return opened.execute(sql.SQL("update {} set {} = {}").format(table, sql.Identifier(column), value)).rowcount


def _let_in(opened: psycopg.Connection, case: Case) -> int:
    """One's own row goes in; how many go in of two that are another's."""
    _become(opened, case)
    _insert(opened, case.table, _fresh(case, OURS), "FR")
    count = 0
    for territory in ("ES", "FR") if case.grant.rows in {OWN, DIRECT} else ("ES", "IT"):
        try:
            with opened.transaction():
                _insert(opened, case.table, _fresh(case, THEIRS), territory)
            count += 1
        except psycopg.errors.InsufficientPrivilege as refused:
            assert "row-level security" in str(refused)  # noqa: PT017
    return count


def _fresh(case: Case, organisation: uuid.UUID) -> uuid.UUID:
    """Whose the new row is; a new organisation is its own."""
    return uuid.uuid4() if case.organisation == "id" else organisation


def _widen(opened: psycopg.Connection, case: Case) -> None:
    """Let the policy's condition be true for every row."""
    clauses = {"select": "using (true)", "insert": "with check (true)", "update": "using (true) with check (true)"}
    clauses["delete"] = "using (true)"
    name = f"{case.audience.value}_{case.grant.command}"
    opened.execute(f"alter policy {name} on {case.table} {clauses[case.grant.command]}".encode())


RIGHT = {"select": 1, "update": 1, "delete": 1, "insert": 0}


@pytest.mark.parametrize("case", [case for case in CASES if case.grant.rows in ONE_REACHED], ids=str)
def test_a_policy_keeps_another_out_and_without_it_nothing_would(seeded: psycopg.Connection, case: Case) -> None:
    assert _reached(seeded, case) == RIGHT[case.grant.command]
    _widen(seeded, case)
    assert _reached(seeded, case) == 2


@pytest.mark.parametrize("case", [case for case in CASES if FILED in case.grant.rows], ids=str)
def test_a_policy_keeps_drafts_from_who_looks_from_outside(seeded: psycopg.Connection, case: Case) -> None:
    _insert(seeded, case.table, OURS, "FR", **DRAFT)
    filed = 1 if case.grant.rows == TERRITORY_FILED else 2
    assert _reached(seeded, case) == filed
    _widen(seeded, case)
    assert _reached(seeded, case) == 3


def test_every_scoped_condition_is_tried() -> None:
    assert {case.grant.rows for case in CASES} == set(SCOPED)
    assert {case.grant.command for case in CASES} == set(RIGHT)


@pytest.mark.parametrize("case", [case for case in CASES if case.grant.rows != FILED and case.is_read], ids=str)
def test_without_a_scope_nothing_is_reached(seeded: psycopg.Connection, case: Case) -> None:
    seeded.execute("select set_config('role', %s, true)", [case.audience.value])
    ((count,),) = seeded.execute(sql.SQL("select count(*) from {}").format(sql.Identifier(case.table))).fetchall()
    assert count == 0


UNGRANTED = [
    (table, audience, grant)
    for table, per_audience in CONFIDENTIAL.items()
    for audience, grants in per_audience.items()
    for grant in grants
    if grant.columns and grant.command == "select"
]


@pytest.mark.parametrize(("table", "audience", "grant"), UNGRANTED, ids=lambda each: str(each)[:40])
def test_a_column_that_is_not_granted_is_refused_not_emptied(
    seeded: psycopg.Connection, table: str, audience: Audience, grant: Grant
) -> None:
    hidden = [column for column in _columns(seeded, table) if column not in grant.columns]
    assert hidden
    seeded.execute("select set_config('role', %s, true)", [audience.value])
    for column in hidden:
        with pytest.raises(psycopg.errors.InsufficientPrivilege), seeded.transaction():
            seeded.execute(sql.SQL("select {} from {}").format(sql.Identifier(column), sql.Identifier(table)))
