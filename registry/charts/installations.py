"""What stands at a facility over time: a bar for each lot by its stages, the power needed against the power there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from registry.charts import svg

ROW = 34
BAR = 15
POWER = 120
WIDTH = 760
LABELS = 176  # room for the longest name of an accelerator with its number
YEAR = 34  # room for the name of a year
MOST_LOTS = 40


@dataclass(frozen=True)
class Stretch:
    """A lot in one stage from a day until another; `tone` is a step of the scale of states (`none`, `0` to `4`)."""

    starts_on: date
    ends_on: date
    tone: str
    words: str


@dataclass(frozen=True)
class LotBar:
    """A lot and its stretches in order."""

    name: str
    note: str
    stretches: tuple[Stretch, ...]


@dataclass(frozen=True)
class Need:
    """What the accelerators that have arrived need from a day on, in kW."""

    from_on: date
    kilowatts: Decimal


def over_time(
    *,
    uid: str,
    title: str,
    finding: str,
    lots: Sequence[LotBar],
    needs: Sequence[Need],
    installed_kw: Decimal,
    power_label: str,
    need_label: str,
    first: date,
    last: date,
) -> svg.Drawn:
    """Needed power as steps against the line of the installed IT power, above; below a bar for each lot."""
    shown = lots[:MOST_LOTS]
    height = POWER + 46 + ROW * len(shown)
    upper = svg.Frame(WIDTH, height, LABELS, 12, 16, height - POWER)
    lower = svg.Frame(WIDTH, height, LABELS, 12, POWER + 26, 20)
    most = max([installed_kw, *(need.kilowatts for need in needs)], default=Decimal(1)) or Decimal(1)
    parts = [
        *_years(upper, lower, first, last),
        *_needed(upper, needs, most, first, last, need_label),
        *_limit(upper, installed_kw, most, power_label),
    ]
    for place, lot in enumerate(shown):
        parts += _lot(lower, lot, POWER + 26 + ROW * place, first, last)
    return svg.picture(parts, uid=uid, width=WIDTH, height=height, name=title, finding=finding)


def _years(upper: svg.Frame, lower: svg.Frame, first: date, last: date) -> list[svg.Drawn]:
    drawn = []
    step = max(1, (last.year - first.year) // 8)
    for year in range(first.year, last.year + 1, step):
        x = upper.x_of(max(date(year, 1, 1), first), first, last)
        drawn.append(svg.line(class_="grid", x1=x, x2=x, y1=upper.top, y2=lower.y_end))
        if x + YEAR <= upper.x_end:
            drawn.append(svg.text(str(year), x=x + 3, y=lower.y_end + 14, class_="tick tick--year"))
    for y in (upper.y_end, lower.y_end):
        drawn.append(svg.line(class_="axis", x1=upper.left, x2=upper.x_end, y1=y, y2=y))
    return drawn


def _needed(
    frame: svg.Frame, needs: Sequence[Need], most: Decimal, first: date, last: date, label: str
) -> list[svg.Drawn]:
    if not needs:
        return []
    points = [(frame.left, frame.y_end)]
    for i, need in enumerate(needs):
        y = frame.y_of(_share(need.kilowatts, most))
        until = needs[i + 1].from_on if i + 1 < len(needs) else last
        points += [
            (frame.x_of(max(need.from_on, first), first, last), y),
            (frame.x_of(max(until, first), first, last), y),
        ]
        if i + 1 < len(needs):
            following = frame.y_of(_share(needs[i + 1].kilowatts, most))
            points.append((points[-1][0], following))
    points.append((points[-1][0], frame.y_end))
    points.insert(1, (points[1][0], frame.y_end))
    return [
        svg.polyline(points, class_="band", closed=True),
        svg.text(label, x=frame.left - 8, y=frame.y_end - 4, anchor="end"),
    ]


def _limit(frame: svg.Frame, installed: Decimal, most: Decimal, label: str) -> list[svg.Drawn]:
    y = frame.y_of(_share(installed, most))
    return [
        svg.line(class_="threshold threshold--high", x1=frame.left, x2=frame.x_end, y1=y, y2=y),
        svg.text(label, x=frame.left - 8, y=y + 4, class_="caption caption--high", anchor="end"),
    ]


def _lot(frame: svg.Frame, lot: LotBar, y: float, first: date, last: date) -> list[svg.Drawn]:
    drawn = [
        svg.text(lot.name, x=frame.left - 8, y=y + 9, class_="value", anchor="end"),
        svg.text(lot.note, x=frame.left - 8, y=y + 23, class_="tick", anchor="end"),
    ]
    for each in lot.stretches:
        start = frame.x_of(max(each.starts_on, first), first, last)
        end = frame.x_of(min(each.ends_on, last), first, last)
        if end > start:
            drawn.append(
                svg.element(
                    "rect",
                    svg.title(each.words),
                    class_=f"state state--{each.tone}",
                    x=start,
                    y=y,
                    width=max(end - start, 1.5),
                    height=BAR,
                )
            )
    return drawn


def _share(value: Decimal, most: Decimal) -> float:
    return float(value / most) * 0.88
