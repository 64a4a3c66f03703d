"""The few words of SVG that the charts use: elements, text, paths, scales. Everything passed in is escaped here."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

Attribute = str | int | float | None
SUPERSCRIPT = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def number(value: float) -> str:
    """A coordinate with at most one decimal."""
    return f"{round(value, 1):g}" if math.isfinite(value) else "0"


def element(name: str, *children: SafeString, **attributes: Attribute) -> SafeString:
    """One element. Attribute names: a final underscore is dropped, others become hyphens (`class_`, `text_anchor`)."""
    parts = []
    for key, value in attributes.items():
        if value is None or value == "":
            continue
        # the camel-case names of SVG (viewBox, patternUnits) pass unchanged
        shown = number(value) if isinstance(value, int | float) else escape(value)
        parts.append(f' {key.rstrip("_").replace("_", "-")}="{shown}"')
    body = "".join(children)
    closing = f">{body}</{name}>" if body else "/>"
    return mark_safe(f"<{name}{''.join(parts)}{closing}")  # noqa: S308  every value was escaped above


def words(value: str) -> SafeString:
    """Escaped text."""
    return escape(value)


def text(value: str, *, x: float, y: float, class_: str = "tick", anchor: str = "start") -> SafeString:
    """A line of text."""
    return element("text", words(value), class_=class_, x=x, y=y, text_anchor=None if anchor == "start" else anchor)


def line(*, x1: float, y1: float, x2: float, y2: float, class_: str) -> SafeString:
    """A straight line."""
    return element("line", class_=class_, x1=x1, y1=y1, x2=x2, y2=y2)


def polyline(points: Iterable[tuple[float, float]], *, class_: str, closed: bool = False) -> SafeString:
    """A path through the points."""
    d = "M" + "L".join(f"{number(x)},{number(y)}" for x, y in points) + ("z" if closed else "")
    return element("path", class_=class_, d=d)


def title(value: str) -> SafeString:
    """The name a browser shows over a mark."""
    return element("title", words(value))


def picture(
    parts: Iterable[SafeString],
    *,
    uid: str,
    width: float,
    height: float,
    name: str,
    finding: str,
    links: Sequence[SafeString] = (),
    top: float = 0,
    left: float = 0,
) -> SafeString:
    """The whole drawing: name, finding, then the marks. With links it is a group of links, else one image."""
    drawn = list(parts)
    return element(
        "svg",
        element("title", words(name), id=f"{uid}-t"),
        element("desc", words(finding), id=f"{uid}-d"),
        *([element("g", *drawn, aria_hidden="true"), *links] if links else drawn),
        class_="chart",
        viewBox=f"{number(left)} {number(top)} {number(width)} {number(height)}",
        role="group" if links else "img",
        aria_labelledby=f"{uid}-t",
        aria_describedby=f"{uid}-d",
    )


def hatch(uid: str) -> SafeString:
    """The pattern of a confidential value; used as `url(#…-hatch)`."""
    return element(
        "defs",
        element(
            "pattern",
            element("rect", class_="hatch-ground", width=6, height=6),
            element("line", class_="hatch-line", x1=0, y1=0, x2=0, y2=6),
            id=f"{uid}-hatch",
            width=6,
            height=6,
            patternUnits="userSpaceOnUse",
            patternTransform="rotate(45)",
        ),
    )


def power(exponent: int) -> str:
    """`10²⁵`."""
    return "10" + str(exponent).translate(SUPERSCRIPT)


def decade(value: Decimal) -> float:
    """Common logarithm, for places on a logarithmic axis only."""
    return float(value.log10())


@dataclass(frozen=True)
class Frame:
    """The drawing area in pixels of the view box: outer size and margins."""

    width: float
    height: float
    left: float
    right: float
    top: float
    bottom: float

    @property
    def x_end(self) -> float:
        """Right edge of the plot."""
        return self.width - self.right

    @property
    def y_end(self) -> float:
        """Lower edge of the plot."""
        return self.height - self.bottom

    def x_of(self, day: date, first: date, last: date) -> float:
        """Place of a day."""
        return self.left + (self.x_end - self.left) * (day - first).days / max((last - first).days, 1)

    def y_of(self, share: float) -> float:
        """Place of a share of the height, 0 at the bottom."""
        return self.y_end - (self.y_end - self.top) * share


def nice_step(highest: float, *, wanted: int = 4) -> int:
    """A whole step of 1, 2 or 5 times a power of ten that gives about `wanted` grid lines."""
    raw = max(highest, 1) / wanted
    magnitude = 10 ** math.floor(math.log10(raw)) if raw >= 1 else 1
    return int(next(step * magnitude for step in (1, 2, 5, 10) if step * magnitude >= raw or step == 10))
