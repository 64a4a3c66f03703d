"""Bars by class: one row each, its name before the bar and its value behind it."""

from collections.abc import Sequence
from dataclasses import dataclass

from registry.charts import svg

ROW = 30.0
NAME_WIDTH = 250.0
VALUE_WIDTH = 110.0
STUB = 0.06  # of the longest bar: what a withheld value is drawn as, whatever it is


@dataclass(frozen=True)
class Bar:
    """A class: its name, its length relative to the others (None is confidential), and its value in words."""

    name: str
    length: float | None
    shown: str


def bars(*, uid: str, title: str, finding: str, rows: Sequence[Bar], width: float = 760) -> svg.Drawn:
    """The rows from the top down; confidential ones are hatched stubs of one length."""
    longest = max((row.length for row in rows if row.length is not None), default=0) or 1
    room = width - NAME_WIDTH - VALUE_WIDTH
    parts = [svg.hatch(uid)]
    for place, row in enumerate(rows):
        y = 8 + ROW * place
        is_hidden = row.length is None
        length = room * (STUB if row.length is None else row.length / longest)
        parts.append(svg.text(row.name, x=NAME_WIDTH - 10, y=y + 16, anchor="end"))
        parts.append(
            svg.element(
                "rect",
                svg.title(f"{row.name}: {row.shown}"),
                class_="part part--hidden" if is_hidden else "part part--2",
                fill=f"url(#{uid}-hatch)" if is_hidden else None,
                x=NAME_WIDTH,
                y=y,
                width=max(length, 1),
                height=ROW - 9,
            )
        )
        parts.append(svg.text(row.shown, x=NAME_WIDTH + max(length, 1) + 8, y=y + 16, class_="value"))
    height = 16 + ROW * len(rows)
    parts.append(svg.line(class_="axis", x1=NAME_WIDTH, x2=NAME_WIDTH, y1=2, y2=height - 6))
    return svg.picture(parts, uid=uid, width=width, height=height, name=title, finding=finding)
