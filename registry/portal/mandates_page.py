"""Mandates in the workspace: given and received, a form to give one, and the switch to act for another organisation."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext

from registry.accounts.models import User
from registry.accounts.policy import Permission
from registry.acting import Actor
from registry.errors import Invalid, NotFound, NotPermitted, NotPossible
from registry.onboarding import mandate_actions
from registry.organisations import mandates
from registry.organisations.mandates import State
from registry.organisations.models import Mandate
from registry.portal import on_behalf
from registry.portal.page import PROVIDERS, Page, language, said
from registry.portal.presentation import words
from registry.portal.presentation.marks import Crumb, Field, Heading, Label, Link, Tone
from registry.portal.presentation.onboarding import MandateRow, MandatesPage

VERBS = ("accept", "decline", "revoke", "act")
_LOOKS = {
    State.OFFERED: (Tone.WAITING, "hourglass-medium"),
    State.NOT_YET: (Tone.NEW, "calendar-blank"),
    State.IN_FORCE: (Tone.DONE, "seal-check"),
    State.ENDED: (Tone.PLAIN, "clock-counter-clockwise"),
    State.DECLINED: (Tone.PLAIN, "x-circle"),
    State.REVOKED: (Tone.PLAIN, "prohibit"),
}


class Mandates(Page):
    """Both lists and the form."""

    permission = Permission.ORGANISATION_READ
    audiences = PROVIDERS
    for_itself = True

    def get(self, request: HttpRequest) -> HttpResponse:
        """The page."""
        with self.reading() as actor:
            found = mandate_actions.listed(by=actor)
        may = Permission.MANDATE_MANAGE in self.actor.permissions
        given = [each for each in found if each.organisation_id == self.actor.organisation]
        received = [each for each in found if each.organisation_id != self.actor.organisation]
        page = MandatesPage(
            Heading(
                gettext("Mandates"),
                gettext("Who may act for your organisation, and for whom your organisation may act."),
                (
                    Crumb(gettext("My filings"), reverse("workspace")),
                    Crumb(gettext("Organisation"), reverse("workspace-organisation")),
                    Crumb(gettext("Mandates")),
                ),
            ),
            tuple(self._row(each, given=True, may=may) for each in given),
            tuple(self._row(each, given=False, may=may) for each in received),
            _fields() if may else (),
            may,
        )
        return self.shown("organisation/mandates.html", page)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Give a mandate."""
        try:
            starts, ends = _day(request.POST.get("starts_on", "")), _day(request.POST.get("ends_on", ""))
            with self.writing() as actor:
                mandate_actions.give(
                    agent_lei=request.POST.get("agent_lei", ""),
                    agent_person=request.POST.get("agent_person", ""),
                    scopes=[code for code in mandates.scopes() if request.POST.get(f"scope_{code}")],
                    starts_at=starts,
                    ends_at=ends + timedelta(days=1),
                    by=actor,
                    at=self.now,
                )
        except (Invalid, NotPermitted) as refused:
            messages.error(request, " ".join(said(refused)))
        else:
            messages.success(
                request, gettext("The mandate is offered. Whether there is such an organisation is not said here.")
            )
        return redirect("workspace-mandates")

    def _row(self, each: Mandate, *, given: bool, may: bool) -> MandateRow:
        state = mandates.state_at(each.terms, self.now)
        tone, icon = _LOOKS[state]
        return MandateRow(
            (each.agent_name or each.agent_lei) if given else each.principal_name,
            each.agent_person,
            tuple(mandates.scope_text(code, language()) for code in each.scopes),
            gettext("%(first)s to %(last)s")
            % {
                "first": words.day(each.starts_at),
                "last": words.day(each.ends_at - timedelta(seconds=1)),
            },
            Label(mandates.state_text(state, language()), tone, icon),
            _actions(each, state, given=given, may=may),
        )


class MandateStep(Page):
    """Accept, decline, revoke; or act for the principal from now on in this session."""

    permission = Permission.ORGANISATION_READ
    audiences = PROVIDERS
    for_itself = True

    def post(self, request: HttpRequest, mandate: UUID, verb: str) -> HttpResponse:
        """Take it, or say why not."""
        if verb not in VERBS:
            raise Http404
        try:
            if verb == "act":
                return self._act(request, mandate)
            with self.writing() as actor:
                self._take(mandate, verb, actor)
        except (NotPossible, NotPermitted, NotFound) as refused:
            messages.error(request, " ".join(said(refused)))
        return redirect("workspace-mandates")

    def _take(self, mandate: UUID, verb: str, by: Actor) -> None:
        step = {
            "accept": mandate_actions.accept,
            "decline": mandate_actions.decline,
            "revoke": mandate_actions.revoke,
        }[verb]
        step(mandate=mandate, by=by, at=self.now)

    def _act(self, request: HttpRequest, mandate: UUID) -> HttpResponse:
        if isinstance(request.user, User):
            with self.reading() as actor:
                mandate_actions.on_behalf(mandate=mandate, by=actor, at=self.now, email=request.user.email)
                principal = mandate_actions.one(mandate=mandate, by=actor).principal_name
            on_behalf.choose(request, mandate, principal)
        return redirect("workspace")


class ForMyself(Page):
    """Stop acting for another organisation."""

    permission = Permission.ORGANISATION_READ
    audiences = PROVIDERS
    for_itself = True

    def post(self, request: HttpRequest) -> HttpResponse:
        """Back to one's own."""
        on_behalf.choose(request, None)
        return redirect("workspace")


def _actions(each: Mandate, state: State, *, given: bool, may: bool) -> tuple[Link, ...]:
    def link(verb: str, text: str, icon: str) -> Link:
        return Link(text, reverse("workspace-mandates-step", args=[each.id, verb]), icon)

    found = []
    if not given and state is State.IN_FORCE:
        found.append(link("act", gettext("Act for it"), "handshake"))
    if not given and state is State.OFFERED and may:
        found.append(link("accept", gettext("Accept"), "check-circle"))
        found.append(link("decline", gettext("Decline"), "x-circle"))
    if may and state in {State.OFFERED, State.NOT_YET, State.IN_FORCE} and (given or state is not State.OFFERED):
        found.append(link("revoke", gettext("Revoke") if given else gettext("Give back"), "prohibit"))
    return tuple(found)


def _fields() -> tuple[Field, ...]:
    scopes = tuple(Field(f"scope_{code}", mandates.scope_text(code, language()), "check") for code in mandates.scopes())
    return (
        Field("agent_lei", gettext("LEI of the agent"), required=True, limit=40),
        Field(
            "agent_person",
            gettext("E-mail of the one person who may use it"),
            "email",
            help=gettext("Empty: anybody at the agent who may file."),
        ),
        *scopes,
        Field("starts_on", gettext("First day"), "date", required=True),
        Field("ends_on", gettext("Last day"), "date", required=True),
    )


def _day(value: str) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(value), time(), tzinfo=UTC)
    except ValueError:
        raise Invalid(gettext("Give the first and the last day.")) from None
