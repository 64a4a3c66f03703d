"""Tasks of screening beyond filings: facilities after each word about them, customers after each return, owner groups.

A return of many customers is screened some hundred at a time, each a unit of work; a worker that dies is followed by
one that goes on where it stopped.
"""

import logging
import time
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from celery import Task, shared_task
from django.utils import timezone

from registry.accounts.policy import of_the_register
from registry.acting import acting_as
from registry.compute import facility_actions, installation_actions, return_actions
from registry.dispatch import outbox
from registry.errors import DomainError
from registry.screening import authorisations, subject_actions

log = logging.getLogger(__name__)

SCREENING_SECONDS: Final = 30.0
GROUPS_AT_ONCE: Final = 20
SWEPT_AT_ONCE: Final = 20
# What one return or facility can be at fault for; an outage of the database is not among them and ends the sweep.
UNSCREENABLE: Final = (DomainError, ValueError, LookupError, ArithmeticError)
SAID_OF_FACILITIES: Final = frozenset(
    {facility_actions.REGISTERED, facility_actions.AMENDED, installation_actions.PUT_UP, installation_actions.CHANGED}
)


@shared_task(name="screen_facility")
def screen_facility(*, reference: str, event_key: str) -> None:
    """Screen a facility as it stands today, once for each event."""
    now = timezone.now()
    with acting_as(of_the_register("screener")) as screener:
        if outbox.first_time(task="screen_facility", event_key=event_key, at=now):
            subject_actions.screen_facilities(references=[reference], by=screener, at=now)


@shared_task(name="screen_return")
def screen_return(*, reference: str, event_key: str = "") -> None:
    """Screen the customers of a return until none is left or the time is up; the sweep goes on. Harmless twice."""
    started, screener, more = time.monotonic(), of_the_register("screener"), True
    while more and time.monotonic() - started < SCREENING_SECONDS:
        with acting_as(screener):
            more = subject_actions.screen_return(reference=reference, by=screener, at=timezone.now())


@shared_task(name="screen_authorised")
def screen_authorised(*, reference: str, event_key: str) -> None:
    """Screen again whom an authorisation covers, named by its id, once for each event."""
    now = timezone.now()
    with acting_as(of_the_register("screener")) as screener:
        if outbox.first_time(task="screen_authorised", event_key=event_key, at=now):
            subject_actions.screen_authorised(authorisation=UUID(reference), by=screener, at=now)


@shared_task(name="screen_groups")
def screen_groups() -> int:
    """Screen owner groups whose positions were read anew, some at a time until the time is up; returns how many."""
    started, screener, count = time.monotonic(), of_the_register("screener"), 0
    while time.monotonic() - started < SCREENING_SECONDS:
        with acting_as(screener):
            done = subject_actions.screen_groups(limit=GROUPS_AT_ONCE, by=screener, at=timezone.now())
        count += done
        if done < GROUPS_AT_ONCE:
            break
    return count


@shared_task(name="sweep_unscreened_returns")
def sweep_unscreened_returns() -> int:
    """Screen returns that no event led to, that were not finished, or that a new rule set has not seen; how many."""
    screener = of_the_register("screener")
    with acting_as(screener, read_only=True):
        waiting = subject_actions.unscreened_returns(limit=SWEPT_AT_ONCE, by=screener)
    for reference in waiting:
        try:
            screen_return(reference=reference)
        except UNSCREENABLE:
            log.exception("%s cannot be screened", reference)
    return len(waiting)


# As in registry.tasks: which task is told of which event, and what runs by the clock.
TOLD: Final[tuple[tuple[Task[Any, Any], frozenset[str]], ...]] = (
    (screen_facility, SAID_OF_FACILITIES),
    (screen_return, frozenset({return_actions.SUBMITTED, return_actions.AMENDED})),
    (screen_authorised, frozenset({authorisations.RECORDED})),
)
BEAT: Final[Mapping[str, float]] = MappingProxyType({"screen_groups": 60.0, "sweep_unscreened_returns": 60.0})
