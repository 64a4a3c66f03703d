"""A filing while it is being written: the task list, a topic's form, the answers to be checked, the receipt."""

from dataclasses import dataclass

from registry.portal.presentation.filing import CheckRow
from registry.portal.presentation.marks import Fact, Field, Heading, Label, Link, Notice, Section
from registry.portal.presentation.onboarding import FieldGroup


@dataclass(frozen=True)
class Distance:
    """How far an amount is from a threshold: its condition, the share used in words and in per cent, a sentence."""

    condition: str
    share: str
    percent: int
    sentence: str
    is_crossed: bool = False


@dataclass(frozen=True)
class Calculator:
    """The compute as the checks estimate it; `sentences` are the method, what is taken for granted, what is lacking."""

    amount: str
    margin: str
    distances: tuple[Distance, ...]
    sentences: tuple[str, ...] = ()


@dataclass(frozen=True)
class TopicRow:
    """A topic of the task list with how far it has come."""

    title: str
    href: str
    state: Label
    note: str = ""


@dataclass(frozen=True)
class TopicGroup:
    """Topics under a heading."""

    title: str
    rows: tuple[TopicRow, ...]


@dataclass(frozen=True)
class TaskListPage:
    """The task list. `can_give_up` for an amendment, `is_overtaken` where its filing has moved on meanwhile."""

    heading: Heading
    groups: tuple[TopicGroup, ...]
    progress: str
    check: Link
    calculator: Calculator | None = None
    can_give_up: bool = False
    is_overtaken: bool = False
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True)
class Fault:
    """What is wrong at a field, and where on the page that is said."""

    href: str
    label: str
    sentence: str


@dataclass(frozen=True)
class TopicPage:
    """The form of a topic, with a list of what is wrong on top of it."""

    heading: Heading
    groups: tuple[FieldGroup, ...]
    hidden: tuple[Field, ...]
    action: str
    back: Link
    has_lists: bool = False
    has_next: bool = False
    faults: tuple[Fault, ...] = ()
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True)
class AnswersOf:
    """What was answered in a topic, and where it is changed."""

    title: str
    href: str
    sections: tuple[Section, ...]


@dataclass(frozen=True)
class Remark:
    """What a check says of the document, where that is mended, and the fields by which a warning is acknowledged."""

    check: CheckRow
    place: str
    href: str
    fields: tuple[Field, ...] = ()


@dataclass(frozen=True)
class CheckPage:
    """All answers, what the checks say, the calculator, and the declaration with which it is submitted."""

    heading: Heading
    topics: tuple[AnswersOf, ...]
    errors: tuple[Remark, ...]
    warnings: tuple[Remark, ...]
    notes: tuple[Remark, ...]
    declaration: tuple[Field, ...]
    hidden: tuple[Field, ...]
    action: str
    button: str
    can_submit: bool
    calculator: Calculator | None = None
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True)
class FiledPage:
    """The receipt: what was filed when, by which proof, and what follows by when."""

    heading: Heading
    facts: tuple[Fact, ...]
    receipt: Link
    filing: Link
    duties: tuple[Fact, ...] = ()
    notices: tuple[Notice, ...] = ()
