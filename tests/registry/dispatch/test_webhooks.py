"""From an event to a receiver: who is told, when again, when never again; with a real receiver on this machine."""

import base64
import hashlib
import hmac
import json
import logging
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection

from registry.acting import Actor, acting_as
from registry.dispatch import actions, outbox, retries, webhooks
from registry.dispatch.models import Attempt, Delivery, SigningKey, Webhook
from registry.dispatch.targets import Guard
from registry.dispatch.transport import Failure, Sent
from registry.filings import duty_actions, lifecycle, rebuttals, storing
from registry.organisations.models import Organisation
from registry.screening import actions as screening
from tests.conftest import NOON
from tests.registry.dispatch.conftest import PATIENT, SENDER, Receiver, hook, round_of, seen, status, tell

SECOND, MINUTE, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)


def _deliveries(by: Actor = SENDER) -> list[Delivery]:
    with acting_as(by, read_only=True):
        return list(Delivery.objects.visible_to(by).select_related("webhook").order_by("event_at", "id"))


def _attempts() -> list[tuple[int, int | None, str]]:
    with acting_as(SENDER, read_only=True):
        return list(Attempt.objects.order_by("at", "id").values_list("number", "status_code", "failure"))


def _checks(secret: str, receiver: Receiver, position: int = -1) -> bool:
    """What a receiver does with a shared secret, written without our own code."""
    got = receiver.received[position]
    content = f"{got.headers['webhook-id']}.{got.headers['webhook-timestamp']}.".encode() + got.body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    wanted = "v1," + base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    return wanted in got.headers["webhook-signature"].split(" ")


# --- who is told ----------------------------------------------------------------------------------------------------


def test_an_event_reaches_the_receiver_thin_and_signed(
    diana: Actor, aurelia: Organisation, receive: Callable[..., Receiver], guard: Guard
) -> None:
    receiver = receive()
    made = hook(diana, receiver.url)
    assert tell(aurelia, "ECAR-2026-000123-7") == 1
    assert [sent.status_code for sent in round_of(guard)] == [200]
    (received,) = receiver.received
    message = json.loads(received.body)
    assert message == {
        "id": received.headers["webhook-id"],
        "type": "filing.submitted",
        "timestamp": "2026-11-20T12:00:00Z",
        "data": {"filing": "ECAR-2026-000123-7"},
    }
    assert received.headers["webhook-timestamp"] == str(int(NOON.timestamp()))
    assert _checks(made.key.secret, receiver)
    assert not _checks("whsec_" + base64.b64encode(b"x" * 32).decode(), receiver)
    assert [(d.status, d.attempts_made, d.next_attempt_at) for d in _deliveries()] == [("delivered", 1, None)]
    assert _attempts() == [(1, 200, "")]


def test_only_the_organisations_own_webhooks_that_ask_for_it_are_told(
    diana: Actor, aurelia: Organisation, cantabria: Organisation
) -> None:
    asking = hook(diana, "https://a.example.org/", "filing.submitted", "filing.accepted").webhook
    hook(diana, "https://b.example.org/", "filing.returned")
    paused = hook(diana, "https://c.example.org/").webhook
    with acting_as(diana):
        actions.change(webhook=paused.id, revision=1, active=False, by=diana, at=NOON)
    assert tell(aurelia) == 1
    assert tell(cantabria) == 0
    assert [delivery.webhook_id for delivery in _deliveries()] == [asking.id]


def test_an_event_before_the_webhook_is_not_told(diana: Actor, aurelia: Organisation) -> None:
    hook(diana, "https://a.example.org/", at=NOON)
    assert tell(aurelia, at=NOON - SECOND) == 0
    assert tell(aurelia, at=NOON) == 1


