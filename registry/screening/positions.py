"""Positions: training compute and accelerator-hours added up for one lineage or one owner, kept by steps. Pure.

A *contribution* is what one filing or one access record says about one place (facility and accelerator): an amount that
accrues evenly over its days. A *position* keeps, for each place, the changes of the daily rate. A contribution is three
steps however long it lasts, steps are whole numbers, and they add: what is put in can be taken out again exactly, in
any order, and a position kept change by change equals the one added up anew.

What is both filed and reported counts once. The developer knows how well the chips were used, the provider knows how
long they were let, and neither is told what the other said; so for one subject, one place and one calendar month (the
finest grain of a return) the filing's own FLOP count for the hours that it covers, and of the hours reported only the
excess over those counts in addition, at the reference utilisation. A filing that names no place covers what is in
excess anywhere in that month. The sum is then never below what either side says alone, and never twice what they say
together. `registry.screening.position_reading` reads a position so.

An owner group's position is that of its members, each for the days of its membership: a change of owners moves no
amount, it changes which days of whose are added.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal, localcontext
from enum import StrEnum
from typing import Final, NamedTuple

from registry.compute import catalogue
from registry.periods import Period
from registry.quantities import EXACT, SECONDS_PER_HOUR

NO_PLACE: Final = ""
_ONE_DAY: Final = timedelta(days=1)
_WHOLE: Final = Decimal(1)


class Side(StrEnum):
    """Who says it: a developer in a filing, a compute provider in a return."""

    FILED = "filed"
    REPORTED = "reported"


class Step(NamedTuple):
    """A change of the daily rates, whole FLOP and whole accelerator-seconds. All zero is no step."""

    filed_flop: int = 0
    covered_flop: int = 0
    filed_seconds: int = 0
    reported_flop: int = 0
    reported_seconds: int = 0

    def plus(self, other: "Step") -> "Step":
        """Both together."""
        return Step(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))

    def minus(self, other: "Step") -> "Step":
        """This without the other."""
        return Step(*(mine - theirs for mine, theirs in zip(self, other, strict=True)))

    def over(self, days: int) -> "Step":
        """The even share of one day, rounded down."""
        return Step(*(each // days for each in self))

    def times(self, days: int) -> "Step":
        """So many days of this rate."""
        return Step(*(each * days for each in self))


NOTHING: Final = Step()
Steps = Mapping[tuple[str, date], Step]


@dataclass(frozen=True)
class Contribution:
    """What one source says of one place: FLOP and accelerator-hours from a day until (not including) another.

    `covers_flop` is what a filing's hours come to at the reference utilisation, for comparison with access records;
    where it states no hours, its own FLOP. An access record covers nothing.
    """

    side: Side
    place: str
    starts_on: date
    ends_on: date
    flop: Decimal
    hours: Decimal
    covers_flop: Decimal = field(default=Decimal(0))

    def __post_init__(self) -> None:
        if self.ends_on <= self.starts_on:
            raise ValueError(f"a contribution needs a day at least: {self.starts_on} to {self.ends_on}")
        if min(self.flop, self.hours, self.covers_flop) < 0:
            raise ValueError("a contribution cannot be negative")

    @property
    def amounts(self) -> Step:
        """The whole of it, in whole units."""
        flop, seconds, covered = _whole(self.flop), _whole_seconds(self.hours), _whole(self.covers_flop)
        if self.side is Side.FILED:
            return Step(filed_flop=flop, covered_flop=covered, filed_seconds=seconds)
        return Step(reported_flop=flop, reported_seconds=seconds)


@dataclass(frozen=True)
class Change:
    """What becomes of one source's contributions: none before when it is new, none after when it is withdrawn."""

    before: tuple[Contribution, ...] = ()
    after: tuple[Contribution, ...] = ()


@dataclass(frozen=True)
class Position:
    """The changes of the daily rate by place and day. Two positions are equal when they say the same of every day."""

    steps: Steps = field(default_factory=dict)


