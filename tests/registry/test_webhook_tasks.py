"""The worker's edge for webhooks: from an act on a filing through the outbox to a receiver on this machine."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from celery import Task

from registry import tasks
from registry.accounts.policy import of_the_register
from registry.acting import Actor, acting_as
from registry.dispatch import outbox, targets, webhooks
from registry.dispatch.models import Attempt, Delivery
from registry.dispatch.targets import Guard
from registry.organisations.models import Organisation
from tests.registry.dispatch.conftest import SENDER, Receiver, diana, guard, hook, receive, status

__all__ = ["diana", "guard", "receive"]  # fixtures


@pytest.fixture(autouse=True)
def _loopback(settings: Any) -> None:
    settings.WEBHOOK_ALLOW_LOOPBACK = True


def _put(organisation: Organisation, *subjects: str, kind: str = "filing.submitted") -> list[tuple[str, str, str]]:
    """Events in the outbox, relayed; gives what the relay would have published."""
    published: list[tuple[str, str, str]] = []
    now = datetime.now(UTC)
    with acting_as(of_the_register("registrar")):
        outbox.put(kind, subjects=subjects, at=now, organisation=organisation.id)
    with acting_as(of_the_register("relay")):
        outbox.relay(publish=lambda *told: published.append(told), at=now)
    return published


def test_an_event_is_announced_once_and_the_sender_is_woken_where_nothing_waits_yet(
    diana: Actor, aurelia: Organisation, receive: Callable[..., Receiver], monkeypatch: pytest.MonkeyPatch
) -> None:
    woken: list[str] = []
    monkeypatch.setattr(Task, "apply_async", lambda self, **_: woken.append(self.name))
    receiver = receive()
    hook(diana, receiver.url, at=datetime.now(UTC) - timedelta(minutes=1))
    ((key, _, subject),) = _put(aurelia, "ECAR-1")
    tasks.announce_event(reference=subject, event_key=key)
    tasks.announce_event(reference=subject, event_key=key)
    assert woken == ["call_webhooks"]
    for later, _, following in _put(aurelia, "ECAR-2", "ECAR-3"):
        tasks.announce_event(reference=following, event_key=later)
    assert (woken, receiver.received) == (["call_webhooks"], [])
    assert tasks.call_webhooks() == 3
    received = next(each for each in receiver.received if each.headers["webhook-id"] == key)
    assert json.loads(received.body)["data"] == {"filing": "ECAR-1"}
    assert tasks.call_webhooks() == 0


def test_what_no_message_led_to_is_swept_and_called_by_the_beat(
    diana: Actor, aurelia: Organisation, receive: Callable[..., Receiver]
) -> None:
    receiver = receive()
    hook(diana, receiver.url, at=datetime.now(UTC) - timedelta(minutes=1))
    _put(aurelia, "ECAR-1", "ECAR-2", "ECAR-3", "ECAR-4", "ECAR-5", "ECAR-6")
    assert tasks.sweep_events() == 6
    assert tasks.sweep_events() == 0
    assert tasks.call_webhooks() == 6
    assert len({received.headers["webhook-id"] for received in receiver.received}) == 6
    assert {"call_webhooks", "sweep_events"} <= set(tasks.BEAT)


def test_a_worker_that_died_while_calling_loses_nothing(
    diana: Actor, aurelia: Organisation, receive: Callable[..., Receiver]
) -> None:
    receiver = receive()
    hook(diana, receiver.url, at=datetime.now(UTC) - timedelta(hours=1))
    _put(aurelia, "ECAR-1")
    tasks.sweep_events()
    with acting_as(SENDER):
        (lost,) = webhooks.claim(by=SENDER, at=datetime.now(UTC))
    assert tasks.call_webhooks() == 0
    with acting_as(SENDER):
        Delivery.objects.update(leased_until=datetime.now(UTC))
    assert tasks.call_webhooks() == 1
    assert receiver.received[0].headers["webhook-id"] == lost.message_id


def test_the_edge_judges_by_the_machines_resolver(
    diana: Actor, aurelia: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(targets, "by_dns", lambda _host: ("10.0.0.1",))
    hook(diana, "https://hooks.example.org/", at=datetime.now(UTC) - timedelta(minutes=1))
    _put(aurelia, "ECAR-1")
    tasks.sweep_events()
    assert tasks.call_webhooks() == 1
    with acting_as(SENDER, read_only=True):
        assert Attempt.objects.get().failure == "target-forbidden"


def test_without_leave_this_machine_is_not_called(
    diana: Actor, aurelia: Organisation, receive: Callable[..., Receiver], settings: Any
) -> None:
    receiver = receive(status(200))
    hook(diana, receiver.url, at=datetime.now(UTC) - timedelta(minutes=1))
    _put(aurelia, "ECAR-1")
    settings.WEBHOOK_ALLOW_LOOPBACK = False
    assert webhooks.guard() == Guard(targets.by_dns, allow_loopback=False)
    tasks.sweep_events()
    assert tasks.call_webhooks() == 1
    assert receiver.received == []
