"""What the use of one customer comes to: all of it, and the day on which it reached an amount of compute. Pure."""

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, localcontext
from math import ceil

from registry.quantities import EXACT
from registry.screening.shapes import MonthOfUse


@dataclass(frozen=True)
class Reached:
    """The day on which an amount was reached, and after how many days of use, that day counted."""

    on: date
    after_days: int


@dataclass(frozen=True)
class Use:
    """All months together. Amounts in FLOP and accelerator-hours; `accelerators` the most of any month."""

    flop: Decimal
    hours: Decimal
    accelerators: int
    utilisation: Decimal


def in_all(months: Iterable[MonthOfUse]) -> Use | None:
    """What all months come to; None without any."""
    known = list(months)
    if not known:
        return None
    with localcontext(EXACT):
        return Use(
            flop=sum((each.flop for each in known), Decimal(0)),
            hours=sum((each.accelerator_hours for each in known), Decimal(0)),
            accelerators=max(each.accelerators for each in known),
            utilisation=known[-1].utilisation,
        )


def reached(months: Iterable[MonthOfUse], *, flop: Decimal) -> Reached | None:
    """When the months' compute, spread evenly over the days of each, reached an amount; None if it never did."""
    done, days = Decimal(0), 0
    for month in sorted(months, key=lambda each: each.month):
        length = monthrange(month.month.year, month.month.month)[1]
        if month.flop > 0 and done + month.flop >= flop:
            nth = max(1, ceil((flop - done) * length / month.flop))
            return Reached(month.month + timedelta(days=nth - 1), days + nth)
        done += month.flop
        days += length
    return None
