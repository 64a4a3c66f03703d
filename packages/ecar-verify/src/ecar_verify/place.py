"""The place of an entry in the log, as it is told beside an acceptance or a release, and whether it holds."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from ecar_verify import merkle, notes
from ecar_verify.opening import entry_of
from ecar_verify.policy import Policy, judge
from ecar_verify.refusals import Malformed, NotIncluded

PROMISE_US = 60_000_000
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Place(NamedTuple):
    """Where the register says that the entry is: `position`, `size`, the tlog-proof verbatim; and who witnessed."""

    position: int
    size: int
    proof: bytes
    witnesses: list[str]


def read_place(log: Any, received_us: int | None = None) -> Place | None:
    """What `log` says; None while the log only promises, a minute from `received_us`. Raises `Malformed`."""
    if not isinstance(log, dict):
        raise Malformed("log is no object")
    if set(log) == {"state", "expected_by"} and log["state"] == "waiting":
        if received_us is not None and microseconds(log["expected_by"]) != received_us + PROMISE_US:
            raise Malformed("expected_by is not a minute after received_at")
        return None
    numbers, proof, witnesses = [log.get("index"), log.get("size")], log.get("proof"), log.get("witnesses")
    if (
        set(log) != {"state", "index", "size", "proof", "witnesses", "quorum"}
        or (log["state"], log["quorum"]) not in {("included", "reached"), ("included", "pending")}
        or not all(type(number) is int for number in numbers)
        or not isinstance(proof, str)
        or not isinstance(witnesses, list)
        or not all(isinstance(name, str) for name in witnesses)
    ):
        raise Malformed("log is not of its form")
    return Place(log["index"], log["size"], proof.encode(), witnesses)


def place_holds(place: Place, commitment: bytes, policy: Policy, *, origin: str | None = None) -> dict[str, object]:
    """The proof leads from the commitment to a head that the log signed, and is what was said of it; what was found.

    Raises `Refused`.
    """
    proof = notes.read_proof(place.proof)
    judged = judge(proof.checkpoint, policy)
    size, root = judged.checkpoint.size, judged.checkpoint.root
    names = [line.name for line in judged.note.lines if line.name != judged.checkpoint.origin]
    if origin not in (None, judged.checkpoint.origin):
        raise NotIncluded(f"the proof is of {judged.checkpoint.origin}, not of {origin}")
    if proof.extra is not None or (proof.place, size, names) != (place.position, place.size, place.witnesses):
        raise Malformed("what stands beside the proof is not what it says")
    leaf = merkle.leaf_hash(entry_of(commitment))
    merkle.require_included(leaf=leaf, index=proof.place, size=size, proof=proof.hashes, root=root)
    judged.require_quorum()
    return {"index": proof.place, "size": size, "witnesses": judged.witnessed}


def microseconds(text: object) -> int:
    """A moment in UTC with six decimals, as microseconds since 1970. Raises `Malformed`."""
    if not isinstance(text, str) or not _MOMENT.fullmatch(text):
        raise Malformed("received_at is no moment in UTC with six decimals")
    try:
        at = datetime.fromisoformat(f"{text[:-1]}+00:00")
    except ValueError:
        raise Malformed("received_at is no moment") from None
    return (at - _EPOCH) // timedelta(microseconds=1)
