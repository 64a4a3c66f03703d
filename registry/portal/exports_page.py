"""Exports: asking for one with its purpose, the list of one's authority, the second person, the download."""

import uuid
from collections.abc import Iterator, Mapping
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext

from registry.accounts import proposals
from registry.accounts.models import Proposal, ProposalStatus
from registry.accounts.policy import Permission
from registry.acting import Actor, Audience, acting_as
from registry.dispatch import outbox
from registry.errors import Conflict, Invalid, NotFound, NotPermitted, NotPossible
from registry.filings.models import Filing, FilingQuerySet
from registry.oversight import export_rules, exports, tabular
from registry.oversight.export_rules import FORMATS, Content, Format
from registry.oversight.models import Export, ExportState
from registry.portal import access_log, purpose, queue, queue_filters
from registry.portal.page import REGULATORS, Page, said
from registry.portal.paging import part
from registry.portal.presentation import words
from registry.portal.presentation.access import ExportLine, ExportsPage, FormPage
from registry.portal.presentation.marks import Crumb, Field, Heading, Label, Link, Notice, Option, Tone

KEPT_FILTERS = ("scope", "view", *queue_filters.KEPT)


class Exports(Page):
    """The list."""

    permission = Permission.LOOK_READ
    audiences = REGULATORS | {Audience.AUDITOR}

    def get(self, request: HttpRequest) -> HttpResponse:
        """Newest first, with what can be done with each now."""
        with self.reading() as actor:
            shown = part(request, Export.objects.visible_to(actor))
            known = _proposals(shown.rows, actor)
            rows = tuple(_line(export, known.get(export.proposal), actor, self.now) for export in shown.rows)
        may_make = Permission.EXPORT_MAKE.value in self.actor.permissions
        heading = Heading(
            gettext("Exports"),
            gettext("Files made of filings: why, how many, and their digest. Each download is a look at every filing."),
            _crumbs(),
            main_link=Link(gettext("New export"), reverse("exports-new"), "download-simple") if may_make else None,
        )
        return self.shown("oversight/exports.html", ExportsPage(heading, rows, shown.pager))


class New(Page):
    """Asking for an export."""

    permission = Permission.EXPORT_MAKE
    audiences = REGULATORS

    def get(self, request: HttpRequest) -> HttpResponse:
        """The form: what, in which format, why."""
        return self._form(request)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Make it, then to the list."""
        try:
            content, form = _picked(request)
            with self.writing() as actor:
                order = exports.Order(chosen(request, actor), content, form, _filters_of(request))
                why = purpose.given(request, actor)
                made = exports.make(order, purpose=why, by=actor, at=self.now, announce=outbox.put)
        except (Invalid, NotPermitted) as refused:
            return self._form(request, error=" ".join(said(refused)), status=400)
        if made.needs_second_person:
            messages.info(request, gettext("A second person must confirm this export before you can download it."))
        else:
            messages.success(request, gettext("The export is ready."))
        return redirect("exports")

    def _form(self, request: HttpRequest, *, error: str = "", status: int = 200) -> HttpResponse:
        with self.reading() as actor:
            count = chosen(request, actor).count()
            limit = export_rules.limit_of(actor, Content.LIST)
            documents = export_rules.limit_of(actor, Content.DOCUMENTS)
        told = gettext(
            "%(count)s filings fit these filters. Up to %(alone)s lines or %(documents)s documents you may download at "
            "once; above that a second person of your authority must confirm. At most %(most)s lines."
        ) % {
            "count": words.count(count),
            "alone": words.count(limit.alone),
            "documents": words.count(documents.alone),
            "most": words.count(limit.at_most),
        }
        page = FormPage(
            Heading(gettext("New export"), crumbs=_crumbs(Crumb(gettext("New export")))),
            (*_fields(request), *purpose.fields(self.actor, chosen=purpose.known(request))),
            request.get_full_path(),
            told,
            gettext("Make the export"),
            notices=(Notice("error", error),) if error else (),
        )
        answer = self.shown("oversight/exports_form.html", page)
        answer.status_code = status
        return answer


class Decide(Page):
    """The second person's word on an export."""

    permission = Permission.EXPORT_MAKE
    audiences = REGULATORS

    def post(self, request: HttpRequest, export: uuid.UUID) -> HttpResponse:
        """Confirm or refuse, then back to the list."""
        try:
            with self.writing() as actor:
                found = Export.objects.visible_to(actor).filter(id=export).first()
                if found is None or found.proposal is None:
                    raise NotFound
                if request.POST.get("decision") == "confirm":
                    proposals.confirm(proposal_id=found.proposal, by=actor, at=self.now, announce=outbox.put)
                else:
                    reason = request.POST.get("reason", "") or gettext("Refused.")
                    proposals.refuse(
                        proposal_id=found.proposal, reason=reason, by=actor, at=self.now, announce=outbox.put
                    )
        except (NotPossible, NotPermitted, Conflict) as refused:
            messages.error(request, " ".join(said(refused)))
        else:
            messages.success(request, gettext("Your decision is recorded."))
        return redirect("exports")


