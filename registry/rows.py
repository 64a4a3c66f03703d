"""Many rows of one model in one statement, and one row to be changed.

COPY is refused on tables with row-level security, and the ORM asks for columns back that a writer may not read; so
rows go in through `INSERT … SELECT … FROM unnest(…)`: one statement for a table and a batch, whatever its size.

The arrays travel in PostgreSQL's binary form and are bound by the server: quoting texts on this side cost four times as
much as the whole insert (benches). A column that has one value in all rows travels once.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeVar

import psycopg
from django.db import connection, models

from registry.errors import Invalid, NotFound

Row = TypeVar("Row", bound=models.Model)


def insert(
    model: type[models.Model], rows: Sequence[Mapping[str, Any]], *, conflict: str = "", returning: str = ""
) -> list[Any]:
    """Insert `rows`, each a mapping of the same field attribute names (`organisation_id`), in order.

    Columns left out take no default: name every column without a database default. `conflict` is the rest of an
    `on conflict` clause; `returning` a column whose values in the rows inserted come back, in no order to rely on.
    Raises Django's IntegrityError, and DataError for a text longer than its column.
    """
    if not rows:
        return []
    columns, source, values = _source(model, rows)
    tail = f" on conflict {conflict}" if conflict else ""
    tail += f" returning {connection.ops.quote_name(returning)}" if returning else ""
    return _execute(f"insert into {_table(model)} ({', '.join(columns)}) {source}{tail}", values)


def update(
    model: type[models.Model],
    rows: Sequence[Mapping[str, Any]],
    *,
    key: str,
    also: str = "",
    keep_first: Sequence[str] = (),
) -> None:
    """Update each row whose `key` column equals that of a mapping; columns in `keep_first` keep a value they have.

    `also` is a further part of the `set` clause in SQL, such as `revision = revision + 1`.
    """
    if not rows:
        return
    columns, source, values = _source(model, rows)
    table = _table(model)
    parts = [
        f"{c} = coalesce({table}.{c}, new.{c})" if c.strip('"') in keep_first else f"{c} = new.{c}"
        for c in columns
        if c.strip('"') != key
    ]
    changes = ", ".join([*parts, also] if also else parts)
    new = f"({source}) as new({', '.join(columns)})"
    _execute(f"update {table} set {changes} from {new} where {table}.{key} = new.{key}", values)  # noqa: S608


def locked(chosen: "models.QuerySet[Row]") -> Row:
    """The one row that `chosen` leaves, locked until the unit of work ends. Raises `NotFound`."""
    found = chosen.select_for_update(of=("self",)).first()
    if found is None:
        raise NotFound
    return found


def locked_all(chosen: "models.QuerySet[Row]", references: Iterable[str], *, at_most: int) -> list[Row]:
    """The rows of `chosen` with these references, locked in one order until the unit of work ends.

    Raises `NotFound` unless all are there, `Invalid` for more than `at_most`.
    """
    wanted = sorted(set(references))
    if len(wanted) > at_most:
        raise Invalid("This is too long.")
    found = list(chosen.filter(reference__in=wanted).order_by("reference").select_for_update(of=("self",)))
    if not wanted or len(found) != len(wanted):
        raise NotFound
    return found


def _source(model: type[models.Model], rows: Sequence[Mapping[str, Any]]) -> tuple[list[str], str, list[Any]]:
    """Quoted columns, the `select` that yields the rows, and its parameters: first the single values, then arrays."""
    by_attribute = {field.attname: field for field in model._meta.concrete_fields}
    columns, shown, casts = [], [], []
    singles: list[Any] = []
    arrays: list[list[Any]] = []
    for name in rows[0]:
        field = by_attribute[name]
        columns.append(connection.ops.quote_name(str(field.column)))
        kind = _kind(field)
        column = _cleaned(field, [row[name] for row in rows])
        if column.count(column[0]) == len(column):
            shown.append(f"%b::{kind}")
            singles.append(column[0])
        else:
            shown.append(f"u.c{len(arrays)}")
            casts.append(f"%b::{kind}[]")
            arrays.append(column)
    names = ", ".join(f"c{number}" for number in range(len(arrays)))
    # without arrays the rows are all alike: usually there is only one
    row_source = f"unnest({', '.join(casts)}) as u({names})" if arrays else f"generate_series(1, {len(rows)})"
    return columns, f"select {', '.join(shown)} from {row_source}", [*singles, *arrays]  # noqa: S608


def _kind(field: "models.Field[Any, Any]") -> str:
    """The SQL type to send a value as. Texts go without their length: a cast to it would cut them silently."""
    if isinstance(field, (models.CharField, models.TextField)):
        return "text"
    return str(field.rel_db_type(connection) if field.remote_field else field.db_type(connection))


def _cleaned(field: "models.Field[Any, Any]", column: list[Any]) -> list[Any]:
    """The values of one column as Python's plain types, all alike, which is what an array can hold."""
    if isinstance(field, models.JSONField):
        return [_json(value) for value in column]
    kinds = set(map(type, column))
    if isinstance(field, (models.CharField, models.TextField)) and kinds - {str, type(None)}:
        return [None if value is None else str.__str__(value) for value in column]
    if isinstance(field, models.DecimalField) and kinds - {Decimal, type(None)}:
        return [None if value is None else Decimal(value) for value in column]
    return column


def _table(model: type[models.Model]) -> str:
    return str(connection.ops.quote_name(model._meta.db_table))


def _execute(statement: str, values: list[Any]) -> list[Any]:
    """Run one statement with parameters bound by the server; Django's own cursors would write them into its text."""
    connection.ensure_connection()
    raw: Any = psycopg.Cursor(connection.connection)
    with connection.make_debug_cursor(raw) if connection.queries_logged else connection.make_cursor(raw) as cursor:
        cursor.execute(statement, values)
        return [value for (value,) in cursor.fetchall()] if raw.description else []


def _json(value: Any) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
