"""How large an export may be and when a second person is needed, as data/exports.toml says it."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Final

from registry.acting import Actor
from registry.errors import Invalid, NotPermitted

_FILE: Final = Path(__file__).parent / "data" / "exports.toml"


class Content(StrEnum):
    """What an export holds of each filing: a line, or its newest document."""

    LIST = "list"
    DOCUMENTS = "documents"


class Format(StrEnum):
    """What the file is."""

    CSV = "csv"
    XLSX = "xlsx"
    JSON = "json"


FORMATS: Final[Mapping[Content, tuple[Format, ...]]] = {
    Content.LIST: (Format.CSV, Format.XLSX, Format.JSON),
    Content.DOCUMENTS: (Format.JSON,),
}


@dataclass(frozen=True)
class Limit:
    """Up to how many filings one person is enough, and how many there may be at most."""

    alone: int
    at_most: int
    source: str


def limit_of(actor: Actor, content: Content) -> Limit:
    """The limit of the actor's role. Raises `NotPermitted` for a role that makes no exports."""
    said = _said()[content.value]
    role = next((role for role in sorted(actor.roles) if role in said), None)
    if role is None:
        raise NotPermitted("Your role makes no exports.", remedy="Ask an officer of your authority.")
    return Limit(**said[role])


def lasts(*, needs_second_person: bool) -> timedelta:
    """How long a file can be downloaded from the moment it was made."""
    return timedelta(hours=_said()["second_person_hours" if needs_second_person else "hours"])


def require_format(content: Content, form: Format) -> None:
    """Raise `Invalid` for a format that this content does not come in."""
    if form not in FORMATS[content]:
        raise Invalid("This content does not come in this format.", remedy="Choose JSON.")


@cache
def _said() -> dict[str, Any]:
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))
