"""Who looked at identified filings: for the provider its own, for the auditor all, for an authority its territory's."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext

from registry.accounts.policy import Permission
from registry.acting import Actor, Audience
from registry.compute import return_reference
from registry.oversight import purposes
from registry.oversight.models import Look
from registry.portal import access_log, table_file
from registry.portal.page import PROVIDERS, REGULATORS, Page, language, with_query
from registry.portal.paging import part
from registry.portal.presentation import choices, words
from registry.portal.presentation.access import AccessLogPage, LookLine
from registry.portal.presentation.marks import Crumb, Field, Filters, Heading
from registry.portal.table_file import ListFile

FILE_ROWS = 50_000
HEAD = ("at", "reference", "kind", "authority", "role", "legal_basis", "case_reference", "purpose", "entry")


class AccessLog(Page):
    """The log."""

    permission = Permission.LOOK_READ
    audiences = PROVIDERS | REGULATORS | {Audience.AUDITOR}

    def get(self, request: HttpRequest) -> HttpResponse:
        """A page of it, newest first."""
        with self.reading() as actor:
            shown = part(request, chosen(request, actor))
            rows = tuple(_line(look, actor) for look in shown.rows)
        page = AccessLogPage(
            heading=_heading(self.actor),
            filters=_filters(request),
            rows=rows,
            files=table_file.links("access-log", query=with_query(request, {})),
            pager=shown.pager,
            names_persons=self.actor.audience is not Audience.PROVIDER,
        )
        return self.shown("workspace/access_log.html", page)


class AccessLogFile(ListFile, Page):
    """The log as a file, with the same filters."""

    permission = Permission.LOOK_READ
    audiences = PROVIDERS | REGULATORS | {Audience.AUDITOR}

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """One line a look; codes, for machines. Persons are not in it."""
        with self.reading() as actor:
            lines = list(_csv_lines(chosen(request, actor)[:FILE_ROWS]))
        return self.sent("access-log", HEAD, lines)


def chosen(request: HttpRequest, actor: Actor) -> QuerySet[Look]:
    """The looks that the filters in the address let through."""
    found = Look.objects.visible_to(actor)
    if reference := request.GET.get("q", "").strip()[:32]:
        found = found.filter(reference__istartswith=reference)
    if (kind := request.GET.get("kind", "")) in access_log.kinds():
        found = found.filter(kind=kind)
    if (basis := request.GET.get("basis", "")) in purposes.bases():
        found = found.filter(basis=basis)
    if since := _day(request.GET.get("from", "")):
        found = found.filter(at__gte=since)
    if until := _day(request.GET.get("to", "")):
        found = found.filter(at__lt=until + timedelta(days=1))
    return found


def _day(text: str) -> datetime | None:
    try:
        return datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC)
    except ValueError:
        return None


def _csv_lines(looks: QuerySet[Look]) -> Iterator[tuple[object, ...]]:
    for look in looks:
        yield (
            look.at.isoformat(),
            look.reference,
            look.kind,
            look.looked_from,
            look.role,
            look.basis,
            look.case_reference,
            look.purpose,
            "" if look.entry_id is None else look.entry_id,
        )


def _line(look: Look, actor: Actor) -> LookLine:
    side = {Audience.PROVIDER: "workspace", Audience.AUDITOR: ""}.get(actor.audience, "oversight")
    what = "filings" if look.filing_id else "returns" if return_reference.is_valid(look.reference) else "facilities"
    href = reverse(f"{side}-{what}-one", args=[look.reference]) if side and look.reference else ""
    return LookLine(
        at=look.at,
        reference=look.reference,
        href=href,
        kind=access_log.kind(look.kind),
        who=access_log.who(look),
        why=access_log.why(look),
        person="" if actor.audience is Audience.PROVIDER else look.actor_name or "",
        entry="" if look.entry_id is None else words.count(look.entry_id),
        entry_href="" if look.entry_id is None else reverse("trail-one", args=[look.entry_id]),
    )


def _heading(actor: Actor) -> Heading:
    if actor.audience is Audience.PROVIDER:
        told = gettext(
            "Every time somebody of an authority saw a filing of yours: which authority, in which role, why."
        )
        first = Crumb(gettext("Workspace"), reverse("workspace"))
    else:
        told = gettext("Every time somebody of an authority saw an identified filing. Nobody can change a line.")
        first = Crumb(gettext("Oversight"), reverse("portal-start"))
    return Heading(gettext("Access log"), told, (first, Crumb(gettext("Access log"))))


def _filters(request: HttpRequest) -> Filters:
    query = request.GET
    bases = {b.code: f"{b.words[language()]}, {b.article}" for b in purposes.bases().values()}
    fields = (
        Field("q", gettext("Filing"), "search", query.get("q", "")),
        choices.select("kind", gettext("How"), access_log.kinds(), query.get("kind", ""), everything=gettext("All")),
        choices.select("basis", gettext("Legal basis"), bases, query.get("basis", ""), everything=gettext("All")),
        Field("from", gettext("From"), "date", query.get("from", "")),
        Field("to", gettext("To"), "date", query.get("to", "")),
    )
    return Filters(gettext("Filter the access log"), fields, reverse("access-log"))
