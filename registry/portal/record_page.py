"""The pages of one access record: what was stated, by topic, and the forms by which its provider states it anew."""

import json
from collections.abc import Mapping, Sequence

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext

from registry.accounts.policy import Permission
from registry.compute import record, record_actions, return_actions, return_lists
from registry.compute.models import AccessRecord, Return
from registry.compute.record_checks import obstacles_of
from registry.errors import Invalid, NotFound, NotPossible, Obstacle, Stale
from registry.oversight import looks
from registry.oversight.models import LookKind
from registry.portal import purpose, record_form
from registry.portal.page import PROVIDERS, REGULATORS, Page, language, said
from registry.portal.presentation.facilities import FacilityForm
from registry.portal.presentation.marks import Crumb, Fact, Field, Heading, Notice
from registry.portal.presentation.onboarding import FieldGroup
from registry.portal.presentation.returns import RecordPage, RecordTopic

P = Permission
REVISION = "revision"


class OwnRecord(Page):
    """One record of a return, topic by topic."""

    permission = P.RETURN_READ
    audiences = PROVIDERS

    def get(self, request: HttpRequest, monthly_return: str, line_id: str) -> HttpResponse:
        """The record."""
        return self._page(monthly_return, line_id, ())

    def post(self, request: HttpRequest, monthly_return: str, line_id: str) -> HttpResponse:
        """Withdraw it."""
        self.actor.require("return_file")
        try:
            with self.writing() as actor:
                record_actions.withdraw(reference=monthly_return, line_id=line_id, by=actor, at=self.now)
        except NotPossible as refused:
            return self._page(monthly_return, line_id, said(refused))
        messages.success(request, gettext("The record is withdrawn."))
        return redirect("workspace-returns-one", monthly_return=monthly_return)

    def _page(self, reference: str, line_id: str, why: Sequence[str]) -> HttpResponse:
        with self.reading() as actor:
            row = return_lists.found(reference, actor)
            found = return_lists.record_of(row, line_id, actor)
        can_write = P.RETURN_FILE in self.actor.permissions and _is_writable(row, found)
        page = RecordPage(
            Heading(line_id, found.customer_name, (*_crumbs(row), Crumb(line_id))),
            _topics(found, of=row if can_write else None),
            can_write=can_write,
            notices=(Notice("error", " ".join(why), gettext("Not done")),) if why else (),
        )
        return self.shown("returns/record.html", page)


