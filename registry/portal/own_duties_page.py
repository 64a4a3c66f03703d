"""Duties of the organisation itself: the page of one, and what can be asked about it."""

from typing import Any

from django.http import HttpRequest, HttpResponse

from registry.accounts.policy import Permission
from registry.acting import Actor
from registry.errors import NotFound
from registry.filings import duty_lists
from registry.filings.models import Duty
from registry.portal import duties_page
from registry.portal.page import PROVIDERS, Page


def found(actor: Actor, number: int) -> Duty:
    """The organisation's own duty of that number, or NotFound."""
    duty = duty_lists.listed(actor).of_organisations().filter(pk=number).first()
    if duty is None:
        raise NotFound
    return duty


class OneDuty(Page):
    """One duty of the organisation itself."""

    permission = Permission.FILING_READ
    audiences = PROVIDERS

    def get(self, request: HttpRequest, duty: int) -> HttpResponse:
        """What it asks, how it stands, what was asked and decided, and the forms for what can be asked now."""
        with self.reading() as actor:
            page = duties_page.page_of(found(actor, duty), by=actor, at=self.now)
        return self.shown("workspace/duty.html", page)


class _OfTheOrganisation:
    """Finds the duty by its number instead of by its filing."""

    back = "workspace-own-duties-one"

    def found(self, actor: Actor, **where: Any) -> Duty:
        """The organisation's own duty."""
        return found(actor, where["duty"])


class Extension(_OfTheOrganisation, duties_page.Extension):
    """Ask for more time."""


class Excuse(_OfTheOrganisation, duties_page.Excuse):
    """Ask to be excused for what is late."""
