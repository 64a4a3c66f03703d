"""Returns: the months, the page of one, the verdicts on an upload."""

from dataclasses import dataclass

from registry.portal.presentation.marks import Fact, Heading, Label, Link, Notice, Pager


@dataclass(frozen=True)
class MonthRow:
    """A month in the list: its return where there is one, and whether it can be opened or reported as none."""

    month: str
    value: str
    state: Label
    records: str
    hours: str
    href: str = ""
    reference: str = ""
    provider: str = ""
    can_open: bool = False


@dataclass(frozen=True)
class ReturnsPage:
    """The months of a provider, or the returns of a territory, which name the provider."""

    heading: Heading
    rows: tuple[MonthRow, ...]
    has_provider: bool = False
    pager: Pager | None = None
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True)
class UploadRow:
    """What was sent with one call, and how far it has come."""

    number: str
    href: str
    state: Label
    sent: str
    read: str
    checked: str
    stored: str
    refused: str
    percent: int
    is_under_way: bool


@dataclass(frozen=True)
class RecordRow:
    """An access record in a list."""

    line_id: str
    href: str
    customer: str
    country: str
    accelerators: str
    hours: str
    days: str


@dataclass(frozen=True)
class ReturnPage:
    """One return with what was sent for it and the records it has. `revision` where it can be changed."""

    heading: Heading
    facts: tuple[Fact, ...]
    uploads: tuple[UploadRow, ...]
    records: tuple[RecordRow, ...]
    is_own: bool
    can_write: bool = False
    can_submit: bool = False
    can_reopen: bool = False
    revision: int = 0
    refresh: bool = False
    pager: Pager | None = None
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True)
class VerdictRow:
    """What became of a line."""

    line: str
    line_id: str
    outcome: Label
    answers: tuple[str, ...]


@dataclass(frozen=True)
class VerdictsPage:
    """The verdicts on an upload, some lines at a time."""

    heading: Heading
    upload: UploadRow
    rows: tuple[VerdictRow, ...]
    outcomes: tuple[tuple[str, str, bool], ...]
    files: tuple[Link, ...]
    next_href: str = ""
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True)
class RecordTopic:
    """What was stated about one topic, and where it can be stated anew."""

    title: str
    facts: tuple[Fact, ...]
    href: str = ""


@dataclass(frozen=True)
class RecordPage:
    """One record: what was stated, topic by topic, and whether it can be withdrawn."""

    heading: Heading
    topics: tuple[RecordTopic, ...]
    can_write: bool
    notices: tuple[Notice, ...] = ()
