"""The outbox: events put in the unit of work that caused them, and handed to workers afterwards.

Nothing is published inside a request. The relay (`manage.py relay_events`) takes what waits with SKIP LOCKED, so
several relays never take the same row, and marks it once the broker has it: delivery is at least once.
"""

import uuid
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection
from django.db.models import Count, Min

from registry import rows
from registry.acting import inside_acting_as
from registry.dispatch.models import Event, Handled

CHANNEL = "ecar_event"
EVENTS_SWEPT: Final = 20_000  # the newest ones: the sweep costs the same however old the register is
SWEPT_BACK: Final = timedelta(days=1)


@inside_acting_as
def put(kind: str, *, subjects: Sequence[str], at: datetime, organisation: uuid.UUID | None = None) -> None:
    """Write one event a subject, and wake the relay when this unit of work is committed.

    `organisation` is whose webhooks shall hear of it; without one, no provider does.
    """
    put_each(kind, subjects=[(subject, organisation) for subject in subjects], at=at)


@inside_acting_as
def put_each(kind: str, *, subjects: Sequence[tuple[str, uuid.UUID | None]], at: datetime) -> None:
    """The same for subjects that concern different organisations: pairs of subject and organisation."""
    rows.insert(
        Event,
        [
            {"key": uuid.uuid4(), "kind": kind, "subject": subject, "organisation_id": organisation, "at": at}
            for subject, organisation in subjects
        ],
    )
    with connection.cursor() as cursor:
        cursor.execute(f"notify {CHANNEL}")


@inside_acting_as
def relay(*, publish: Callable[[str, str, str], None], at: datetime, limit: int = 500) -> int:
    """Hand up to `limit` waiting events to `publish(key, kind, subject)`, oldest first; returns how many.

    If `publish` raises, this unit of work ends without a mark and everything is handed over again later.
    """
    waiting = list(
        Event.objects.select_for_update(skip_locked=True).filter(relayed_at__isnull=True).order_by("id")[:limit]
    )
    for event in waiting:
        publish(str(event.key), event.kind, event.subject)
    Event.objects.filter(id__in=[event.id for event in waiting]).update(relayed_at=at)
    return len(waiting)


@inside_acting_as
def waiting(*, since: datetime) -> tuple[int, datetime | None]:
    """How many events put before `since` are not relayed yet, and the moment of the oldest."""
    found = Event.objects.filter(relayed_at__isnull=True, at__lt=since).aggregate(count=Count("id"), oldest=Min("at"))
    return int(found["count"]), found["oldest"]


@inside_acting_as
def first_time(*, task: str, event_key: str, at: datetime) -> bool:
    """Whether `task` meets this event for the first time; notes it in the same unit of work as the task's effect."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"insert into {Handled._meta.db_table} (task, event_key, at) values (%s, %s, %s) "  # noqa: S608
            "on conflict do nothing",
            [task, event_key, at],
        )
        return bool(cursor.rowcount == 1)


def chosen(keys: Sequence[str] | None, *, at: datetime) -> tuple[str, dict[str, Any]]:
    """Which events to tell of, as a condition on `dispatch_event e` and its values: these, or new ones, if none."""
    if keys is not None:
        return "e.key = any(%(keys)s::uuid[])", {"keys": list(keys)}
    newest = "e.id > (select coalesce(max(id), 0) - %(newest)s from dispatch_event) and e.at > %(swept_since)s"
    return newest, {"newest": EVENTS_SWEPT, "swept_since": at - SWEPT_BACK}
