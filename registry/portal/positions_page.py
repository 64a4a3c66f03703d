"""Positions of owner groups and lineages, for the Union's authority, which states a purpose first."""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext

from registry.accounts.policy import Permission
from registry.acting import Audience
from registry.compute import catalogue
from registry.compute.models import Facility
from registry.errors import NotFound
from registry.filings.working_days import day_of
from registry.portal import position_view, purpose
from registry.portal.page import Page
from registry.portal.paging import part
from registry.portal.presentation import words
from registry.portal.presentation.figures import DataTable, Figure
from registry.portal.presentation.marks import Crumb, Fact, Heading, Label, Pager
from registry.screening import position_register
from registry.screening.models import Bundle, Position
from registry.screening.position_reading import Reading
from registry.screening.position_register import Holdings

_UNION = frozenset({Audience.AI_OFFICE})


@dataclass(frozen=True)
class Row:
    """One position in the list."""

    name: str
    kind: str
    href: str
    window: str
    peak: str
    peak_on: str
    hours: str
    state: Label


@dataclass(frozen=True)
class ListPage:
    """The list."""

    heading: Heading
    rows: tuple[Row, ...]
    pager: Pager | None


@dataclass(frozen=True)
class OnePage:
    """One position: the picture, facts, what it is made of, what came of reconciliation."""

    heading: Heading
    figure: Figure | None
    facts: tuple[Fact, ...]
    limits: tuple[Fact, ...]
    parts: DataTable
    bundles: DataTable


class Positions(Page):
    """All positions, the highest first."""

    permission = Permission.POSITION_READ
    audiences = _UNION

    def get(self, request: HttpRequest) -> HttpResponse:
        """The list, once a purpose is stated."""
        if purpose.known(request) is None:
            return purpose.asked(request)
        heading = Heading(
            gettext("Positions"),
            gettext("Training compute and accelerator-hours by owner group and model lineage, across providers."),
            (Crumb(gettext("Oversight"), reverse("overview")), Crumb(gettext("Positions"))),
        )
        with self.reading() as actor:
            chosen = Position.objects.visible_to(actor).filter(peak_flop__gt=0).order_by("-peak_flop", "pk")
            shown = part(request, chosen)
            page = ListPage(heading, tuple(_row(each) for each in shown.rows), shown.pager)
        return self.shown("oversight/positions.html", page)


class OnePosition(Page):
    """One position over time."""

    permission = Permission.POSITION_READ
    audiences = _UNION

    def get(self, request: HttpRequest, position: int) -> HttpResponse:
        """The page, read as of today, once a purpose is stated."""
        if purpose.known(request) is None:
            return purpose.asked(request)
        with self.reading() as actor:
            found = Position.objects.visible_to(actor).filter(pk=position).first()
            if found is None:
                raise NotFound
            lineage = found.name if found.kind == Position.Kind.LINEAGE else ""
            held = position_register.holdings(found.group)
            read = position_register.reading(held, on=day_of(self.now), lineage=lineage)
            page = OnePage(
                heading=_heading(found),
                figure=position_view.figure(read),
                facts=_facts(found, held, read),
                limits=tuple(Fact(_limit_name(limit.flop), position_view.limit_words(limit)) for limit in read.limits),
                parts=_parts(held, lineage),
                bundles=_bundles(found.group),
            )
        return self.shown("oversight/position.html", page)


def _row(found: Position) -> Row:
    return Row(
        name=words.owner(found.name),
        kind=_kind(found),
        href=reverse("oversight-positions-one", args=[found.pk]),
        window=words.flop(found.window_flop) if found.window_flop else "0",
        peak=words.flop(found.peak_flop) if found.peak_flop else "0",
        peak_on=words.day(found.peak_on) if found.peak_on else "",
        hours=words.count(Decimal(str(found.peak_hours or 0)).quantize(Decimal(1))),
        state=position_view.crossing_label(found),
    )


def _kind(found: Position) -> str:
    return gettext("model lineage") if found.kind == Position.Kind.LINEAGE else gettext("owner group")


def _heading(found: Position) -> Heading:
    crumbs = (
        Crumb(gettext("Oversight"), reverse("overview")),
        Crumb(gettext("Positions"), reverse("oversight-positions")),
        Crumb(words.owner(found.name)),
    )
    return Heading(words.owner(found.name), _kind(found), crumbs)


