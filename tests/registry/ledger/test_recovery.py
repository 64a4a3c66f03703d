"""A backup, 300 filings, the backup restored: the sequencer refuses, recovery brings each receipt back to its place."""

import shutil
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import transaction
from ecar_verify import command

from registry.acting import Actor, acting_as
from registry.filings import actions
from registry.filings.actions import NewFiling
from registry.filings.models import Filing
from registry.ledger import chain, log, proofs, recovery, sequencing
from registry.ledger.models import Entry, Leaf
from registry.ledger.proofs import Included
from registry.ledger.publishing import LogRefused
from tests.documents import planned_run
from tests.registry.ledger.conftest import KEY, ORIGIN, KeptLog

pytestmark = pytest.mark.django_db

SIGNER = sequencing.Signer(ORIGIN, KEY)


def _file(kept: KeptLog, actor: Actor, numbers: range) -> list[bytes]:
    """File that many runs; their commitments."""
    items = [NewFiling(planned_run(run__client_run_id=f"run-{number}")) for number in numbers]
    before = Entry.objects.count()
    with acting_as(actor):
        outcomes = actions.file(items, by=actor, at=kept.at)
    assert all(outcome.refusal is None for outcome in outcomes)
    filed = Entry.objects.filter(index__gte=before, kind="filing.submitted").order_by("index")
    return [bytes(commitment) for commitment in filed.values_list("commitment", flat=True)]


def _proofs(kept: KeptLog, commitments: list[bytes]) -> dict[bytes, Included | None]:
    published = kept.places.published
    with acting_as(kept.by):
        return {each: proofs.included(each, published=published, quorum=lambda _: True) for each in commitments}


def _recover(kept: KeptLog) -> recovery.Recovered:
    with acting_as(kept.by):
        return recovery.recover(there=kept.places, signer=SIGNER, by=kept.by, at=kept.at)


def _places(kept: KeptLog, commitments: list[bytes]) -> dict[bytes, int | None]:
    return {each: found and found.index for each, found in _proofs(kept, commitments).items()}


def test_an_old_backup_is_refused_and_every_receipt_comes_back_to_its_index(
    kept: KeptLog, alice: Actor, tmp_path: Path
) -> None:
    _file(kept, alice, range(30))
    kept.keep()
    backup = transaction.savepoint()
    filed: list[bytes] = []
    for part in range(3):
        filed += _file(kept, alice, range(100 * part + 100, 100 * part + 200))
        kept.keep()
    receipts = {each: found for each, found in _proofs(kept, filed).items() if found is not None}
    entries = list(Entry.objects.order_by("index").values())
    assert len(receipts) == 300
    transaction.savepoint_rollback(backup)  # what restoring a backup does: the database forgets, files do not
    assert Filing.objects.count() == 30

    with pytest.raises(LogRefused, match="REFUSE"):
        kept.keep()
    back = _recover(kept)
    assert (back.entries, back.without) == (300, 0)
    kept.enter(3)
    kept.keep()

    assert _places(kept, filed) == {each: found.index for each, found in receipts.items()}
    assert list(Entry.objects.order_by("index").values())[: len(entries)] == entries
    assert chain.verify(map(log.line_of, Entry.objects.order_by("index"))) is None
    key = ["--key", kept.verifier_key]
    oldest = tmp_path / "receipt"
    oldest.write_text(receipts[filed[0]].proof, encoding="utf-8")
    assert command.main(["receipt", str(oldest), "--commitment", filed[0].hex(), *key]) == 0
    assert command.main(["monitor", str(kept.published), "--against", str(oldest), *key]) == 0


def test_what_was_entered_after_the_restore_keeps_its_place_and_the_lost_leaves_theirs(kept: KeptLog) -> None:
    kept.enter(2)
    kept.keep()
    backup = transaction.savepoint()
    lost = [bytes(entry.commitment) for entry in kept.enter(5)]
    kept.keep()
    known = _places(kept, lost)
    transaction.savepoint_rollback(backup)
    late = [bytes(entry.commitment) for entry in kept.enter(1)]
    back = _recover(kept)
    assert (back.entries, back.without) == (0, 5)
    kept.keep()
    assert _places(kept, lost) == known
    assert None not in _places(kept, late).values()


def test_an_entry_that_the_backup_had_without_a_place_finds_it_again(kept: KeptLog) -> None:
    kept.keep()
    waiting = kept.enter(1)[0]
    backup = transaction.savepoint()
    kept.enter(1)
    kept.keep()
    place = Leaf.objects.get(entry_id=waiting.index, is_act=False).position
    transaction.savepoint_rollback(backup)
    assert _recover(kept).entries == 1
    assert Leaf.objects.get(entry_id=waiting.index, is_act=False).position == place


def test_nothing_is_recovered_where_nothing_was_lost(kept: KeptLog) -> None:
    kept.keep()
    with pytest.raises(LogRefused, match="nothing to recover"):
        _recover(kept)


def test_a_log_that_is_not_whole_is_not_recovered_from(kept: KeptLog) -> None:
    backup = transaction.savepoint()
    kept.keep()
    transaction.savepoint_rollback(backup)
    shutil.rmtree(kept.published / "tile")
    with pytest.raises(LogRefused, match="fetch it from a mirror"):
        _recover(kept)


def test_a_checkpoint_of_another_key_is_not_recovered_from(kept: KeptLog) -> None:
    kept.keep()
    stranger = sequencing.Signer(ORIGIN, Ed25519PrivateKey.generate())
    kept.places.outside.advance(stranger.note(64, bytes(32)).encode())
    with pytest.raises(LogRefused, match="not ours"):
        _recover(kept)


def test_tiles_that_do_not_lead_to_the_signed_root_are_not_recovered_from(kept: KeptLog) -> None:
    backup = transaction.savepoint()
    kept.keep()
    transaction.savepoint_rollback(backup)
    bundle = kept.published / "tile/entries/000.p/16"
    content = bytearray(bundle.read_bytes())
    content[-1] ^= 1
    bundle.write_bytes(bytes(content))
    with pytest.raises(LogRefused, match="do not lead to the root"):
        _recover(kept)
