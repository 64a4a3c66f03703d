"""Whether database, public log and the copy outside say the same: every entry, both its leaves, every signed head.

For the operator and the auditor, who may read what the entries say; the public's verifier needs none of this.
"""

from collections.abc import Iterator

from registry.acting import Actor, inside_acting_as
from registry.ledger import acts, chain, log, sequencing, tree
from registry.ledger.keeping import OUTSIDE, PUBLISHED, Places
from registry.ledger.models import Checkpoint, Entry, Leaf

READ_AT_ONCE = 2_000
MOST = 100  # findings that are told


@inside_acting_as
def check(*, there: Places, by: Actor) -> list[str]:
    """What is wrong, in sentences, at most `MOST`; nothing when all holds. Reads everything once, in little memory."""
    by.require("log_sequence")
    found: list[str] = []
    for finding in (*_chain(), *_entries(), *_heads(), *_elsewhere(there)):
        found.append(finding)
        if len(found) == MOST:
            break
    return found


def _chain() -> Iterator[str]:
    entries = Entry.objects.order_by("index").iterator(chunk_size=READ_AT_ONCE)
    broken = chain.verify(map(log.line_of, entries))
    if broken is not None:
        yield f"entry {broken.index}: its {broken.part} does not hold"


def _entries() -> Iterator[str]:
    """Each entry up to the last placed one has its two leaves, which commit to what it says."""
    placed = Leaf.objects.filter(entry__isnull=False).order_by("-entry_id").values_list("entry_id", flat=True).first()
    entries = Entry.objects.filter(index__lte=-1 if placed is None else placed).order_by("index")
    for entry in entries.prefetch_related("leaves").iterator(chunk_size=READ_AT_ONCE):
        leaves = {leaf.is_act: bytes(leaf.commitment) for leaf in entry.leaves.all()}
        act = sequencing.act_of(entry)
        if leaves.get(False) != act.commitment:
            yield f"entry {entry.index}: the log holds another content, or none"
        if leaves.get(True) != acts.commitment(act):
            yield f"entry {entry.index}: the log holds another kind, subject, actor or moment, or none"


def _heads() -> Iterator[str]:
    """The leaves lead to the root of every head."""
    grown, at = tree.Compact(), 0
    for size, root in Checkpoint.objects.order_by("size").values_list("size", "root").iterator():
        grown = grown.grown(map(tree.leaf_hash, sequencing.leaves(at, size)))
        at = size
        if grown.size != size:
            yield f"head {size}: there are only {grown.size} leaves"
            return
        if grown.root != bytes(root):
            yield f"head {size}: the leaves do not lead to its root"
            return


def _elsewhere(there: Places) -> Iterator[str]:
    for where, head in ((OUTSIDE, there.outside.head()), (PUBLISHED, there.published.head())):
        if head is None:
            yield f"{where} has no head"
            continue
        stored = Checkpoint.objects.filter(size=head.size).values_list("root", flat=True).first()
        if stored is None or bytes(stored) != head.root:
            yield f"{where} knows a head of {head.size} leaves that the database does not have"
