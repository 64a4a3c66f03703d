"""The organisation's own page in the workspace: its data, people, yearly confirmation, and how to change them."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext

from registry.accounts.models import Membership
from registry.accounts.policy import Permission
from registry.acting import Actor
from registry.errors import Invalid, NotFound, NotPossible, Stale
from registry.onboarding import confirmations, statements
from registry.onboarding.confirmations import State
from registry.onboarding.models import Confirmation
from registry.onboarding.statements import FIXED
from registry.organisations.models import Organisation, Statement
from registry.portal import organisation_page, particulars_form
from registry.portal.page import PROVIDERS, Page, language, said
from registry.portal.presentation import words
from registry.portal.presentation.marks import (
    Crumb,
    Fact,
    Field,
    Happening,
    Heading,
    Label,
    Link,
    Notice,
    Section,
    Tone,
)
from registry.portal.presentation.onboarding import FieldGroup, FormPage, ProfilePage


class Profile(Page):
    """What the register knows of one's own organisation."""

    permission = Permission.ORGANISATION_READ
    audiences = PROVIDERS
    for_itself = True

    def get(self, request: HttpRequest) -> HttpResponse:
        """The page."""
        with self.reading() as actor:
            organisation = own(actor)
            content, number = statements.current(organisation=organisation, by=actor)
            past = statements.history(organisation=organisation, by=actor)
            given = list(Confirmation.objects.visible_to(actor).order_by("-due_at")[:10])
        waiting = next((each for each in given if each.confirmed_at is None), None)
        may = self.actor.permissions
        page = ProfilePage(
            _heading(organisation, may_state=Permission.ORGANISATION_STATE in may),
            (*particulars_form.sections(content), *_parents(organisation)),
            _administrators(organisation, self.now),
            confirmation_label(waiting, self.now) if waiting else None,
            gettext("Due %(day)s.") % {"day": words.day(waiting.due_at)} if waiting else "",
            reverse("workspace-organisation-confirm")
            if waiting and Permission.ORGANISATION_CONFIRM in may and len(content["administrators"]) == 2
            else "",
            number,
            reverse("workspace-organisation-state") if Permission.ORGANISATION_STATE in may else "",
            _history(past, given),
        )
        return self.shown("organisation/profile.html", page)


class ConfirmData(Page):
    """“These are right”."""

    permission = Permission.ORGANISATION_CONFIRM
    audiences = PROVIDERS
    for_itself = True

    def post(self, request: HttpRequest) -> HttpResponse:
        """Confirm the statement that was shown."""
        number = request.POST.get("number", "")
        try:
            with self.writing() as actor:
                confirmations.confirm(number=int(number) if number.isdecimal() else -1, by=actor, at=self.now)
        except (NotPossible, Stale) as refused:
            messages.error(request, " ".join(said(refused)))
        else:
            messages.success(request, gettext("Thank you. The data are confirmed."))
        return redirect("workspace-organisation")


