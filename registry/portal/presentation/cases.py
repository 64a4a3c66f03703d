"""Findings, cases and the precision of rules."""

from dataclasses import dataclass
from datetime import date, datetime

from registry.portal.presentation.filing import Decision, FindingRow
from registry.portal.presentation.marks import (
    Filters,
    Happening,
    Heading,
    Label,
    Link,
    Notice,
    Option,
    Pager,
    Section,
    Tab,
)


@dataclass(frozen=True)
class StopMark:
    """Where a prohibition stands today: stopped, asked for, or authorised until a day; and what leads on from there."""

    label: Label
    href: str
    text: str


@dataclass(frozen=True)
class FindingLine:
    """A finding in a list: rule, whom it is about, where it stands. `number` is set where it can be taken up."""

    code: str
    name: str
    severity: Label
    subject: str
    subject_href: str
    provider: str
    country: str
    at: datetime
    case: str = ""
    case_href: str = ""
    state: Label | None = None
    number: int | None = None
    stop: StopMark | None = None


@dataclass(frozen=True)
class FindingsPage:
    """The list of findings; those that wait can be taken up together."""

    heading: Heading
    filters: Filters
    rows: tuple[FindingLine, ...]
    tabs: tuple[Tab, ...]
    files: tuple[Link, ...]
    open_href: str = ""
    pager: Pager | None = None
    notices: tuple[Notice, ...] = ()

    @property
    def can_open(self) -> bool:
        """Whether there is anything to take up."""
        return bool(self.open_href) and any(row.number is not None for row in self.rows)


@dataclass(frozen=True)
class CaseLine:
    """A case in the queue."""

    reference: str
    href: str
    title: str
    country: str
    severity: Label
    findings: int
    state: Label
    person: str
    initials: str
    opened: datetime


@dataclass(frozen=True)
class CasesPage:
    """The queue of cases with saved views, filters in the address, and assigning several at once."""

    heading: Heading
    filters: Filters
    tabs: tuple[Tab, ...]
    rows: tuple[CaseLine, ...]
    people: tuple[Option, ...] = ()
    assign_href: str = ""
    pager: Pager | None = None
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True)
class Day:
    """A day of the story: what happened, and what else is known of it."""

    on: date
    icon: str
    text: str
    note: str = ""
    is_alarming: bool = False


@dataclass(frozen=True)
class Month:
    """A month of use, in words: accelerators, accelerator-hours, FLOP."""

    name: str
    accelerators: str
    hours: str
    flop: str
    so_far: str


@dataclass(frozen=True)
class Story:
    """What is known of one party or facility of a case: facts in sections, months of use, days in order."""

    title: str
    source: str
    href: str = ""
    sections: tuple[Section, ...] = ()
    months: tuple[Month, ...] = ()
    sentence: str = ""
    days: tuple[Day, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """A finding in a case, explained, with what it came to; what the rule said before of the same party comes after."""

    finding: FindingRow
    subject: str
    subject_href: str
    ask_href: str = ""
    stop: StopMark | None = None
    earlier: tuple[FindingRow, ...] = ()


@dataclass(frozen=True)
class CasePage:
    """A case: whom it is about and what happened, the findings, what belongs to it, the steps, what can be done."""

    heading: Heading
    purpose: str
    findings: tuple[Outcome, ...]
    stories: tuple[Story, ...]
    days: tuple[Day, ...]
    facts: Section
    position: Section | None
    linked_cases: tuple[CaseLine, ...]
    linked_findings: tuple[FindingLine, ...]
    history: tuple[Happening, ...]
    decisions: tuple[Decision, ...] = ()
    conclusion: str = ""
    open_href: str = ""
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True)
class RuleLine:
    """A rule in one version and how often it was right."""

    code: str
    name: str
    version: str
    since: date
    severity: Label
    found: int
    confirmed: int
    explained: int
    dismissed: int
    share: str
    findings_href: str


@dataclass(frozen=True)
class RulesPage:
    """Every rule and version with its precision."""

    heading: Heading
    rows: tuple[RuleLine, ...]
    preview_href: str
    notices: tuple[Notice, ...] = ()
