"""The oversight overview: what needs a decision, and how reported training compute is moving."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext

from registry import quantities
from registry.accounts.policy import Permission
from registry.acting import Actor
from registry.charts.counts import sparkline
from registry.filings import duties
from registry.filings.models import Filing, Transition
from registry.filings.working_days import day_of, start_of_day
from registry.oversight import case_queries, looks, queries, run_queries
from registry.oversight.models import LookKind
from registry.oversight.purposes import Purpose
from registry.oversight.queries import KeyFigures
from registry.oversight.run_queries import Point
from registry.periods import Quarter
from registry.portal import labels, purpose, queue, run_series, table_file
from registry.portal.page import REGULATORS, Page
from registry.portal.presentation import drawn, words
from registry.portal.presentation.drawn import QuarterCounts, ReportedRun
from registry.portal.presentation.figures import DataTable, Figure
from registry.portal.presentation.marks import Activity, Crumb, Heading, Link, Meta
from registry.portal.presentation.overview import KeyFigure, OverviewPage, QueueTable
from registry.portal.table_file import ListFile

PREVIEW = 8
LATELY = timedelta(days=90)
YEAR = timedelta(days=364)  # before today, which counts too
TOP = Decimal("1e25")
MOST_NAMED = 100
"""Runs with a name and a link in the chart: each is a look, and a stop for whoever goes from link to link."""

Days = dict[str, str]  # of an address: `from` and `until`, and what else narrows a list


class Overview(Page):
    """The page."""

    permission = Permission.OVERVIEW_READ
    audiences = REGULATORS

    def get(self, request: HttpRequest) -> HttpResponse:
        """All of it in one unit of work."""
        if (why := purpose.known(request)) is None:
            return purpose.asked(request)
        review = timedelta(days=duties.review_days())
        with self.writing() as actor:
            figures = queries.key_figures(actor, at=self.now, review=review)
            open_filings = Filing.objects.visible_to(actor).open_for_authority()
            tabs = queue.tabs(request, actor, open_filings, href=reverse("queue"))
            first = queries.listed(open_filings).order_by("submitted_at", "id")[:PREVIEW]
            rows = queue.rows(first, actor, at=self.now)
            series = _series(actor, at=self.now)
            states = _states(actor, at=self.now)
            decided = queries.days_to_decision(actor, since=self.now - LATELY)
            activity = tuple(_activity(step) for step in queries.activity(actor, limit=7))
            named = {*(row.reference for row in rows), *(series.named if series else ())}
            named |= {line.subject for line in activity}
            _note_looks(named, why, by=actor, at=self.now)
            pleas = queries.waiting_pleas(actor).count()
            cases, _ = case_queries.waiting_since(actor)
        quarters = list(series.quarters) if series else []
        request.counts = {"queue": figures.open, "pleas": pleas, "cases": cases}  # type: ignore[attr-defined]
        table = QueueTable(tabs, queue.named(rows), table_file.links("queue"), full_href=reverse("queue"))
        page = OverviewPage(
            heading=_heading(self.actor, self.now, pleas, cases),
            filters=None,
            key_figures=_key_figures(figures, quarters, at=self.now),
            queue=table,
            series=series.figure if series else None,
            states=states,
            quarters=_quarters(quarters[-8:]) if quarters else None,
            decisions=drawn.days_to_decision(uid="decisions", decisions=decided, limit=duties.review_days()),
            activity=activity,
        )
        return self.shown("oversight/overview.html", page)


def _heading(actor: Actor, at: datetime, pleas: int, cases: int) -> Heading:
    scope = (
        gettext("You see filings of all 27 Member States; every look is logged")
        if actor.territory == "EU"
        else gettext("You see filings of %(state)s; every look is logged") % {"state": words.country(actor.territory)}
    )
    return Heading(
        gettext("Overview"),
        gettext("What needs a decision, and how reported training compute is moving."),
        (Crumb(gettext("Oversight"), reverse("overview")), Crumb(gettext("Overview"))),
        meta=(
            Meta("calendar-blank", gettext("Data as of %(moment)s") % {"moment": words.moment(at)}),
            Meta("lock-key", scope),
        ),
        links=(
            Link(
                gettext("Cases nobody has: %(count)s") % {"count": words.count(cases)},
                f"{reverse('cases')}?view=unassigned",
                "folder-open",
            ),
            Link(gettext("Requests to decide: %(count)s") % {"count": words.count(pleas)}, reverse("pleas"), "gavel"),
            Link(gettext("Preview of rules"), reverse("preview"), "git-diff"),
        ),
    )


def _key_figures(found: KeyFigures, quarters: list[QuarterCounts], *, at: datetime) -> tuple[KeyFigure, ...]:
    href = reverse("queue")
    now = Quarter.of(at.date())
    totals = [q.total or 0 for q in quarters]
    above = [q.parts[3] or 0 for q in quarters]
    name = f"Q{now.number} {now.year}"
    return (
        KeyFigure(
            gettext("Overdue"),
            words.count(found.overdue),
            gettext("past the review period"),
            href,
            "warning-octagon",
            "late" if found.overdue else "",
        ),
        KeyFigure(
            gettext("Due within 72 hours"),
            words.count(found.due_within_72_hours),
            gettext("%(count)s open in all") % {"count": words.count(found.open)},
            href,
            "clock-countdown",
            "soon" if found.due_within_72_hours else "",
        ),
        KeyFigure(
            gettext("Assigned to you"),
            words.count(found.assigned_to_me),
            gettext("%(count)s wait for the provider") % {"count": words.count(found.waiting_for_provider)},
            f"{href}?view=mine",
            "user-circle",
        ),
        KeyFigure(
            gettext("Runs filed, %(quarter)s") % {"quarter": name},
            words.count(found.filed_this_quarter),
            _change(totals),
            _filed(_days(now)),
            "file-text",
            sparkline=sparkline(values=totals),
        ),
        KeyFigure(
            gettext("Runs above 10²⁵ FLOP, %(quarter)s") % {"quarter": name},
            words.count(found.above_1e25_this_quarter),
            _change(above),
            _filed(_days(now) | {"band": labels.top_band()}),
            "shield-warning",
            sparkline=sparkline(values=above),
        ),
    )


def _change(counts: list[int]) -> str:
    if len(counts) < 2:
        return gettext("first quarter")
    change = counts[-1] - counts[-2]
    return gettext("%(change)s on the quarter before") % {"change": f"{change:+d}".replace("-", "−")}


def quarter_counts(actor: Actor, *, at: datetime, territory: str = "") -> list[QuarterCounts]:
    """Runs by quarter and band since three years ago, quarters without runs too, the running one last."""
    found = queries.runs_by_quarter(actor, since=run_series.since(at), territory=territory)
    if not found:
        return []
    counted: dict[Quarter, list[int]] = {}
    steps = {band.code: _step(band) for band in quantities.ladder(at.date()).bands}
    for (day, band), runs in found.items():
        parts = counted.setdefault(Quarter.of(day), [0, 0, 0, 0])
        if band in steps:
            parts[steps[band]] += runs
    return list(run_series.without_gaps(counted, until=at.date()))


def _step(band: quantities.Band) -> int:
    """Which of the four bands of the pages a band of the ladder lies in."""
    return words.band(band.up_to) if band.up_to is not None else 3


def leading(table: DataTable, quarters: Sequence[QuarterCounts], *, listed: Callable[[Days], str]) -> DataTable:
    """The table of runs by quarter and band (newest first), each count with the list of what it counts.

    `listed` gives the address of everything filed, narrowed to days and a band.
    """
    hrefs, cells = [], []
    for each in reversed(quarters):
        days = _days(each.quarter)
        hrefs.append(listed(days))
        bands = zip(labels.bands(), each.parts, strict=True)
        cells.append((*(listed(days | {"band": code}) if count else "" for code, count in bands), hrefs[-1]))
    return replace(table, hrefs=tuple(hrefs), cell_hrefs=tuple(cells))


def _days(quarter: Quarter) -> Days:
    last = quarter.next().starts_on - timedelta(days=1)
    return {"from": quarter.starts_on.isoformat(), "until": last.isoformat()}


def _filed(more: Days) -> str:
    return f"{reverse('queue')}?{urlencode({'view': queue.FILED, **more})}"


def _quarters(quarters: Sequence[QuarterCounts]) -> Figure:
    figure = drawn.runs_by_quarter(uid="quarters", quarters=quarters)
    return replace(figure, table=leading(figure.table, quarters, listed=_filed))


def _note_looks(references: Collection[str], why: Purpose, *, by: Actor, at: datetime) -> None:
    """Every filing that the page names is a line of a list that was looked at."""
    found = Filing.objects.visible_to(by).filter(reference__in=references)
    seen = [looks.Seen(*row) for row in found.values_list("id", "reference", "organisation_id", "territory")]
    looks.note(seen, kind=LookKind.LISTED, purpose=why, by=by, at=at)


def _series(actor: Actor, *, at: datetime) -> run_series.Drawn | None:
    runs = run_queries.runs(actor, since=run_series.since(at))
    return run_series.draw(runs, uid="series", at=at, named=_named, files=table_file.links("runs"))


def _named(points: Sequence[Point]) -> list[ReportedRun]:
    """The largest run and those above the threshold of systemic risk have a name and a link, up to so many."""
    return [
        _run(point, is_named=i == 0 or (i < MOST_NAMED and point.training_compute_flop > TOP))
        for i, point in enumerate(points)
    ]


def _run(point: Point, *, is_named: bool) -> ReportedRun:
    return ReportedRun(
        on=point.filed_on,
        flop=point.training_compute_flop,
        reference=point.reference if is_named else "",
        provider=point.provider if is_named else "",
        href=reverse("oversight-filings-one", args=[point.reference]) if is_named else "",
    )


def _states(actor: Actor, *, at: datetime) -> Figure | None:
    first = day_of(at) - YEAR
    amounts = queries.compute_by_country(actor, since=start_of_day(first))
    if not amounts:
        return None
    return drawn.compute_by_state(
        uid="states",
        amounts=amounts,
        subtitle=gettext("Compute by Member State of the training site, 12 months, FLOP"),
        files=table_file.links("states"),
        href=lambda code: _filed({"from": first.isoformat(), "site": code}),
    )


def _activity(step: Transition) -> Activity:
    return Activity(
        icon=labels.STEP_ICONS.get(step.verb, "git-diff"),
        who=step.actor_name,
        did=labels.did(step.verb),
        subject=step.filing.reference,
        href=reverse("oversight-filings-one", args=[step.filing.reference]),
        at=step.at,
    )


class RunsFile(ListFile, Page):
    """Every run of the chart as a file, which names them: an export like any other."""

    permission = Permission.EXPORT_MAKE
    audiences = REGULATORS

    def get(self, request: HttpRequest) -> HttpResponse:
        """To the form, which asks for the purpose."""
        return redirect(f"{reverse('exports-new')}?scope=filed&format={self.form}")


class StatesFile(ListFile, Page):
    """The map's values as a file."""

    permission = Permission.OVERVIEW_READ
    audiences = REGULATORS

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """One line a Member State."""
        with self.reading() as actor:
            amounts = queries.compute_by_country(actor, since=start_of_day(day_of(self.now) - YEAR))
        head = ("country", "training_compute_flop")
        return self.sent("states", head, sorted(amounts.items()))
