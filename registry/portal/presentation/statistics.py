"""Published statistics: the list of releases, and a release with its table, figure and downloads."""

from dataclasses import dataclass
from enum import StrEnum

from registry.portal.presentation.figures import Figure
from registry.portal.presentation.marks import Fact, Heading, Label, Link, Notice


class Flag(StrEnum):
    """What a cell's content means besides its number (SDMX CONF_STATUS and OBS_STATUS)."""

    NONE = ""
    CONFIDENTIAL = "c"
    ZERO = "0"
    PROVISIONAL = "p"


@dataclass(frozen=True)
class Cell:
    """One cell as shown."""

    text: str
    flag: Flag = Flag.NONE
    strong: bool = False


@dataclass(frozen=True)
class StatisticsRow:
    """A row: heading with an optional code before it; a total is set off."""

    text: str
    cells: tuple[Cell, ...]
    code: str = ""
    total: bool = False


@dataclass(frozen=True)
class ColumnHead:
    """A column's heading; `band` shows the swatch of a compute band."""

    text: str
    band: int | None = None


@dataclass(frozen=True)
class StatisticsTable:
    """A table as published. The first `grouped` columns stand under `group`."""

    title: str
    subtitle: str
    row_head: str
    columns: tuple[ColumnHead, ...]
    rows: tuple[StatisticsRow, ...]
    group: str = ""
    grouped: int = 0
    note: str = ""
    downloads: tuple[Link, ...] = ()

    @property
    def ungrouped(self) -> int:
        """How many columns stand beside the group."""
        return len(self.columns) - self.grouped


@dataclass(frozen=True)
class KeyNumber:
    """One of the large numbers at the head of a release."""

    value: str
    text: str
    note: str = ""


@dataclass(frozen=True)
class Download:
    """A file of the release."""

    text: str
    note: str
    size: str
    href: str
    icon: str = "file-text"


@dataclass(frozen=True)
class ReleasePage:
    """A release. `facts` stands beside the tables: released, next release, status, coverage, disclosure control."""

    heading: Heading
    numbers: tuple[KeyNumber, ...]
    tables: tuple[StatisticsTable, ...]
    figures: tuple[Figure, ...] = ()
    downloads: tuple[Download, ...] = ()
    licence: str = ""
    call: str = ""
    call_href: str = ""
    facts: tuple[Fact, ...] = ()
    method: tuple[str, ...] = ()
    citation: str = ""
    vintages: tuple[Link, ...] = ()
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True)
class ReleaseLine:
    """A release in the list."""

    text: str
    href: str
    period: str
    released: str
    status: Label
    note: str = ""


@dataclass(frozen=True)
class ReleasesPage:
    """All releases, newest first, and what comes next."""

    heading: Heading
    releases: tuple[ReleaseLine, ...]
    next_release: str = ""
    notices: tuple[Notice, ...] = ()
