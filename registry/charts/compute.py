"""Charts of training compute on a logarithmic axis: all runs, and one run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from registry.charts import svg
from registry.charts.grid import Grid
from registry.periods import Quarter

MOST_MARKS = 3000
"""Above this the runs below the lowest threshold become a density band; those above it too where they are as many."""
LEAST_OF_A_MEDIAN = 3
"""A quarter with fewer runs has no median in the chart."""


@dataclass(frozen=True)
class RunPoint:
    """One training run: day of the first filing, compute, the words over its mark, and a link if it may be opened."""

    on: date
    flop: Decimal
    label: str
    href: str = ""


@dataclass(frozen=True)
class Course:
    """All runs together, drawn one by one or not: the largest of each day in order, how many and which median a
    quarter has, and how many lie in each cell of the grid (column, row) of those that are not drawn one by one.
    """

    largest: Sequence[tuple[date, Decimal]] = ()
    medians: Mapping[Quarter, tuple[int, Decimal]] = field(default_factory=dict)
    cells: Mapping[tuple[int, int], int] = field(default_factory=dict)


@dataclass(frozen=True)
class Threshold:
    """A line across the chart. `tone` is `high` (the zone above is shaded) or `low`; `lines` explain it."""

    flop: Decimal
    title: str
    lines: tuple[str, ...] = ()
    tone: str = "high"


@dataclass(frozen=True)
class CurvePoint:
    """Cumulative compute of one run on a day, with the lower and upper end of its stated uncertainty."""

    on: date
    flop: Decimal
    low: Decimal
    high: Decimal
    label: str = ""


@dataclass(frozen=True)
class Crossing:
    """The day a threshold was crossed, and the sentence written beside it."""

    on: date
    sentence: str


@dataclass(frozen=True)
class Axes:
    """Frame and scales of a chart with days across and decades upwards."""

    frame: svg.Frame
    first: date
    last: date
    low: int
    high: int

    @property
    def grid(self) -> Grid:
        """The cells of a density."""
        return Grid(self.frame, self.first, self.last, self.low, self.high)

    def x(self, day: date) -> float:
        """Place of a day."""
        return self.frame.x_of(day, self.first, self.last)

    def y(self, flop: Decimal) -> float:
        """Place of an amount; what lies outside the axis is drawn at its end."""
        share = (svg.decade(flop) - self.low) / (self.high - self.low) if flop > 0 else 0.0
        return self.frame.y_of(min(max(share, 0.0), 1.0))


def single_above(counts: Sequence[tuple[Decimal, int]]) -> Decimal | None:
    """Above which bound runs are drawn one by one; None where they are too many above each.

    `counts` are bounds in ascending order with the number of runs above each.
    """
    return next((bound for bound, count in counts if count <= MOST_MARKS), None)


def series_axes(
    *, first: date, last: date, smallest: Decimal, largest: Decimal, thresholds: Sequence[Threshold] = ()
) -> Axes:
    """The scales on which runs between two amounts above zero are drawn, with all thresholds."""
    exponents = [svg.decade(amount) for amount in (smallest, largest, *(t.flop for t in thresholds))]
    high = int(max(exponents))
    return Axes(svg.Frame(760, 560, 46, 134, 14, 38), first, last, max(int(min(exponents)), high - 8), high + 2)


def log_series(
    *,
    uid: str,
    title: str,
    finding: str,
    axes: Axes,
    points: Sequence[RunPoint],
    course: Course,
    thresholds: Sequence[Threshold] = (),
    record_note: str = "",
) -> svg.Drawn:
    """Runs by day and compute in FLOP, with thresholds, the record so far and the median of each quarter.

    `points` are the runs drawn one by one, the largest among them; the others are the density of `course.cells`.
    Runs above the highest threshold are diamonds and, where they have an `href`, links; all others are dots.
    """
    ordered = sorted(points, key=lambda p: (p.on, p.flop))
    marks, links = _marks(axes, ordered, thresholds)
    parts = [
        *_zone(axes, thresholds),
        *_grid(axes),
        *_quarters(axes),
        *axes.grid.drawn(course.cells),
        *marks,
        *_records(axes, course),
        *_medians(axes, course),
        *_thresholds(axes, thresholds),
        *_record_note(axes, ordered, record_note),
    ]
    return svg.picture(parts, uid=uid, width=760, height=560, name=title, finding=finding, links=links)


def _zone(axes: Axes, thresholds: Sequence[Threshold]) -> list[svg.Drawn]:
    highest = [t for t in thresholds if t.tone == "high"]
    if not highest:
        return []
    frame, y = axes.frame, axes.y(max(t.flop for t in highest))
    return [
        svg.element(
            "rect", class_="zone", x=frame.left, y=frame.top, width=frame.x_end - frame.left, height=y - frame.top
        )
    ]


def _grid(axes: Axes) -> list[svg.Drawn]:
    frame, drawn = axes.frame, []
    for exponent in range(axes.low, axes.high + 1):
        y = axes.y(Decimal(10) ** exponent)
        drawn.append(svg.line(class_="grid", x1=frame.left, x2=frame.x_end, y1=y, y2=y))
        drawn.append(svg.text(svg.power(exponent), x=frame.left - 10, y=y + 4, anchor="end"))
    drawn.append(svg.line(class_="axis", x1=frame.left, x2=frame.x_end, y1=frame.y_end, y2=frame.y_end))
    return drawn


def _quarters(axes: Axes) -> list[svg.Drawn]:
    frame, drawn = axes.frame, []
    quarter = Quarter.of(axes.first)
    years: dict[int, list[float]] = {}
    while quarter.starts_on <= axes.last:
        start = axes.x(max(quarter.starts_on, axes.first))
        end = axes.x(min(quarter.next().starts_on, axes.last))
        longer = 22 if quarter.number == 1 else 5
        drawn.append(svg.line(class_="axis", x1=start, x2=start, y1=frame.y_end, y2=frame.y_end + longer))
        if end - start > 18:
            drawn.append(svg.text(f"Q{quarter.number}", x=(start + end) / 2, y=frame.y_end + 14, anchor="middle"))
        years.setdefault(quarter.year, []).extend((start, end))
        quarter = quarter.next()
    for year, ends in years.items():
        if max(ends) - min(ends) > 40:
            x = (min(ends) + max(ends)) / 2
            drawn.append(svg.text(str(year), x=x, y=frame.y_end + 35, class_="tick tick--year", anchor="middle"))
    return drawn


def _records(axes: Axes, course: Course) -> list[svg.Drawn]:
    """The largest run to date, as steps."""
    path: list[tuple[float, float]] = []
    record = Decimal(0)
    for day, flop in course.largest:
        if flop > record:
            if path:
                path.append((axes.x(day), axes.y(record)))
            record = flop
            path.append((axes.x(day), axes.y(record)))
    if not path:
        return []
    return [svg.polyline([*path, (axes.x(course.largest[-1][0]), axes.y(record))], class_="record")]


def _medians(axes: Axes, course: Course) -> list[svg.Drawn]:
    """The median of each quarter with enough runs, at the quarter's middle."""
    path = [
        (axes.x(min(max(q.starts_on + timedelta(days=45), axes.first), axes.last)), axes.y(median))
        for q, (runs, median) in sorted(course.medians.items())
        if runs >= LEAST_OF_A_MEDIAN
    ]
    return [svg.polyline(path, class_="median")] if len(path) > 1 else []


