"""The review queue: saved views as tabs, filters in the address, earliest deadline first."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext

from registry.accounts.models import User
from registry.accounts.policy import Permission
from registry.acting import Actor
from registry.filings import duties
from registry.filings.lifecycle import Status
from registry.filings.models import Filing, FilingQuerySet
from registry.filings.review_clock import Clock, clock_of
from registry.oversight import assigning, looks, queries
from registry.oversight.models import LookKind
from registry.portal import case_marks, labels, purpose, queue_filters, table_file, views_page
from registry.portal.page import REGULATORS, Page, with_query
from registry.portal.paging import part
from registry.portal.presentation import words
from registry.portal.presentation.marks import Crumb, Filters, Heading, Option, Tab
from registry.portal.presentation.overview import QueuePage, QueueRow, QueueTable
from registry.portal.table_file import ListFile
from registry.screening.models import Finding

ALL, FILED = "all", "filed"
CSV_ROWS = 10_000  # of a provider's own list


def me(actor: Actor) -> UUID | None:
    """The person behind the actor."""
    return UUID(actor.id.removeprefix("person:")) if actor.id.startswith("person:") else None


def views(actor: Actor) -> dict[str, tuple[str, Q]]:
    """The saved views: their words and what they hold."""
    found = Finding.objects.filter(filing=OuterRef("pk"))
    return {
        ALL: (gettext("All open"), Q()),
        "mine": (gettext("Mine"), Q(assigned_to=me(actor))),
        "unassigned": (gettext("Unassigned"), Q(assigned_to__isnull=True)),
        "waiting": (gettext("Waiting for provider"), Q(status=Status.AWAITING_PROVIDER.value)),
        "findings": (gettext("With findings"), Q(Exists(found))),
    }


def tabs(request: HttpRequest, actor: Actor, found: FilingQuerySet, *, href: str = "") -> tuple[Tab, ...]:
    """The saved views with how many filings each holds, counted at once."""
    known = views(actor)
    counts = found.aggregate(**{name: Count("id", filter=chosen) for name, (_, chosen) in known.items() if chosen})
    counts[ALL] = found.count()
    current = request.GET.get("view", ALL)
    return tuple(
        Tab(text, counts[name], href + with_query(request, {"view": "" if name == ALL else name}), name == current)
        for name, (text, _) in known.items()
    )


def clock(filing: Filing) -> Clock | None:
    """The authority's clock, from the filing's steps (prefetched as `transitions`)."""
    history = [(step.target, step.at) for step in sorted(filing.transitions.all(), key=lambda s: (s.at, s.id))]
    return clock_of(history, days=duties.review_days())


def row(filing: Filing, *, at: datetime, can_review: bool, route: str, unread: Collection[UUID] = ()) -> QueueRow:
    """A filing as a line; the reviewer's name is filled in by `named`, `unread` are those marked as such."""
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
        is_unread=filing.id in unread,
    )


def rows(filings: Iterable[Filing], actor: Actor, *, at: datetime) -> list[QueueRow]:
    """Filings as lines of an authority's list, with what is unread marked. Ask in a unit of work."""
    listed = list(filings)
    can, unread = Permission.FILING_REVIEW.value in actor.permissions, looks.unread([f.id for f in listed], by=actor)
    return [row(f, at=at, can_review=can, route="oversight-filings-one", unread=unread) for f in listed]


def names_of(ids: Iterable[str]) -> Mapping[str, str]:
    """Names of people by id. Read outside a unit of work: no audience may see the accounts."""
    wanted = {each for each in ids if each}
    found = User.objects.filter(id__in=wanted).values_list("id", "name") if wanted else ()
    return {str(id_): name for id_, name in found}


def named(lines: Iterable[QueueRow]) -> tuple[QueueRow, ...]:
    """The rows with names in place of the reviewers' ids."""
    listed = tuple(lines)
    names = names_of(each.reviewer for each in listed)
    return tuple(each.with_reviewer(names.get(each.reviewer, "")) for each in listed)


def chosen(request: HttpRequest, actor: Actor) -> FilingQuerySet:
    """The open filings that the filters in the address let through, before the saved view."""
    return queue_filters.filtered(request, Filing.objects.visible_to(actor).open_for_authority(), by=actor)


def filed(request: HttpRequest, actor: Actor) -> FilingQuerySet:
    """The same of everything that was ever filed."""
    return queue_filters.filtered(request, Filing.objects.visible_to(actor).filed(), by=actor)


class Queue(Page):
    """The whole queue."""

    permission = Permission.OVERVIEW_READ
    audiences = REGULATORS

    def get(self, request: HttpRequest) -> HttpResponse:
        """A page of it."""
        if (why := purpose.known(request)) is None:
            return purpose.asked(request)
        with self.writing() as actor:
            found, ever = chosen(request, actor), filed(request, actor)
            known = tabs(request, actor, found)
            view = request.GET.get("view", "")
            everything = Tab(
                gettext("All ever filed"), ever.count(), with_query(request, {"view": FILED}), view == FILED
            )
            order = queue_filters.order(request, usual="newest" if view == FILED else "")
            chosen_ones = ever if view == FILED else found.filter(views(actor).get(view, (ALL, Q()))[1])
            ordered = queries.listed(chosen_ones).order_by(*queue_filters.orders()[order][1])
            fields = queue_filters.fields(request, actor)
            shown = part(request, ordered)
            lines = rows(shown.rows, actor, at=self.now)
            looks.note(shown.rows, kind=LookKind.LISTED, purpose=why, by=actor, at=self.now)
            people = _people(actor, self.now)
        request.counts = {"queue": known[0].count}  # type: ignore[attr-defined]
        page = QueuePage(
            heading=Heading(
                gettext("Review queue"),
                crumbs=(Crumb(gettext("Oversight"), reverse("overview")), Crumb(gettext("Review queue"))),
            ),
            filters=Filters(gettext("Filter the queue"), fields, reverse("queue")),
            queue=QueueTable(
                (*known, everything),
                named(lines),
                table_file.links("queue", query=with_query(request, {})),
                shown.pager,
                empty=gettext("No filing fits these filters."),
                order=order or "due",
                order_words=queue_filters.orders()[order][0],
                assign_href=reverse("queue-assign") + with_query(request, {}) if people else "",
                people=people,
            ),
            own=views_page.own(request),
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
        query["scope"] = "filed" if query.get("view") == FILED else "open"
        query["format"] = self.form.value
        return redirect(f"{reverse('exports-new')}?{query.urlencode()}")
