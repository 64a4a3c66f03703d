"""The review queue: saved views as tabs, filters in the address, earliest deadline first."""

import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db.models import Count, Exists, F, OuterRef, Q
from django.db.models.expressions import OrderBy
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext

from registry import searching
from registry.accounts.models import User
from registry.accounts.policy import Permission
from registry.acting import Actor, Audience
from registry.filings import duties
from registry.filings.lifecycle import Status
from registry.filings.models import Filing, FilingQuerySet
from registry.filings.review_clock import Clock, clock_of
from registry.oversight import assigning, looks
from registry.oversight.models import LookKind
from registry.portal import case_marks, labels, purpose, search, table_file
from registry.portal.page import REGULATORS, Page, with_query
from registry.portal.paging import part
from registry.portal.presentation import drawn, words
from registry.portal.presentation.marks import Crumb, Field, Filters, Heading, Option, Tab
from registry.portal.presentation.overview import QueuePage, QueueRow, QueueTable
from registry.portal.table_file import ListFile
from registry.screening.models import Finding

CSV_ROWS = 10_000  # of a provider's own list


def me(actor: Actor) -> uuid.UUID | None:
    """The person behind the actor."""
    return uuid.UUID(actor.id.removeprefix("person:")) if actor.id.startswith("person:") else None


def views(actor: Actor) -> dict[str, tuple[str, Q]]:
    """The saved views: their words and what they hold."""
    found = Finding.objects.filter(filing=OuterRef("pk"))
    return {
        "all": (gettext("All open"), Q()),
        "mine": (gettext("Mine"), Q(assigned_to=me(actor))),
        "unassigned": (gettext("Unassigned"), Q(assigned_to__isnull=True)),
        "waiting": (gettext("Waiting for provider"), Q(status=Status.AWAITING_PROVIDER.value)),
        "findings": (gettext("With findings"), Q(Exists(found))),
    }


Order = tuple[str, tuple[str | OrderBy, ...]]  # its words, and the columns


def orders() -> dict[str, Order]:
    """The orders in which the queue can be read; the empty one is the usual."""
    return {
        "": (gettext("Earliest deadline first"), ("submitted_at", "id")),
        "newest": (gettext("Newest first"), ("-submitted_at", "id")),
        "compute": (
            gettext("Most compute first"),
            (F("training_compute_flop").desc(nulls_last=True), "submitted_at", "id"),
        ),
        "provider": (gettext("By provider"), ("organisation__legal_name", "submitted_at", "id")),
    }


def tabs(request: HttpRequest, actor: Actor, found: FilingQuerySet, *, href: str = "") -> tuple[Tab, ...]:
    """The saved views with how many filings each holds, counted at once."""
    known = views(actor)
    counts = found.aggregate(**{name: Count("id", filter=chosen) for name, (_, chosen) in known.items() if chosen})
    counts["all"] = found.count()
    current = request.GET.get("view", "all")
    return tuple(
        Tab(text, counts[name], href + with_query(request, {"view": "" if name == "all" else name}), name == current)
        for name, (text, _) in known.items()
    )


def clock(filing: Filing) -> Clock | None:
    """The authority's clock, from the filing's steps (prefetched as `transitions`)."""
    history = [(step.target, step.at) for step in sorted(filing.transitions.all(), key=lambda s: (s.at, s.id))]
    return clock_of(history, days=duties.review_days())


def row(filing: Filing, *, at: datetime, can_review: bool, route: str) -> QueueRow:
    """A filing as a line; the reviewer's name is filled in by `named`."""
    number = filing.number
    kind = labels.kind(filing.kind)
    is_free = can_review and filing.status == Status.SUBMITTED and filing.assigned_to is None
    href = reverse(route, args=[filing.reference])
    return QueueRow(
        reference=filing.reference,
        href=href,
        kind=gettext("%(kind)s, version %(number)s") % {"kind": kind, "number": number} if number > 1 else kind,
        provider=filing.organisation.legal_name,
        country=words.country(filing.organisation.seat_country),
        status=labels.status(filing.status),
        clock=labels.review_clock(clock(filing), at),
        flop=filing.training_compute_flop,
        run=filing.run_id,
        reviewer=str(filing.assigned_to or ""),
        take_href=f"{href}#decide" if is_free else "",
        findings=getattr(filing, "findings_count", 0),
    )


def names_of(ids: Iterable[str]) -> Mapping[str, str]:
    """Names of people by id. Read outside a unit of work: no audience may see the accounts."""
    wanted = {each for each in ids if each}
    found = User.objects.filter(id__in=wanted).values_list("id", "name") if wanted else ()
    return {str(id_): name for id_, name in found}


def named(rows: Iterable[QueueRow]) -> tuple[QueueRow, ...]:
    """The rows with names in place of the reviewers' ids."""
    listed = tuple(rows)
    names = names_of(each.reviewer for each in listed)
    return tuple(each.with_reviewer(names.get(each.reviewer, "")) for each in listed)


def chosen(request: HttpRequest, actor: Actor) -> FilingQuerySet:
    """The open filings that the filters in the address let through, before the saved view."""
    return filtered(request, Filing.objects.visible_to(actor).open_for_authority(), by=actor)


