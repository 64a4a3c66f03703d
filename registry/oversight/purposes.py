"""Why an authority looks: a legal basis of the coded list, the number of the case, a sentence (AI Act Art. 91(4))."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from registry.acting import Actor, Audience
from registry.errors import Invalid, Obstacle
from registry.languages import SPOKEN

_FILE: Final = Path(__file__).parent / "data" / "legal_bases.toml"
LONGEST_CASE: Final = 100
LONGEST_SENTENCE: Final = 500
SHORTEST_SENTENCE: Final = 10


@dataclass(frozen=True)
class Basis:
    """A reason that the law knows. `needs` is what must be said with it, `for_lists` whether it is good for lists."""

    code: str
    article: str
    audiences: frozenset[Audience]
    needs: frozenset[str]
    for_lists: bool
    words: Mapping[str, str]
    source: str


@dataclass(frozen=True)
class Purpose:
    """Why somebody looks now. Made by `stated`."""

    basis: str
    case: str = ""
    sentence: str = ""

    def text(self, language: str) -> str:
        """In one line, as the provider reads it: «Review of filings, AI Act Art. 52(1), 88(1) (T-1): sentence»."""
        return in_words(self.basis, self.case, self.sentence, language=language)

    def columns(self) -> dict[str, str]:
        """As stored with a look or an export."""
        return {"basis": self.basis, "case_reference": self.case, "purpose": self.sentence}


@cache
def bases() -> Mapping[str, Basis]:
    """All legal bases by code, in the order of the file."""
    said = tomllib.loads(_FILE.read_text(encoding="utf-8"))["basis"]
    return MappingProxyType({row["code"]: _basis(row) for row in said})


def bases_of(actor: Actor, *, for_lists: bool = False) -> tuple[Basis, ...]:
    """The bases that an actor's authority may use; with `for_lists` those that are good for lists."""
    return tuple(b for b in bases().values() if actor.audience in b.audiences and (b.for_lists or not for_lists))


def stated(*, basis: str, case: str, sentence: str, by: Actor, for_lists: bool = False) -> Purpose:
    """The purpose. Raises `Invalid` naming what is missing, and for a basis that is not this authority's."""
    found = next((each for each in bases_of(by, for_lists=for_lists) if each.code == basis), None)
    case, sentence = " ".join(case.split()), " ".join(sentence.split())
    obstacles = []
    if found is None:
        obstacles.append(Obstacle("validation", "/basis", "Choose a purpose from the list."))
    elif "case" in found.needs and not case:
        obstacles.append(Obstacle("validation", "/case", "Give your own number of the case."))
    if found is not None and "sentence" in found.needs and len(sentence) < SHORTEST_SENTENCE:
        obstacles.append(Obstacle("validation", "/sentence", "Say in a sentence why."))
    if len(case) > LONGEST_CASE or len(sentence) > LONGEST_SENTENCE:
        obstacles.append(Obstacle("validation", "", "This is too long."))
    if obstacles:
        raise Invalid("The purpose is not complete.", remedy=obstacles[0].sentence, obstacles=obstacles)
    return Purpose(basis, case, sentence)


def in_words(basis: str, case: str, sentence: str, *, language: str) -> str:
    """A stored purpose in one line. What was stored before there was a list is its sentence alone."""
    found = bases().get(basis)
    told = f"{found.words[language]}, {found.article}" if found else ""
    told += f" ({case})" if case else ""
    return ": ".join(part for part in (told, sentence) if part)


def _basis(row: Mapping[str, Any]) -> Basis:
    if not set(row["needs"]) <= {"case", "sentence"} or not row["source"]:
        raise ValueError(f"{_FILE.name}: {row['code']} needs a case or a sentence, and a source")
    return Basis(
        code=row["code"],
        article=row["article"],
        audiences=frozenset(Audience[name.upper()] for name in row["audiences"]),
        needs=frozenset(row["needs"]),
        for_lists=row["lists"],
        words=MappingProxyType({language: row[language] for language in SPOKEN}),
        source=row["source"],
    )
