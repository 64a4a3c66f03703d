"""Looking at a receipt that somebody shows: what it says, and whether it holds before the register's own log.

For people who have no verifier at hand. Who does not trust the register asks `ecar-verify`, which shares no code.
"""

import json
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from registry.ledger import chain, notes, receipts, tiles, tree
from registry.ledger.notes import NoteRefused, VerifierKey
from registry.ledger.proofs import Quorum, included
from registry.ledger.publishing import Folder
from registry.ledger.receipts import Receipt, ReceiptRefused

LARGEST = 20_000  # characters of what is pasted


class Check(StrEnum):
    """What is looked at."""

    FORM = "form"
    SIGNATURE = "signature"
    OPENING = "opening"
    INCLUDED = "included"
    HISTORY = "history"
    WITNESSES = "witnesses"


class Outcome(StrEnum):
    """How a check ended; `WAITING` is for what the log promised and may still keep."""

    HOLDS = "holds"
    FAILS = "fails"
    WAITING = "waiting"


@dataclass(frozen=True)
class Trust:
    """What a receipt is held against: the keys of acceptances, the log's key, its files, its witnesses."""

    keys: Sequence[Ed25519PublicKey]
    log_key: VerifierKey
    published: Folder
    quorum: Quorum


@dataclass(frozen=True)
class Judgement:
    """Every check that was made, in order, and what the receipt says, by name."""

    checks: tuple[tuple[Check, Outcome], ...]
    said: dict[str, str | int]

    @property
    def holds(self) -> bool:
        """Whether nothing failed."""
        return all(outcome is not Outcome.FAILS for _, outcome in self.checks)


def judge(text: str, trust: Trust) -> Judgement:
    """Judge a pasted receipt: a tlog-proof, or JSON as the interface gives it. Ask it inside a unit of work."""
    content = text.replace("\r\n", "\n").strip() + "\n"  # browsers send forms with CRLF
    if len(content) > LARGEST:
        return _failed(Check.FORM)
    if content.startswith("c2sp.org/tlog-proof@"):
        return _of_proof(content, trust)
    return _of_acceptance(content, trust)


def _of_acceptance(content: str, trust: Trust) -> Judgement:
    try:
        outer = json.loads(content)
        found = receipts.from_json(outer.get("receipt", outer))
    except (ValueError, TypeError, AttributeError, RecursionError):
        return _failed(Check.FORM)
    said: dict[str, str | int] = {
        "origin": found.origin,
        "filing": found.filing,
        "version": found.version,
        "received_at": chain.moment_text(found.received_at),
        "commitment": found.commitment.hex(),
    }
    if not _is_signed(found, trust):
        return Judgement(((Check.SIGNATURE, Outcome.FAILS),), said)
    checks = [(Check.SIGNATURE, Outcome.HOLDS)]
    if "opening" in outer:
        checks.append((Check.OPENING, _told(_opens(outer["opening"], found.commitment))))
    place = included(found.commitment, published=trust.published, quorum=trust.quorum)
    checks.append((Check.INCLUDED, Outcome.WAITING if place is None else Outcome.HOLDS))
    if place is not None:
        checks.append((Check.WITNESSES, Outcome.HOLDS if place.is_quorate else Outcome.WAITING))
        said |= {"index": place.index, "size": place.size}
    return Judgement(tuple(checks), said)


def _of_proof(content: str, trust: Trust) -> Judgement:
    try:
        proof = notes.read_proof(content.encode())
        note = notes.read(proof.checkpoint.encode())
        head = notes.read_checkpoint(note.text)
    except NoteRefused:
        return _failed(Check.FORM)
    said: dict[str, str | int] = {"origin": head.origin, "index": proof.index, "size": head.size}
    try:
        notes.verify(note, keys=[trust.log_key])
    except NoteRefused:
        return Judgement(((Check.SIGNATURE, Outcome.FAILS),), said)
    leaf = _leaf(proof.index, trust.published)
    checks = [
        (Check.SIGNATURE, Outcome.HOLDS),
        (Check.INCLUDED, _told(leaf is not None and _leads(proof, leaf, head))),
        (Check.HISTORY, _told(_begins(head, trust.published))),
        (Check.WITNESSES, Outcome.HOLDS if trust.quorum(proof.checkpoint) else Outcome.WAITING),
    ]
    return Judgement(tuple(checks), said | ({"leaf": b64encode(leaf).decode("ascii")} if leaf else {}))


def _is_signed(found: Receipt, trust: Trust) -> bool:
    for key in trust.keys:
        if receipts.key_id(key) == found.key_id:
            try:
                receipts.verify(found, public_key=key)
            except ReceiptRefused:
                return False
            return True
    return False


def _opens(opening: Any, commitment: bytes) -> bool:
    try:
        salt, digest = bytes.fromhex(opening["salt"]), bytes.fromhex(opening["document_sha256"])
        return chain.commitment(salt=salt, digest=digest) == commitment
    except (KeyError, TypeError, ValueError):
        return False


def _leaf(index: int, published: Folder) -> bytes | None:
    """The published leaf at a position, None beyond the end."""
    head = published.head()
    if head is None or index >= head.size:
        return None
    return next(tiles.entries(size=head.size, fetch=published.read, start=index))


def _leads(proof: notes.Proof, leaf: bytes, head: notes.Checkpoint) -> bool:
    try:
        tree.verify_inclusion(
            index=proof.index, size=head.size, leaf_hash=tree.leaf_hash(leaf), proof=proof.hashes, root=head.root
        )
    except tree.ProofRefused:
        return False
    return True


def _begins(head: notes.Checkpoint, published: Folder) -> bool:
    """Whether the log as it is published begins with the log of an earlier head."""
    now = published.head()
    if now is None or head.size > now.size:
        return False
    nodes = tiles.nodes(size=now.size, fetch=published.read)
    return tree.compact(size=head.size, nodes=nodes).root == head.root


def _told(holds: bool) -> Outcome:
    return Outcome.HOLDS if holds else Outcome.FAILS


def _failed(check: Check) -> Judgement:
    return Judgement(((check, Outcome.FAILS),), {})
