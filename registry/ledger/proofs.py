"""The second half of a receipt: the proof that a commitment is in the public log, from its tiles (tlog-proof@v1).

Until the sequencer has run there is none; a proof that was given stays valid for ever, and any later one is as good.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from registry.ledger import notes, sequencing, tiles, tree
from registry.ledger.chain import moment_text
from registry.ledger.models import Checkpoint, Leaf
from registry.ledger.publishing import Folder

PROMISE: Final = timedelta(seconds=60)  # from the acceptance to the place in the log
LOOKED_BACK: Final = 20  # heads among which one with the quorum is looked for

Quorum = Callable[[str], bool]
"""Whether enough witnesses signed a note."""


@dataclass(frozen=True)
class Included:
    """Where a commitment stands, and the proof as text. `witnesses` are those whose signatures are in it."""

    index: int
    size: int
    proof: str
    witnesses: tuple[str, ...]
    is_quorate: bool


def included(commitment: bytes, *, published: Folder, quorum: Quorum) -> Included | None:
    """The proof for a commitment (32 bytes), under the newest head that the quorum signed, else the newest; None while
    it is not published. Ask it inside a unit of work. Raises FileNotFoundError or `TileRefused` for broken files.
    """
    positions = Leaf.objects.filter(commitment=commitment).order_by("position")
    index = positions.values_list("position", flat=True).first()
    shown = published.head()
    if index is None or shown is None or index >= shown.size:
        return None
    found = Checkpoint.objects.filter(size__gt=index, size__lte=shown.size).order_by("-size")[:LOOKED_BACK]
    heads = [(head, sequencing.note_of(head)) for head in found]
    nodes = tiles.nodes(size=shown.size, fetch=published.read)
    return _proved(index, heads, nodes, quorum)


def told(commitment: bytes, *, at: datetime, published: Folder, quorum: Quorum) -> dict[str, Any]:
    """Where a commitment stands, as JSON members: with the proof; until there is one, by when it is promised."""
    found = included(commitment, published=published, quorum=quorum)
    if found is None:
        return {"state": "waiting", "expected_by": moment_text(at + PROMISE)}
    return {
        "state": "included",
        "index": found.index,
        "size": found.size,
        "proof": found.proof,
        "witnesses": list(found.witnesses),
        "quorum": "reached" if found.is_quorate else "pending",
    }


def _proved(index: int, heads: Sequence[tuple[Checkpoint, str]], nodes: tree.Nodes, quorum: Quorum) -> Included | None:
    chosen = next((each for each in heads if quorum(each[1])), heads[0] if heads else None)
    if chosen is None:
        return None
    head, note = chosen
    proof = notes.Proof(index, tuple(tree.inclusion(index=index, size=head.size, nodes=nodes)), note)
    return Included(index, head.size, str(proof), _witnesses(note), quorum(note))


def _witnesses(note: str) -> tuple[str, ...]:
    """The names in the signature lines but the log's own, which is the origin."""
    read = notes.read(note.encode())
    origin = notes.read_checkpoint(read.text).origin
    return tuple(signature.name for signature in read.signatures if signature.name != origin)
