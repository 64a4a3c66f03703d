"""Tasks of cases: findings that weigh enough come into cases, after screening and by the clock; both are counted."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from celery import Task, shared_task
from django.utils import timezone

from registry.accounts.policy import of_the_register
from registry.acting import acting_as
from registry.oversight import case_opening, tallies
from registry.screening.actions import FOUND
from registry.statistics import parameters

ROUNDS: Final = 20  # of some hundred findings; what is left the next run takes


@shared_task(name="open_cases")
def open_cases(*, reference: str = "", event_key: str = "") -> int:
    """Put what waits into cases; returns how many cases that came to. The same however often it runs."""
    screener, count = of_the_register("screener"), 0
    for _ in range(ROUNDS):
        with acting_as(screener):
            cases = case_opening.open_due(by=screener, at=timezone.now())
        if not cases:
            break
        count += len(cases)
    return count


@shared_task(name="count_tallies")
def count_tallies() -> int:
    """Count findings, cases and positions anew for analysts; returns how many sums there are."""
    with acting_as(of_the_register("screener")) as screener:
        return tallies.count(rules=parameters.of_analysts(), by=screener, at=timezone.now())


# As in registry.tasks: which task is told of which event, and what runs by the clock.
TOLD: Final[tuple[tuple[Task[Any, Any], frozenset[str]], ...]] = ((open_cases, frozenset({FOUND})),)
BEAT: Final[Mapping[str, float]] = MappingProxyType({"open_cases": 60.0, "count_tallies": 600.0})
