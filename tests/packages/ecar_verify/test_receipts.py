"""One receipt: valid as it was given, refused after any change."""

import json
from pathlib import Path
from typing import Any

import pytest
from ecar_verify import receipt
from ecar_verify.refusals import BadSignature, Malformed, Misbehaviour, NotIncluded, QuorumMissing, Refused

from registry.ledger import notes, receipts, tree
from tests.packages.ecar_verify import logs

LOG = logs.Log(logs.entries(11))
LEAF = tree.leaf(commitment=logs.COMMITMENT)


@pytest.fixture
def given(tmp_path: Path) -> dict[str, Any]:
    """The file of a proof, its opening, its document and a policy."""
    return {
        "file": logs.written(tmp_path, "receipt.tlog-proof", LOG.proof(6, extra=LEAF)),
        "policy": logs.written(tmp_path, "policy", logs.policy()),
        "opening": logs.written(tmp_path, "opening.json", logs.OPENING),
        "document": logs.written(tmp_path, "document.json", json.dumps(logs.DOCUMENT, indent=3)),
    }


@pytest.fixture
def accepted(tmp_path: Path) -> dict[str, Any]:
    """The file of a signed acceptance and the key to check it by."""
    pem = logs.written(tmp_path, "key.pem", receipts.public_pem(logs.KEY))
    return {"file": logs.written(tmp_path, "acceptance.json", logs.acceptance()), "key": [pem]}


@pytest.fixture
def logged(tmp_path: Path) -> dict[str, Any]:
    """The file of an acceptance with its proof, as the interface gives it, and a policy."""
    place = {"state": "included", "index": 6, "size": 11, "proof": LOG.proof(6).decode()}
    place |= {"witnesses": ["w1.example", "w2.example"], "quorum": "reached"}
    content = {**logs.acceptance(), "log": place}
    return {
        "file": logs.written(tmp_path, "logged.json", content),
        "policy": logs.written(tmp_path, "trust", logs.policy()),
    }


def verdict(content: bytes, members: dict[str, Any]) -> type[Refused] | None:
    """The class of the refusal of a changed receipt, None when it is taken."""
    Path(members["file"]).write_bytes(content)
    try:
        receipt.run(logs.asked(**members))
    except Refused as refused:
        return type(refused)
    return None


def test_a_receipt_holds_with_its_opening_and_its_document(given: dict[str, Any]) -> None:
    found = receipt.run(logs.asked(**given))
    assert found == {
        "form": "tlog-proof",
        "origin": logs.ORIGIN,
        "index": 6,
        "size": 11,
        "commitment": logs.COMMITMENT.hex(),
        "witnesses": {"w1.example": int(logs.AT.timestamp()), "w2.example": int(logs.AT.timestamp())},
        "document": "matches",
    }


@pytest.mark.parametrize("form", ["given", "accepted", "logged"])
def test_every_changed_bit_of_a_receipt_is_refused(form: str, request: pytest.FixtureRequest) -> None:
    members = request.getfixturevalue(form)
    members.pop("opening", None), members.pop("document", None)
    content = Path(members["file"]).read_bytes()
    if form == "given":  # one witness is enough to try every kind of line
        content = LOG.proof(6, extra=LEAF, witnesses=1)
        Path(members["policy"]).write_text(logs.policy(witnesses=1))
    assert verdict(content, members) is None
    for at in range(len(content) * 8):
        changed = bytearray(content)
        changed[at // 8] ^= 1 << at % 8
        assert verdict(bytes(changed), members) is not None, f"bit {at % 8} of byte {at // 8} may change"


@pytest.mark.parametrize("form", ["given", "accepted", "logged"])
def test_every_truncated_receipt_is_refused(form: str, request: pytest.FixtureRequest) -> None:
    members = request.getfixturevalue(form)
    content = Path(members["file"]).read_bytes()
    for length in range(len(content)):
        assert verdict(content[:length], members) is not None, f"{length} bytes are enough"


def test_an_acceptance_with_its_proof_is_checked_for_both(logged: dict[str, Any]) -> None:
    found = receipt.run(logs.asked(**logged))
    assert (found["form"], found["index"], found["size"]) == ("acceptance", 6, 11)
    assert set(found["witnesses"]) == {"w1.example", "w2.example"}


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"index": 5}, Malformed),
        ({"size": 12}, Malformed),
        ({"witnesses": ["w1.example"]}, Malformed),
        ({"quorum": "none"}, Malformed),
        ({"state": "waiting"}, Malformed),
        ({"colour": 1}, Malformed),
        ({"index": 5, "proof": LOG.proof(5).decode()}, NotIncluded),
        ({"proof": LOG.proof(6, witnesses=1).decode(), "witnesses": ["w1.example"]}, QuorumMissing),
    ],
)
def test_a_proof_beside_an_acceptance_is_its_own(
    change: dict[str, Any], refusal: type[Refused], logged: dict[str, Any]
) -> None:
    content = json.loads(Path(logged["file"]).read_text())
    content["log"] |= change
    assert verdict(json.dumps(content, ensure_ascii=False).encode(), logged) is refusal


