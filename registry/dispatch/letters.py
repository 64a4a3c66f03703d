"""What the register writes to people, as words: title, text and link in the reader's language. Pure; data/mails.toml.

The list of kinds is also who is told: an event of another kind, or a role not named beside it, gets no mail.
"""

import textwrap
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from registry.languages import SPOKEN

_DATA: Final = Path(__file__).parent / "data" / "mails.toml"
WIDTH: Final = 72  # columns, for readers in plain text; addresses are never broken


@dataclass(frozen=True)
class MailKind:
    """A kind of event that is mailed: to which roles of its organisation, and the page that the mail leads to."""

    code: str
    roles: tuple[str, ...]
    path: str
    texts: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Letter:
    """A mail in words."""

    title: str
    body: str


@cache
def mail_kinds() -> Mapping[str, MailKind]:
    """All kinds by code."""
    return MappingProxyType(
        {
            code: MailKind(code, tuple(row["roles"]), row["path"], {each: row[each] for each in SPOKEN})
            for code, row in _read()["kinds"].items()
        }
    )


def write(kind: str, *, subject: str, language: str, base_url: str) -> Letter:
    """The mail about an event of `kind` and its `subject`; in English for a language that the register lacks.

    Raises KeyError for a kind that is not mailed.
    """
    known, spoken = mail_kinds()[kind], language if language in SPOKEN else "en"
    words, frame = known.texts[spoken], _read()["frame"]
    title = words["title"].format(subject=subject)
    link = base_url + known.path.format(language=spoken, subject=subject)
    parts = (_wrapped(words["text"].format(subject=subject)), link, f"-- \n{_wrapped(frame[spoken]['foot'])}")
    return Letter(frame["title"].format(register=frame[spoken]["register"], title=title), "\n\n".join(parts) + "\n")


def _wrapped(text: str) -> str:
    return textwrap.fill(text, WIDTH, break_long_words=False, break_on_hyphens=False)


@cache
def _read() -> dict[str, Any]:
    return tomllib.loads(_DATA.read_text(encoding="utf-8"))
