"""Publications: the releases that are prepared, waiting, published and withdrawn; announcing and drafting one."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext

from registry.accounts.policy import Permission
from registry.acting import Actor, Audience
from registry.errors import Conflict, Invalid, NotPossible
from registry.periods import Quarter
from registry.portal.page import Page, said
from registry.portal.presentation import words
from registry.portal.presentation.marks import Crumb, Field, Heading, Label, Notice, Option, Tone
from registry.portal.presentation.publications import ActForm, CalendarLine, PublicationsPage, VintageLine
from registry.statistics import vintages
from registry.statistics.models import CalendarEntry, State, Verdict, Vintage

PREPARES = frozenset({Audience.STATISTICIAN})
SHOWN = 200
QUARTERS_BACK = 8
USUAL_HOUR = 9  # UTC


class Publications(Page):
    """The list, the calendar, and the two forms."""

    permission = Permission.RELEASE_READ
    audiences = PREPARES

    def get(self, request: HttpRequest) -> HttpResponse:
        """Newest first."""
        return self._page()

    def post(self, request: HttpRequest) -> HttpResponse:
        """Announce a moment, or draft a vintage for one; what is refused is told above the list."""
        form = request.POST
        try:
            with self.writing() as actor:
                reference = _do(form.get("act", ""), form, actor, self.now)
        except (Invalid, NotPossible, Conflict) as refused:
            answer = self._page(notices=(Notice("error", " ".join(said(refused))),))
            answer.status_code = 400 if isinstance(refused, Invalid) else 409
            return answer
        messages.success(request, gettext("Done."))
        return redirect(reverse("publication", args=[reference]) if reference else "publications")

    def _page(self, *, notices: tuple[Notice, ...] = ()) -> HttpResponse:
        with self.reading() as actor:
            rows = tuple(map(_line, Vintage.objects.visible_to(actor)[:SHOWN]))
            coming = list(CalendarEntry.objects.filter(publish_at__gt=self.now)[:SHOWN])
        page = PublicationsPage(
            Heading(
                gettext("Publications"),
                gettext("Built, attacked by the auditor, approved by a second person; then it appears at its moment."),
                (Crumb(gettext("Publications")),),
            ),
            rows,
            tuple(_entry(each) for each in coming),
            _forms(self.actor, coming, self.now),
            notices,
        )
        return self.shown("oversight/publications.html", page)


def _do(act: str, form: Mapping[str, str], by: Actor, at: datetime) -> str:
    """Do what the form asks for; the id of a vintage that was drafted."""
    if act == "announce":
        vintages.announce(release=form.get("release", ""), publish_at=_moment(form), by=by, at=at)
        return ""
    if act != "draft":
        raise Invalid("Nothing of this name can be done here.", remedy="Choose what stands on the page.")
    release, _, moment = form.get("entry", "").partition(" ")
    publish_at = _read(moment)
    is_provisional = form.get("provisional") == "1"
    drafted = vintages.draft(release=release, publish_at=publish_at, is_provisional=is_provisional, by=by, at=at)
    return str(drafted.id)


def _moment(form: Mapping[str, str]) -> datetime:
    return _read(f"{form.get('day', '')}T{form.get('hour', '')}:00+00:00")


def _read(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Invalid("A day is needed.", remedy="Choose another day.") from None


def _forms(actor: Actor, coming: list[CalendarEntry], at: datetime) -> tuple[ActForm, ...]:
    if Permission.RELEASE_DRAFT.value not in actor.permissions:
        return ()
    quarters = tuple(Option(name, name) for name in _quarters(at))
    hours = tuple(Option(f"{hour:02}", f"{hour:02}:00", hour == USUAL_HOUR) for hour in range(24))
    usual = (at + timedelta(days=28)).date().isoformat()
    announce = ActForm(
        "announce",
        gettext("Announce a release"),
        gettext("The moment enters the public calendar at once and cannot be taken back."),
        gettext("Announce"),
        "calendar-check",
        (
            Field("release", gettext("Quarter"), "select", options=quarters, required=True),
            Field("day", gettext("Day"), "date", usual, required=True),
            Field("hour", gettext("Hour, UTC"), "select", options=hours),
        ),
    )
    if not coming:
        return (announce,)
    options = tuple(
        Option(f"{each.release} {each.publish_at.isoformat()}", f"{each.release}, {words.moment(each.publish_at)}")
        for each in coming
    )
    kinds = (Option("1", gettext("provisional")), Option("0", gettext("final")))
    draft = ActForm(
        "draft",
        gettext("Draft a vintage"),
        gettext("It counts what was submitted until now. Building takes minutes; its page tells how far it is."),
        gettext("Draft"),
        "book-open-text",
        (
            Field("entry", gettext("Announced"), "select", options=options, required=True),
            Field("provisional", gettext("Figures are"), "select", options=kinds, required=True),
        ),
        is_main=True,
    )
    return draft, announce


def _quarters(at: datetime) -> list[str]:
    """The running quarter and some before it, newest first."""
    running = Quarter.of(at.date())
    found = [running]
    while len(found) < QUARTERS_BACK:
        last = found[-1]
        found.append(Quarter(last.year - 1, 4) if last.number == 1 else Quarter(last.year, last.number - 1))
    return [str(each) for each in found]


def _entry(entry: CalendarEntry) -> CalendarLine:
    note = gettext("revision") if entry.is_revision else gettext("first publication")
    return CalendarLine(entry.release, entry.publish_at, note)


def _line(vintage: Vintage) -> VintageLine:
    return VintageLine(
        title(vintage),
        reverse("publication", args=[vintage.id]),
        state(vintage),
        verdict(vintage.verdict) if vintage.verdict else None,
        vintage.publish_at,
        vintage.drafter_name,
        vintage.approver_name,
    )


def title(vintage: Vintage) -> str:
    """`2026-Q3, vintage 1`."""
    return gettext("%(release)s, vintage %(number)s") % {"release": vintage.release, "number": vintage.number}


def state(vintage: Vintage) -> Label:
    """Where a vintage stands, in words."""
    known = {
        State.DRAFT: Label(gettext("Being built"), Tone.REVIEW, "clock"),
        State.PROTECTED: Label(gettext("Being attacked"), Tone.REVIEW, "clock"),
        State.ATTACKED: Label(gettext("Waits for approval"), Tone.WAITING, "hourglass-medium"),
        State.APPROVED: Label(gettext("Approved, under embargo"), Tone.NEW, "calendar-check"),
        State.PUBLISHED: Label(gettext("Published"), Tone.DONE, "check-circle"),
        State.WITHDRAWN: Label(gettext("Withdrawn"), Tone.ALERT, "warning-octagon"),
        State.DROPPED: Label(gettext("Dropped"), Tone.PLAIN, "x"),
    }
    if vintage.state == State.ATTACKED and vintage.verdict != Verdict.CLEAN:
        return Label(gettext("Cannot be approved"), Tone.ALERT, "warning-octagon")
    return known[State(vintage.state)]


def verdict(said: str) -> Label:
    """What the auditor found, in words."""
    return {
        Verdict.CLEAN: Label(gettext("Nothing found"), Tone.DONE, "shield-check"),
        Verdict.DISCLOSURE: Label(gettext("Disclosure"), Tone.ALERT, "warning-octagon"),
        Verdict.BAD_INPUT: Label(gettext("Could not be read"), Tone.ALERT, "warning"),
        Verdict.UNDECIDED: Label(gettext("Undecided"), Tone.WAITING, "warning"),
    }[Verdict(said)]
