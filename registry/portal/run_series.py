"""The chart of all runs: what the database sums, and the runs that are drawn one by one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from registry.charts import compute
from registry.filings.models import FilingQuerySet
from registry.filings.working_days import day_of
from registry.oversight import run_queries
from registry.oversight.run_queries import Day, Point
from registry.periods import Quarter
from registry.portal import curve
from registry.portal.presentation import drawn, words
from registry.portal.presentation.drawn import AllRuns, QuarterOfRuns, ReportedRun
from registry.portal.presentation.figures import Figure
from registry.portal.presentation.marks import Link

YEARS = 3
SHORTEST = timedelta(days=180)


@dataclass(frozen=True)
class Drawn:
    """The chart, and the runs that it names."""

    figure: Figure
    named: tuple[str, ...]


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
    bounds = (Decimal(0), *sorted(line.flop for line in lines), words.BANDS[-1])
    days = run_queries.by_day(chosen, bounds=bounds)
    if not days:
        return None
    above = [sum(day.above[i] for day in days) for i in range(len(bounds))]
    largest = max(day.largest for day in days)
    first, last = _span(days[0].on, today)
    axes = compute.series_axes(
        first=first, last=last, smallest=min(day.smallest for day in days), largest=largest, thresholds=lines
    )
    single_above = compute.single_above(list(zip(bounds[:-1], above[:-1], strict=True)))
    singles = 1 if single_above is None else max(above[bounds.index(single_above)], 1)
    marks = named(run_queries.largest(chosen, limit=singles))
    cells = run_queries.in_cells(
        chosen,
        up_to=largest if single_above is None else single_above,
        days=axes.grid.days(),
        amounts=axes.grid.amounts(),
    )
    runs = AllRuns(
        quarters=_quarters(days, run_queries.medians(chosen)),
        largest=tuple((day.on, day.largest) for day in days),
        marks=marks,
        cells=cells,
        above=above[-2],
    )
    figure = drawn.runs_over_time(uid=uid, runs=runs, axes=axes, thresholds=lines, files=files)
    return Drawn(figure, tuple(run.reference for run in marks if run.reference))


def _span(oldest: date, today: date) -> tuple[date, date]:
    """The days of the axis: whole quarters from the first run to today, half a year at least."""
    first = Quarter.of(oldest).starts_on
    return first, max(Quarter.of(today).next().starts_on, first + SHORTEST)


def _quarters(days: Sequence[Day], medians: dict[Quarter, Decimal]) -> tuple[QuarterOfRuns, ...]:
    """The quarters with runs, in order; `above` counts those above the last bound, the highest band's."""
    found: dict[Quarter, list[Day]] = {}
    for day in days:
        found.setdefault(Quarter.of(day.on), []).append(day)
    return tuple(
        QuarterOfRuns(
            quarter,
            sum(day.runs for day in of_it),
            medians[quarter],
            max(day.largest for day in of_it),
            sum(day.above[-1] for day in of_it),
        )
        for quarter, of_it in found.items()
    )
