"""Customers whom a prohibition stops, and the authorisations recorded for them."""

from dataclasses import dataclass
from datetime import date, datetime

from registry.portal.presentation.marks import Heading, Label, Notice, Pager, Tab


@dataclass(frozen=True)
class StoppedLine:
    """A customer that may not be served: whose, since when found, where it stands, and what can be done about it now.

    `sentence` and `reason` are of the proposal that waits, if one does.
    """

    customer: str
    provider: str
    country: str
    found_at: datetime
    why: str
    state: Label
    sentence: str = ""
    asked_by: str = ""
    propose_href: str = ""
    decide_href: str = ""
    withdraw_href: str = ""


@dataclass(frozen=True)
class AuthorisationLine:
    """An authorisation or exemption as two persons recorded it; both days are included."""

    customer: str
    provider: str
    country: str
    reference: str
    basis: str
    reason: str
    from_on: date
    until_on: date
    state: Label


@dataclass(frozen=True)
class AuthorisationsPage:
    """Either the customers stopped or the authorisations recorded, newest first; what waits is decided here."""

    heading: Heading
    tabs: tuple[Tab, ...]
    stopped: tuple[StoppedLine, ...] = ()
    recorded: tuple[AuthorisationLine, ...] = ()
    shows_recorded: bool = False
    pager: Pager | None = None
    notices: tuple[Notice, ...] = ()
