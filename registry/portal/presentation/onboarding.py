"""Pages of onboarding: the application form, the application by its link, the authority's queue, profile, mandates."""

from dataclasses import dataclass

from registry.portal.presentation.filing import Decision, Exchange
from registry.portal.presentation.marks import ClockCard, Fact, Field, Happening, Heading, Label, Link, Notice, Section


@dataclass(frozen=True)
class FieldGroup:
    """Fields under one legend."""

    legend: str
    fields: tuple[Field, ...]
    help: str = ""


@dataclass(frozen=True)
class FormPage:
    """A long form: groups of fields, what is wrong with it, and what its button says."""

    heading: Heading
    groups: tuple[FieldGroup, ...]
    action: str
    button: str
    icon: str = "paper-plane-tilt"
    explanation: str = ""
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True)
class ApplicationPage:
    """An application, for its applicant or for the authority: what it says, what was asked, what can be done."""

    heading: Heading
    sections: tuple[Section, ...]
    exchanges: tuple[Exchange, ...]
    decisions: tuple[Decision, ...]
    history: tuple[Happening, ...]
    clock: ClockCard | None = None
    observations: tuple[tuple[str, str], ...] = ()
    observations_shown: bool = False
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True)
class ApplicationRow:
    """An application in the queue."""

    reference: str
    href: str
    name: str
    country: str
    roles: str
    status: Label
    age: str
    is_late: bool
    noticed: int


@dataclass(frozen=True)
class ApplicationsPage:
    """The queue of applications."""

    heading: Heading
    rows: tuple[ApplicationRow, ...]
    explanation: str
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True)
class ProfilePage:
    """The organisation's own data, its people, confirmations and history of statements."""

    heading: Heading
    sections: tuple[Section, ...]
    administrators: tuple[Fact, ...]
    confirmation: Label | None
    confirmation_text: str
    confirm_href: str
    number: int
    state_href: str
    history: tuple[Happening, ...]
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True)
class MandateRow:
    """A mandate given or received, with what can be done with it."""

    other: str
    note: str
    scopes: tuple[str, ...]
    period: str
    state: Label
    actions: tuple[Link, ...]


@dataclass(frozen=True)
class MandatesPage:
    """Mandates given and received, the form to give one, and for whom one acts now."""

    heading: Heading
    given: tuple[MandateRow, ...]
    received: tuple[MandateRow, ...]
    fields: tuple[Field, ...]
    may_manage: bool
    acting: str = ""
    notices: tuple[Notice, ...] = ()
