"""`ecar-verify checkpoint` and `ecar-verify consistency`: signed heads of the log, alone and against each other."""

from argparse import Namespace
from pathlib import Path

from ecar_verify import acceptance, documents, merkle, notes, walk
from ecar_verify.merkle import Growing
from ecar_verify.policy import Judged, Policy, judge, trust
from ecar_verify.refusals import Malformed, Misbehaviour
from ecar_verify.source import Source


def run_checkpoint(given: Namespace) -> dict[str, object]:
    """Verify a checkpoint's signatures against the policy. Raises `Refused`."""
    judged = load(given.file, trust(policy=given.policy, keys=given.key))
    judged.require_quorum()
    return shown(judged)


def run_consistency(given: Namespace) -> dict[str, object]:
    """Verify that one checkpoint's log begins the other's. Raises `Refused`."""
    policy = trust(policy=given.policy, keys=given.key)
    both = sorted((load(path, policy) for path in (given.old, given.new)), key=lambda each: each.checkpoint.size)
    old, new = both
    if old.checkpoint.origin != new.checkpoint.origin:
        raise Malformed("these are checkpoints of two logs")
    require_agreed(old, new)
    if given.log:
        _walked(Source(given.log), old, new)
    elif old.checkpoint.size not in (0, new.checkpoint.size):
        if not given.proof:
            raise Malformed("checkpoints of two sizes need --proof or --log")
        _proved(read_hashes(Path(given.proof).read_bytes()), old, new)
    for judged in both:
        judged.require_quorum()
    return {"origin": new.checkpoint.origin, "old": shown(old), "new": shown(new)}


def load(path: str, policy: Policy) -> Judged:
    """The checkpoint in a file; of a receipt, the one its proof holds. Raises `Malformed` or `BadSignature`."""
    content = Path(path).read_bytes()
    if content.startswith(b"{"):
        place = acceptance.read(content).place
        if place is None:
            raise Malformed("the receipt has no proof yet: fetch it again a minute after filing")
        content = place.proof
    if content.startswith(b"c2sp.org/tlog-proof@"):
        content = notes.read_proof(content).checkpoint
    return judge(content, policy)


def shown(judged: Judged) -> dict[str, object]:
    """A checkpoint as answers show it."""
    origin, size, root = judged.checkpoint
    return {"origin": origin, "size": size, "root": notes.base64(root), "witnesses": judged.witnessed}


def require_agreed(old: Judged, new: Judged) -> None:
    """Two checkpoints agree as far as they can be compared alone. Raises `Misbehaviour`."""
    if old.checkpoint.size == new.checkpoint.size and old.checkpoint.root != new.checkpoint.root:
        raise Misbehaviour(
            f"the log signed two different roots for size {old.checkpoint.size}", checkpoints=texts(old, new)
        )
    if old.checkpoint.size == 0 and old.checkpoint.root != merkle.EMPTY:
        raise Misbehaviour("the log signed a false root of the empty log", checkpoints=texts(old, new))


def texts(*judged: Judged) -> list[str]:
    """The signed notes, verbatim."""
    return [each.note.whole for each in judged]


def read_hashes(content: bytes) -> list[bytes]:
    """The hashes of a consistency proof: Base64, one a line, or the member `proof` of a JSON object."""
    if content.startswith(b"{"):
        lines = documents.read(content).get("proof")
        if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
            raise Malformed("the member proof is no list of Base64 texts")
    else:
        text = notes.plain_text(content)
        if text and not text.endswith("\n"):
            raise Malformed("the last line of the proof is cut")
        lines = text.split("\n")[:-1]
    return [notes.hash_from(line) for line in lines]


def _proved(hashes: list[bytes], old: Judged, new: Judged) -> None:
    try:
        merkle.require_consistent(
            old=old.checkpoint.size,
            new=new.checkpoint.size,
            old_root=old.checkpoint.root,
            new_root=new.checkpoint.root,
            proof=hashes,
        )
    except Misbehaviour as refused:
        proof = {"proof": [notes.base64(each) for each in hashes]}
        raise Misbehaviour(f"{refused}", checkpoints=texts(old, new), details=proof) from None


def _walked(source: Source, old: Judged, new: Judged) -> None:
    """Recompute both roots from the published entries."""
    growing, roots = Growing(), {0: merkle.EMPTY}
    sizes = (old.checkpoint.size, new.checkpoint.size)
    try:
        for entry in walk.entries(source, sizes[1]):
            growing.add(merkle.leaf_hash(entry))
            if growing.size in sizes:
                roots[growing.size] = growing.root()
    except Misbehaviour as refused:
        raise Misbehaviour(f"{refused}", checkpoints=texts(old, new), details=refused.details) from None
    for judged in (old, new):
        size, root = judged.checkpoint.size, judged.checkpoint.root
        if roots[size] != root:
            found = {"size": size, "root_of_published_entries": notes.base64(roots[size])}
            raise Misbehaviour(
                f"the published entries do not lead to the root that the log signed for size {size}",
                checkpoints=texts(old, new),
                details=found,
            )
