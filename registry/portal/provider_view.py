"""What stands on the page of a provider: key figures, charts, short lists, and what happened."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Sum
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext

from registry.accounts.policy import Permission
from registry.acting import Actor
from registry.compute.models import Facility, Return
from registry.filings import ownership_statements
from registry.filings.duties import State
from registry.filings.models import Duty, Filing, Transition
from registry.filings.working_days import day_of
from registry.organisations.models import Organisation
from registry.oversight import provider_queries
from registry.oversight.provider_queries import Standing
from registry.portal import (
    case_marks,
    curve,
    duty_marks,
    facility_view,
    figure_file,
    labels,
    ownership_graph,
    position_view,
    return_view,
)
from registry.portal.analysis_page import Sheet
from registry.portal.presentation import analysed, drawn, words
from registry.portal.presentation.drawn import ReportedRun
from registry.portal.presentation.figures import Figure
from registry.portal.presentation.marks import Crumb, Happening, Heading, Link, Meta
from registry.portal.presentation.overview import KeyFigure
from registry.portal.presentation.providers import Line, ShortList
from registry.screening.models import Finding, Position

HAPPENINGS = 20
LISTED = 10
YEARS = 3
_SECOND = timedelta(seconds=1)  # a period ends at midnight: its last day is the one before
_MARKS = {State.MET: "in-time", State.LATE: "late", State.OVERDUE: "overdue", State.OPEN: "open"}


def heading(found: Organisation) -> Heading:
    """Name, seat, and where else it is looked at."""
    return Heading(
        found.legal_name,
        gettext("What it filed and owes, how punctual it is, and what is open about it."),
        (
            Crumb(gettext("Oversight"), reverse("overview")),
            Crumb(gettext("Providers"), reverse("oversight-providers")),
            Crumb(found.legal_name),
        ),
        meta=(
            Meta("globe", words.country(found.seat_country)),
            *((Meta("fingerprint", found.lei or found.euid),) if found.lei or found.euid else ()),
        ),
        links=(
            Link(gettext("Owners"), reverse("oversight-organisation", args=[found.id]), "buildings"),
            Link(gettext("All its filings"), _filings(found), "file-text"),
        ),
    )


def _filings(found: Organisation, **more: str) -> str:
    return f"{reverse('queue')}?{urlencode({'view': 'filed', 'provider': str(found.id), **more})}"


def key_figures(found: Organisation, actor: Actor, *, at: datetime) -> tuple[KeyFigure, ...]:
    """Filings, punctuality, findings, power and reconciliation in numbers."""
    how = provider_queries.standings(actor, [found.id], at=at)[found.id]
    seen = Facility.objects.visible_to(actor).filter(organisation=found)
    power = seen.aggregate(power=Sum("it_power_kw"))["power"]
    return (
        *_of_filings(found, how),
        KeyFigure(
            gettext("Findings not decided"),
            words.count(how.findings),
            gettext("of the screening rules"),
            f"{reverse('findings')}?{urlencode({'q': found.legal_name})}",
            "flag",
            "soon" if how.findings else "",
        ),
        KeyFigure(
            gettext("Installed IT power"),
            f"{analysed.megawatts(power)} MW" if power else "–",
            gettext("all facilities together"),
            "#facilities-h",
            "lightning",
        ),
        KeyFigure(
            gettext("Matched hours"),
            _matched(provider_queries.match_rate(found, actor)),
            gettext("of its returns, by filings"),
            reverse("oversight-mismatches"),
            "git-diff",
        ),
    )


def _of_filings(found: Organisation, how: Standing) -> Iterator[KeyFigure]:
    yield KeyFigure(
        gettext("Filings"),
        words.count(how.filings),
        gettext("%(count)s wait for a decision") % {"count": words.count(how.waiting)},
        _filings(found),
        "file-text",
    )
    yield KeyFigure(
        gettext("Duties in time"),
        words.share(Decimal(how.in_time) / how.judged) if how.judged else "–",
        gettext("%(done)s of %(all)s; %(overdue)s overdue")
        % {
            "done": words.count(how.in_time),
            "all": words.count(how.judged),
            "overdue": words.count(how.overdue),
        },
        "#punctuality-h",
        "calendar-check",
        "late" if how.overdue else "",
    )


def _matched(share: Decimal | None) -> str:
    return "–" if share is None else words.share(share)


def punctuality(found: Organisation, owed: Sequence[Duty], *, at: datetime) -> Figure:
    """The strip of its duties, with its files."""

    def address(shape: str) -> str:
        return reverse("oversight-provider-file", args=[found.id, shape])

    links = figure_file.links(address, of_what=gettext("Duties"))
    return replace(duties_sheet(owed, at=at).figure, downloads=links)


def duties_sheet(owed: Iterable[Duty], *, at: datetime) -> Sheet:
    """The strip, and the same duties as codes and days. It names no filing."""
    known = [(each, each.state_at(at)) for each in owed]
    marks = [
        analysed.Owed(duty_marks.name(each.code), _last_day(each), _MARKS[state], duty_marks.state(each, at).text)
        for each, state in known
        if state in _MARKS
    ]
    rows = tuple((_last_day(each).isoformat(), each.code, state.value) for each, state in known)
    return Sheet(analysed.punctual(uid="punctuality", owed=marks), ("last_day", "duty", "state"), rows)


def _last_day(duty: Duty) -> date:
    return day_of(duty.falls_at - _SECOND)


def runs(found: Organisation, filings: Sequence[Filing], actor: Actor, *, at: datetime) -> Figure | None:
    """Its runs of three years on the logarithmic axis; those listed beneath have their names and links."""
    since = at.replace(year=at.year - YEARS, month=1, day=1, hour=0, minute=0, second=0, microsecond=0)
    points = provider_queries.runs_of(found, actor, since=since)
    if not points:
        return None
    listed = {each.reference for each in filings}
    export = f"{reverse('exports-new')}?{urlencode({'scope': 'filed', 'provider': str(found.id)})}"
    shown = [
        ReportedRun(
            point.filed_on,
            point.training_compute_flop,
            point.reference if point.reference in listed else "",
            point.provider,
            reverse("oversight-filings-one", args=[point.reference]) if point.reference in listed else "",
        )
        for point in points
    ]
    first, last = drawn.days_of(shown, today=at.date())
    return drawn.runs_over_time(
        uid="runs",
        runs=shown,
        thresholds=curve.lines(on=at.date()),
        first=first,
        last=last,
        files=(Link("CSV", export, "file-csv"),),
    )


def owners(found: Organisation, actor: Actor, *, at: datetime) -> Figure | None:
    """Who owns it, as it was stated last; None where nobody has stated it."""
    picture = ownership_statements.picture_at(found, on=None, by=actor)
    if picture is None:
        return None
    day = max(day_of(at), picture.document.as_of_on)
    return ownership_graph.figure(picture.document, organisation=found.legal_name, on=day)


def lists(
    found: Organisation,
    filings: Sequence[Filing],
    facilities: Sequence[Facility],
    returns: Sequence[Return],
    findings: Sequence[Finding],
    *,
    by: Actor,
    at: datetime,
) -> Iterator[ShortList]:
    """Cases, filings, facilities, returns and positions, as far as the actor may read them."""
    yield _cases(found, by)
    yield _findings(found, findings)
    yield ShortList(
        "filings",
        gettext("Filings"),
        "file-text",
        (gettext("Filing"), gettext("Compute (FLOP)"), gettext("Submitted"), gettext("Status")),
        tuple(_filing(each) for each in filings),
        gettext("Nothing has been filed."),
        Link(gettext("All its filings"), _filings(found)),
    )
    yield ShortList(
        "facilities",
        gettext("Facilities"),
        "hard-drives",
        (gettext("Facility"), gettext("Place"), gettext("IT power"), gettext("State")),
        tuple(_facility(each, at) for each in facilities),
        gettext("No facility here."),
    )
    yield ShortList(
        "returns",
        gettext("Returns"),
        "stack",
        (gettext("Month"), gettext("Records"), gettext("Accelerator-hours"), gettext("State")),
        tuple(_return(each) for each in returns),
        gettext("No return has been submitted."),
    )
    if Permission.POSITION_READ.value in by.permissions:
        yield ShortList(
            "positions",
            gettext("Positions of its owner group"),
            "chart-line-up",
            (gettext("Of whom"), gettext("Highest sum, FLOP"), gettext("Threshold of 10²⁵")),
            tuple(_position(each) for each in provider_queries.positions_of(found, by, at=at, limit=LISTED)),
            gettext("Nothing was filed or reported that adds up."),
        )


def _cases(found: Organisation, by: Actor) -> ShortList:
    lines = [case_marks.case_line(each) for each in provider_queries.cases_of(found, by, limit=LISTED)]
    return ShortList(
        "cases",
        gettext("Open cases"),
        "folder-open",
        (gettext("Case"), gettext("About"), gettext("Gravest finding"), gettext("State")),
        tuple(Line(each.reference, each.href, (each.title, each.severity.text), each.state) for each in lines),
        gettext("No case is open about it."),
        Link(gettext("Cases"), reverse("cases")),
    )


def _findings(found: Organisation, shown: Sequence[Finding]) -> ShortList:
    lines = [(each, case_marks.finding_line(each)) for each in shown]
    return ShortList(
        "findings",
        gettext("Findings not decided"),
        "flag",
        (gettext("Rule"), gettext("About"), gettext("Found"), gettext("Severity")),
        tuple(
            Line(
                each.name,
                each.subject_href,
                (each.subject, words.short_moment(each.at)),
                each.severity,
                sub=finding.rule,
            )
            for finding, each in lines
        ),
        gettext("No finding waits."),
        Link(gettext("Findings"), f"{reverse('findings')}?{urlencode({'q': found.legal_name})}"),
    )


def _filing(row: Filing) -> Line:
    flop = words.flop(row.training_compute_flop) if row.training_compute_flop else gettext("not stated")
    return Line(
        row.reference,
        reverse("oversight-filings-one", args=[row.reference]),
        (flop, words.short_moment(row.submitted_at) if row.submitted_at else ""),
        labels.status(row.status),
        sub=row.run_id,
    )


def _facility(row: Facility, at: datetime) -> Line:
    shown = facility_view.row(row, href="", standing=0, at=at)
    href = reverse("oversight-facilities-one", args=[row.reference])
    return Line(row.name, href, (shown.place, shown.power), shown.state, sub=row.reference)


def _return(row: Return) -> Line:
    return Line(
        f"{row.month:%Y-%m}",
        reverse("oversight-returns-one", args=[row.reference]),
        (
            gettext("none") if row.is_none else words.count(row.records),
            words.count(int(row.accelerator_hours)),
        ),
        return_view.state(row),
    )


def _position(row: Position) -> Line:
    peak = words.flop(row.peak_flop) if row.peak_flop else "0"
    href = reverse("oversight-positions-one", args=[row.pk])
    return Line(row.name, href, (peak,), position_view.crossing_label(row))


def history(
    steps: Sequence[Transition], owed: Sequence[Duty], returns: Sequence[Return], *, at: datetime
) -> tuple[Happening, ...]:
    """What happened to its filings, duties and returns, newest first."""
    told = [
        Happening(
            labels.STEP_ICONS.get(step.verb, "git-diff"),
            labels.happened(step.verb, step.version_number),
            step.at,
            step.filing.reference,
            step.actor_name,
        )
        for step in steps
    ]
    told += [
        Happening("stack", gettext("Return for %(month)s") % {"month": f"{each.month:%Y-%m}"}, each.submitted_at)
        for each in returns
        if each.submitted_at
    ]
    told += [_of_duty(each, at) for each in owed if each.state_at(at) in {State.MET, State.LATE, State.OVERDUE}]
    return tuple(sorted(told, key=lambda each: each.at, reverse=True)[:HAPPENINGS])


def _of_duty(duty: Duty, at: datetime) -> Happening:
    label = duty_marks.state(duty, at)
    is_late = duty.state_at(at) is State.OVERDUE
    moment = duty.falls_at if is_late or duty.met_at is None else duty.met_at
    return Happening(label.icon, duty_marks.name(duty.code), moment, label.text, tone="alert" if is_late else "")
