"""The runs of a chart, summed in the database: by day, by quarter, in cells; and the largest, one by one.

Every query starts from rows the actor may see. Days and quarters are those of Brussels.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from statistics import median
from typing import Any
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db.models import Aggregate, Count, DateTimeField, F, Func, IntegerField, Max, Min, Q, Value
from django.db.models.functions import TruncDate, TruncQuarter

from registry.acting import Actor
from registry.filings.filing_models import flop_field
from registry.filings.models import FilingQuerySet
from registry.filings.working_days import BRUSSELS, day_of, start_of_day
from registry.oversight.queries import filed_since
from registry.periods import Quarter


@dataclass(frozen=True)
class Point:
    """One filed run by itself."""

    reference: str
    provider: str
    filed_on: date
    training_compute_flop: Decimal


@dataclass(frozen=True)
class Day:
    """The runs filed on a day: how many, the smallest and the largest in FLOP, and how many lie above each bound."""

    on: date
    runs: int
    smallest: Decimal
    largest: Decimal
    above: Mapping[Decimal, int]


class _Middle(Aggregate):
    """The two values in the middle; of an odd number of them the same one twice."""

    function = "percentile_disc"
    template = "%(function)s(array[0.5, 0.500000001]) within group (order by %(expressions)s)"
    output_field = ArrayField(flop_field())


class _Bucket(Func):
    """How many of the ascending bounds lie at or below a value."""

    function = "width_bucket"
    output_field = IntegerField()


def runs(actor: Actor, *, since: datetime, organisation: UUID | None = None) -> FilingQuerySet:
    """What was filed since a moment and states its compute, of one provider if one is named."""
    found = filed_since(actor, since).filter(training_compute_flop__gt=0)
    return found if organisation is None else found.filter(organisation=organisation)


def by_day(chosen: FilingQuerySet, *, bounds: Sequence[Decimal]) -> list[Day]:
    """The days on which runs were filed, in order; `bounds` in FLOP are those of `Day.above`."""
    above: dict[str, Any] = {
        f"above_{i}": Count("training_compute_flop", filter=Q(training_compute_flop__gt=bound))
        for i, bound in enumerate(bounds)
    }
    flop = "training_compute_flop"
    found = chosen.annotate(day=TruncDate("submitted_at", tzinfo=BRUSSELS)).values_list("day")
    summed = found.annotate(runs=Count("*"), smallest=Min(flop), largest=Max(flop), **above).order_by("day")
    return [
        Day(day, count, least, most, dict(zip(bounds, higher, strict=True)))
        for day, count, least, most, *higher in summed
    ]


def medians(chosen: FilingQuerySet) -> dict[Quarter, Decimal]:
    """The median compute in FLOP of the runs filed in each quarter, quarters in order."""
    found = chosen.annotate(quarter=TruncQuarter("submitted_at", tzinfo=BRUSSELS)).values_list("quarter")
    middles = found.annotate(middle=_Middle("training_compute_flop")).order_by("quarter")
    return {Quarter.of(began.date()): median(middle) for began, middle in middles}


def largest(chosen: FilingQuerySet, *, limit: int) -> list[Point]:
    """The largest runs, the largest and among equals the earliest first."""
    ordered = chosen.order_by(F("training_compute_flop").desc(nulls_last=True), "submitted_at", "id")
    found = ordered.values_list("reference", "organisation__legal_name", "submitted_at", "training_compute_flop")
    return [Point(reference, name, day_of(at), flop) for reference, name, at, flop in found[:limit] if at and flop]


def in_cells(
    chosen: FilingQuerySet, *, up_to: Decimal, days: Sequence[date], amounts: Sequence[Decimal]
) -> dict[tuple[int, int], int]:
    """How many runs up to an amount in FLOP lie in each cell (column, row) that holds any.

    `days` are the first days of all columns but the first, `amounts` the least FLOP of all rows but the lowest.
    """
    edges = Value([start_of_day(day) for day in days], output_field=ArrayField(DateTimeField()))
    steps = Value(list(amounts), output_field=ArrayField(flop_field()))
    placed = chosen.annotate(column=_Bucket(F("submitted_at"), edges), row=_Bucket(F("training_compute_flop"), steps))
    # counted under a filter: a second condition on the amount makes the planner expect one row, and sort all of them
    counted = placed.values_list("column", "row").annotate(runs=Count("id", filter=Q(training_compute_flop__lte=up_to)))
    return {(i, j): runs for i, j, runs in counted.order_by() if runs}
