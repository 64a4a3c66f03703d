"""The newest figures for the home page: of the newest release, or of one of the first form while there is no other."""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext

from registry.acting import Actor
from registry.portal import release_drawn, release_page, release_view
from registry.portal.presentation.figures import Figure
from registry.portal.presentation.statistics import KeyNumber
from registry.statistics import shelf
from registry.statistics.models import Release


@dataclass(frozen=True)
class Newest:
    """Key figures, a figure, when they were published, and where the release is."""

    numbers: tuple[KeyNumber, ...]
    figure: Figure | None
    published_on: date
    href: str


def newest(*, by: Actor, now: datetime) -> Newest | None:
    """The newest figures; None before anything is published. Ask inside a unit of work."""
    title = gettext("Reported runs per quarter")
    standing = shelf.newest(shelf.published(by=by))
    if standing:
        given = release_drawn.drawn(standing[0], by=by, now=now)
        course = release_view.course(given, title=title)
        return Newest(release_view.numbers(given), course, given.shown.published_at.date(), given.shown.href)
    release = Release.objects.order_by("-published_at").first()
    if release is None:
        return None
    found = release_page.read(release)
    figure = release_page.figure(found, title=title)
    return Newest(release_page.numbers(found), figure, release.published_at.date(), release_page.href(release))