def filtered(request: HttpRequest, found: FilingQuerySet, *, by: Actor) -> FilingQuerySet:
    """What the filters in the address let through of these. Words find what the search finds, and parts of names."""
    sought = searching.read(request.GET.get("q", ""))
    if text := sought.text[:100]:
        named_so = Q(organisation__legal_name__icontains=text) | Q(run_id__icontains=text)
        found = found.filter(named_so | Q(reference__istartswith=text) | search.having(sought, by=by))
    if (status := request.GET.get("status")) in set(Status):
        found = found.filter(status=status)
    if (state := request.GET.get("state")) in drawn.MEMBERS:
        found = found.filter(territory=state)
    if band := labels.band_of(request.GET.get("band", "")):
        if band.above is not None:
            found = found.filter(training_compute_flop__gt=band.above)
        if band.up_to is not None:
            found = found.filter(training_compute_flop__lte=band.up_to)
    return found


class Queue(Page):
    """The whole queue."""

    permission = Permission.OVERVIEW_READ
    audiences = REGULATORS

    def get(self, request: HttpRequest) -> HttpResponse:
        """A page of it."""
        if (why := purpose.known(request)) is None:
            return purpose.asked(request)
        with self.writing() as actor:
            found = chosen(request, actor)
            known = tabs(request, actor, found)
            current = next((t for t in views(actor) if t == request.GET.get("view")), "all")
            order = request.GET.get("sort", "") if request.GET.get("sort") in orders() else ""
            ordered = (
                found.filter(views(actor)[current][1])
                .select_related("organisation")
                .prefetch_related("transitions")
                .annotate(findings_count=Count("findings", distinct=True))
                .order_by(*orders()[order][1])
            )
            shown = part(request, ordered)
            can = Permission.FILING_REVIEW.value in actor.permissions
            rows = [row(f, at=self.now, can_review=can, route="oversight-filings-one") for f in shown.rows]
            looks.note(shown.rows, kind=LookKind.LISTED, purpose=why, by=actor, at=self.now)
            people = _people(actor, self.now)
        request.counts = {"queue": known[0].count}  # type: ignore[attr-defined]
        page = QueuePage(
            heading=Heading(
                gettext("Review queue"),
                crumbs=(Crumb(gettext("Oversight"), reverse("overview")), Crumb(gettext("Review queue"))),
            ),
            filters=_filters(request, self.actor),
            queue=QueueTable(
                known,
                named(rows),
                table_file.links("queue", query=with_query(request, {})),
                shown.pager,
                empty=gettext("No filing fits these filters."),
                order=order or "due",
                order_words=orders()[order][0],
                assign_href=reverse("queue-assign") + with_query(request, {}) if people else "",
                people=people,
            ),
        )
        return self.shown("oversight/queue.html", page)


def _people(actor: Actor, at: datetime) -> tuple[Option, ...]:
    """Whom the actor may give filings to; none for who may not."""
    if Permission.FILING_ASSIGN.value not in actor.permissions:
        return ()
    people = [(each.user_id, each.user.name) for each in assigning.colleagues_of(actor, at)]
    return case_marks.people_options(people, me=me(actor))


class QueueFile(ListFile, Page):
    """The queue as a file: an export like any other, with the same filters."""

    permission = Permission.EXPORT_MAKE
    audiences = REGULATORS

    def get(self, request: HttpRequest) -> HttpResponse:
        """To the form, which asks for the purpose."""
        query = request.GET.copy()
        query["scope"], query["format"] = "open", self.form.value
        return redirect(f"{reverse('exports-new')}?{query.urlencode()}")


def _filters(request: HttpRequest, actor: Actor) -> Filters:
    def select(name: str, label: str, everything: str, options: Mapping[str, str]) -> Field:
        picked = request.GET.get(name, "")
        listed = (Option(code, text, code == picked) for code, text in options.items())
        return Field(name, label, "select", options=(Option("", everything), *listed))

    open_states = (Status.SUBMITTED, Status.IN_REVIEW, Status.AWAITING_PROVIDER)
    fields = [
        select("status", gettext("Status"), gettext("All"), {s.value: labels.status(s).text for s in open_states}),
        select("band", gettext("Compute band"), gettext("All bands"), labels.bands()),
    ]
    if actor.audience is Audience.AI_OFFICE:
        countries = sorted(((code, words.country(code)) for code in drawn.MEMBERS), key=lambda pair: pair[1])
        fields.insert(1, select("state", gettext("Member State"), gettext("All 27"), dict(countries)))
    picked = request.GET.get("sort", "")
    ordered = tuple(Option(code, text, code == picked) for code, (text, _) in orders().items())
    fields.append(Field("sort", gettext("Order"), "select", options=ordered))
    fields.append(Field("q", gettext("Words"), "search", searching.read(request.GET.get("q", "")).text))
    if view := request.GET.get("view", ""):
        fields.append(Field("view", "", "hidden", view[:20]))
    return Filters(gettext("Filter the queue"), tuple(fields), reverse("queue"))