def test_an_event_that_is_not_of_the_list_never_leaves_the_house(diana: Actor, aurelia: Organisation) -> None:
    made = hook(diana, "https://a.example.org/")
    with acting_as(diana):
        Webhook.objects.filter(id=made.webhook.id).update(kinds=[screening.FOUND, "webhook.test"])
    assert tell(aurelia, kind=screening.FOUND) == 0
    assert tell(aurelia, kind="webhook.test") == 0


def test_the_list_has_every_act_on_a_filing_and_no_finding() -> None:
    acts = {step.kind for step in lifecycle.TRANSITIONS} | {storing.SUBMITTED, storing.AMENDED}
    assert acts <= webhooks.subscribable()
    decided = {kind for pair in duty_actions.DECIDED.values() for kind in pair}
    assert decided | {duty_actions.DESIGNATED, rebuttals.FILED} <= webhooks.subscribable()
    assert screening.FOUND not in webhooks.event_kinds()


def test_telling_an_event_twice_makes_one_delivery(diana: Actor, aurelia: Organisation) -> None:
    hook(diana, "https://a.example.org/")
    assert tell(aurelia, "ECAR-1", "ECAR-2") == 2
    with acting_as(SENDER):
        assert webhooks.fan_out(by=SENDER, at=NOON) == 0
        keys = [str(delivery.event_key) for delivery in Delivery.objects.all()]
        assert webhooks.fan_out(by=SENDER, at=NOON, keys=keys) == 0


def test_the_sweep_finds_what_no_message_led_to_and_leaves_old_events_alone(
    diana: Actor, aurelia: Organisation, registrar: Actor
) -> None:
    hook(diana, "https://a.example.org/", at=NOON - 9 * DAY)
    with acting_as(registrar):
        for at in (NOON - outbox.SWEPT_BACK, NOON - MINUTE):
            outbox.put(storing.SUBMITTED, subjects=[at.isoformat()], at=at, organisation=aurelia.id)
    with acting_as(SENDER):
        assert webhooks.fan_out(by=SENDER, at=NOON) == 1
    assert [delivery.event_at for delivery in _deliveries()] == [NOON - MINUTE]


# --- when again -----------------------------------------------------------------------------------------------------


def test_after_a_500_it_is_tried_again_with_the_same_id_and_a_fresh_signature(
    diana: Actor, aurelia: Organisation, receive: Callable[..., Receiver], guard: Guard
) -> None:
    receiver = receive(status(500), status(200))
    made = hook(diana, receiver.url)
    tell(aurelia)
    assert [sent.failure for sent in round_of(guard)] == [Failure.STATUS]
    (waiting,) = _deliveries()
    assert waiting.status == "pending"
    assert waiting.next_attempt_at is not None
    assert timedelta(seconds=5) <= waiting.next_attempt_at - NOON <= timedelta(seconds=5.5)
    assert round_of(guard, at=NOON + 4 * SECOND) == []
    assert [sent.failure for sent in round_of(guard, at=NOON + 6 * SECOND)] == [None]
    first, second = receiver.received
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body
    assert int(second.headers["webhook-timestamp"]) - int(first.headers["webhook-timestamp"]) == 6
    assert _checks(made.key.secret, receiver, 0)
    assert _checks(made.key.secret, receiver, 1)
    assert _attempts() == [(1, 500, "status"), (2, 200, "")]
    assert round_of(guard, at=NOON + DAY) == []


def test_ten_attempts_on_schedule_and_no_eleventh(
    diana: Actor, aurelia: Organisation, receive: Callable[..., Receiver], guard: Guard
) -> None:
    receiver = receive(status(503))
    made = hook(diana, receiver.url)
    tell(aurelia)
    at, pauses = NOON, []
    for _ in range(10):
        assert len(round_of(guard, at=at)) == 1
        (delivery,) = _deliveries()
        if delivery.next_attempt_at:
            pauses.append(delivery.next_attempt_at - at)
            at = delivery.next_attempt_at
    assert all(plan <= pause <= 1.1 * plan for pause, plan in zip(pauses, retries.PAUSES[1:], strict=True))
    assert (delivery.status, delivery.attempts_made, delivery.finished_at) == ("failed", 10, at)
    assert round_of(guard, at=at + 30 * DAY) == []
    assert len(receiver.received) == 10
    assert seen(diana, made.webhook).given_up == 1