def _thresholds(axes: Axes, thresholds: Sequence[Threshold]) -> list[svg.Drawn]:
    frame, drawn = axes.frame, []
    for threshold in thresholds:
        y, x = axes.y(threshold.flop), frame.x_end
        drawn.append(svg.line(class_=f"threshold threshold--{threshold.tone}", x1=frame.left, x2=x + 8, y1=y, y2=y))
        lines = [svg.element("tspan", svg.words(threshold.title), class_="strong")]
        lines += [svg.element("tspan", svg.words(t), class_="small", x=x + 14, dy=15) for t in threshold.lines]
        drawn.append(svg.element("text", *lines, class_=f"caption caption--{threshold.tone}", x=x + 14, y=y + 4))
    return drawn


def _marks(
    axes: Axes, ordered: Sequence[RunPoint], thresholds: Sequence[Threshold]
) -> tuple[list[svg.Drawn], list[svg.Drawn]]:
    """The marks, those above the highest threshold beneath the others, and the links."""
    bounds = sorted(t.flop for t in thresholds)
    high: list[svg.Drawn] = []
    middle: list[svg.Drawn] = []
    low: list[svg.Drawn] = []
    links: list[svg.Drawn] = []
    for point in ordered:
        if bounds and point.flop <= bounds[0]:
            low.append(_dot(axes, point, "dot--low"))
        elif not bounds or point.flop <= bounds[-1]:
            middle.append(_dot(axes, point, "dot--middle"))
        elif point.href:
            mark = _diamond(axes, point)
            links.append(svg.element("a", mark, href=point.href, class_="mark", aria_label=point.label))
        else:
            high.append(_diamond(axes, point))
    return [*high, *middle, *low], links


def _dot(axes: Axes, point: RunPoint, tone: str) -> svg.Drawn:
    radius = 3.6 if tone == "dot--low" else 4.2
    return svg.element(
        "circle", svg.title(point.label), class_=f"dot {tone}", cx=axes.x(point.on), cy=axes.y(point.flop), r=radius
    )


def _diamond(axes: Axes, point: RunPoint) -> svg.Drawn:
    x, y = svg.number(axes.x(point.on)), svg.number(axes.y(point.flop) - 6.4)
    return svg.element(
        "path", svg.title(point.label), class_="dot dot--high", d=f"M{x},{y}l6.4,6.4l-6.4,6.4l-6.4,-6.4z"
    )


def _record_note(axes: Axes, ordered: Sequence[RunPoint], note: str) -> list[svg.Drawn]:
    if not ordered or not note:
        return []
    largest = max(ordered, key=lambda p: p.flop)
    x = axes.x(largest.on)
    left_of_it = x > (axes.frame.left + axes.frame.x_end) / 2
    return [
        svg.text(
            note,
            x=x - 10 if left_of_it else x + 10,
            y=axes.y(largest.flop) - 14,
            class_="remark",
            anchor="end" if left_of_it else "start",
        )
    ]


