"""Storing access records as a set: one statement for all lines of a part.

`COPY` is refused on tables with row-level security, and arrays of thirty columns cost more to bind than to insert. So
each column travels as one text, its values set apart by a character that no line may hold, and PostgreSQL splits and
casts it: a third of what arrays cost (benches/returns.py).
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import psycopg
from django.db import connection

from registry.compute.record import Record
from registry.compute.record_reading import Reading

_APART: Final = "\x1f"
# Column, its type, whether it is empty text where the line says nothing; in the order of `_values`.
_COLUMNS: Final = (
    ("line_number", "integer", False),
    ("line_id", "text", True),
    ("facility_id", "uuid", False),
    ("accelerator_id", "text", True),
    ("accelerators", "integer", False),
    ("starts_at", "timestamptz", False),
    ("ends_at", "timestamptz", False),
    ("accelerator_hours", "numeric", False),
    ("customer_key", "text", True),
    ("customer_name", "text", True),
    ("customer_lei", "text", True),
    ("customer_euid", "text", True),
    ("customer_vat", "text", True),
    ("customer_country", "text", True),
    ("customer_parent_country", "text", True),
    ("customer_incorporated_on", "date", False),
    ("contracted_on", "date", False),
    ("workload_class", "text", True),
    ("run_reference", "text", True),
    ("document", "jsonb", False),
    ("digest", "bytea", False),
)
_SINGLES: Final = (
    ("month", "date"),
    ("organisation_id", "uuid"),
    ("territory", "text"),
    ("monthly_return_id", "uuid"),
    ("upload_id", "uuid"),
    ("revision", "integer"),
    ("since_version", "integer"),
    ("recorded_at", "timestamptz"),
)


@dataclass(frozen=True)
class Place:
    """Where records go: the return they belong to, what they came with, and the version they will be part of."""

    month: date
    organisation_id: uuid.UUID
    territory: str
    return_id: uuid.UUID
    since_version: int
    upload_id: uuid.UUID | None = None
    revision: int = 1


@dataclass(frozen=True)
class Line:
    """A line that was read and judged good: its number in the upload, what it says, and the facility it names."""

    number: int
    reading: Reading
    facility_id: uuid.UUID


def store(lines: Sequence[Line], *, place: Place, at: datetime) -> set[str]:
    """Insert records; returns the line ids of those inserted. One whose line id the return has is left out."""
    if not lines:
        return set()
    columns = zip(*map(_values, lines), strict=True)
    singles = (
        place.month,
        place.organisation_id,
        place.territory,
        place.return_id,
        place.upload_id,
        place.revision,
        place.since_version,
        at,
    )
    connection.ensure_connection()
    raw: Any = psycopg.Cursor(connection.connection)
    with connection.make_debug_cursor(raw) if connection.queries_logged else connection.make_cursor(raw) as cursor:
        cursor.execute(_STATEMENT, [*singles, *map(_APART.join, columns)])
        return {line_id for (line_id,) in cursor.fetchall()}


def _statement() -> str:
    names = ", ".join(name for name, _ in _SINGLES) + ", " + ", ".join(name for name, *_ in _COLUMNS)
    shown = ", ".join(f"%b::{kind}" for _, kind in _SINGLES)
    cells = ", ".join(_cell(number, kind, is_text) for number, (_, kind, is_text) in enumerate(_COLUMNS))
    arrays = ", ".join(f"string_to_array(%t, e'{_APART}', '')" for _ in _COLUMNS)
    inner = ", ".join(f"c{number}" for number in range(len(_COLUMNS)))
    return (
        f"insert into compute_accessrecord ({names}) select {shown}, {cells} from unnest({arrays}) as u({inner}) "  # noqa: S608
        "on conflict (monthly_return_id, line_id, month) where until_version is null do nothing returning line_id"
    )


def _cell(number: int, kind: str, is_text: bool) -> str:
    if kind == "bytea":
        return f"decode(u.c{number}, 'hex')"
    return f"coalesce(u.c{number}, '')" if is_text else f"u.c{number}::{kind}"


_STATEMENT: Final = _statement()


def _values(line: Line) -> tuple[str, ...]:
    record: Record = line.reading.record
    incorporated = record.customer_incorporated_on
    return (
        str(line.number),
        record.line_id,
        line.facility_id.hex,
        record.accelerator,
        str(record.accelerators),
        record.starts_at.isoformat(),
        record.ends_at.isoformat(),
        str(record.accelerator_hours),
        record.customer_key,
        record.customer_name,
        record.customer_lei or "",
        record.customer_euid or "",
        record.customer_vat or "",
        record.customer_country,
        record.customer_parent_country or "",
        incorporated.isoformat() if incorporated else "",
        record.contracted_on.isoformat(),
        record.workload_class,
        record.run_reference or "",
        line.reading.text,
        line.reading.digest.hex(),
    )
