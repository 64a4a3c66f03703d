"""A provider's own pages: its filings, what waits for it, one filing with its steps, receipts."""

from dataclasses import replace

from django.conf import settings
from django.db.models import Case, Count, IntegerField, Q, Value, When
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext

from registry import searching
from registry.accounts.policy import Permission
from registry.acting import Actor
from registry.errors import Invalid, NotFound
from registry.filings import actions, lifecycle
from registry.filings.lifecycle import Owner, Status
from registry.filings.models import Filing, FilingQuerySet
from registry.ledger import log, models, receipts
from registry.portal import (
    document_view,
    duties_page,
    duty_marks,
    filing_page,
    labels,
    message_sources,
    queue,
    search,
    step_forms,
    table_file,
)
from registry.portal.filings import Step
from registry.portal.page import PROVIDERS, Page, with_query
from registry.portal.paging import part
from registry.portal.presentation import words
from registry.portal.presentation.marks import Crumb, Heading, Link, Tab
from registry.portal.presentation.overview import FilingsPage, KeyFigure, QueueRow, QueueTable
from registry.portal.table_file import ListFile

OURS = tuple(status.value for status, owner in lifecycle.OWNER.items() if owner is Owner.PROVIDER)
RESTRICTED = tuple(f"entry__{name}" for name in models.RESTRICTED)  # columns of the log that no provider may read
IN_HAND = (Status.SUBMITTED.value, Status.IN_REVIEW.value)


def _views() -> dict[str, tuple[str, Q]]:
    return {
        "all": (gettext("All"), Q()),
        "ours": (gettext("Your turn"), Q(status__in=OURS)),
        "review": (gettext("With the authority"), Q(status__in=IN_HAND)),
        "accepted": (gettext("Accepted"), Q(status=Status.ACCEPTED.value)),
    }


class Workspace(Page):
    """The organisation's filings."""

    permission = Permission.FILING_READ
    audiences = PROVIDERS

    def get(self, request: HttpRequest) -> HttpResponse:
        """What waits for the provider first, then by date."""
        with self.reading() as actor:
            found = _chosen(request, actor)
            current = request.GET.get("view", "all")
            picked = _views().get(current, _views()["all"])[1]
            turn = Case(When(status__in=OURS, then=Value(0)), default=Value(1), output_field=IntegerField())
            ordered = (
                found.filter(picked)
                .select_related("organisation")
                .prefetch_related("transitions")
                .order_by(turn, "-changed_at", "id")
            )
            shown = part(request, ordered)
            rows = [self._row(filing) for filing in shown.rows]
            name = shown.rows[0].organisation.legal_name if shown.rows else actor.name
            tabs = _tabs(request, found, current)
            figures = self._figures(actor)
            waiting = message_sources.waiting(actor)
        request.counts = {"workspace-messages": waiting}  # type: ignore[attr-defined]
        page = FilingsPage(
            heading=Heading(
                gettext("My filings"),
                name,
                (Crumb(gettext("Workspace"), reverse("workspace")), Crumb(gettext("My filings"))),
                links=(Link(gettext("File by API"), reverse("api-reference"), "code"),),
                main_link=_filing_link(actor),
            ),
            key_figures=figures,
            queue=QueueTable(
                tabs,
                tuple(rows),
                table_file.links("workspace"),
                shown.pager,
                empty=gettext("No filing here yet. File a training run by form or by API."),
            ),
        )
        return self.shown("workspace/filings.html", page)

    def _row(self, filing: Filing) -> QueueRow:
        shown = queue.row(filing, at=self.now, can_review=False, route="workspace-filings-one")
        clock = labels.provider_clock(queue.clock(filing), self.now, is_ours=filing.status in OURS)
        return replace(shown, clock=clock)

    def _figures(self, actor: Actor) -> tuple[KeyFigure, ...]:
        counted = Filing.objects.visible_to(actor).aggregate(
            ours=Count("id", filter=Q(status__in=OURS)),
            review=Count("id", filter=Q(status__in=IN_HAND)),
            accepted=Count("id", filter=Q(status=Status.ACCEPTED.value)),
        )
        href = reverse("workspace")
        following = duties_page.next_due(actor)
        return (
            KeyFigure(
                gettext("Your turn"),
                words.count(counted["ours"]),
                gettext("questions, drafts, returned filings"),
                f"{href}?view=ours",
                "hand-palm",
                "soon" if counted["ours"] else "",
            ),
            KeyFigure(
                gettext("With the authority"),
                words.count(counted["review"]),
                gettext("submitted or in review"),
                f"{href}?view=review",
                "magnifying-glass",
            ),
            KeyFigure(
                gettext("Next duty"),
                words.short_day(following.falls_at) if following else "–",
                duty_marks.name(following.code) if following else gettext("none open"),
                reverse("workspace-duties"),
                "calendar-check",
                "late" if following and following.falls_at < self.now else "",
            ),
            KeyFigure(
                gettext("Accepted"),
                words.count(counted["accepted"]),
                gettext("complete filings"),
                f"{href}?view=accepted",
                "seal-check",
            ),
        )


