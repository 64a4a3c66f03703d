"""A facility as pages show it: facts, checks' answers, lots, reports, what is owed, history."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext

from registry.acting import Actor
from registry.compute import facility, facility_checks, facility_storing
from registry.compute.facility import FacilityStatement
from registry.compute.models import Facility, FacilityAct, FacilityReport, Installation
from registry.filings import duties, facility_owed
from registry.filings.models import Duty
from registry.portal import duty_marks, facility_figure
from registry.portal.page import language
from registry.portal.presentation import words
from registry.portal.presentation.facilities import Answer, FacilityPage, FacilityRow, LotRow, Owed, ReportRow
from registry.portal.presentation.marks import Fact, Happening, Heading, Label, Link, Section, Tone
from registry.portal.presentation.overview import KeyFigure

SEVERITIES = {
    "error": (Tone.ALERT, "warning-octagon"),
    "warning": (Tone.WAITING, "warning"),
    "note": (Tone.PLAIN, "info"),
}
STAGES = {
    "planned": (Tone.PLAIN, "calendar-blank"),
    "ordered": (Tone.PLAIN, "receipt"),
    "delivered": (Tone.NEW, "download-simple"),
    "installed": (Tone.REVIEW, "hard-drives"),
    "operating": (Tone.DONE, "cpu"),
    "retired": (Tone.PLAIN, "x-circle"),
}
ACTS_SHOWN = 30


def amount(value: Decimal | None) -> str:
    """A quantity with the language's separators; a dash for none."""
    return words.count(value.normalize() + 0) if value is not None else "—"


def row(found: Facility, *, href: str, standing: int, at: datetime) -> FacilityRow:
    """A facility as a line of a list."""
    place = " · ".join(part for part in (words.country(found.country), found.nuts_code) if part)
    return FacilityRow(
        reference=found.reference,
        href=href,
        name=found.name,
        operator=found.operator_name,
        place=place,
        power=gettext("%(amount)s kW") % {"amount": amount(found.it_power_kw)},
        size=facility.word("size_class", found.size_class, language()) if found.size_class else "—",
        accelerators=words.count(standing),
        state=state(found, at=at),
    )


def state(found: Facility, *, at: datetime) -> Label:
    """Planned, in operation, closed; or what the checks warn of."""
    today = facility_storing.today(at)
    if found.closed_on is not None and found.closed_on <= today:
        return Label(gettext("Closed"), Tone.PLAIN, "prohibit")
    if any(said.severity == "warning" for said in facility_storing.said_in(found.answers)):
        return Label(gettext("Warnings"), Tone.WAITING, "warning")
    if found.operating_from is None:
        return Label(gettext("Planned"), Tone.PLAIN, "calendar-blank")
    return Label(gettext("In operation"), Tone.DONE, "check-circle")


def page(found: Facility, *, heading: Heading, links: Mapping[str, str], by: Actor, at: datetime) -> FacilityPage:
    """The page of one facility. `links` are addresses of what can be done, by verb; none for an authority."""
    site, today = facility_storing.site_of(found), facility_storing.today(at)
    reports = list(found.reports.order_by("-year", "-number"))
    newest = {each.year: each for each in reversed(reports)}
    periods = list(Installation.objects.visible_to(by).filter(facility=found).select_related("cluster", "accelerator"))
    standing = sum(each.count for each in periods if each.stage in facility.STANDING and _holds(each, today))
    owed = _owed(found, links=links, by=by, at=at)
    return FacilityPage(
        heading=heading,
        key_figures=_key_figures(found, standing=standing, newest=newest, owed=owed),
        figure=facility_figure.figure(site, today=today),
        answers=answers(found.answers),
        lots=tuple(_lot(each, links.get("change", "")) for each in reversed(periods)),
        clusters=tuple(_cluster(each) for each in found.clusters.order_by("name")),
        reports=tuple(_report(newest[year], links.get("amend_report", "")) for year in sorted(newest, reverse=True)),
        report_answers=answers(newest[max(newest)].answers) if newest else (),
        owed=owed,
        sections=_sections(site.statement),
        history=_history(found, reports),
        links=tuple(
            Link(text, links[verb], icon)
            for verb, text, icon in (
                ("install", gettext("Put up accelerators"), "plus"),
                ("cluster", gettext("Put up a cluster"), "graph"),
                ("report", gettext("Report a year"), "note-pencil"),
            )
            if verb in links
        ),
    )


def answers(stored: Sequence[Mapping[str, Any]]) -> tuple[Answer, ...]:
    """What the checks said, in words."""
    found = []
    for said in facility_storing.said_in(stored):
        text = facility_checks.told(said, language=language())
        tone, icon = SEVERITIES[said.severity]
        named = {"error": gettext("Error"), "warning": gettext("Warning"), "note": gettext("Note")}[said.severity]
        found.append(Answer(Label(named, tone, icon), text.sentence, text.remedy, said.subject.partition(":")[2]))
    return tuple(found)


def _holds(period: Installation, today: Any) -> bool:
    return period.from_on <= today and (period.until_on is None or period.until_on > today)


