"""Appending to the ledger and checking it. Entries are chained in the transaction of the act they record.

An advisory lock makes appending one at a time, from the append to the commit (docs/adr/0004); so it is the last thing a
unit of work does.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from registry import rows
from registry.acting import Actor, inside_acting_as
from registry.ledger import chain
from registry.ledger.models import Entry

LOCK = 0x6563_6172  # "ecar": the one lock of the one log


@dataclass(frozen=True)
class Line:
    """What is to be recorded: the word of the act, its subject, and the commitment (32 bytes) to its content."""

    kind: str
    subject: str
    commitment: bytes


@dataclass(frozen=True)
class PublicLine:
    """The public columns of an entry, as raw bytes: what receipts and the chain's verification take."""

    index: int
    at: datetime
    commitment: bytes
    previous_hash: bytes
    entry_hash: bytes


def line_of(entry: Entry) -> PublicLine:
    """The public line of a stored entry."""
    return PublicLine(
        entry.index, entry.at, bytes(entry.commitment), bytes(entry.previous_hash), bytes(entry.entry_hash)
    )


@inside_acting_as
def append(lines: Sequence[Line], *, by: Actor, at: datetime) -> list[Entry]:
    """Append `lines` in order and return their entries. Holds the log's lock until the unit of work ends."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [LOCK])
        cursor.execute('select "index", entry_hash from ledger_entry order by "index" desc limit 1')
        head = cursor.fetchone()
    index, previous = (head[0] + 1, bytes(head[1])) if head else (0, chain.GENESIS)
    appended = []
    for offset, line in enumerate(lines):
        entry_hash = chain.entry_hash(index=index + offset, previous_hash=previous, at=at, commitment=line.commitment)
        appended.append(
            {
                "index": index + offset,
                "kind": line.kind,
                "subject": line.subject,
                "actor": by.id,
                "mandate": by.mandate,
                "at": at,
                "commitment": line.commitment,
                "previous_hash": previous,
                "entry_hash": entry_hash,
                "salt": os.urandom(chain.HASH_BYTES),
            }
        )
        previous = entry_hash
    rows.insert(Entry, appended)
    return [Entry(**row) for row in appended]
