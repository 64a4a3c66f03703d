"""Days as squares: a column for each week, a row for each weekday, darker where more happened."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from registry.charts import svg

STEPS = 5
WEEKS = 53
"""Columns of a block: a year. Longer spans go on in a block beneath."""

_PITCH, _SQUARE, _LEFT, _TOP = 13.6, 11.6, 34.0, 20.0
_BLOCK = _TOP + 7 * _PITCH + 10


@dataclass(frozen=True)
class Day:
    """What happened on a day: how often, and the words over its square."""

    on: date
    count: int
    label: str


def heat_map(
    *,
    uid: str,
    title: str,
    finding: str,
    days: Sequence[Day],
    month_names: Sequence[str],
    weekday_names: Sequence[str],
) -> svg.Drawn:
    """A square for each day, Monday on top; `month_names` are twelve short names, `weekday_names` seven."""
    ordered = sorted(days, key=lambda day: day.on)
    parts: list[svg.Drawn] = []
    blocks = 1
    if ordered:
        monday = _monday(ordered[0].on)
        blocks = _week(ordered[-1].on, monday) // WEEKS + 1
        most = max(day.count for day in ordered)
        parts += [_square(day, monday, most) for day in ordered]
        parts += _months(ordered, monday, month_names)
    parts += _weekdays(blocks, weekday_names)
    width, height = _LEFT + WEEKS * _PITCH + 4, blocks * _BLOCK
    return svg.picture(parts, uid=uid, width=width, height=height, name=title, finding=finding)


def step(count: int, most: int) -> int:
    """The shade of a count where `most` is the highest: 0 for none, then 1 to 5."""
    return 1 + (count - 1) * STEPS // most if count > 0 else 0


def bounds(most: int) -> tuple[tuple[int, int, int], ...]:
    """Each shade in use with the lowest and the highest count that has it, for a legend."""
    found = []
    low = 1
    for shade in range(1, STEPS + 1):
        high = -(-shade * most // STEPS)
        if high >= low:
            found.append((step(low, most), low, high))
            low = high + 1
    return tuple(found)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _week(day: date, monday: date) -> int:
    return (day - monday).days // 7


def _place(week: int, weekday: int) -> tuple[float, float]:
    block, column = divmod(week, WEEKS)
    return _LEFT + column * _PITCH, block * _BLOCK + _TOP + weekday * _PITCH


def _square(day: Day, monday: date, most: int) -> svg.Drawn:
    x, y = _place(_week(day.on, monday), day.on.weekday())
    shade = f"heat heat--{step(day.count, most)}"
    return svg.element("rect", svg.title(day.label), class_=shade, x=x, y=y, width=_SQUARE, height=_SQUARE, rx=2)


def _months(ordered: Sequence[Day], monday: date, names: Sequence[str]) -> list[svg.Drawn]:
    """The name of a month over the week in which it begins; January with its year."""
    drawn = []
    for day in ordered:
        if day.on.day != 1:
            continue
        x, y = _place(_week(day.on, monday), 0)
        is_new_year = day.on.month == 1
        name = str(day.on.year) if is_new_year else names[day.on.month - 1]
        if x < _LEFT + (WEEKS - 2) * _PITCH:
            drawn.append(svg.text(name, x=x, y=y - 7, class_="tick tick--year" if is_new_year else "tick"))
    return drawn


def _weekdays(blocks: int, names: Sequence[str]) -> list[svg.Drawn]:
    """Every other weekday, which is enough to count by."""
    return [
        svg.text(names[weekday], x=_LEFT - 6, y=block * _BLOCK + _TOP + weekday * _PITCH + 9.5, anchor="end")
        for block in range(blocks)
        for weekday in (0, 2, 4)
    ]
