"""The public pages of statistics: releases, one release, one table, calendar, methodology, dictionary, feeds."""

from collections.abc import Sequence
from datetime import UTC, datetime

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext

from registry.errors import NotFound
from registry.filings import calendar_feed
from registry.filings.calendar_feed import Event
from registry.portal import release_page, release_texts, release_view, release_words
from registry.portal.page import language
from registry.portal.presentation import words
from registry.portal.presentation.marks import Crumb, Heading, Label, Link, Tone
from registry.portal.presentation.open_pages import TextPage
from registry.portal.presentation.statistics import CalendarPage, PlannedLine, ReleaseLine, ReleasesPage
from registry.portal.public import OpenPage
from registry.portal.release_dictionary import dictionary
from registry.portal.release_drawn import drawn, shown
from registry.portal.release_view import Drawn
from registry.statistics import shelf
from registry.statistics.formats import feed
from registry.statistics.models import CalendarEntry, Release, Vintage


class Releases(OpenPage):
    """The list of releases."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """The newest first, every vintage; those of the first form beneath."""
        with self.reading() as actor:
            vintages = shelf.published(by=actor)
            planned = shelf.calendar()
            first_form = list(Release.objects.order_by("-published_at", "-vintage")[:200])
        newest = {each.pk for each in shelf.newest(vintages)}
        standing = {each.table: each.pk for each in reversed(first_form)}
        coming = [each for each in planned if each.publish_at > self.now]
        page = ReleasesPage(
            Heading(
                gettext("Statistics"),
                gettext("What the register publishes: figures that identify nobody."),
                (Crumb(gettext("Home"), reverse("home")), Crumb(gettext("Statistics"))),
                links=(
                    Link(gettext("Release calendar"), reverse("statistics-calendar-page"), "calendar-blank"),
                    Link(gettext("Methodology"), reverse("statistics-methodology"), "book-open-text"),
                    Link(gettext("Data dictionary"), reverse("statistics-dictionary"), "table"),
                ),
            ),
            tuple(_line(each, is_newest=each.pk in newest) for each in vintages),
            gettext("A quarter is published once it is over, at a moment announced before."),
            older=tuple(release_page.line(each, is_current=standing[each.table] == each.pk) for each in first_form),
            planned=tuple(_planned(each, self.now) for each in coming[:4]),
            feeds=_feeds(),
        )
        return self.shown("public/releases.html", page)


def _line(vintage: Vintage, *, is_newest: bool) -> ReleaseLine:
    label = release_words.status(vintage)
    if vintage.withdrawn_at is not None:
        label = Label(gettext("Withdrawn"), Tone.ALERT, "prohibit")
    elif not is_newest:
        label = Label(gettext("Superseded"), Tone.PLAIN, "clock-counter-clockwise")
    return ReleaseLine(
        gettext("Training runs and compute access in the European Union"),
        reverse("statistics-vintage", args=[vintage.release, vintage.number]),
        release_words.period(vintage.release),
        words.day(vintage.published_at or vintage.publish_at),
        label,
        gettext("Vintage %(number)s") % {"number": vintage.number},
    )


def _feeds() -> tuple[Link, ...]:
    return (
        Link(gettext("Atom feed of releases"), reverse("statistics-feed"), "bell"),
        Link(gettext("Calendar (iCalendar)"), reverse("statistics-calendar-ics"), "calendar-blank"),
        Link(gettext("Catalogue for data portals (DCAT-AP)"), reverse("release-catalogue", args=["ttl"]), "stack"),
    )


class NewestOfRelease(OpenPage):
    """The newest vintage of a release that stands."""

    def get(self, request: HttpRequest, release: str) -> HttpResponse:
        """The page of that vintage; of the last one where all are withdrawn."""
        with self.reading() as actor:
            try:
                vintages = shelf.of_release(release, by=actor)
            except NotFound:
                raise Http404 from None
            vintage = (shelf.newest(vintages) or vintages)[0]
            page = release_view.page(drawn(vintage, by=actor, now=self.now), call_base=settings.BASE_URL)
        return self.shown("public/release.html", page)


class OneVintage(OpenPage):
    """One vintage of a release."""

    def get(self, request: HttpRequest, release: str, vintage: str) -> HttpResponse:
        """The page."""
        with self.reading() as actor:
            try:
                found = shelf.one(release, int(vintage), by=actor)
            except NotFound:
                raise Http404 from None
            page = release_view.page(drawn(found, by=actor, now=self.now), call_base=settings.BASE_URL)
        return self.shown("public/release.html", page)


class OneTable(OpenPage):
    """One table of a vintage, with every cell."""

    def get(self, request: HttpRequest, release: str, vintage: str, table: str) -> HttpResponse:
        """The page; `at` chooses a moment of the table."""
        with self.reading() as actor:
            try:
                found = shelf.one(release, int(vintage), by=actor)
            except NotFound:
                raise Http404 from None
            around = shown(found, by=actor, now=self.now)
            if table not in {each.id for each in around.tables}:
                raise Http404
            given = Drawn(around, shelf.read(found, only={table}))
        try:
            page = release_view.table_page(given, call_base=settings.BASE_URL, moment=request.GET.get("at", ""))
        except ValueError:
            raise Http404 from None
        return self.shown("public/release.html", page)


class Calendar(OpenPage):
    """The release calendar."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """What comes, what has been, and the rules of release."""
        with self.reading():
            planned = shelf.calendar()
        page = CalendarPage(
            Heading(
                gettext("Release calendar"),
                gettext("When figures appear: for everybody at the same moment."),
                (*release_words.crumbs(), Crumb(gettext("Release calendar"))),
            ),
            tuple(_planned(each, self.now) for each in planned if each.publish_at > self.now),
            tuple(_planned(each, self.now) for each in reversed(planned) if each.publish_at <= self.now),
            release_texts.release_rules(),
            (Link(gettext("Calendar (iCalendar)"), reverse("statistics-calendar-ics"), "calendar-blank"),),
        )
        return self.shown("public/calendar.html", page)


def _planned(entry: CalendarEntry, now: datetime) -> PlannedLine:
    text = gettext("Statistics of %(quarter)s") % {"quarter": release_words.quarter_name(entry.release)}
    kind = gettext("Revision") if entry.is_revision else gettext("Release")
    tone = Label(kind, Tone.WAITING if entry.is_revision else Tone.NEW, "calendar-blank")
    href = reverse("statistics-release", args=[entry.release]) if entry.publish_at <= now else ""
    return PlannedLine(text, words.moment(entry.publish_at), tone, href)


class CalendarFile(OpenPage):
    """The release calendar as iCalendar."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """An event for each announced moment."""
        with self.reading():
            planned = shelf.calendar()
        events = [
            Event(
                uid=f"{each.release}-{each.publish_at:%Y%m%dT%H%M%SZ}@statistics.ecar",
                summary=gettext("Statistics of %(quarter)s") % {"quarter": release_words.quarter_name(each.release)},
                description=gettext("Revision") if each.is_revision else gettext("Release"),
                starts_at=each.publish_at,
                sequence=0,
                changed_at=each.announced_at,
                url=f"{settings.BASE_URL}{reverse('statistics-release', args=[each.release])}",
            )
            for each in planned
        ]
        content = calendar_feed.calendar(
            events,
            name=gettext("Release calendar"),
            description=gettext("When figures appear: for everybody at the same moment."),
            zone="Europe/Brussels",
            language=language(),
        )
        return self.file(content, f"{calendar_feed.MEDIA_TYPE}; charset=utf-8")


class Feed(OpenPage):
    """The Atom feed of releases."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """An entry for each vintage."""
        with self.reading() as actor:
            vintages = shelf.published(by=actor)
        content = feed.atom(
            [_entry(each) for each in vintages],
            href=f"{settings.BASE_URL}{reverse('statistics-feed')}",
            page=f"{settings.BASE_URL}{reverse('statistics')}",
            title=gettext("Releases of the European Compute-Access Registry"),
            author="European Compute-Access Registry",
            language=language(),
        )
        return self.file(content, f"{feed.MEDIA_TYPE}; charset=utf-8")


def _entry(vintage: Vintage) -> feed.Entry:
    at = vintage.published_at or vintage.publish_at
    known = {"quarter": release_words.quarter_name(vintage.release), "number": vintage.number}
    summary = release_words.status(vintage).text
    if vintage.withdrawn_at is not None:
        summary = f"{gettext('Withdrawn')}: {getattr(vintage, f'notice_{language()}')}"
    return feed.Entry(
        f"{settings.BASE_URL}{reverse('statistics-vintage', args=[vintage.release, vintage.number])}",
        gettext("Statistics of %(quarter)s, vintage %(number)s") % known,
        summary,
        at.astimezone(UTC),
        (vintage.withdrawn_at or at).astimezone(UTC),
    )


class Methodology(OpenPage):
    """How figures are made and protected."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """A text."""
        heading = Heading(
            gettext("Methodology"),
            gettext("How the figures are made, and why nobody can be found in them."),
            (*release_words.crumbs(), Crumb(gettext("Methodology"))),
        )
        return self.shown("public/text.html", TextPage(heading, release_texts.methodology()))


class Dictionary(OpenPage):
    """What each code means."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """The dimensions, measures and flags of the newest release."""
        with self.reading() as actor:
            newest: Sequence[Vintage] = shelf.newest(shelf.published(by=actor))[:1]
            structure = shelf.read(newest[0], only=()) if newest else None
            around = shown(newest[0], by=actor, now=self.now) if newest else None
        heading = Heading(
            gettext("Data dictionary"),
            gettext("What each column and each code of the files means."),
            (*release_words.crumbs(), Crumb(gettext("Data dictionary"))),
        )
        return self.shown("public/dictionary.html", dictionary(heading, structure, around))