EMPTY: Final = Position()


def apply(position: Position, change: Change) -> Position:
    """The position after a filing, a record, their amendment or withdrawal. Costs what this position holds, no more."""
    return Position(_added(position.steps, _changes(change)))


def position_of(contributions: Iterable[Contribution]) -> Position:
    """The position added up anew from everything that counts."""
    return Position(_added({}, (each for one in contributions for each in steps_of(one).items())))


def steps_of(contribution: Contribution) -> dict[tuple[str, date], Step]:
    """The steps of one contribution: up on its first day, which also takes what an even share leaves over, and down."""
    amounts, days = contribution.amounts, (contribution.ends_on - contribution.starts_on).days
    rate = amounts.over(days)
    rest = amounts.minus(rate.times(days))
    place, found = contribution.place, dict[tuple[str, date], Step]()
    for day, step in (
        (contribution.starts_on, rate.plus(rest)),
        (contribution.starts_on + _ONE_DAY, NOTHING.minus(rest)),
        (contribution.ends_on, NOTHING.minus(rate)),
    ):
        found[place, day] = found.get((place, day), NOTHING).plus(step)
    return {key: step for key, step in found.items() if step != NOTHING}


def group_position(members: Iterable[tuple[Position, Period]]) -> Position:
    """The position of an owner group: each member's for the days on which it belonged. A member may come twice."""
    clipped = (clip(position, membership) for position, membership in members)
    return Position(_added({}, (each for one in clipped for each in one.steps.items())))


def clip(position: Position, period: Period) -> Position:
    """What the position says of the days of a period, and nothing of the others."""
    found: dict[tuple[str, date], Step] = {}
    rates: dict[str, Step] = {}
    starts_on, ends_on = period.starts_on, period.ends_on
    for (place, day), step in sorted(position.steps.items()):
        if ends_on is not None and day >= ends_on:
            continue
        rates[place] = rates.get(place, NOTHING).plus(step)
        found[place, max(day, starts_on)] = found.get((place, max(day, starts_on)), NOTHING).plus(step)
    if ends_on is not None:
        found = _added(found, (((place, ends_on), NOTHING.minus(rate)) for place, rate in rates.items()))
    return Position({key: step for key, step in found.items() if step != NOTHING})


def reference_flop(*, accelerator: str, hours: Decimal, utilisation: Decimal) -> Decimal | None:
    """What so many accelerator-hours come to at the dense 16-bit peak; None for a part the catalogue does not know."""
    if accelerator not in catalogue.catalogue():
        return None
    peak = catalogue.dense_peak(code=accelerator, precision=catalogue.default_precision(accelerator))
    if peak is None:
        return None
    with localcontext(EXACT):
        return hours * SECONDS_PER_HOUR * peak * utilisation


def place_of(*, facility: str, accelerator: str) -> str:
    """The name of a place; no place where either is not known, since half a place compares with nothing."""
    return f"{facility}/{accelerator}" if facility and accelerator else NO_PLACE


def _changes(change: Change) -> Iterable[tuple[tuple[str, date], Step]]:
    for one in change.before:
        for key, step in steps_of(one).items():
            yield key, NOTHING.minus(step)
    for one in change.after:
        yield from steps_of(one).items()


def _added(steps: Steps, changes: Iterable[tuple[tuple[str, date], Step]]) -> dict[tuple[str, date], Step]:
    found = dict(steps)
    for key, step in changes:
        total = found.get(key, NOTHING).plus(step)
        if total == NOTHING:
            found.pop(key, None)
        else:
            found[key] = total
    return found


def _whole(amount: Decimal) -> int:
    with localcontext(EXACT):
        return int(amount.quantize(_WHOLE, rounding=ROUND_HALF_UP))


def _whole_seconds(hours: Decimal) -> int:
    with localcontext(EXACT):
        return int((hours * SECONDS_PER_HOUR).quantize(_WHOLE, rounding=ROUND_HALF_UP))
