"""The yardstick: raw COPY of the rows that a call stored, into the same tables indexes and constraints alike."""

from dataclasses import dataclass
from time import perf_counter
from uuid import UUID

import psycopg
from psycopg import sql

# Every table that a filing writes, in an order that foreign keys allow, with the rows of one organisation.
_OWN = "organisation_id = {organisation}"
TABLES = {
    "filings_filing": _OWN,
    "dispatch_event": _OWN,
    "ledger_entry": "index in (select entry_id from filings_transition where organisation_id = {organisation})",
    "filings_version": _OWN,
    "filings_answer": _OWN,
    "filings_crossing": _OWN,
    "filings_duty": _OWN,
    "filings_transition": _OWN,
    "dispatch_reply": _OWN,
}
_COLUMNS = """
select column_name from information_schema.columns
where table_schema = 'public' and table_name = %s and is_generated = 'NEVER' order by ordinal_position
"""


@dataclass(frozen=True)
class Rows:
    """The rows of one table as COPY's text, ready to be sent."""

    table: str
    columns: tuple[str, ...]
    text: bytes

    @property
    def count(self) -> int:
        """How many there are: COPY's text has one line each."""
        return self.text.count(b"\n")

    def statement(self) -> sql.Composed:
        """The COPY that takes them."""
        columns = sql.SQL(", ").join(map(sql.Identifier, self.columns))
        return sql.SQL("copy {} ({}) from stdin").format(sql.Identifier(self.table), columns)


def copy_again(address: str, organisation: UUID) -> tuple[float, int]:
    """Take out all that an organisation's calls stored, put the same back by COPY; seconds of that, and rows.

    Connects as the superuser: row-level security, which forbids COPY to everybody else, does not hold it up.
    """
    with psycopg.connect(address) as connection:
        stored = [_stored(connection, table, where, organisation) for table, where in TABLES.items()]
        connection.execute("set local session_replication_role = replica")  # no triggers: the tables are append-only
        for table, where in reversed(TABLES.items()):
            connection.execute(
                sql.SQL("delete from {} where ").format(sql.Identifier(table)) + _condition(where, organisation)
            )
            if table == "filings_transition":
                entries = next(rows for rows in stored if rows.table == "ledger_entry")
                _delete_entries(connection, entries)
        connection.commit()
        begun = perf_counter()
        for rows in stored:
            with connection.cursor() as cursor, cursor.copy(rows.statement()) as copy:
                copy.write(rows.text)
        connection.commit()
        return perf_counter() - begun, sum(rows.count for rows in stored)


def _condition(where: str, organisation: UUID) -> sql.Composed:
    return sql.SQL(where).format(organisation=sql.Literal(organisation))  # type: ignore[arg-type]


def _stored(connection: "psycopg.Connection[tuple[object, ...]]", table: str, where: str, organisation: UUID) -> Rows:
    columns = tuple(str(name) for (name,) in connection.execute(_COLUMNS, [table]))
    query = sql.SQL("copy (select {} from {} where {}) to stdout").format(
        sql.SQL(", ").join(map(sql.Identifier, columns)), sql.Identifier(table), _condition(where, organisation)
    )
    with connection.cursor() as cursor, cursor.copy(query) as copy:
        return Rows(table, columns, b"".join(bytes(part) for part in copy))


def _delete_entries(connection: "psycopg.Connection[tuple[object, ...]]", entries: Rows) -> None:
    """The log's lines are known by the transitions, which are gone now."""
    place = entries.columns.index("index")
    numbers = [int(line.split(b"\t")[place]) for line in entries.text.splitlines()]
    connection.execute("delete from ledger_entry where index = any(%s)", [numbers])
