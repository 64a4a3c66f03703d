"""Receipts: the register's signed word that it holds a version, and at which place of its log.

A receipt carries hashes and nothing of the document; whoever holds salt and document can show what it stands for.
Signatures are Ed25519 (RFC 8032).
"""

import hashlib
import os
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from registry.ledger import chain

DIGEST_ALGORITHM = "SHA-256 over RFC 8785"
_TEXTS = ("origin", "filing", "digest_algorithm", "key_id")
_HASHES = ("commitment", "entry_hash", "previous_hash")
_PEM = re.compile(r"-----BEGIN PUBLIC KEY-----.+?-----END PUBLIC KEY-----\n?", re.DOTALL)
_MEMBERS = frozenset({*_TEXTS, *_HASHES, "version", "index", "received_at", "signature"})


class ReceiptRefused(ValueError):
    """A receipt that is malformed or does not hold; the text says where."""


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """What the register signs. `version` is the number of the version within the filing, `index` its place in the log.

    `mandate` is the id of the mandate under which an agent filed, empty and absent in JSON where there was none.
    `received_at` is the moment of the entry; hashes are raw bytes here and hexadecimal in JSON.
    """

    origin: str
    filing: str
    version: int
    commitment: bytes
    digest_algorithm: str
    index: int
    entry_hash: bytes
    previous_hash: bytes
    received_at: datetime
    key_id: str
    signature: bytes
    mandate: str = ""

    def as_json(self) -> dict[str, str | int]:
        """The receipt as JSON members, signature included."""
        return {**self._signed(), "signature": self.signature.hex()}

    def statement(self) -> bytes:
        """The bytes under the signature."""
        return chain.statement(self._signed())

    def _signed(self) -> dict[str, str | int]:
        return {
            "origin": self.origin,
            "filing": self.filing,
            "version": self.version,
            "commitment": self.commitment.hex(),
            "digest_algorithm": self.digest_algorithm,
            "index": self.index,
            "entry_hash": self.entry_hash.hex(),
            "previous_hash": self.previous_hash.hex(),
            "received_at": chain.moment_text(self.received_at),
            "key_id": self.key_id,
            **({"mandate": self.mandate} if self.mandate else {}),
        }


def sign(
    *, key: Ed25519PrivateKey, origin: str, filing: str, version: int, entry: chain.EntryLike, mandate: str = ""
) -> Receipt:
    """The receipt for the version of `filing` that `entry` committed to the log `origin`, under `mandate` if so."""
    unsigned = Receipt(
        origin=origin,
        filing=filing,
        version=version,
        commitment=bytes(entry.commitment),
        digest_algorithm=DIGEST_ALGORITHM,
        index=entry.index,
        entry_hash=bytes(entry.entry_hash),
        previous_hash=bytes(entry.previous_hash),
        received_at=entry.at.astimezone(UTC),
        key_id=key_id(key.public_key()),
        signature=b"",
        mandate=mandate,
    )
    return Receipt(**{**vars(unsigned), "signature": key.sign(unsigned.statement())})


def verify(receipt: Receipt, *, public_key: Ed25519PublicKey) -> None:
    """Check signature and entry hash. Raises `ReceiptRefused` with the reason."""
    if receipt.key_id != key_id(public_key):
        raise ReceiptRefused(f"the receipt names the key {receipt.key_id}, not {key_id(public_key)}")
    try:
        public_key.verify(receipt.signature, receipt.statement())
    except InvalidSignature:
        raise ReceiptRefused("the signature does not fit the receipt") from None
    expected = chain.entry_hash(
        index=receipt.index,
        previous_hash=receipt.previous_hash,
        at=receipt.received_at,
        commitment=receipt.commitment,
    )
    if expected != receipt.entry_hash:
        raise ReceiptRefused("the entry's hash does not follow from its parts")


def from_json(members: Mapping[str, Any]) -> Receipt:
    """Read a receipt from its JSON members. Raises `ReceiptRefused` for a missing, foreign or malformed one."""
    if set(members) - {"mandate"} != _MEMBERS:
        unmatched = sorted((set(members) ^ _MEMBERS) - {"mandate"})
        raise ReceiptRefused(f"these members do not match: {', '.join(unmatched)}")
    texts = (*_TEXTS, "mandate") if "mandate" in members else _TEXTS
    found: dict[str, Any] = {name: _typed(members, name, str) for name in texts}
    found |= {name: _hexadecimal(members, name, chain.HASH_BYTES) for name in _HASHES}
    found |= {name: _typed(members, name, int) for name in ("version", "index")}
    if min(found["version"], found["index"]) < 0:
        raise ReceiptRefused("version and index count from zero upwards")
    try:
        received_at = datetime.strptime(str(members["received_at"]), "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
    except ValueError:
        raise ReceiptRefused("received_at is not a moment in UTC") from None
    return Receipt(**found, received_at=received_at, signature=_hexadecimal(members, "signature", 64))


def key_id(public_key: Ed25519PublicKey) -> str:
    """The first eight bytes of the SHA-256 of the raw public key, in hexadecimal."""
    return hashlib.sha256(public_key.public_bytes_raw()).hexdigest()[:16]


def load_key(path: Path) -> Ed25519PrivateKey:
    """The signing key in the PEM file `path`. Raises FileNotFoundError, or ValueError when it is no Ed25519 key."""
    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError(f"{path} does not hold an Ed25519 key")
    return key


def ensure_key(path: Path) -> Ed25519PrivateKey:
    """The signing key at `path`, made first (mode 600) if there is none. Two that start at once agree on one key."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        pem = Ed25519PrivateKey.generate().private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        _place(path, pem)
    return load_key(path)


def public_pem(key: Ed25519PrivateKey) -> str:
    """The public half of `key` as PEM, for everybody who checks receipts."""
    return as_pem(key.public_key())


def former_keys(path: Path) -> list[Ed25519PublicKey]:
    """The public keys that signed before, in a file of PEM blocks. Raises ValueError for one that is not Ed25519."""
    found = []
    for block in _PEM.findall(path.read_text(encoding="ascii")):
        key = serialization.load_pem_public_key(block.encode())
        if not isinstance(key, Ed25519PublicKey):
            raise ValueError(f"{path} holds a key that is not Ed25519")
        found.append(key)
    return found


def as_pem(key: Ed25519PublicKey) -> str:
    """A public key as PEM (SubjectPublicKeyInfo)."""
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode("ascii")


def _place(path: Path, content: bytes) -> None:
    """Put a whole file at `path` unless one is there: written aside (mode 600), then linked in one step."""
    handle, aside = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(aside, path)
        except FileExistsError:
            return
    finally:
        Path(aside).unlink()


def _typed(members: Mapping[str, Any], name: str, kind: type) -> Any:
    value = members[name]
    if not isinstance(value, kind) or isinstance(value, bool):
        raise ReceiptRefused(f"{name} is not of the right type")
    return value


def _hexadecimal(members: Mapping[str, Any], name: str, length: int) -> bytes:
    value = members[name]
    if not isinstance(value, str) or not re.fullmatch(f"[0-9a-f]{{{2 * length}}}", value, re.ASCII):
        raise ReceiptRefused(f"{name} is not {length} bytes in lower-case hexadecimal")
    return bytes.fromhex(value)
