"""The statistics of the demonstration: the releases of the last quarters, built, attacked, approved and published."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from registry import statistics_tasks
from registry.acting import acting_as
from registry.management.demonstration.people import Hands
from registry.periods import Quarter
from registry.statistics import vintages
from registry.statistics.models import State, Verdict, Vintage

RELEASES = 4
DRAFTED_BEFORE = timedelta(hours=2)
APPROVED_BEFORE = timedelta(hours=1)
AHEAD = timedelta(days=14)
NINE = time(9, tzinfo=UTC)


def days(first: date, last: date, *, releases: int = RELEASES) -> list[date]:
    """The twentieth day after each quarter, from the first day to the last: the newest few of them."""
    return list(_days(first, last))[-releases:]


def _days(first: date, last: date) -> Iterator[date]:
    for year in range(first.year, last.year + 1):
        for month in (1, 4, 7, 10):
            day = date(year, month, 20)
            if first <= day <= last:
                yield day


def publish(hands: Hands, *, at: datetime) -> bool:
    """Publish the release of the quarter that ended before `at`; whether the auditor let it pass."""
    vintage = built(hands, ended(at.date()), drafted_at=at - DRAFTED_BEFORE, publish_at=at)
    return approve(hands, vintage, at=at)


def approve(hands: Hands, vintage: Vintage, *, at: datetime) -> bool:
    """Approve and publish a vintage that was built; whether the auditor let it pass."""
    if vintage.verdict != Verdict.CLEAN:
        return False
    publisher = hands.releasing["publisher"]
    with acting_as(publisher):
        vintages.approve(
            vintage=vintage.id, manifest_sha256=vintage.manifest_sha256, by=publisher, at=at - APPROVED_BEFORE
        )
    return bool(statistics_tasks.publish(at=at))


def prepare(hands: Hands, *, at: datetime) -> None:
    """What waits at the end: a revision of the newest release to be approved, and the next one in the calendar."""
    statistician, running = hands.releasing["statistician"], Quarter.of(at.date())
    first_day = running.next().starts_on
    next_at = datetime.combine(first_day + timedelta(days=19), NINE)
    with acting_as(statistician):
        vintages.announce(release=str(running), publish_at=next_at, by=statistician, at=at)
        newest = Vintage.objects.visible_to(statistician).filter(release=str(ended(at.date())))
        is_published = newest.filter(state=State.PUBLISHED).exists()
    if is_published:
        built(hands, ended(at.date()), drafted_at=at, publish_at=at + AHEAD)


def built(hands: Hands, quarter: Quarter, *, drafted_at: datetime, publish_at: datetime) -> Vintage:
    """A vintage as it stands after the worker built and attacked it."""
    by = hands.releasing["statistician"]
    with acting_as(by):
        vintages.announce(release=str(quarter), publish_at=publish_at, by=by, at=drafted_at)
        drafted = vintages.draft(release=str(quarter), publish_at=publish_at, is_provisional=True, by=by, at=drafted_at)
    statistics_tasks.build(drafted.id, at=drafted_at)
    with acting_as(by, read_only=True):
        return Vintage.objects.visible_to(by).get(id=drafted.id)


def ended(day: date) -> Quarter:
    """The quarter that was the last to end before a day."""
    running = Quarter.of(day)
    return Quarter(running.year - 1, 4) if running.number == 1 else Quarter(running.year, running.number - 1)
