"""The filing page of an authority: purpose first, then the page; one view a step of the decision."""

from datetime import datetime
from typing import ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext

from registry.accounts.policy import Permission
from registry.acting import Actor
from registry.errors import Conflict, Invalid, NotFound, NotPossible
from registry.filings import actions
from registry.filings.lifecycle import Status
from registry.filings.models import Filing
from registry.oversight import actions as oversight
from registry.portal import document_view, filing_page, labels, queue, step_forms
from registry.portal.page import REGULATORS, Page, said
from registry.portal.presentation.filing import PurposePage
from registry.portal.presentation.marks import Crumb, Field, Heading, Option

PURPOSES = "purposes"  # in the session: reference to purpose, so that one asks once a filing and session
LONGEST_PURPOSE = 200


def purposes() -> dict[str, str]:
    """What an identified filing may be opened for, with its legal basis, by code."""
    return {
        "review": gettext("Review of a filing, AI Act Art. 52, 88(1)"),
        "finding": gettext("Following up a finding, AI Act Art. 91"),
        "alert": gettext("Qualified alert of the scientific panel, AI Act Art. 90"),
        "question": gettext("Question of a national authority, AI Act Art. 88(2)"),
        "quality": gettext("Quality of the register’s data"),
    }


def known_purpose(request: HttpRequest, reference: str) -> str:
    """The purpose stated for this filing in this session, or nothing."""
    return str(request.session.get(PURPOSES, {}).get(reference, ""))


def opened(reference: str, purpose: str, *, by: Actor, at: datetime) -> Filing:
    """The filing, with the look logged. A draft is nobody's business but the provider's."""
    if Filing.objects.visible_to(by).filter(reference=reference).exclude(status=Status.DRAFT.value).first() is None:
        raise NotFound
    return oversight.open_filing(reference=reference, purpose=purpose, by=by, at=at)


class Open(Page):
    """Why somebody opens an identified filing."""

    permission = Permission.FILING_READ
    audiences = REGULATORS

    def get(self, request: HttpRequest, reference: str) -> HttpResponse:
        """The question."""
        options = tuple(Option(code, text) for code, text in purposes().items())
        fields = (
            Field("purpose", gettext("Purpose and legal basis"), "select", options=options, required=True),
            Field("case", gettext("Case or task"), limit=100, help=gettext("Your own number or a few words.")),
        )
        heading = Heading(
            gettext("Why do you open %(reference)s?") % {"reference": reference},
            crumbs=_crumbs(Crumb(reference)),
        )
        told = gettext(
            "The filing names its provider. Your answer is logged with your name and the moment, entered in the "
            "register’s log, and can be read by the provider."
        )
        return self.shown("oversight/purpose.html", PurposePage(heading, fields, request.path, told))

    def post(self, request: HttpRequest, reference: str) -> HttpResponse:
        """Keep the answer for this session and go to the filing."""
        purpose = purposes().get(request.POST.get("purpose", ""))
        if purpose is None:
            raise Invalid(gettext("Choose a purpose from the list."))
        case = request.POST.get("case", "").strip()
        stated = f"{purpose} ({case})" if case else purpose
        kept = request.session.get(PURPOSES, {})
        request.session[PURPOSES] = {**kept, reference: stated[:LONGEST_PURPOSE]}
        return redirect("oversight-filings-one", reference=reference)


class OneFiling(Page):
    """The filing."""

    permission = Permission.FILING_READ
    audiences = REGULATORS

    def get(self, request: HttpRequest, reference: str) -> HttpResponse:
        """The page, once a purpose is stated; each look is logged."""
        purpose = known_purpose(request, reference)
        if not purpose:
            return redirect("oversight-filings-open", reference=reference)
        with self.writing() as actor:
            found = filing_page.read(opened(reference, purpose, by=actor, at=self.now), by=actor)
        reviewer = str(found.filing.assigned_to or "")
        page = filing_page.build(
            found,
            by=self.actor,
            at=self.now,
            crumbs=_crumbs(),
            reviewer=queue.names_of([reviewer]).get(reviewer, ""),
            purpose=purpose,
        )
        return self.shown("oversight/filing.html", page)


class OneVersion(Page):
    """The document of one version, as it was filed."""

    permission = Permission.FILING_READ
    audiences = REGULATORS

    def get(self, request: HttpRequest, reference: str, number: int) -> HttpResponseBase:
        """JSON; a look like any other."""
        purpose = known_purpose(request, reference)
        if not purpose:
            return redirect("oversight-filings-open", reference=reference)
        with self.writing() as actor:
            filing = opened(reference, purpose, by=actor, at=self.now)
            version = filing.versions.filter(number=number).first()
        if version is None:
            raise NotFound
        return JsonResponse(document_view.members(version.canonical), json_dumps_params={"indent": 2})


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


def _crumbs(*more: Crumb) -> tuple[Crumb, ...]:
    return (Crumb(gettext("Oversight"), reverse("overview")), Crumb(gettext("Review queue"), reverse("queue")), *more)
