"""The worker's edge: who is told of what, once; what the sweep and the watchdog find."""

import logging
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from celery import Task, current_app
from kombu.exceptions import OperationalError

from registry import tasks
from registry.accounts.policy import of_the_register
from registry.acting import Actor, acting_as
from registry.dispatch import outbox
from registry.dispatch.models import Event, Handled
from registry.filings import actions as filings
from registry.filings.actions import NewFiling
from registry.screening import actions as screening
from registry.screening.models import Finding, Screening
from tests import documents

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
SCREENER = of_the_register("screener")
RELAY = of_the_register("relay")
Sent = list[tuple[str, dict[str, Any], dict[str, Any]]]


@pytest.fixture
def file(alice: Actor) -> Callable[..., str]:
    """File a plan that was notified too late; gives the reference."""

    def filed(run_id: str = "late-run") -> str:
        content = documents.changed(documents.planned_run(), run__known_on="2026-10-01", run__client_run_id=run_id)
        with acting_as(alice):
            outcome = filings.file([NewFiling(content=content)], by=alice, at=NOON)[0]
        assert outcome.refusal is None
        return outcome.reference

    return filed


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Sent:
    """What would have gone to the broker: task, arguments, options."""
    found: Sent = []

    def catch(self: Any, *, kwargs: dict[str, Any], **options: Any) -> None:
        found.append((self.name, kwargs, options))

    monkeypatch.setattr(Task, "apply_async", catch)
    return found


def test_a_task_run_twice_has_one_effect(file: Callable[..., str]) -> None:
    reference, key = file(), str(uuid.uuid4())
    tasks.screen_filing(reference=reference, event_key=key)
    with acting_as(SCREENER):
        assert Handled.objects.get().task == "screen_filing"
        Screening.objects.get()
    tasks.screen_filing(reference=reference, event_key=key)
    tasks.screen_filing(reference=reference, event_key=str(uuid.uuid4()))
    with acting_as(SCREENER):
        assert Finding.objects.count() == 1
        assert Screening.objects.count() == 1


def test_a_task_that_fails_has_not_met_its_event(file: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    reference, key = file(), str(uuid.uuid4())

    def fail(**_: Any) -> None:
        raise ValueError("no")

    monkeypatch.setattr(screening, "screen", fail)
    with pytest.raises(ValueError, match="no"):
        tasks.screen_filing(reference=reference, event_key=key)
    monkeypatch.undo()
    tasks.screen_filing(reference=reference, event_key=key)
    with acting_as(SCREENER):
        assert Finding.objects.count() == 1


def test_every_listener_is_told_of_its_event_and_the_broker_is_not_waited_for(sent: Sent) -> None:
    tasks.publish("key", "filing.submitted", "ECAR-1")
    tasks.publish("key", "filing.accepted", "ECAR-2")
    first, second = ({"reference": reference, "event_key": "key"} for reference in ("ECAR-1", "ECAR-2"))
    assert sent == [
        ("screen_filing", first, {"retry": False}),
        ("announce_event", first, {"retry": False}),
        ("post_filing", first, {"retry": False}),
        ("announce_event", second, {"retry": False}),
    ]


def test_an_event_that_nobody_listens_to_is_no_fault(sent: Sent) -> None:
    tasks.publish("key", "nobody.listens", "ECAR-1")
    assert sent == []


def test_a_broker_that_is_away_is_an_error_at_once() -> None:
    with current_app.connection_for_write("redis://127.0.0.1:1/0") as nowhere:
        started = time.monotonic()
        with pytest.raises(OperationalError):
            tasks.screen_filing.apply_async(
                kwargs={"reference": "x", "event_key": "y"}, retry=False, connection=nowhere
            )
    assert time.monotonic() - started < 2


def test_what_is_published_reaches_the_broker_with_its_ids_only() -> None:
    key = str(uuid.uuid4())
    tasks.publish(key, "filing.submitted", "ECAR-2026-000123-7")
    received = []
    with current_app.connection_for_read() as connection, connection.SimpleQueue("ecar") as queue:
        for _ in range(2):
            message = queue.get(timeout=10)
            message.ack()
            _arguments, keywords, _embedded = message.payload
            received.append((message.headers["task"], keywords))
    keywords = {"reference": "ECAR-2026-000123-7", "event_key": key}
    assert received == [("screen_filing", keywords), ("announce_event", keywords)]


def test_the_sweep_screens_what_no_event_led_to(file: Callable[..., str]) -> None:
    file("one")
    file("two")
    assert tasks.sweep_unscreened() == 2
    assert tasks.sweep_unscreened() == 0
    with acting_as(SCREENER):
        assert Finding.objects.count() == 2


def test_one_filing_that_cannot_be_screened_does_not_keep_the_others_waiting(
    file: Callable[..., str], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    bad, _good = file("bad"), file("good")
    screen = screening.screen

    def fail(*, reference: str, by: Actor, at: datetime) -> list[Finding]:
        if reference == bad:
            raise ValueError("a figure out of this world")
        return screen(reference=reference, by=by, at=at)

    monkeypatch.setattr(screening, "screen", fail)
    with caplog.at_level(logging.ERROR):
        assert tasks.sweep_unscreened() == 1
    assert f"{bad} cannot be screened" in caplog.text


def _event_of(at: datetime) -> None:
    with acting_as(SCREENER):
        outbox.put("finding.made", subjects=["ECAR-1"], at=at)


def test_the_watchdog_tells_how_many_events_stall_and_how_long(db: None, caplog: pytest.LogCaptureFixture) -> None:
    now = datetime.now(UTC)
    _event_of(now)
    assert tasks.watch_events() == 0
    assert caplog.text == ""
    _event_of(now - timedelta(hours=1))
    _event_of(now - timedelta(minutes=6))
    assert tasks.watch_events() == 2
    assert "2 events wait to be relayed, the oldest for 36" in caplog.text


def test_the_watchdog_is_content_with_what_was_relayed(db: None) -> None:
    _event_of(datetime.now(UTC) - timedelta(hours=1))
    with acting_as(RELAY):
        outbox.relay(publish=lambda *_: None, at=NOON)
        assert not Event.objects.filter(relayed_at__isnull=True).exists()
    assert tasks.watch_events() == 0


def test_everything_in_the_beat_table_is_a_task_that_the_worker_knows() -> None:
    assert set(tasks.BEAT) <= set(current_app.tasks)
    assert {each["task"] for each in current_app.conf.beat_schedule.values()} == set(tasks.BEAT)


def test_every_listener_is_a_task_that_the_worker_knows() -> None:
    for listeners in tasks.LISTENERS.values():
        assert all(task.name in current_app.tasks for task in listeners)
