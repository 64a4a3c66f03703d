"""When hands move: each authority sits one hour a week, each company's desk files at one moment a week. Pure.

People have other work; and what one hand does at one time is one unit of work.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from random import Random

from registry.management.demonstration.organisations import TERRITORIES

UNION = "EU"
WEEK = timedelta(days=7)
WORKING_DAYS = 5
# Sittings lie before the hours in which providers file (UTC), so that both come in one piece.
SITTING_HOURS = (6, 7, 8, 9)
DESK_HOURS = (10, 16)


def sitting(territory: str, *, after: date) -> datetime:
    """The authority's next sitting after a day: each has a weekday and an hour that no other has."""
    number = (*TERRITORIES, UNION).index(territory)
    hour, weekday = divmod(number, WORKING_DAYS)
    ahead = (weekday - after.weekday() - 1) % 7 + 1
    return datetime.combine(after + timedelta(days=ahead), time(SITTING_HOURS[hour]), tzinfo=UTC)


@cache
def desk(slug: str, *, since: date) -> datetime:
    """The next moment, from a day on, at which the company files: once a week, whenever the desk gets to it."""
    monday = since - timedelta(days=since.weekday())
    moment = _desk_of_week(slug, monday)
    return moment if moment.date() >= since else _desk_of_week(slug, monday + WEEK)


def _desk_of_week(slug: str, monday: date) -> datetime:
    random = Random(f"{slug} {monday}")  # noqa: S311
    day = monday + timedelta(days=random.randrange(WORKING_DAYS))
    return datetime.combine(day, time(random.randint(*DESK_HOURS), random.randrange(60)), tzinfo=UTC)