def test_a_success_makes_a_failing_webhook_well(
    diana: Actor, aurelia: Organisation, receive: Callable[..., Receiver], guard: Guard
) -> None:
    receiver = receive(status(500), status(200))
    made = hook(diana, receiver.url)
    tell(aurelia)
    round_of(guard)
    assert seen(diana, made.webhook).failing_since == NOON
    round_of(guard, at=NOON + 6 * SECOND)
    assert seen(diana, made.webhook).failing_since is None


def test_a_name_that_turns_private_is_refused_at_send_and_marked(diana: Actor, aurelia: Organisation) -> None:
    """Row 95: public when the webhook was made, private when it is called."""
    answers = iter([["93.184.215.14"], ["169.254.169.254"]])
    rebinding = Guard(lambda _: next(answers))
    target = rebinding.admit("https://hooks.example.org/")
    hook(diana, target.url)
    tell(aurelia)
    assert [sent.failure for sent in round_of(rebinding)] == [Failure.FORBIDDEN]
    assert _attempts() == [(1, None, "target-forbidden")]
    assert [delivery.status for delivery in _deliveries()] == ["pending"]


def test_a_webhook_to_this_machine_is_not_called_where_that_is_not_allowed(
    diana: Actor, aurelia: Organisation, receive: Callable[..., Receiver], guard: Guard
) -> None:
    receiver = receive()
    hook(diana, receiver.url)
    tell(aurelia)
    strict = Guard(guard.resolve)
    assert [sent.failure for sent in round_of(strict)] == [Failure.FORBIDDEN]
    assert receiver.received == []


def test_an_unreadable_key_sends_nothing(
    diana: Actor, aurelia: Organisation, receive: Callable[..., Receiver], guard: Guard, settings: object
) -> None:
    receiver = receive()
    hook(diana, receiver.url)
    tell(aurelia)
    settings.SECRET_KEY = "another"  # type: ignore[attr-defined]
    assert [sent.failure for sent in round_of(guard)] == [Failure.UNSIGNED]
    assert receiver.received == []


# --- when never again -----------------------------------------------------------------------------------------------


def test_410_disables_at_once_and_the_other_webhooks_are_told(
    diana: Actor,
    aurelia: Organisation,
    receive: Callable[..., Receiver],
    guard: Guard,
    caplog: pytest.LogCaptureFixture,
) -> None:
    gone, other = receive(status(410)), receive()
    dead = hook(diana, gone.url, "filing.accepted").webhook
    hook(diana, other.url, "webhook.disabled")
    tell(aurelia, "ECAR-1", kind="filing.accepted")
    with caplog.at_level(logging.WARNING):
        round_of(guard)
    assert f"webhook {dead.id} is disabled: gone" in caplog.text
    now = seen(diana, dead)
    assert (now.status, now.reason, now.revision) == ("disabled", "gone", 2)
    assert [delivery.status for delivery in _deliveries()] == ["failed"]
    with acting_as(SENDER):
        assert webhooks.fan_out(by=SENDER, at=NOON) == 1
    round_of(guard)
    message = json.loads(other.received[0].body)
    assert (message["type"], message["data"]) == ("webhook.disabled", {"webhook": str(dead.id)})
    assert tell(aurelia, "ECAR-2", kind="filing.accepted") == 0


def _fail(claimed: list[webhooks.Claimed], at: object) -> None:
    with acting_as(SENDER):
        webhooks.record([(each, Sent(500, Failure.STATUS)) for each in claimed], by=SENDER, at=at)  # type: ignore[arg-type]


