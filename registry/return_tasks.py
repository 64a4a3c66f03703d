"""Tasks of returns: dealing with uploads, and making the months in which access records are kept.

An upload is dealt with in units of work of a few megabytes each, for as long as a task may run; then the task calls
itself again. Whatever dies in between, the sweep goes on where it stopped (registry.compute.intake).
"""

import time
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from celery import Task, shared_task
from django.utils import timezone

from registry.accounts.policy import of_the_register
from registry.acting import acting_as
from registry.compute import intake, months, record_actions
from registry.filings import return_duties

TAKING_SECONDS: Final = 15.0  # then what else waits has its turn; a part takes a second or so
SWEPT_AT_ONCE: Final = 20


@shared_task(name="take_upload")
def take_upload(*, reference: str, event_key: str = "") -> None:
    """Deal with an upload, named by its id, part by part. A second time, or beside another, it does no harm."""
    if _take(UUID(reference)):
        take_upload.apply_async(kwargs={"reference": reference}, retry=False)


@shared_task(name="sweep_uploads")
def sweep_uploads() -> int:
    """Deal with what no message led to, or whose worker died; returns how many uploads were not done."""
    with acting_as(of_the_register("intake"), read_only=True) as by:
        waiting = intake.waiting(by=by, limit=SWEPT_AT_ONCE)
    for upload in waiting:
        _take(upload)
    return len(waiting)


@shared_task(name="make_months")
def make_months() -> int:
    """Make the partitions of the next twelve months; returns how many were missing."""
    with acting_as(of_the_register("housekeeper")) as by:
        return months.make(by=by, at=timezone.now())


def _take(upload: UUID) -> bool:
    """Deal with parts until there is none, or the time is over; says whether there are more."""
    started, by = time.monotonic(), of_the_register("intake")
    more = True
    while more and time.monotonic() - started < TAKING_SECONDS:
        with acting_as(by):
            more = intake.take(upload=upload, by=by, at=timezone.now())
    return more


@shared_task(name="owe_returns")
def owe_returns(*, reference: str, event_key: str) -> None:
    """Reckon the monthly duty of a provider after it submitted a return; the same however often it runs."""
    with acting_as(of_the_register("clock")) as clock:
        return_duties.follow(reference=reference, by=clock, at=timezone.now())


TOLD: Final[tuple[tuple[Task[Any, Any], frozenset[str]], ...]] = (
    (take_upload, frozenset({record_actions.RECEIVED})),
    (owe_returns, return_duties.CAUSES),
)
BEAT: Final[Mapping[str, float]] = MappingProxyType({"sweep_uploads": 10.0, "make_months": 24 * 3600.0})
