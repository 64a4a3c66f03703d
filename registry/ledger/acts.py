"""What an entry says beside its commitment (kind, subject, actor, mandate), committed to in a leaf of its own.

The public log holds two leaves for an entry: the commitment to the content, and the commitment to the act. The second
covers the entry's hash and with it index, moment and commitment, so none of these can be altered once it is in the log.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from registry.ledger import chain

ACT_DOMAIN = b"eu-compute-registry/act/v1\n"


class ActLike(chain.EntryLike, Protocol):
    """What the commitment to an act is made of, wherever the entry is kept."""

    @property
    def kind(self) -> str: ...
    @property
    def subject(self) -> str: ...
    @property
    def actor(self) -> str: ...
    @property
    def mandate(self) -> UUID | None: ...
    @property
    def salt(self) -> bytes: ...


@dataclass(frozen=True, kw_only=True)
class Act:
    """An entry with all that is committed to, as raw bytes and plain values."""

    index: int
    kind: str
    subject: str
    actor: str
    mandate: UUID | None
    at: datetime
    commitment: bytes
    previous_hash: bytes
    entry_hash: bytes
    salt: bytes


def statement(act: ActLike) -> bytes:
    """The act as canonical JSON (RFC 8785): names are ASCII and all values texts, so Python's writer is canonical."""
    members = {
        "actor": act.actor,
        "entry_hash": bytes(act.entry_hash).hex(),
        "kind": act.kind,
        "mandate": str(act.mandate or ""),
        "subject": act.subject,
    }
    return json.dumps(members, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def commitment(act: ActLike) -> bytes:
    """The commitment (32 bytes) to an act under its salt. Raises ValueError for a salt that is not 32 bytes."""
    digest = hashlib.sha256(ACT_DOMAIN + statement(act)).digest()
    return chain.commitment(salt=bytes(act.salt), digest=digest)
