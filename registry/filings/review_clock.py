"""The authority's own clock: how long a decision has taken, without the time it waited for the provider.

Moments are compared in UTC: within one zone Python's subtraction would forget the hour of summer time.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from registry.filings.lifecycle import OPEN_FOR_AUTHORITY, Status

Stop = tuple[datetime, datetime | None]  # from, until; until None while it still stands


@dataclass(frozen=True)
class Clock:
    """The authority's own time for a decision: when it started, how many days it has, and when it stood still.

    `stops` are (from, until) moments while it waits for the provider, until None while it still does.
    """

    started_at: datetime
    days: int
    stops: tuple[Stop, ...] = ()
    ended_at: datetime | None = None


def clock_of(history: Sequence[tuple[str, datetime]], *, days: int) -> Clock | None:
    """The clock of the latest review in `history`, the (status, moment) steps of a filing in order; None for a draft.

    It starts on submission, stands still in `awaiting_provider`, ends when the filing leaves the authority. A further
    version filed while it runs moves nothing.
    """
    clock: Clock | None = None
    for status, at in history:
        if status == Status.SUBMITTED and (clock is None or clock.ended_at is not None):
            clock = Clock(at, days)
        if clock is None:
            continue
        stops: tuple[Stop, ...] = tuple((start, at if until is None else until) for start, until in clock.stops)
        if status == Status.AWAITING_PROVIDER:
            stops = (*stops, (at, None))
        has_left = Status(status) not in OPEN_FOR_AUTHORITY
        clock = replace(clock, stops=stops, ended_at=clock.ended_at or (at if has_left else None))
    return clock


def elapsed(clock: Clock, at: datetime) -> timedelta:
    """The time that counted against the authority from the start until `at`, stops left out, never negative."""
    began = clock.started_at.astimezone(UTC)
    end = min(at, clock.ended_at or at).astimezone(UTC)
    if end <= began:
        return timedelta(0)
    stood = timedelta(0)
    reached = began
    for start, until in sorted(clock.stops, key=lambda stop: stop[0]):
        begin = max(start.astimezone(UTC), reached)
        finish = min((until or end).astimezone(UTC), end)
        if finish > begin:
            stood += finish - begin
            reached = finish
    return end - began - stood


def remaining(clock: Clock, at: datetime) -> timedelta:
    """The time the authority still has at `at`; negative once it is late."""
    return timedelta(days=clock.days) - elapsed(clock, at)
