"""Pages that need no account and no statistics: home, what must be filed, status, texts."""

from dataclasses import dataclass

from registry.portal.presentation.drafts import Calculator
from registry.portal.presentation.figures import Figure
from registry.portal.presentation.marks import Field, Heading, Label, Link, Notice
from registry.portal.presentation.statistics import KeyNumber


@dataclass(frozen=True)
class Door:
    """A way in from the home page."""

    title: str
    text: str
    link: Link
    icon: str


@dataclass(frozen=True)
class HomePage:
    """What the registry is, figures with their date, and where to go."""

    heading: Heading
    numbers: tuple[KeyNumber, ...]
    numbers_note: str
    doors: tuple[Door, ...]
    figure: Figure | None = None
    release: Link | None = None
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True)
class ThresholdRow:
    """A threshold of the law as data: what is measured, the comparison, what follows, basis, since when."""

    text: str
    quantity: str
    condition: str
    effect: str
    basis: str
    basis_href: str = ""
    since: str = ""


@dataclass(frozen=True)
class DutyRule:
    """A duty of the law as data: what, when it begins, how long, to whom, basis."""

    text: str
    trigger: str
    period: str
    authority: str
    basis: str
    basis_href: str = ""


@dataclass(frozen=True)
class RunAnswer:
    """Whether a run must be filed, by when (sentences) and how (links), with its compute."""

    label: Label
    sentences: tuple[str, ...]
    calculator: Calculator
    links: tuple[Link, ...]


@dataclass(frozen=True)
class RequirementsPage:
    """What must be filed, by whom, by when; `question` are the fields by which somebody asks about a run."""

    heading: Heading
    thresholds: tuple[ThresholdRow, ...]
    duties: tuple[DutyRule, ...]
    others: tuple[ThresholdRow, ...] = ()
    steps: tuple[tuple[str, str], ...] = ()
    as_of: str = ""
    question: tuple[Field, ...] = ()
    answer: RunAnswer | None = None
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True)
class ServicePart:
    """One part of the service and how it does."""

    text: str
    state: Label
    note: str = ""


@dataclass(frozen=True)
class StatusPage:
    """How the service does now, and how old its queues are."""

    heading: Heading
    overall: Label
    parts: tuple[ServicePart, ...]
    numbers: tuple[KeyNumber, ...] = ()
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True)
class TextSection:
    """A heading with paragraphs and points."""

    title: str
    paragraphs: tuple[str, ...] = ()
    points: tuple[str, ...] = ()


@dataclass(frozen=True)
class TextPage:
    """A page of text: accessibility statement, about, privacy."""

    heading: Heading
    sections: tuple[TextSection, ...]
    notices: tuple[Notice, ...] = ()
