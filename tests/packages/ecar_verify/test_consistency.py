"""Two checkpoints of one log, and what happens when they are not."""

from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest
from ecar_verify import checkpoints
from ecar_verify.refusals import BadSignature, Malformed, Misbehaviour, NotIncluded, QuorumMissing, Refused

from registry.ledger import notes, tree
from tests.packages.ecar_verify import logs

LOG = logs.Log(logs.entries(700))
FORK = logs.Log([*logs.entries(300), *reversed(logs.entries(700)[300:])])


@pytest.fixture
def given(tmp_path: Path) -> dict[str, Any]:
    """Checkpoints of 301 and 700 entries and the proof between them."""
    return {
        "old": logs.written(tmp_path, "old", LOG.checkpoint(301)),
        "new": logs.written(tmp_path, "new", LOG.checkpoint()),
        "proof": logs.written(tmp_path, "proof", proof()),
        "policy": logs.written(tmp_path, "policy", logs.policy()),
    }


def proof(old: int = 301, log: logs.Log = LOG) -> str:
    hashes = tree.consistency(old=old, new=len(log.entries), nodes=log.nodes())
    return "".join(f"{b64encode(each).decode()}\n" for each in hashes)


def refusal(members: dict[str, Any], **changed: Any) -> Refused | None:
    try:
        checkpoints.run_consistency(logs.asked(**{**members, **changed}))
    except Refused as refused:
        return refused
    return None


def test_a_log_that_grew_is_consistent_by_proof_and_by_its_entries(given: dict[str, Any], tmp_path: Path) -> None:
    found = checkpoints.run_consistency(logs.asked(**given))
    assert (found["old"]["size"], found["new"]["size"]) == (301, 700)  # type: ignore[index]
    folder = str(LOG.publish(tmp_path / "log"))
    assert refusal({**given, "proof": None, "log": folder}) is None
    assert refusal({**given, "old": given["new"], "new": given["old"]}) is None, "their order does not matter"


def test_a_proof_is_read_from_json_too(given: dict[str, Any]) -> None:
    lines = ",".join(f'"{line}"' for line in proof().split())
    Path(given["proof"]).write_text(f'{{"old":301,"new":700,"proof":[{lines}]}}')
    assert refusal(given) is None
    Path(given["proof"]).write_text('{"old":301}')
    assert isinstance(refusal(given), Malformed)


def test_equal_sizes_need_no_proof(given: dict[str, Any]) -> None:
    assert refusal({**given, "old": given["new"], "proof": None}) is None


def test_two_roots_of_one_size_are_evidence(given: dict[str, Any]) -> None:
    Path(given["old"]).write_bytes(FORK.checkpoint())
    refused = refusal(given)
    assert isinstance(refused, Misbehaviour)
    assert set(refused.checkpoints) == {FORK.checkpoint().decode(), LOG.checkpoint().decode()}


@pytest.mark.parametrize("way", ["proof", "log"])
def test_a_fork_is_evidence(way: str, given: dict[str, Any], tmp_path: Path) -> None:
    Path(given["old"]).write_bytes(FORK.checkpoint(301))
    members = {**given, "proof": None, "log": str(LOG.publish(tmp_path / "log"))} if way == "log" else given
    refused = refusal(members)
    assert isinstance(refused, Misbehaviour)
    assert len(refused.checkpoints) == 2


def test_a_false_root_of_the_empty_log_is_evidence(given: dict[str, Any]) -> None:
    text = str(notes.Checkpoint(logs.ORIGIN, 0, bytes(32)))
    signed = notes.write(text, signatures=[notes.sign(text, name=logs.ORIGIN, key=logs.KEY)])
    Path(given["old"]).write_bytes(signed)
    assert isinstance(refusal(given), Misbehaviour)
    Path(given["old"]).write_bytes(logs.Log([]).checkpoint())
    assert refusal({**given, "proof": None}) is None


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        (lambda text: text.replace("\n", "\r\n"), Malformed),
        (lambda text: text[:-1], Malformed),
        (lambda text: text[:20] + text[21:], Malformed),
        (lambda text: text.partition("\n")[2], Misbehaviour),
        (lambda text: text + text, Misbehaviour),
        (lambda text: "\n".join(reversed(text.split())) + "\n", Misbehaviour),
    ],
)
def test_another_proof_is_refused(changed: Any, expected: type[Refused], given: dict[str, Any]) -> None:
    Path(given["proof"]).write_text(changed(proof()), newline="")
    assert isinstance(refusal(given), expected)


def test_two_sizes_without_a_proof_cannot_be_judged(given: dict[str, Any]) -> None:
    assert isinstance(refusal({**given, "proof": None}), Malformed)


def test_two_logs_cannot_be_compared(given: dict[str, Any]) -> None:
    other = logs.Log(logs.entries(301), origin="elsewhere.example/log")
    Path(given["old"]).write_bytes(other.checkpoint())
    assert isinstance(refusal(given), BadSignature)
    key = notes.verifier_key(name=other.origin, key=other.key.public_key())
    assert isinstance(refusal(given, key=[str(key)]), Malformed)


def test_the_quorum_comes_last(given: dict[str, Any]) -> None:
    Path(given["new"]).write_bytes(LOG.checkpoint(witnesses=1))
    assert isinstance(refusal(given), QuorumMissing)
    Path(given["old"]).write_bytes(FORK.checkpoint(witnesses=0))
    assert isinstance(refusal(given), Misbehaviour), "evidence needs no witnesses"


def test_a_log_without_its_files_does_not_hold_its_entries(given: dict[str, Any], tmp_path: Path) -> None:
    folder = LOG.publish(tmp_path / "log")
    (folder / "tile/entries/001").unlink()
    assert isinstance(refusal({**given, "proof": None, "log": str(folder)}), NotIncluded)
    assert isinstance(refusal({**given, "proof": None, "log": str(tmp_path / "nowhere")}), Malformed)


def test_a_checkpoint_alone_is_judged_by_the_policy(given: dict[str, Any], tmp_path: Path) -> None:
    found = checkpoints.run_checkpoint(logs.asked(file=given["new"], policy=given["policy"]))
    assert (found["origin"], found["size"]) == (logs.ORIGIN, 700)
    alone = logs.written(tmp_path, "alone", LOG.checkpoint(witnesses=0))
    with pytest.raises(QuorumMissing, match="nobody"):
        checkpoints.run_checkpoint(logs.asked(file=alone, policy=given["policy"]))
    receipt = logs.written(tmp_path, "receipt", LOG.proof(5))
    assert checkpoints.run_checkpoint(logs.asked(file=receipt, key=[logs.VKEY]))["size"] == 700
