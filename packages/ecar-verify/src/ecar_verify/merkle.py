"""Merkle tree hashes and proofs, by the recursive definitions of RFC 6962, section 2.1. SHA-256, 32 raw bytes."""

import hashlib
from collections.abc import Sequence

from ecar_verify.refusals import Malformed, Misbehaviour, NotIncluded

EMPTY = hashlib.sha256(b"").digest()


def leaf_hash(entry: bytes) -> bytes:
    """The hash of a leaf."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of a node over its halves."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Growing:
    """A tree that is read leaf by leaf: it keeps the roots of its complete subtrees and nothing else."""

    def __init__(self) -> None:
        """The empty tree."""
        self.size = 0
        self._roots: list[tuple[int, bytes]] = []  # height and root, the tallest first

    def add(self, leaf: bytes) -> None:
        """Append the hash of a leaf."""
        height = 0
        while self._roots and self._roots[-1][0] == height:
            leaf = node_hash(self._roots.pop()[1], leaf)
            height += 1
        self._roots.append((height, leaf))
        self.size += 1

    def root(self) -> bytes:
        """The root of what was read."""
        if not self._roots:
            return EMPTY
        total = self._roots[-1][1]
        for _, left in self._roots[-2::-1]:
            total = node_hash(left, total)
        return total


def require_included(*, leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """The leaf's hash stands at `index` of the tree. Raises `NotIncluded`."""
    _require_hashes(leaf, root, *proof)
    if not 0 <= index < size:
        raise NotIncluded(f"a log of {size} entries has no entry {index}")
    if _root_over(leaf, index, size, list(proof)) != root:
        raise NotIncluded("the inclusion proof does not lead from this entry to the checkpoint's root")


def require_consistent(*, old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> None:
    """The first tree begins the second. Raises `Misbehaviour` (without evidence: the caller adds it)."""
    _require_hashes(old_root, new_root, *proof)
    if not 0 <= old <= new:
        raise Malformed(f"a log of {new} entries cannot begin with {old}")
    if old in (0, new):
        roots = (EMPTY if old == 0 < new else new_root, new_root)
        if proof:
            raise Misbehaviour("a proof was given where none is needed")
    else:
        roots = _both_roots(old, new, list(proof), old_root)
    if roots != (old_root, new_root):
        raise Misbehaviour(f"the log of {new} entries does not begin with the log of {old}")


def _require_hashes(*values: bytes) -> None:
    if any(len(value) != len(EMPTY) for value in values):
        raise Malformed("a hash does not have 32 bytes")


def _cut(size: int) -> int:
    """The largest power of two below `size`."""
    return int(1 << ((size - 1).bit_length() - 1))


def _root_over(leaf: bytes, index: int, size: int, proof: list[bytes]) -> bytes:
    if size == 1:
        if proof:
            raise NotIncluded("the inclusion proof is too long")
        return leaf
    if not proof:
        raise NotIncluded("the inclusion proof is too short")
    beside, cut = proof.pop(), _cut(size)
    if index < cut:
        return node_hash(_root_over(leaf, index, cut, proof), beside)
    return node_hash(beside, _root_over(leaf, index - cut, size - cut, proof))


def _both_roots(old: int, size: int, proof: list[bytes], whole: bytes | None) -> tuple[bytes, bytes]:
    """The old and the new root over a subtree. `whole` is the old root where the subtree starts with the log."""
    if old == size:
        here = whole if whole is not None else (proof.pop() if proof else b"")
        if proof or not here:
            raise Misbehaviour("the consistency proof has the wrong length")
        return here, here
    if not proof:
        raise Misbehaviour("the consistency proof is too short")
    beside, cut = proof.pop(), _cut(size)
    if old <= cut:
        before, after = _both_roots(old, cut, proof, whole)
        return before, node_hash(after, beside)
    before, after = _both_roots(old - cut, size - cut, proof, None)
    return node_hash(beside, before), node_hash(beside, after)
