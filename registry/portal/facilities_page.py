"""Facilities: a provider's own, and those of a territory for its authority, which states a purpose first."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext

from registry.accounts.policy import Permission
from registry.acting import Actor
from registry.compute import facility, facility_storing
from registry.compute.models import Facility, FacilityKind, Installation
from registry.oversight import looks
from registry.oversight.models import LookKind
from registry.oversight.purposes import Purpose
from registry.portal import facility_view, purpose, table_file
from registry.portal.page import PROVIDERS, REGULATORS, Page, language
from registry.portal.paging import part
from registry.portal.presentation import choices, drawn, words
from registry.portal.presentation.facilities import FacilitiesPage
from registry.portal.presentation.marks import Crumb, Field, Filters, Heading, Link, Meta
from registry.portal.presentation.overview import KeyFigure
from registry.portal.table_file import ListFile

COLUMNS = (
    "reference", "name", "operator", "owner", "kind", "country", "nuts_code", "lau_code", "operating_from", "closed_on",
    "it_power_kw", "size_class", "accelerators",
)  # fmt: skip
SIZES = tuple(name for name, _, _ in facility.SIZE_CLASSES)


class OwnFacilities(Page):
    """What the organisation operates."""

    permission = Permission.FACILITY_READ
    audiences = PROVIDERS

    def get(self, request: HttpRequest) -> HttpResponse:
        """The list, newest first."""
        may_state = Permission.FACILITY_STATE in self.actor.permissions
        heading = Heading(
            gettext("Facilities"),
            gettext("The data centres that your organisation operates, and what stands there."),
            (Crumb(gettext("My filings"), reverse("workspace")), Crumb(gettext("Facilities"))),
            main_link=Link(gettext("Register a facility"), reverse("workspace-facilities-new"), "plus")
            if may_state
            else None,
        )
        with self.reading() as actor:
            page = _listed(request, heading, actor, at=self.now, one="workspace-facilities-one", has_operator=False)
        return self.shown("facilities/list.html", page)


class OwnFacilitiesFile(ListFile, Page):
    """The same as a table."""

    permission = Permission.FACILITY_READ
    audiences = PROVIDERS

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """The download, with the filters of the address."""
        with self.reading() as actor:
            return self.sent("facilities", COLUMNS, _file_rows(request, actor, at=self.now))


class OwnFacility(Page):
    """One facility of the organisation."""

    permission = Permission.FACILITY_READ
    audiences = PROVIDERS

    def get(self, request: HttpRequest, facility: str) -> HttpResponse:
        """The page with all that can be done."""
        may_state = Permission.FACILITY_STATE in self.actor.permissions
        with self.reading() as actor:
            found = facility_storing.found(facility, actor)
            links = facility_view.own_links(found, may_state=may_state)
            crumbs = (
                Crumb(gettext("My filings"), reverse("workspace")),
                Crumb(gettext("Facilities"), reverse("workspace-facilities")),
                Crumb(found.name),
            )
            heading = _heading(found, crumbs, at=self.now, amend=links.get("amend", ""))
            page = facility_view.page(found, heading=heading, links=links, by=actor, at=self.now)
        return self.shown("facilities/one.html", page)


class Facilities(Page):
    """The facilities of the authority's territory."""

    permission = Permission.FACILITY_READ
    audiences = REGULATORS

    def get(self, request: HttpRequest) -> HttpResponse:
        """The list, once a purpose is stated."""
        why = purpose.known(request)
        if why is None:
            return purpose.asked(request)
        heading = Heading(
            gettext("Facilities"),
            gettext("Data centres in your territory, their power and the accelerators that stand there."),
            (Crumb(gettext("Oversight"), reverse("overview")), Crumb(gettext("Facilities"))),
        )
        with self.writing() as actor:
            page = _listed(
                request, heading, actor, at=self.now, one="oversight-facilities-one", has_operator=True, why=why
            )
        return self.shown("facilities/list.html", page)


class FacilitiesFile(ListFile, Page):
    """The same as a table."""

    permission = Permission.FACILITY_READ
    audiences = REGULATORS

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """The download, once a purpose is stated."""
        why = purpose.known(request)
        if why is None:
            return purpose.asked(request)
        with self.writing() as actor:
            rows = list(_chosen(request, actor))
            looks.note_facilities(rows, kind=LookKind.EXPORTED, purpose=why, by=actor, at=self.now)
            return self.sent("facilities", COLUMNS, _file_rows(request, actor, at=self.now))


class OneFacility(Page):
    """One facility, for its authority."""

    permission = Permission.FACILITY_READ
    audiences = REGULATORS

    def get(self, request: HttpRequest, facility: str) -> HttpResponse:
        """The page, once a purpose is stated."""
        why = purpose.known(request)
        if why is None:
            return purpose.asked(request)
        with self.writing() as actor:
            found = facility_storing.found(facility, actor)
            looks.note_facilities([found], kind=LookKind.OPENED, purpose=why, by=actor, at=self.now)
            crumbs = (
                Crumb(gettext("Oversight"), reverse("overview")),
                Crumb(gettext("Facilities"), reverse("oversight-facilities")),
                Crumb(found.name),
            )
            heading = _heading(found, crumbs, at=self.now)
            page = facility_view.page(found, heading=heading, links={}, by=actor, at=self.now)
        return self.shown("facilities/one.html", page)


