"""Signed notes, checkpoints and proofs as text (C2SP signed-note, tlog-checkpoint, tlog-cosignature, tlog-proof).

One text has one meaning: whatever is not exactly of the form is malformed.
"""

import binascii
import hashlib
from base64 import b64decode, b64encode
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from ecar_verify.refusals import BadSignature, Malformed

LOG, WITNESS = 1, 4  # signature types: Ed25519, and timestamped Ed25519 cosignature
_LARGEST = 1_000_000
_MOST_LINES = 100
_PROOF = "c2sp.org/tlog-proof@v1"


class Key(NamedTuple):
    """A verifier key: its name, its signature type (`LOG` or `WITNESS`), 32 bytes of Ed25519."""

    name: str
    type: int
    public: bytes

    def id(self) -> bytes:
        """The four bytes before each of its signatures."""
        return hashlib.sha256(self.name.encode() + b"\n" + bytes([self.type]) + self.public).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.id().hex()}+{base64(bytes([self.type]) + self.public)}"


class Line(NamedTuple):
    """A signature line."""

    name: str
    key_id: bytes
    signature: bytes


class Note(NamedTuple):
    """What is signed, with its last newline, and the lines that sign it; `whole` is the note verbatim."""

    text: str
    lines: tuple[Line, ...]
    whole: str


class Checkpoint(NamedTuple):
    """A log's statement: origin, number of entries, root hash."""

    origin: str
    size: int
    root: bytes


class Proof(NamedTuple):
    """Place (index) of an entry, hashes that prove it, checkpoint (a note, verbatim). Nothing protects `extra`."""

    place: int
    hashes: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes | None


def base64(value: bytes) -> str:
    """Standard Base64, padded."""
    return b64encode(value).decode("ascii")


def from_base64(text: str) -> bytes:
    """Bytes from standard Base64 in its one form. Raises `Malformed`."""
    try:
        value = b64decode(text.encode(), validate=True)
    except binascii.Error:
        raise Malformed("a value is not Base64") from None
    if base64(value) != text:
        raise Malformed("a value is Base64 of another form")
    return value


def hash_from(text: str) -> bytes:
    """A hash from its Base64. Raises `Malformed`."""
    value = from_base64(text)
    if len(value) != 32:
        raise Malformed(f"a hash has {len(value)} bytes instead of 32")
    return value


def plain_text(content: bytes) -> str:
    """Text in UTF-8 whose only control character is the newline. Raises `Malformed`."""
    if len(content) > _LARGEST:
        raise Malformed(f"a text of {len(content)} bytes is too large")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        raise Malformed("a text is not UTF-8") from None
    if any(character < " " and character != "\n" for character in text):
        raise Malformed("a text has control characters (line ends must be newlines alone)")
    return text


def read_key(text: str) -> Key:
    """A verifier key from `<name>+<id>+<Base64>`. Raises `Malformed`."""
    name, _, rest = text.partition("+")
    key_id, _, encoded = rest.partition("+")
    material = from_base64(encoded)
    if not _is_name(name) or len(material) != 33 or material[0] not in (LOG, WITNESS):
        raise Malformed("this is no Ed25519 verifier key of a log or a witness")
    key = Key(name, material[0], material[1:])
    if key.id().hex() != key_id:
        raise Malformed(f"the id in the verifier key of {name} does not fit the key")
    return key


def read(content: bytes) -> Note:
    """A signed note. Raises `Malformed`."""
    whole = plain_text(content)
    text, gap, tail = whole.rpartition("\n\n")
    if not gap or not tail.endswith("\n"):
        raise Malformed("a signed note is a text, an empty line and signature lines")
    lines = tail[:-1].split("\n")
    if len(lines) > _MOST_LINES:
        raise Malformed(f"a note with {len(lines)} signature lines is too large")
    return Note(text + "\n", tuple(_line(line) for line in lines), whole)


def verified(note: Note, key: Key) -> int | None:
    """Whether `key` signed the note: None if no line is by it, else the cosignature's second, or 0 for a log's.

    Raises `BadSignature` when a line by the key does not hold.
    """
    found = None
    for line in note.lines:
        if (line.name, line.key_id) == (key.name, key.id()):
            at, message, signature = 0, note.text, line.signature
            if key.type == WITNESS:
                at, signature = int.from_bytes(signature[:8], "big"), signature[8:]
                message = f"cosignature/v1\ntime {at}\n{note.text}"
            require_signed(key.public, signature, message.encode(), by=key.name)
            found = at if found is None else max(found, at)
    return found


def require_signed(public: bytes, signature: bytes, message: bytes, *, by: str) -> None:
    """The Ed25519 signature holds. Raises `BadSignature`."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        raise BadSignature(f"the signature of {by} does not hold") from None


def read_checkpoint(text: str) -> Checkpoint:
    """A checkpoint's text. Raises `Malformed`."""
    lines = text.split("\n")
    if len(lines) < 4 or lines[-1] or not all(lines[:-1]):
        raise Malformed("a checkpoint has at least three lines, none empty")
    return Checkpoint(lines[0], _number(lines[1]), hash_from(lines[2]))


def read_proof(content: bytes) -> Proof:
    """A tlog-proof. Raises `Malformed`."""
    head, gap, checkpoint = plain_text(content).partition("\n\n")
    lines = head.split("\n")
    if not gap or lines[0] != _PROOF or not checkpoint.endswith("\n"):
        raise Malformed(f"a proof begins with {_PROOF} and ends with a checkpoint after an empty line")
    lines = lines[1:]
    extra = None
    if lines and lines[0].startswith("extra "):
        extra = from_base64(lines.pop(0)[6:])
    if not lines or not lines[0].startswith("index ") or len(lines) > 64:
        raise Malformed("a proof has an index line and then at most 63 hashes")
    hashes = tuple(hash_from(line) for line in lines[1:])
    return Proof(_number(lines[0][6:]), hashes, checkpoint.encode(), extra)


def _line(line: str) -> Line:
    dash, _, rest = line.partition(" ")
    name, _, encoded = rest.partition(" ")
    value = from_base64(encoded)
    if dash != "\u2014" or not _is_name(name) or len(value) < 5:
        raise Malformed("a signature line is not of its form")
    return Line(name, value[:4], value[4:])


def _is_name(name: str) -> bool:
    return bool(name) and "+" not in name and not any(character.isspace() for character in name)


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 19) or str(int(text)) != text or int(text) >= 2**63:
        raise Malformed("a number is not written in plain decimal below 2^63")
    return int(text)
