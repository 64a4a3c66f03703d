"""Figures ready for a page: chart, finding in words, legend and the same values as a table."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from statistics import median

from django.utils.translation import gettext, ngettext

from registry.charts import compute, counts, europe, svg
from registry.periods import Quarter
from registry.portal.presentation import words
from registry.portal.presentation.figures import DataTable, Figure, Key
from registry.portal.presentation.marks import Link

STATE_BOUNDS = (Decimal("1e23"), Decimal("1e24"), Decimal("1e25"), Decimal("3e25"))
MEMBERS = tuple(sorted(europe.geometry()["members"]))


@dataclass(frozen=True)
class ReportedRun:
    """A training run as the overview draws it; `on` is the day of its first filing. Some have no name there."""

    on: date
    flop: Decimal
    reference: str
    provider: str
    href: str = ""


@dataclass(frozen=True)
class QuarterCounts:
    """Runs of a quarter by compute band, lowest first; None is confidential."""

    quarter: Quarter
    parts: tuple[int | None, int | None, int | None, int | None]
    total: int | None
    provisional: bool = False


def _of(what: str, files: tuple[Link, ...]) -> tuple[Link, ...]:
    """The download buttons of a figure, with what they are of for screen readers."""
    return tuple(replace(link, note=what) for link in files)


def days_of(runs: Sequence[ReportedRun], *, today: date) -> tuple[date, date]:
    """What a chart of runs covers: from the first one’s quarter to the end of today’s, half a year at least."""
    first = Quarter.of(min(run.on for run in runs)).starts_on
    return first, max(Quarter.of(today).next().starts_on, first + timedelta(days=180))


def runs_over_time(
    *,
    uid: str,
    runs: Sequence[ReportedRun],
    thresholds: Sequence[compute.Threshold],
    first: date,
    last: date,
    files: tuple[Link, ...] = (),
) -> Figure:
    """Every run on a logarithmic axis, with both thresholds and the record so far; the table is by quarter."""
    title = gettext("Training compute of each run")
    finding, note = _records(runs, top=max((t.flop for t in thresholds), default=words.BANDS[-1]))
    points = [compute.RunPoint(r.on, r.flop, _run_words(r), r.href) for r in runs]
    bands = words.band_names()
    return Figure(
        uid=uid,
        title=title,
        subtitle=ngettext(
            "%(count)s run, by date of the first filing; logarithmic scale, FLOP",
            "%(count)s runs, by date of the first filing; logarithmic scale, FLOP",
            len(runs),
        )
        % {"count": words.count(len(runs))},
        svg=compute.log_series(
            uid=uid,
            title=title,
            finding=finding,
            points=points,
            thresholds=thresholds,
            first=first,
            last=last,
            record_note=note,
        ),
        table=_by_quarter(runs, title),
        legend=(
            Key("dot-low", bands[0]),
            Key("dot-middle", gettext("%(low)s to %(high)s") % {"low": svg.power(23), "high": svg.power(25)}),
            Key("diamond", bands[3]),
            Key("record", gettext("largest run to date")),
            Key("median", gettext("median of the quarter")),
        ),
        downloads=_of(title, files),
        layout="wide",
    )


def _records(runs: Sequence[ReportedRun], *, top: Decimal) -> tuple[str, str]:
    """What the chart shows, and the words at its largest run."""
    largest = max(runs, key=lambda r: r.flop, default=None)
    if largest is None:
        return gettext("No run has been reported."), ""
    known = {"flop": words.flop(largest.flop), "provider": largest.provider}
    finding = gettext(
        "%(above)s of %(total)s runs lie above %(threshold)s FLOP. The largest, %(flop)s FLOP, was reported on "
        "%(day)s by %(provider)s."
    ) % {
        **known,
        "above": words.count(sum(r.flop > top for r in runs)),
        "total": words.count(len(runs)),
        "threshold": svg.power(top.adjusted()),
        "day": words.day(largest.on),
    }
    return finding, gettext("%(flop)s FLOP, largest run to date (%(provider)s)") % known


def _run_words(run: ReportedRun) -> str:
    told = (run.reference, run.provider, words.short_day(run.on), f"{words.flop(run.flop)} FLOP")
    return " · ".join(part for part in told if part)


def _by_quarter(runs: Sequence[ReportedRun], caption: str) -> DataTable:
    quarters: dict[Quarter, list[Decimal]] = {}
    for run in runs:
        quarters.setdefault(Quarter.of(run.on), []).append(run.flop)
    rows = tuple(
        (
            f"Q{quarter.number} {quarter.year}",
            words.count(len(amounts)),
            words.flop(median(amounts)),
            words.flop(max(amounts)),
            words.count(sum(words.band(a) == 3 for a in amounts)),
        )
        for quarter, amounts in sorted(quarters.items(), reverse=True)
    )
    head = (
        gettext("Quarter"),
        gettext("Runs"),
        gettext("Median, FLOP"),
        gettext("Largest, FLOP"),
        gettext("Above %(bound)s") % {"bound": svg.power(25)},
    )
    return DataTable(caption, head, rows)


def compute_by_state(
    *,
    uid: str,
    amounts: Mapping[str, Decimal],
    subtitle: str,
    files: tuple[Link, ...] = (),
    href: Callable[[str], str] | None = None,
) -> Figure:
    """Training compute in FLOP by Member State of the site, on a map; keys are ISO 3166-1 alpha-2 codes.

    `href` is where a Member State's row of the table leads.
    """
    title = gettext("Where the runs took place")
    names = {code: words.country(code) for code in MEMBERS}
    with_runs = [code for code in MEMBERS if amounts.get(code)]
    nothing = gettext("no reported run")
    values = {
        code: europe.MapValue(sum(amounts[code] > b for b in STATE_BOUNDS), f"{words.flop(amounts[code])} FLOP")
        for code in with_runs
    }
    ordered = sorted(MEMBERS, key=lambda code: (-amounts.get(code, Decimal(0)), names[code]))
    rows = tuple((names[c], words.flop(amounts[c]) if amounts.get(c) else "–") for c in ordered)
    hrefs = tuple(href(c) if href and amounts.get(c) else "" for c in ordered)
    return Figure(
        uid=uid,
        title=title,
        subtitle=subtitle,
        svg=europe.choropleth(
            uid=uid,
            title=title,
            finding=_most_compute({code: amounts[code] for code in with_runs}),
            values=values,
            names=names,
            not_covered=gettext("European Economic Area, not covered"),
            nothing=nothing,
        ),
        table=DataTable(title, (gettext("Member State"), "FLOP"), rows, hrefs),
        legend=(
            *(Key(f"state-{i}", text) for i, text in enumerate(_state_steps())),
            Key("state-none", nothing),
            Key("eea", gettext("not covered")),
        ),
        downloads=_of(title, files),
        table_words=gettext("Show all 27 Member States as a table"),
        note=gettext("Boundaries: Natural Earth. The map states no view on the status of any territory."),
        layout="map",
    )


def _most_compute(amounts: Mapping[str, Decimal]) -> str:
    if not amounts:
        return gettext("No Member State has a reported run in this period.")
    most = max(amounts, key=lambda code: amounts[code])
    return gettext(
        "%(count)s of 27 Member States have a reported run; %(state)s has the most compute, %(flop)s FLOP."
    ) % {"count": len(amounts), "state": words.country(most), "flop": words.flop(amounts[most])}


def _state_steps() -> tuple[str, ...]:
    low, middle, high = svg.power(23), svg.power(24), svg.power(25)
    return (
        gettext("up to %(bound)s") % {"bound": low},
        f"{low} – {middle}",
        f"{middle} – {high}",
        f"{high} – 3 × {high}",
        gettext("above %(bound)s") % {"bound": f"3 × {high}"},
    )


def runs_by_quarter(
    *,
    uid: str,
    quarters: Sequence[QuarterCounts],
    title: str = "",
    subtitle: str = "",
    downloads: tuple[Link, ...] = (),
    tall: bool = False,
    height: int = 0,
) -> Figure:
    """Counts of runs per quarter by compute band as stacked columns; None is confidential and hatched."""
    title = title or gettext("Runs per quarter")
    bands = words.band_names()
    hidden = any(None in q.parts or q.total is None for q in quarters)
    columns = [
        counts.Column(
            f"Q{q.quarter.number}", q.parts, q.total, str(q.quarter.year), gettext("p") if q.provisional else ""
        )
        for q in quarters
    ]
    legend = [Key(f"band-{i}", name) for i, name in enumerate(bands)]
    if hidden:
        legend.append(Key("hidden", gettext("c, confidential")))
    rows = tuple(
        (f"Q{q.quarter.number} {q.quarter.year}", *(_cell(p) for p in q.parts), _cell(q.total))
        for q in reversed(quarters)
    )
    return Figure(
        uid=uid,
        title=title,
        subtitle=subtitle or gettext("By compute band, FLOP"),
        svg=counts.stacked_columns(
            uid=uid,
            title=title,
            finding=_growth(quarters),
            columns=columns,
            series=bands,
            width=760 if tall else 440,
            height=height or (340 if tall else 384),
        ),
        table=DataTable(title, (gettext("Quarter"), *bands, gettext("All runs")), rows),
        legend=tuple(legend),
        downloads=downloads,
        layout="wide" if tall else "",
    )


def _cell(value: int | None) -> str:
    return "c" if value is None else words.count(value)


def _growth(quarters: Sequence[QuarterCounts]) -> str:
    known = [q for q in quarters if q.total is not None]
    if len(known) < 2:
        return gettext("Too few quarters for a comparison.")
    first, last = known[0], known[-1]
    return gettext("%(from)s runs in %(first)s, %(to)s runs in %(last)s.") % {
        "from": _cell(first.total),
        "first": f"Q{first.quarter.number} {first.quarter.year}",
        "to": _cell(last.total),
        "last": f"Q{last.quarter.number} {last.quarter.year}",
    }


def days_to_decision(*, uid: str, days: Sequence[int], limit: int) -> Figure:
    """How many days each decision took against the authority's limit; stops of the clock are not counted."""
    title = gettext("Time to decision")
    late = sum(d > limit for d in days)
    finding = gettext("No decision yet.")
    if days:
        finding = ngettext(
            "%(count)s decision, %(late)s later than the target; median %(median)s days.",
            "%(count)s decisions, %(late)s later than the target; median %(median)s days.",
            len(days),
        ) % {"count": words.count(len(days)), "late": words.count(late), "median": words.count(int(median(days)))}
    rows = tuple((words.count(d), words.count(sum(x == d for x in days))) for d in sorted(set(days)))
    return Figure(
        uid=uid,
        title=title,
        subtitle=finding,
        svg=counts.dot_histogram(
            uid=uid,
            title=title,
            finding=finding,
            days=days,
            limit=limit,
            limit_label=gettext("target %(days)s days") % {"days": limit},
            axis_label=gettext("Days the clock ran from filing to decision"),
        ),
        table=DataTable(title, (gettext("Days"), gettext("Decisions")), rows),
    )


