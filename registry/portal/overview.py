"""The oversight overview: what needs a decision, and how reported training compute is moving."""

from collections.abc import Collection
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext

from registry import quantities
from registry.accounts.policy import Permission
from registry.acting import Actor
from registry.charts.compute import sparkline
from registry.filings import duties
from registry.filings.models import Filing, Transition
from registry.oversight import case_queries, looks, queries
from registry.oversight.models import LookKind
from registry.oversight.purposes import Purpose
from registry.oversight.queries import KeyFigures, Point
from registry.periods import Quarter
from registry.portal import curve, labels, purpose, queue, table_file
from registry.portal.page import REGULATORS, Page
from registry.portal.presentation import drawn, words
from registry.portal.presentation.drawn import QuarterCounts, ReportedRun
from registry.portal.presentation.figures import Figure
from registry.portal.presentation.marks import Activity, Crumb, Heading, Link, Meta
from registry.portal.presentation.overview import KeyFigure, OverviewPage, QueueTable
from registry.portal.table_file import ListFile

PREVIEW = 8
YEARS_SHOWN = 3
LATELY = timedelta(days=90)
TOP = Decimal("1e25")


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
            first = (
                open_filings.select_related("organisation")
                .prefetch_related("transitions")
                .annotate(findings_count=Count("findings", distinct=True))
                .order_by("submitted_at", "id")[:PREVIEW]
            )
            can = Permission.FILING_REVIEW.value in actor.permissions
            rows = [queue.row(f, at=self.now, can_review=can, route="oversight-filings-one") for f in first]
            quarters = quarter_counts(actor, at=self.now)
            runs = _runs(actor, at=self.now)
            states = _states(actor, at=self.now)
            days = queries.days_to_decision(actor, since=self.now - LATELY)
            activity = tuple(_activity(step) for step in queries.activity(actor, limit=7))
            named = {*(row.reference for row in rows), *(run.reference for run in runs if run.reference)}
            named |= {line.subject for line in activity}
            _note_looks(named, why, by=actor, at=self.now)
            pleas = queries.waiting_pleas(actor).count()
            cases, _ = case_queries.waiting_since(actor)
        request.counts = {"queue": figures.open, "pleas": pleas, "cases": cases}  # type: ignore[attr-defined]
        table = QueueTable(tabs, queue.named(rows), table_file.links("queue"), full_href=reverse("queue"))
        page = OverviewPage(
            heading=_heading(self.actor, self.now, pleas, cases),
            filters=None,
            key_figures=_key_figures(figures, quarters, at=self.now),
            queue=table,
            series=_series(runs, at=self.now),
            states=states,
            quarters=drawn.runs_by_quarter(uid="quarters", quarters=quarters[-8:]) if quarters else None,
            decisions=drawn.days_to_decision(uid="decisions", days=days, limit=duties.review_days()),
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
            href,
            "file-text",
            sparkline=sparkline(values=totals),
        ),
        KeyFigure(
            gettext("Runs above 10²⁵ FLOP, %(quarter)s") % {"quarter": name},
            words.count(found.above_1e25_this_quarter),
            _change(above),
            f"{href}?band={labels.top_band()}",
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
    since = at.replace(year=at.year - YEARS_SHOWN, month=1, day=1)
    found = queries.runs_by_quarter(actor, since=since, territory=territory)
    if not found:
        return []
    counted: dict[Quarter, list[int]] = {}
    steps = {band.code: _step(band) for band in quantities.ladder(at.date()).bands}
    for (day, band), runs in found.items():
        parts = counted.setdefault(Quarter.of(day), [0, 0, 0, 0])
        if band in steps:
            parts[steps[band]] += runs
    quarter, listed = min(counted), []
    while quarter <= Quarter.of(at.date()):
        a, b, c, d = counted.get(quarter, [0, 0, 0, 0])
        listed.append(QuarterCounts(quarter, (a, b, c, d), a + b + c + d))
        quarter = quarter.next()
    return listed


def _step(band: quantities.Band) -> int:
    """Which of the four bands of the pages a band of the ladder lies in."""
    return words.band(band.up_to) if band.up_to is not None else 3


def _note_looks(references: Collection[str], why: Purpose, *, by: Actor, at: datetime) -> None:
    """Every filing that the page names is a line of a list that was looked at."""
    found = Filing.objects.visible_to(by).filter(reference__in=references)
    seen = [looks.Seen(*row) for row in found.values_list("id", "reference", "organisation_id", "territory")]
    looks.note(seen, kind=LookKind.LISTED, purpose=why, by=by, at=at)


def _series(runs: list[ReportedRun], *, at: datetime) -> Figure | None:
    if not runs:
        return None
    first, last = drawn.days_of(runs, today=at.date())
    return drawn.runs_over_time(
        uid="series",
        runs=runs,
        thresholds=curve.lines(on=at.date()),
        first=first,
        last=last,
        files=table_file.links("runs"),
    )


def _runs(actor: Actor, *, at: datetime) -> list[ReportedRun]:
    """Every run as a point of the chart; only the largest and those above the threshold of systemic risk are named."""
    since = at.replace(year=at.year - YEARS_SHOWN, month=1, day=1, hour=0, minute=0, second=0, microsecond=0)
    points = queries.points(actor, since=since)
    least_named = min(TOP, max((point.training_compute_flop for point in points), default=TOP))
    return [
        _run(point, is_named=point.training_compute_flop > TOP or point.training_compute_flop == least_named)
        for point in points
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
    amounts = queries.compute_by_country(actor, since=at - timedelta(days=365))
    if not amounts:
        return None
    return drawn.compute_by_state(
        uid="states",
        amounts=amounts,
        subtitle=gettext("Compute by Member State of the training site, 12 months, FLOP"),
        files=table_file.links("states"),
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
            amounts = queries.compute_by_country(actor, since=self.now - timedelta(days=365))
        head = ("country", "training_compute_flop")
        return self.sent("states", head, sorted(amounts.items()))
