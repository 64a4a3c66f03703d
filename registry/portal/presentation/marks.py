"""Small values that many pages share: labels, links, facts, clocks, fields, paging."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Tone(StrEnum):
    """How a label looks. Never the only sign: each label has an icon and a word too."""

    NEW = "new"
    REVIEW = "review"
    WAITING = "waiting"
    ALERT = "alert"
    DONE = "done"
    PLAIN = "plain"


@dataclass(frozen=True)
class Label:
    """A word with an icon and a tone: a status, a severity, a flag."""

    text: str
    tone: Tone = Tone.PLAIN
    icon: str = ""


@dataclass(frozen=True)
class Link:
    """A link with its words; `note` is said to screen readers after them."""

    text: str
    href: str
    icon: str = ""
    note: str = ""
    language: str = ""


@dataclass(frozen=True)
class Crumb:
    """One step of the path to a page; the last has no `href`."""

    text: str
    href: str = ""


@dataclass(frozen=True)
class Meta:
    """A line of facts under a page's title."""

    icon: str
    text: str


@dataclass(frozen=True)
class Fact:
    """A term and what it is, with a quieter second line and a link if there is one."""

    term: str
    value: str
    note: str = ""
    href: str = ""
    monospace: bool = False


@dataclass(frozen=True)
class Section:
    """Facts under a heading."""

    title: str
    facts: tuple[Fact, ...]
    note: str = ""


class Pace(StrEnum):
    """Where a clock stands."""

    LATE = "late"
    SOON = "soon"
    RUNNING = "running"
    STOPPED = "stopped"
    DONE = "done"


@dataclass(frozen=True)
class Clock:
    """A clock in a table: `2 d 4 h left`, and how much of its time is used, in per cent."""

    pace: Pace
    text: str
    used_percent: int | None = None

    @property
    def icon(self) -> str:
        """The icon of the pace."""
        return {
            Pace.LATE: "warning-octagon",
            Pace.SOON: "clock-countdown",
            Pace.RUNNING: "clock",
            Pace.STOPPED: "hourglass-medium",
            Pace.DONE: "check-circle",
        }[self.pace]


class Run(StrEnum):
    """What a clock did in a stretch of time."""

    RUNNING = "running"
    STOPPED = "stopped"
    LAST_DAYS = "last"


@dataclass(frozen=True)
class Stretch:
    """A stretch of the clock's bar, in per mille of its length."""

    kind: Run
    start: int
    length: int


@dataclass(frozen=True)
class ClockCard:
    """The clock of a filing as a sentence, the legal due time, and a bar that shows when it ran and when it stopped."""

    pace: Pace
    sentence: str
    explanation: str
    stretches: tuple[Stretch, ...] = ()
    bar_label: str = ""

    @property
    def icon(self) -> str:
        """The icon of the pace."""
        return Clock(self.pace, "").icon


@dataclass(frozen=True)
class Option:
    """One choice of a field."""

    value: str
    text: str
    chosen: bool = False


@dataclass(frozen=True)
class Field:
    """One field of a plain form. `kind`: select, boxes, text, search, area, date, hidden, check.

    Of `boxes` several can be ticked. Without what is `required` no form is sent; what `is_needed` may follow later, yet
    is not optional.
    """

    name: str
    label: str
    kind: str = "text"
    value: str = ""
    options: tuple[Option, ...] = ()
    help: str = ""
    error: str = ""
    required: bool = False
    is_needed: bool = False
    rows: int = 4
    limit: int | None = None
    autocomplete: str = ""


@dataclass(frozen=True)
class Filters:
    """A GET form above a list: the address says what is shown, so that a filtered list is a link."""

    label: str
    fields: tuple[Field, ...]
    reset_href: str
    action: str = ""


@dataclass(frozen=True)
class Tab:
    """A saved view: what it is called, how many it holds, where it leads."""

    text: str
    count: int
    href: str
    current: bool = False


@dataclass(frozen=True)
class PageLink:
    """A page of a list; no `href` for a gap."""

    text: str
    href: str = ""
    current: bool = False


@dataclass(frozen=True)
class Pager:
    """Where in a list one is."""

    first: int
    last: int
    total: int
    pages: tuple[PageLink, ...] = ()
    previous_href: str = ""
    next_href: str = ""


@dataclass(frozen=True)
class Activity:
    """One line of what happened lately: who, did what, to which filing, when."""

    icon: str
    who: str
    did: str
    subject: str
    href: str
    at: datetime


@dataclass(frozen=True)
class Happening:
    """One line of a history, newest first. `tone` is `alert` or `current` for the two that stand out."""

    icon: str
    title: str
    at: datetime
    detail: str = ""
    by: str = ""
    tone: str = ""


@dataclass(frozen=True)
class Heading:
    """The head of a page: path, title, sentence, label, facts, and the buttons at its right."""

    title: str
    description: str = ""
    crumbs: tuple[Crumb, ...] = ()
    label: Label | None = None
    meta: tuple[Meta, ...] = ()
    links: tuple[Link, ...] = ()
    main_link: Link | None = None


@dataclass(frozen=True)
class Notice:
    """A message on top of a page. `tone`: info, success, warning, error."""

    tone: str
    text: str
    title: str = ""
    items: tuple[str, ...] = field(default=())

    @property
    def icon(self) -> str:
        """The icon of the tone."""
        return {"success": "check-circle", "warning": "warning", "error": "warning-octagon"}.get(self.tone, "info")
