"""Who looked at what and why, exports, what was shown to other authorities, and what was deleted."""

from dataclasses import dataclass
from datetime import datetime

from registry.portal.presentation.marks import Field, Filters, Heading, Label, Link, Notice, Pager, Section


@dataclass(frozen=True)
class LookLine:
    """One look: at which filing, how, by which authority in which role, why; `person` for the auditor alone."""

    at: datetime
    reference: str
    href: str
    kind: str
    who: str
    why: str
    person: str = ""
    entry: str = ""
    entry_href: str = ""


@dataclass(frozen=True)
class AccessLogPage:
    """Every look that its reader may know of, newest first."""

    heading: Heading
    filters: Filters
    rows: tuple[LookLine, ...]
    files: tuple[Link, ...] = ()
    pager: Pager | None = None
    names_persons: bool = False
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True)
class ExportLine:
    """One export: when, by whom, why, of what, and what can be done with it now."""

    at: datetime
    by: str
    what: str
    why: str
    filings: int
    sha256: str
    state: Label
    until: str = ""
    download: Link | None = None
    decide_href: str = ""


@dataclass(frozen=True)
class ExportsPage:
    """The exports of one's authority, newest first; those that wait for a second person can be decided here."""

    heading: Heading
    rows: tuple[ExportLine, ...]
    pager: Pager | None = None
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True)
class FormPage:
    """A form with its sentence: before an export, before showing a filing."""

    heading: Heading
    fields: tuple[Field, ...]
    action: str
    explanation: str
    submit: str
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True)
class HoldLine:
    """One hold: of which filing, by whom, on which basis, why, until when, and what can be done about it now."""

    reference: str
    href: str
    at: datetime
    by: str
    basis: str
    reason: str
    until: datetime | None
    state: Label
    asked_by: str = ""
    lift_href: str = ""
    decide_href: str = ""
    withdraw_href: str = ""


@dataclass(frozen=True)
class HoldsPage:
    """The holds that one's authority may see, newest first; those that two persons lift are decided here."""

    heading: Heading
    rows: tuple[HoldLine, ...]
    pager: Pager | None = None
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True)
class SharingLine:
    """A filing shown to another State: which, by whom to whom, until when."""

    reference: str
    href: str
    provider: str
    by: str
    to: str
    until: datetime
    why: str


@dataclass(frozen=True)
class SharingsPage:
    """What was shown to one's authority and by it."""

    heading: Heading
    received: tuple[SharingLine, ...]
    given: tuple[SharingLine, ...]
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True)
class SharedPage:
    """A filing as it was shown: orders of magnitude, quarters, codes, and what is only given."""

    heading: Heading
    purpose: str
    sections: tuple[Section, ...]
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True)
class LimitLine:
    """A time limit: of what, how long, what then, who says so."""

    name: str
    table: str
    period: str
    then: str
    source: str


@dataclass(frozen=True)
class RunLine:
    """Something that the scheduled deletion did, as the ledger has it."""

    at: datetime
    kind: str
    subject: str
    entry: str


@dataclass(frozen=True)
class RetentionPage:
    """Time limits, and what was deleted."""

    heading: Heading
    limits: tuple[LimitLine, ...]
    runs: tuple[RunLine, ...]
    shows_runs: bool = False
    notices: tuple[Notice, ...] = ()
