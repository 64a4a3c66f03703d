"""The Merkle tree of the public log: hashes, roots, proofs of inclusion and of consistency (RFC 6962, RFC 9162).

A leaf is a version byte and a commitment; it says nothing. Proofs are made from a function that gives the hash of any
complete subtree, so they come from memory or from published tiles alike. Hashes are SHA-256, 32 raw bytes everywhere.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()  # RFC 6962, section 2.1: the root of no leaves
LEAF_VERSION = b"\x01"

_LEAF, _NODE = b"\x00", b"\x01"  # RFC 6962, section 2.1: a leaf cannot be taken for a node

Nodes = Callable[[int, int], bytes]
"""The hash of the complete subtree over the leaves [index * 2**level, (index + 1) * 2**level)."""

_Span = tuple[int, int]


class ProofRefused(ValueError):
    """A proof that does not hold; the text says why."""


@dataclass(frozen=True)
class Compact:
    """All that must be kept of `size` leaves to add more: the roots of its complete subtrees, the largest first."""

    size: int = 0
    peaks: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if self.size < 0 or self.size.bit_count() != len(self.peaks):
            raise ValueError(f"a tree of {self.size} leaves does not have {len(self.peaks)} complete subtrees")

    @property
    def root(self) -> bytes:
        """The root of the tree."""
        return folded(self.peaks)

    def grown(self, leaf_hashes: Iterable[bytes]) -> "Compact":
        """The same tree with `leaf_hashes` after its last leaf. Reads one at a time, so memory stays small."""
        sha256, peaks, size = hashlib.sha256, list(self.peaks), self.size
        for node in leaf_hashes:
            carry = size
            while carry & 1:
                node = sha256(_NODE + peaks.pop() + node).digest()
                carry >>= 1
            peaks.append(node)
            size += 1
        return Compact(size, tuple(peaks))


def leaf(*, commitment: bytes) -> bytes:
    """The 33 bytes that stand in the log for a commitment (32 bytes). Raises ValueError for another length."""
    if len(commitment) != HASH_BYTES:
        raise ValueError(f"a commitment has {HASH_BYTES} bytes, not {len(commitment)}")
    return LEAF_VERSION + commitment


def leaf_hash(data: bytes) -> bytes:
    """The hash of a leaf's bytes."""
    return hashlib.sha256(_LEAF + data).digest()


def node_hash(*, left: bytes, right: bytes) -> bytes:
    """The hash of a node over the hashes of its two halves."""
    return hashlib.sha256(_NODE + left + right).digest()


def root(leaf_hashes: Iterable[bytes]) -> bytes:
    """The root of a tree, from the hashes of its leaves in order."""
    return Compact().grown(leaf_hashes).root


def folded(peaks: Sequence[bytes]) -> bytes:
    """The root over complete subtrees that stand side by side, the largest first; of none, the empty root."""
    if not peaks:
        return EMPTY_ROOT
    total = peaks[-1]
    for peak in reversed(peaks[:-1]):
        total = node_hash(left=peak, right=total)
    return total


def in_memory(leaf_hashes: Iterable[bytes]) -> Nodes:
    """The complete subtrees over `leaf_hashes`, kept in memory (two hashes a leaf). LookupError for what is absent."""
    levels = [list(leaf_hashes)]
    while len(levels[-1]) > 1:
        below = iter(levels[-1])
        levels.append([node_hash(left=left, right=right) for left, right in zip(below, below, strict=False)])

    def node(level: int, index: int) -> bytes:
        return levels[level][index]

    return node


def compact(*, size: int, nodes: Nodes) -> Compact:
    """What must be kept of the tree's first `size` leaves."""
    return Compact(size, tuple(nodes(level, start >> level) for level, start in _complete(0, size)))


def inclusion(*, index: int, size: int, nodes: Nodes) -> list[bytes]:
    """The proof that leaf `index` is in the tree of `size` leaves: hashes from the leaf's sibling up to below the root.

    Raises ValueError when there is no such leaf.
    """
    if not 0 <= index < size:
        raise ValueError(f"a tree of {size} leaves has no leaf {index}")
    return [_span_hash(span, nodes) for span in _path(index, (0, size))]


