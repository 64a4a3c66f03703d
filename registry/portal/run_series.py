"""The chart of all runs: what the database sums, and the runs that are drawn one by one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from registry.charts import compute
from registry.filings.models import FilingQuerySet
from registry.filings.working_days import day_of
from registry.oversight import run_queries
from registry.oversight.run_queries import Day, Point
from registry.periods import Quarter
from registry.portal import curve
from registry.portal.presentation import drawn, words
from registry.portal.presentation.drawn import AllRuns, QuarterCounts, QuarterOfRuns, ReportedRun
from registry.portal.presentation.figures import Figure
from registry.portal.presentation.marks import Link

YEARS = 3
SHORTEST = timedelta(days=180)


@dataclass(frozen=True)
class Drawn:
    """The chart, the runs that it names, and how many lie in each quarter and band."""

    figure: Figure
    named: tuple[str, ...]
    quarters: tuple[QuarterCounts, ...]


def since(at: datetime) -> datetime:
    """From when on runs are drawn: the beginning of the year three years ago."""
    return at.replace(year=at.year - YEARS, month=1, day=1, hour=0, minute=0, second=0, microsecond=0)


def draw(
    chosen: FilingQuerySet,
    *,
    uid: str,
    at: datetime,
    named: Callable[[Sequence[Point]], Sequence[ReportedRun]],
    files: tuple[Link, ...] = (),
) -> Drawn | None:
    """The chart of these runs (registry.oversight.run_queries.runs); None where there are none.

    Four queries, whatever is chosen. `named` gives runs, the largest first, the names that the chart may show.
    """
    today = day_of(at)
    lines = curve.lines(on=today)
    limits = (Decimal(0), *sorted(line.flop for line in lines))
    days = run_queries.by_day(chosen, bounds=sorted({*limits, *words.BANDS}))
    if not days:
        return None
    above = [(limit, sum(day.above[limit] for day in days)) for limit in limits]
    smallest, largest = min(day.smallest for day in days), max(day.largest for day in days)
    first, last = _span(days[0].on, today)
    axes = compute.series_axes(first=first, last=last, smallest=smallest, largest=largest, thresholds=lines)
    single_above = compute.single_above(above)
    singles = 0 if single_above is None else dict(above)[single_above]
    marks = named(run_queries.largest(chosen, limit=max(singles, 1)))
    cells = run_queries.in_cells(
        chosen,
        up_to=largest if single_above is None else single_above,
        days=axes.grid.days(),
        amounts=axes.grid.amounts(),
    )
    by_quarter: dict[Quarter, list[Day]] = {}
    for day in days:
        by_quarter.setdefault(Quarter.of(day.on), []).append(day)
    runs = AllRuns(
        quarters=_quarters(by_quarter, run_queries.medians(chosen)),
        largest=tuple((day.on, day.largest) for day in days),
        marks=marks,
        cells=cells,
        above=above[-1][1],
    )
    figure = drawn.runs_over_time(uid=uid, runs=runs, axes=axes, thresholds=lines, files=files)
    counted = {quarter: _in_bands(of_it) for quarter, of_it in by_quarter.items()}
    return Drawn(figure, tuple(run.reference for run in marks if run.reference), without_gaps(counted, until=today))


def without_gaps(counted: Mapping[Quarter, Sequence[int]], *, until: date) -> tuple[QuarterCounts, ...]:
    """Runs by quarter and band from the first quarter that has any to that of a day, quarters without runs too."""
    quarter, listed = min(counted), []
    while quarter <= Quarter.of(until):
        a, b, c, d = counted.get(quarter, (0, 0, 0, 0))
        listed.append(QuarterCounts(quarter, (a, b, c, d), a + b + c + d))
        quarter = quarter.next()
    return tuple(listed)


def _span(oldest: date, today: date) -> tuple[date, date]:
    """The days of the axis: whole quarters from the first run to today, half a year at least."""
    first = Quarter.of(oldest).starts_on
    return first, max(Quarter.of(today).next().starts_on, first + SHORTEST)


def _quarters(days: Mapping[Quarter, Sequence[Day]], medians: Mapping[Quarter, Decimal]) -> tuple[QuarterOfRuns, ...]:
    """The quarters with runs, in order."""
    return tuple(
        QuarterOfRuns(
            quarter,
            sum(day.runs for day in of_it),
            medians[quarter],
            max(day.largest for day in of_it),
            sum(day.above[words.BANDS[-1]] for day in of_it),
        )
        for quarter, of_it in days.items()
    )


def _in_bands(days: Sequence[Day]) -> list[int]:
    """How many runs lie in each compute band."""
    above = [sum(day.runs for day in days), *(sum(day.above[bound] for day in days) for bound in words.BANDS)]
    return [more - fewer for more, fewer in pairwise([*above, 0])]
