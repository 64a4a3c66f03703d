"""The signed acceptance that the register gives at once: an entry's place, hashes and moment, under Ed25519.

The form is the one of the REST interface: the bare acceptance, or an object with `receipt`, `public_key`, `opening` and
`log`, where the acceptance's proof stands once the log has the entry.
"""

import hashlib
from pathlib import Path
from typing import Any, NamedTuple

import rfc8785

from ecar_verify import documents
from ecar_verify.notes import require_signed
from ecar_verify.opening import Opening, commitment_of, read_opening
from ecar_verify.place import Place, microseconds, read_place
from ecar_verify.policy import Policy, as_pem
from ecar_verify.refusals import BadSignature, Malformed, Misbehaviour, NotIncluded

_TEXTS = ("origin", "filing", "digest_algorithm", "key_id")
_HASHES = ("commitment", "entry_hash", "previous_hash")
_NUMBERS = ("version", "index")
_MEMBERS = {*_TEXTS, *_HASHES, *_NUMBERS, "received_at", "signature"}
_OPTIONAL = {"mandate"}
_LARGEST_NUMBER = 2**53 - 1


class Acceptance(NamedTuple):
    """What the register said: `members` as signed, `commitment`, the moment in microseconds since 1970."""

    members: dict[str, Any]
    signature: bytes
    commitment: bytes
    entry_hash: bytes
    received_us: int
    opening: Opening | None
    public_key: str | None
    place: Place | None = None

    @property
    def origin(self) -> str:
        """The log it was given for."""
        return str(self.members["origin"])


def load(path: str, policy: Policy) -> Acceptance:
    """Read the acceptance in a file and verify it. Raises as `read` and `verify` do."""
    found = read(Path(path).read_bytes())
    verify(found, policy)
    return found


def read(content: bytes) -> Acceptance:
    """Read an acceptance. Raises `Malformed`."""
    outer = documents.read(content)
    if not isinstance(outer, dict):
        raise Malformed("an acceptance is a JSON object")
    opening, public_key, log = None, None, None
    members = outer
    if "receipt" in outer:
        if set(outer) - {"opening", "public_key", "log"} != {"receipt"}:
            raise Malformed("beside the receipt there may be public_key, opening and log only")
        log = outer.get("log")
        members, public_key = outer["receipt"], outer.get("public_key", None)
        opening = read_opening(outer["opening"]) if "opening" in outer else None
    if not isinstance(members, dict) or set(members) - _OPTIONAL != _MEMBERS:
        raise Malformed("the members are not those of an acceptance")
    _require_types(members)
    signed = {name: value for name, value in members.items() if name != "signature"}
    received = microseconds(members["received_at"])
    return Acceptance(
        signed,
        documents.hexadecimal(members, "signature", 64),
        documents.hexadecimal(members, "commitment", 32),
        documents.hexadecimal(members, "entry_hash", 32),
        received,
        opening,
        public_key,
        read_place(log, received) if log is not None else None,
    )


def verify(acceptance: Acceptance, policy: Policy) -> None:
    """Signature by a trusted key, entry hash, opening. Raises `BadSignature`, `Misbehaviour` or `NotIncluded`."""
    members = acceptance.members
    public = _trusted(acceptance, policy)
    if acceptance.public_key is not None and acceptance.public_key != as_pem(public):
        raise BadSignature("the public key beside the acceptance is not the trusted one")
    statement = b"eu-compute-registry/receipt/v1\n" + rfc8785.dumps(members)
    require_signed(public, acceptance.signature, statement, by=f"key {members['key_id']}")
    numbered = (
        members["index"].to_bytes(8, "big")
        + bytes.fromhex(members["previous_hash"])
        + acceptance.received_us.to_bytes(8, "big", signed=True)
    )
    entry = hashlib.sha256(b"eu-compute-registry/entry/v1\n" + numbered + acceptance.commitment).digest()
    if entry != acceptance.entry_hash:
        raise Misbehaviour(
            "the register signed an entry hash that does not follow from its parts", details=evidence(acceptance)
        )
    opening = acceptance.opening
    if opening and (opening.digest is None or commitment_of(opening.salt, opening.digest) != acceptance.commitment):
        raise NotIncluded("the opening does not open the commitment")


def evidence(acceptance: Acceptance) -> dict[str, object]:
    """The acceptance as an evidence file holds it: nothing of the opening."""
    return {"acceptance": {**acceptance.members, "signature": acceptance.signature.hex()}}


def _trusted(acceptance: Acceptance, policy: Policy) -> bytes:
    """The trusted key that the acceptance names. Raises `BadSignature`."""
    logs = {key.public for key in policy.logs if key.name == acceptance.origin}
    if policy.logs and not logs:
        raise BadSignature(f"the acceptance is of {acceptance.origin}, which is no trusted log")
    for public in (*sorted(logs), *policy.plain):
        if hashlib.sha256(public).hexdigest()[:16] == acceptance.members["key_id"]:
            return public
    raise BadSignature(f"the acceptance names the key {acceptance.members['key_id']}, which is not trusted")


def _require_types(members: dict[str, Any]) -> None:
    for name in (*_TEXTS, *_OPTIONAL.intersection(members)):
        if not isinstance(members[name], str) or not members[name]:
            raise Malformed(f"{name} is no text")
    for name in _NUMBERS:
        if type(members[name]) is not int or not 0 <= members[name] <= _LARGEST_NUMBER:
            raise Malformed(f"{name} is no whole number from zero")
    for name in _HASHES:
        documents.hexadecimal(members, name, 32)
