"""Appending to the log: one chain, whole, in the transaction of the act it records."""

import os
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.db import connection

from registry.accounts.policy import of_the_register
from registry.acting import Actor, acting_as
from registry.errors import OutsideUnitOfWork
from registry.ledger import chain, log
from registry.ledger.log import Line
from registry.ledger.models import RESTRICTED, Entry

PUBLIC = ("index", "at", "commitment", "previous_hash", "entry_hash")


def _lines(count: int, *, kind: str = "test.done") -> list[Line]:
    return [Line(kind, f"subject-{number}", os.urandom(32)) for number in range(count)]


def _append(actor: Actor, lines: list[Line], at: datetime) -> list[Entry]:
    with acting_as(actor):
        return log.append(lines, by=actor, at=at)


@pytest.mark.django_db
def test_the_first_line_begins_the_chain(alice: Actor, noon: datetime) -> None:
    (entry,) = _append(alice, _lines(1), noon)
    assert (entry.index, bytes(entry.previous_hash)) == (0, chain.GENESIS)


@pytest.mark.django_db
def test_lines_are_stored_in_order_and_chained_across_units_of_work(
    alice: Actor, charlie: Actor, noon: datetime
) -> None:
    _append(alice, _lines(3), noon)
    _append(charlie, _lines(1), noon + timedelta(seconds=1))
    _append(alice, _lines(2), noon + timedelta(seconds=2))
    stored = list(Entry.objects.all())
    assert [entry.index for entry in stored] == list(range(6))
    assert [int(entry.subject[-1]) for entry in stored] == [0, 1, 2, 0, 0, 1]
    assert chain.verify(map(log.line_of, stored)) is None
    assert [entry.actor for entry in stored] == [alice.id] * 3 + [charlie.id] + [alice.id] * 2


@pytest.mark.django_db
def test_what_comes_back_is_what_is_stored(alice: Actor, noon: datetime) -> None:
    lines = _lines(2)
    returned = _append(alice, lines, noon)
    stored = list(Entry.objects.all())
    for given, back, kept in zip(lines, returned, stored, strict=True):
        assert log.line_of(back) == log.line_of(kept)
        assert (bytes(kept.commitment), kept.kind, kept.subject, kept.at) == (
            given.commitment,
            given.kind,
            given.subject,
            noon,
        )


@pytest.mark.django_db
def test_nothing_appended_changes_nothing(alice: Actor, noon: datetime) -> None:
    assert _append(alice, [], noon) == []
    assert not Entry.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("size", [0, 31, 33])
def test_a_commitment_is_32_bytes(alice: Actor, noon: datetime, size: int) -> None:
    with pytest.raises(ValueError, match="commitment"):
        _append(alice, [Line("test.done", "subject", b"x" * size)], noon)
    assert not Entry.objects.exists()


@pytest.mark.django_db
def test_a_line_is_gone_with_the_act_that_failed_and_its_number_is_given_again(alice: Actor, noon: datetime) -> None:
    def fail() -> None:
        with acting_as(alice):
            log.append(_lines(2), by=alice, at=noon)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert not Entry.objects.exists()
    assert [entry.index for entry in _append(alice, _lines(1), noon)] == [0]


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["alice", "olga", "nora"])
def test_who_writes_reads_the_public_columns_and_no_others(
    request: pytest.FixtureRequest, noon: datetime, who: str
) -> None:
    actor: Actor = request.getfixturevalue(who)
    _append(actor, _lines(1), noon)
    with acting_as(actor), connection.cursor() as cursor:
        for column, expected in (*((name, True) for name in PUBLIC), *((name, False) for name in RESTRICTED)):
            cursor.execute("select has_column_privilege('ledger_entry', %s, 'select')", [column])
            assert cursor.fetchone() == (expected,), column


@pytest.mark.django_db
def test_the_auditor_reads_the_whole_log_and_adds_nothing(alice: Actor, noon: datetime) -> None:
    _append(alice, _lines(2), noon)
    with acting_as(of_the_register("auditor")), connection.cursor() as cursor:
        cursor.execute("select actor, kind, subject from ledger_entry")
        assert len(cursor.fetchall()) == 2
        cursor.execute("select has_table_privilege('ledger_entry', 'insert, update, delete')")
        assert cursor.fetchone() == (False,)


def test_outside_a_unit_of_work_nothing_is_appended(registrar: Actor, noon: datetime) -> None:
    with pytest.raises(OutsideUnitOfWork):
        log.append(_lines(1), by=registrar, at=noon)


# --- at the same time ------------------------------------------------------------------------------------------------


@pytest.fixture
def committed(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    """The database without a transaction around the test; the log is emptied afterwards."""
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        yield
        with connection.cursor() as cursor:
            cursor.execute("truncate ledger_entry cascade")
        connection.close()


def test_those_who_append_at_once_make_one_chain(
    committed: None, django_db_blocker: pytest.FixtureRequest, registrar: Actor, noon: datetime
) -> None:
    threads, units, lines = 4, 5, 3
    ready = threading.Barrier(threads)
    failed: list[BaseException] = []

    def work() -> None:
        try:
            with django_db_blocker.unblock():  # type: ignore[attr-defined]
                connection.ensure_connection()
                ready.wait(10)
                for _ in range(units):
                    _append(registrar, _lines(lines), noon)
                connection.close()
        except BaseException as error:
            failed.append(error)
            raise

    workers = [threading.Thread(target=work) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert not failed
    stored = list(Entry.objects.all())
    assert len(stored) == threads * units * lines
    assert chain.verify(map(log.line_of, stored)) is None
