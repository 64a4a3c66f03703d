"""The register and its witnesses: asked after each head, late ones waited for by nobody, the quorum told."""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from ecar_verify import command as verify
from ecar_witness import command as witness_command
from ecar_witness.notes import read_key
from ecar_witness.server import Server

from registry.acting import acting_as
from registry.ledger import keeping, notes, proofs, witnesses
from registry.ledger.models import Cosignature
from registry.ledger.sequencing import Signer
from registry.ledger.witnesses import Policy, read_policy
from tests.registry.ledger.conftest import KEY, ORIGIN, KeptLog

VALID, QUORUM_MISSING = 0, 50
KEYS = {name: Ed25519PrivateKey.from_private_bytes(name.encode() * 16) for name in ("w1", "w2", "w3")}
NOWHERE = "http://127.0.0.1:9"  # nobody listens there


@pytest.fixture
def serve(tmp_path: Path, kept: KeptLog) -> Iterator[Callable[[str], str]]:
    """Starts a witness of the log; its address."""
    running: list[Server] = []

    def started(name: str) -> str:
        made = witness_command.made(f"{name}.example", KEYS[name], [read_key(kept.verifier_key)], tmp_path / name)
        server = Server(("127.0.0.1", 0), made)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        running.append(server)
        return f"http://127.0.0.1:{server.server_address[1]}"

    (tmp_path / "w1").mkdir()
    (tmp_path / "w2").mkdir()
    yield started
    for server in running:
        server.shutdown()
        server.server_close()


def _policy(*, needed: str = "2", **places: str) -> Policy:
    lines = []
    for name, url in places.items():
        key = notes.verifier_key(name=f"{name}.example", key=KEYS[name].public_key(), cosigns=True)
        lines.append(f"witness {name} {key} {url}")
    return read_policy("\n".join([*lines, f"group enough {needed} {' '.join(places)}", "quorum enough"]))


def _keep(kept: KeptLog, policy: Policy, *, later: int = 0) -> int:
    return keeping.keep(
        by=kept.by,
        clock=lambda: kept.at + timedelta(seconds=later),
        at_places=kept.places,
        by_signer=Signer(ORIGIN, KEY),
        by_policy=policy,
    )


@pytest.mark.django_db
def test_witnesses_sign_each_head_and_receipts_carry_their_signatures(
    kept: KeptLog, serve: Callable[[str], str], tmp_path: Path
) -> None:
    policy = _policy(w1=serve("w1"), w2=serve("w2"))
    entry = kept.enter(1)[0]
    for _ in range(3):
        _keep(kept, policy)
    assert Cosignature.objects.count() == 6
    with acting_as(kept.by):
        found = proofs.included(bytes(entry.commitment), published=kept.places.published, quorum=policy.is_reached)
    assert found is not None
    assert (found.is_quorate, found.witnesses) == (True, ("w1.example", "w2.example"))
    (tmp_path / "receipt").write_text(found.proof, encoding="utf-8")
    trusted = ["--policy", str(kept.published / "policy")]
    assert verify.main(["receipt", str(tmp_path / "receipt"), "--commitment", entry.commitment.hex(), *trusted]) == 0
    assert verify.main(["monitor", str(kept.published), *trusted]) == VALID


@pytest.mark.django_db
def test_filing_goes_on_when_a_witness_is_away_and_the_receipt_says_that_the_quorum_is_pending(
    kept: KeptLog, serve: Callable[[str], str]
) -> None:
    policy = _policy(w1=serve("w1"), w2=NOWHERE)
    entry = kept.enter(1)[0]
    assert _keep(kept, policy) == 16
    with acting_as(kept.by):
        found = proofs.included(bytes(entry.commitment), published=kept.places.published, quorum=policy.is_reached)
    assert found is not None
    assert (found.is_quorate, found.witnesses) == (False, ("w1.example",))
    trusted = ["--policy", str(kept.published / "policy")]
    assert verify.main(["monitor", str(kept.published), *trusted]) == QUORUM_MISSING


@pytest.mark.django_db
def test_a_receipt_shows_the_newest_head_that_the_quorum_signed(kept: KeptLog, serve: Callable[[str], str]) -> None:
    both = _policy(w1=serve("w1"), w2=serve("w2"))
    entry = kept.enter(1)[0]
    _keep(kept, both)
    _keep(kept, _policy(w1=NOWHERE, w2=NOWHERE))
    with acting_as(kept.by):
        found = proofs.included(bytes(entry.commitment), published=kept.places.published, quorum=both.is_reached)
    assert found is not None
    assert (found.size, found.is_quorate) == (16, True)


@pytest.mark.django_db
def test_a_witness_that_comes_back_is_asked_from_where_it_stopped(kept: KeptLog, serve: Callable[[str], str]) -> None:
    url = serve("w1")
    _keep(kept, _policy(needed="1", w1=url))
    _keep(kept, _policy(needed="1", w1=NOWHERE))
    Cosignature.objects.all()
    _keep(kept, _policy(needed="1", w1=url))
    assert list(Cosignature.objects.values_list("checkpoint_id", flat=True)) == [16, 48]


@pytest.mark.django_db
def test_a_missing_quorum_is_told_after_ten_minutes(kept: KeptLog, caplog: pytest.LogCaptureFixture) -> None:
    policy = _policy(needed="1", w1=NOWHERE)
    _keep(kept, policy)
    assert "quorum" not in caplog.text
    _keep(kept, policy, later=601)
    assert "the quorum of witnesses has been missing" in caplog.text


def test_a_policy_is_read_and_written_alike() -> None:
    policy = _policy(w1=NOWHERE, w2=NOWHERE, w3=NOWHERE)
    key = notes.verifier_key(name=ORIGIN, key=KEY.public_key())
    assert read_policy(policy.text(key)) == policy
    assert read_policy("# nobody\n\n") == Policy()


@pytest.mark.parametrize(
    "line",
    [
        "witness w1 nonsense http://x",
        "witness w1",
        "group g 1",
        "group g 3 w1 w2",
        "group g 0 w1",
        "group g all w1 w1",
        "group g any stranger",
        "quorum stranger",
        "nonsense",
    ],
)
def test_what_is_no_policy_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_policy(f"{_witness_line('w1')}\n{_witness_line('w2')}\n{line}")


def test_a_logs_key_is_no_witness() -> None:
    key = notes.verifier_key(name=ORIGIN, key=KEY.public_key())
    with pytest.raises(ValueError, match="not a witness"):
        read_policy(f"witness w1 {key} http://x")


def test_an_answer_that_does_not_hold_counts_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    policy = _policy(needed="1", w1=NOWHERE)
    note = Signer(ORIGIN, KEY).note(3, bytes(32))
    other = Signer(ORIGIN, KEY).note(4, bytes(32))
    line = notes.cosign(notes.read(other.encode()).text, name="w1.example", key=KEYS["w1"], at=1)
    monkeypatch.setattr(witnesses, "_posted", lambda *_: (200, str(line)))
    assert witnesses.collect(policy, note=note, known={}, consistency=lambda _: []) == []


def _witness_line(name: str) -> str:
    key = notes.verifier_key(name=f"{name}.example", key=KEYS[name].public_key(), cosigns=True)
    return f"witness {name} {key} {NOWHERE}"
