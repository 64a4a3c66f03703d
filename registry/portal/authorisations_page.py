"""Stops of R-22 and what lifts them: customers stopped, authorisations recorded, proposing one, the second person."""

import uuid
from datetime import date, timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext

from registry.accounts import proposals
from registry.accounts.models import Proposal, ProposalStatus
from registry.accounts.policy import Permission
from registry.acting import Actor
from registry.dispatch import outbox
from registry.errors import Conflict, Invalid, NotFound, NotPermitted, NotPossible
from registry.filings.working_days import day_of
from registry.portal import case_marks, purpose, stop_marks
from registry.portal.page import REGULATORS, Page, language, said, with_query
from registry.portal.paging import part
from registry.portal.presentation import words
from registry.portal.presentation.access import FormPage
from registry.portal.presentation.authorisations import AuthorisationLine, AuthorisationsPage, StoppedLine
from registry.portal.presentation.marks import Crumb, Field, Heading, Label, Notice, Tab, Tone
from registry.portal.stop_marks import Standing
from registry.screening import authorisations
from registry.screening.models import Authorisation, Finding

RECORDED = "recorded"
USUAL = timedelta(days=180)


class Authorisations(Page):
    """Both lists."""

    permission = Permission.AUTHORISATION_RECORD
    audiences = REGULATORS

    def get(self, request: HttpRequest) -> HttpResponse:
        """For a stated purpose: customers stopped, or with `?view=recorded` the authorisations; the newest first."""
        if purpose.known(request) is None:
            return purpose.asked(request)
        shows_recorded = request.GET.get("view") == RECORDED
        with self.reading() as actor:
            stopped = authorisations.prohibited(actor)
            recorded = Authorisation.objects.visible_to(actor).select_related("organisation")
            tabs = _tabs(request, stopped.count(), recorded.count(), shows_recorded=shows_recorded)
            if shows_recorded:
                listed = part(request, recorded.order_by("-recorded_at", "id"))
                page = AuthorisationsPage(
                    _heading(),
                    tabs,
                    recorded=tuple(_recorded(each, day_of(self.now)) for each in listed.rows),
                    shows_recorded=True,
                    pager=listed.pager,
                )
            else:
                shown = part(request, stopped)
                known = stop_marks.standings(shown.rows, actor, self.now)
                lines = tuple(_stopped(each, known.get(each.id, Standing()), actor) for each in shown.rows)
                page = AuthorisationsPage(_heading(), tabs, lines, pager=shown.pager)
        return self.shown("oversight/authorisations.html", page)


class New(Page):
    """Proposing an authorisation for the customer of a finding."""

    permission = Permission.AUTHORISATION_RECORD
    audiences = REGULATORS

    def get(self, request: HttpRequest, finding: int) -> HttpResponse:
        """The form: reference and legal basis of the decision, first and last day, why."""
        if purpose.known(request) is None:
            return purpose.asked(request)
        return self._form(request, finding)

    def post(self, request: HttpRequest, finding: int) -> HttpResponse:
        """Propose it, then to the list; what is not complete is asked again."""
        form = request.POST
        try:
            new = authorisations.NewAuthorisation(
                finding=finding,
                reference=_written(request, "reference"),
                legal_basis=_written(request, "legal_basis"),
                from_on=_day(form.get("from_on", "")),
                until_on=_day(form.get("until_on", "")),
                reason=_written(request, "reason"),
            )
            with self.writing() as actor:
                authorisations.propose(new=new, by=actor, at=self.now, announce=outbox.put)
        except Invalid as refused:
            return self._form(request, finding, error=" ".join(said(refused)), status=400)
        told = gettext("A second person of your authority must confirm this. Until then the customer stays stopped.")
        messages.info(request, told)
        return redirect("authorisations")

    def _form(self, request: HttpRequest, number: int, *, error: str = "", status: int = 200) -> HttpResponse:
        with self.reading() as actor:
            found = Finding.objects.visible_to(actor).filter(id=number).select_related("organisation").first()
        if found is None or not authorisations.is_prohibition(found) or found.territory != self.actor.territory:
            raise NotFound
        told = gettext(
            "%(customer)s, customer of %(provider)s, may not be served under Regulation (EU) 833/2014. What you "
            "propose here lets the service go on for its days, once a second person of your authority confirms it."
        ) % {"customer": found.subject_name, "provider": found.organisation.legal_name}
        page = FormPage(
            Heading(gettext("Propose an authorisation"), crumbs=_crumbs(Crumb(gettext("Propose an authorisation")))),
            _fields(request, day_of(self.now)),
            request.get_full_path(),
            told,
            gettext("Propose it"),
            notices=(Notice("error", error),) if error else (),
        )
        answer = self.shown("oversight/exports_form.html", page)
        answer.status_code = status
        return answer


