"""The audit trail: every entry for the auditor, and for each entry a file that proves its place in the public log."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext

from registry.accounts.policy import Permission
from registry.acting import Actor, Audience
from registry.errors import NotFound
from registry.ledger import acts, chain, keeping, log, proofs, sequencing
from registry.ledger.models import Entry, Leaf
from registry.portal.page import PROVIDERS, REGULATORS, Page
from registry.portal.paging import part
from registry.portal.presentation import words
from registry.portal.presentation.marks import Crumb, Field, Filters, Heading, Label, Link, Notice, Pager, Tone

PUBLIC = ("index", "at", "commitment", "previous_hash", "entry_hash")


@dataclass(frozen=True)
class TrailLine:
    """One entry: when, what, about what, by whom; its place in the public log, and the file that proves it."""

    at: datetime
    index: str
    kind: str
    subject: str
    actor: str
    place: Label
    proof_href: str


@dataclass(frozen=True)
class TrailPage:
    """Entries, newest first."""

    heading: Heading
    filters: Filters
    rows: tuple[TrailLine, ...]
    pager: Pager | None = None
    notices: tuple[Notice, ...] = ()


class Trail(Page):
    """All entries, for the auditor."""

    permission = Permission.LOOK_READ
    audiences = frozenset({Audience.AUDITOR})

    def get(self, request: HttpRequest) -> HttpResponse:
        """A page of it, newest first; by subject where one is asked for."""
        subject = request.GET.get("q", "").strip()[:64]
        with self.reading():
            found = Entry.objects.order_by("-index")
            shown = part(request, found.filter(subject=subject) if subject else found)
            rows = _lines(list(shown.rows))
        page = TrailPage(_heading(), _filters(subject), rows, shown.pager)
        return self.shown("workspace/trail.html", page)


class OneEntry(Page):
    """What proves an entry: its public line and its place; for the auditor also what it says, with the opening."""

    permission = Permission.LOOK_READ
    audiences = PROVIDERS | REGULATORS | {Audience.AUDITOR}

    def get(self, request: HttpRequest, index: int) -> HttpResponse:
        """A file in JSON."""
        with self.reading() as actor:
            told = _proved(index, actor)
        answer = JsonResponse(told, json_dumps_params={"indent": 1, "ensure_ascii": False})
        answer["Content-Disposition"] = f'attachment; filename="entry-{index}.json"'
        return answer


def _lines(entries: list[Entry]) -> tuple[TrailLine, ...]:
    found = Leaf.objects.filter(entry__in=[entry.index for entry in entries], is_act=False)
    places = dict(found.values_list("entry_id", "position"))
    return tuple(
        TrailLine(
            entry.at,
            words.count(entry.index),
            entry.kind,
            entry.subject,
            entry.actor,
            _place(places.get(entry.index)),
            reverse("trail-one", args=[entry.index]),
        )
        for entry in entries
    )


def _place(position: int | None) -> Label:
    if position is None:
        return Label(gettext("still to come"), Tone.WAITING, "hourglass-medium")
    return Label(words.count(position), Tone.DONE, "check-circle")


def _proved(index: int, actor: Actor) -> dict[str, Any]:
    """Raises `NotFound`. Who is no auditor is shown nothing that is not public anyway."""
    line = log.line_of(_found(Entry.objects.only(*PUBLIC), index))
    told: dict[str, Any] = {
        "entry": {
            "index": line.index,
            "at": chain.moment_text(line.at),
            "commitment": line.commitment.hex(),
            "previous_hash": line.previous_hash.hex(),
            "entry_hash": line.entry_hash.hex(),
        },
        "log": _told(line.commitment, line.at),
    }
    if actor.audience is Audience.AUDITOR:
        act = sequencing.act_of(_found(Entry.objects.all(), index))
        told["act"] = {
            "statement": acts.statement(act).decode(),
            "salt": act.salt.hex(),
            "commitment": acts.commitment(act).hex(),
            "log": _told(acts.commitment(act), line.at),
        }
    return told


def _told(commitment: bytes, at: datetime) -> dict[str, Any]:
    published, quorum = keeping.places().published, keeping.policy().is_reached
    return proofs.told(commitment, at=at, published=published, quorum=quorum)


def _found(entries: Any, index: int) -> Entry:
    entry: Entry | None = entries.filter(index=index).first()
    if entry is None:
        raise NotFound
    return entry


def _heading() -> Heading:
    return Heading(
        gettext("Audit trail"),
        gettext("Every entry of the register: what was done, about what, by whom. Nobody can change a line."),
        (Crumb(gettext("Oversight"), reverse("portal-start")), Crumb(gettext("Audit trail"))),
        links=(Link(gettext("Public log"), reverse("public-log"), "stack"),),
    )


def _filters(subject: str) -> Filters:
    fields = (Field("q", gettext("Subject"), "search", subject),)
    return Filters(gettext("Filter the audit trail"), fields, reverse("trail"))