def _heading(found: Facility, crumbs: tuple[Crumb, ...], *, at: datetime, amend: str = "") -> Heading:
    place = ", ".join(part for part in (words.country(found.country), found.nuts_code, found.lau_code) if part)
    return Heading(
        found.name,
        found.reference,
        crumbs,
        facility_view.state(found, at=at),
        (
            Meta("buildings", found.operator_name),
            Meta("globe", place),
            Meta("stack", facility.word("kind", found.kind, language())),
            *(
                (
                    Meta(
                        "calendar-check",
                        gettext("in operation since %(day)s") % {"day": words.day(found.operating_from)},
                    ),
                )
                if found.operating_from
                else ()
            ),
        ),
        main_link=Link(gettext("Amend"), amend, "pencil-simple") if amend else None,
    )


def _chosen(request: HttpRequest, actor: Actor) -> QuerySet[Facility]:
    """What the filters of the address let through; nonsense in them is no filter."""
    chosen = Facility.objects.visible_to(actor)
    asked, kind, size = (request.GET.get(name, "") for name in ("q", "kind", "size"))
    if asked.isprintable() and asked:
        chosen = chosen.filter(name__icontains=asked[:100])
    if kind in FacilityKind.values:
        chosen = chosen.filter(kind=kind)
    if size in SIZES:
        chosen = chosen.filter(size_class=size)
    if (country := request.GET.get("country")) in drawn.MEMBERS:
        chosen = chosen.filter(country=country)
    return chosen.order_by("-registered_at", "id")


def _listed(
    request: HttpRequest,
    heading: Heading,
    actor: Actor,
    *,
    at: datetime,
    one: str,
    has_operator: bool,
    why: Purpose | None = None,
) -> FacilitiesPage:
    chosen = _chosen(request, actor)
    shown = part(request, chosen)
    if why is not None:
        looks.note_facilities(list(shown.rows), kind=LookKind.LISTED, purpose=why, by=actor, at=at)
    standing = _standing(shown.rows, at=at)
    route = "oversight-facilities" if has_operator else "workspace-facilities"
    query = request.GET.urlencode()
    return FacilitiesPage(
        heading=heading,
        key_figures=_key_figures(actor, at=at),
        rows=tuple(
            facility_view.row(each, href=reverse(one, args=[each.reference]), standing=standing.get(each.id, 0), at=at)
            for each in shown.rows
        ),
        filters=_filters(request),
        files=table_file.links(route, query=f"?{query}" if query else ""),
        has_operator=has_operator,
        pager=shown.pager,
    )


def _standing(rows: Iterable[Facility], *, at: datetime) -> dict[UUID, int]:
    """How many accelerators stand today, by facility."""
    held = Installation.objects.standing(facility_storing.today(at)).filter(facility__in=[row.id for row in rows])
    return {each["facility_id"]: each["total"] for each in held.values("facility_id").annotate(total=Sum("count"))}


def _key_figures(actor: Actor, *, at: datetime) -> tuple[KeyFigure, ...]:
    seen = Facility.objects.visible_to(actor)
    total = seen.aggregate(power=Sum("it_power_kw"))["power"]
    owing = seen.filter(it_power_kw__gte=facility.REPORTING_FROM_KW).count()
    standing = Installation.objects.visible_to(actor).standing(facility_storing.today(at))
    held = standing.aggregate(total=Sum("count"))["total"] or 0
    return (
        KeyFigure(
            gettext("Facilities"), words.count(seen.count()), gettext("registered"), "#facilities-h", "buildings"
        ),
        KeyFigure(
            gettext("Installed IT power"),
            gettext("%(amount)s kW") % {"amount": facility_view.amount(total)},
            gettext("all facilities together"),
            "#facilities-h",
            "lightning",
        ),
        KeyFigure(
            gettext("Accelerators"), words.count(held), gettext("installed or operating today"), "#facilities-h", "cpu"
        ),
        KeyFigure(
            gettext("Report each year"),
            words.count(owing),
            gettext("500 kW or more, by 15 May"),
            "#facilities-h",
            "calendar-check",
        ),
    )


def _filters(request: HttpRequest) -> Filters:
    def select(name: str, label: str, codes: Sequence[str], of: str) -> Field:
        named = {code: facility.word(of, code, language()) for code in codes}
        return choices.select(name, label, named, request.GET.get(name, ""), everything=gettext("All"))

    country, states = request.GET.get("country", ""), choices.member_states()
    place = choices.select("country", gettext("Member State"), states, country, everything=gettext("All 27"))
    return Filters(
        gettext("Filter"),
        (
            Field("q", gettext("Name"), "search", request.GET.get("q", "")[:100]),
            select("kind", gettext("Type"), FacilityKind.values, "kind"),
            select("size", gettext("Size"), SIZES, "size_class"),
            *((place,) if country else ()),
        ),
        request.path,
        request.path,
    )


def _file_rows(request: HttpRequest, actor: Actor, *, at: datetime) -> list[tuple[object, ...]]:
    rows = list(_chosen(request, actor))
    standing = _standing(rows, at=at)
    return [
        (
            row.reference,
            row.name,
            row.operator_name,
            row.owner_name,
            row.kind,
            row.country,
            row.nuts_code,
            row.lau_code,
            row.operating_from,
            row.closed_on,
            row.it_power_kw,
            row.size_class,
            standing.get(row.id, 0),
        )
        for row in rows
    ]
