"""An organisation as its authority sees it, and its own page of owners: picture, duties, filings, punctuality.

An authority states a purpose first, as for every list that names providers; what it sees is logged.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext

from registry.accounts.policy import Permission
from registry.acting import Actor
from registry.errors import NotFound
from registry.filings import duties, organisation_duties, ownership_checks, ownership_statements
from registry.filings.duties import State
from registry.filings.models import Duty, Filing
from registry.filings.ownership_statements import Picture
from registry.filings.working_days import day_of
from registry.organisations.models import Organisation, OwnershipStatement
from registry.oversight import looks
from registry.oversight.models import LookKind
from registry.portal import duty_marks, figure_file, labels, ownership_graph, purpose
from registry.portal.page import PROVIDERS, REGULATORS, Page, language
from registry.portal.presentation import words
from registry.portal.presentation.figures import Figure
from registry.portal.presentation.marks import Crumb, Fact, Happening, Heading, Link, Notice
from registry.portal.presentation.organisation import FilingLine, OrganisationPage, OwnerDuty
from registry.portal.presentation.overview import KeyFigure

FILINGS_SHOWN, GROUP_SHOWN = 20, 20


class Oversight(Page):
    """One organisation, for its authority."""

    permission = Permission.OVERVIEW_READ
    audiences = REGULATORS

    def get(self, request: HttpRequest, organisation: UUID) -> HttpResponse:
        """Owners, filings, duties, punctuality; each filing named is a look."""
        why = purpose.known(request)
        if why is None:
            return purpose.asked(request)
        with self.writing() as actor:
            found = seen(actor, organisation)
            filings = list(_filings(found, actor)[:FILINGS_SHOWN])
            looks.note(filings, kind=LookKind.LISTED, purpose=why, by=actor, at=self.now)
            crumbs = (Crumb(gettext("Oversight"), reverse("overview")), Crumb(found.legal_name))
            page = _page(request, found, crumbs, by=actor, at=self.now, filings=filings)
        return self.shown("organisation/ownership.html", page)


class OversightFile(Page):
    """The picture or its table, for the authority."""

    permission = Permission.OVERVIEW_READ
    audiences = REGULATORS

    def get(self, request: HttpRequest, organisation: UUID, shape: str) -> HttpResponseBase:
        """The download, once a purpose is stated."""
        if purpose.known(request) is None:
            return purpose.asked(request)
        with self.reading() as actor:
            return _file(request, seen(actor, organisation), shape, by=actor, at=self.now)


class Owners(Page):
    """A provider's own owners."""

    permission = Permission.FILING_READ
    audiences = PROVIDERS

    def get(self, request: HttpRequest) -> HttpResponse:
        """What was stated, the picture, the duties about it."""
        with self.reading() as actor:
            found = ownership_statements.own_organisation(actor)
            crumbs = (
                Crumb(gettext("My filings"), reverse("workspace")),
                Crumb(gettext("Organisation"), reverse("workspace-organisation")),
                Crumb(gettext("Owners")),
            )
            page = _page(request, found, crumbs, by=actor, at=self.now, filings=None)
        return self.shown("organisation/ownership.html", page)


class OwnersFile(Page):
    """The picture or its table, for the provider."""

    permission = Permission.FILING_READ
    audiences = PROVIDERS

    def get(self, request: HttpRequest, shape: str) -> HttpResponseBase:
        """The download."""
        with self.reading() as actor:
            return _file(request, ownership_statements.own_organisation(actor), shape, by=actor, at=self.now)


def seen(actor: Actor, identity: UUID) -> Organisation:
    """The organisation, if the actor may see it. Raises `NotFound`."""
    found = Organisation.objects.visible_to(actor).filter(id=identity).first()
    if found is None:
        raise NotFound
    return found


def _page(
    request: HttpRequest,
    organisation: Organisation,
    crumbs: tuple[Crumb, ...],
    *,
    by: Actor,
    at: datetime,
    filings: list[Filing] | None,
) -> OrganisationPage:
    on = _day_asked(request)
    picture = ownership_statements.picture_at(organisation, on=on, by=by)
    past = list(ownership_statements.statements(organisation, by=by))
    return OrganisationPage(
        heading=Heading(
            organisation.legal_name if filings is not None else gettext("Owners"),
            gettext("Who owns and controls it, as it was stated; what the law asks by when."),
            crumbs,
            links=(Link(gettext("State the owners"), reverse("workspace-ownership-state"), "note-pencil"),)
            if filings is None and Permission.OWNERSHIP_STATE in by.permissions
            else (),
        ),
        facts=facts(organisation, by=by) if filings is not None else (),
        key_figures=_key_figures(organisation, by=by, at=at) if filings is not None else (),
        figure=_figure(organisation, picture, on=on, at=at, is_own=filings is None) if picture else None,
        on=_day_shown(picture, on=on, at=at).isoformat(),
        duties=tuple(
            _duty(each, at, is_own=filings is None) for each in organisation_duties.of_organisation(organisation, by=by)
        ),
        filings=tuple(_line(each) for each in filings) if filings is not None else None,
        history=tuple(_stated(each) for each in reversed(past)),
        explanation=(picture.document.explanation or "") if picture else "",
        managers=tuple(Fact(m.function, m.name) for m in picture.document.senior_managers) if picture else (),
        notices=_notices(picture),
    )


def _day_asked(request: HttpRequest) -> date | None:
    try:
        return date.fromisoformat(request.GET.get("on", ""))
    except ValueError:
        return None


def _day_shown(picture: Picture | None, *, on: date | None, at: datetime) -> date:
    return on or max(day_of(at), picture.document.as_of_on if picture else day_of(at))


