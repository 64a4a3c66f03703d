"""Signed notes, checkpoints, cosignatures and proofs as text (C2SP signed-note v1.0.0, tlog-checkpoint v1.0.0,
tlog-cosignature v1.0.1 for Ed25519, tlog-proof@v1).

Reading is strict: one text has one meaning, so nothing is trimmed, no other line end is taken, and Base64 has one form.
Signatures by keys that are not known are passed over, as the specification asks; one by a known key must hold.
"""

import hashlib
import re
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ED25519, COSIGNATURE = 0x01, 0x04  # signature types that this register makes and checks
PROOF_HEADER = "c2sp.org/tlog-proof@v1"
LARGEST_NOTE = 1_000_000  # bytes
MOST_SIGNATURES = 100
MOST_HASHES = 63  # a proof within a tree of fewer than 2**63 leaves
LARGEST_SIZE = 2**63 - 1

_DASH = "— "
_NAME = re.compile(r"[^\s+]+")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)


class NoteRefused(ValueError):
    """A text that is not of its form, or a signature that does not hold; the text says which."""


@dataclass(frozen=True)
class VerifierKey:
    """A public key with its name and signature type: `ED25519` for logs, `COSIGNATURE` for witnesses."""

    name: str
    type: int
    public: bytes

    @property
    def id(self) -> bytes:
        """Four bytes that stand in each signature line of this key."""
        return hashlib.sha256(self.name.encode() + b"\n" + bytes([self.type]) + self.public).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{_base64(bytes([self.type]) + self.public)}"


@dataclass(frozen=True)
class Signature:
    """One signature line: name and id of the key, and what the key made of the text."""

    name: str
    key_id: bytes
    value: bytes

    def __str__(self) -> str:
        return f"{_DASH}{self.name} {_base64(self.key_id + self.value)}\n"


@dataclass(frozen=True)
class Note:
    """A text that ends in a newline, and its signatures in order."""

    text: str
    signatures: tuple[Signature, ...]

    def __str__(self) -> str:
        return f"{self.text}\n{''.join(map(str, self.signatures))}"


@dataclass(frozen=True)
class Signed:
    """A signature that held: by which key, and for cosignatures the POSIX second it names."""

    key: VerifierKey
    at: int | None = None


@dataclass(frozen=True)
class Checkpoint:
    """What a log says of itself: its origin, how many leaves it has, their root (32 bytes)."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __str__(self) -> str:
        return "".join(f"{line}\n" for line in (self.origin, self.size, _base64(self.root), *self.extensions))


@dataclass(frozen=True)
class Proof:
    """A tlog-proof: the leaf's index, the hashes of its inclusion, the signed checkpoint verbatim, and `extra`.

    `extra` is not authenticated by the format; who reads it must check what it says.
    """

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: str
    extra: bytes | None = None

    def __str__(self) -> str:
        extra = [] if self.extra is None else [f"extra {_base64(self.extra)}"]
        lines = [PROOF_HEADER, *extra, f"index {self.index}", *map(_base64, self.hashes), ""]
        return "".join(f"{line}\n" for line in lines) + self.checkpoint


def verifier_key(*, name: str, key: Ed25519PublicKey, cosigns: bool = False) -> VerifierKey:
    """The public key `key` under a name without spaces or plus. Raises `NoteRefused` for another name."""
    _require_name(name)
    return VerifierKey(name, COSIGNATURE if cosigns else ED25519, key.public_bytes_raw())


def read_verifier_key(text: str) -> VerifierKey:
    """Read `<name>+<id>+<Base64>`. Raises `NoteRefused`, also for signature types other than the two made here."""
    parts = text.split("+", 2)  # Base64 may hold plus signs; a name may not
    if len(parts) != 3 or not re.fullmatch("[0-9a-f]{8}", parts[1], re.ASCII):
        raise NoteRefused("a verifier key is a name, an id of eight hexadecimal digits and a key, with plus between")
    _require_name(parts[0])
    encoded = _decoded(parts[2])
    if len(encoded) != 33 or encoded[0] not in (ED25519, COSIGNATURE):
        raise NoteRefused("the verifier key is not of a type used here")
    found = VerifierKey(parts[0], encoded[0], encoded[1:])
    if found.id.hex() != parts[1]:
        raise NoteRefused(f"the verifier key's id is {found.id.hex()}, not {parts[1]}")
    return found


def sign(text: str, *, name: str, key: Ed25519PrivateKey) -> Signature:
    """The signature line of a log's key under `text`. Raises `NoteRefused` for a text that no note may hold."""
    _require_text(text)
    public = verifier_key(name=name, key=key.public_key())
    return Signature(name, public.id, key.sign(text.encode()))


def cosign(text: str, *, name: str, key: Ed25519PrivateKey, at: int) -> Signature:
    """The signature line of a witness under a checkpoint's text, with the POSIX second `at`."""
    _require_text(text)
    public = verifier_key(name=name, key=key.public_key(), cosigns=True)
    return Signature(name, public.id, at.to_bytes(8, "big") + key.sign(_cosigned(text, at)))


