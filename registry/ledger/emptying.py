"""What may be emptied (data/emptied.toml), and the guards by which the database lets nothing else be done to it.

It stands at the bottom, as the models above take their guards from it. The housekeeper alone empties, and what it
writes is compared with what the row was: a column that is named is empty or unchanged, every other one is unchanged.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import pgtrigger

from registry.acting import Audience

_DATA: Final = Path(__file__).parent / "data" / "emptied.toml"
_NAME: Final = re.compile(r"[a-z_][a-z0-9_]*")
_KEEPER: Final = f"current_user = '{Audience.HOUSEKEEPER.value}'"
# The empty value of each sort of column, as SQL.
EMPTY: Final[Mapping[str, str]] = MappingProxyType({"text": "''", "nothing": "null", "object": "'{}'", "list": "'[]'"})


@dataclass(frozen=True)
class Emptied:
    """What of a table is emptied: SQL of the empty value by column. Or the row `goes_with` another: column, table."""

    table: str
    columns: Mapping[str, str]
    mark: str = ""
    goes_with: tuple[str, str] | None = None


@cache
def tables() -> Mapping[str, Emptied]:
    """All of them by name, in the order of the file. Raises ValueError for what may not be said."""
    said = tomllib.loads(_DATA.read_text(encoding="utf-8"))
    return MappingProxyType({table: emptied_of(table, row) for table, row in said.items()})


def emptied_of(table: str, said: Mapping[str, Any]) -> Emptied:
    """What the file says of one table. Raises ValueError for a name or a sort that may not stand there."""
    columns = {column: value for sort, value in EMPTY.items() for column in said.get(sort, ())}
    pair = tuple(said.get("goes_with", ()))
    mark = said.get("mark", "")
    if set(said) - {*EMPTY, "mark", "goes_with"} or bool(columns) == bool(pair) or len(pair) not in {0, 2}:
        raise ValueError(f"{table}: name columns by their sort, or what the row goes with")
    if mark and mark not in columns:
        raise ValueError(f"{table}: the mark is one of the columns that are emptied")
    if not all(map(_NAME.fullmatch, (table, *columns, *pair))):
        raise ValueError(f"{table}: names in small letters")
    return Emptied(table, MappingProxyType(columns), mark, (pair[0], pair[1]) if pair else None)


def append_only(table: str) -> pgtrigger.Trigger:
    """For what a commitment stands for: nobody changes it; the housekeeper empties it, or deletes what goes with it."""
    return pgtrigger.Trigger(
        name="append_only",
        when=pgtrigger.Before,
        operation=pgtrigger.Update | pgtrigger.Delete,
        declare=[("expected", "record")],
        func=(
            f"{_allowance(tables()[table])}"
            "raise exception 'pgtrigger: Cannot update or delete rows from % table', tg_table_name;"
        ),
    )


def only_emptied(table: str) -> pgtrigger.Trigger:
    """For what others change in their ways: from the housekeeper it takes emptying, or deleting, and nothing else."""
    emptied = tables()[table]
    operation = pgtrigger.Update | pgtrigger.Delete if emptied.goes_with else pgtrigger.Update
    return pgtrigger.Trigger(
        name="only_emptied",
        when=pgtrigger.Before,
        operation=operation,
        condition=pgtrigger.Condition(_KEEPER),
        declare=[("expected", "record")],
        func=f"{_allowance(emptied)}raise exception 'pgtrigger: Cannot delete rows from % table', tg_table_name;",
    )


def deleted_with(table: str) -> str:
    """The branch for a guard of another kind: lets the housekeeper delete what goes with a row that is empty."""
    emptied = tables()[table]
    if not emptied.goes_with:
        raise ValueError(f"{table}: goes with nothing")
    return _allowance(emptied)


def _allowance(emptied: Emptied) -> str:
    """The branch of a trigger that lets the housekeeper do its work, and refuses what is not that."""
    if emptied.goes_with:
        column, table = emptied.goes_with
        mark = tables()[table].mark
        return (
            f"if tg_op = 'DELETE' and {_KEEPER} and exists (\n"
            f"  select from {table} as other where other.id = old.{column} and other.{mark} = ''\n"
            ") then\n  return old;\nend if;\n"
        )
    steps = "".join(
        f"  if new.{column} is not distinct from {value} then expected.{column} := new.{column}; end if;\n"
        for column, value in emptied.columns.items()
    )
    return (
        f"if tg_op = 'UPDATE' and {_KEEPER} then\n  expected := old;\n{steps}"
        "  if new *<> expected then\n"  # byte by byte: needs no order among the types
        "    raise exception 'rows of % are emptied and nothing else', tg_table_name;\n"
        "  end if;\n  return new;\nend if;\n"
    )
