"""Stating who owns the organisation, by a form that needs no script: the same action as that of the interface."""

from collections.abc import Mapping, Sequence

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext

from registry.accounts.policy import Permission
from registry.errors import Invalid, Obstacle, Stale
from registry.filings import ownership_document, ownership_statements
from registry.filings.working_days import day_of
from registry.portal import owners_form
from registry.portal.owners_form import Entered
from registry.portal.page import PROVIDERS, Page, language, said
from registry.portal.presentation.marks import Crumb, Heading, Notice
from registry.portal.presentation.owners import OwnersForm

STATE, ADD = "state", "add-"


class StateOwners(Page):
    """The form."""

    permission = Permission.OWNERSHIP_STATE
    audiences = PROVIDERS

    def get(self, request: HttpRequest) -> HttpResponse:
        """What was stated last, to be said anew as of today; empty rows where nothing was."""
        today = day_of(self.now).isoformat()
        with self.reading() as actor:
            organisation = ownership_statements.own_organisation(actor)
            picture = ownership_statements.picture_at(organisation, by=actor)
        content = ownership_document.plain(picture.document) if picture else {}
        if not owners_form.fits(content):
            messages.error(request, gettext("This statement is too long for a form. State it over the interface."))
            return redirect("workspace-ownership")
        entered = owners_form.of_statement(content, today=today)
        for part in (owners_form.ENTITIES, owners_form.HOLDINGS):
            if not entered.rows[part]:
                entered.add(part)
        return self._shown(entered, filer=organisation.legal_name, revision=picture.statement.number if picture else 0)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Add a row, or state; what was entered stays where it was, whatever is wrong."""
        entered, told = owners_form.of_form(request.POST.dict()), request.POST.get("revision", "")
        revision = int(told) if told.isdecimal() and len(told) < len("1000000") else -1
        with self.reading() as actor:
            filer = ownership_statements.own_organisation(actor).legal_name
        wanted = request.POST.get("do", "")
        if wanted.removeprefix(ADD) in owners_form.PARTS:
            entered.add(wanted.removeprefix(ADD))
        if wanted != STATE:
            return self._shown(entered, filer=filer, revision=revision)
        content, places = owners_form.content_of(entered)
        try:
            with self.writing() as actor:
                ownership_statements.state(
                    content=content, revision=revision, by=actor, at=self.now, language=language()
                )
        except Invalid as refused:
            return self._shown(
                entered,
                filer=filer,
                revision=revision,
                obstacles=refused.obstacles,
                places=places,
                why=said(refused)[:2],
            )
        except Stale as refused:
            return self._shown(entered, filer=filer, revision=revision, why=said(refused))
        messages.success(request, gettext("The owners are stated."))
        return redirect("workspace-ownership")

    def _shown(
        self,
        entered: Entered,
        *,
        filer: str,
        revision: int,
        obstacles: Sequence[Obstacle] = (),
        places: Mapping[str, str] | None = None,
        why: Sequence[str] = (),
    ) -> HttpResponse:
        parts, elsewhere = owners_form.parts(entered, filer=filer, obstacles=obstacles, places=places)
        crumbs = (
            Crumb(gettext("Organisation"), reverse("workspace-organisation")),
            Crumb(gettext("Owners"), reverse("workspace-ownership")),
            Crumb(gettext("State the owners")),
        )
        page = OwnersForm(
            heading=Heading(gettext("State the owners"), gettext("Who owns and controls your organisation."), crumbs),
            explanation=gettext(
                "From its day on this statement replaces the picture; the earlier ones stay on record. Your authority "
                "reads it; names of persons are shown to nobody else."
            ),
            action=reverse("workspace-ownership-state"),
            revision=str(revision),
            parts=parts,
            notices=(Notice("error", " ".join(why), gettext("Not stated yet"), elsewhere),) if why else (),
        )
        return self.shown("organisation/owners_form.html", page)
