"""Many rows of one model in one statement.

COPY is refused on tables with row-level security, and the ORM asks for columns back that a writer may not read; so
rows go in through `INSERT … SELECT … FROM unnest(…)`: one statement for a table and a batch, whatever its size.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection, models


def insert(model: type[models.Model], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert `rows`, each a mapping of the same field attribute names (`organisation_id`), in order.

    Columns left out take no default: name every column without a database default. Raises the driver's IntegrityError.
    """
    if not rows:
        return
    columns, casts, arrays = [], [], []
    by_attribute = {field.attname: field for field in model._meta.concrete_fields}
    for name in rows[0]:
        field = by_attribute[name]
        columns.append(connection.ops.quote_name(str(field.column)))
        casts.append(f"%s::{field.db_type(connection)}[]")
        is_json = isinstance(field, models.JSONField)
        arrays.append([_json(row[name]) if is_json else row[name] for row in rows])
    table = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"insert into {table} ({', '.join(columns)}) select * from unnest({', '.join(casts)})",  # noqa: S608
            arrays,
        )


def _json(value: Any) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
