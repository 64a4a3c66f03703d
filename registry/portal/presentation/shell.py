"""The frame around every page: wordmark, search, languages, person, navigation, foot."""

from dataclasses import dataclass
from enum import StrEnum

from registry.portal.presentation.marks import Link


class Area(StrEnum):
    """Which of the three audiences a page is for; sign-in pages belong to none and look public."""

    PUBLIC = "public"
    WORKSPACE = "workspace"
    OVERSIGHT = "oversight"


@dataclass(frozen=True)
class NavigationItem:
    """One entry of the main navigation; `count` with the words that explain it to a screen reader.

    A group has `items` beneath it and no address; it is current when one of them is.
    """

    text: str
    href: str
    icon: str
    current: bool = False
    count: int | None = None
    count_words: str = ""
    items: tuple["NavigationItem", ...] = ()


@dataclass(frozen=True)
class Language:
    """This page in another language."""

    code: str
    name: str
    href: str
    current: bool = False


@dataclass(frozen=True)
class Person:
    """Who is signed in, as the page head shows it."""

    name: str
    role: str
    initials: str


@dataclass(frozen=True)
class Shell:
    """Everything of a page that is not the page."""

    area: Area
    area_name: str
    home_href: str
    navigation: tuple[NavigationItem, ...]
    languages: tuple[Language, ...]
    person: Person | None = None
    search_href: str = ""
    search_hint: str = ""
    search_value: str = ""
    demonstration: bool = False
    version: str = ""
    alerts: int = 0
    alerts_href: str = ""
    person_links: tuple[Link, ...] = ()
    foot_links: tuple[Link, ...] = ()
    sign_in_href: str = ""
    sign_out_href: str = ""
    acting_for: str = ""
    for_myself_href: str = ""

    @property
    def language(self) -> Language:
        """The language of this page."""
        return next(language for language in self.languages if language.current)
