"""The one sequencer: gives entries their places in the public log, covers them, and signs the new head.

In one transaction, under an advisory lock, it moves what was entered to positions and stores leaves and checkpoint.
Each batch is shuffled and filled with random leaves to a multiple of `BATCH`, at a fixed cadence, so that neither the
size of the log nor a place in it tells how much was filed when.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from random import SystemRandom
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connection

from registry import rows
from registry.acting import Actor, inside_acting_as
from registry.ledger import acts, chain, notes, tree
from registry.ledger.acts import Act
from registry.ledger.models import Checkpoint, Cosignature, Entry, Leaf
from registry.ledger.outside import Placed, require_not_behind

LOCK: Final = 0x6563_6173  # beside that of the chain (registry.ledger.log): one sequencer, while entering goes on
BATCH: Final = 16
AT_ONCE: Final = 10_000  # entries in one batch; the rest waits for the next
READ_AT_ONCE: Final = 10_000
_LOT: Final = SystemRandom()


@dataclass(frozen=True)
class Signer:
    """The log's name and the key that signs its checkpoints; the key is the sequencer's alone."""

    origin: str
    key: Ed25519PrivateKey

    def note(self, size: int, root: bytes) -> str:
        """The signed checkpoint of a tree."""
        text = str(notes.Checkpoint(self.origin, size, root))
        return notes.write(text, signatures=[notes.sign(text, name=self.origin, key=self.key)]).decode()


@dataclass(frozen=True)
class _Placing:
    """A leaf on its way: what it commits to, and whose it is (None for a cover)."""

    commitment: bytes
    entry: int | None = None
    is_act: bool = False


@inside_acting_as
def advance(*, signer: Signer, known: Sequence[tuple[str, notes.Checkpoint]], by: Actor, at: datetime) -> bool:
    """Place what waits, cover it, sign the new head. False when another sequencer is at work.

    `known` are the checkpoints that lie elsewhere, each with the name of the place. Raises `LogRefused` when one of
    them is not in this database.
    """
    by.require("log_sequence")
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_xact_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            return False
    last = newest()
    for where, kept in known:
        require_not_behind(_head(last), kept, where=where, at_kept=_root_at(kept.size))
    before = _compact(last)
    batch = _covered(_waiting())
    rows.insert(Leaf, [_row(before.size + offset, each) for offset, each in enumerate(batch)])
    grown = before.grown(tree.leaf_hash(tree.leaf(commitment=each.commitment)) for each in batch)
    store(grown, note=signer.note(grown.size, grown.root), at=at)
    return True


def store(grown: tree.Compact, *, note: str, at: datetime) -> None:
    """Store a signed head."""
    Checkpoint.objects.bulk_create(
        [Checkpoint(size=grown.size, root=grown.root, peaks=b"".join(grown.peaks), note=note, at=at)]
    )


def newest() -> Checkpoint | None:
    """The last head that was signed."""
    return Checkpoint.objects.order_by("-size").first()


def leaves(start: int, end: int) -> Iterator[bytes]:
    """The leaves (33 bytes) from position `start` to before `end`, read in parts."""
    for part in range(start, end, READ_AT_ONCE):
        found = Leaf.objects.filter(position__gte=part, position__lt=min(part + READ_AT_ONCE, end))
        for commitment in found.order_by("position").values_list("commitment", flat=True):
            yield tree.leaf(commitment=bytes(commitment))


def batch_of(*, after: int, size: int) -> list[Placed]:
    """The entries whose leaves lie from position `after` to before `size`, with their places."""
    places: dict[int, dict[bool, int]] = {}
    found = Leaf.objects.filter(position__gte=after, position__lt=size, entry__isnull=False)
    for position, entry, is_act in found.values_list("position", "entry_id", "is_act"):
        places.setdefault(entry, {})[is_act] = position
    entries = Entry.objects.filter(index__in=places).order_by("index")
    return [Placed(act_of(entry), places[entry.index][False], places[entry.index][True]) for entry in entries]


def act_of(entry: Entry) -> Act:
    """A stored entry, as bytes and plain values."""
    return Act(
        index=entry.index,
        kind=entry.kind,
        subject=entry.subject,
        actor=entry.actor,
        mandate=entry.mandate,
        at=entry.at,
        commitment=bytes(entry.commitment),
        previous_hash=bytes(entry.previous_hash),
        entry_hash=bytes(entry.entry_hash),
        salt=bytes(entry.salt),
    )


@inside_acting_as
def keep_cosignatures(lines: Sequence[tuple[str, str, datetime]], *, size: int, by: Actor) -> int:
    """Store what witnesses signed under the head of `size`: name, signature line, moment. Returns how many are new."""
    by.require("log_sequence")
    new = [{"checkpoint_id": size, "witness": name, "line": line, "at": at} for name, line, at in lines]
    return len(rows.insert(Cosignature, new, conflict="(checkpoint_id, witness) do nothing", returning="id"))


def note_of(checkpoint: Checkpoint) -> str:
    """A stored head with the witnesses' lines."""
    lines = Cosignature.objects.filter(checkpoint=checkpoint).order_by("witness").values_list("line", flat=True)
    return checkpoint.note + "".join(lines)


def _waiting() -> list[Act]:
    """The entries without a place, in order. Their indexes have no gaps (docs/adr/0004), so the largest tells."""
    last = Leaf.objects.filter(entry__isnull=False).order_by("-entry_id").values_list("entry_id", flat=True).first()
    found = Entry.objects.filter(index__gt=-1 if last is None else last).order_by("index")
    return [act_of(entry) for entry in found[:AT_ONCE]]


def _covered(waiting: Sequence[Act]) -> list[_Placing]:
    """Two leaves for each entry, and covers to the next multiple of `BATCH`, at least one such; in random order."""
    batch = [_Placing(act.commitment, act.index) for act in waiting]
    batch += [_Placing(acts.commitment(act), act.index, is_act=True) for act in waiting]
    wanted = max(-(-len(batch) // BATCH), 1) * BATCH
    batch += [_Placing(os.urandom(chain.HASH_BYTES)) for _ in range(wanted - len(batch))]
    _LOT.shuffle(batch)
    return batch


def _row(position: int, placing: _Placing) -> dict[str, object]:
    return {
        "position": position,
        "commitment": placing.commitment,
        "entry_id": placing.entry,
        "is_act": placing.is_act,
    }


def _compact(last: Checkpoint | None) -> tree.Compact:
    if last is None:
        return tree.Compact()
    peaks = bytes(last.peaks)
    step = chain.HASH_BYTES
    return tree.Compact(last.size, tuple(peaks[at : at + step] for at in range(0, len(peaks), step)))


def _head(last: Checkpoint | None) -> notes.Checkpoint | None:
    return notes.read_checkpoint(notes.read(last.note.encode()).text) if last else None


def _root_at(size: int) -> bytes | None:
    found = Checkpoint.objects.filter(size=size).values_list("root", flat=True).first()
    return bytes(found) if found is not None else None
