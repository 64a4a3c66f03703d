"""A provider's messages: what authorities asked and decided, and mismatches, each with where it is answered."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext, ngettext

from registry.accounts import personal
from registry.accounts.policy import Permission
from registry.acting import Actor
from registry.filings.models import Decision, Filing, Plea, Transition
from registry.portal import document_view, duty_marks, exchanges, labels, message_sources
from registry.portal.message_sources import Source
from registry.portal.page import PROVIDERS, Page, language, with_query
from registry.portal.paging import part
from registry.portal.presentation.marks import Crumb, Heading, Label, Link, Tab, Tone
from registry.portal.presentation.messages import MessageLine, MessagesPage
from registry.screening import mismatches
from registry.screening.models import Mismatch

LONGEST: Final = 280  # of a message in the list; the whole stands where it is answered
WAITING, UNREAD = "waiting", "unread"
LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)  # until when somebody has read who never said so
_HOLDS: Final[Mapping[str, tuple[Source, ...]]] = {
    "all": tuple(Source),
    WAITING: tuple(Source),
    UNREAD: tuple(Source),
    "questions": (Source.QUESTION,),
    "decisions": (Source.STEP, Source.DECISION),
    "mismatches": (Source.MISMATCH,),
}


class Messages(Page):
    """The messages of the organisation."""

    permission = Permission.FILING_READ
    audiences = PROVIDERS

    def get(self, request: HttpRequest) -> HttpResponse:
        """What waits for the provider first, then newest first."""
        view = request.GET.get("view", "all")
        view = view if view in _HOLDS else "all"
        read = personal.read_until(user=_me(request), page=_whose(self.actor)) or LONG_AGO
        with self.reading() as actor:
            counts = {name: _found(actor, name, read).count() for name in _HOLDS}
            shown = part(request, _found(actor, view, read))
            known = message_sources.fetched(shown.rows, actor)
            rows = tuple(replace(_line(row, known, self.now), is_unread=row["said_at"] > read) for row in shown.rows)
        request.counts = {"workspace-messages": counts[WAITING]}  # type: ignore[attr-defined]
        page = MessagesPage(
            heading=_heading(counts[WAITING]),
            tabs=tuple(
                Tab(text, counts[name], with_query(request, {"view": "" if name == "all" else name}), name == view)
                for name, text in _names().items()
            ),
            rows=rows,
            pager=shown.pager,
            read_href=reverse("workspace-messages-read") if counts[UNREAD] else "",
            read_until=self.now.isoformat(),
        )
        return self.shown("workspace/messages.html", page)


class MarkRead(Page):
    """All that the page told when it was made is read by who read it; what came since is not."""

    permission = Permission.FILING_READ
    audiences = PROVIDERS

    def post(self, request: HttpRequest) -> HttpResponse:
        """Then back to the messages. A moment that is none, or lies ahead, is now."""
        try:
            told = datetime.fromisoformat(request.POST.get("until", ""))
        except ValueError:
            told = self.now
        until = min(told, self.now) if told.tzinfo else self.now
        personal.mark_read(user=_me(request), page=_whose(self.actor), until=until)
        messages.success(request, gettext("All messages are marked as read."))
        return redirect("workspace-messages")


def _me(request: HttpRequest) -> UUID:
    return UUID(str(request.user.pk))


def _whose(actor: Actor) -> str:
    """Whose messages are read: under a mandate those of the organisation that is acted for."""
    return f"messages/{actor.organisation.hex if actor.organisation else ''}"


def _names() -> dict[str, str]:
    return {
        "all": gettext("All"),
        WAITING: gettext("Waiting for you"),
        UNREAD: gettext("Unread"),
        "questions": gettext("Questions"),
        "decisions": gettext("Decisions"),
        "mismatches": gettext("Mismatches"),
    }


def _found(actor: Actor, view: str, read: datetime) -> message_sources.Rows:
    after = read if view == UNREAD else None
    return message_sources.listed(actor, _HOLDS[view], only_waiting=view == WAITING, after=after)


def _heading(waiting: int) -> Heading:
    told = ngettext("%(count)s message waits for you.", "%(count)s messages wait for you.", waiting)
    label = Label(told % {"count": waiting}, Tone.WAITING, "hourglass-medium") if waiting else None
    return Heading(
        gettext("Messages"),
        gettext("What authorities asked and decided about your filings, and where the register found a mismatch."),
        (Crumb(gettext("Workspace"), reverse("workspace")), Crumb(gettext("Messages"))),
        label,
    )


def _line(row: message_sources.Found, known: Mapping[tuple[str, str], Any], at: datetime) -> MessageLine:
    lines: dict[str, Callable[[Any, bool, datetime], MessageLine]] = {
        Source.QUESTION: _question,
        Source.STEP: _step,
        Source.DECISION: _decision,
        Source.MISMATCH: _mismatch,
    }
    return lines[row["found_in"]](known[message_sources.key_of(row)], message_sources.is_waiting(row), at)


def _question(step: Transition, waits: bool, at: datetime) -> MessageLine:
    is_late = waits and step.answer_by is not None and step.answer_by < at
    state = Label(gettext("Answered"), Tone.DONE, "check-circle")
    if waits:
        state = Label(gettext("Answer overdue"), Tone.ALERT, "warning-octagon") if is_late else _waiting()
    elif not getattr(step, "is_answered", False):
        state = Label(gettext("Ended unanswered"), Tone.PLAIN, "prohibit")
    href = f"{_address(step.filing)}#questions"
    return MessageLine(
        kind=Label(gettext("Question"), Tone.NEW, labels.STEP_ICONS["ask"]),
        state=state,
        at=step.at,
        by=step.actor_name,
        about=step.filing.reference,
        about_href=_address(step.filing),
        run=step.filing.run_id,
        text=_short(step.reason),
        link=Link(gettext("Write an answer"), href, "arrow-bend-up-left") if waits else Link(gettext("Read"), href),
        fields=tuple(document_view.path(pointer) for pointer in step.pointers),
        due=exchanges.due(step, at, is_open=False),
        waits=waits,
    )


def _step(step: Transition, waits: bool, at: datetime) -> MessageLine:
    named = {
        "accept": Label(gettext("Accepted"), Tone.DONE, labels.STEP_ICONS["accept"]),
        "return": Label(gettext("Returned"), Tone.WAITING, labels.STEP_ICONS["return"]),
        "confirm_withdrawal": Label(gettext("Withdrawal confirmed"), Tone.PLAIN, labels.STEP_ICONS["withdraw"]),
    }
    href = reverse("workspace-filings-amend", args=[step.filing.reference]) if waits else _address(step.filing)
    return MessageLine(
        kind=named[step.verb],
        state=_waiting() if waits else None,
        at=step.at,
        by=step.actor_name,
        about=step.filing.reference,
        about_href=_address(step.filing),
        run=step.filing.run_id,
        text=_short(step.reason),
        link=Link(gettext("File a new version"), href, "pencil-simple") if waits else Link(gettext("Read"), href),
        waits=waits,
    )


def _decision(decision: Decision, waits: bool, at: datetime) -> MessageLine:
    plea = decision.plea
    duty = plea.duty if plea else None
    href = duty_marks.address(duty) if duty else _address(decision.filing) if decision.filing else ""
    return MessageLine(
        kind=duty_marks.kind(decision.kind),
        state=duty_marks.outcome(decision),
        at=decision.at,
        by=decision.actor_name,
        about=duty_marks.about(duty) if duty else _reference(decision.filing, plea),
        about_href=duty_marks.about_address(duty) if duty else href,
        run=duty_marks.name(duty.code) if duty else decision.filing.run_id if decision.filing else "",
        text=_short(decision.reason),
        link=Link(gettext("Read"), href),
        waits=waits,
    )


def _mismatch(row: Mismatch, waits: bool, at: datetime) -> MessageLine:
    href = reverse("workspace-mismatches-one", args=[row.reference])
    state = Label(gettext("Answered"), Tone.DONE, "check-circle")
    if waits:
        state = _waiting()
    elif row.status == Mismatch.Status.CLOSED:
        state = Label(gettext("Closed"), Tone.DONE, "check-circle")
    return MessageLine(
        kind=Label(gettext("Mismatch"), Tone.REVIEW, "git-diff"),
        state=state,
        at=row.found_at,
        by=gettext("The register"),
        about=row.reference,
        about_href=href,
        run=row.facility_name,
        text=_short(mismatches.sentence(row, language())),
        link=Link(gettext("Write an answer"), href, "arrow-bend-up-left") if waits else Link(gettext("Read"), href),
        waits=waits,
    )


def _waiting() -> Label:
    return Label(gettext("Waiting for you"), Tone.WAITING, "hourglass-medium")


def _reference(filing: Filing | None, plea: Plea | None) -> str:
    return filing.reference if filing else duty_marks.subject(plea) if plea else ""


def _address(filing: Filing) -> str:
    return reverse("workspace-filings-one", args=[filing.reference])


def _short(text: str) -> str:
    """A message as a list shows it; what was erased is nothing."""
    return Truncator(text).chars(LONGEST)
