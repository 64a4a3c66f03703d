"""Releases before they are public: the list with its forms, and one vintage as those who release see it."""

from dataclasses import dataclass
from datetime import datetime

from registry.portal.presentation.marks import Fact, Field, Heading, Label, Notice


@dataclass(frozen=True)
class VintageLine:
    """A vintage in the list."""

    text: str
    href: str
    state: Label
    verdict: Label | None
    publish_at: datetime
    drafter: str
    approver: str


@dataclass(frozen=True)
class CalendarLine:
    """A moment announced."""

    release: str
    publish_at: datetime
    note: str


@dataclass(frozen=True)
class ActForm:
    """A form with one button: what it does, in a sentence, its fields and its word."""

    act: str
    title: str
    text: str
    button: str
    icon: str
    fields: tuple[Field, ...] = ()
    is_main: bool = False


@dataclass(frozen=True)
class PublicationsPage:
    """All vintages, the calendar, and what can be begun."""

    heading: Heading
    vintages: tuple[VintageLine, ...]
    calendar: tuple[CalendarLine, ...]
    forms: tuple[ActForm, ...] = ()
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True)
class Reason:
    """Withheld cells of one reason."""

    text: str
    count: str


@dataclass(frozen=True)
class WithheldCell:
    """One withheld cell by its codes, and why."""

    codes: str
    reason: str


@dataclass(frozen=True)
class TableReviewed:
    """A table of a vintage: how much of it is shown, why the rest is not, and how much of each measure is lost."""

    title: str
    cells: str
    filled: str
    withheld: str
    reasons: tuple[Reason, ...]
    lost: tuple[Fact, ...]
    notes: tuple[str, ...]
    listed: tuple[WithheldCell, ...]


@dataclass(frozen=True)
class FoundLine:
    """What the auditor says of one subject."""

    subject: str
    verdict: Label
    report: str


@dataclass(frozen=True)
class FileLine:
    """A file of a vintage."""

    path: str
    size: str
    sha256: str


@dataclass(frozen=True)
class CorrectionLine:
    """A published value that is another in this vintage."""

    cell: str
    before: str
    after: str
    versions: str


@dataclass(frozen=True)
class PublicationPage:
    """One vintage under review. `manifest` is what an approval stands for."""

    heading: Heading
    facts: tuple[Fact, ...]
    progress: int
    manifest: str
    tables: tuple[TableReviewed, ...]
    attack: tuple[FoundLine, ...]
    corrections: tuple[CorrectionLine, ...]
    files: tuple[FileLine, ...]
    forms: tuple[ActForm, ...] = ()
    notices: tuple[Notice, ...] = ()
