"""Map and analysis for authorities: where, when, how late, how large and whose, each figure leading to its list.

Whoever may not see identities has the figures of oversight instead (registry.portal.tallies_page).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext

from registry.accounts.policy import Permission
from registry.acting import Actor, Audience
from registry.errors import NotFound
from registry.filings.working_days import day_of, start_of_day
from registry.oversight import analysis, queries
from registry.portal import figure_file, overview, purpose, queue_filters
from registry.portal.page import REGULATORS, Page
from registry.portal.presentation import analysed, choices, drawn, words
from registry.portal.presentation.figures import Figure
from registry.portal.presentation.marks import Crumb, Filters, Heading, Link, Meta
from registry.statistics.formats.standing_alone import standing_alone

YEARS = (1, 3)
RUNS, FACILITIES = "runs", "facilities"


@dataclass(frozen=True)
class Asked:
    """What the address asks: a Member State or all, the days, what the map shows."""

    state: str
    years: int
    measure: str
    first: date
    last: date

    @property
    def query(self) -> Mapping[str, str]:
        """The address again, for the files and the other lists."""
        return {"state": self.state, "years": str(self.years), "measure": self.measure}


@dataclass(frozen=True)
class Sheet:
    """A figure, and its values as a table for programs. What names providers stands in the figure alone."""

    figure: Figure
    head: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]


@dataclass(frozen=True)
class AnalysisPage:
    """The page."""

    heading: Heading
    filters: Filters
    map: Figure
    shares: Figure
    calendar: Figure
    quarters: Figure
    notifications: Figure


class Analysis(Page):
    """All figures."""

    permission = Permission.OVERVIEW_READ
    audiences = REGULATORS

    def get(self, request: HttpRequest) -> HttpResponse:
        """One unit of work, a query or two for each figure."""
        if purpose.known(request) is None:
            return purpose.asked(request)
        asked = _asked(request, self.actor, day_of(self.now))
        with self.reading() as actor:
            made = {name: figure_of(name, asked, actor, self).figure for name in _FIGURES}
        scope = words.country(asked.state or self.actor.territory)
        page = AnalysisPage(
            heading=Heading(
                gettext("Map and analysis"),
                gettext("Where, when, how late and how large. Each row of a table leads to what it counts."),
                (Crumb(gettext("Oversight"), reverse("overview")), Crumb(gettext("Map and analysis"))),
                meta=(
                    Meta("globe", scope),
                    Meta("calendar-blank", f"{words.short_day(asked.first)} – {words.short_day(asked.last)}"),
                ),
                links=(Link(gettext("Providers"), reverse("oversight-providers"), "buildings"),),
            ),
            filters=_filters(asked, self.actor),
            **made,
        )
        return self.shown("oversight/analysis.html", page)


class AnalysisFile(Page):
    """One figure as a drawing or a table."""

    permission = Permission.OVERVIEW_READ
    audiences = REGULATORS

    def get(self, request: HttpRequest, figure: str, shape: str) -> HttpResponseBase:
        """The download, once a purpose is stated."""
        if purpose.known(request) is None:
            return purpose.asked(request)
        if figure not in _FIGURES or shape not in figure_file.SHAPES:
            raise NotFound
        with self.reading() as actor:
            sheet = figure_of(figure, _asked(request, self.actor, day_of(self.now)), actor, self)
        return file_of(sheet, figure, shape)


def file_of(sheet: Sheet, name: str, shape: str) -> HttpResponseBase:
    """A figure as a file, `csv`, `xlsx` or `svg`."""
    drawing = standing_alone(sheet.figure.svg)
    return figure_file.answer(name, shape, drawing=drawing, head=sheet.head, rows=sheet.rows)


def figure_of(name: str, asked: Asked, actor: Actor, page: Page) -> Sheet:
    """The figure of that name with its downloads. Raises KeyError for an unknown one."""
    sheet = _FIGURES[name](asked, actor, page)

    def address(shape: str) -> str:
        return f"{reverse('analysis-file', args=[name, shape])}?{urlencode(asked.query)}"

    links = figure_file.links(address, of_what=sheet.figure.title)
    return replace(sheet, figure=replace(sheet.figure, downloads=links))


def _asked(request: HttpRequest, actor: Actor, today: date) -> Asked:
    """What the address asks for; nonsense in it is the first choice."""
    query = request.GET
    is_union = actor.audience is Audience.AI_OFFICE
    state = query.get("state", "") if is_union and query.get("state") in drawn.MEMBERS else ""
    years = next((each for each in YEARS if str(each) == query.get("years")), YEARS[0])
    measure = FACILITIES if query.get("measure") == FACILITIES else RUNS
    return Asked(state, years, measure, today - timedelta(days=365 * years - 1), today)


def _filters(asked: Asked, actor: Actor) -> Filters:
    measures = {RUNS: gettext("Compute"), FACILITIES: gettext("IT power")}
    spans = {"1": gettext("12 months"), "3": gettext("3 years")}
    fields = [
        choices.select("measure", gettext("On the map"), measures, asked.measure),
        choices.select("years", gettext("Period"), spans, str(asked.years)),
    ]
    if actor.audience is Audience.AI_OFFICE:
        states = choices.member_states()
        fields.insert(
            0, choices.select("state", gettext("Member State"), states, asked.state, everything=gettext("All 27"))
        )
    return Filters(gettext("Filter the figures"), tuple(fields), reverse("analysis"))


def _listed(asked: Asked, **more: str) -> str:
    """The list of everything filed, narrowed to what a figure counts."""
    days = {"from": asked.first.isoformat(), "until": asked.last.isoformat()}
    query = {"view": "filed", "state": asked.state, **days, **more}
    return f"{reverse('queue')}?{urlencode({name: value for name, value in query.items() if value})}"


def _map(asked: Asked, actor: Actor, page: Page) -> Sheet:
    if asked.measure == FACILITIES:
        found = analysis.facilities_by_country(actor, territory=asked.state)
        return Sheet(
            analysed.installed_power(
                uid="map",
                kilowatts={code: each.kilowatts for code, each in found.items()},
                href=lambda code: f"{reverse('oversight-facilities')}?{urlencode({'country': code})}",
            ),
            ("country", "facilities", "it_power_kw"),
            tuple((code, each.facilities, each.kilowatts) for code, each in found.items()),
        )
    amounts = queries.compute_by_country(actor, since=start_of_day(asked.first), territory=asked.state)
    return Sheet(
        drawn.compute_by_state(
            uid="map",
            amounts=amounts,
            subtitle=gettext("Compute by Member State of the training site, FLOP"),
            href=lambda code: _listed(asked, site=code),
        ),
        ("country", "training_compute_flop"),
        tuple(sorted(amounts.items())),
    )


def _calendar(asked: Asked, actor: Actor, page: Page) -> Sheet:
    found = analysis.filings_by_day(actor, since=start_of_day(asked.first), territory=asked.state)
    figure = analysed.filings_by_day(
        uid="calendar",
        found=found,
        first=asked.first,
        last=asked.last,
        href=lambda day: _listed(asked, **{"from": day.isoformat(), "until": day.isoformat()}),
    )
    return Sheet(figure, ("day", "filings"), tuple((day.isoformat(), count) for day, count in found.items()))


def _notifications(asked: Asked, actor: Actor, page: Page) -> Sheet:
    found = analysis.days_to_notification(actor, since=start_of_day(asked.first), territory=asked.state)
    ways = {False: queue_filters.IN_TIME, True: queue_filters.LATE}
    figure = analysed.days_to_notification(
        uid="notifications",
        in_time={each.days: each.count for each in found if not each.is_late},
        late={each.days: each.count for each in found if each.is_late},
        overdue=analysis.overdue_notifications(actor, at=page.now, territory=asked.state),
        limit=analysis.LIMIT_DAYS,
        href=lambda is_late: _listed(asked, notified=ways[is_late], **{"from": "", "until": ""}),
    )
    head = ("days", "in_time", "notifications")
    return Sheet(figure, head, tuple((each.days, int(not each.is_late), each.count) for each in found))


def _quarters(asked: Asked, actor: Actor, page: Page) -> Sheet:
    """Of three years whatever the period: a year has but four quarters."""
    quarters = overview.quarter_counts(actor, at=page.now, territory=asked.state)
    figure = drawn.runs_by_quarter(uid="quarters", quarters=quarters)
    hrefs = tuple(
        _listed(
            asked,
            **{
                "from": each.quarter.starts_on.isoformat(),
                "until": (each.quarter.next().starts_on - timedelta(days=1)).isoformat(),
            },
        )
        for each in reversed(quarters)
    )
    rows = tuple((f"{each.quarter.year}-Q{each.quarter.number}", *each.parts, each.total) for each in quarters)
    head = ("quarter", "up_to_1e23", "1e23_to_1e24", "1e24_to_1e25", "above_1e25", "runs")
    return Sheet(replace(figure, table=replace(figure.table, hrefs=hrefs)), head, rows)


def _shares(asked: Asked, actor: Actor, page: Page) -> Sheet:
    """The file has ranks for names: a list of providers by compute is an export, which asks for its own purpose."""
    found = analysis.compute_by_provider(actor, since=start_of_day(asked.first), territory=asked.state)
    held = [
        analysed.Holding(each.name, each.flop, each.filings, reverse("oversight-provider", args=[each.organisation]))
        for each in found
    ]
    rows = tuple((rank, each.flop, each.filings) for rank, each in enumerate(found, 1))
    return Sheet(
        analysed.shares_of_compute(uid="shares", held=held), ("rank", "training_compute_flop", "filings"), rows
    )


_FIGURES: Mapping[str, Callable[[Asked, Actor, Page], Sheet]] = {
    "map": _map,
    "shares": _shares,
    "calendar": _calendar,
    "quarters": _quarters,
    "notifications": _notifications,
}