def test_three_deliveries_given_up_disable(diana: Actor, aurelia: Organisation) -> None:
    made = hook(diana, "https://a.example.org/")
    tell(aurelia, "ECAR-1", "ECAR-2", "ECAR-3")
    with acting_as(SENDER):
        Delivery.objects.update(attempts_in_a_row=9)
        claimed = webhooks.claim(by=SENDER, at=NOON)
    _fail(claimed[:2], NOON)
    assert seen(diana, made.webhook).status == "active"
    _fail(claimed[2:], NOON)
    assert (seen(diana, made.webhook).status, seen(diana, made.webhook).reason) == ("disabled", "failing")


def test_five_days_without_a_success_disable(diana: Actor, aurelia: Organisation) -> None:
    made = hook(diana, "https://a.example.org/")
    for day in range(6):
        assert seen(diana, made.webhook).status == "active"
        tell(aurelia, f"ECAR-{day}", at=NOON + day * DAY)
        with acting_as(SENDER):
            claimed = webhooks.claim(by=SENDER, at=NOON + day * DAY, limit=1)
        _fail(claimed, NOON + day * DAY)
    assert seen(diana, made.webhook).reason == "failing"


def test_a_disabled_webhook_keeps_what_waits_until_it_is_active_again(
    diana: Actor, aurelia: Organisation, receive: Callable[..., Receiver], guard: Guard
) -> None:
    receiver = receive(status(410), status(200))
    made = hook(diana, receiver.url)
    tell(aurelia, "ECAR-1", "ECAR-2")
    with acting_as(SENDER):
        (one,) = webhooks.claim(by=SENDER, at=NOON, limit=1)
    with acting_as(SENDER):
        webhooks.record([(one, webhooks.send(one, guard=guard, at=NOON, limits=PATIENT))], by=SENDER, at=NOON)
    assert round_of(guard, at=NOON + MINUTE) == []
    assert {delivery.due_at() for delivery in _deliveries()} == {None}
    with acting_as(diana):
        changed = actions.change(webhook=made.webhook.id, revision=2, active=True, by=diana, at=NOON + 2 * MINUTE)
    assert (changed.status, changed.reason, changed.given_up, changed.failing_since) == ("active", "", 0, None)
    assert [sent.status_code for sent in round_of(guard, at=NOON + 2 * MINUTE)] == [200]


# --- who sees what --------------------------------------------------------------------------------------------------


def test_the_database_shows_a_provider_its_own_and_never_a_secret(
    diana: Actor, charlie: Actor, aurelia: Organisation
) -> None:
    hook(diana, "https://a.example.org/")
    tell(aurelia)
    with acting_as(SENDER):
        webhooks.record([(each, Sent(200)) for each in webhooks.claim(by=SENDER, at=NOON)], by=SENDER, at=NOON)
    for model in (Webhook, Delivery, Attempt):
        with acting_as(diana, read_only=True):
            assert model.objects.count() == 1
            assert model.objects.visible_to(diana).count() == 1
        with acting_as(charlie, read_only=True):
            assert model.objects.count() == 0
            assert model.objects.visible_to(charlie).count() == 0
    with acting_as(diana, read_only=True):
        assert SigningKey.objects.defer("sealed_secret").get().scheme == "v1"


@pytest.mark.parametrize("who", ["olga", "nora", "ana", "bob"])
def test_webhooks_are_no_business_of_an_authority(
    who: str, diana: Actor, aurelia: Organisation, request: pytest.FixtureRequest
) -> None:
    hook(diana, "https://a.example.org/")
    actor: Actor = request.getfixturevalue(who)
    with acting_as(actor, read_only=True), connection.cursor() as cursor:
        cursor.execute("select has_table_privilege(current_user, 'dispatch_webhook', 'select')")
        assert cursor.fetchone()[0] is (who == "bob")
        cursor.execute("select has_column_privilege(current_user, 'dispatch_signingkey', 'sealed_secret', 'select')")
        assert cursor.fetchone()[0] is False