def read(content: bytes) -> Note:
    """Read a signed note. Raises `NoteRefused` for anything that is not exactly of the form."""
    if len(content) > LARGEST_NOTE:
        raise NoteRefused(f"a note of {len(content)} bytes is too large")
    try:
        whole = content.decode()
    except UnicodeDecodeError:
        raise NoteRefused("the note is not UTF-8") from None
    cut = whole.rfind("\n\n")
    if cut < 0 or not whole.endswith("\n"):
        raise NoteRefused("a note is a text, an empty line and signature lines")
    text, lines = whole[: cut + 1], whole[cut + 2 :].split("\n")[:-1]
    _require_text(text)
    if not 1 <= len(lines) <= MOST_SIGNATURES:
        raise NoteRefused(f"a note has between 1 and {MOST_SIGNATURES} signatures, not {len(lines)}")
    return Note(text, tuple(map(_signature, lines)))


def verify(note: Note, *, keys: Iterable[VerifierKey]) -> tuple[Signed, ...]:
    """The signatures of known `keys` under the note, each key once.

    Raises `NoteRefused` when one by a known key does not hold, or when there is none by a known key.
    """
    known = {(key.name, key.id): key for key in keys}
    found: dict[VerifierKey, Signed] = {}
    for signature in note.signatures:
        key = known.get((signature.name, signature.key_id))
        if key is not None:
            found.setdefault(key, Signed(key, _verified(note.text, signature, key)))
    if not found:
        raise NoteRefused("no known key signed the note")
    return tuple(found.values())


def read_checkpoint(text: str) -> Checkpoint:
    """Read a checkpoint's text. Raises `NoteRefused`. A root has 32 bytes."""
    lines = text.split("\n")
    if len(lines) < 4 or lines.pop() or not all(lines):
        raise NoteRefused("a checkpoint has three lines or more, none empty, each ended")
    _require_text(text)
    return Checkpoint(lines[0], _number(lines[1]), _hash(lines[2]), tuple(lines[3:]))


def read_proof(content: bytes) -> Proof:
    """Read a tlog-proof; the checkpoint in it is left as it stands. Raises `NoteRefused`."""
    if len(content) > LARGEST_NOTE:
        raise NoteRefused(f"a proof of {len(content)} bytes is too large")
    try:
        head, gap, checkpoint = content.decode().partition("\n\n")
    except UnicodeDecodeError:
        raise NoteRefused("the proof is not UTF-8") from None
    if not gap or not checkpoint.endswith("\n") or _CONTROL.search(head + checkpoint):
        raise NoteRefused("a proof is its lines, an empty line and a checkpoint, each line ended by a newline alone")
    first, *lines = head.split("\n")
    if first != PROOF_HEADER:
        raise NoteRefused(f"a proof begins with {PROOF_HEADER}")
    extra = _decoded(lines.pop(0).removeprefix("extra ")) if lines and lines[0].startswith("extra ") else None
    if not lines or not lines[0].startswith("index "):
        raise NoteRefused("a proof names the index of its leaf")
    if len(lines) > MOST_HASHES + 1:
        raise NoteRefused(f"a proof has at most {MOST_HASHES} hashes")
    return Proof(_number(lines[0].removeprefix("index ")), tuple(map(_hash, lines[1:])), checkpoint, extra)


def write(text: str, *, signatures: Sequence[Signature]) -> bytes:
    """A signed note as it is published. Raises `NoteRefused` when there is no signature or the text is none."""
    written = str(Note(text, tuple(signatures))).encode()
    read(written)
    return written


def _verified(text: str, signature: Signature, key: VerifierKey) -> int | None:
    """The second of a cosignature that holds, None for a signature that does. Raises `NoteRefused`."""
    at, message, value = None, text.encode(), signature.value
    if key.type == COSIGNATURE:
        at, value = int.from_bytes(value[:8], "big"), value[8:]
        if at > LARGEST_SIZE:
            raise NoteRefused(f"the cosignature of {key.name} names no moment")
        message = _cosigned(text, at)
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(value, message)
    except InvalidSignature:
        raise NoteRefused(f"the signature of {key.name} does not hold") from None
    return at


def _cosigned(text: str, at: int) -> bytes:
    return f"cosignature/v1\ntime {at}\n{text}".encode()


def _signature(line: str) -> Signature:
    parts = line.removeprefix(_DASH).split(" ")
    if not line.startswith(_DASH) or len(parts) != 2:
        raise NoteRefused("a signature line is a dash, a name and a signature, with one space between")
    _require_name(parts[0])
    value = _decoded(parts[1])
    if len(value) < 5:
        raise NoteRefused("a signature has a key id and something after it")
    return Signature(parts[0], value[:4], value[4:])


def _require_name(name: str) -> None:
    if not _NAME.fullmatch(name) or _CONTROL.search(name):
        raise NoteRefused("the name of a key has no spaces and no plus, and is not empty")


def _require_text(text: str) -> None:
    if not text.endswith("\n") or _CONTROL.search(text):
        raise NoteRefused("the text of a note ends in a newline and has no other control character")


def _number(text: str) -> int:
    if not _DECIMAL.fullmatch(text) or int(text) > LARGEST_SIZE:
        raise NoteRefused("a number is written in decimal, without zeros before it, below 2^63")
    return int(text)


def _hash(text: str) -> bytes:
    value = _decoded(text)
    if len(value) != 32:
        raise NoteRefused(f"a hash has 32 bytes, not {len(value)}")
    return value


def _decoded(text: str) -> bytes:
    """Standard Base64 in its only form: padded, nothing foreign, no bits left over."""
    try:
        value = b64decode(text.encode("ascii"), validate=True)
    except (NotBase64, UnicodeEncodeError):
        raise NoteRefused("this is not Base64") from None
    if _base64(value) != text:
        raise NoteRefused("the Base64 is not in its only form")
    return value


def _base64(value: bytes) -> str:
    return b64encode(value).decode("ascii")
