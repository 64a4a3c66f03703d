"""The one family of domain errors. Each says what is wrong and how to mend it; the edges render them.

Sentences are written in English where they are raised, with the names of their values in braces. `data/refusals.toml`
has each in French and German; `in_language` tells it to whoever asked. A house test misses every sentence without them.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

Words = str | int | Mapping[str, str]  # a value in a sentence; a mapping has it by language


class Sentence(str):
    """A sentence in English with what it takes to tell it in another language: its pattern and its values."""

    pattern: str
    values: Mapping[str, Words]


def told(pattern: str, /, **values: Words) -> str:
    """`pattern` with its values, in English, to be told in any language by `in_language`. Once told, it stays so."""
    if not values or isinstance(pattern, Sentence):
        return pattern
    made = Sentence(_filled(pattern, values, "en"))
    made.pattern, made.values = pattern, values
    return made


def in_language(sentence: str, language: str) -> str:
    """A sentence of a refusal in en, fr or de. One that the catalogue does not have is told as it stands."""
    pattern, values = (sentence.pattern, sentence.values) if isinstance(sentence, Sentence) else (sentence, {})
    found = catalogue().get(pattern)
    return _filled(found[language], values, language) if found else sentence


@cache
def catalogue() -> Mapping[str, Mapping[str, str]]:
    """By its English pattern, every sentence in en, fr and de."""
    rows = tomllib.loads((Path(__file__).parent / "data" / "refusals.toml").read_text("utf-8"))["sentence"]
    return {row["en"]: row for row in rows}


def _filled(pattern: str, values: Mapping[str, Words], language: str) -> str:
    if not values:
        return pattern
    return pattern.format_map({name: _worded(value, language) for name, value in values.items()})


def _worded(value: Words, language: str) -> str:
    if isinstance(value, Mapping):
        return value[language]
    return in_language(value, language) if isinstance(value, str) else str(value)


@dataclass(frozen=True)
class Obstacle:
    """One thing in the way of a request, and the place where it stands.

    `pointer` is a JSON Pointer (RFC 6901) into the document, empty for the whole of it. Sentence and remedy are
    `told`, or in the reader's language already.
    """

    code: str
    pointer: str
    sentence: str
    remedy: str = ""
    severity: str = "error"


class DomainError(Exception):
    """Something the register refuses. `code` is stable; the sentence is meant for the person or machine that asked.

    `values` fill the braces of sentence and remedy, which then stand here in English (see `in_language`).
    """

    code = "refused"
    title = "Refused"

    def __init__(self, sentence: str, *, remedy: str = "", obstacles: Sequence[Obstacle] = (), **values: Words) -> None:
        self.sentence = told(sentence, **values)
        self.remedy = told(remedy, **values)
        super().__init__(self.sentence)
        self.obstacles = tuple(obstacles)


class NotFound(DomainError):
    """The object does not exist, or the actor may not know that it does: the two look alike."""

    code = "not-found"
    title = "Not found"

    def __init__(self) -> None:
        super().__init__("There is nothing here that you may see.", remedy="Check the reference.")


class NotPermitted(DomainError):
    """The actor's roles do not include the permission."""

    code = "not-permitted"
    title = "Not permitted"


class NotPossible(DomainError):
    """Nobody may do this in the present state."""

    code = "not-possible"
    title = "Not possible in this state"


class Invalid(DomainError):
    """The content was read and is wrong; `obstacles` lists every reason at once."""

    code = "validation"
    title = "The content is not valid"


class Stale(DomainError):
    """The object changed since the caller read it."""

    code = "precondition-failed"
    title = "Changed since you read it"


class Conflict(DomainError):
    """The same thing exists already."""

    code = "conflict"
    title = "Conflict"


class OutsideUnitOfWork(RuntimeError):
    """An action or scoped query was used without `acting_as`: a programming error, never an answer to a caller."""
