"""What may be emptied becomes empty and nothing else, in every table and column that the data name.

Each guard is tried on a copy of its table, with one full row and all the triggers that the table has; grants and row
policies are left out of it, so that the guard alone holds or does not.
"""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from registry.accounts.policy import CONFIDENTIAL
from registry.acting import Audience
from registry.ledger import emptying

KEEPER = Audience.HOUSEKEEPER.value
TABLES = {table: emptied for table, emptied in emptying.tables().items() if emptied.columns}
COLUMNS = [(table, column) for table, emptied in TABLES.items() for column in emptied.columns]
COMPANIONS = {table: emptied.goes_with for table, emptied in emptying.tables().items() if emptied.goes_with}
# By type: what stands in the row, and something else that is not empty either.
VALUES = {
    "text": ("'o'", "'x'"),
    "character varying": ("'o'", "'x'"),
    "bytea": (r"'\x6f'", r"'\x78'"),
    "jsonb": ("""'["o"]'""", """'["x"]'"""),
    "numeric": ("1", "2"),
    "date": ("'2001-02-03'", "'2001-02-04'"),
    "timestamp with time zone": ("'2001-02-03T00:00:00Z'", "'2001-02-03T00:00:01Z'"),
    "boolean": ("true", "false"),
    "uuid": ("'00000000-0000-4000-8000-000000000001'", "'00000000-0000-4000-8000-000000000002'"),
    "integer": ("1", "2"),
    "smallint": ("1", "2"),
    "bigint": ("1", "2"),
}


def _rows(statement: str, *values: object) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def _types(table: str) -> dict[str, str]:
    return dict(
        _rows(
            "select column_name, data_type from information_schema.columns "
            "where table_schema = 'public' and table_name = %s and is_generated = 'NEVER'",
            table,
        )
    )


def _copy(table: str) -> None:
    """The table `tried`, with one row and the triggers of `table`."""
    types = _types(table)
    triggers = _rows(
        "select pg_get_triggerdef(oid) from pg_trigger where tgrelid = %s::regclass and not tgisinternal", table
    )
    with connection.cursor() as cursor:
        cursor.execute(f"create table tried (like {table})")
        names = ", ".join(f'"{name}"' for name in types)
        values = ", ".join(VALUES[kind][0] for kind in types.values())
        cursor.execute(f"insert into tried ({names}) values ({values})")  # noqa: S608
        for (definition,) in triggers:
            cursor.execute(definition.replace(f" ON public.{table} ", " ON public.tried "))
        cursor.execute(f"grant all on tried to {KEEPER}")


Change = Callable[[str], int]


@pytest.fixture
def change(db: None) -> Change:
    """Runs one statement under the housekeeper's name; returns how many rows it changed."""

    def run(statement: str) -> int:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"set local role {KEEPER}")
            cursor.execute(statement)
            count = int(cursor.rowcount)
            cursor.execute("reset role")
            return count

    return run


def _row() -> dict[str, Any]:
    return dict(json.loads(_rows("select to_jsonb(tried)::text from tried")[0][0]))


@pytest.mark.parametrize(("table", "column"), COLUMNS)
def test_a_column_can_be_emptied_and_nothing_else_changes(change: Change, table: str, column: str) -> None:
    _copy(table)
    before = _row()
    assert change(f"update tried set {column} = {TABLES[table].columns[column]}") == 1  # noqa: S608
    after = _row()
    assert after.pop(column) in ("", "\\x", None, {}, [])
    assert before.pop(column) not in ("", "\\x", None, {}, [])
    assert after == before


@pytest.mark.parametrize("table", TABLES)
def test_all_columns_are_emptied_in_one_step_and_a_second_one_changes_nothing(change: Change, table: str) -> None:
    _copy(table)
    changes = ", ".join(f"{column} = {value}" for column, value in TABLES[table].columns.items())
    assert change(f"update tried set {changes}") == 1  # noqa: S608
    once = _row()
    assert change(f"update tried set {changes}") == 1  # noqa: S608
    assert _row() == once


@pytest.mark.parametrize(("table", "column"), COLUMNS)
def test_nothing_is_put_in_the_place_of_what_is_emptied(change: Change, table: str, column: str) -> None:
    _copy(table)
    with pytest.raises(DatabaseError, match="emptied and nothing else"):
        change(f"update tried set {column} = {VALUES[_types(table)[column]][1]}")  # noqa: S608
    empty = TABLES[table].columns[column]
    change(f"update tried set {column} = {empty}")  # noqa: S608
    with pytest.raises(DatabaseError, match="emptied and nothing else"):  # nor put back
        change(f"update tried set {column} = {VALUES[_types(table)[column]][0]}")  # noqa: S608


@pytest.mark.parametrize("table", TABLES)
def test_no_other_column_changes_with_or_without_emptying(change: Change, table: str) -> None:
    _copy(table)
    emptied = next(f"{column} = {value}" for column, value in TABLES[table].columns.items())
    others = {name: kind for name, kind in _types(table).items() if name not in TABLES[table].columns}
    assert others
    for name, kind in others.items():
        for value in (VALUES[kind][1], "null"):
            for more in ("", f", {emptied}"):
                with pytest.raises(DatabaseError):
                    change(f'update tried set "{name}" = {value}{more}')  # noqa: S608


@pytest.mark.parametrize(("table", "goes_with"), COMPANIONS.items())
def test_what_repeats_another_row_is_deleted_once_that_one_is_empty(
    change: Change, table: str, goes_with: tuple[str, str]
) -> None:
    _copy(table)
    column, other = goes_with
    with pytest.raises(DatabaseError):
        change("delete from tried")
    with pytest.raises(DatabaseError):
        change(f"update tried set {column} = {VALUES[_types(table)[column]][1]}")  # noqa: S608
    assert emptying.tables()[other].mark


def test_the_policy_grants_the_housekeeper_to_change_what_is_emptied_and_nothing_else() -> None:
    granted = {
        (table, column)
        for table, audiences in CONFIDENTIAL.items()
        for grant in audiences.get(Audience.HOUSEKEEPER, ())
        if grant.command == "update"
        for column in grant.columns or ("*",)
    }
    assert granted == set(COLUMNS)


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"texts": ["a"]},
        {"text": ["a; b"]},
        {"text": ["a"], "mark": "b"},
        {"text": ["a"], "goes_with": ["a", "b"]},
        {"goes_with": ["a"]},
    ],
)
def test_what_the_file_must_not_say_is_refused(said: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="t: "):
        emptying.emptied_of("t", said)
