"""A position in a picture: the rolling window over time against the threshold, and the present rate going on."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from django.utils.translation import gettext

from registry.charts import compute
from registry.charts.compute import Crossing, CurvePoint
from registry.portal import curve
from registry.portal.presentation import words
from registry.portal.presentation.figures import DataTable, Figure, Key
from registry.portal.presentation.marks import Label, Tone
from registry.screening.models import Position
from registry.screening.position_reading import Limit, Point, Reading
from registry.screening.reconciliation import State

POINTS: Final = 60
POINTS_AHEAD: Final = 6
SYSTEMIC_RISK: Final = "systemic-risk"
_LOWEST: Final = Decimal("1e20")  # below this nothing is drawn: the axis counts in decades
_AHEAD: Final = timedelta(days=90)
_MARGIN: Final = Decimal("0.3")  # Guidelines A.2 ¶120


def figure(read: Reading) -> Figure | None:
    """The window day by day, the margin, what is planned or projected; None where there is nothing to draw."""
    past = _thinned([point for point in read.series if point.day <= read.on and point.flop >= _LOWEST], most=POINTS)
    if len(past) < 2:
        return None
    measured = [_point(point.day, point.flop) for point in past]
    ahead = _ahead(read, measured[-1].on)
    limit = next((each for each in read.limits if each.code == SYSTEMIC_RISK), None)
    crossing = Crossing(limit.crossed_on, _crossed_words(limit.crossed_on)) if limit and limit.crossed_on else None
    title = gettext("Position over time")
    finding = _finding(read, limit)
    legend = [Key("record", gettext("filed and reported, each once")), Key("range", gettext("margin of 30 %"))]
    if ahead:
        legend.append(Key("median", gettext("planned, or at the present rate")))
    return Figure(
        uid="position",
        title=title,
        subtitle=_subtitle(read),
        svg=compute.run_curve(
            uid="position",
            title=title,
            finding=finding,
            measured=measured,
            projected=ahead,
            thresholds=curve.lines(on=read.on, both=False),
            crossing=crossing,
            projection_note=gettext("projected %(flop)s") % {"flop": words.flop(ahead[-1].flop)} if ahead else "",
            month_names=words.months(),
        ),
        table=_table(title, measured, ahead),
        legend=tuple(legend),
        note=finding,
        layout="wide",
    )


def crossing_label(position: Position) -> Label:
    """How a position stands to the threshold of systemic risk, for a list."""
    limit = next((each for each in position.limits if each["code"] == SYSTEMIC_RISK), None)
    if limit is None:
        return Label("", Tone.PLAIN)
    if limit["crossed_on"]:
        return Label(gettext("above since %(day)s") % {"day": _day(limit["crossed_on"])}, Tone.ALERT, "x-circle")
    expected = min((each for each in (limit["planned_on"], limit["projected_on"]) if each), default="")
    if expected:
        return Label(gettext("expected above on %(day)s") % {"day": _day(expected)}, Tone.WAITING, "hourglass-medium")
    return Label(gettext("below"), Tone.PLAIN)


def state_words(state: str) -> str:
    """What came of holding runs and uses together, in words."""
    return {
        State.MATCHED.value: gettext("matched"),
        State.DIFFERING.value: gettext("differing"),
        State.UNREPORTED.value: gettext("no provider reports it"),
        State.UNFILED.value: gettext("nobody filed it"),
        State.OPEN.value: gettext("other side not due yet"),
        State.BELOW.value: gettext("too small to be filed"),
        State.OWN.value: gettext("own facility"),
    }[state]


def limit_words(limit: Limit) -> str:
    """When a limit was, is planned to be, or would be crossed."""
    if limit.crossed_on:
        return gettext("crossed on %(day)s") % {"day": words.day(limit.crossed_on)}
    told = []
    if limit.planned_on:
        told.append(gettext("by what is filed, on %(day)s") % {"day": words.day(limit.planned_on)})
    if limit.projected_on:
        told.append(gettext("at the present rate, on %(day)s") % {"day": words.day(limit.projected_on)})
    return "; ".join(told) or gettext("not in sight")


def _day(text: str) -> str:
    return words.day(date.fromisoformat(text))


def _thinned(points: Sequence[Point], *, most: int) -> list[Point]:
    """At most so many points, evenly chosen, with the last and the highest among them."""
    if len(points) <= most:
        return list(points)
    highest = max(range(len(points)), key=lambda place: (points[place].flop, -place))
    places = {round(place * (len(points) - 1) / (most - 1)) for place in range(most)} | {highest}
    return [points[place] for place in sorted(places)]


def _ahead(read: Reading, last: date) -> list[CurvePoint]:
    """What is filed for later days; without any, the present rate, until the limit is crossed or for three months."""
    later = [point for point in read.series if point.day > last and point.flop >= _LOWEST]
    planned = _thinned(later, most=POINTS_AHEAD)
    if planned:
        return [_point(point.day, point.flop) for point in planned]
    projected = [each.projected_on for each in read.limits if each.code == SYSTEMIC_RISK and each.projected_on]
    if not projected:
        return []
    days = min((projected[0] - read.on), _AHEAD).days
    return [
        _point(read.on + timedelta(days=ahead), read.window.flop + read.rate_flop_per_day * ahead)
        for ahead in sorted({days // 2, days} - {0})
    ]


def _point(day: date, flop: Decimal) -> CurvePoint:
    label = f"{words.short_day(day)}: {words.flop(flop)} FLOP"
    return CurvePoint(day, flop, flop * (1 - _MARGIN), flop * (1 + _MARGIN), label)


def _subtitle(read: Reading) -> str:
    if read.window_days is None:
        return gettext("All stages of the model, FLOP on a logarithmic scale")
    return gettext("Sum of the last %(days)s days, FLOP on a logarithmic scale") % {"days": read.window_days}


def _crossed_words(on: date) -> str:
    return gettext("threshold crossed on %(day)s") % {"day": words.day(on)}


def _finding(read: Reading, limit: Limit | None) -> str:
    peak = words.day(read.peak_on) if read.peak_on else ""
    told = gettext("The highest sum is %(flop)s FLOP, on %(day)s.") % {"flop": words.flop(read.peak.flop), "day": peak}
    if limit and limit.crossed_on:
        told += " " + gettext("It went above 10²⁵ FLOP on %(day)s.") % {"day": words.day(limit.crossed_on)}
    return told


def _table(title: str, measured: Sequence[CurvePoint], ahead: Sequence[CurvePoint]) -> DataTable:
    told = [(point, gettext("counted")) for point in measured] + [(point, gettext("projected")) for point in ahead]
    head = (gettext("Day"), "FLOP", gettext("Lower end"), gettext("Upper end"), gettext("Kind"))
    rows = tuple((words.day(p.on), words.flop(p.flop), words.flop(p.low), words.flop(p.high), kind) for p, kind in told)
    return DataTable(title, head, rows)
