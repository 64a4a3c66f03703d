"""Consistency of two Merkle trees, by the recursive definition of RFC 6962, section 2.1.2. SHA-256, 32 raw bytes."""

import hashlib
from collections.abc import Sequence

EMPTY = hashlib.sha256(b"").digest()


def is_consistent(*, old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether the proof shows that the tree (`new`, `new_root`) begins with the tree (`old`, `old_root`)."""
    if not 0 <= old <= new:
        return False
    if old == 0:
        return not proof and old_root == EMPTY
    if old == new:
        return not proof and old_root == new_root
    rest = list(proof)
    try:
        roots = _roots(old, new, rest, old_root, known=True)
    except IndexError:  # too short
        return False
    return not rest and roots == (old_root, new_root)


def _roots(old: int, new: int, proof: list[bytes], old_root: bytes, *, known: bool) -> tuple[bytes, bytes]:
    """The roots of the first `old` and of all `new` leaves of a subtree, its hashes taken from the proof in order."""
    if old == new:
        root = old_root if known else proof.pop(0)
        return root, root
    half = 1 << ((new - 1).bit_length() - 1)
    if old <= half:
        left_old, left_new = _roots(old, half, proof, old_root, known=known)
        return left_old, _node(left_new, proof.pop(0))
    right_old, right_new = _roots(old - half, new - half, proof, old_root, known=False)
    left = proof.pop(0)
    return _node(left, right_old), _node(left, right_new)


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()
