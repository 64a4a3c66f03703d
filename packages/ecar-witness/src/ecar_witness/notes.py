"""Signed notes and checkpoints, read strictly (C2SP signed-note, tlog-checkpoint, tlog-cosignature with Ed25519)."""

import binascii
import hashlib
import re
from base64 import b64decode, b64encode
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

LOG, WITNESS = 1, 4  # signature types: Ed25519, and timestamped Ed25519 cosignature
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)


class Malformed(ValueError):
    """A text that is not of its form."""


class Key(NamedTuple):
    """A verifier key: name, signature type, 32 bytes of Ed25519."""

    name: str
    type: int
    public: bytes

    def id(self) -> bytes:
        """The four bytes before each of its signatures."""
        return hashlib.sha256(self.name.encode() + b"\n" + bytes([self.type]) + self.public).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.id().hex()}+{base64(bytes([self.type]) + self.public)}"


class Checkpoint(NamedTuple):
    """A log's head: origin, size, root; and its text as signed, with the signature lines after it."""

    origin: str
    size: int
    root: bytes
    text: str
    lines: tuple[str, ...]


def base64(value: bytes) -> str:
    """Standard Base64, padded."""
    return b64encode(value).decode("ascii")


def from_base64(text: str) -> bytes:
    """Bytes from standard Base64 in its one form. Raises `Malformed`."""
    try:
        value = b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise Malformed("this is not Base64") from None
    if base64(value) != text:
        raise Malformed("this is Base64 of another form")
    return value


def hash_from(text: str) -> bytes:
    """A hash from its Base64. Raises `Malformed`."""
    value = from_base64(text)
    if len(value) != 32:
        raise Malformed("a hash has 32 bytes")
    return value


def number_from(text: str) -> int:
    """A number below 2^63 from its decimal. Raises `Malformed`."""
    if not _DECIMAL.fullmatch(text) or int(text) >= 2**63:
        raise Malformed("a number is written in plain decimal below 2^63")
    return int(text)


def read_key(text: str) -> Key:
    """A log's verifier key. Raises `Malformed`."""
    parts = text.split("+", 2)
    material = from_base64(parts[2]) if len(parts) == 3 else b""
    if len(material) != 33 or material[0] != LOG or not parts[0] or re.search(r"\s", parts[0]):
        raise Malformed("this is no Ed25519 verifier key of a log")
    key = Key(parts[0], LOG, material[1:])
    if key.id().hex() != parts[1]:
        raise Malformed("the id does not fit the key")
    return key


def read_checkpoint(note: str) -> Checkpoint:
    """A signed checkpoint. Raises `Malformed`."""
    text, gap, tail = note.rpartition("\n\n")
    if not gap or not tail.endswith("\n") or _CONTROL.search(note) or len(tail.split("\n")) > 101:
        raise Malformed("a signed note is a text, an empty line and signature lines")
    lines = text.split("\n")
    if len(lines) < 3 or not all(lines):
        raise Malformed("a checkpoint has at least three lines, none empty")
    signatures = tuple(tail[:-1].split("\n"))
    for line in signatures:
        _signature(line)
    return Checkpoint(lines[0], number_from(lines[1]), hash_from(lines[2]), text + "\n", signatures)


def is_signed(checkpoint: Checkpoint, key: Key) -> bool:
    """Whether the log's key signed it: a line is by it, and every line by it holds."""
    found = [value for line in checkpoint.lines for name, value in [_signature(line)] if name == key.name]
    own = [value[4:] for value in found if value[:4] == key.id()]
    public = Ed25519PublicKey.from_public_bytes(key.public)
    try:
        for signature in own:
            public.verify(signature, checkpoint.text.encode())
    except InvalidSignature:
        return False
    return bool(own)


def cosign(checkpoint: Checkpoint, *, name: str, key: Ed25519PrivateKey, at: int) -> str:
    """The witness's signature line under a checkpoint, with the POSIX second `at`."""
    message = f"cosignature/v1\ntime {at}\n{checkpoint.text}".encode()
    own = Key(name, WITNESS, key.public_key().public_bytes_raw())
    return f"— {name} {base64(own.id() + at.to_bytes(8, 'big') + key.sign(message))}\n"


def _signature(line: str) -> tuple[str, bytes]:
    """Name and value of a signature line. Raises `Malformed`."""
    parts = line.split(" ")
    if len(parts) != 3 or parts[0] != "—" or not parts[1] or "+" in parts[1]:
        raise Malformed("a signature line is a dash, a name and a signature")
    value = from_base64(parts[2])
    if len(value) < 5:
        raise Malformed("a signature has a key id and something after it")
    return parts[1], value
