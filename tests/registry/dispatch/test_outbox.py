"""The outbox: an event is there exactly when its act is, is handed over at least once, and done once."""

import threading
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta

import psycopg
import pytest
from django.db import connection

from registry.accounts.policy import of_the_register
from registry.acting import Actor, acting_as
from registry.dispatch import outbox
from registry.dispatch.models import Event
from registry.errors import OutsideUnitOfWork
from registry.organisations.models import Organisation

RELAY = of_the_register("relay")
Handed = list[tuple[str, str]]


def _put(actor: Actor, *subjects: str, at: datetime, organisation: uuid.UUID | None = None) -> None:
    with acting_as(actor):
        outbox.put("filing.submitted", subjects=subjects, at=at, organisation=organisation)


def _relay(handed: Handed, *, at: datetime, limit: int = 500) -> int:
    with acting_as(RELAY):
        return outbox.relay(publish=lambda _key, kind, subject: handed.append((kind, subject)), at=at, limit=limit)


@pytest.mark.django_db
def test_an_event_is_put_for_each_subject_with_a_key_of_its_own(alice: Actor, noon: datetime) -> None:
    _put(alice, "a", "b", at=noon, organisation=alice.organisation)
    events = list(Event.objects.order_by("id"))
    assert [(event.subject, event.kind, event.at, event.relayed_at) for event in events] == [
        ("a", "filing.submitted", noon, None),
        ("b", "filing.submitted", noon, None),
    ]
    assert len({event.key for event in events}) == 2
    assert {event.organisation_id for event in events} == {alice.organisation}


@pytest.mark.django_db
def test_no_subject_is_no_event(alice: Actor, noon: datetime) -> None:
    _put(alice, at=noon)
    assert not Event.objects.exists()


@pytest.mark.django_db
def test_an_event_is_gone_with_the_act_that_failed(alice: Actor, noon: datetime) -> None:
    def fail() -> None:
        with acting_as(alice):
            outbox.put("filing.submitted", subjects=["a"], at=noon, organisation=alice.organisation)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert not Event.objects.exists()


@pytest.mark.django_db
def test_a_provider_puts_events_about_itself_only(alice: Actor, cantabria: Organisation, noon: datetime) -> None:
    for organisation in (cantabria.id, None):
        with pytest.raises(Exception, match="row-level security"):
            _put(alice, "a", at=noon, organisation=organisation)
    assert not Event.objects.exists()


@pytest.mark.django_db
def test_events_are_handed_over_oldest_first_once_and_marked(registrar: Actor, noon: datetime) -> None:
    _put(registrar, "a", "b", at=noon)
    _put(registrar, "c", at=noon)
    handed: Handed = []
    later = noon + timedelta(seconds=5)
    assert _relay(handed, at=later, limit=2) == 2
    assert _relay(handed, at=later) == 1
    assert _relay(handed, at=later) == 0
    assert [subject for _, subject in handed] == ["a", "b", "c"]
    assert set(Event.objects.values_list("relayed_at", flat=True)) == {later}


@pytest.mark.django_db
def test_what_could_not_be_handed_over_is_handed_over_again_all_of_it(registrar: Actor, noon: datetime) -> None:
    _put(registrar, "a", "b", at=noon)
    handed: Handed = []

    def publish(_key: str, kind: str, subject: str) -> None:
        if subject == "b":
            raise ConnectionError
        handed.append((kind, subject))

    with pytest.raises(ConnectionError), acting_as(RELAY):
        outbox.relay(publish=publish, at=noon)
    assert set(Event.objects.values_list("relayed_at", flat=True)) == {None}
    assert _relay(handed, at=noon) == 2
    assert [subject for _, subject in handed] == ["a", "a", "b"]


@pytest.mark.django_db
def test_what_waits_is_counted_with_its_oldest_moment(registrar: Actor, noon: datetime) -> None:
    for minutes in (0, 1, 10):
        _put(registrar, "a", at=noon + timedelta(minutes=minutes))
    with acting_as(RELAY):
        assert outbox.waiting(since=noon) == (0, None)
        assert outbox.waiting(since=noon + timedelta(minutes=5)) == (2, noon)
    _relay([], at=noon)
    with acting_as(RELAY):
        assert outbox.waiting(since=noon + timedelta(hours=1)) == (0, None)


@pytest.mark.django_db
def test_a_task_meets_an_event_for_the_first_time_once(noon: datetime) -> None:
    screener = of_the_register("screener")
    key = str(uuid.uuid4())
    met = []
    for task in ("screen", "screen", "other"):
        with acting_as(screener):
            met.append(outbox.first_time(task=task, event_key=key, at=noon))
    assert met == [True, False, True]


@pytest.mark.django_db
def test_a_task_that_failed_meets_its_event_for_the_first_time_again(noon: datetime) -> None:
    screener = of_the_register("screener")
    key = str(uuid.uuid4())

    def fail() -> None:
        with acting_as(screener):
            assert outbox.first_time(task="screen", event_key=key, at=noon)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with acting_as(screener):
        assert outbox.first_time(task="screen", event_key=key, at=noon)


def test_outside_a_unit_of_work_nothing_is_put(noon: datetime) -> None:
    with pytest.raises(OutsideUnitOfWork):
        outbox.put("filing.submitted", subjects=["a"], at=noon)


# --- committed, as it happens ----------------------------------------------------------------------------------------


@pytest.fixture
def committed(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    """The database without a transaction around the test; the outbox is emptied afterwards."""
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        yield
        with connection.cursor() as cursor:
            cursor.execute("truncate dispatch_event")
        connection.close()


def test_the_relay_is_woken_when_the_act_is_committed_and_not_before(
    committed: None, registrar: Actor, noon: datetime
) -> None:
    parameters = connection.get_connection_params()
    known = {name: parameters[name] for name in ("host", "port", "dbname", "user", "password") if parameters.get(name)}
    with psycopg.connect(**known, autocommit=True) as listener:
        listener.execute(f"listen {outbox.CHANNEL}")
        with acting_as(registrar):
            outbox.put("filing.submitted", subjects=["a", "b"], at=noon)
            assert not list(listener.notifies(timeout=0.05))
        assert [heard.channel for heard in listener.notifies(timeout=5, stop_after=1)] == [outbox.CHANNEL]


def test_two_relays_never_hand_over_the_same_event(
    committed: None, django_db_blocker: pytest.FixtureRequest, registrar: Actor, noon: datetime
) -> None:
    _put(registrar, *(str(number) for number in range(60)), at=noon)
    handed: Handed = []
    taken, other_is_done = threading.Event(), threading.Event()

    def slow() -> None:
        def publish(_key: str, kind: str, subject: str) -> None:
            handed.append((kind, subject))
            taken.set()
            other_is_done.wait(10)

        with django_db_blocker.unblock():  # type: ignore[attr-defined]
            with acting_as(RELAY):
                outbox.relay(publish=publish, at=noon, limit=20)
            connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    assert taken.wait(10)
    assert _relay(handed, at=noon) == 40
    other_is_done.set()
    thread.join()
    assert sorted(int(subject) for _, subject in handed) == list(range(60))