def _figure(organisation: Organisation, picture: Picture, *, on: date | None, at: datetime, is_own: bool) -> Figure:
    day = _day_shown(picture, on=on, at=at)

    def address(shape: str) -> str:
        return f"{_address(organisation, shape, is_own=is_own)}?on={day.isoformat()}"

    links = figure_file.links(address, of_what=gettext("Owners"))
    return ownership_graph.figure(picture.document, organisation=organisation.legal_name, on=day, downloads=links)


def _address(organisation: Organisation, shape: str, *, is_own: bool) -> str:
    if is_own:
        return reverse("workspace-ownership-file", args=[shape])
    return reverse("oversight-organisation-file", args=[organisation.id, shape])


def _file(request: HttpRequest, organisation: Organisation, shape: str, *, by: Actor, at: datetime) -> HttpResponseBase:
    on = _day_asked(request)
    picture = ownership_statements.picture_at(organisation, on=on, by=by)
    if picture is None or shape not in figure_file.SHAPES:
        raise NotFound
    day = _day_shown(picture, on=on, at=at)
    drawn = ownership_graph.figure(picture.document, organisation=organisation.legal_name, on=day)
    drawing = ownership_graph.alone(drawn)
    return figure_file.answer("owners", shape, drawing=drawing, head=drawn.table.head, rows=drawn.table.rows)


def facts(organisation: Organisation, *, by: Actor) -> tuple[Fact, ...]:
    group = Organisation.objects.visible_to(by).filter(holding=organisation.holding).exclude(id=organisation.id)
    told = (
        (gettext("Seat"), words.country(organisation.seat_country)),
        (gettext("Competent authority"), words.country(organisation.territory)),
        ("LEI", organisation.lei),
        ("EUID", organisation.euid),
        (gettext("Ultimate parent"), organisation.ultimate_parent_name),
        *parents(organisation),
        (
            gettext("Seat of the parent"),
            words.country(organisation.ultimate_parent_country) if organisation.ultimate_parent_country else "",
        ),
    )
    others = (
        Fact(gettext("Of the same group"), other.legal_name, href=reverse("oversight-organisation", args=[other.id]))
        for other in group.order_by("legal_name")[:GROUP_SHOWN]
    )
    return (*(Fact(term, value) for term, value in told if value), *others)


def parents(organisation: Organisation) -> tuple[tuple[str, str], ...]:
    """Each of the ultimate parents as term and value, where there are several; a single one has its own columns."""
    several = organisation.ultimate_parents if len(organisation.ultimate_parents) > 1 else ()
    return tuple(
        (
            gettext("Ultimate parent %(number)s of %(count)s") % {"number": place, "count": len(several)},
            f"{each['name']}, {words.country(each['country'])}",
        )
        for place, each in enumerate(several, 1)
    )


def _key_figures(organisation: Organisation, *, by: Actor, at: datetime) -> tuple[KeyFigure, ...]:
    """How many filings, and how punctual: duties met in time of all that were met or are past."""
    own = Duty.objects.visible_to(by).standing().filter(organisation=organisation, due_at__isnull=False)
    in_time = own.in_state(State.MET, at=at).count()
    late, overdue = own.in_state(State.LATE, at=at).count(), own.in_state(State.OVERDUE, at=at).count()
    judged = in_time + late + overdue
    filed = _filings(organisation, by).count()
    return (
        KeyFigure(gettext("Filings"), words.count(filed), gettext("ever filed"), reverse("queue"), "file-text"),
        KeyFigure(
            gettext("In time"),
            f"{in_time} / {judged}" if judged else "–",
            gettext("duties of its filings"),
            reverse("queue"),
            "calendar-check",
        ),
        KeyFigure(
            gettext("Overdue"),
            words.count(overdue),
            gettext("duties not done"),
            reverse("queue"),
            "warning-octagon",
            "late" if overdue else "",
        ),
    )


def _filings(organisation: Organisation, by: Actor) -> Any:
    return Filing.objects.visible_to(by).filed().filter(organisation=organisation).order_by("-submitted_at", "id")


def _line(filing: Filing) -> FilingLine:
    return FilingLine(
        filing.reference,
        reverse("oversight-filings-one", args=[filing.reference]),
        labels.status(filing.status),
        words.day(filing.submitted_at) if filing.submitted_at else "",
    )


def _duty(duty: Duty, at: datetime, *, is_own: bool) -> OwnerDuty:
    return OwnerDuty(
        duty_marks.name(duty.code),
        duties.rule_of(duty.code).basis,
        duty_marks.due(duty),
        duty_marks.state(duty, at),
        words.day(duty.trigger_on),
        duty_marks.address(duty) if is_own else "",
    )


def _stated(row: OwnershipStatement) -> Happening:
    told = [gettext("as of %(day)s") % {"day": words.day(row.as_of_on)}]
    if row.changed_on:
        days = ", ".join(words.day(date.fromisoformat(day)) for day in row.changed_on)
        told.append(gettext("tells of changes of %(days)s") % {"days": days})
    return Happening(
        "note-pencil", gettext("Statement %(number)s") % {"number": row.number}, row.recorded_at, "; ".join(told)
    )


def _notices(picture: Picture | None) -> tuple[Notice, ...]:
    if picture is None:
        return (Notice("warning", gettext("Nobody has stated who owns this organisation.")),)
    said: Mapping[str, list[str]] = {"warning": [], "note": []}
    for each in picture.said():
        said[each.severity].append(ownership_checks.told(each, language=language()).sentence)
    tones = (("warning", "warning", gettext("What the register noticed")), ("note", "info", gettext("To be noted")))
    return tuple(Notice(tone, "", title, tuple(said[severity])) for severity, tone, title in tones if said[severity])
