"""The form by which a provider states its owners."""

from dataclasses import dataclass

from registry.portal.presentation.marks import Field, Heading, Notice


@dataclass(frozen=True)
class OwnersRow:
    """One entity, holding or manager: what it is called in the form, its fields, what is wrong with it as a whole."""

    legend: str
    fields: tuple[Field, ...]
    error: str = ""


@dataclass(frozen=True)
class OwnersPart:
    """Rows of one kind, with the button that adds one; a part without rows to add has none."""

    name: str
    title: str
    help: str
    rows: tuple[OwnersRow, ...]
    add: str = ""


@dataclass(frozen=True)
class OwnersForm:
    """The form. `revision` is the number of the statement that it replaces."""

    heading: Heading
    explanation: str
    action: str
    revision: str
    parts: tuple[OwnersPart, ...]
    notices: tuple[Notice, ...] = ()
