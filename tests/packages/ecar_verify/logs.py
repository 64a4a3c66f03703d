"""A published log with its keys, made by the register's own modules; the verifier that is tried shares none of them."""

import hashlib
import json
from argparse import Namespace
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from registry.ledger import chain, notes, receipts, tiles, tree

ORIGIN = "registry.example.eu/log/2027"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
WITNESSES = {f"w{n}.example": Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (1, 2, 3)}
VKEY = str(notes.verifier_key(name=ORIGIN, key=KEY.public_key()))
AT = datetime(2026, 9, 1, 10, 0, 0, 123456, tzinfo=UTC)
DOCUMENT = {"schema": "1", "training": {"flop": "1.2e26"}, "name": "Grün"}
SALT = bytes(range(32, 64))
CANONICAL = json.dumps(DOCUMENT, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
DIGEST = hashlib.sha256(CANONICAL)
COMMITMENT = chain.commitment(salt=SALT, digest=DIGEST.digest())
OPENING = {"salt": SALT.hex(), "document_sha256": DIGEST.hexdigest()}


def policy(*, quorum: str = "all", witnesses: int = 2) -> str:
    """A policy with the log and its first `witnesses` witnesses, of whom `quorum` must have witnessed."""
    lines = [f"log {VKEY}"]
    for name, key in list(WITNESSES.items())[:witnesses]:
        lines.append(f"witness {name} {notes.verifier_key(name=name, key=key.public_key(), cosigns=True)}")
    if not witnesses:
        return f"{lines[0]}\nquorum none\n"
    lines.append(f"group all-of-them {quorum} {' '.join(list(WITNESSES)[:witnesses])}")
    return "\n".join([*lines, "quorum all-of-them", ""])


def commitment(number: int) -> bytes:
    """The commitment at a place of the usual log; the document's own at place 6."""
    return COMMITMENT if number == 6 else number.to_bytes(32, "big")


def entries(size: int) -> list[bytes]:
    return [tree.leaf(commitment=commitment(number)) for number in range(size)]


@dataclass
class Log:
    """A log of these entries, and whoever signs for it."""

    entries: list[bytes]
    origin: str = ORIGIN
    key: Ed25519PrivateKey = KEY

    def checkpoint(self, size: int | None = None, *, witnesses: int = 2, at: datetime = AT) -> bytes:
        """The signed checkpoint of the first `size` entries."""
        size = len(self.entries) if size is None else size
        root = tree.root(map(tree.leaf_hash, self.entries[:size]))
        text = str(notes.Checkpoint(self.origin, size, root))
        cosigned = [
            notes.cosign(text, name=name, key=key, at=int(at.timestamp()))
            for name, key in list(WITNESSES.items())[:witnesses]
        ]
        return notes.write(text, signatures=[notes.sign(text, name=self.origin, key=self.key), *cosigned])

    def nodes(self) -> tree.Nodes:
        return tree.in_memory(map(tree.leaf_hash, self.entries))

    def proof(self, index: int, *, extra: bytes | None = None, **members: Any) -> bytes:
        """The tlog-proof of an entry."""
        hashes = tree.inclusion(index=index, size=len(self.entries), nodes=self.nodes())
        return str(notes.Proof(index, tuple(hashes), self.checkpoint(**members).decode(), extra)).encode()

    def publish(self, folder: Path, **members: Any) -> Path:
        """Write all files of the log into a folder."""
        edge = tiles.Frontier()
        for file in [*edge.grow(self.entries), *edge.partial()]:
            place = folder / file.path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(file.content)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "checkpoint").write_bytes(self.checkpoint(**members))
        return folder


def acceptance(commitment: bytes = COMMITMENT, *, at: datetime = AT, index: int = 6, **changed: Any) -> dict[str, Any]:
    """What the REST interface answers: the signed acceptance, the register's key, the opening."""
    entry_hash = chain.entry_hash(index=index, previous_hash=chain.GENESIS, at=at, commitment=commitment)

    @dataclass(frozen=True)
    class Line:
        index: int
        previous_hash: bytes
        at: datetime
        commitment: bytes
        entry_hash: bytes

    line = Line(index, chain.GENESIS, at, commitment, changed.pop("entry_hash", entry_hash))
    members = {"origin": ORIGIN, "filing": "ECAR-2026-000123-7", "version": 2, "entry": line, **changed}
    signed = receipts.sign(key=KEY, **members)
    return {"receipt": signed.as_json(), "public_key": receipts.public_pem(KEY), "opening": OPENING}


def later(seconds: int) -> datetime:
    return AT + timedelta(seconds=seconds)


def asked(**members: Any) -> Namespace:
    """What the command line would hand over."""
    nothing: dict[str, Any] = dict.fromkeys(
        ("policy", "opening", "document", "commitment", "acceptance", "proof", "log", "mirror", "evidence")
    )
    return Namespace(**{**nothing, "key": [], "against": [], "promise": 60, **members})


def written(folder: Path, name: str, content: bytes | str | dict[str, Any]) -> str:
    """Write a file and return its path."""
    if isinstance(content, dict):
        content = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return str(path)