class Decide(Page):
    """The second person's word on an authorisation, or the first one's, who takes the proposal back."""

    permission = Permission.AUTHORISATION_RECORD
    audiences = REGULATORS

    def post(self, request: HttpRequest, proposal: uuid.UUID) -> HttpResponse:
        """Confirm, refuse or withdraw, then back to the list."""
        try:
            with self.writing() as actor:
                known = Proposal.objects.visible_to(actor).filter(id=proposal, kind=authorisations.RECORD)
                if not known.exists():
                    raise NotFound
                told = self._decide(request, proposal, actor)
        except (NotPossible, NotPermitted, Conflict) as refused:
            messages.error(request, " ".join(said(refused)))
        else:
            messages.success(request, told)
        return redirect("authorisations")

    def _decide(self, request: HttpRequest, proposal: uuid.UUID, by: Actor) -> str:
        decision = request.POST.get("decision", "")
        if decision == "confirm":
            proposals.confirm(proposal_id=proposal, by=by, at=self.now, announce=outbox.put)
            return gettext("Confirmed. It is carried out within seconds; reload to see what became of it.")
        if decision == "withdraw":
            proposals.withdraw(proposal_id=proposal, by=by, at=self.now, announce=outbox.put)
            return gettext("Withdrawn. Nothing was changed.")
        reason = _written(request, "reason") or gettext("Refused.")
        proposals.refuse(proposal_id=proposal, reason=reason, by=by, at=self.now, announce=outbox.put)
        return gettext("Refused. Nothing was changed.")


def _written(request: HttpRequest, name: str) -> str:
    """What was written into a field, without the octet that the database does not keep."""
    return request.POST.get(name, "").replace("\x00", "").strip()


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid("A day is needed.", remedy="Choose another day.") from None


def _tabs(request: HttpRequest, stopped: int, recorded: int, *, shows_recorded: bool) -> tuple[Tab, ...]:
    return (
        Tab(gettext("Customers"), stopped, with_query(request, {"view": ""}), not shows_recorded),
        Tab(gettext("Authorisations"), recorded, with_query(request, {"view": RECORDED}), shows_recorded),
    )


def _stopped(finding: Finding, standing: Standing, by: Actor) -> StoppedLine:
    asked, decide = standing.asked, ""
    if asked is not None and asked.status == ProposalStatus.PENDING:
        decide = reverse("authorisations-decide", args=[asked.id])
    is_own = asked is not None and asked.proposed_by == by.id
    may_propose = asked is None and finding.territory == by.territory  # also before an authorisation ends
    return StoppedLine(
        customer=finding.subject_name,
        provider=finding.organisation.legal_name,
        country=case_marks.place(finding.territory),
        found_at=finding.found_at,
        why=f"{finding.rule} {case_marks.rule_name(finding.rule, finding.rule_version)}",
        state=standing.label(),
        sentence=asked.sentence(language()) if asked is not None else "",
        asked_by=asked.proposer_name if asked is not None else "",
        propose_href=reverse("authorisations-new", args=[finding.id]) if may_propose else "",
        decide_href="" if is_own else decide,
        withdraw_href=decide if is_own else "",
    )


def _recorded(row: Authorisation, today: date) -> AuthorisationLine:
    return AuthorisationLine(
        customer=row.customer_name,
        provider=row.organisation.legal_name,
        country=case_marks.place(row.territory),
        reference=row.reference,
        basis=row.legal_basis,
        reason=row.reason,
        from_on=row.from_on,
        until_on=row.until_on,
        state=_state(row, today),
    )


def _state(row: Authorisation, today: date) -> Label:
    if today > row.until_on:
        return Label(gettext("Ended"), Tone.PLAIN, "clock")
    if today < row.from_on:
        return Label(gettext("From %(day)s") % {"day": words.day(row.from_on)}, Tone.WAITING, "hourglass-medium")
    return Label(gettext("In force"), Tone.DONE, "shield-check")


def _fields(request: HttpRequest, today: date) -> tuple[Field, ...]:
    form = request.POST
    return (
        Field(
            "reference",
            gettext("Reference of the decision"),
            value=form.get("reference", "")[: authorisations.LONGEST_REFERENCE],
            limit=authorisations.LONGEST_REFERENCE,
            required=True,
        ),
        Field(
            "legal_basis",
            gettext("Legal basis"),
            value=form.get("legal_basis", "")[: authorisations.LONGEST_BASIS],
            limit=authorisations.LONGEST_BASIS,
            required=True,
            help=gettext("Article and paragraph of the exemption or authorisation."),
        ),
        Field("from_on", gettext("From"), "date", form.get("from_on", today.isoformat())[:10], required=True),
        Field(
            "until_on", gettext("Until"), "date", form.get("until_on", (today + USUAL).isoformat())[:10], required=True
        ),
        Field(
            "reason",
            gettext("Reason"),
            "area",
            form.get("reason", "")[: authorisations.LONGEST_REASON],
            rows=3,
            limit=authorisations.LONGEST_REASON,
            required=True,
            help=gettext("For the second person and for the file; ten characters at least."),
        ),
    )


def _heading() -> Heading:
    told = gettext("Customers whom rule R-22 stops under Regulation (EU) 833/2014, and what lifts the stop.")
    return Heading(gettext("Stops and authorisations"), told, _crumbs())


def _crumbs(*more: Crumb) -> tuple[Crumb, ...]:
    title = gettext("Stops and authorisations")
    here = Crumb(title, reverse("authorisations")) if more else Crumb(title)
    return (Crumb(gettext("Oversight"), reverse("overview")), here, *more)
