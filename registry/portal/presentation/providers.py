"""Providers as an authority sees them: the list, and the page of one."""

from dataclasses import dataclass

from registry.portal.presentation.figures import Figure
from registry.portal.presentation.marks import Fact, Filters, Happening, Heading, Label, Link, Pager
from registry.portal.presentation.overview import KeyFigure


@dataclass(frozen=True)
class ProviderRow:
    """A provider in the list."""

    name: str
    href: str
    identifier: str
    country: str
    roles: str
    filings: str
    newest: str
    waiting: str
    in_time: str
    overdue: Label | None
    findings: str


@dataclass(frozen=True)
class ProvidersPage:
    """The list."""

    heading: Heading
    filters: Filters
    rows: tuple[ProviderRow, ...]
    pager: Pager | None = None


@dataclass(frozen=True)
class Line:
    """A row of a short list: what it is, with its page; more of it in plain cells; where it stands."""

    text: str
    href: str
    cells: tuple[str, ...]
    label: Label | None = None
    sub: str = ""


@dataclass(frozen=True)
class ShortList:
    """A short list on the page of a provider, with a link to the whole where there is one."""

    uid: str
    title: str
    icon: str
    head: tuple[str, ...]
    rows: tuple[Line, ...]
    empty: str
    more: Link | None = None

    @property
    def lines(self) -> tuple[tuple[Line, tuple[tuple[str, str], ...]], ...]:
        """Each row with its cells under their heads; the first head is the row's own, the last its label's."""
        return tuple((row, tuple(zip(self.head[1:], row.cells, strict=False))) for row in self.rows)


@dataclass(frozen=True)
class ProviderPage:
    """One provider."""

    heading: Heading
    key_figures: tuple[KeyFigure, ...]
    punctuality: Figure
    runs: Figure | None
    owners: Figure | None
    lists: tuple[ShortList, ...]
    facts: tuple[Fact, ...]
    contacts: tuple[Fact, ...]
    history: tuple[Happening, ...]