def _filing_link(actor: Actor) -> Link | None:
    if Permission.FILING_DRAFT.value not in actor.permissions:
        return None
    return Link(gettext("File a training run"), reverse("workspace-filings-new"), "file-plus")


def _chosen(request: HttpRequest, actor: Actor) -> FilingQuerySet:
    found = Filing.objects.visible_to(actor)
    sought = searching.read(request.GET.get("q", ""))
    if text := sought.text[:100]:
        named = Q(run_id__icontains=text) | Q(client_reference__icontains=text)
        found = found.filter(named | Q(reference__istartswith=text) | search.having(sought, by=actor))
    return found


def _tabs(request: HttpRequest, found: FilingQuerySet, current: str) -> tuple[Tab, ...]:
    counts = found.aggregate(**{name: Count("id", filter=q) for name, (_, q) in _views().items() if q})
    counts["all"] = found.count()
    return tuple(
        Tab(text, counts[name], with_query(request, {"view": "" if name == "all" else name}), name == current)
        for name, (text, _) in _views().items()
    )


class WorkspaceFile(ListFile, Page):
    """The organisation's filings as a file."""

    permission = Permission.FILING_READ
    audiences = PROVIDERS

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """One line a filing."""
        with self.reading() as actor:
            found = _chosen(request, actor).order_by("created_at")[: queue.CSV_ROWS]
            lines = [
                (f.reference, f.client_reference, f.run_id, f.status, f.number, f.training_compute_flop or "")
                for f in found
            ]
        head = ("reference", "client_reference", "run", "status", "version", "training_compute_flop")
        return self.sent("filings", head, lines)


class OneFiling(Page):
    """One filing of the organisation."""

    permission = Permission.FILING_READ
    audiences = PROVIDERS

    def get(self, request: HttpRequest, reference: str) -> HttpResponse:
        """The page the authority sees too, less its internal work; with the looks of authorities instead."""
        with self.reading() as actor:
            found = filing_page.read(own(reference, actor), by=actor)
        crumbs = (Crumb(gettext("My filings"), reverse("workspace")),)
        page = filing_page.build(found, by=self.actor, at=self.now, crumbs=crumbs)
        return self.shown("workspace/filing.html", page)


class OneVersion(Page):
    """The document of one version."""

    permission = Permission.FILING_READ
    audiences = PROVIDERS

    def get(self, request: HttpRequest, reference: str, number: int) -> HttpResponseBase:
        """JSON, as filed."""
        with self.reading() as actor:
            version = own(reference, actor).versions.filter(number=number).first()
        if version is None:
            raise NotFound
        return JsonResponse(document_view.members(version.canonical), json_dumps_params={"indent": 2})


class Receipt(Page):
    """The signed receipt of a version, with the opening that proves what was filed."""

    permission = Permission.FILING_READ
    audiences = PROVIDERS

    def get(self, request: HttpRequest, reference: str, number: int) -> HttpResponseBase:
        """JSON, to keep beside the document."""
        with self.reading() as actor:
            versions = own(reference, actor).versions.select_related("entry").defer(*RESTRICTED)
            version = versions.filter(number=number).first()
        if version is None:
            raise NotFound
        key = receipts.load_key(settings.RECEIPT_KEY_FILE)
        entry = log.line_of(version.entry)
        signed = receipts.sign(
            key=key,
            origin=settings.LOG_ORIGIN,
            filing=reference,
            version=number,
            entry=entry,
            mandate=str(version.mandate_id or ""),
        )
        answer = JsonResponse(
            {
                "receipt": signed.as_json(),
                "public_key": receipts.public_pem(key),
                "opening": {"salt": bytes(version.salt).hex(), "document_sha256": bytes(version.digest).hex()},
            },
            json_dumps_params={"indent": 2},
        )
        answer["Content-Disposition"] = f'attachment; filename="{reference}-{number}-receipt.json"'
        return answer


def own(reference: str, actor: Actor) -> Filing:
    """The filing of the organisation under that reference. Raises `NotFound`, for a foreign one too."""
    found = Filing.objects.visible_to(actor).filter(reference=reference).select_related("organisation").first()
    if found is None:
        raise NotFound
    return found


class Answer(Step):
    """Answer the authority's question."""

    permission = Permission.FILING_ANSWER
    audiences = PROVIDERS
    verb = "answer"
    back = "workspace-filings-one"

    def require_unchanged(self, reference: str, by: Actor) -> None:
        """An answer belongs to the question, whatever else changed: the step itself is refused when none is open."""

    def take(self, reference: str, by: Actor) -> None:
        """The one domain call."""
        said = self.request.POST.get("answer", "").strip()[: step_forms.LONGEST_REASON]
        if not said:
            raise Invalid(gettext("Write an answer before you send it."))
        actions.answer(reference=reference, reason=said, by=by, at=self.now)


class Withdraw(Step):
    """Withdraw before acceptance."""

    permission = Permission.FILING_WITHDRAW
    audiences = PROVIDERS
    verb = "withdraw"
    back = "workspace-filings-one"

    def take(self, reference: str, by: Actor) -> None:
        """The one domain call; the revision was compared already."""
        actions.withdraw(reference=reference, reason=self.reason, revision=None, by=by, at=self.now)
