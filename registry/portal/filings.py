"""The filing page of an authority: purpose first, then the page; one view a step of the decision."""

from datetime import date, datetime
from typing import ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext

from registry.accounts import precision
from registry.accounts.policy import Permission
from registry.acting import Actor
from registry.errors import Conflict, Invalid, NotFound, NotPossible
from registry.filings import actions
from registry.filings.document.rendering import rendered
from registry.filings.lifecycle import Status
from registry.filings.models import Filing
from registry.filings.working_days import end_of_day
from registry.oversight import actions as oversight
from registry.oversight.models import LookKind
from registry.oversight.purposes import Purpose
from registry.portal import document_view, filing_page, labels, purpose, queue, step_forms
from registry.portal.page import REGULATORS, Page, language, said
from registry.portal.presentation.filing import PurposePage
from registry.portal.presentation.marks import Crumb, Heading


def known_purpose(request: HttpRequest, reference: str) -> Purpose | None:
    """The purpose stated for this filing in this session, or for the session; or nothing."""
    return purpose.known(request, reference)


def opened(reference: str, why: Purpose, *, by: Actor, at: datetime, kind: LookKind = LookKind.OPENED) -> Filing:
    """The filing, with the look logged. A draft is nobody's business but the provider's."""
    if Filing.objects.visible_to(by).filter(reference=reference).exclude(status=Status.DRAFT.value).first() is None:
        raise NotFound
    return oversight.open_filing(reference=reference, purpose=why, by=by, at=at, kind=kind)


class Open(Page):
    """Why somebody opens an identified filing."""

    permission = Permission.FILING_READ
    audiences = REGULATORS

    def get(self, request: HttpRequest, reference: str) -> HttpResponse:
        """The question."""
        fields = purpose.fields(self.actor, chosen=known_purpose(request, reference))
        heading = Heading(
            gettext("Why do you open %(reference)s?") % {"reference": reference},
            crumbs=crumbs(Crumb(reference)),
        )
        told = gettext(
            "The filing names its provider. Your answer is logged with your name and the moment and entered in the "
            "register’s log. The provider reads your authority, your role and the reason, not your name."
        )
        return self.shown("oversight/purpose.html", PurposePage(heading, fields, request.path, told))

    def post(self, request: HttpRequest, reference: str) -> HttpResponse:
        """Keep the answer for this session and go to the filing."""
        purpose.keep(request, purpose.given(request, self.actor), reference=reference)
        return redirect("oversight-filings-one", reference=reference)


class OneFiling(Page):
    """The filing."""

    permission = Permission.FILING_READ
    audiences = REGULATORS

    def get(self, request: HttpRequest, reference: str) -> HttpResponse:
        """The page, once a purpose is stated; each look is logged."""
        why = known_purpose(request, reference)
        if not why:
            return redirect("oversight-filings-open", reference=reference)
        with self.writing() as actor:
            found = filing_page.read(opened(reference, why, by=actor, at=self.now), by=actor)
        reviewer = str(found.filing.assigned_to or "")
        page = filing_page.build(
            found,
            by=self.actor,
            at=self.now,
            crumbs=crumbs(),
            reviewer=queue.names_of([reviewer]).get(reviewer, ""),
            purpose=why.text(language()),
        )
        return self.shown("oversight/filing.html", page)


class OneVersion(Page):
    """The document of one version, as it was filed."""

    permission = Permission.FILING_READ
    audiences = REGULATORS

    def get(self, request: HttpRequest, reference: str, number: int) -> HttpResponseBase:
        """JSON; a look like any other."""
        why = known_purpose(request, reference)
        if not why:
            return redirect("oversight-filings-open", reference=reference)
        with self.writing() as actor:
            filing = opened(reference, why, by=actor, at=self.now, kind=LookKind.DOCUMENT)
            version = filing.versions.filter(number=number).first()
        if version is None:
            raise NotFound
        viewer = precision.viewer_of(self.actor, territory=filing.territory)
        told = rendered(
            document_view.members(version.canonical), precision.precisions(viewer=viewer, resource="document")
        )
        return JsonResponse(told, json_dumps_params={"indent": 2})


class Step(Page):
    """One step of a filing's life, taken by a form. A subclass names the verb, and so the permission."""

    permission = Permission.FILING_READ
    audiences = REGULATORS
    verb: ClassVar[str] = ""
    back: ClassVar[str] = "oversight-filings-one"

    def post(self, request: HttpRequest, reference: str) -> HttpResponse:
        """Take it, or say why not; either way back to the filing."""
        try:
            with self.writing() as actor:
                self.require_unchanged(reference, actor)
                self.take(reference, actor)
        except (NotPossible, Conflict, Invalid) as refused:
            messages.error(request, " ".join(said(refused)))
        else:
            messages.success(request, f"{labels.happened(self.verb, 1)}: {reference}")
        return redirect(self.back, reference=reference)

    def take(self, reference: str, by: Actor) -> None:
        """The one domain call."""
        actions.decide(reference=reference, verb=self.verb, reason=self.reason, by=by, at=self.now)

    def require_unchanged(self, reference: str, by: Actor) -> None:
        """Raise `Conflict` when the filing changed since the form was shown."""
        filing = Filing.objects.visible_to(by).filter(reference=reference).first()
        if filing is None:
            raise NotFound
        if str(filing.revision) != self.request.POST.get("revision", ""):
            raise Conflict(
                gettext("The filing changed since you opened the page."),
                remedy=gettext("Look at it again, then decide."),
            )

    @property
    def reason(self) -> str:
        """The reason in the form."""
        return self.request.POST.get("reason", "").strip()[: step_forms.LONGEST_REASON]


class Review(Step):
    """Take a filing from the queue."""

    permission = Permission.FILING_REVIEW
    verb = "review"


class Ask(Step):
    """Ask the provider; the clock stops."""

    permission = Permission.FILING_ASK
    verb = "ask"

    def take(self, reference: str, by: Actor) -> None:
        """The one domain call, with the fields asked about and the day by whose end an answer is asked for."""
        actions.decide(
            reference=reference,
            verb=self.verb,
            reason=self.reason,
            pointers=self.request.POST.getlist("about"),
            answer_by=self._answer_by(),
            by=by,
            at=self.now,
        )

    def _answer_by(self) -> datetime | None:
        written = self.request.POST.get("answer_by", "")
        try:
            return end_of_day(date.fromisoformat(written)) if written else None
        except ValueError:
            raise Invalid(gettext("Choose a day.")) from None


class Accept(Step):
    """Accept a filing."""

    permission = Permission.FILING_ACCEPT
    verb = "accept"


class Return(Step):
    """Return a filing to its provider."""

    permission = Permission.FILING_RETURN
    verb = "return"


class ConfirmWithdrawal(Step):
    """Confirm that an accepted filing is withdrawn."""

    permission = Permission.FILING_CONFIRM_WITHDRAWAL
    verb = "confirm_withdrawal"


def crumbs(*more: Crumb) -> tuple[Crumb, ...]:
    """The path of every page about a filing."""
    return (Crumb(gettext("Oversight"), reverse("overview")), Crumb(gettext("Review queue"), reverse("queue")), *more)