def run_curve(
    *,
    uid: str,
    title: str,
    finding: str,
    measured: Sequence[CurvePoint],
    projected: Sequence[CurvePoint] = (),
    thresholds: Sequence[Threshold] = (),
    crossing: Crossing | None = None,
    projection_note: str = "",
    month_names: Sequence[str] = (),
) -> svg.Drawn:
    """Cumulative FLOP of one run: line with its uncertainty band, dotted projection, thresholds, day of crossing.

    `measured` and `projected` are ordered by day and not both empty; `month_names` are twelve short month names.
    """
    everything = [*measured, *projected]
    axes = _curve_axes(everything, thresholds)
    parts = [*_zone(axes, thresholds), *_grid(axes), *_months(axes, month_names)]
    if len(everything) > 1:
        outline = [(axes.x(p.on), axes.y(p.high)) for p in everything]
        outline += [(axes.x(p.on), axes.y(p.low)) for p in reversed(everything)]
        parts.append(svg.polyline(outline, class_="band", closed=True))
    if len(measured) > 1:
        parts.append(svg.polyline([(axes.x(p.on), axes.y(p.flop)) for p in measured], class_="record"))
    if projected:
        tail = [*measured[-1:], *projected]
        parts.append(svg.polyline([(axes.x(p.on), axes.y(p.flop)) for p in tail], class_="median"))
    parts += _thresholds(axes, thresholds)
    parts += _curve_dots(axes, measured, projected, thresholds)
    parts += _crossing(axes, crossing)
    if projected and projection_note:
        x, y = axes.x(projected[-1].on), axes.y(projected[-1].flop)
        above = y - axes.frame.top > 30
        parts.append(svg.text(projection_note, x=x, y=y - 14 if above else y + 26, class_="remark", anchor="end"))
    return svg.picture(parts, uid=uid, width=760, height=260, name=title, finding=finding)


def _curve_axes(points: Sequence[CurvePoint], thresholds: Sequence[Threshold]) -> Axes:
    amounts = [svg.decade(p.low) for p in points if p.low > 0] + [svg.decade(p.high) for p in points if p.high > 0]
    amounts += [svg.decade(t.flop) for t in thresholds]
    high = int(max(amounts)) + 1
    low = max(min(int(min(amounts)), high - 3), high - 6)
    first, last = points[0].on, points[-1].on
    slack = max((last - first).days // 8, 7)
    return Axes(
        svg.Frame(760, 260, 46, 134, 12, 34),
        first - timedelta(days=slack // 2),
        last + timedelta(days=slack),
        low,
        high,
    )


def _months(axes: Axes, names: Sequence[str]) -> list[svg.Drawn]:
    frame, drawn = axes.frame, []
    month = axes.first.replace(day=1)
    starts = []
    while month <= axes.last:
        starts.append(month)
        month = (month + timedelta(days=32)).replace(day=1)
    every = max(1, -(-len(starts) // 8))
    for start, end in pairwise([*starts[::every], axes.last]):
        x, x_next = axes.x(max(start, axes.first)), axes.x(end)
        drawn.append(svg.line(class_="axis", x1=x, x2=x, y1=frame.y_end, y2=frame.y_end + 5))
        name = names[start.month - 1] if names else f"{start.month:02}"
        if x_next - x > 30:
            drawn.append(svg.text(f"{name} {start.year}", x=x + 5, y=frame.y_end + 17))
    return drawn


def _curve_dots(
    axes: Axes, measured: Sequence[CurvePoint], projected: Sequence[CurvePoint], thresholds: Sequence[Threshold]
) -> list[svg.Drawn]:
    highest = max((t.flop for t in thresholds if t.tone == "high"), default=None)
    drawn = []
    for point, filled in [*((p, True) for p in measured), *((p, False) for p in projected)]:
        over = highest is not None and point.flop > highest
        tone = ("over" if over else "under") + ("" if filled else " point--open")
        drawn.append(
            svg.element(
                "circle",
                *([svg.title(point.label)] if point.label else []),
                class_=f"point point--{tone}",
                cx=axes.x(point.on),
                cy=axes.y(point.flop),
                r=4.5,
            )
        )
    return drawn


def _crossing(axes: Axes, crossing: Crossing | None) -> list[svg.Drawn]:
    """The line of the day; its sentence stands at the foot, where a growing curve leaves room."""
    if crossing is None or not axes.first <= crossing.on <= axes.last:
        return []
    frame, x = axes.frame, axes.x(crossing.on)
    right_of_it = frame.x_end - x > 6.2 * len(crossing.sentence)
    return [
        svg.line(class_="crossing", x1=x, x2=x, y1=frame.top, y2=frame.y_end),
        svg.text(
            crossing.sentence,
            x=x + 7 if right_of_it else x - 7,
            y=frame.y_end - 11,
            class_="remark",
            anchor="start" if right_of_it else "end",
        ),
    ]
