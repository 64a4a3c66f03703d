"""The queue of cases: saved views, filters in the address, several assigned at once."""

from uuid import UUID

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from registry.accounts.policy import Permission
from registry.acting import Actor, Audience
from registry.errors import DomainError, Invalid
from registry.oversight import case_actions, case_queries
from registry.oversight.models import Case
from registry.portal import case_marks, purpose, queue
from registry.portal.page import REGULATORS, Page, said, with_query
from registry.portal.paging import part
from registry.portal.presentation import choices, drawn, words
from registry.portal.presentation.cases import CasesPage
from registry.portal.presentation.marks import Crumb, Field, Filters, Heading, Link, Option, Tab
from registry.screening.rulebook import Severity


class Cases(Page):
    """The queue."""

    permission = Permission.CASE_READ
    audiences = REGULATORS

    def get(self, request: HttpRequest) -> HttpResponse:
        """A page of it, who waits longest first."""
        if purpose.known(request) is None:
            return purpose.asked(request)
        me = queue.me(self.actor)
        with self.reading() as actor:
            found = _filtered(request, case_queries.cases(actor))
            known = case_queries.views(me)
            view = request.GET.get("view", "all") if request.GET.get("view") in known else "all"
            tabs = _tabs(request, found, view, me)
            ordered = found.filter(known[view])
            shown = part(request, ordered.order_by("-closed_at", "reference") if view == "closed" else ordered)
            rows = tuple(case_marks.case_line(case) for case in shown.rows)
            people = _people(actor, self)
        may_assign = Permission.CASE_HANDLE.value in self.actor.permissions and view != "closed"
        page = CasesPage(
            heading=Heading(
                gettext("Cases"),
                gettext("What your authority makes of findings. Who waits longest stands first."),
                (Crumb(gettext("Oversight"), reverse("overview")), Crumb(gettext("Cases"))),
                links=(Link(gettext("Findings"), reverse("findings"), "flag"),),
            ),
            filters=_filters(request, self.actor),
            tabs=tabs,
            rows=rows,
            people=people,
            assign_href=reverse("cases-assign") if may_assign else "",
            pager=shown.pager,
        )
        return self.shown("oversight/cases.html", page)


class AssignSeveral(Page):
    """Giving the cases that are ticked to a person, or to nobody."""

    permission = Permission.CASE_HANDLE
    audiences = REGULATORS

    def post(self, request: HttpRequest) -> HttpResponse:
        """All or none; then back to the queue."""
        chosen = [each[:32] for each in request.POST.getlist("case")]
        try:
            if not chosen:
                raise Invalid("Choose at least one case.")
            with self.writing() as actor:
                case_actions.assign(references=chosen, to=person(request.POST.get("person", "")), by=actor, at=self.now)
        except DomainError as refused:
            messages.error(request, " ".join(said(refused)))
        else:
            told = ngettext("%(count)s case assigned.", "%(count)s cases assigned.", len(chosen))
            messages.success(request, told % {"count": words.count(len(chosen))})
        return redirect("cases")


def person(text: str) -> UUID | None:
    """Whom a form names; the empty text is nobody. Raises `Invalid` for what is no person."""
    try:
        return UUID(text) if text else None
    except ValueError:
        raise Invalid(
            "Nobody of your authority who handles cases is meant.", remedy="Choose a person from the list."
        ) from None


def _people(actor: Actor, page: Page) -> tuple[Option, ...]:
    if Permission.CASE_HANDLE.value not in actor.permissions:
        return ()
    people = [(each.user_id, each.user.name) for each in case_actions.colleagues(actor, page.now)]
    return case_marks.people_options(people, me=queue.me(actor))


def _filtered(request: HttpRequest, found: "QuerySet[Case]") -> "QuerySet[Case]":
    query = request.GET
    if (severity := query.get("severity")) in set(Severity):
        found = found.filter(severity=severity)
    if (state := query.get("state")) in {*drawn.MEMBERS, "EU"}:
        found = found.filter(territory=state)
    if text := query.get("q", "").replace("\x00", "").strip()[:200]:
        found = found.filter(Q(title__icontains=text) | Q(reference__istartswith=text) | Q(group_key=text))
    return found


def _tabs(request: HttpRequest, found: "QuerySet[Case]", view: str, me: UUID | None) -> tuple[Tab, ...]:
    texts = {
        "all": gettext("All open"),
        "mine": gettext("Mine"),
        "unassigned": gettext("Unassigned"),
        "closed": gettext("Closed"),
    }
    counts = {name: found.filter(chosen).count() for name, chosen in case_queries.views(me).items()}
    return tuple(
        Tab(text, counts[name], with_query(request, {"view": "" if name == "all" else name}), name == view)
        for name, text in texts.items()
    )


def _filters(request: HttpRequest, actor: Actor) -> Filters:
    query = request.GET
    severities, severity = case_marks.severities(), query.get("severity", "")
    fields = [choices.select("severity", gettext("Severity"), severities, severity, everything=gettext("All"))]
    if actor.audience is Audience.AI_OFFICE:
        territories, state = choices.territories(), query.get("state", "")
        fields.append(choices.select("state", gettext("Territory"), territories, state, everything=gettext("All")))
    fields.append(Field("q", gettext("Party, group or reference"), "search", query.get("q", "")[:200]))
    if view := query.get("view", ""):
        fields.append(Field("view", "", "hidden", view[:20]))
    return Filters(gettext("Filter the cases"), tuple(fields), reverse("cases"))
