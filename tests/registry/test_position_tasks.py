"""The tasks of positions: each event once, the sweep for what no event led to, and the command that compares."""

import uuid
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from registry import position_tasks, tasks
from registry.accounts.policy import of_the_register
from registry.acting import Actor, acting_as
from registry.filings import actions as filings
from registry.filings.actions import NewFiling
from registry.screening.models import Position, PostedRun
from tests import documents
from tests.registry.screening.returned import NOON

SCREENER = of_the_register("screener")


@pytest.fixture
def file(alice: Actor) -> Callable[..., str]:
    """File the planned run for Aurelia; gives the reference."""

    def filed(**changes: Any) -> str:
        with acting_as(alice):
            content = documents.changed(documents.planned_run(), **changes)
            return filings.file([NewFiling(content=content)], by=alice, at=NOON)[0].reference

    return filed


def _posted() -> int:
    with acting_as(SCREENER):
        return PostedRun.objects.count()


def test_a_filing_is_posted_and_read_by_its_event(file: Callable[..., str]) -> None:
    reference, key = file(), str(uuid.uuid4())
    position_tasks.post_filing(reference=reference, event_key=key)
    position_tasks.post_filing(reference=reference, event_key=key)
    assert _posted() == 1
    with acting_as(SCREENER):
        assert Position.objects.filter(read_on__isnull=False).count() == 2


def test_the_sweep_posts_what_no_event_led_to(file: Callable[..., str]) -> None:
    file()
    assert position_tasks.sweep_unposted() == 1
    assert position_tasks.sweep_unposted() == 0
    assert position_tasks.read_positions() == 1
    assert position_tasks.age_positions() == 0


@pytest.mark.django_db
def test_groups_are_followed_once_by_event() -> None:
    key = str(uuid.uuid4())
    assert position_tasks.follow_groups(reference="", event_key=key) == 0
    assert position_tasks.follow_groups(reference="", event_key=key) == 0


def test_the_events_lead_to_the_tasks() -> None:
    heard = {kind: {task.name for task in told} for kind, told in tasks.LISTENERS.items()}
    for kind in ("filing.submitted", "filing.amended", "filing.withdrawn"):
        assert "post_filing" in heard[kind]
    for kind in ("return.submitted", "return.amended"):
        assert "post_return" in heard[kind]
    assert "follow_groups" in heard["ownership.stated"]


def test_the_command_compares_and_mends(file: Callable[..., str]) -> None:
    position_tasks.post_filing(reference=file())
    told = StringIO()
    call_command("recompute_positions", "--check", stdout=told)
    assert "1 positions compared: 0 differ" in told.getvalue()
    with acting_as(SCREENER):
        PostedRun.objects.all().delete()
    with pytest.raises(CommandError, match="filings posted otherwise: 1"):
        call_command("recompute_positions", "--check")
    call_command("recompute_positions", stdout=StringIO())
    call_command("recompute_positions", "--check", stdout=StringIO())
