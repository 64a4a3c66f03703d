"""What a provider asks about a duty of the organisation itself: the page of one request, and the decision."""

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext

from registry.accounts.policy import Permission
from registry.acting import Actor
from registry.errors import NotFound
from registry.filings.models import Plea
from registry.oversight import queries
from registry.portal import plea_page
from registry.portal import purpose as purpose_page
from registry.portal.page import REGULATORS, Page, language


class OnePlea(Page):
    """One request."""

    permission = Permission.OVERVIEW_READ
    audiences = REGULATORS

    def get(self, request: HttpRequest, organisation: uuid.UUID, plea: uuid.UUID) -> HttpResponse:
        """The page, once a purpose is stated. It shows no filing, so it is no look at one."""
        why = purpose_page.known(request)
        if why is None:
            return purpose_page.asked(request)
        with self.reading() as actor:
            asked = list(queries.own_pleas_of(actor, organisation))
            told = gettext("You look at this organisation for: %(purpose)s.") % {"purpose": why.text(language())}
            page = plea_page.page_of(plea, asked, purpose=told, by=actor)
        return self.shown("oversight/plea.html", page)


class Decide(plea_page.Decide):
    """Grant or refuse."""

    back = "oversight-own-pleas-one"

    def found(self, actor: Actor, **where: Any) -> Plea:
        """The request that the address names."""
        found = queries.own_pleas_of(actor, where["organisation"]).filter(id=where["plea"]).first()
        if found is None:
            raise NotFound
        return found
