"""Many rows of one model in one statement.

COPY is refused on tables with row-level security, and the ORM asks for columns back that a writer may not read; so
rows go in through `INSERT … SELECT … FROM unnest(…)`: one statement for a table and a batch, whatever its size.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection, models


def insert(model: type[models.Model], rows: Sequence[Mapping[str, Any]], *, conflict: str = "") -> None:
    """Insert `rows`, each a mapping of the same field attribute names (`organisation_id`), in order.

    Columns left out take no default: name every column without a database default. `conflict` is the rest of an
    `on conflict` clause. Raises the driver's IntegrityError.
    """
    if not rows:
        return
    columns, source, arrays = _unnested(model, rows)
    tail = f" on conflict {conflict}" if conflict else ""
    _execute(f"insert into {_table(model)} ({', '.join(columns)}) select * from {source}{tail}", arrays)  # noqa: S608


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
    columns, source, arrays = _unnested(model, rows)
    table = _table(model)
    parts = [
        f"{c} = coalesce({table}.{c}, new.{c})" if c.strip('"') in keep_first else f"{c} = new.{c}"
        for c in columns
        if c.strip('"') != key
    ]
    changes = ", ".join([*parts, also] if also else parts)
    _execute(
        f"update {table} set {changes} from {source} as new({', '.join(columns)}) where {table}.{key} = new.{key}",  # noqa: S608
        arrays,
    )


def _unnested(
    model: type[models.Model], rows: Sequence[Mapping[str, Any]]
) -> tuple[list[str], str, list[list[Any]]]:
    """Quoted columns, the `unnest(…)` that makes them rows, and one array a column."""
    by_attribute = {field.attname: field for field in model._meta.concrete_fields}
    columns, casts, arrays = [], [], []
    for name in rows[0]:
        field = by_attribute[name]
        columns.append(connection.ops.quote_name(str(field.column)))
        casts.append(f"%s::{field.db_type(connection)}[]")
        is_json = isinstance(field, models.JSONField)
        arrays.append([_json(row[name]) if is_json else row[name] for row in rows])
    return columns, f"unnest({', '.join(casts)})", arrays


def _table(model: type[models.Model]) -> str:
    return str(connection.ops.quote_name(model._meta.db_table))


def _execute(statement: str, arrays: list[list[Any]]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, arrays)


def _json(value: Any) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
