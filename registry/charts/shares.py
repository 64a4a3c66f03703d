"""How much of the whole the largest hold: a curve of shares, the largest first (a Lorenz curve turned over)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from registry.charts import svg

MOST_POINTS = 500
MARKED = 10
"""How many of the largest have a mark of their own."""

_FRAME = svg.Frame(440, 384, 46, 16, 16, 48)


@dataclass(frozen=True)
class Holder:
    """Who holds how much (zero or more, any unit), with the words over its mark."""

    amount: Decimal
    label: str


def cumulated(amounts: Sequence[Decimal]) -> tuple[Decimal, ...]:
    """The share of the whole that the first, the first two … hold, the largest first; nothing where all is zero."""
    ordered = sorted(amounts, reverse=True)
    whole = sum(ordered, Decimal(0))
    if not whole:
        return ()
    reached, found = Decimal(0), []
    for amount in ordered:
        reached += amount
        found.append(reached / whole)
    return tuple(found)


def share_curve(
    *,
    uid: str,
    title: str,
    finding: str,
    holders: Sequence[Holder],
    equal_label: str,
    axis_label: str,
    notes: Mapping[int, str],
) -> svg.Drawn:
    """The curve over the number of holders, and the line that equal shares would make.

    `notes` are words at a rank, counted from 1. Of many holders the small ones are thinned out in the drawing.
    """
    ordered = sorted(holders, key=lambda holder: holder.amount, reverse=True)
    shares = cumulated([holder.amount for holder in ordered])
    parts = [*_grid(), *_ranks(len(ordered))]
    parts.append(svg.line(class_="median", x1=_x(0, 1), y1=_FRAME.y_end, x2=_FRAME.x_end, y2=_FRAME.top))
    parts.append(svg.text(equal_label, x=_FRAME.x_end - 4, y=_FRAME.y_end - 10, class_="remark", anchor="end"))
    if shares:
        many = len(shares)
        ranks = sorted({0, *range(1, min(many, 2 * MARKED) + 1), *range(1, many, -(-many // MOST_POINTS)), many})
        path = [(_x(rank, many), _FRAME.y_of(float(shares[rank - 1]) if rank else 0)) for rank in ranks]
        parts.append(svg.polyline(path, class_="record"))
        for rank in range(1, min(many, MARKED) + 1):
            parts += _mark(rank, many, float(shares[rank - 1]), ordered[rank - 1].label, notes.get(rank, ""))
    parts.append(svg.text(axis_label, x=_FRAME.left, y=_FRAME.height - 8))
    return svg.picture(parts, uid=uid, width=_FRAME.width, height=_FRAME.height, name=title, finding=finding)


def _x(rank: int, many: int) -> float:
    return _FRAME.left + (_FRAME.x_end - _FRAME.left) * rank / many


def _grid() -> list[svg.Drawn]:
    drawn = []
    for percent in range(0, 101, 25):
        y = _FRAME.y_of(percent / 100)
        kind = "grid" if percent else "axis"
        drawn.append(svg.line(class_=kind, x1=_FRAME.left, x2=_FRAME.x_end, y1=y, y2=y))
        drawn.append(svg.text(f"{percent} %", x=_FRAME.left - 8, y=y + 4, anchor="end"))
    return drawn


def _ranks(many: int) -> list[svg.Drawn]:
    """The numbers under the axis."""
    every = svg.nice_step(many, wanted=6)
    return [
        svg.text(str(rank), x=_x(rank, many), y=_FRAME.y_end + 16, anchor="middle")
        for rank in range(0, many + 1, every)
        if many
    ]


def _mark(rank: int, many: int, share: float, label: str, note: str) -> list[svg.Drawn]:
    x, y = _x(rank, many), _FRAME.y_of(share)
    drawn = [svg.element("circle", svg.title(label), class_="point point--under", cx=x, cy=y, r=4.5)]
    if note:
        drawn.append(svg.text(note, x=x + 8, y=y + 15, class_="remark"))
    return drawn
