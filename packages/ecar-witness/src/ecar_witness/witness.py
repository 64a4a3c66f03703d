"""The one thing that a witness does: judge a request to sign, and sign (C2SP tlog-witness v1.0.0, add-checkpoint)."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ecar_witness import merkle, notes
from ecar_witness.memory import Head, Memory
from ecar_witness.notes import Checkpoint, Key, Malformed

MOST_HASHES = 63
PLAIN, SIZE = "text/plain; charset=utf-8", "text/x.tlog.size"


class Answer(NamedTuple):
    """What goes back over HTTP."""

    status: int
    body: str = ""
    media_type: str = PLAIN


class Request(NamedTuple):
    """What is asked: the size that the log believes was signed last, the proof from there, and the new head."""

    old: int
    proof: list[bytes]
    checkpoint: Checkpoint
    note: str


class Witness:
    """A name, a key, the logs it watches, and its memory. Evidence of two histories is kept in a folder."""

    def __init__(
        self, *, name: str, key: Ed25519PrivateKey, logs: Sequence[Key], memory: Memory, evidence: Path
    ) -> None:
        """Nothing is signed yet."""
        self._name, self._key, self._memory, self._evidence = name, key, memory, evidence
        self._logs = {log.name: log for log in logs}

    def add_checkpoint(self, body: bytes, *, at: int) -> Answer:
        """Judge a request at the POSIX second `at`; sign, or say why not."""
        try:
            asked = read_request(body)
        except Malformed as malformed:
            return Answer(400, f"{malformed}\n")
        log = self._logs.get(asked.checkpoint.origin)
        if log is None:
            return Answer(404, "this log is not watched here\n")
        if not notes.is_signed(asked.checkpoint, log):
            return Answer(403, "no key of this log that is known here signed the checkpoint\n")
        if asked.old > asked.checkpoint.size:
            return Answer(400, "the old size is larger than the new one\n")
        return self._sign(asked, at)

    def _sign(self, asked: Request, at: int) -> Answer:
        """Sign when the head continues the one that was signed last, which is moved on first."""
        size, root = asked.checkpoint.size, asked.checkpoint.root
        with self._memory.head(asked.checkpoint.origin) as turn:
            known = turn.head
            if size == known.size and root != known.root:
                self._keep_evidence(known.note, asked.note)
                return Answer(409, f"{known.size}\n", SIZE)
            if asked.old != known.size:
                return Answer(409, f"{known.size}\n", SIZE)
            if not merkle.is_consistent(
                old=known.size, new=size, old_root=known.root, new_root=root, proof=asked.proof
            ):
                return Answer(422, "the proof does not show that this continues what was signed\n")
            turn.move(Head(size, root, asked.note), at=at)
        return Answer(200, notes.cosign(asked.checkpoint, name=self._name, key=self._key, at=at))

    def _keep_evidence(self, *signed: str) -> None:
        """Two roots for one size, both signed by the log: for everybody to see."""
        if not all(signed):
            return
        told = {"form": "ecar-evidence/v1", "what": "two roots for one size", "checkpoints": list(signed)}
        content = json.dumps(told, ensure_ascii=False, indent=2).encode() + b"\n"
        self._evidence.mkdir(parents=True, exist_ok=True)
        (self._evidence / f"{hashlib.sha256(content).hexdigest()[:16]}.json").write_bytes(content)


def read_request(body: bytes) -> Request:
    """`old <size>`, hashes in Base64, an empty line, the signed checkpoint. Raises `Malformed`."""
    try:
        head, gap, note = body.decode().partition("\n\n")
    except UnicodeDecodeError:
        raise Malformed("the request is not UTF-8") from None
    first, *hashes = head.split("\n")
    if not gap or not first.startswith("old ") or len(hashes) > MOST_HASHES:
        raise Malformed("a request is `old`, at most 63 hashes, an empty line and a checkpoint")
    proof = [notes.hash_from(line) for line in hashes]
    return Request(notes.number_from(first.removeprefix("old ")), proof, notes.read_checkpoint(note), note)
