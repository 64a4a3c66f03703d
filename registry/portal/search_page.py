"""The search of signed-in pages: what one may see that has the words, by kind, with the hit marked.

An authority states a purpose first, as for its queue: results name providers, and each filing, facility and return that
is listed is a look.
"""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext

from registry import searching
from registry.accounts.policy import Permission
from registry.acting import Actor, Audience
from registry.oversight import looks
from registry.oversight.models import LookKind
from registry.oversight.purposes import Purpose
from registry.portal import purpose, search, search_hits
from registry.portal.page import PROVIDERS, REGULATORS, Page
from registry.portal.presentation.marks import Crumb, Heading
from registry.portal.presentation.search import SearchPage
from registry.portal.search import Found


class Search(Page):
    """The results."""

    permission = Permission.FILING_READ
    audiences = PROVIDERS | REGULATORS

    def get(self, request: HttpRequest) -> HttpResponse:
        """What was found, or how to search. Nothing is sought where no word is left of what was typed."""
        sought = searching.read(request.GET.get("q", ""))
        is_own = self.actor.audience is Audience.PROVIDER
        home = Crumb(gettext("My filings"), reverse("workspace")) if is_own else _oversight()
        crumbs = (home, Crumb(gettext("Search")))
        if not sought.words:
            return self.shown("search.html", SearchPage(Heading(gettext("Search"), crumbs=crumbs)))
        if is_own:
            with self.reading() as actor:
                found = search.find(sought, by=actor, at=self.now)
        else:
            if (why := purpose.known(request)) is None:
                return purpose.asked(request)
            with self.writing() as actor:
                found = search.find(sought, by=actor, at=self.now)
                _note_looks(found, why, by=actor, at=self.now)
        groups = search_hits.groups(found, sought, is_own=is_own, at=self.now)
        told = gettext("Results for “%(words)s”") % {"words": sought.text}
        empty = "" if groups else gettext("Nothing was found with these words.")
        return self.shown("search.html", SearchPage(Heading(gettext("Search"), told, crumbs), groups, empty))


def _oversight() -> Crumb:
    return Crumb(gettext("Oversight"), reverse("overview"))


def _note_looks(found: Found, why: Purpose, *, by: Actor, at: datetime) -> None:
    """Log what the results list, as the list of each kind does."""
    about = [each.filing for each in found.findings[: search.SHOWN] if each.filing is not None]
    filings = [*found.filings[: search.SHOWN], *about]
    looks.note(filings, kind=LookKind.LISTED, purpose=why, by=by, at=at)
    looks.note_facilities(found.facilities[: search.SHOWN], kind=LookKind.LISTED, purpose=why, by=by, at=at)
    looks.note_returns(found.returns[: search.SHOWN], kind=LookKind.LISTED, purpose=why, by=by, at=at)
