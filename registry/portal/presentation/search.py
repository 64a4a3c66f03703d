"""The results of a search, grouped by kind."""

from dataclasses import dataclass

from registry.portal.presentation.marks import Heading, Label, Link, Notice
from registry.searching import Fragment


@dataclass(frozen=True)
class Hit:
    """One result: what it is, what it is called, and where the words stand: `place` names the part, `text` has them."""

    title: str
    href: str
    note: str = ""
    place: str = ""
    text: tuple[Fragment, ...] = ()
    label: Label | None = None


@dataclass(frozen=True)
class Group:
    """Results of one kind, the first of them; `more` leads to the list of the kind."""

    code: str
    title: str
    icon: str
    hits: tuple[Hit, ...]
    more: Link | None = None
    is_cut: bool = False


@dataclass(frozen=True)
class SearchPage:
    """What was found, or how to search where nothing was sought."""

    heading: Heading
    groups: tuple[Group, ...] = ()
    empty: str = ""
    notices: tuple[Notice, ...] = ()