def consistency(*, old: int, new: int, nodes: Nodes) -> list[bytes]:
    """The proof that the tree of `old` leaves begins the tree of `new` leaves. Empty when `old` is 0 or equals `new`.

    Raises ValueError when `new` is smaller.
    """
    if not 0 <= old <= new:
        raise ValueError(f"a tree of {new} leaves does not begin with {old}")
    if old == 0:
        return []
    return [_span_hash(span, nodes) for span in _growth(old, (0, new), known=True)]


def verify_inclusion(*, index: int, size: int, leaf_hash: bytes, proof: Sequence[bytes], root: bytes) -> None:
    """Check that `leaf_hash` is leaf `index` of the tree with that size and root (RFC 9162, 2.1.3.2).

    Raises `ProofRefused`.
    """
    _require_hashes(leaf_hash, root, *proof)
    if not 0 <= index < size:
        raise ProofRefused(f"a tree of {size} leaves has no leaf {index}")
    place, last, total = index, size - 1, leaf_hash
    for sibling in proof:
        if last == 0:
            raise ProofRefused("the proof is too long")
        if place & 1 or place == last:
            total = node_hash(left=sibling, right=total)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            total = node_hash(left=total, right=sibling)
        place, last = place >> 1, last >> 1
    if last:
        raise ProofRefused("the proof is too short")
    if total != root:
        raise ProofRefused("the proof does not lead to the root")


def verify_consistency(*, old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> None:
    """Check that the tree (`old`, `old_root`) begins the tree (`new`, `new_root`) (RFC 9162, 2.1.4.2).

    The empty tree begins every tree and needs no proof. Raises `ProofRefused`.
    """
    _require_hashes(old_root, new_root, *proof)
    if not 0 <= old <= new:
        raise ProofRefused(f"a tree of {new} leaves does not begin with {old}")
    if old in (0, new):
        if proof:
            raise ProofRefused("the proof is too long")
        if old_root != (new_root if old == new else EMPTY_ROOT):
            raise ProofRefused("two roots of one size differ")
        return
    if _climbed(old, new, [old_root, *proof] if old & (old - 1) == 0 else proof) != (old_root, new_root):
        raise ProofRefused("the proof does not lead to both roots")


def _climbed(old: int, new: int, path: Sequence[bytes]) -> tuple[bytes, bytes]:
    """The old and the new root that a proof of consistency leads to."""
    if not path:
        raise ProofRefused("the proof is too short")
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    old_total = new_total = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise ProofRefused("the proof is too long")
        if place & 1 or place == last:
            old_total = node_hash(left=sibling, right=old_total)
            new_total = node_hash(left=sibling, right=new_total)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            new_total = node_hash(left=new_total, right=sibling)
        place, last = place >> 1, last >> 1
    if last:
        raise ProofRefused("the proof is too short")
    return old_total, new_total


def _require_hashes(*values: bytes) -> None:
    if any(len(value) != HASH_BYTES for value in values):
        raise ProofRefused(f"a hash does not have {HASH_BYTES} bytes")


def _middle(span: _Span) -> int:
    """Where RFC 6962 cuts a span of two leaves or more: after the largest power of two below its length."""
    return span[0] + (1 << ((span[1] - span[0] - 1).bit_length() - 1))


def _path(index: int, span: _Span) -> list[_Span]:
    """The spans whose hashes prove leaf `index` within `span`, from its sibling upwards."""
    above = []
    while span[1] - span[0] > 1:
        middle = _middle(span)
        left, right = (span[0], middle), (middle, span[1])
        span, beside = (left, right) if index < middle else (right, left)
        above.append(beside)
    return above[::-1]


def _growth(old: int, span: _Span, *, known: bool) -> list[_Span]:
    """The spans whose hashes prove the first `old` leaves within `span` (RFC 6962, SUBPROOF)."""
    above = []
    while old != span[1]:
        middle = _middle(span)
        if old <= middle:
            above.append((middle, span[1]))
            span = (span[0], middle)
        else:
            above.append((span[0], middle))
            span, known = (middle, span[1]), False
    return above[::-1] if known else [span, *above[::-1]]


def _complete(start: int, end: int) -> Iterator[tuple[int, int]]:
    """The complete subtrees of a span that starts where one of its length may start: level and first leaf."""
    while start < end:
        level = (end - start).bit_length() - 1
        yield level, start
        start += 1 << level


def _span_hash(span: _Span, nodes: Nodes) -> bytes:
    return folded([nodes(level, start >> level) for level, start in _complete(*span)])
