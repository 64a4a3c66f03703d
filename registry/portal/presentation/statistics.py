"""Published statistics: the list of releases, and a release with its table, figure and downloads."""

from dataclasses import dataclass
from enum import StrEnum

from registry.portal.presentation.figures import Figure
from registry.portal.presentation.marks import Fact, Heading, Label, Link, Notice, PageLink


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
    """One of the large numbers at the head of a release; of a withheld one `value` says so in a word."""

    value: str
    text: str
    note: str = ""
    is_withheld: bool = False


@dataclass(frozen=True)
class Download:
    """A file of the release."""

    text: str
    note: str
    size: str
    href: str
    icon: str = "file-text"


@dataclass(frozen=True)
class TableLine:
    """A table of a release, with its files."""

    text: str
    href: str
    note: str = ""
    files: tuple[Link, ...] = ()
    current: bool = False


@dataclass(frozen=True)
class CorrectedValue:
    """A value that is another in this vintage: where it stands, what it was, what it is."""

    place: str
    measure: str
    before: str
    after: str


@dataclass(frozen=True)
class Corrections:
    """What a vintage corrects: the first of them, how many there are, where all are."""

    values: tuple[CorrectedValue, ...]
    note: str
    href: str


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
    all_tables: tuple[TableLine, ...] = ()
    moments: tuple[PageLink, ...] = ()
    corrections: Corrections | None = None
    method_href: str = ""


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
class PlannedLine:
    """A moment of the calendar."""

    text: str
    moment: str
    status: Label
    href: str = ""


@dataclass(frozen=True)
class ReleasesPage:
    """All releases, newest first, and what comes next; `older` are those of the first form."""

    heading: Heading
    releases: tuple[ReleaseLine, ...]
    next_release: str = ""
    notices: tuple[Notice, ...] = ()
    older: tuple[ReleaseLine, ...] = ()
    planned: tuple[PlannedLine, ...] = ()
    feeds: tuple[Link, ...] = ()


@dataclass(frozen=True)
class CalendarPage:
    """The release calendar: what comes, what has been."""

    heading: Heading
    coming: tuple[PlannedLine, ...]
    past: tuple[PlannedLine, ...]
    rules: tuple[str, ...]
    feeds: tuple[Link, ...] = ()
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True)
class DictionaryPart:
    """One dimension, the measures or the flags: what each code means."""

    uid: str
    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


@dataclass(frozen=True)
class DictionaryPage:
    """The data dictionary of the newest release."""

    heading: Heading
    parts: tuple[DictionaryPart, ...]
    downloads: tuple[Link, ...] = ()
    notices: tuple[Notice, ...] = ()
