"""A witness signs what continues, once, and nothing else; and it says why not as the specification has it."""

import json
from base64 import b64decode, b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from ecar_witness import command, merkle
from ecar_witness.notes import read_key
from ecar_witness.witness import Answer, Witness

from registry.ledger import notes, tree
from tests.packages.ecar_verify.logs import KEY, ORIGIN, VKEY, Log, entries
from tests.packages.ecar_verify.test_merkle import decoded, needs_shared, vectors

OWN = Ed25519PrivateKey.from_private_bytes(b"o" * 32)
PUBLIC = notes.verifier_key(name="w.example", key=OWN.public_key(), cosigns=True)
AT = 1_790_000_000


@pytest.fixture
def witness(tmp_path: Path) -> Witness:
    return command.made("w.example", OWN, [read_key(VKEY)], tmp_path)


def _asked(log: Log, size: int, old: int, *, hashes: list[bytes] | None = None) -> bytes:
    nodes = log.nodes()
    proof = tree.consistency(old=old, new=size, nodes=nodes) if hashes is None else hashes
    lines = [f"old {old}", *(b64encode(each).decode() for each in proof), ""]
    return "".join(f"{line}\n" for line in lines).encode() + log.checkpoint(size, witnesses=0)


def _signed(log: Log, size: int, answer: Answer) -> int | None:
    text = notes.read(log.checkpoint(size)).text
    (signed,) = notes.verify(notes.read(f"{text}\n{answer.body}".encode()), keys=[PUBLIC])
    return signed.at


def test_it_signs_the_first_head_and_those_that_continue(witness: Witness) -> None:
    log, old = Log(entries(70)), 0
    for size in (1, 7, 7, 8, 70):
        answer = witness.add_checkpoint(_asked(log, size, old), at=AT)
        assert answer.status == 200, answer
        assert _signed(log, size, answer) == AT
        old = size


def test_it_remembers_across_a_restart(witness: Witness, tmp_path: Path) -> None:
    log = Log(entries(9))
    witness.add_checkpoint(_asked(log, 8, 0), at=AT)
    again = command.made("w.example", OWN, [read_key(VKEY)], tmp_path)
    assert again.add_checkpoint(_asked(log, 9, 0), at=AT) == Answer(409, "8\n", "text/x.tlog.size")


def test_it_never_goes_back(witness: Witness) -> None:
    log = Log(entries(9))
    witness.add_checkpoint(_asked(log, 9, 0), at=AT)
    assert witness.add_checkpoint(_asked(log, 8, 8), at=AT).status == 409
    assert witness.add_checkpoint(_asked(log, 8, 0), at=AT).status == 409


def test_another_history_is_refused_and_two_roots_of_one_size_are_kept_as_evidence(
    witness: Witness, tmp_path: Path
) -> None:
    log, other = Log(entries(20)), Log([b"\x01" + b"x" * 32, *entries(20)[1:]])
    witness.add_checkpoint(_asked(log, 10, 0), at=AT)
    assert witness.add_checkpoint(_asked(other, 20, 10), at=AT).status == 422
    assert not (tmp_path / "evidence").exists()
    assert witness.add_checkpoint(_asked(other, 10, 10), at=AT) == Answer(409, "10\n", "text/x.tlog.size")
    (kept,) = (tmp_path / "evidence").iterdir()
    assert json.loads(kept.read_text())["checkpoints"] == [
        each.checkpoint(10, witnesses=0).decode() for each in (log, other)
    ]
    assert witness.add_checkpoint(_asked(log, 20, 10), at=AT).status == 200


def test_a_log_that_is_not_watched_is_404(witness: Witness) -> None:
    assert witness.add_checkpoint(_asked(Log(entries(3), origin="other.example"), 3, 0), at=AT).status == 404


def test_a_strangers_signature_is_403(witness: Witness) -> None:
    stranger = Log(entries(3), key=Ed25519PrivateKey.generate())
    assert witness.add_checkpoint(_asked(stranger, 3, 0), at=AT).status == 403


