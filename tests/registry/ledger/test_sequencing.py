"""The sequencer: everything entered gets its two places, covered, signed, published; and what it refuses to sign."""

import shutil

import pytest
from django.db import connection
from ecar_verify import command

from registry.accounts.policy import of_the_register
from registry.acting import acting_as
from registry.errors import NotPermitted
from registry.ledger import acts, notes, sequencing, tiles, tree
from registry.ledger.models import Checkpoint, Entry, Leaf
from registry.ledger.publishing import LogRefused
from tests.registry.ledger.conftest import KEY, ORIGIN, KeptLog

pytestmark = pytest.mark.django_db


def _monitor(kept: KeptLog, *more: str) -> int:
    return command.main(["monitor", str(kept.published), "--key", kept.verifier_key, *more])


def test_each_entry_gets_two_leaves_that_commit_to_content_and_act(kept: KeptLog) -> None:
    entered = kept.enter(3)
    kept.keep()
    for entry in Entry.objects.all():
        content, act = Leaf.objects.filter(entry=entry).order_by("is_act")
        assert bytes(content.commitment) == bytes(entered[entry.index].commitment)
        assert bytes(act.commitment) == acts.commitment(sequencing.act_of(entry))


@pytest.mark.parametrize(("entered", "size"), [(0, 16), (1, 16), (8, 16), (9, 32), (20, 48)])
def test_a_batch_is_covered_to_a_multiple_of_sixteen(kept: KeptLog, entered: int, size: int) -> None:
    kept.enter(entered)
    assert kept.keep() == size
    assert Leaf.objects.count() == size
    assert Leaf.objects.filter(entry__isnull=True).count() == size - 2 * entered


def test_places_in_a_batch_are_drawn_by_lot(kept: KeptLog) -> None:
    kept.enter(40)
    kept.keep()
    in_order = list(Leaf.objects.filter(entry__isnull=False).values_list("entry_id", "is_act"))
    assert in_order != sorted(in_order, key=lambda each: (each[1], each[0]))


def test_the_head_is_signed_and_follows_from_the_leaves(kept: KeptLog) -> None:
    kept.enter(5)
    kept.keep()
    kept.enter(30)
    size = kept.keep()
    head = Checkpoint.objects.get(size=size)
    note = notes.read(head.note.encode())
    notes.verify(note, keys=[notes.verifier_key(name=ORIGIN, key=KEY.public_key())])
    checkpoint = notes.read_checkpoint(note.text)
    expected = tree.root(map(tree.leaf_hash, sequencing.leaves(0, size)))
    assert (checkpoint.size, checkpoint.root, bytes(head.root)) == (size, expected, expected)


def test_what_is_published_satisfies_the_verifier_as_the_log_grows(kept: KeptLog, tmp_path_factory: object) -> None:
    mirror = kept.published.parent / "mirror"
    for entered in (1, 0, 130, 3):
        kept.enter(entered)
        kept.keep()
        assert _monitor(kept, "--mirror", str(mirror)) == 0


def test_publishing_can_be_repeated_and_mends_what_is_missing(kept: KeptLog) -> None:
    kept.enter(150)
    kept.keep()
    before = {path: path.read_bytes() for path in kept.published.rglob("*") if path.is_file()}
    shutil.rmtree(kept.published / "tile")
    kept.enter(2)
    kept.keep()
    assert _monitor(kept) == 0
    full = [path for path in before if ".p" not in str(path) and path.name != "checkpoint"]
    assert full
    assert all(path.read_bytes() == before[path] for path in full)


def test_what_was_entered_stays_in_its_place(kept: KeptLog) -> None:
    kept.enter(4)
    kept.keep()
    places = dict(Leaf.objects.values_list("position", "commitment"))
    kept.enter(4)
    kept.keep()
    assert {p: bytes(c) for p, c in Leaf.objects.values_list("position", "commitment") if p in places} == {
        p: bytes(c) for p, c in places.items()
    }


@pytest.mark.parametrize("table", ["ledger_leaf", "ledger_checkpoint"])
@pytest.mark.parametrize("statement", ["update {} set {} = {}", "delete from {}"])
def test_nobody_changes_leaves_or_heads(kept: KeptLog, table: str, statement: str) -> None:
    kept.keep()
    column = "position" if table == "ledger_leaf" else "size"
    with pytest.raises(Exception, match="Cannot update or delete"), connection.cursor() as cursor:
        cursor.execute(statement.format(table, column, column))


def test_only_the_sequencer_may_run_it(kept: KeptLog) -> None:
    screener = of_the_register("screener")
    with acting_as(screener), pytest.raises(NotPermitted):
        sequencing.advance(signer=sequencing.Signer(ORIGIN, KEY), known=[], by=screener, at=kept.at)


def test_it_refuses_to_sign_when_more_was_signed_than_the_database_knows(kept: KeptLog) -> None:
    kept.keep()
    text = str(notes.Checkpoint(ORIGIN, 4096, bytes(32)))
    kept.places.outside.advance(notes.write(text, signatures=[notes.sign(text, name=ORIGIN, key=KEY)]))
    with pytest.raises(LogRefused, match="REFUSE: the copy outside the database knows 4096 leaves, the database 16"):
        kept.keep()
    assert Checkpoint.objects.count() == 1


def test_it_refuses_to_sign_when_another_history_was_signed(kept: KeptLog) -> None:
    kept.keep()
    (kept.places.outside.folder.place / "checkpoint").unlink()
    text = str(notes.Checkpoint(ORIGIN, 16, bytes(32)))
    kept.places.outside.advance(notes.write(text, signatures=[notes.sign(text, name=ORIGIN, key=KEY)]))
    with pytest.raises(LogRefused, match="another root"):
        kept.keep()


def test_the_copy_outside_never_goes_back(kept: KeptLog) -> None:
    kept.keep()
    old = kept.places.outside.note()
    kept.keep()
    with pytest.raises(LogRefused):
        kept.places.outside.advance(old)


def test_proofs_are_made_from_the_published_tiles(kept: KeptLog) -> None:
    entry = kept.enter(1)[0]
    size = kept.keep()
    position = Leaf.objects.get(entry_id=entry.index, is_act=False).position
    nodes = tiles.nodes(size=size, fetch=kept.places.published.read)
    proof = tree.inclusion(index=position, size=size, nodes=nodes)
    leaf = tree.leaf_hash(tree.leaf(commitment=entry.commitment))
    head = kept.places.published.head()
    assert head is not None
    tree.verify_inclusion(index=position, size=size, leaf_hash=leaf, proof=proof, root=head.root)
