"""Duties and what is asked about them: lists, one duty, one request, and the preview of a change of rules."""

from dataclasses import dataclass
from datetime import datetime

from registry.portal.presentation.filing import Asked, Chapter, Decision
from registry.portal.presentation.marks import Clock, Fact, Field, Heading, Label, Link, Notice, Pager, Section, Tab
from registry.portal.presentation.overview import KeyFigure


@dataclass(frozen=True)
class DutyLine:
    """A duty in a list: when it falls due, of which filing, how it stands, and what is asked about it."""

    text: str
    basis: str
    href: str
    reference: str
    filing_href: str
    run: str
    due: str
    clock: Clock
    state: Label
    asked: Label | None = None


@dataclass(frozen=True)
class DutiesPage:
    """A provider's duties, what falls due first on top."""

    heading: Heading
    key_figures: tuple[KeyFigure, ...]
    tabs: tuple[Tab, ...]
    rows: tuple[DutyLine, ...]
    feed: Link
    pager: Pager | None = None
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True)
class DutyPage:
    """One duty of one filing: what the law asks, how it stands, what was asked and decided, what can be done."""

    heading: Heading
    sentence: str
    facts: tuple[Fact, ...]
    asked: tuple[Asked, ...]
    decisions: tuple[Decision, ...]
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True)
class PleaLine:
    """A request in the list of an authority."""

    kind: Label
    href: str
    reference: str
    filing_href: str
    provider: str
    country: str
    subject: str
    asked_at: datetime
    waits: str
    until: str
    decides: str


@dataclass(frozen=True)
class PleasPage:
    """What providers have asked for and nobody has decided, the longest waiting first."""

    heading: Heading
    tabs: tuple[Tab, ...]
    rows: tuple[PleaLine, ...]
    pager: Pager | None = None
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True)
class PleaPage:
    """One request: the provider's statement and evidence, the duty it is about, and the decision."""

    heading: Heading
    purpose: str
    asked: Asked
    facts: tuple[Fact, ...]
    evidence: tuple[Chapter, ...]
    decisions: tuple[Decision, ...]
    earlier: tuple[Asked, ...] = ()
    not_yours: str = ""
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True)
class SideChange:
    """A value that would change side of a threshold, or a version that would be judged otherwise."""

    reference: str
    href: str
    provider: str
    country: str
    place: str
    value: str
    becomes: Label
    said: tuple[str, ...] = ()


@dataclass(frozen=True)
class StateCount:
    """How many would change in one Member State."""

    country: str
    crossing: int
    leaving: int


@dataclass(frozen=True)
class PreviewPage:
    """What a change of the rules would change; `summary` is empty before anything was asked."""

    heading: Heading
    fields: tuple[Field, ...]
    check_fields: tuple[Field, ...]
    action: str
    summary: str = ""
    section: Section | None = None
    crossing_head: str = ""
    leaving_head: str = ""
    states: tuple[StateCount, ...] = ()
    rows: tuple[SideChange, ...] = ()
    files: tuple[Link, ...] = ()
    pager: Pager | None = None
    notices: tuple[Notice, ...] = ()
