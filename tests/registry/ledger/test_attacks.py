"""Five attacks of an operator who owns database, files and key. Each ends in the verifier's evidence exit code."""

import json
import os
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connection
from ecar_verify import command

from registry import rows
from registry.acting import acting_as
from registry.ledger import keeping, log, notes, proofs, receipts, sequencing, tree
from registry.ledger.models import Checkpoint, Entry, Leaf
from tests.registry.ledger.conftest import KEY, ORIGIN, KeptLog

pytestmark = pytest.mark.django_db

EVIDENCE = 40
WITNESS = Ed25519PrivateKey.from_private_bytes(b"w" * 32)
TABLES = ("ledger_cosignature", "ledger_leaf", "ledger_checkpoint", "ledger_entry")


class Operator:
    """Owns the tables, the key and all files, and knows the register's own code."""

    def __init__(self, kept: KeptLog) -> None:
        self.kept = kept

    def rewrite(self, change: Callable[[list[bytes]], None]) -> None:
        """Put another history in place of the one stored, and sign and publish it anew, as if it had never differed."""
        commitments = [bytes(c) for c in Leaf.objects.order_by("position").values_list("commitment", flat=True)]
        change(commitments)
        self.disarm()
        with connection.cursor() as cursor:
            cursor.execute("delete from ledger_cosignature; delete from ledger_leaf; delete from ledger_checkpoint")
        rows.insert(
            Leaf,
            [
                {"position": at, "commitment": each, "entry_id": None, "is_act": False}
                for at, each in enumerate(commitments)
            ],
        )
        grown = tree.Compact().grown(tree.leaf_hash(tree.leaf(commitment=each)) for each in commitments)
        note = sequencing.Signer(ORIGIN, KEY).note(grown.size, grown.root)
        sequencing.store(grown, note=note, at=self.kept.at)
        shutil.rmtree(self.kept.published)
        shutil.rmtree(self.kept.places.outside.folder.place)
        keeping.publish(self.kept.places, by=self.kept.by)

    def disarm(self) -> None:
        """What only the tables' owner can do."""
        with connection.cursor() as cursor:
            for table in TABLES:
                cursor.execute(f"set constraints all immediate; alter table {table} disable trigger user")


def _verify(folder: Path, *arguments: str) -> tuple[int, Path]:
    evidence = folder / "evidence.json"
    return command.main([*arguments, "--evidence", str(evidence)]), evidence


def _assert_shown(code: int, evidence: Path) -> None:
    assert code == EVIDENCE
    told = json.loads(evidence.read_text())
    assert told["form"] == "ecar-evidence/v1"
    assert told["checkpoints"] or told["details"]


def _receipt(kept: KeptLog, entry: Entry, folder: Path) -> Path:
    with acting_as(kept.by):
        found = proofs.included(bytes(entry.commitment), published=kept.places.published, quorum=lambda _: True)
    assert found is not None
    path = folder / "receipt.tlog-proof"
    path.write_text(found.proof, encoding="utf-8")
    return path


def _altered(commitments: list[bytes]) -> None:
    commitments[20] = os.urandom(32)


def _deleted(commitments: list[bytes]) -> None:
    del commitments[20]
    commitments.append(os.urandom(32))


def _reordered(commitments: list[bytes]) -> None:
    commitments[20], commitments[21] = commitments[21], commitments[20]


@pytest.mark.parametrize("attack", [_altered, _deleted, _reordered])
@pytest.mark.parametrize("grows", [False, True], ids=["at the same size", "and grows on"])
def test_a_rewritten_history_is_evidence_for_whoever_watched(
    kept: KeptLog, tmp_path: Path, attack: Callable[[list[bytes]], None], grows: bool
) -> None:
    kept.enter(20)
    kept.keep()
    mirror = ["--mirror", str(tmp_path / "mirror"), "--key", kept.verifier_key]
    assert _verify(tmp_path, "monitor", str(kept.published), *mirror)[0] == 0
    Operator(kept).rewrite(attack)
    if grows:
        kept.keep()
    _assert_shown(*_verify(tmp_path, "monitor", str(kept.published), *mirror))


