"""The few words of SVG that the charts use: elements, text, paths, scales. Everything passed in is escaped here."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from html import escape

Attribute = str | int | float | None


class Drawn(str):
    """Markup in which everything that came from outside was escaped; templates show it as it is."""

    __slots__ = ()

    def __html__(self) -> str:
        """Itself: the protocol of Django and MarkupSafe for what needs no escaping."""
        return self


SUPERSCRIPT = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def number(value: float) -> str:
    """A coordinate with at most one decimal."""
    return f"{round(value, 1):g}" if math.isfinite(value) else "0"


def element(name: str, *children: Drawn, **attributes: Attribute) -> Drawn:
    """One element. Attribute names: a final underscore is dropped, others become hyphens (`class_`, `text_anchor`)."""
    # the camel-case names of SVG (viewBox, patternUnits) pass unchanged
    shown = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{number(value) if isinstance(value, int | float) else escape(value)}"'
        for key, value in attributes.items()
        if value is not None and value != ""
    )
    body = "".join(children)
    return Drawn(f"<{name}{shown}>{body}</{name}>" if body else f"<{name}{shown}/>")


def words(value: str) -> Drawn:
    """Escaped text."""
    return Drawn(escape(value))


def text(value: str, *, x: float, y: float, class_: str = "tick", anchor: str = "start") -> Drawn:
    """A line of text."""
    return element("text", words(value), class_=class_, x=x, y=y, text_anchor=None if anchor == "start" else anchor)


def line(*, x1: float, y1: float, x2: float, y2: float, class_: str) -> Drawn:
    """A straight line."""
    return element("line", class_=class_, x1=x1, y1=y1, x2=x2, y2=y2)


def polyline(points: Iterable[tuple[float, float]], *, class_: str, closed: bool = False) -> Drawn:
    """A path through the points."""
    d = "M" + "L".join(f"{number(x)},{number(y)}" for x, y in points) + ("z" if closed else "")
    return element("path", class_=class_, d=d)


def title(value: str) -> Drawn:
    """The name a browser shows over a mark."""
    return element("title", words(value))


def picture(
    parts: Iterable[Drawn],
    *,
    uid: str,
    width: float,
    height: float,
    name: str,
    finding: str,
    links: Sequence[Drawn] = (),
    top: float = 0,
    left: float = 0,
) -> Drawn:
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


def hatch(uid: str) -> Drawn:
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
    return math.log10(value)


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