def test_a_broken_signature_is_403(witness: Witness) -> None:
    body = _asked(Log(entries(3)), 3, 0)
    name, value = body.decode().rstrip("\n").rsplit(" ", 1)
    changed = value[:20] + ("A" if value[20] != "A" else "B") + value[21:]
    assert witness.add_checkpoint(f"{name} {changed}\n".encode(), at=AT).status == 403


@pytest.mark.parametrize(
    "change",
    [
        lambda _: b"",
        lambda body: body.replace(b"old 0", b"old 00"),
        lambda body: body.replace(b"old 0", b"old -1"),
        lambda body: body.replace(b"old 0", b"new 0"),
        lambda body: body.replace(b"\n", b"\r\n"),
        lambda body: body[:-1],
        lambda body: b"\xff" + body,
        lambda body: body.replace(b"old 0\n", b"old 0\n" + b"AAAA\n"),
        lambda body: body.replace(b"old 0\n", b"old 0\n" + b64encode(bytes(32)) + b"=\n"),
        lambda body: body.replace(b"old 0\n", b"old 0\n" + (b64encode(bytes(32)) + b"\n") * 64),
        lambda body: body.replace("—".encode(), b"-"),
    ],
)
def test_what_is_not_of_the_form_is_400(witness: Witness, change: Callable[[bytes], bytes]) -> None:
    assert witness.add_checkpoint(change(_asked(Log(entries(3)), 3, 0)), at=AT).status == 400


def test_an_old_size_beyond_the_new_one_is_400(witness: Witness) -> None:
    body = _asked(Log(entries(3)), 3, 0).replace(b"old 0", b"old 4")
    assert witness.add_checkpoint(body, at=AT).status == 400


def test_a_proof_where_none_belongs_is_422(witness: Witness) -> None:
    assert witness.add_checkpoint(_asked(Log(entries(3)), 3, 0, hashes=[bytes(32)]), at=AT).status == 422


@pytest.mark.parametrize("new", [1, 2, 3, 7, 8, 9, 31, 33, 64])
def test_proofs_of_all_sizes_are_judged_as_the_register_judges_them(new: int) -> None:
    nodes = tree.in_memory(map(tree.leaf_hash, entries(new)))
    roots = [tree.root(map(tree.leaf_hash, entries(size))) for size in range(new + 1)]
    for old in range(new + 1):
        proof = tree.consistency(old=old, new=new, nodes=nodes)
        members = {"old": old, "new": new, "old_root": roots[old], "new_root": roots[new]}
        assert merkle.is_consistent(**members, proof=proof)
        assert not merkle.is_consistent(**members, proof=[*proof, bytes(32)])
        assert not merkle.is_consistent(**members, proof=proof[:-1]) or not proof
        for at in range(len(proof)):
            changed = [*proof[:at], bytes(32), *proof[at + 1 :]]
            assert not merkle.is_consistent(**members, proof=changed)
        if old:
            assert not merkle.is_consistent(**{**members, "old_root": bytes(32)}, proof=proof)


@pytest.mark.shared
@needs_shared
@pytest.mark.parametrize("case", vectors("consistency"))
def test_known_proofs_are_judged_as_others_judge_them(case: dict[str, Any]) -> None:
    held = merkle.is_consistent(
        old=case["size1"],
        new=case["size2"],
        old_root=b64decode(case["root1"] or ""),
        new_root=b64decode(case["root2"] or ""),
        proof=decoded(case["proof"]),
    )
    assert held is not case["wantErr"]


def test_the_keys_file_is_private_and_the_same_the_next_time(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = []
    for _ in range(2):
        assert command.main(["key", "--name", "w.example", "--folder", str(tmp_path)]) == 0
        told.append(capsys.readouterr().out)
    assert told[0] == told[1]
    assert notes.read_verifier_key(told[0].strip()).type == notes.COSIGNATURE
    assert (tmp_path / "key.pem").stat().st_mode & 0o777 == 0o600


def test_a_log_key_that_is_none_is_wrong_use(tmp_path: Path) -> None:
    assert command.main(["run", "--name", "w", "--folder", str(tmp_path), "--log", "nonsense"]) == 2


def test_the_names_used_here_are_those_of_the_log() -> None:
    assert read_key(VKEY).name == ORIGIN
    assert read_key(VKEY).public == KEY.public_key().public_bytes_raw()
