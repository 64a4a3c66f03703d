"""An organisation and its owners."""

from dataclasses import dataclass

from registry.portal.presentation.figures import Figure
from registry.portal.presentation.marks import Fact, Happening, Heading, Label, Notice
from registry.portal.presentation.overview import KeyFigure


@dataclass(frozen=True)
class FilingLine:
    """A filing of the organisation."""

    reference: str
    href: str
    status: Label
    filed_on: str


@dataclass(frozen=True)
class OwnerDuty:
    """A duty of the organisation itself, with its last moment and how it stands."""

    text: str
    basis: str
    due: str
    state: Label
    since: str
    href: str = ""


@dataclass(frozen=True)
class OrganisationPage:
    """The page. `filings` is None on a provider's own page, where they have a page of their own; `on` the day shown."""

    heading: Heading
    facts: tuple[Fact, ...]
    key_figures: tuple[KeyFigure, ...]
    figure: Figure | None
    on: str
    duties: tuple[OwnerDuty, ...]
    filings: tuple[FilingLine, ...] | None
    history: tuple[Happening, ...]
    explanation: str = ""
    managers: tuple[Fact, ...] = ()
    notices: tuple[Notice, ...] = ()
