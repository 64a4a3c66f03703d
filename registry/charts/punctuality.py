"""A strip of duties in the order of their due days: one mark each, whose form says whether it was done in time."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from registry.charts import svg

STATES = ("in-time", "late", "overdue", "open")
MOST_MARKS = 400
"""Above this a column stands for several duties that follow one another, split by how they stand."""

WIDTH = 760.0
_PER_ROW, _SIZE = 40, 15.0
_PITCH = WIDTH / _PER_ROW
_COLUMNS, _HEIGHT = 190, 74.0


@dataclass(frozen=True)
class Mark:
    """A duty: `state` is one of STATES, `label` the words over its mark."""

    state: str
    label: str


def strip(*, uid: str, title: str, finding: str, marks: Sequence[Mark], first: str, last: str) -> svg.Drawn:
    """The marks from left to right, row by row; `first` and `last` are the words beneath the two ends."""
    if len(marks) > MOST_MARKS:
        drawn, height = _columns(marks), _HEIGHT
    else:
        drawn = [_mark(mark, place) for place, mark in enumerate(marks)]
        height = max(-(-len(marks) // _PER_ROW), 1) * _PITCH
    drawn.append(svg.text(first, x=0, y=height + 14))
    drawn.append(svg.text(last, x=WIDTH, y=height + 14, anchor="end"))
    return svg.picture(drawn, uid=uid, width=WIDTH, height=height + 20, name=title, finding=finding)


def _mark(mark: Mark, place: int) -> svg.Drawn:
    """In time a full square, late one that is half full, overdue a cross, open an empty frame."""
    x, y = (place % _PER_ROW) * _PITCH + 1, (place // _PER_ROW) * _PITCH + 1
    inside = [svg.element("rect", class_=f"due due--{mark.state}", x=x, y=y, width=_SIZE, height=_SIZE, rx=2)]
    if mark.state == "late":
        inside.append(svg.element("rect", class_="due__half", x=x, y=y + _SIZE / 2, width=_SIZE, height=_SIZE / 2))
    elif mark.state == "overdue":
        cross = f"M{svg.number(x + 4)},{svg.number(y + 4)}l7,7m0,-7l-7,7"
        inside.append(svg.element("path", class_="due__cross", d=cross))
    return svg.element("g", svg.title(mark.label), *inside, class_="duty")


def _columns(marks: Sequence[Mark]) -> list[svg.Drawn]:
    """Groups of equal size, each a column of its parts; what is late or overdue stands on top."""
    size = -(-len(marks) // _COLUMNS)
    groups = [marks[start : start + size] for start in range(0, len(marks), size)]
    wide = WIDTH / len(groups)
    drawn = []
    for place, group in enumerate(groups):
        counted = Counter(mark.state for mark in group)
        y = _HEIGHT
        for state in ("open", "in-time", "late", "overdue"):
            if not counted[state]:
                continue
            high = _HEIGHT * counted[state] / len(group)
            y -= high
            name = svg.title(f"{group[0].label} – {group[-1].label}: {counted[state]}")
            drawn.append(
                svg.element(
                    "rect", name, class_=f"due due--{state}", x=place * wide, y=y, width=wide * 0.9, height=high
                )
            )
    return drawn
