"""Findings of the screening rules: the list with its filters, taking several up into cases, and the list as a file."""

from collections.abc import Iterable

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from registry.accounts.policy import Permission
from registry.acting import Actor, Audience
from registry.errors import Conflict, Invalid
from registry.oversight import case_opening, case_queries, looks
from registry.oversight.case_queries import Sought
from registry.oversight.models import LookKind
from registry.oversight.purposes import Purpose
from registry.portal import case_marks, purpose, stop_marks, table_file
from registry.portal.page import REGULATORS, Page, language, said, with_query
from registry.portal.paging import part
from registry.portal.presentation import choices, drawn, words
from registry.portal.presentation.cases import FindingLine, FindingsPage, StopMark
from registry.portal.presentation.marks import Crumb, Field, Filters, Heading, Link, Tab
from registry.portal.table_file import ListFile
from registry.screening import rulebook
from registry.screening.models import Finding

CSV_ROWS = 10_000
STANDINGS = ("", "waiting", "open", "closed")
COLUMNS = (
    "finding", "rule", "version", "severity", "territory", "subject", "reference", "found_at", "case", "outcome",
)  # fmt: skip


class Findings(Page):
    """The list."""

    permission = Permission.FINDING_READ
    audiences = REGULATORS

    def get(self, request: HttpRequest) -> HttpResponse:
        """A page of it, newest first; those that wait can be taken up."""
        if (why := purpose.known(request)) is None:
            return purpose.asked(request)
        sought = asked_for(request)
        with self.writing() as actor:
            shown = part(request, case_queries.findings(actor, sought), per_page=50)
            stops = stop_marks.marks(shown.rows, actor, self.now)
            rows = tuple(_line(each, stops.get(each.id)) for each in shown.rows)
            tabs = _tabs(request, actor, sought)
            _note_looks(shown.rows, why, by=actor, at=self)
        may_open = Permission.CASE_HANDLE.value in self.actor.permissions
        page = FindingsPage(
            heading=Heading(
                gettext("Findings"),
                gettext("What the screening rules hit. None decides by itself; the grave ones are in cases already."),
                (Crumb(gettext("Oversight"), reverse("overview")), Crumb(gettext("Findings"))),
                links=(
                    Link(gettext("Cases"), reverse("cases"), "folder-open"),
                    Link(gettext("Stops and authorisations"), reverse("authorisations"), "shield-check"),
                    Link(gettext("Rules"), reverse("screening-rules"), "sliders-horizontal"),
                ),
            ),
            filters=_filters(request, self.actor),
            rows=rows,
            tabs=tabs,
            files=table_file.links("findings", query=with_query(request, {})),
            open_href=reverse("findings-open") if may_open else "",
            pager=shown.pager,
        )
        return self.shown("oversight/findings.html", page)


class OpenCase(Page):
    """Taking findings up."""

    permission = Permission.CASE_HANDLE
    audiences = REGULATORS

    def post(self, request: HttpRequest) -> HttpResponse:
        """Put them into cases; to the case if there is one, else to the queue."""
        try:
            chosen = [int(each) for each in request.POST.getlist("finding") if each.isascii() and each.isdigit()]
            with self.writing() as actor:
                cases = case_opening.open_case(
                    findings=[each for each in chosen if each < 2**63],
                    text=request.POST.get("text", ""),
                    by=actor,
                    at=self.now,
                )
        except (Invalid, Conflict) as refused:
            messages.error(request, " ".join(said(refused)))
            return redirect("findings")
        told = ngettext("Taken up in %(count)s case.", "Taken up in %(count)s cases.", len(cases))
        messages.success(request, told % {"count": words.count(len(cases))})
        return redirect("case", cases[0].reference) if len(cases) == 1 else redirect("cases")


class FindingsFile(ListFile, Page):
    """The list as a file: codes and references, no names."""

    permission = Permission.FINDING_READ
    audiences = REGULATORS

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """The same filters; filings in it are noted as looked at."""
        if (why := purpose.known(request)) is None:
            return purpose.asked(request)
        with self.writing() as actor:
            found = list(case_queries.findings(actor, asked_for(request))[:CSV_ROWS])
            _note_looks(found, why, by=actor, at=self)
        return self.sent("findings", COLUMNS, [_columns(each) for each in found])


def asked_for(request: HttpRequest) -> Sought:
    """What the address narrows the list to; nonsense is left out."""
    query = request.GET
    return Sought(
        rule=query.get("rule", "") if query.get("rule") in {rule.code for rule in rulebook.rows()} else "",
        severity=query.get("severity", "") if query.get("severity") in set(rulebook.Severity) else "",
        standing=query.get("view", "") if query.get("view") in STANDINGS else "",
        territory=query.get("state", "") if query.get("state") in {*drawn.MEMBERS, "EU"} else "",
        words=query.get("q", "").replace("\x00", "").strip()[:200],
    )


def _note_looks(rows: Iterable[Finding], why: Purpose, *, by: Actor, at: Page) -> None:
    filings = [each.filing for each in rows if each.filing is not None]
    looks.note(filings, kind=LookKind.LISTED, purpose=why, by=by, at=at.now)


def _line(finding: Finding, stop: StopMark | None) -> FindingLine:
    case = getattr(finding, "case_reference", "") or ""
    return case_marks.finding_line(
        finding,
        case=case,
        case_state=getattr(finding, "case_state", "") or "",
        outcome_code=getattr(finding, "case_outcome", "") or "",
        stop=stop,
    )


def _columns(each: Finding) -> tuple[object, ...]:
    place = each.filing.reference if each.filing is not None else each.facility.reference if each.facility else ""
    return (
        each.id, each.rule, each.rule_version, each.severity, each.territory, each.subject_kind, place,
        each.found_at.isoformat(), getattr(each, "case_reference", "") or "", getattr(each, "case_outcome", "") or "",
    )  # fmt: skip


def _tabs(request: HttpRequest, actor: Actor, sought: Sought) -> tuple[Tab, ...]:
    texts = {
        "": gettext("All"),
        "waiting": gettext("Without a case"),
        "open": gettext("In an open case"),
        "closed": gettext("Decided"),
    }

    def counted(standing: str) -> "QuerySet[Finding]":
        narrowed = Sought(sought.rule, sought.severity, standing, sought.territory, sought.words)
        return case_queries.findings(actor, narrowed)

    return tuple(
        Tab(text, counted(name).count(), with_query(request, {"view": name}), name == sought.standing)
        for name, text in texts.items()
    )


def _filters(request: HttpRequest, actor: Actor) -> Filters:
    rules = {rule.code: f"{rule.code} {rule.names[language()]}" for rule in rulebook.rows()}
    query = request.GET
    chosen = {name: query.get(name, "") for name in ("rule", "severity", "state")}
    named = dict(sorted(rules.items()))
    severities = case_marks.severities()
    fields = [
        choices.select("rule", gettext("Rule"), named, chosen["rule"], everything=gettext("All rules")),
        choices.select("severity", gettext("Severity"), severities, chosen["severity"], everything=gettext("All")),
    ]
    if actor.audience is Audience.AI_OFFICE:
        territories = choices.territories()
        fields.append(
            choices.select("state", gettext("Territory"), territories, chosen["state"], everything=gettext("All"))
        )
    fields.append(Field("q", gettext("Party, group or reference"), "search", query.get("q", "")[:200]))
    if view := query.get("view", ""):
        fields.append(Field("view", "", "hidden", view[:20]))
    return Filters(gettext("Filter the findings"), tuple(fields), reverse("findings"))
