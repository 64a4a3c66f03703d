"""Everything that happens in the three years of the demonstration, in order. Pure."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from registry.management.demonstration.acts import Act
from registry.management.demonstration.courses import course_of
from registry.management.demonstration.runs import Plan

BETWEEN_ACTS = timedelta(seconds=95)


def acts(plan: Plan, *, until: datetime, seed: int) -> list[Act]:
    """Everything that happens before `until`, in order; the same for the same plan and seed."""
    found = [act for run in plan.runs for act in course_of(run, seed) if act.at < until]
    return _staggered(sorted(found, key=lambda act: (act.at, act.hand, act.verb != "file", act.run.key)))


def _staggered(found: Sequence[Act]) -> list[Act]:
    """The same acts, those of one hand at one time a minute and a half apart; what is filed together stays together."""
    made: list[Act] = []
    before: tuple[datetime, str] | None = None
    number = 0
    for act in found:
        number = number + (act.verb != "file") if before == (act.at, act.hand) else 0
        before = (act.at, act.hand)
        made.append(replace(act, at=act.at + number * BETWEEN_ACTS))
    return sorted(made, key=lambda act: act.at)
