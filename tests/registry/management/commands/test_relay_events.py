"""The relay: marks only what the broker has, waits out outages, stops when told."""

import logging
import os
import signal
import threading
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from kombu.exceptions import OperationalError

from registry import tasks
from registry.accounts.policy import of_the_register
from registry.acting import acting_as
from registry.dispatch import outbox
from registry.dispatch.models import Event
from registry.management.commands import relay_events
from registry.management.commands.relay_events import Command

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
SCREENER = of_the_register("screener")
RELAY = of_the_register("relay")


class LeftOpen:
    """The connection, never closed: that would end the transaction in which a test stands."""

    def __init__(self) -> None:
        self.times_closed = 0

    def get_connection_params(self) -> dict[str, Any]:
        """Where the database is."""
        return connection.get_connection_params()

    def close(self) -> None:
        """Count what was asked for."""
        self.times_closed += 1


@pytest.fixture
def relay(monkeypatch: pytest.MonkeyPatch) -> Command:
    """The command, in haste."""
    monkeypatch.setattr(Command, "poll_seconds", 0.01)
    monkeypatch.setattr(Command, "first_pause_seconds", 0.01)
    monkeypatch.setattr(relay_events, "connection", LeftOpen())
    return Command()


def _put(*subjects: str) -> None:
    with acting_as(SCREENER):
        outbox.put("finding.made", subjects=subjects, at=NOON)


def _waiting() -> list[str]:
    with acting_as(RELAY):
        return list(Event.objects.filter(relayed_at__isnull=True).order_by("id").values_list("subject", flat=True))


def test_events_are_published_in_order_and_then_marked(
    db: None, relay: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    _put("one", "two")
    seen: list[tuple[str, str, bool]] = []

    def publish(key: str, kind: str, subject: str) -> None:
        seen.append((kind, subject, Event.objects.get(key=key).relayed_at is None))

    monkeypatch.setattr(tasks, "publish", publish)
    assert relay.pass_on(threading.Event()) == 2
    assert seen == [("finding.made", "one", True), ("finding.made", "two", True)]
    assert _waiting() == []
    assert relay.pass_on(threading.Event()) == 0


def test_more_than_one_batch_is_passed_on_at_once(db: None, relay: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    _put(*(str(number) for number in range(5)))
    seen: list[str] = []
    monkeypatch.setattr(relay_events, "AT_ONCE", 2)
    monkeypatch.setattr(tasks, "publish", lambda _key, _kind, subject: seen.append(subject))
    assert relay.pass_on(threading.Event()) == 5
    assert seen == ["0", "1", "2", "3", "4"]


def test_what_cannot_be_published_keeps_waiting(db: None, relay: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    _put("one", "two")

    def publish(_key: str, _kind: str, subject: str) -> None:
        if subject == "two":
            raise OperationalError("the broker went away")

    monkeypatch.setattr(tasks, "publish", publish)
    with pytest.raises(OperationalError):
        relay.pass_on(threading.Event())
    assert _waiting() == ["one", "two"]


def test_an_outage_of_the_broker_is_waited_out(
    db: None, relay: Command, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    _put("one")
    stop = threading.Event()
    tries: list[str] = []

    def publish(_key: str, _kind: str, subject: str) -> None:
        tries.append(subject)
        if len(tries) < 3:
            raise OperationalError("connection refused")
        stop.set()

    monkeypatch.setattr(tasks, "publish", publish)
    relay.run(stop)
    assert tries == ["one", "one", "one"]
    assert _waiting() == []
    assert [record.levelno for record in caplog.records] == [logging.WARNING, logging.WARNING]
    assert "trying again in 0.0 seconds: connection refused" in caplog.text


def test_the_pauses_of_an_outage_grow_up_to_a_limit(relay: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    stop = threading.Event()
    pauses: list[float] = []
    database = LeftOpen()

    def wait(seconds: float) -> bool:
        pauses.append(seconds)
        if len(pauses) == 5:
            stop.set()
        return stop.is_set()

    def refuse() -> None:
        raise OSError("the database is away")

    monkeypatch.setattr(stop, "wait", wait)
    monkeypatch.setattr(relay_events, "_listening", refuse)
    monkeypatch.setattr(relay_events, "connection", database)
    monkeypatch.setattr(Command, "first_pause_seconds", 1.0)
    monkeypatch.setattr(Command, "longest_pause_seconds", 5.0)
    relay.run(stop)
    assert pauses == [1.0, 2.0, 4.0, 5.0, 5.0]
    assert database.times_closed == 5


def test_a_fault_that_is_no_outage_ends_the_relay(db: None, relay: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    _put("one")

    def publish(_key: str, _kind: str, _subject: str) -> None:
        raise RuntimeError("a fault")

    monkeypatch.setattr(tasks, "publish", publish)
    with pytest.raises(RuntimeError, match="a fault"):
        relay.run(threading.Event())


def test_a_notification_wakes_the_listener(db: None) -> None:
    with relay_events._listening() as listener, relay_events._listening() as other:
        other.execute(f"notify {outbox.CHANNEL}")
        heard = next(listener.notifies(timeout=10, stop_after=1), None)
    assert heard is not None
    assert heard.channel == outbox.CHANNEL


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_relay_cleanly_and_leaves_the_handlers_as_they_were(
    db: None, relay: Command, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    before = signal.getsignal(number)
    _put("one")
    monkeypatch.setattr(tasks, "publish", lambda *_: os.kill(os.getpid(), number))
    call_command(relay)
    assert _waiting() == []
    assert signal.getsignal(number) is before
