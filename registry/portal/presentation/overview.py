"""The oversight overview and the review queue."""

from dataclasses import dataclass, replace
from decimal import Decimal

from registry.charts.svg import Drawn
from registry.portal.presentation import words
from registry.portal.presentation.figures import Figure
from registry.portal.presentation.marks import (
    Activity,
    Clock,
    Filters,
    Heading,
    Label,
    Link,
    Notice,
    Option,
    Pager,
    Tab,
)


@dataclass(frozen=True)
class KeyFigure:
    """A number that leads somewhere. `tone` is `late`, `soon` or empty."""

    label: str
    value: str
    note: str
    href: str
    icon: str
    tone: str = ""
    sparkline: Drawn | str = ""


@dataclass(frozen=True)
class QueueRow:
    """One filing in a list. `flop` is None where the reader may not know it or it is not stated."""

    reference: str
    href: str
    kind: str
    provider: str
    country: str
    status: Label
    clock: Clock
    flop: Decimal | None = None
    run: str = ""
    reviewer: str = ""
    take_href: str = ""
    findings: int = 0
    is_unread: bool = False

    @property
    def band(self) -> int:
        """The compute band, 0 to 3."""
        return words.band(self.flop) if self.flop is not None else 0

    @property
    def band_name(self) -> str:
        """The compute band in words."""
        return words.band_names()[self.band]

    @property
    def initials(self) -> str:
        """Of the reviewer."""
        return words.initials(self.reviewer)

    def with_reviewer(self, name: str) -> "QueueRow":
        """The same line with this reviewer."""
        return replace(self, reviewer=name)


@dataclass(frozen=True)
class NamedView:
    """A view of the queue that a person named."""

    name: str
    href: str
    forget_href: str
    current: bool = False


@dataclass(frozen=True)
class OwnViews:
    """A person's named views, and where the present one is kept; empty where it is one of them or nothing special."""

    views: tuple[NamedView, ...]
    keep_href: str


@dataclass(frozen=True)
class QueueTable:
    """Filings with the saved views above and the paging below; with `assign_href` lines are chosen and given away."""

    tabs: tuple[Tab, ...]
    rows: tuple[QueueRow, ...]
    files: tuple[Link, ...]
    pager: Pager | None = None
    full_href: str = ""
    empty: str = ""
    order: str = "due"
    order_words: str = ""
    assign_href: str = ""
    people: tuple[Option, ...] = ()


@dataclass(frozen=True)
class OverviewPage:
    """What needs a decision, and how reported compute moves. Figures are left out where there is no data."""

    heading: Heading
    filters: Filters | None
    key_figures: tuple[KeyFigure, ...]
    queue: QueueTable
    series: Figure | None = None
    states: Figure | None = None
    quarters: Figure | None = None
    decisions: Figure | None = None
    activity: tuple[Activity, ...] = ()
    activity_link: Link | None = None
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True)
class QueuePage:
    """The whole queue with its filters in the address."""

    heading: Heading
    filters: Filters
    queue: QueueTable
    own: OwnViews
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True)
class FilingsPage:
    """A provider's own filings: what waits for the provider on top, then all of them."""

    heading: Heading
    key_figures: tuple[KeyFigure, ...]
    queue: QueueTable
    filters: Filters | None = None
    notices: tuple[Notice, ...] = ()