class File(Page):
    """The download of one's own export."""

    permission = Permission.EXPORT_MAKE
    audiences = REGULATORS

    def get(self, request: HttpRequest, export: uuid.UUID) -> HttpResponseBase:
        """The file, piece by piece, after the looks are logged; each piece is a unit of work of its own."""
        try:
            with self.writing() as actor:
                found = exports.open_file(export=export, by=actor, at=self.now, announce=outbox.put)
        except NotPossible as refused:
            messages.error(request, " ".join(said(refused)))
            return redirect("exports")
        answer = StreamingHttpResponse(
            _pieces(found.id, self.actor, self.now), content_type=tabular.MEDIA_TYPES[Format(found.format)]
        )
        answer["Content-Disposition"] = f'attachment; filename="{exports.file_name(found)}"'
        answer["Content-Length"] = str(found.size_bytes)
        return answer


def chosen(request: HttpRequest, actor: Actor) -> FilingQuerySet:
    """The filings that the address names: those open for a decision or all filed, with the filters of the queue."""
    everything = Filing.objects.visible_to(actor)
    if request.GET.get("scope") == "filed":
        return queue_filters.filtered(request, everything.filed(), by=actor)
    view = queue.views(actor).get(request.GET.get("view", ""))
    found = queue_filters.filtered(request, everything.open_for_authority(), by=actor)
    return found.filter(view[1]) if view else found


def _pieces(export: uuid.UUID, actor: Actor, at: datetime) -> Iterator[bytes]:
    position = 0
    while True:
        with acting_as(actor, read_only=True):
            piece = exports.piece(export=export, position=position, by=actor, at=at)
        if piece is None:
            return
        yield piece
        position += 1


def _picked(request: HttpRequest) -> tuple[Content, Format]:
    try:
        return Content(request.POST.get("content", "")), Format(request.POST.get("format", ""))
    except ValueError:
        raise Invalid(gettext("Choose what to export and in which format.")) from None


def _filters_of(request: HttpRequest) -> dict[str, str]:
    return {name: request.GET[name][:100] for name in KEPT_FILTERS if request.GET.get(name)}


def _fields(request: HttpRequest) -> tuple[Field, ...]:
    contents = {Content.LIST: gettext("A line for each filing"), Content.DOCUMENTS: gettext("The documents (JSON)")}
    content, form = request.POST.get("content", ""), request.POST.get("format", request.GET.get("format", ""))
    return (
        Field(
            "content",
            gettext("What"),
            "select",
            options=tuple(Option(code.value, text, code == content) for code, text in contents.items()),
            required=True,
        ),
        Field(
            "format",
            gettext("Format"),
            "select",
            options=tuple(Option(f.value, f.value.upper(), f == form) for f in FORMATS[Content.LIST]),
            required=True,
        ),
    )


def _proposals(rows: object, actor: Actor) -> Mapping[uuid.UUID | None, Proposal]:
    """What became of the proposals of these exports; the auditor reads none."""
    if actor.audience is Audience.AUDITOR:
        return {}
    wanted = [export.proposal for export in rows if export.proposal]  # type: ignore[attr-defined]
    return {each.id: each for each in Proposal.objects.visible_to(actor).filter(id__in=wanted)}


def _line(export: Export, proposal: Proposal | None, actor: Actor, at: datetime) -> ExportLine:
    is_mine, is_over = export.actor == actor.id, export.expires_at <= at
    confirmed = proposal is not None and proposal.status in {ProposalStatus.CONFIRMED, ProposalStatus.DONE}
    can_read = is_mine and not is_over and (export.state == ExportState.RELEASED or confirmed)
    waits = proposal is not None and proposal.status == ProposalStatus.PENDING and not is_over
    content = gettext("List") if export.content == Content.LIST else gettext("Documents")
    return ExportLine(
        at=export.at,
        by=export.actor_name or "",
        what=f"{content}, {export.format.upper()}",
        why=access_log.why(export),
        filings=export.filings,
        sha256=bytes(export.sha256).hex(),
        state=_state(export, proposal, is_over=is_over),
        until="" if is_over else words.short_moment(export.expires_at),
        download=Link(gettext("Download"), reverse("exports-file", args=[export.id]), "download-simple")
        if can_read
        else None,
        decide_href=reverse("exports-decide", args=[export.id]) if waits and not is_mine else "",
    )


def _state(export: Export, proposal: Proposal | None, *, is_over: bool) -> Label:
    if proposal is not None and proposal.status == ProposalStatus.REFUSED:
        return Label(gettext("Refused"), Tone.ALERT, "x-circle")
    if is_over:
        return Label(gettext("Expired"), Tone.PLAIN, "clock")
    if export.state == ExportState.WAITING and (proposal is None or proposal.status == ProposalStatus.PENDING):
        return Label(gettext("Waits for a second person"), Tone.WAITING, "hourglass-medium")
    return Label(gettext("Ready"), Tone.DONE, "check-circle")


def _crumbs(*more: Crumb) -> tuple[Crumb, ...]:
    here = Crumb(gettext("Exports"), reverse("exports")) if more else Crumb(gettext("Exports"))
    return (Crumb(gettext("Oversight"), reverse("portal-start")), here, *more)  # auditors have no overview
