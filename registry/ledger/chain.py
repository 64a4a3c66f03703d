"""The bytes and hashes of the log: commitments, entries chained one to the next, the statement that a receipt signs.

All inputs of a hash have a fixed length behind a domain of their own, so no two readings of the same bytes exist.
A commitment says nothing without its salt; deleting the salt erases what it stood for and breaks no proof.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

COMMITMENT_DOMAIN = b"eu-compute-registry/commitment/v1\n"
ENTRY_DOMAIN = b"eu-compute-registry/entry/v1\n"
RECEIPT_DOMAIN = b"eu-compute-registry/receipt/v1\n"

HASH_BYTES = 32
GENESIS = bytes(HASH_BYTES)  # what stands before the first entry

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class EntryLike(Protocol):
    """What `verify` reads of an entry, wherever it is kept."""

    @property
    def index(self) -> int: ...
    @property
    def previous_hash(self) -> bytes: ...
    @property
    def at(self) -> datetime: ...
    @property
    def commitment(self) -> bytes: ...
    @property
    def entry_hash(self) -> bytes: ...


@dataclass(frozen=True)
class Break:
    """The first place where the chain does not hold, and why in a word: `index`, `previous_hash` or `entry_hash`."""

    index: int
    part: str


def commitment(*, salt: bytes, digest: bytes) -> bytes:
    """Commit to a digest (32 bytes) under a salt (32 bytes). Raises ValueError for other lengths."""
    _require_length(salt, "salt")
    _require_length(digest, "digest")
    return hashlib.sha256(COMMITMENT_DOMAIN + salt + digest).digest()


def entry_hash(*, index: int, previous_hash: bytes, at: datetime, commitment: bytes) -> bytes:
    """The hash of one entry: domain, index (8 bytes), hash before, moment (microseconds, 8 bytes), commitment.

    Raises ValueError for hashes that are not 32 bytes or a moment without a zone, OverflowError for a negative index.
    """
    _require_length(previous_hash, "previous_hash")
    _require_length(commitment, "commitment")
    if at.tzinfo is None:
        raise ValueError("the moment of an entry needs its zone")
    moment = (at - _EPOCH) // _MICROSECOND
    numbered = index.to_bytes(8, "big") + previous_hash + moment.to_bytes(8, "big", signed=True)
    return hashlib.sha256(ENTRY_DOMAIN + numbered + commitment).digest()


def verify(entries: Iterable[EntryLike], *, index: int = 0, previous_hash: bytes = GENESIS) -> Break | None:
    """The first break in `entries`, read in order from `index` after `previous_hash`; None when the chain holds.

    It reads one entry at a time, so a log of any length needs no memory.
    """
    for entry in entries:
        if entry.index != index:
            return Break(index, "index")
        if bytes(entry.previous_hash) != previous_hash:
            return Break(index, "previous_hash")
        expected = entry_hash(index=index, previous_hash=previous_hash, at=entry.at, commitment=bytes(entry.commitment))
        if bytes(entry.entry_hash) != expected:
            return Break(index, "entry_hash")
        index, previous_hash = index + 1, expected
    return None


def moment_text(at: datetime) -> str:
    """A moment as receipts write it: RFC 3339 in UTC with six decimals. Raises ValueError without a zone."""
    if at.tzinfo is None:
        raise ValueError("a moment needs its zone")
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def statement(members: Mapping[str, str | int]) -> bytes:
    """The bytes that a receipt's signature covers: its domain, then its members as canonical JSON (RFC 8785).

    Member names must be ASCII, whole numbers below 2^53: within that, Python's own writer is canonical.
    """
    text = json.dumps(dict(members), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return RECEIPT_DOMAIN + text.encode()


def _require_length(value: bytes, name: str) -> None:
    if len(value) != HASH_BYTES:
        raise ValueError(f"{name} has {len(value)} bytes, not {HASH_BYTES}")
