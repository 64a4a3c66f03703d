"""The filing page, for the authority and, less its internal notes, for the provider."""

from dataclasses import dataclass
from datetime import datetime

from registry.portal.presentation.figures import Figure
from registry.portal.presentation.marks import (
    ClockCard,
    Fact,
    Field,
    Filters,
    Happening,
    Heading,
    Label,
    Link,
    Notice,
    Section,
)


@dataclass(frozen=True)
class ChangeRow:
    """One field that changed: both sides as shown, the change in words (`+37 %`), material or not by rule."""

    label: str
    old: str
    new: str
    change: str = ""
    material: bool = False
    pointer: str = ""


@dataclass(frozen=True)
class Changes:
    """What a version changed against the one before; unchanged fields folded."""

    title: str
    summary: str
    old_head: str
    new_head: str
    rows: tuple[ChangeRow, ...]
    unchanged: tuple[ChangeRow, ...] = ()


@dataclass(frozen=True)
class ComparedRow:
    """One field that differs between two versions: of which item, both sides, how, and why that is material."""

    label: str
    old: str
    new: str
    mark: Label
    item: str = ""
    extent: str = ""
    reason: str = ""
    basis: str = ""
    pointer: str = ""


@dataclass(frozen=True)
class ComparedPart:
    """What differs in one part of the document, and what does not, folded."""

    title: str
    rows: tuple[ComparedRow, ...]
    unchanged: tuple[Fact, ...]


@dataclass(frozen=True)
class ComparePage:
    """Two versions of a filing beside each other, part by part; `paper` stands on top of each printed page."""

    heading: Heading
    filters: Filters | None
    parts: tuple[ComparedPart, ...]
    summary: str = ""
    old_head: str = ""
    new_head: str = ""
    purpose: str = ""
    paper: str = ""
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True)
class VersionLine:
    """A version in the list of a filing: its document, and what it changed against the one before."""

    document: Link
    compare: Link | None = None


@dataclass(frozen=True)
class CheckRow:
    """A check's answer: code, severity, sentence, remedy, place in the document, basis, and the filer's reason."""

    code: str
    severity: Label
    sentence: str
    remedy: str = ""
    pointer: str = ""
    basis: str = ""
    answer: str = ""


@dataclass(frozen=True)
class FindingRow:
    """A hit of a screening rule, with the formula and the inputs it was computed from. Regulators only."""

    code: str
    severity: Label
    sentence: str
    formula: str = ""
    inputs: tuple[tuple[str, str], ...] = ()
    basis: str = ""
    outcome: Label | None = None
    precision: str = ""
    href: str = ""


@dataclass(frozen=True)
class DutyRow:
    """What the law asks, by when, and where it stands."""

    text: str
    basis: str
    due: str
    state: Label
    note: str = ""
    href: str = ""
    asked: Label | None = None


@dataclass(frozen=True)
class Asked:
    """What a provider asked, with the decision on it; a designation is a decision that nobody asked for."""

    kind: Label
    state: Label
    at: datetime
    by: str = ""
    subject: str = ""
    reason: str = ""
    until: str = ""
    decided_at: datetime | None = None
    decided_by: str = ""
    decision: str = ""
    granted_until: str = ""
    href: str = ""


@dataclass(frozen=True)
class Decision:
    """One thing the authority can do now: posts to `href`. `receives` is what the provider will read."""

    name: str
    text: str
    explanation: str
    href: str
    icon: str
    fields: tuple[Field, ...] = ()
    receives: str = ""
    main: bool = False
    open: bool = False

    @property
    def prefix(self) -> str:
        """What the ids of its fields begin with."""
        return f"{self.name}-"


@dataclass(frozen=True)
class Note:
    """An internal note, never shown to the provider."""

    who: str
    at: datetime
    text: str


@dataclass(frozen=True)
class AskedField:
    """A field that a question is about, with what it says now and where it is amended."""

    label: str
    value: str
    href: str = ""


@dataclass(frozen=True)
class Exchange:
    """A question to the provider and its answer, if there is one. `answer_href` posts the provider's answer."""

    asked_by: str
    asked_at: datetime
    question: str
    due: str = ""
    answer: str = ""
    answered_at: datetime | None = None
    answer_href: str = ""
    answer_fields: tuple[Field, ...] = ()
    fields: tuple[AskedField, ...] = ()


@dataclass(frozen=True)
class Evidence:
    """Where the version stands in the public log: what a reader needs to verify it without trusting this page."""

    digest: str
    entry: str
    state: Label
    receipt_href: str = ""
    explanation: str = ""


@dataclass(frozen=True)
class Chapter:
    """One part of the document, folded: its sections under one heading."""

    title: str
    sections: tuple[Section, ...]

    @property
    def facts(self) -> int:
        """How many members it has."""
        return sum(len(section.facts) for section in self.sections)


@dataclass(frozen=True)
class FilingPage:
    """Everything about one filing that its reader may see; `notes` and `findings` stay empty for a provider."""

    heading: Heading
    clock: ClockCard | None = None
    curve: Figure | None = None
    changes: Changes | None = None
    checks: tuple[CheckRow, ...] = ()
    checks_summary: str = ""
    findings: tuple[FindingRow, ...] = ()
    findings_shown: bool = False
    summary: tuple[Fact, ...] = ()
    chapters: tuple[Chapter, ...] = ()
    duties: tuple[DutyRow, ...] = ()
    asked: tuple[Asked, ...] = ()
    exchanges: tuple[Exchange, ...] = ()
    history: tuple[Happening, ...] = ()
    decisions: tuple[Decision, ...] = ()
    notes: tuple[Note, ...] = ()
    evidence: Evidence | None = None
    documents: tuple[Link, ...] = ()
    notices: tuple[Notice, ...] = ()
    purpose: str = ""
    versions: tuple[VersionLine, ...] = ()
    paper: str = ""


@dataclass(frozen=True)
class PurposePage:
    """Before an identified filing opens: the reader says why, on which legal basis."""

    heading: Heading
    fields: tuple[Field, ...]
    action: str
    explanation: str
    notices: tuple[Notice, ...] = ()
    submit: str = ""