@pytest.mark.parametrize("attack", [_altered, _deleted, _reordered])
def test_a_rewritten_history_is_evidence_for_whoever_holds_one_receipt(
    kept: KeptLog, tmp_path: Path, attack: Callable[[list[bytes]], None]
) -> None:
    entry = kept.enter(20)[0]
    kept.keep()
    receipt = str(_receipt(kept, entry, tmp_path))
    monitor = ["monitor", str(kept.published), "--against", receipt, "--key", kept.verifier_key]
    assert _verify(tmp_path, *monitor)[0] == 0
    Operator(kept).rewrite(attack)
    kept.keep()
    _assert_shown(*_verify(tmp_path, *monitor))


def test_a_filing_entered_late_with_an_early_date_is_evidence(kept: KeptLog, tmp_path: Path) -> None:
    kept.enter(3)
    kept.keep()
    early = kept.at - timedelta(hours=2)
    (tmp_path / "seen").write_text(_witnessed(Checkpoint.objects.get(), at=int(kept.at.timestamp())))
    late = kept.enter(1, at=early)[0]  # long after the witness saw the log
    kept.keep()
    _receipt(kept, late, tmp_path)
    (tmp_path / "acceptance.json").write_text(json.dumps({"receipt": _accepted(late)}))
    (tmp_path / "policy").write_text(_policy(kept))
    code, evidence = _verify(
        tmp_path, "monitor", str(kept.published), "--against", str(tmp_path / "seen"),
        "--acceptance", str(tmp_path / "acceptance.json"), "--policy", str(tmp_path / "policy"),
    )  # fmt: skip
    _assert_shown(code, evidence)


def test_an_entry_whose_date_is_changed_in_place_no_longer_follows_from_its_parts(
    kept: KeptLog, tmp_path: Path
) -> None:
    entry = kept.enter(1)[0]
    kept.keep()
    Operator(kept).disarm()
    with connection.cursor() as cursor:
        cursor.execute("update ledger_entry set at = at - interval '1 day'")
    (tmp_path / "acceptance.json").write_text(json.dumps({"receipt": _accepted(Entry.objects.get(index=entry.index))}))
    _assert_shown(*_verify(tmp_path, "receipt", str(tmp_path / "acceptance.json"), "--key", kept.verifier_key))


def test_two_histories_for_two_people_are_evidence_once_they_meet(kept: KeptLog, tmp_path: Path) -> None:
    kept.enter(20)
    kept.keep()
    one, other = tmp_path / "shown to one", tmp_path / "shown to another"
    shutil.copy(kept.published / "checkpoint", one)
    Operator(kept).rewrite(_altered)
    shutil.copy(kept.published / "checkpoint", other)
    key = ["--key", kept.verifier_key]
    assert _verify(tmp_path, "checkpoint", str(one), *key)[0] == 0
    assert _verify(tmp_path, "checkpoint", str(other), *key)[0] == 0
    _assert_shown(*_verify(tmp_path, "consistency", str(one), str(other), *key))


def _accepted(entry: Entry) -> dict[str, str | int]:
    line = log.line_of(entry)
    return receipts.sign(key=KEY, origin=ORIGIN, filing="ECAR-2026-000123-7", version=1, entry=line).as_json()


def _witnessed(head: Checkpoint, *, at: int) -> str:
    text = notes.read(head.note.encode()).text
    return f"{head.note}{notes.cosign(text, name='witness.example', key=WITNESS, at=at)}"


def _policy(kept: KeptLog) -> str:
    witness = notes.verifier_key(name="witness.example", key=WITNESS.public_key(), cosigns=True)
    return f"log {kept.verifier_key}\nwitness w {witness}\nquorum none\n"
