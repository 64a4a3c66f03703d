"""Charts of counts: stacked columns per period, one dot per decision, and the small line of a key figure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from registry.charts import svg

WIDEST = 96.0  # a column, in pixels of the view box


@dataclass(frozen=True)
class Column:
    """One period: its parts from the bottom up, None where a part is confidential.

    `total` is what stands over the column, None where it is confidential too; `group` is written once below its first
    column (the year); `mark` follows the total (`p` for provisional).
    """

    label: str
    parts: tuple[int | None, ...]
    total: int | None
    group: str = ""
    mark: str = ""


def stacked_columns(
    *,
    uid: str,
    title: str,
    finding: str,
    columns: Sequence[Column],
    series: Sequence[str],
    confidential: str = "c",
    width: float = 560,
    height: float = 300,
) -> svg.Drawn:
    """Counts per period by class, classes named by `series` from the bottom up.

    Confidential parts of a published total are one hatched block; a confidential total is a hatched stub.
    """
    frame = svg.Frame(width, height, 36, 8, 22, 42)
    tallest = max((_height_of(column) for column in columns), default=1)
    stub = max(round(tallest * 0.05), 1)
    step = svg.nice_step(tallest)
    highest = (tallest + (stub if any(column.total is None for column in columns) else 0)) * 1.04 or 1
    parts = [svg.hatch(uid)]
    for value in range(0, int(highest) + 1, step):
        y = frame.y_of(value / highest)
        parts.append(svg.line(class_="grid", x1=frame.left, x2=frame.x_end, y1=y, y2=y))
        parts.append(svg.text(str(value), x=frame.left - 8, y=y + 4, anchor="end"))
    slot = (frame.x_end - frame.left) / max(len(columns), 1)
    crowded = slot < 24
    group = ""
    for i, column in enumerate(columns):
        wide = min(slot * 0.66, WIDEST)
        middle = frame.left + slot * (i + 0.5)
        parts += _column(uid, frame, column, series, confidential, highest, stub, middle - wide / 2, wide)
        if not crowded or i % 2 == 0:
            parts.append(svg.text(column.label, x=middle, y=frame.y_end + 16, anchor="middle"))
        if column.group != group:
            group = column.group
            parts.append(svg.text(group, x=middle, y=frame.y_end + 33, class_="tick tick--year", anchor="middle"))
    parts.append(svg.line(class_="axis", x1=frame.left, x2=frame.x_end, y1=frame.y_end, y2=frame.y_end))
    return svg.picture(parts, uid=uid, width=width, height=height, name=title, finding=finding)


def _height_of(column: Column) -> int:
    known = sum(part for part in column.parts if part is not None)
    return known if column.total is None else max(column.total, known)


def _column(
    uid: str,
    frame: svg.Frame,
    column: Column,
    series: Sequence[str],
    confidential: str,
    highest: float,
    stub: int,
    x: float,
    width: float,
) -> list[svg.Drawn]:
    drawn: list[svg.Drawn] = []
    reached = 0

    def block(count: int, class_: str, name: str, fill: str | None = None) -> None:
        nonlocal reached
        top, bottom = frame.y_of((reached + count) / highest), frame.y_of(reached / highest)
        reached += count
        drawn.append(
            svg.element(
                "rect",
                svg.title(name),
                class_=class_,
                fill=fill,
                x=x,
                y=top,
                width=width,
                height=max(bottom - top - 1.2, 1),
            )
        )

    for i, part in enumerate(column.parts):
        if part:
            block(part, f"part part--{i}", f"{column.label} {column.group}: {series[i]}, {part}")
    hidden = None in column.parts or column.total is None
    left_over = column.total - reached if column.total is not None else stub
    if hidden and left_over > 0:
        block(left_over, "part part--hidden", f"{column.label} {column.group}: {confidential}", f"url(#{uid}-hatch)")
    shown = confidential if column.total is None else str(column.total)
    label = f"{shown} {column.mark}".strip()
    if column.total != 0 or column.mark:
        y = frame.y_of(reached / highest) - 6
        drawn.append(svg.text(label, x=x + width / 2, y=y, class_="value", anchor="middle"))
    return drawn


def dot_histogram(
    *,
    uid: str,
    title: str,
    finding: str,
    days: Sequence[int],
    limit: int,
    limit_label: str,
    axis_label: str,
) -> svg.Drawn:
    """One dot per decision over the number of days it took; those above `limit` stand in the shaded zone.

    Long limits put several days into a stack; where a stack would not fit, a dot stands for several decisions.
    """
    frame = svg.Frame(440, 384, 14, 14, 34, 44)
    width = _bin_width(max([limit + 6, *days]))
    over = -(-(limit + 1) // width)
    first = limit + 1 - over * width  # so that a stack ends on the limit and none holds days of both sides
    bins = max([over + 2, *((day - first) // width + 1 for day in days)])
    slot = (frame.x_end - frame.left) / bins
    radius = min(6.6, slot * 0.42)
    counts = Counter((day - first) // width for day in days)
    room = int((frame.y_end - frame.top - 8) // (2 * radius + 1.4))
    per_dot = max(1, -(-max(counts.values(), default=1) // room))
    parts = _limit(frame, frame.left + slot * over, limit_label)
    for place, count in sorted(counts.items()):
        tone = "decided decided--late" if place >= over else "decided"
        for k in range(-(-count // per_dot)):
            y = frame.y_end - radius - 2 - k * (2 * radius + 1.4)
            parts.append(svg.element("circle", class_=tone, cx=frame.left + slot * (place + 0.5), cy=y, r=radius))
    parts.append(svg.line(class_="axis", x1=frame.left, x2=frame.x_end, y1=frame.y_end, y2=frame.y_end))
    for place in range(0, bins, svg.nice_step(bins, wanted=10)):
        label = str(first + place * width + width - 1)  # its last day
        parts.append(svg.text(label, x=frame.left + slot * (place + 0.5), y=frame.y_end + 16, anchor="middle"))
    label = axis_label if per_dot == 1 else f"{axis_label} (● = {per_dot})"
    parts.append(svg.text(label, x=frame.left, y=frame.height - 8))
    return svg.picture(parts, uid=uid, width=440, height=384, name=title, finding=finding)


def _bin_width(longest: int) -> int:
    """Days a stack of dots stands for, so that there are at most some two dozen stacks."""
    return next(width for width in (1, 2, 3, 5, 7, 10, 14, 30, 60, 365, 3650) if longest / width <= 24 or width == 3650)


def _limit(frame: svg.Frame, x: float, label: str) -> list[svg.Drawn]:
    """The shaded zone beyond the limit, its edge and its name."""
    height = frame.y_end - frame.top + 14
    return [
        svg.element("rect", class_="zone", x=x, y=frame.top - 14, width=frame.x_end - x, height=height),
        svg.line(class_="threshold threshold--high", x1=x, x2=x, y1=frame.top - 14, y2=frame.y_end),
        svg.text(label, x=x - 6, y=frame.top - 2, class_="caption caption--high strong", anchor="end"),
    ]


def sparkline(*, values: Sequence[float]) -> svg.Drawn:
    """A line without axes beside a key figure; hidden from screen readers, since the figure's note says the change."""
    width, height = 96.0, 28.0
    if len(values) < 2:
        return svg.Drawn("")
    low, spread = min(values), (max(values) - min(values)) or 1
    path = [
        (4 + (width - 8) * i / (len(values) - 1), height - 4 - (height - 8) * (v - low) / spread)
        for i, v in enumerate(values)
    ]
    end_x, end_y = path[-1]
    return svg.element(
        "svg",
        svg.polyline(path, class_="spark-line"),
        svg.element("circle", cx=end_x, cy=end_y, r=3),
        class_="spark",
        viewBox=f"0 0 {width:g} {height:g}",
        aria_hidden="true",
        focusable="false",
    )
