"""Reading a position: counted amounts by day, rolling windows, the peak, crossings past, planned and projected. Pure.

Counting follows the rule of `registry.screening.positions`: by place and month, what is filed counts in full, what is
reported counts as far as it exceeds what the filings cover. All amounts are whole, so that a reading is exact.
"""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import accumulate, groupby, pairwise
from typing import Final

from registry.filings import thresholds
from registry.filings.thresholds import Threshold
from registry.periods import Period
from registry.quantities import SECONDS_PER_HOUR, as_decimal
from registry.screening import positions
from registry.screening.position_terms import Terms
from registry.screening.positions import NO_PLACE, NOTHING, Position, Step

_ONE_DAY: Final = timedelta(days=1)


@dataclass(frozen=True)
class Amount:
    """Training compute in FLOP and accelerator-hours."""

    flop: Decimal
    hours: Decimal


@dataclass(frozen=True)
class Point:
    """The window that ends with a day: its FLOP and accelerator-hours."""

    day: date
    flop: Decimal
    hours: Decimal


@dataclass(frozen=True)
class Limit:
    """One threshold against one position.

    `crossed_on` is the first day, up to the day read, whose window crosses it; `planned_on` the first later day on
    which what is already filed or reported for the future crosses it; `projected_on` the day on which it would be
    crossed if the current rate went on, None where the rate is zero or never gets there.
    """

    code: str
    flop: Decimal
    crossed_on: date | None
    planned_on: date | None
    projected_on: date | None


@dataclass(frozen=True)
class Reading:
    """A position as of a day. `window_days` None adds up everything; `series` ends each day's window with that day.

    The peaks of FLOP and of hours may lie on different days; `peak_on` is that of FLOP.
    """

    on: date
    window_days: int | None
    window: Amount
    peak: Amount
    peak_on: date | None
    total: Amount
    rate_flop_per_day: Decimal
    limits: tuple[Limit, ...]
    series: tuple[Point, ...]


@dataclass(frozen=True)
class _Days:
    """Counted amounts of consecutive days, and their running sums: `flop_sums[i]` is before day i."""

    first: date
    flop_sums: tuple[int, ...]
    second_sums: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.flop_sums) - 1

    def upto(self, day: date) -> tuple[int, int]:
        """The sums of everything up to and including a day."""
        at = min(max((day - self.first).days + 1, 0), len(self))
        return self.flop_sums[at], self.second_sums[at]

    def window(self, day: date, days: int | None) -> tuple[int, int]:
        """The sums of the window that ends with a day."""
        flop, seconds = self.upto(day)
        if days is None:
            return flop, seconds
        flop_before, seconds_before = self.upto(day - timedelta(days=days))
        return flop - flop_before, seconds - seconds_before


def read(position: Position, *, on: date, window_days: int | None, terms: Terms) -> Reading:
    """The position as of a day, over a rolling window of so many days or, with None, over everything.

    What lies further off than the terms' horizon is left out.
    """
    horizon = timedelta(days=terms.horizon_days)
    days = _counted(positions.clip(position, Period(on - horizon, on + horizon)))
    series = tuple(_points(days, window_days))
    rate = _rate(days, on=on, days_back=terms.rate_days)
    rows = [thresholds.threshold(code, on=on) for code in terms.limits if _is_known(code, on)]
    past = [point for point in series if point.day <= on]
    peak = max(past, key=lambda point: (point.flop, -point.day.toordinal()), default=None)
    peak_hours = max((point.hours for point in past), default=Decimal(0))
    return Reading(
        on=on,
        window_days=window_days,
        window=_amount(days.window(on, window_days)),
        peak=Amount(peak.flop if peak else Decimal(0), peak_hours),
        peak_on=peak.day if peak and peak.flop else None,
        total=_amount(days.upto(on)),
        rate_flop_per_day=as_decimal(rate),
        limits=tuple(_limit(row, days, series, rate=rate, on=on, window_days=window_days) for row in rows),
        series=series,
    )


def _is_known(code: str, on: date) -> bool:
    return any(row.code == code for row in thresholds.in_force(on=on))


def _limit(
    row: Threshold, days: _Days, series: Sequence[Point], *, rate: Fraction, on: date, window_days: int | None
) -> Limit:
    over = [point.day for point in series if thresholds.crossed(point.flop, row)]
    crossed_on = over[0] if over and over[0] <= on else None
    planned_on = over[0] if over and crossed_on is None else None
    projected_on = None if crossed_on else _projected(row, days, rate=rate, on=on, window_days=window_days)
    return Limit(row.code, as_decimal(row.value), crossed_on, planned_on, projected_on)


