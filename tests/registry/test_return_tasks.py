"""The tasks of returns: what an upload leads to, what the sweep finds, and the months that are made ahead."""

from datetime import datetime
from uuid import uuid4

import pytest
from django.db import connection

from registry import return_tasks, tasks
from registry.acting import Actor, acting_as
from registry.compute import months
from registry.compute.models import AccessRecord, Return, UploadState
from registry.dispatch.models import Event
from registry.errors import NotPermitted
from registry.organisations.models import Organisation
from tests.registry.compute import records
from tests.registry.compute.records import INTAKE, line, ndjson, sent

pytestmark = pytest.mark.django_db


@pytest.fixture
def october(aurelia: Organisation, alice: Actor, noon: datetime) -> Return:
    """An open return of Aurelia for October."""
    records.lend(aurelia)
    return records.opened(alice, noon)


def test_an_upload_is_announced_to_the_task_that_deals_with_it(october: Return, alice: Actor, noon: datetime) -> None:
    upload = sent(october, ndjson([line(1)]), alice, noon)
    (event,) = Event.objects.filter(subject=str(upload.id))
    assert return_tasks.take_upload in tasks.LISTENERS[event.kind]
    for _ in range(2):
        return_tasks.take_upload(reference=event.subject, event_key=str(event.key))
    upload.refresh_from_db()
    assert (upload.state, AccessRecord.objects.count()) == (UploadState.STORED, 1)


def test_the_sweep_deals_with_what_no_message_led_to(october: Return, alice: Actor, noon: datetime) -> None:
    sent(october, ndjson([line(1)]), alice, noon)
    assert return_tasks.sweep_uploads() == 1
    assert (return_tasks.sweep_uploads(), AccessRecord.objects.count()) == (0, 1)


def test_an_upload_that_does_not_exist_is_nothing_to_do() -> None:
    return_tasks.take_upload(reference=str(uuid4()))


def test_months_are_made_a_year_ahead_and_once(noon: datetime) -> None:
    return_tasks.make_months()
    assert return_tasks.make_months() == 0
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from pg_inherits where inhparent = 'compute_accessrecord'::regclass")
        (count,) = cursor.fetchone()
    assert count >= 12 + 12 * (noon.year - 2025)


def test_months_are_made_by_the_housekeeper_alone(noon: datetime) -> None:
    with acting_as(INTAKE), pytest.raises(NotPermitted):
        months.make(by=INTAKE, at=noon)
