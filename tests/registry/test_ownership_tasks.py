"""The worker reckons groups after a statement and by the clock: once for an event, the same however often."""

import uuid

import pytest

from registry import tasks
from registry.acting import Actor, acting_as
from registry.dispatch.models import Event
from registry.filings import ownership_statements
from registry.organisations.models import Organisation
from tests.conftest import NOON
from tests.statements import statement

pytestmark = pytest.mark.django_db


def parent_of(organisation: Organisation, by: Actor) -> str:
    with acting_as(by):
        return Organisation.objects.get(id=organisation.id).ultimate_parent_name


def test_a_statement_leads_to_the_group(alice: Actor, nora: Actor, aurelia: Organisation) -> None:
    with acting_as(alice):
        ownership_statements.state(content=statement(), revision=0, by=alice, at=NOON)
    event = Event.objects.get(kind=ownership_statements.STATED)
    assert tasks.reckon_ownership in tasks.LISTENERS[event.kind]
    assert parent_of(aurelia, nora) == ""
    assert tasks.reckon_ownership(reference=event.subject, event_key=str(event.key)) == 1
    assert parent_of(aurelia, nora) == "Upper Holding BV"
    assert tasks.reckon_ownership(reference=event.subject, event_key=str(event.key)) == 0


def test_the_clock_reckons_too_and_finds_nothing_twice(alice: Actor, aurelia: Organisation) -> None:
    with acting_as(alice):
        ownership_statements.state(content=statement(), revision=0, by=alice, at=NOON)
    assert "reckon_ownership" in tasks.BEAT
    assert [tasks.reckon_ownership(), tasks.reckon_ownership()] == [1, 0]
    assert tasks.reckon_ownership(reference=str(aurelia.id), event_key=str(uuid.uuid4())) == 0