def _limit_name(flop: Decimal) -> str:
    return gettext("Above %(flop)s FLOP") % {"flop": words.flop(flop)}


def _facts(found: Position, held: Holdings, read: Reading) -> tuple[Fact, ...]:
    runs = sum(len(several) for several in held.runs.values())
    filers = {run.organisation_id for several in held.runs.values() for run in several}
    uses = [use for several in held.uses.values() for use in several]
    return (
        Fact(gettext("Present sum"), f"{words.flop(read.window.flop)} FLOP" if read.window.flop else "0"),
        Fact(gettext("Highest sum"), f"{words.flop(read.peak.flop)} FLOP" if read.peak.flop else "0"),
        Fact(gettext("Accelerator-hours at the highest"), words.count(read.peak.hours.quantize(Decimal(1)))),
        Fact(gettext("Present rate"), gettext("%(flop)s FLOP a day") % {"flop": words.flop(read.rate_flop_per_day)})
        if read.rate_flop_per_day >= 1
        else Fact(gettext("Present rate"), gettext("none")),
        Fact(gettext("Companies that filed"), words.count(len(filers))),
        Fact(gettext("Filed runs"), words.count(runs)),
        Fact(gettext("Access records"), words.count(sum(use.records for use in uses))),
        Fact(gettext("Compute providers"), words.count(len({use.organisation_id for use in uses}))),
    )


def _parts(held: Holdings, lineage: str) -> DataTable:
    """What was filed and reported of each place, whole."""
    sums: defaultdict[tuple[str, str], list[Decimal]] = defaultdict(lambda: [Decimal(0)] * 4)
    for several in held.runs.values():
        for run in several:
            if not lineage or run.lineage == lineage:
                _add(sums[run.facility, run.accelerator], 0, run.flop or Decimal(0), Decimal(str(run.hours)))
    for several_uses in held.uses.values():
        for use in several_uses:
            if not lineage:
                _add(sums[use.facility, use.accelerator], 2, use.flop, Decimal(str(use.hours)))
    names = _facility_names({facility for facility, _ in sums if facility})
    head = (
        gettext("Place"),
        gettext("Filed FLOP"),
        gettext("Filed hours"),
        gettext("Reported FLOP"),
        gettext("Reported hours"),
    )
    rows = sorted((_place(place, names), *map(_number, sums[place], range(4))) for place in sums)
    return DataTable(gettext("Filed and reported by place"), head, tuple(rows))


def _add(row: list[Decimal], first: int, flop: Decimal, hours: Decimal) -> None:
    row[first] += flop
    row[first + 1] += hours


def _number(amount: Decimal, column: int) -> str:
    if not amount:
        return "–"
    return words.count(amount.quantize(Decimal(1))) if column % 2 else words.flop(amount)


def _place(place: tuple[str, str], names: dict[str, str]) -> str:
    facility, accelerator = place
    part = catalogue.catalogue().get(accelerator)
    return ", ".join(
        (names.get(facility, facility) or gettext("no facility named"), part.name if part else accelerator or "–")
    )


def _facility_names(keys: set[str]) -> dict[str, str]:
    found = Facility.objects.filter(pk__in=keys).values_list("pk", "name", "reference")
    return {str(pk): f"{name} ({reference})" for pk, name, reference in found}


def _bundles(group: str) -> DataTable:
    """Every bundle of the group: what both sides say."""
    stored = list(Bundle.objects.filter(group=group).order_by("starts_on", "key"))
    names = _facility_names({each.facility for each in stored if each.facility})
    head = (gettext("Days"), gettext("Place"), gettext("Filed hours"), gettext("Reported hours"), gettext("Result"))
    rows = tuple(
        (
            f"{words.short_day(each.starts_on)} – {words.short_day(each.ends_on)}",
            _place((each.facility, each.accelerator), names),
            words.count(Decimal(str(each.filed_hours)).quantize(Decimal(1))),
            words.count(Decimal(str(each.reported_hours)).quantize(Decimal(1))),
            position_view.state_words(each.state),
        )
        for each in stored
    )
    return DataTable(gettext("Runs and uses held together"), head, rows)
