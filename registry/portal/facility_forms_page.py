"""Forms about facilities that need no script: the same actions as those of the interface."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext

from registry.accounts.policy import Permission
from registry.acting import Actor
from registry.compute import facility_actions, facility_storing, installation_actions
from registry.compute.models import Cluster, Facility, Installation
from registry.errors import Conflict, Invalid, NotFound, NotPossible, Obstacle, Stale
from registry.portal import facility_form
from registry.portal.page import PROVIDERS, Page, language, said
from registry.portal.presentation.facilities import FacilityForm
from registry.portal.presentation.marks import Crumb, Field, Heading, Notice
from registry.portal.presentation.onboarding import FieldGroup

REVISION = "revision"
Groups = Callable[[Mapping[str, str], Sequence[Obstacle]], tuple[FieldGroup, ...]]


class FormOfFacility(Page):
    """Base of the forms: show with what is wrong, or do and go to the facility."""

    permission = Permission.FACILITY_STATE
    audiences = PROVIDERS

    def show(
        self,
        title: str,
        groups: Groups,
        values: Mapping[str, str],
        *,
        found: Facility | None,
        why: Sequence[str] = (),
        obstacles: Sequence[Obstacle] = (),
        explanation: str = "",
    ) -> HttpResponse:
        """The form, what was filled in where it was."""
        crumbs = [
            Crumb(gettext("My filings"), reverse("workspace")),
            Crumb(gettext("Facilities"), reverse("workspace-facilities")),
        ]
        if found is not None:
            crumbs.append(Crumb(found.name, reverse("workspace-facilities-one", args=[found.reference])))
        shown = groups(values, obstacles)
        hidden = FieldGroup("", (Field(REVISION, "", "hidden", values.get(REVISION, "")),))
        fields = {field.name for group in shown for field in group.fields}
        elsewhere = tuple(each.sentence for each in obstacles if each.pointer not in fields)
        page = FacilityForm(
            heading=Heading(title, explanation, (*crumbs, Crumb(title))),
            groups=(*shown, hidden),
            action=self.request.get_full_path(),
            button=title,
            notices=(Notice("error", " ".join(why), gettext("Not kept yet"), elsewhere),) if why else (),
        )
        return self.shown("facilities/form.html", page)

    def done(
        self,
        perform: Callable[[Actor, dict[str, Any], int], Facility | str],
        again: Callable[[Mapping[str, str], Sequence[str], Sequence[Obstacle]], HttpResponse],
        *,
        told: str,
    ) -> HttpResponse:
        """Do it; what is refused is shown in the form."""
        form: QueryDict = self.request.POST
        values = {name: str(value) for name, value in form.items()}
        revision = values.get(REVISION, "")
        number = int(revision) if revision.isdecimal() and len(revision) < len("1000000000") else -1
        try:
            with self.writing() as actor:
                outcome = perform(actor, facility_form.content_of(form), number)
        except Invalid as refused:
            return again(values, said(refused)[:2], refused.obstacles)
        except (Stale, Conflict, NotPossible) as refused:
            return again(values, said(refused)[:2], ())
        messages.success(self.request, told)
        reference = outcome if isinstance(outcome, str) else outcome.reference
        return redirect("workspace-facilities-one", facility=reference)


class Register(FormOfFacility):
    """Register a facility."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """An empty form."""
        return self._form({})

    def post(self, request: HttpRequest) -> HttpResponse:
        """Register, or say what is wrong."""

        def perform(actor: Actor, content: dict[str, Any], _revision: int) -> Facility:
            return facility_actions.register(content=content, by=actor, at=self.now, language=language())

        return self.done(perform, self._form, told=gettext("The facility is registered."))

    def _form(
        self, values: Mapping[str, str], why: Sequence[str] = (), obstacles: Sequence[Obstacle] = ()
    ) -> HttpResponse:
        title = gettext("Register a facility")
        text = gettext("A data centre at one physical location that your organisation operates.")
        return self.show(
            title, facility_form.statement, values, found=None, why=why, obstacles=obstacles, explanation=text
        )


class Amend(FormOfFacility):
    """State a facility anew."""

    def get(self, request: HttpRequest, facility: str) -> HttpResponse:
        """What stands now."""
        with self.reading() as actor:
            self.found = facility_storing.found(facility, actor)
        values = facility_form.values_of(json.loads(self.found.document))
        return self._form({**values, REVISION: str(self.found.revision)})

    def post(self, request: HttpRequest, facility: str) -> HttpResponse:
        """Amend, or say what is wrong."""
        with self.reading() as actor:
            self.found = facility_storing.found(facility, actor)

        def perform(actor: Actor, content: dict[str, Any], revision: int) -> Facility:
            return facility_actions.amend(
                reference=facility, content=content, revision=revision, by=actor, at=self.now, language=language()
            )

        return self.done(perform, self._form, told=gettext("The facility is stated anew."))

    def _form(
        self, values: Mapping[str, str], why: Sequence[str] = (), obstacles: Sequence[Obstacle] = ()
    ) -> HttpResponse:
        title = gettext("Amend the facility")
        return self.show(title, facility_form.statement, values, found=self.found, why=why, obstacles=obstacles)


class Report(FormOfFacility):
    """Report a year, or report it anew with `?year=`."""

    def get(self, request: HttpRequest, facility: str) -> HttpResponse:
        """An empty form, or what was reported of the year."""
        year = request.GET.get("year", "")
        with self.reading() as actor:
            self.found = facility_storing.found(facility, actor)
            reports = self.found.reports.order_by("-number")
            newest = reports.filter(year=int(year)).first() if year.isdecimal() and len(year) == 4 else None
        if newest is None or not newest.document:  # erased after its period
            return self._form({"/year": str(self.now.year - 1), REVISION: "0"})
        return self._form({**facility_form.values_of(json.loads(newest.document)), REVISION: str(newest.number)})

    def post(self, request: HttpRequest, facility: str) -> HttpResponse:
        """Report, or say what is wrong."""
        with self.reading() as actor:
            self.found = facility_storing.found(facility, actor)

        def perform(actor: Actor, content: dict[str, Any], number: int) -> str:
            told: dict[str, Any] = {
                "reference": facility, "content": content, "by": actor, "at": self.now, "language": language(),
            }  # fmt: skip
            if number:
                year = content.get("year")
                facility_actions.amend_report(year=year if isinstance(year, int) else 0, number=number, **told)
            else:
                facility_actions.report(**told)
            return facility

        return self.done(perform, self._form, told=gettext("The year is reported."))

    def _form(
        self, values: Mapping[str, str], why: Sequence[str] = (), obstacles: Sequence[Obstacle] = ()
    ) -> HttpResponse:
        title = gettext("Report a year")
        return self.show(title, facility_form.report, values, found=self.found, why=why, obstacles=obstacles)


class PutUpCluster(FormOfFacility):
    """Put up a cluster."""

    def get(self, request: HttpRequest, facility: str) -> HttpResponse:
        """An empty form."""
        with self.reading() as actor:
            self.found = facility_storing.found(facility, actor)
        return self._form({})

    def post(self, request: HttpRequest, facility: str) -> HttpResponse:
        """Put it up, or say what is wrong."""
        with self.reading() as actor:
            self.found = facility_storing.found(facility, actor)

        def perform(actor: Actor, content: dict[str, Any], _revision: int) -> str:
            installation_actions.put_up_cluster(
                reference=facility, content=content, by=actor, at=self.now, language=language()
            )
            return facility

        return self.done(perform, self._form, told=gettext("The cluster is put up."))

    def _form(
        self, values: Mapping[str, str], why: Sequence[str] = (), obstacles: Sequence[Obstacle] = ()
    ) -> HttpResponse:
        title = gettext("Put up a cluster")
        return self.show(title, facility_form.cluster, values, found=self.found, why=why, obstacles=obstacles)


class PutUp(FormOfFacility):
    """Put up a lot of accelerators."""

    def get(self, request: HttpRequest, facility: str) -> HttpResponse:
        """An empty form."""
        self._read(facility)
        return self._form({})

    def post(self, request: HttpRequest, facility: str) -> HttpResponse:
        """Put it up, or say what is wrong."""
        self._read(facility)

        def perform(actor: Actor, content: dict[str, Any], _revision: int) -> str:
            installation_actions.put_up(reference=facility, content=content, by=actor, at=self.now, language=language())
            return facility

        return self.done(perform, self._form, told=gettext("The accelerators are put up."))

    def _read(self, facility: str) -> None:
        with self.reading() as actor:
            self.found = facility_storing.found(facility, actor)
            self.clusters = list(Cluster.objects.visible_to(actor).filter(facility=self.found, until_on=None))

    def _form(
        self, values: Mapping[str, str], why: Sequence[str] = (), obstacles: Sequence[Obstacle] = ()
    ) -> HttpResponse:
        def groups(values: Mapping[str, str], wrong: Sequence[Obstacle]) -> tuple[FieldGroup, ...]:
            return facility_form.installation(values, wrong, clusters=self.clusters)

        title = gettext("Put up accelerators")
        return self.show(title, groups, values, found=self.found, why=why, obstacles=obstacles)


class Change(PutUp):
    """Say what is otherwise about a lot from a day on."""

    def get(self, request: HttpRequest, facility: str, installation: UUID) -> HttpResponse:  # type: ignore[override]
        """What holds now, from today on."""
        self._read(facility)
        lot = self._lot(installation)
        values = {
            "/count": str(lot.count),
            "/stage": lot.stage,
            "/from_on": facility_storing.today(self.now).isoformat(),
            "/cluster": str(lot.cluster_id or ""),
            "/delivered_on": lot.delivered_on.isoformat() if lot.delivered_on else "",
            "/evidence": lot.evidence,
            REVISION: str(lot.revision),
        }
        return self._form(values)

    def post(self, request: HttpRequest, facility: str, installation: UUID) -> HttpResponse:  # type: ignore[override]
        """Change it, or say what is wrong."""
        self._read(facility)
        self._lot(installation)

        def perform(actor: Actor, content: dict[str, Any], revision: int) -> str:
            installation_actions.change(
                reference=facility,
                installation=installation,
                content=content,
                revision=revision,
                by=actor,
                at=self.now,
                language=language(),
            )
            return facility

        return self.done(perform, self._form, told=gettext("The change is kept."))

    def _lot(self, installation: UUID) -> Installation:
        with self.reading() as actor:
            lot = Installation.objects.visible_to(actor).filter(facility=self.found, id=installation).first()
        if lot is None:
            raise NotFound
        self.lot = lot
        return lot

    def _form(
        self, values: Mapping[str, str], why: Sequence[str] = (), obstacles: Sequence[Obstacle] = ()
    ) -> HttpResponse:
        def groups(values: Mapping[str, str], wrong: Sequence[Obstacle]) -> tuple[FieldGroup, ...]:
            return facility_form.installation(values, wrong, clusters=self.clusters, is_change=True)

        title = gettext("Change the lot %(lot)s") % {"lot": self.lot.lot}
        return self.show(title, groups, values, found=self.found, why=why, obstacles=obstacles)
