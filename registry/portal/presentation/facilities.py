"""Facilities: the list, the page of one, its forms."""

from dataclasses import dataclass

from registry.portal.presentation.figures import Figure
from registry.portal.presentation.marks import Filters, Happening, Heading, Label, Link, Notice, Pager, Section
from registry.portal.presentation.onboarding import FieldGroup
from registry.portal.presentation.overview import KeyFigure


@dataclass(frozen=True)
class FacilityRow:
    """A facility in a list. `accelerators` is how many stand there today."""

    reference: str
    href: str
    name: str
    operator: str
    place: str
    power: str
    size: str
    accelerators: str
    state: Label


@dataclass(frozen=True)
class FacilitiesPage:
    """The list, for its operator or for the authority, which sees the operator too."""

    heading: Heading
    key_figures: tuple[KeyFigure, ...]
    rows: tuple[FacilityRow, ...]
    filters: Filters
    files: tuple[Link, ...]
    has_operator: bool
    pager: Pager | None = None
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True)
class Answer:
    """What a check says: severity, sentence, remedy, about what."""

    label: Label
    sentence: str
    remedy: str
    about: str = ""


@dataclass(frozen=True)
class LotRow:
    """One period of a lot. `change_href` where it can be changed."""

    lot: str
    accelerator: str
    count: str
    stage: Label
    days: str
    cluster: str
    delivery: str
    is_struck: bool = False
    change_href: str = ""


@dataclass(frozen=True)
class ReportRow:
    """One year: its newest version with the ratios, and where it is amended."""

    year: str
    version: str
    energy: str
    pue: str
    wue: str
    erf: str
    ref: str
    reported: str
    amend_href: str = ""


@dataclass(frozen=True)
class Owed:
    """A yearly report that is owed, by when, and how that stands."""

    text: str
    due: str
    state: Label
    href: str = ""


@dataclass(frozen=True)
class FacilityPage:
    """One facility: figure, what stands there, reports, checks, what is due, what was said."""

    heading: Heading
    key_figures: tuple[KeyFigure, ...]
    figure: Figure | None
    answers: tuple[Answer, ...]
    lots: tuple[LotRow, ...]
    clusters: tuple[Section, ...]
    reports: tuple[ReportRow, ...]
    owed: tuple[Owed, ...]
    sections: tuple[Section, ...]
    history: tuple[Happening, ...]
    links: tuple[Link, ...] = ()
    report_answers: tuple[Answer, ...] = ()
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True)
class FacilityForm:
    """A form about a facility or a record; `interface` is where programs do the same."""

    heading: Heading
    groups: tuple[FieldGroup, ...]
    action: str
    button: str
    icon: str = "paper-plane-tilt"
    explanation: str = ""
    notices: tuple[Notice, ...] = ()
    interface: str = "/api/v1/facilities/"