def _key_figures(
    found: Facility, *, standing: int, newest: Mapping[int, FacilityReport], owed: Sequence[Owed]
) -> tuple[KeyFigure, ...]:
    last = newest[max(newest)] if newest else None
    late = [each for each in owed if each.state.tone is Tone.ALERT]
    size = facility.word("size_class", found.size_class, language()) if found.size_class else gettext("below 100 kW")
    return (
        KeyFigure(gettext("Installed IT power"), f"{amount(found.it_power_kw)} kW", size, "#statement-h", "lightning"),
        KeyFigure(
            gettext("Accelerators"), words.count(standing), gettext("installed or operating today"), "#lots-h", "cpu"
        ),
        KeyFigure(
            gettext("PUE"),
            amount(last.pue) if last else "—",
            gettext("year %(year)s") % {"year": last.year} if last else gettext("no year reported"),
            "#reports-h",
            "pulse",
        ),
        KeyFigure(
            gettext("Reports overdue"),
            words.count(len(late)),
            gettext("by 15 May, each year"),
            "#owed-h" if owed else "#reports-h",
            "calendar-check",
            "late" if late else "",
        ),
    )


def _lot(each: Installation, change: str) -> LotRow:
    tone, icon = STAGES[each.stage]
    is_struck = each.until_on == each.from_on
    delivery = words.short_day(each.delivered_on) if each.delivered_on else "—"
    return LotRow(
        lot=each.lot,
        accelerator=str(each.accelerator),
        count=words.count(each.count),
        stage=Label(facility.word("stage", each.stage, language()), tone, icon),
        days=gettext("struck") if is_struck else facility_figure.days(each.from_on, each.until_on),
        cluster=each.cluster.name if each.cluster else "—",
        delivery=" · ".join(part for part in (delivery, each.evidence) if part),
        is_struck=is_struck,
        change_href=change.replace("00000000-0000-0000-0000-000000000000", str(each.id))
        if change and each.until_on is None
        else "",
    )


def _cluster(each: Any) -> Section:
    facts = (
        Fact(gettext("Network"), each.network or "—"),
        Fact(gettext("Interconnect"), f"{amount(each.interconnect_gbit_per_s)} Gbit/s"),
        Fact(gettext("Days"), facility_figure.days(each.from_on, each.until_on)),
    )
    return Section(each.name, facts)


def _report(each: FacilityReport, amend: str) -> ReportRow:
    return ReportRow(
        year=str(each.year),
        version=gettext("version %(number)s") % {"number": each.number},
        energy=f"{amount(each.total_energy_kwh)} kWh",
        pue=amount(each.pue),
        wue=amount(each.wue),
        erf=amount(each.erf),
        ref=amount(each.ref),
        reported=words.short_day(each.at),
        amend_href=f"{amend}?year={each.year}" if amend else "",
    )


def _owed(found: Facility, *, links: Mapping[str, str], by: Actor, at: datetime) -> tuple[Owed, ...]:
    rows = Duty.objects.visible_to(by).of_organisations()
    mine = rows.filter(subject=found.reference, code=facility_owed.CODE, is_current=True).select_related("filing")
    name = duties.duty_text(facility_owed.CODE, language()).name
    shown = []
    for each in mine.order_by("-trigger_on"):
        shown.append(
            Owed(
                text=f"{name}, {each.trigger_on.year}",
                due=duty_marks.due(each),
                state=duty_marks.state(each, at),
                href=duty_marks.address(each) if "report" in links else "",
            )
        )
    return tuple(shown)


def _sections(said: FacilityStatement) -> tuple[Section, ...]:
    facts = []
    for name, value in facility.plain(said).items():
        if name in {"schema_version", "operator", "owner"}:
            continue
        facts.append(Fact(facility.label("statement", name, language()), _value(name, value)))
    contacts = [
        Fact(
            facility.label("statement", who, language()),
            contact.name,
            " · ".join(each for each in (contact.email, contact.phone) if each),
        )
        for who, contact in (("operator", said.operator), ("owner", said.owner))
        if contact
    ]
    found = [Section(gettext("Statement"), tuple(facts))]
    return tuple([*found, Section(gettext("Contacts"), tuple(contacts))] if contacts else found)


def _value(name: str, value: Any) -> str:
    lists = {"kind": "kind", "electrical_redundancy": "redundancy", "cooling_redundancy": "redundancy"}
    lists["hardware_control"] = "hardware_control"
    if name in lists:
        return facility.word(lists[name], value, language())
    if name == "country":
        return words.country(value)
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, list):
        return ", ".join(map(words.country, value))
    return amount(Decimal(value)) if name == "it_power_kw" else str(value)


def _history(found: Facility, reports: Sequence[FacilityReport]) -> tuple[Happening, ...]:
    told = [
        Happening(_icon(act), facility.word("act", act.kind, language()), act.at, "", act.actor_name)
        for act in found.acts.order_by("-number")[:ACTS_SHOWN]
    ]
    told += [
        Happening(
            "note-pencil",
            facility.word("act", "facility.reported" if each.number == 1 else "facility.report_amended", language()),
            each.at,
            str(each.year),
            each.actor_name,
        )
        for each in reports
    ]
    return tuple(sorted(told, key=lambda each: each.at, reverse=True)[:ACTS_SHOWN])


def _icon(act: FacilityAct) -> str:
    return {"facility.registered": "buildings", "facility.amended": "pencil-simple"}.get(
        act.kind, "graph" if "cluster" in act.kind else "cpu"
    )


def own_links(found: Facility, *, may_state: bool) -> dict[str, str]:
    """Where an operator does what it may do with its facility."""
    if not may_state:
        return {}
    at = [found.reference]
    nobody = "00000000-0000-0000-0000-000000000000"
    return {
        "amend": reverse("workspace-facilities-amend", args=at),
        "install": reverse("workspace-facilities-install", args=at),
        "cluster": reverse("workspace-facilities-cluster", args=at),
        "report": reverse("workspace-facilities-report", args=at),
        "amend_report": reverse("workspace-facilities-report", args=at),
        "change": reverse("workspace-facilities-change", args=[*at, nobody]),
    }
