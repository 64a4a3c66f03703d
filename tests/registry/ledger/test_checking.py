"""The operator's and the auditor's check: all holds as it is kept, and nothing can be changed unseen."""

import hashlib
import shutil

import pytest
from django.db import connection

from registry.acting import acting_as
from registry.ledger import chain, checking, keeping
from registry.ledger.models import Entry
from tests.registry.ledger.conftest import KeptLog

pytestmark = pytest.mark.django_db


def _found(kept: KeptLog) -> list[str]:
    with acting_as(kept.by):
        return checking.check(there=kept.places, by=kept.by)


@pytest.fixture
def filled(kept: KeptLog) -> KeptLog:
    """A log of three runs, and one entry that waits."""
    for count in (5, 0, 12):
        kept.enter(count)
        kept.keep()
    kept.enter(1)
    return kept


def test_a_log_as_it_is_kept_holds(filled: KeptLog) -> None:
    assert _found(filled) == []


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("update ledger_entry set kind = 'test.else' where index = 3", "entry 3: the log holds another kind"),
        ("update ledger_entry set subject = 'x' where index = 3", "entry 3: the log holds another kind"),
        ("update ledger_entry set actor = 'x' where index = 3", "entry 3: the log holds another kind"),
        ("update ledger_entry set salt = sha256('x') where index = 3", "entry 3: the log holds another kind"),
        ("update ledger_entry set at = at - interval '1 day' where index = 3", "entry 3: its entry_hash"),
        ("update ledger_entry set commitment = sha256('x') where index = 3", "entry 3: the log holds another content"),
        ("delete from ledger_leaf where entry_id = 3", "entry 3: the log holds another content, or none"),
        ("update ledger_leaf set commitment = sha256('x') where position = 40", "the leaves do not lead to its root"),
        ("delete from ledger_checkpoint where size = 64", "knows a head of 64 leaves"),
    ],
)
def test_what_is_changed_is_seen(filled: KeptLog, statement: str, told: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
        for table in ("ledger_entry", "ledger_leaf", "ledger_checkpoint"):
            cursor.execute(f"alter table {table} disable trigger user")
        cursor.execute(statement)
    assert any(told in finding for finding in _found(filled)), _found(filled)


def test_a_copy_outside_that_is_gone_is_seen(filled: KeptLog) -> None:
    shutil.rmtree(filled.places.outside.folder.place)
    assert _found(filled) == ["the copy outside the database has no head"]


def test_the_running_version_is_entered_when_it_changes(kept: KeptLog) -> None:
    entered = [keeping.note_software(each, by=kept.by, at=kept.at) for each in ("1.0", "1.0", "1.1", "1.0")]
    assert entered == [True, False, True, True]
    commitments = [bytes(entry.commitment) for entry in Entry.objects.order_by("index")]
    zero = bytes(32)
    assert commitments[1] == chain.commitment(salt=zero, digest=hashlib.sha256(b"1.1").digest())
