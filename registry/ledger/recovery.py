"""After an old backup was restored: the lost part of the log, back from what lies outside the database.

The published tiles hold the lost leaves, and the last signed checkpoint says that they are the right ones; the journals
hold the entries that they stand for. Every receipt keeps its place. What entries stood for, the documents, the
providers hand in again: salt and document lead to a commitment that is in its place already (docs/evidence.md).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from registry import rows
from registry.acting import Actor, inside_acting_as
from registry.ledger import acts, chain, notes, sequencing, tiles, tree
from registry.ledger.keeping import Places
from registry.ledger.models import Checkpoint, Entry, Leaf
from registry.ledger.notes import NoteRefused
from registry.ledger.outside import Placed
from registry.ledger.publishing import LogRefused
from registry.ledger.sequencing import Signer

AT_ONCE = 10_000


@dataclass(frozen=True)
class Recovered:
    """What came back: the size before and after, and how many entries; of `without` only the leaves did."""

    before: int
    after: int
    entries: int
    without: int


@inside_acting_as
def recover(*, there: Places, signer: Signer, by: Actor, at: datetime) -> Recovered:
    """Bring back what was signed after the backup. Raises `LogRefused` when nothing was lost, or what lies outside
    does not continue what is stored.
    """
    by.require("log_sequence")
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [sequencing.LOCK])
    note = there.outside.note()
    head, last = _trusted(note, signer), sequencing.newest()
    before = last.size if last else 0
    if head.size <= before:
        raise LogRefused(f"nothing to recover: the database knows {before} leaves, outside are {head.size}")
    grown = _required(there, head, last)
    placed = list(there.outside.journal(after=before))
    missing = _missing(placed)
    _require_chained(missing or [])
    rows.insert(Entry, [dict(vars(each.act)) for each in missing or []])
    _store_leaves(there, before, head.size, placed if missing is not None else [])
    sequencing.store(grown, note=note.decode(), at=at)
    return Recovered(before, head.size, len(missing or []), 0 if missing is not None else len(placed))


def _trusted(note: bytes, signer: Signer) -> notes.Checkpoint:
    """The checkpoint kept outside, which this log's own key signed."""
    try:
        read = notes.read(note)
        notes.verify(read, keys=[notes.verifier_key(name=signer.origin, key=signer.key.public_key())])
        return notes.read_checkpoint(read.text)
    except NoteRefused as refused:
        raise LogRefused(f"the checkpoint outside the database is not ours: {refused}") from None


def _leaves(there: Places, size: int, start: int) -> Iterator[bytes]:
    """The published leaves from `start` on. Raises `LogRefused` where a file is missing or malformed."""
    try:
        yield from tiles.entries(size=size, fetch=there.published.read, start=start)
    except (FileNotFoundError, tiles.TileRefused) as missing:
        raise LogRefused(f"the published log is not whole, fetch it from a mirror: {missing}") from None


def _required(there: Places, head: notes.Checkpoint, last: Checkpoint | None) -> tree.Compact:
    """The tree of the published leaves: it leads to the signed root and begins with what is stored."""
    before = last.size if last else 0
    hashes = map(tree.leaf_hash, _leaves(there, head.size, 0))
    begun = tree.Compact().grown(leaf for _, leaf in zip(range(before), hashes, strict=False))
    if last is not None and begun.root != bytes(last.root):
        raise LogRefused("the published log does not begin with what the database holds")
    grown = begun.grown(hashes)
    if grown.size != head.size or grown.root != head.root:
        raise LogRefused("the published leaves do not lead to the root that was signed")
    return grown


def _missing(placed: Sequence[Placed]) -> list[Placed] | None:
    """The entries of the journals that the database does not have; None where it has others in their stead, which
    were entered after the backup was restored and before this: then the leaves come back without them.
    """
    there = dict(Entry.objects.filter(index__in=[p.act.index for p in placed]).values_list("index", "entry_hash"))
    if any(bytes(there[p.act.index]) != p.act.entry_hash for p in placed if p.act.index in there):
        return None
    return [each for each in placed if each.act.index not in there]


def _require_chained(missing: Sequence[Placed]) -> None:
    """The entries follow the last one stored, each the one before."""
    head = Entry.objects.order_by("-index").first()
    index, previous = (head.index + 1, bytes(head.entry_hash)) if head else (0, chain.GENESIS)
    broken = chain.verify((each.act for each in missing), index=index, previous_hash=previous)
    if broken is not None:
        raise LogRefused(f"the journal does not continue the entries: {broken.part} at {broken.index}")


def _store_leaves(there: Places, before: int, size: int, placed: Sequence[Placed]) -> None:
    """Store the lost leaves at their positions, those of entries with them. Raises `LogRefused` where they differ."""
    whose = {each.position: (each.act.index, False, each.act.commitment) for each in placed}
    whose |= {each.act_position: (each.act.index, True, acts.commitment(each.act)) for each in placed}
    waiting: list[dict[str, Any]] = []
    for position, leaf in enumerate(_leaves(there, size, before), before):
        entry, is_act, commitment = whose.get(position, (None, False, leaf[1:]))
        if leaf != tree.leaf(commitment=commitment):
            raise LogRefused(f"the journal and the log differ at {position}")
        waiting.append({"position": position, "commitment": commitment, "entry_id": entry, "is_act": is_act})
        if len(waiting) == AT_ONCE:
            rows.insert(Leaf, waiting)
            waiting = []
    rows.insert(Leaf, waiting)
