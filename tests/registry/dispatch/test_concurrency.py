"""Several workers at once: leases, room for everybody, each message sent once. On connections of their own, too."""

import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.db import connection

from registry.accounts.policy import of_the_register
from registry.acting import Actor, acting_as
from registry.dispatch import outbox, webhooks
from registry.dispatch.models import Attempt, Event
from registry.dispatch.targets import Guard
from registry.dispatch.transport import Failure, Limits, Sent
from registry.organisations import actions as organisations
from registry.organisations.actions import NewOrganisation
from registry.organisations.models import Organisation
from tests.conftest import NOON, person
from tests.registry.dispatch.conftest import SENDER, Receiver, hook, raw, round_of, tell

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
WORKERS = 4
MESSAGES = 24
TABLES = ("dispatch_attempt", "dispatch_delivery", "dispatch_signingkey", "dispatch_webhook", "dispatch_event")


@pytest.fixture
def passing(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[Organisation]:
    """An organisation that is really stored, for other connections to see, and really taken away afterwards."""
    registrar = of_the_register("registrar")
    new = NewOrganisation(
        legal_name=f"Passing {uuid.uuid4()}", seat_country="FR", territory="FR", is_developer=True, is_illustrative=True
    )
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        with acting_as(registrar):
            organisation = organisations.register([new], by=registrar, at=NOON)[0]
        yield organisation
        with connection.cursor() as cursor:
            for table in TABLES:
                cursor.execute(f"delete from {table} where organisation_id = %s", [organisation.id])  # noqa: S608
            cursor.execute("delete from organisations_organisation where id = %s", [organisation.id])
        connection.close()


def test_what_one_worker_has_no_other_gets_until_the_lease_ends(diana: Actor, aurelia: Organisation) -> None:
    hook(diana, "https://a.example.org/")
    tell(aurelia, "ECAR-1", "ECAR-2")
    with acting_as(SENDER):
        first = webhooks.claim(by=SENDER, at=NOON, limit=1)
        assert len(first) == 1
        assert webhooks.claim(by=SENDER, at=NOON + MINUTE) == []
        again = webhooks.claim(by=SENDER, at=NOON + webhooks.LEASE)
    assert len(again) == 2
    assert first[0].message_id in {each.message_id for each in again}
    with acting_as(SENDER):
        assert webhooks.record([(first[0], Sent(200))], by=SENDER, at=NOON + webhooks.LEASE) == 0
        assert webhooks.record([(each, Sent(200)) for each in again], by=SENDER, at=NOON + webhooks.LEASE) == 2
    assert Attempt.objects.count() == 2


def test_one_webhook_with_much_to_do_leaves_room_for_the_others(diana: Actor, aurelia: Organisation) -> None:
    busy = hook(diana, "https://a.example.org/", "filing.submitted").webhook
    tell(aurelia, *(f"ECAR-{n}" for n in range(30)))
    quiet = hook(diana, "https://b.example.org/", "filing.accepted").webhook
    tell(aurelia, kind="filing.accepted", at=NOON + SECOND)
    with acting_as(SENDER):
        claimed = webhooks.claim(by=SENDER, at=NOON + SECOND)
    assert [each.webhook for each in claimed].count(busy.id) == webhooks.CLAIMED_OF_ONE_WEBHOOK
    assert quiet.id in {each.webhook for each in claimed}


def test_receivers_that_hang_do_not_hold_up_the_others(
    diana: Actor, aurelia: Organisation, receive: Callable[..., Receiver], guard: Guard
) -> None:
    hanging = [receive(raw(b"", pause=5)) for _ in range(4)]
    quick = [receive() for _ in range(4)]
    for receiver in hanging + quick:
        hook(diana, receiver.url)
    assert tell(aurelia) == 8
    started = time.monotonic()
    sent = round_of(guard, limits=Limits(seconds=2))
    assert time.monotonic() - started < 6  # one after the other they would take eight seconds
    assert Counter(each.failure for each in sent) == {Failure.TIMEOUT: 4, None: 4}
    assert [len(receiver.received) for receiver in quick] == [1] * 4


def _at_once(work: Callable[[], None]) -> None:
    faults: list[BaseException] = []
    together = threading.Barrier(WORKERS)

    def run() -> None:
        try:
            together.wait(10)
            work()
        except BaseException as fault:  # noqa: BLE001 — a thread's fault must reach the test
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert faults == []


def test_workers_at_once_send_each_message_once(
    passing: Organisation, receive: Callable[..., Receiver], guard: Guard
) -> None:
    receivers = [receive() for _ in range(3)]
    administrator = person("provider_administrator", organisation=passing)
    for receiver in receivers:
        hook(administrator, receiver.url)
    registrar = of_the_register("registrar")
    with acting_as(registrar):
        subjects = [f"ECAR-{number}" for number in range(MESSAGES)]
        outbox.put("filing.submitted", subjects=subjects, at=NOON, organisation=passing.id)
    told: list[int] = []

    def tell() -> None:
        with acting_as(SENDER):
            told.append(webhooks.fan_out(by=SENDER, at=NOON))

    def work() -> None:
        """Goes on while anything is due: what another worker holds is not, so it asks a few times more."""
        idle = 0
        while idle < 20:
            with acting_as(SENDER):
                claimed = webhooks.claim(by=SENDER, at=NOON)
            results = webhooks.send_all(claimed, guard=guard, at=NOON, limits=Limits())
            with acting_as(SENDER):
                webhooks.record(results, by=SENDER, at=NOON + timedelta(seconds=1))
            idle = 0 if claimed else idle + 1

    _at_once(tell)
    assert sum(told) == MESSAGES * len(receivers)
    _at_once(work)
    for receiver in receivers:
        received = Counter(message.headers["webhook-id"] for message in receiver.received)
        assert len(received) == MESSAGES
        assert set(received.values()) == {1}


def test_telling_does_not_wait_for_what_is_being_noted(passing: Organisation) -> None:
    administrator = person("provider_administrator", organisation=passing)
    for name in "abc":
        hook(administrator, f"https://{name}.example.org/")
    tell(passing, "ECAR-1")
    with acting_as(of_the_register("registrar")):
        outbox.put("filing.submitted", subjects=["ECAR-2"], at=NOON, organisation=passing.id)
    with acting_as(SENDER):
        claimed = webhooks.claim(by=SENDER, at=NOON)
        event = Event.objects.get(subject="ECAR-2", organisation=passing)
    told: list[int] = []

    def again() -> None:
        try:
            with acting_as(SENDER):
                told.append(webhooks.fan_out(by=SENDER, at=NOON, keys=[str(event.key)]))
        finally:
            connection.close()

    telling = threading.Thread(target=again)
    with acting_as(SENDER):
        webhooks.record([(each, Sent(failure=Failure.TIMEOUT)) for each in claimed], by=SENDER, at=NOON)
        telling.start()
        telling.join(20)
        is_waiting = telling.is_alive()
    telling.join(20)
    assert (len(claimed), is_waiting, told) == (3, False, [3])