@pytest.mark.parametrize(
    ("expected_by", "refusal"), [("2026-09-01T10:01:00.123456Z", None), ("2026-09-01T10:01:01.123456Z", Malformed)]
)
def test_a_promise_beside_an_acceptance_is_a_minute(
    expected_by: str, refusal: type[Refused] | None, logged: dict[str, Any]
) -> None:
    content = {**logs.acceptance(), "log": {"state": "waiting", "expected_by": expected_by}}
    assert verdict(json.dumps(content).encode(), logged) is refusal


def test_lines_cannot_change_places(given: dict[str, Any]) -> None:
    """Cosignatures stand side by side and have no order; every other line has its place."""
    lines = Path(given["file"]).read_bytes().split(b"\n")[:-1]
    ordered = len(lines) - 2
    for one in range(ordered):
        for other in range(one + 1, ordered):
            if lines[one] == lines[other]:
                continue
            swapped = list(lines)
            swapped[one], swapped[other] = lines[other], lines[one]
            assert verdict(b"\n".join(swapped) + b"\n", given) is not None, (lines[one], lines[other])


@pytest.mark.parametrize(
    ("old", "new", "refusal"),
    [
        (b"\n", b"\r\n", Malformed),
        (b"\n11\n", b"\n10\n", BadSignature),
        (b"\nregistry.example.eu/log/2027\n", b"\nregistry.example.eu/log/2026\n", BadSignature),
        (b"index 6", b"index 7", NotIncluded),
        (b"index 6", b"index 11", NotIncluded),
        (b"index 6", b"index 06", Malformed),
        (b"proof@v1", b"proof@v2", Malformed),
        (b"extra ", b"extra AA", Malformed),
        ("— w1.example".encode(), "— w4.example".encode(), QuorumMissing),
        ("— registry".encode(), "— registri".encode(), BadSignature),
    ],
)
def test_a_changed_receipt_is_refused_for_its_reason(
    old: bytes, new: bytes, refusal: type[Refused], given: dict[str, Any]
) -> None:
    content = Path(given["file"]).read_bytes()
    assert old in content
    assert verdict(content.replace(old, new), given) is refusal


def test_a_stale_checkpoint_under_a_newer_proof_is_refused(given: dict[str, Any]) -> None:
    newer = logs.Log(logs.entries(20)).proof(6)
    stale = newer.partition(b"\n\n")[0] + b"\n\n" + LOG.checkpoint()
    assert verdict(stale, given) is NotIncluded


def test_a_checkpoint_of_another_log_under_the_same_key_is_refused(given: dict[str, Any]) -> None:
    text = str(notes.Checkpoint("elsewhere.example/log", 11, bytes(32)))
    signed = notes.write(text, signatures=[notes.sign(text, name=logs.ORIGIN, key=logs.KEY)])
    head = LOG.proof(6).partition(b"\n\n")[0]
    assert verdict(head + b"\n\n" + signed, given) is BadSignature


def test_a_false_signature_of_a_witness_spoils_the_receipt(given: dict[str, Any]) -> None:
    text, _, tail = LOG.checkpoint().decode().partition("\n\n")
    first, second, third = tail.splitlines()
    forged = f"{text}\n\n{first}\n{second}\n{third[:-6]}AAAA==\n"
    head = LOG.proof(6).partition(b"\n\n")[0]
    assert verdict(head + b"\n\n" + forged.encode(), given) in (BadSignature, Malformed)


@pytest.mark.parametrize(("quorum", "refusal"), [("all", QuorumMissing), ("2", QuorumMissing), ("any", None)])
def test_the_quorum_is_asked_for(quorum: str, refusal: type[Refused] | None, given: dict[str, Any]) -> None:
    Path(given["policy"]).write_text(logs.policy(quorum=quorum))
    assert verdict(LOG.proof(6, extra=LEAF, witnesses=1), given) is refusal


def test_a_proof_that_does_not_say_of_what_needs_an_opening(given: dict[str, Any]) -> None:
    plain = LOG.proof(6)
    assert verdict(plain, given) is None
    bare = {"file": given["file"], "policy": given["policy"]}
    assert verdict(plain, bare) is Malformed
    assert verdict(plain, {**bare, "commitment": logs.COMMITMENT.hex()}) is None
    assert verdict(plain, {**bare, "commitment": bytes(32).hex()}) is NotIncluded
    assert verdict(plain, {**bare, "commitment": "no"}) is Malformed


def test_the_acceptance_and_the_proof_belong_together(given: dict[str, Any], tmp_path: Path) -> None:
    same = logs.written(tmp_path, "same.json", logs.acceptance())
    other = logs.written(tmp_path, "other.json", logs.acceptance(bytes(32), index=0) | {"opening": {"salt": "00" * 32}})
    bare = {"file": given["file"], "policy": given["policy"]}
    assert verdict(LOG.proof(6), {**bare, "acceptance": same}) is None
    assert verdict(LOG.proof(6), {**bare, "acceptance": other}) is NotIncluded


