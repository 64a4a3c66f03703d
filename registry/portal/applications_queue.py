"""The authority's side of onboarding: the queue of its territory with its age, the application, the decisions."""

from collections import defaultdict
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext

from registry.accounts.policy import Permission
from registry.acting import Actor
from registry.errors import Conflict, Invalid, NotFound, NotPossible, Stale
from registry.onboarding import decisions, lifecycle
from registry.onboarding.models import Application, Observation, Step
from registry.portal import application_view, particulars_form
from registry.portal.page import REGULATORS, Page, said
from registry.portal.presentation import words
from registry.portal.presentation.marks import Crumb, Heading
from registry.portal.presentation.onboarding import ApplicationRow, ApplicationsPage

ROWS = 500
VERBS = ("review", "ask", "hear", "refuse", "approve")


class Applications(Page):
    """The queue: what waits for a decision, oldest first, then what was decided lately."""

    permission = Permission.APPLICATION_DECIDE
    audiences = REGULATORS

    def get(self, request: HttpRequest) -> HttpResponse:
        """One line an application."""
        with self.reading() as actor:
            seen = Application.objects.visible_to(actor)
            open_ = list(seen.filter(status__in=sorted(lifecycle.OPEN_FOR_AUTHORITY)).order_by("submitted_at")[:ROWS])
            closed = list(seen.exclude(status__in=sorted(lifecycle.OPEN_FOR_AUTHORITY)).order_by("-changed_at")[:20])
            rows = self._rows([*open_, *closed], actor)
        request.counts = {"oversight-applications": len(open_)}  # type: ignore[attr-defined]
        page = ApplicationsPage(
            Heading(
                gettext("Applications"),
                gettext("Organisations that ask to be entered in the register."),
                (Crumb(gettext("Oversight"), reverse("overview")), Crumb(gettext("Applications"))),
            ),
            rows,
            gettext("Oldest first. The clock stops while an application waits for its applicant."),
        )
        return self.shown("organisation/applications.html", page)

    def _rows(self, found: list[Application], actor: Actor) -> tuple[ApplicationRow, ...]:
        steps: dict[UUID, list[Step]] = defaultdict(list)
        noticed: dict[UUID, int] = defaultdict(int)
        for step in Step.objects.visible_to(actor).filter(application__in=found).order_by("at", "id"):
            steps[step.application_id].append(step)
        for each in Observation.objects.visible_to(actor).filter(application__in=found):
            noticed[each.application_id] += 1
        aim = lifecycle.periods().decide
        rows = []
        for application in found:
            used = application_view.worked(steps[application.id], self.now)
            is_open = application.status in lifecycle.OPEN_FOR_AUTHORITY
            rows.append(
                ApplicationRow(
                    application.reference,
                    reverse("oversight-applications-one", args=[application.reference]),
                    application.content["legal_name"],
                    words.country(application.content["seat_country"]),
                    ", ".join(particulars_form.role_text(role) for role in application.content["roles"]),
                    application_view.status(application.status),
                    words.in_words(used) if is_open else "–",
                    is_open and used > aim,
                    noticed[application.id],
                )
            )
        return tuple(rows)


class OneApplication(Page):
    """One application with what the register noticed about it."""

    permission = Permission.APPLICATION_DECIDE
    audiences = REGULATORS

    def get(self, request: HttpRequest, application: str) -> HttpResponse:
        """The page."""
        with self.reading() as actor:
            found = Application.objects.visible_to(actor).filter(reference=application).first()
            if found is None:
                raise NotFound
            steps = list(Step.objects.visible_to(actor).filter(application=found).order_by("at", "id"))
            noticed = list(Observation.objects.visible_to(actor).filter(application=found).order_by("code", "detail"))
            may_refuse = decisions.may_refuse(found, by=actor, at=self.now)
            is_blocked = decisions.is_registered(found, by=actor)
        page = application_view.for_authority(
            found, steps, noticed, at=self.now, may_refuse=may_refuse, is_blocked=is_blocked
        )
        return self.shown("organisation/application.html", page)


class ApplicationStep(Page):
    """One step of the authority, taken by a form."""

    permission = Permission.APPLICATION_DECIDE
    audiences = REGULATORS

    def post(self, request: HttpRequest, application: str, verb: str) -> HttpResponse:
        """Take it, or say why not; back to the application."""
        if verb not in VERBS:
            raise Http404
        try:
            with self.writing() as actor:
                self._take(application, verb, actor)
        except (NotPossible, Conflict, Invalid, Stale) as refused:
            messages.error(request, " ".join(said(refused)))
        return redirect("oversight-applications-one", application=application)

    def _take(self, reference: str, verb: str, by: Actor) -> None:
        given = self.request.POST
        revision = int(given["revision"]) if given.get("revision", "").isdecimal() else 0
        common: dict[str, Any] = {"reference": reference, "revision": revision, "by": by, "at": self.now}
        reason, code = given.get("reason", ""), given.get("code", "")
        if verb == "ask":
            decisions.ask(pointer=given.get("pointer", ""), reason=reason, **common)
        elif verb == "hear":
            decisions.hear(code=code, reason=reason, **common)
        elif verb == "refuse":
            decisions.refuse(code=code, reason=reason, **common)
        else:
            {"review": decisions.review, "approve": decisions.approve}[verb](**common)
