"""Tasks of positions: posting what was filed and returned, following groups, reading and reconciling what is stale.

Each posting is met once by event, and harmless twice. Reading is a task of its own: a return of many customers is
posted at once and read some hundred groups at a time.
"""

import logging
import time
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from celery import Task, shared_task
from django.utils import timezone

from registry.accounts.policy import of_the_register
from registry.acting import acting_as
from registry.compute import return_actions
from registry.dispatch import outbox
from registry.errors import DomainError
from registry.filings import ownership_statements
from registry.filings.lifecycle import TRANSITIONS, Status
from registry.filings.storing import AMENDED, SUBMITTED
from registry.screening import grouping, position_actions, posting

log = logging.getLogger(__name__)

READ_AT_ONCE: Final = 20
READING_SECONDS: Final = 30.0
SWEPT_AT_ONCE: Final = 200
AGED_AT_ONCE: Final = 2_000
# What one filing can be at fault for; an outage of the database is not among them and ends the sweep.
UNPOSTABLE: Final = (DomainError, ValueError, LookupError, ArithmeticError)
WITHDRAWN: Final = frozenset(step.kind for step in TRANSITIONS if step.target is Status.WITHDRAWN)


@shared_task(name="post_filing")
def post_filing(*, reference: str, event_key: str = "") -> None:
    """Post the newest version of a filing, or take it out; then read what that touched."""
    now = timezone.now()
    with acting_as(of_the_register("screener")) as screener:
        if not event_key or outbox.first_time(task="post_filing", event_key=event_key, at=now):
            posting.post_filing(reference=reference, by=screener, at=now)
    read_positions()


@shared_task(name="post_return")
def post_return(*, reference: str, event_key: str = "") -> None:
    """Post the newest version of a return; then read some of what that touched, the clock the rest."""
    now = timezone.now()
    with acting_as(of_the_register("screener")) as screener:
        if not event_key or outbox.first_time(task="post_return", event_key=event_key, at=now):
            posting.post_return(reference=reference, by=screener, at=now)
    read_positions()


@shared_task(name="follow_groups")
def follow_groups(*, reference: str = "", event_key: str = "") -> int:
    """Follow what a statement of ownership changes, or by the clock what begins and ends; returns how many accounts."""
    now = timezone.now()
    with acting_as(of_the_register("screener")) as screener:
        if event_key and not outbox.first_time(task="follow_groups", event_key=event_key, at=now):
            return 0
        return grouping.regroup(organisation=reference, by=screener, at=now)


@shared_task(name="read_positions")
def read_positions() -> int:
    """Read and reconcile groups that were touched, some at a time, until none waits or the time is up; how many."""
    started, screener, count = time.monotonic(), of_the_register("screener"), 0
    while time.monotonic() - started < READING_SECONDS:
        with acting_as(screener):
            done = position_actions.read_stale(limit=READ_AT_ONCE, by=screener, at=timezone.now())
        count += len(done)
        if len(done) < READ_AT_ONCE:
            break
    return count


@shared_task(name="sweep_unposted")
def sweep_unposted() -> int:
    """Post what no event led to, each by itself; returns how many filings and returns."""
    now, screener = timezone.now(), of_the_register("screener")
    with acting_as(screener, read_only=True):
        filings, returns = posting.unposted(by=screener, limit=SWEPT_AT_ONCE)
    waiting = [(reference, posting.post_filing) for reference in filings]
    for reference, act in [*waiting, *((reference, posting.post_return) for reference in returns)]:
        try:
            with acting_as(screener):
                act(reference=reference, by=screener, at=now)
        except UNPOSTABLE:
            log.exception("%s cannot be posted", reference)
    return len(filings) + len(returns)


@shared_task(name="age_positions")
def age_positions() -> int:
    """Mark positions last read on an earlier day; returns how many."""
    with acting_as(of_the_register("screener")) as screener:
        return position_actions.age(by=screener, at=timezone.now(), limit=AGED_AT_ONCE)


# As in registry.tasks: which task is told of which event, and what runs by the clock.
TOLD: Final[tuple[tuple[Task[Any, Any], frozenset[str]], ...]] = (
    (post_filing, frozenset({SUBMITTED, AMENDED}) | WITHDRAWN),
    (post_return, frozenset({return_actions.SUBMITTED, return_actions.AMENDED})),
    (follow_groups, frozenset({ownership_statements.STATED})),
)
BEAT: Final[Mapping[str, float]] = MappingProxyType(
    {
        "read_positions": 60.0,
        "sweep_unposted": 120.0,
        "age_positions": 3600.0,
        "follow_groups": 6 * 3600.0,
    }
)
