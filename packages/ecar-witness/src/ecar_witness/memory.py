"""What the witness remembers, in SQLite: for each log the last head that it signed. Nothing is ever signed before it is
stored, and what is stored never goes back.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

from ecar_witness.merkle import EMPTY

_TABLE = """
create table if not exists head (
    origin text primary key, size integer not null, root blob not null, note text not null, at integer not null
) strict
"""


class Head(NamedTuple):
    """The last head of a log that was signed; size 0 before the first."""

    size: int
    root: bytes
    note: str


class Memory:
    """A file that several threads and processes may use at once."""

    def __init__(self, path: Path) -> None:
        """Make the table if there is none."""
        self._path = path
        with closing(self._connection()) as connection:
            connection.execute(_TABLE)

    @contextmanager
    def head(self, origin: str) -> Iterator["Turn"]:
        """Look at a log's head and perhaps move it on: one at a time, and durable once the block ends."""
        with closing(self._connection()) as connection:
            connection.execute("begin immediate")
            try:
                yield Turn(connection, origin)
            except BaseException:
                connection.execute("rollback")
                raise
            connection.execute("commit")

    def _connection(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, isolation_level=None, timeout=10)
        connection.execute("pragma journal_mode = wal")
        connection.execute("pragma synchronous = full")  # a head that was signed survives a loss of power
        return connection


class Turn:
    """The time during which nobody else moves the head."""

    def __init__(self, connection: sqlite3.Connection, origin: str) -> None:
        """Read the head."""
        self._connection, self._origin = connection, origin
        row = connection.execute("select size, root, note from head where origin = ?", [origin]).fetchone()
        self.head = Head(*row) if row else Head(0, EMPTY, "")

    def move(self, head: Head, *, at: int) -> None:
        """Remember a newer head."""
        self._connection.execute(
            "insert into head values (?, ?, ?, ?, ?) on conflict (origin) do update "
            "set size = excluded.size, root = excluded.root, note = excluded.note, at = excluded.at",
            [self._origin, head.size, head.root, head.note, at],
        )
