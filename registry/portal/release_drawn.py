"""What the pages of releases are drawn from: a vintage with what surrounds it, and the quarters before it."""

from datetime import datetime

from registry.acting import Actor
from registry.portal import release_view
from registry.portal.release_view import Drawn
from registry.portal.release_words import Shown
from registry.statistics import shelf
from registry.statistics.models import Vintage

QUARTERS_SHOWN = 12


def shown(vintage: Vintage, *, by: Actor, now: datetime) -> Shown:
    """A vintage with its tables and files, the other vintages, and when the next release comes."""
    coming = next((each for each in shelf.calendar() if each.publish_at > now), None)
    return Shown(
        vintage,
        tuple(shelf.of_release(vintage.release, by=by)),
        shelf.described(vintage).tables,
        shelf.files(vintage),
        coming.publish_at if coming else None,
    )


def drawn(vintage: Vintage, *, by: Actor, now: datetime) -> Drawn:
    """A vintage with the tables of its head, and the newest vintages of the quarters before it."""
    known = shelf.newest(shelf.published(by=by))
    before = sorted((each for each in known if each.release < vintage.release), key=lambda each: each.release)
    wanted = release_view.needed()
    earlier = tuple(shelf.read(each, only=wanted) for each in before[1 - QUARTERS_SHOWN :])
    return Drawn(shown(vintage, by=by, now=now), shelf.read(vintage, only=wanted), earlier)
