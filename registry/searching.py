"""Searching by words: what a person typed as a query of PostgreSQL, the words of rows and documents, and hits to mark.

Words are compared without accents, capitals and punctuation, whole, in no particular language: PostgreSQL's `simple`
configuration over `ecar_plain`, a function that migration 0006 of organisations makes. `plain` here does the same, so
that a hit is marked where it was found; a test holds the two equal.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from django.contrib.postgres.search import SearchQuery, SearchVectorField
from django.db.models import F, Func, TextField

LONGEST: Final = 200
MOST_WORDS: Final = 16
PUNCTUATION: Final = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~’‘“”„«»–—…·•×"
_SPELT: Final = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ı": "i", **dict.fromkeys(PUNCTUATION, " ")}
)
_MARKS: Final = re.compile("[\u0300-\u036f]")
_TERM: Final = re.compile(r'(-?)(?:"([^"]*)"|(\S+))')
_REFERENCE: Final = re.compile(r"ECA[A-Z]-[0-9-]{1,20}|(?:CASE|MISMATCH)-[0-9A-Z-]{1,20}")
_AROUND: Final = 60


class _OfColumns(Func):
    output_field = SearchVectorField()

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns whose words are searched."""
        parts: Iterable[object] = self.flatten()
        return tuple(each.name for each in parts if isinstance(each, F))  # type: ignore[attr-defined]  # not in its stubs


class Words(_OfColumns):
    """The words of columns, as `ecar_words` takes them apart; an index over the same columns finds them."""

    function = "ecar_words"


class DocumentWords(_OfColumns):
    """The words of all texts in a JSON document that is kept as text; member names are none of them."""

    function = "ecar_document_words"
    arity = 1


class AsText(Func):
    """A JSON column as text; a cast that an index may hold."""

    template = "(%(expressions)s)::text"
    output_field = TextField()
    arity = 1


@dataclass(frozen=True)
class Sought:
    """What somebody looks for. `words` are the plain words to mark, empty where nothing can be found by them.

    `reference` is what was typed where it looks like a reference of the register or its beginning.
    """

    text: str
    websearch: str
    words: frozenset[str]
    reference: str = ""

    @property
    def query(self) -> SearchQuery:
        """As a query of PostgreSQL."""
        return SearchQuery(self.websearch, config="simple", search_type="websearch")


@dataclass(frozen=True)
class Fragment:
    """A piece of a text, a hit or not."""

    text: str
    is_hit: bool = False


def plain(text: str) -> str:
    """The text without accents, capitals and punctuation."""
    bare = _MARKS.sub("", unicodedata.normalize("NFKD", text))
    return "".join(map(str.lower, bare)).translate(_SPELT)  # one by one: no sigma depends on what stands beside it


def read(text: str) -> Sought:
    """What is sought; anything at all can be typed. Quotes, a leading minus and `or` mean what they mean elsewhere."""
    typed = "".join(each if each.isprintable() else " " for each in text[: LONGEST * 5]).strip()[:LONGEST]
    terms: list[str] = []
    words: set[str] = set()
    for minus, quoted, bare in list(_TERM.findall(typed))[:MOST_WORDS]:
        said = plain(quoted or bare).split()
        if not said:
            continue
        is_operator = not quoted and not minus and said == ["or"]
        terms.append("or" if is_operator else f'{minus}"{" ".join(said)}"')
        words |= set() if minus or is_operator else set(said)
    if not words:
        return Sought(typed, "", frozenset())
    spelt = typed.upper()
    return Sought(typed, " ".join(terms), frozenset(words), spelt if _REFERENCE.fullmatch(spelt) else "")


def marked(text: str, words: frozenset[str]) -> tuple[Fragment, ...]:
    """The text in pieces, hits apart: what stands around the first hit, with dots where something is left out."""
    hits = _places(text, words)
    start, end = _cut(text, hits)
    found: list[Fragment] = [Fragment("… ")] if start else []
    here = start
    for first, last in hits:
        if first < here or last > end:
            continue
        found += [Fragment(text[here:first])] if first > here else []
        found.append(Fragment(text[first:last], is_hit=True))
        here = last
    found += [Fragment(text[here:end])] if end > here else []
    return (*found, Fragment(" …")) if end < len(text) else tuple(found)


def _places(text: str, words: frozenset[str]) -> list[tuple[int, int]]:
    """Where words stand: first and one past the last place of each, in order."""
    spelt: list[str] = []
    origin: list[int] = []
    for place, character in enumerate(text):
        same = plain(character)
        spelt.append(same)
        origin += [place] * len(same)
    joined = "".join(spelt)
    return [
        (origin[each.start()], origin[each.end() - 1] + 1)
        for each in re.finditer(r"\S+", joined)
        if each.group() in words
    ]


def _cut(text: str, hits: list[tuple[int, int]]) -> tuple[int, int]:
    first = hits[0][0] if hits else 0
    start, end = max(0, first - _AROUND), min(len(text), first + 2 * _AROUND)
    if start:
        start = text.find(" ", start, first) + 1 or start
    if end < len(text):
        end = max(text.rfind(" ", first, end), hits[0][1] if hits else 0) or end
    return start, end