def run_compute(
    *,
    uid: str,
    measured: Sequence[compute.CurvePoint],
    projected: Sequence[compute.CurvePoint] = (),
    thresholds: Sequence[compute.Threshold] = (),
    crossed_on: date | None = None,
    notified_on: date | None = None,
    files: tuple[Link, ...] = (),
) -> Figure:
    """One run's cumulative compute with its stated uncertainty, the projection, and the day it crossed a threshold."""
    title = gettext("Compute of this run")
    end = [*measured, *projected][-1]
    crossing = compute.Crossing(crossed_on, _crossing_words(crossed_on, notified_on)) if crossed_on else None
    finding = gettext("Cumulative compute reaches %(flop)s FLOP on %(day)s.") % {
        "flop": words.flop(end.flop),
        "day": words.day(end.on),
    }
    if crossing:
        finding += f" {crossing.sentence[:1].upper()}{crossing.sentence[1:]}."
    points = [(p, gettext("reported")) for p in measured] + [(p, gettext("projected")) for p in projected]
    rows = tuple((words.day(p.on), words.flop(p.flop), words.flop(p.low), words.flop(p.high), w) for p, w in points)
    head = (gettext("Day"), "FLOP", gettext("Lower end"), gettext("Upper end"), gettext("Kind"))
    legend = [Key("record", gettext("reported")), Key("range", gettext("stated uncertainty"))]
    if projected:
        legend.append(Key("median", gettext("projected")))
    return Figure(
        uid=uid,
        title=title,
        subtitle=gettext("Cumulative FLOP on a logarithmic scale"),
        svg=compute.run_curve(
            uid=uid,
            title=title,
            finding=finding,
            measured=measured,
            projected=projected,
            thresholds=thresholds,
            crossing=crossing,
            projection_note=gettext("projected %(flop)s") % {"flop": words.flop(end.flop)} if projected else "",
            month_names=words.months(),
        ),
        table=DataTable(title, head, rows),
        legend=tuple(legend),
        downloads=_of(title, files),
        layout="wide",
    )


def _crossing_words(crossed_on: date, notified_on: date | None) -> str:
    if notified_on is None:
        return gettext("crossed on %(day)s") % {"day": words.day(crossed_on)}
    if notified_on <= crossed_on:
        return gettext("crossed on %(day)s, notified before") % {"day": words.day(crossed_on)}
    return gettext("crossed on %(day)s, notified %(after)s later") % {
        "day": words.day(crossed_on),
        "after": words.in_words(timedelta(days=(notified_on - crossed_on).days)),
    }