@pytest.mark.parametrize(
    ("name", "content"),
    [("opening", {**logs.OPENING, "salt": "00" * 32}), ("opening", {**logs.OPENING, "document_sha256": "00" * 32}),
     ("document", {**logs.DOCUMENT, "name": "Grun"})],
)  # fmt: skip
def test_another_opening_or_document_is_refused(name: str, content: dict[str, Any], given: dict[str, Any]) -> None:
    Path(given[name]).write_text(json.dumps(content))
    assert verdict(Path(given["file"]).read_bytes(), given) is NotIncluded


def test_an_opening_without_digest_is_opened_by_the_document(given: dict[str, Any]) -> None:
    secret = {"salt": logs.SALT.hex(), "digest_algorithm": "SHA-256 over RFC 8785", "schema_version": "1"}
    Path(given["opening"]).write_text(json.dumps(secret))
    assert verdict(LOG.proof(6), given) is None
    assert verdict(LOG.proof(6), {**given, "document": None}) is Malformed


def test_an_acceptance_holds(accepted: dict[str, Any], given: dict[str, Any]) -> None:
    found = receipt.run(logs.asked(**accepted, document=given["document"]))
    assert found["filing"] == "ECAR-2026-000123-7"
    assert found["received_at"] == "2026-09-01T10:00:00.123456Z"
    assert found["document"] == "matches"


def test_the_bare_acceptance_holds_by_key_or_by_policy(accepted: dict[str, Any], given: dict[str, Any]) -> None:
    bare = json.dumps(logs.acceptance()["receipt"]).encode()
    assert verdict(bare, accepted) is None
    assert verdict(bare, {"file": accepted["file"], "policy": given["policy"]}) is None
    assert verdict(bare, {"file": accepted["file"], "key": [logs.VKEY]}) is None


def test_an_acceptance_under_a_mandate_holds(accepted: dict[str, Any]) -> None:
    """The register may name the mandate of an agent; it is signed like the rest."""
    members = logs.acceptance(mandate="m-1")
    assert members["receipt"]["mandate"] == "m-1"
    assert verdict(json.dumps(members).encode(), accepted) is None
    del members["receipt"]["mandate"]
    assert verdict(json.dumps(members).encode(), accepted) is BadSignature


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"origin": "registry.example.eu/log/2026"}, BadSignature),
        ({"version": 3}, BadSignature),
        ({"version": True}, Malformed),
        ({"version": -1}, Malformed),
        ({"index": 7.0}, Malformed),
        ({"commitment": "A" * 64}, Malformed),
        ({"received_at": "2026-09-01T10:00:00Z"}, Malformed),
        ({"received_at": "2026-13-01T10:00:00.000000Z"}, Malformed),
        ({"key_id": "00" * 8}, BadSignature),
        ({"mandate": "m-1"}, BadSignature),
        ({"extra": "x"}, Malformed),
        ({"filing": 1}, Malformed),
    ],
)
def test_a_changed_acceptance_is_refused_for_its_reason(
    change: dict[str, Any], refusal: type[Refused], accepted: dict[str, Any]
) -> None:
    members = logs.acceptance()
    members["receipt"] |= change
    assert verdict(json.dumps(members).encode(), accepted) is refusal


def test_a_key_beside_the_acceptance_is_not_trusted_for_being_there(accepted: dict[str, Any]) -> None:
    members = logs.acceptance()
    stranger = logs.WITNESSES["w1.example"]
    assert (
        verdict(json.dumps({**members, "public_key": receipts.public_pem(stranger)}).encode(), accepted) is BadSignature
    )
    Path(accepted["key"][0]).write_text(receipts.public_pem(stranger))
    assert verdict(json.dumps(members).encode(), accepted) is BadSignature


def test_an_acceptance_of_another_origin_is_refused_where_the_log_is_named(accepted: dict[str, Any]) -> None:
    other = json.dumps(logs.acceptance(origin="elsewhere.example/log")["receipt"]).encode()
    assert verdict(other, {**accepted, "key": [logs.VKEY]}) is BadSignature


def test_a_signed_entry_hash_that_does_not_follow_is_evidence(accepted: dict[str, Any]) -> None:
    assert verdict(json.dumps(logs.acceptance(entry_hash=bytes(32))).encode(), accepted) is Misbehaviour


@pytest.mark.parametrize(
    "content",
    [b"{", b"[]", b"{}", b'{"receipt": 1}', b'{"receipt": {}, "receipt": {}}', b"\xff", b"", b'{"a": NaN}',
     b'{"a": 1e400}', b"{" * 5000, b'{"a":' * 100_000, b'{"a": ' + b"9" * 5000 + b"}"],
)  # fmt: skip
def test_what_is_no_receipt_is_malformed(content: bytes, accepted: dict[str, Any]) -> None:
    assert verdict(content, accepted) is Malformed