class StateData(Page):
    """Change what the organisation says of itself: a new statement."""

    permission = Permission.ORGANISATION_STATE
    audiences = PROVIDERS
    for_itself = True

    def get(self, request: HttpRequest) -> HttpResponse:
        """The form with what stands now."""
        with self.reading() as actor:
            content, number = statements.current(organisation=own(actor), by=actor)
        values = particulars_form.values_of(content) | {"number": str(number)}
        return self.shown("organisation/statement.html", _form(values))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Store the statement, or show what is wrong."""
        content: dict[str, Any] = particulars_form.content_of(request.POST)
        number = request.POST.get("number", "")
        try:
            with self.writing() as actor:
                statements.state(
                    content=content,
                    reason=request.POST.get("reason", ""),
                    number=int(number) if number.isdecimal() else -1,
                    by=actor,
                    at=self.now,
                    language=language(),
                )
        except Invalid as refused:
            return self.shown("organisation/statement.html", _form(request.POST.dict(), refused))
        except Stale as refused:
            messages.error(request, " ".join(said(refused)))
        else:
            messages.success(request, gettext("The statement is recorded."))
        return redirect("workspace-organisation")


def _parents(organisation: Organisation) -> tuple[Section, ...]:
    """The ultimate parents that follow from the statement of owners, where there are several."""
    facts = tuple(Fact(term, value) for term, value in organisation_page.parents(organisation))
    return (Section(gettext("Ultimate parents"), facts),) if facts else ()


def own(actor: Actor) -> Organisation:
    """The organisation acted for. Raises `NotFound`."""
    found = Organisation.objects.visible_to(actor).filter(id=statements.own(actor)).first()
    if found is None:
        raise NotFound
    return found


def confirmation_label(row: Confirmation, at: datetime) -> Label:
    """How a confirmation stands."""
    state = confirmations.state_at(row.due_at, row.confirmed_at, at)
    shown = {
        State.OPEN: (gettext("Not due yet"), Tone.PLAIN, "calendar-check"),
        State.DUE_SOON: (gettext("Due soon"), Tone.WAITING, "clock-countdown"),
        State.OVERDUE: (gettext("Overdue"), Tone.ALERT, "warning-octagon"),
        State.CONFIRMED: (gettext("Confirmed"), Tone.DONE, "seal-check"),
        State.CONFIRMED_LATE: (gettext("Confirmed late"), Tone.WAITING, "seal-check"),
    }
    return Label(*shown[state])


def _heading(organisation: Organisation, *, may_state: bool) -> Heading:
    links = [
        Link(gettext("Owners"), reverse("workspace-ownership"), "users-three"),
        Link(gettext("Mandates"), reverse("workspace-mandates"), "handshake"),
    ]
    return Heading(
        organisation.legal_name,
        gettext("What the register knows of your organisation."),
        (Crumb(gettext("My filings"), reverse("workspace")), Crumb(gettext("Organisation"))),
        links=tuple(links),
        main_link=Link(gettext("Change the data"), reverse("workspace-organisation-state"), "pencil-simple")
        if may_state
        else None,
    )


def _administrators(organisation: Organisation, at: datetime) -> tuple[Fact, ...]:
    """Who administers now. Read outside a unit of work: names of colleagues belong to signing in."""
    now = Membership.objects.filter(organisation=organisation, role="provider_administrator", starts_at__lte=at)
    people = now.exclude(ends_at__lte=at).order_by("starts_at", "id").values_list("user__name", "user__email")
    return tuple(Fact(name, email) for name, email in people)


def _history(past: list[Statement], given: list[Confirmation]) -> tuple[Happening, ...]:
    told = [
        Happening(
            "note-pencil",
            gettext("Statement %(number)s") % {"number": each.number},
            each.at,
            _changed(each),
            each.actor_name,
        )
        for each in past
    ]
    told += [
        Happening("seal-check", gettext("Confirmed"), each.confirmed_at, "", each.confirmed_by_name)
        for each in given
        if each.confirmed_at
    ]
    return tuple(sorted(told, key=lambda each: each.at, reverse=True))


def _changed(each: Statement) -> str:
    named = ", ".join(particulars_form.label(pointer) for pointer in each.changed)
    return ". ".join(part for part in (named, each.reason) if part)


def _form(values: dict[str, str], refused: Invalid | None = None) -> FormPage:
    obstacles = refused.obstacles if refused else ()
    told = tuple(f"{particulars_form.label(each.pointer)}: {each.sentence}" for each in obstacles)
    notices = (Notice("error", refused.sentence, gettext("Not recorded"), told),) if refused else ()
    fixed = tuple(f"/{name}" for name in FIXED)
    why = (
        Field("reason", gettext("Why it changes"), value=values.get("reason", ""), limit=500),
        Field("number", "", "hidden", values.get("number", "0")),
    )
    return FormPage(
        Heading(
            gettext("Change the organisation's data"),
            gettext("A change is a new statement; earlier ones stay in the history."),
            (
                Crumb(gettext("My filings"), reverse("workspace")),
                Crumb(gettext("Organisation"), reverse("workspace-organisation")),
                Crumb(gettext("Change")),
            ),
        ),
        (*particulars_form.groups(values, obstacles, fixed=fixed), FieldGroup(gettext("Reason"), why)),
        reverse("workspace-organisation-state"),
        gettext("Record the statement"),
        "note-pencil",
        gettext("Identifiers, seat and competent authority are not changed here: they need a new application."),
        notices,
    )