def _projected(row: Threshold, days: _Days, *, rate: Fraction, on: date, window_days: int | None) -> date | None:
    """The first day after `on` whose window crosses if each day brings `rate`, and what is past leaves the window."""
    if rate <= 0:
        return None
    done = days.upto(on)[0]
    if window_days is None:
        return _dated(on, _days_until(row, Fraction(done), rate))
    for ahead in range(1, window_days + 1):
        left = days.upto(on + timedelta(days=ahead - window_days))[0] if ahead < window_days else done
        if thresholds.crossed(done - left + rate * ahead, row):
            return _dated(on, ahead)
    return None


def _days_until(row: Threshold, done: Fraction, rate: Fraction) -> int:
    """How many days at the rate until the limit is crossed; one at least."""
    missing = row.value - done
    count = max(int(missing / rate), 0)
    while not thresholds.crossed(done + rate * count, row):
        count += 1
    return max(count, 1)


def _dated(on: date, days: int) -> date | None:
    return on + timedelta(days=days) if days <= (date.max - on).days else None


def _rate(days: _Days, *, on: date, days_back: int) -> Fraction:
    """FLOP a day: the mean of the days up to and including `on`."""
    return Fraction(days.window(on, days_back)[0], days_back)


def _points(days: _Days, window_days: int | None) -> list[Point]:
    found = []
    for ahead in range(len(days)):
        day = days.first + timedelta(days=ahead)
        amount = _amount(days.window(day, window_days))
        found.append(Point(day, amount.flop, amount.hours))
    return found


def _amount(sums: tuple[int, int]) -> Amount:
    flop, seconds = sums
    return Amount(Decimal(flop), as_decimal(Fraction(seconds, SECONDS_PER_HOUR)))


# --- counting -----------------------------------------------------------------------------------------------------


def _counted(position: Position) -> _Days:
    """Every day from the first step to the last, with what counts of it."""
    if not position.steps:
        return _Days(date.min, (0,), (0,))
    first = min(day for _, day in position.steps)
    length = (max(day for _, day in position.steps) - first).days
    by_place = _rates(position, first, length)
    flop, seconds = [0] * length, [0] * length
    for start, end in _months(first, length):
        _count_month(by_place, start, end, flop, seconds)
    return _Days(first, tuple(accumulate(flop, initial=0)), tuple(accumulate(seconds, initial=0)))


def _count_month(by_place: dict[str, list[Step]], start: int, end: int, flop: list[int], seconds: list[int]) -> None:
    """Fill in the counted amounts of the days of one month, `start` to `end`."""
    excess_flop = excess_seconds = 0
    everywhere = [NOTHING] * (end - start)
    for place, rates in by_place.items():
        month = rates[start:end]
        whole = Step(*(sum(column) for column in zip(*month, strict=True)))
        if whole == NOTHING:
            continue
        more_flop = whole.reported_flop - whole.covered_flop
        more_seconds = whole.reported_seconds - whole.filed_seconds
        excess_flop += more_flop if place == NO_PLACE else max(more_flop, 0)
        excess_seconds += more_seconds if place == NO_PLACE else max(more_seconds, 0)
        everywhere = [both.plus(one) for both, one in zip(everywhere, month, strict=True)]
    more_flops = _parts([day.reported_flop for day in everywhere], excess_flop)
    more_seconds_of = _parts([day.reported_seconds for day in everywhere], excess_seconds)
    for number, day in enumerate(everywhere):
        flop[start + number] = day.filed_flop + more_flops[number]
        seconds[start + number] = day.filed_seconds + more_seconds_of[number]


def _parts(reported: list[int], excess: int) -> list[int]:
    """The month's excess over the days on which something was reported, by how much; nothing is lost in rounding."""
    whole = sum(reported)
    if excess <= 0 or not whole:
        return [0] * len(reported)
    until = [done * excess // whole for done in accumulate(reported, initial=0)]
    return [after - before for before, after in pairwise(until)]


def _rates(position: Position, first: date, length: int) -> dict[str, list[Step]]:
    """For each place the rate of every day."""
    found: dict[str, list[Step]] = {}
    for place, steps in groupby(sorted(position.steps.items()), key=lambda each: each[0][0]):
        changes = {(day - first).days: step for (_, day), step in steps}
        rate, days = NOTHING, list[Step]()
        for number in range(length):
            if number in changes:
                rate = rate.plus(changes[number])
            days.append(rate)
        found[place] = days
    return found


def _months(first: date, length: int) -> list[tuple[int, int]]:
    """The calendar months that the days reach into, as half-open ranges of day numbers."""
    found, start = [], 0
    while start < length:
        day = first + timedelta(days=start)
        end = min(start + monthrange(day.year, day.month)[1] - day.day + 1, length)
        found.append((start, end))
        start = end
    return found
