"""`ecar-verify receipt`: one receipt, as a tlog-proof or as the signed acceptance that came before it."""

from argparse import Namespace
from pathlib import Path

from ecar_verify import acceptance, documents, merkle, notes
from ecar_verify.opening import Opening, commitment_of, entry_of, read_opening
from ecar_verify.place import place_holds
from ecar_verify.policy import Policy, judge, trust
from ecar_verify.refusals import Malformed, NotIncluded


def run(given: Namespace) -> dict[str, object]:
    """Verify the receipt in the file `given.file`; what was found, by name. Raises `Refused`."""
    content = Path(given.file).read_bytes()
    policy = trust(policy=given.policy, keys=given.key)
    if content.startswith(b"{"):
        return _of_acceptance(content, policy, given)
    return _of_proof(content, policy, given)


def _of_acceptance(content: bytes, policy: Policy, given: Namespace) -> dict[str, object]:
    found = acceptance.read(content)
    acceptance.verify(found, policy)
    opening = _opening(given, found.opening)
    _require_same(found.commitment, [*_opened(given, opening), *_stated(given)])
    members = found.members
    place: dict[str, object] = {"log": "not asked"}
    if found.place is not None:
        checked = policy.logs and place_holds(found.place, found.commitment, policy, origin=found.origin)
        place = checked or {"log": "not checked: no log's key is trusted"}
    return {
        "form": "acceptance",
        "origin": found.origin,
        "filing": members["filing"],
        "version": members["version"],
        "received_at": members["received_at"],
        "commitment": found.commitment.hex(),
        "document": "matches" if given.document else "not given",
        **place,
    }


def _of_proof(content: bytes, policy: Policy, given: Namespace) -> dict[str, object]:
    proof = notes.read_proof(content)
    judged = judge(proof.checkpoint, policy)
    known = [*_opened(given, _opening(given, None)), *_stated(given)]
    if given.acceptance:
        accepted = acceptance.load(given.acceptance, policy)
        if accepted.origin != judged.checkpoint.origin:
            raise NotIncluded(f"the acceptance is of {accepted.origin}, not of {judged.checkpoint.origin}")
        known.append(accepted.commitment)
    if proof.extra is not None:
        if len(proof.extra) != 33 or entry_of(proof.extra[1:]) != proof.extra:
            raise Malformed("the proof's extra line does not hold an entry of this log")
        known.append(proof.extra[1:])
    if not known:
        raise Malformed("the proof does not say of what: give --opening, --acceptance or --commitment")
    _require_same(known[0], known)
    size, root = judged.checkpoint.size, judged.checkpoint.root
    leaf = merkle.leaf_hash(entry_of(known[0]))
    merkle.require_included(leaf=leaf, index=proof.place, size=size, proof=proof.hashes, root=root)
    judged.require_quorum()
    return {
        "form": "tlog-proof",
        "origin": judged.checkpoint.origin,
        "index": proof.place,
        "size": size,
        "commitment": known[0].hex(),
        "witnesses": judged.witnessed,
        "document": "matches" if given.document else "not given",
    }


def _opening(given: Namespace, found: Opening | None) -> Opening | None:
    """The opening that was given, or the one beside the acceptance."""
    if not given.opening:
        return found
    members = documents.read(Path(given.opening).read_bytes())
    return read_opening(members["opening"] if isinstance(members, dict) and "opening" in members else members)


def _opened(given: Namespace, opening: Opening | None) -> list[bytes]:
    """The commitment that opening and document lead to, if they were given. Raises `Malformed` or `NotIncluded`."""
    if given.document:
        if opening is None:
            raise Malformed("a document is recognised by its opening: give --opening")
        digest = documents.digest(Path(given.document).read_bytes())
        if opening.digest not in (None, digest):
            raise NotIncluded("the document is not the one that the opening names")
        opening = Opening(opening.salt, digest)
    if opening is None:
        return []
    if opening.digest is None:
        raise Malformed("the opening does not state the document's digest: give --document")
    return [commitment_of(opening.salt, opening.digest)]


def _stated(given: Namespace) -> list[bytes]:
    return [documents.hexadecimal({"commitment": given.commitment}, "commitment", 32)] if given.commitment else []


def _require_same(commitment: bytes, others: list[bytes]) -> None:
    if any(other != commitment for other in others):
        raise NotIncluded("receipt, opening, document and commitment do not belong together")