class AmendRecord(Page):
    """State one topic of a record anew; the rest of it stays."""

    permission = P.RETURN_FILE
    audiences = PROVIDERS

    def get(self, request: HttpRequest, monthly_return: str, line_id: str, topic: str) -> HttpResponse:
        """What stands now."""
        with self.reading() as actor:
            row = return_lists.found(monthly_return, actor)
            found = return_lists.record_of(row, line_id, actor)
        if not _is_writable(row, found):
            raise NotPossible("The return is submitted.", remedy="Open it again to amend it.")
        values = {**record_form.values_of(found.document, self._known(topic)), REVISION: str(found.revision)}
        return self._form(row, line_id, topic, values)

    def post(self, request: HttpRequest, monthly_return: str, line_id: str, topic: str) -> HttpResponse:
        """Amend, or say what is wrong where it is wrong."""
        values = {name: str(value) for name, value in request.POST.items()}
        content, places = record_form.content_of(values, self._known(topic))
        try:
            with self.writing() as actor:
                row = return_actions.locked(monthly_return, actor)
                found = return_lists.record_of(row, line_id, actor)
                if values.get(REVISION) != str(found.revision):
                    raise Stale("It has changed since you read it.", remedy="Read it and repeat the change.")
                document = record_form.anew(found.document, topic, content)
                amended = record_actions.amend(
                    reference=monthly_return,
                    line_id=line_id,
                    content=json.dumps(document, ensure_ascii=False).encode(),
                    by=actor,
                    at=self.now,
                    language=language(),
                )
        except (Invalid, NotPossible, Stale) as refused:
            with self.reading() as actor:
                row = return_lists.found(monthly_return, actor)
            return self._form(row, line_id, topic, values, said(refused)[:2], refused.obstacles, places)
        messages.success(request, gettext("The record is amended."))
        for remark in obstacles_of(amended.answers, language=language()):
            messages.warning(request, f"{remark.sentence} {remark.remedy}")
        return redirect("workspace-returns-record", monthly_return=monthly_return, line_id=line_id)

    def _known(self, topic: str) -> str:
        if topic not in record_form.TOPICS:
            raise NotFound
        return topic

    def _form(
        self,
        row: Return,
        line_id: str,
        topic: str,
        values: Mapping[str, str],
        why: Sequence[str] = (),
        obstacles: Sequence[Obstacle] = (),
        places: Mapping[str, str] | None = None,
    ) -> HttpResponse:
        groups, elsewhere = record_form.groups(topic, values, obstacles, places or {})
        hidden = FieldGroup("", (Field(REVISION, "", "hidden", values.get(REVISION, "")),))
        back = reverse("workspace-returns-record", args=[row.reference, line_id])
        title = record_form.title(topic)
        page = FacilityForm(
            heading=Heading(title, line_id, (*_crumbs(row), Crumb(line_id, back), Crumb(title))),
            groups=(*groups, hidden),
            action=self.request.get_full_path(),
            button=gettext("Amend"),
            icon="pencil-simple",
            notices=(Notice("error", " ".join(why), gettext("Not kept yet"), elsewhere),) if why else (),
            interface="/api/v1/returns/",
        )
        return self.shown("facilities/form.html", page)


class OneRecord(Page):
    """One record, for its authority."""

    permission = P.RETURN_READ
    audiences = REGULATORS

    def get(self, request: HttpRequest, monthly_return: str, line_id: str) -> HttpResponse:
        """What was stated, once a purpose is stated."""
        if (why := purpose.known(request)) is None:
            return purpose.asked(request)
        with self.writing() as actor:
            row = return_lists.found(monthly_return, actor)
            found = return_lists.record_of(row, line_id, actor)
            looks.note_returns([row], kind=LookKind.OPENED, purpose=why, by=actor, at=self.now)
            crumbs = (
                Crumb(gettext("Oversight"), reverse("overview")),
                Crumb(gettext("Returns"), reverse("oversight-returns")),
                Crumb(f"{row.month:%Y-%m}", reverse("oversight-returns-one", args=[row.reference])),
                Crumb(line_id),
            )
            page = RecordPage(Heading(line_id, found.customer_name, crumbs), _topics(found, of=None), can_write=False)
        return self.shown("returns/record.html", page)


def _is_writable(row: Return, found: AccessRecord) -> bool:
    return row.is_writable and found.until_version is None and bool(found.document)


def _crumbs(row: Return) -> tuple[Crumb, ...]:
    return (
        Crumb(gettext("My filings"), reverse("workspace")),
        Crumb(gettext("Returns"), reverse("workspace-returns")),
        Crumb(f"{row.month:%Y-%m}", reverse("workspace-returns-one", args=[row.reference])),
    )


def _topics(found: AccessRecord, *, of: Return | None) -> tuple[RecordTopic, ...]:
    """What was stated by topic, with the way to its form where the record of that return can be amended."""
    elements, stated = record.elements(), found.document or {}
    made = []
    for topic, names in record_form.TOPICS.items():
        facts = tuple(
            Fact(elements[name].label[language()], record_form.shown(elements[name], stated[name]))
            for name in names
            if name in stated
        )
        href = reverse("workspace-returns-record-amend", args=[of.reference, found.line_id, topic]) if of else ""
        if facts or href:
            made.append(RecordTopic(record_form.title(topic), facts, href))
    return tuple(made)
