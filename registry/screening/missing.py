"""Who is publicly reported above a threshold and has not filed: names compared with care, a person confirms. Pure.

Names are compared without case, accents, punctuation, legal forms and words such as "research". Equal names of maker
and model are a filing; anything less is only a hint, and never makes a finding: a person looks, and says what it is.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache

# Legal forms and words that makers of models share.
_EMPTY_WORDS = frozenset(
    {"ab", "ag", "ai", "as", "bv", "co", "corp", "corporation", "gmbh", "group", "holding", "inc", "labs", "limited"}
    | {"llc", "ltd", "nv", "oy", "plc", "pte", "sa", "sarl", "sas", "se", "spa", "srl", "the"}
)
_ENOUGH = 2


class Verdict(StrEnum):
    """What a person made of an observation."""

    MISSING = "missing"
    FILED = "filed"
    NOT_COVERED = "not_covered"


class Likeness(StrEnum):
    """How near the nearest filing is."""

    MODEL = "model"
    MAKER = "maker"
    NONE = "none"


@dataclass(frozen=True)
class Reported:
    """A model as it is publicly reported: who makes it (several, separated by commas), when, how much compute."""

    key: str
    name: str
    makers: str
    observed_on: date | None
    training_compute_flop: Decimal


@dataclass(frozen=True)
class Filed:
    """What a filing says: its model, with and without its version; the names of the filer, its brands and parent."""

    reference: str
    models: tuple[str, ...]
    makers: tuple[str, ...]


@dataclass(frozen=True)
class Unmatched:
    """A report for which no filing of the same maker and model is known, and the filings that come nearest."""

    reported: Reported
    likeness: Likeness
    candidates: tuple[str, ...]


def unmatched(reported: Iterable[Reported], filed: Iterable[Filed], *, threshold: Decimal) -> Iterator[Unmatched]:
    """Every report of more than the threshold that no filing answers, as they come.

    A filing answers if a maker and the model have the same name. The same model of another maker, or another model of
    the same maker, is a candidate. Costs one look-up a report, however many filings there are.
    """
    by_model: defaultdict[str, list[tuple[frozenset[str], str]]] = defaultdict(list)
    by_maker: defaultdict[str, list[str]] = defaultdict(list)
    for filing in filed:
        makers = frozenset(filter(None, map(plain, filing.makers)))
        for model in {plain(model) for model in filing.models}:
            by_model[model].append((makers, filing.reference))
        for maker in makers:
            by_maker[maker].append(filing.reference)
    for report in reported:
        if report.training_compute_flop <= threshold:
            continue
        makers = makers_of(report.makers)
        same = by_model.get(plain(report.name), []) if plain(report.name) else []
        if any(makers & theirs for theirs, _ in same):
            continue
        yield _nearest(report, [reference for _, reference in same], makers, by_maker)


def _nearest(
    report: Reported, same: Sequence[str], makers: frozenset[str], by_maker: dict[str, list[str]]
) -> Unmatched:
    if same:
        return Unmatched(report, Likeness.MODEL, tuple(sorted(same)))
    theirs = sorted({reference for maker in makers for reference in by_maker.get(maker, ())})
    return Unmatched(report, Likeness.MAKER if theirs else Likeness.NONE, tuple(theirs))


def makers_of(text: str) -> frozenset[str]:
    """The makers of one text, in the form in which they are compared."""
    return frozenset(filter(None, (plain(part) for part in re.split(r"[,;]", text))))


@lru_cache(maxsize=4096)
def plain(name: str) -> str:
    """A name as it is compared: letters and digits, without accents, legal forms and words that all share.

    Of a name that is nothing but such words they are kept: "The Group" stays itself.
    """
    letters = "".join(each for each in unicodedata.normalize("NFKD", name) if not unicodedata.combining(each))
    words = re.findall(r"\w+", re.sub(r"(?<=\b\w)\.(?=\w\b)", "", letters.casefold()))
    kept = [word for word in words if word not in _EMPTY_WORDS]
    return "".join(kept) if len("".join(kept)) >= _ENOUGH else "".join(words)
