"""What opens a commitment: the salt and the digest of the document. It is secret: only filer and authority have it."""

import hashlib
from typing import Any, NamedTuple

from ecar_verify import documents
from ecar_verify.refusals import Malformed

LEAF_VERSION = b"\x01"
_OPTIONAL = {"document_sha256", "digest_algorithm", "schema_version"}


class Opening(NamedTuple):
    """The salt (32 bytes), and the document's digest where the opening states it."""

    salt: bytes
    digest: bytes | None


def read_opening(members: Any) -> Opening:
    """An opening from its JSON members. Raises `Malformed`."""
    if not isinstance(members, dict) or set(members) - _OPTIONAL != {"salt"}:
        raise Malformed("an opening has a salt, and may have document_sha256, digest_algorithm and schema_version")
    for name in {"digest_algorithm", "schema_version"} & set(members):
        if not isinstance(members[name], str):
            raise Malformed(f"{name} is no text")
    stated = documents.hexadecimal(members, "document_sha256", 32) if "document_sha256" in members else None
    return Opening(documents.hexadecimal(members, "salt", 32), stated)


def commitment_of(salt: bytes, digest: bytes) -> bytes:
    """The commitment (32 bytes) to a digest under a salt."""
    return hashlib.sha256(b"eu-compute-registry/commitment/v1\n" + salt + digest).digest()


def entry_of(commitment: bytes) -> bytes:
    """The 33 bytes that stand in the log for a commitment."""
    return LEAF_VERSION + commitment
