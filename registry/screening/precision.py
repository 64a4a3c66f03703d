"""How often a rule was right: what became of its findings in cases, by rule and version. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from registry.quantities import as_decimal

_FIGURES = 3


class Outcome(StrEnum):
    """What a case came to about a finding."""

    CONFIRMED = "confirmed"
    EXPLAINED = "explained"
    DISMISSED = "dismissed"


@dataclass(frozen=True)
class Judged:
    """A finding of one rule version, and its outcome; None while nobody has decided."""

    rule: str
    version: str
    outcome: Outcome | None


@dataclass(frozen=True)
class Precision:
    """Findings of one rule version by outcome. `share` is confirmed among decided, None where nothing is decided."""

    rule: str
    version: str
    confirmed: int
    explained: int
    dismissed: int
    waiting: int

    @property
    def decided(self) -> int:
        """How many have an outcome."""
        return self.confirmed + self.explained + self.dismissed

    @property
    def share(self) -> Decimal | None:
        """Of what was decided, the part that was confirmed: three significant figures."""
        return as_decimal(Fraction(self.confirmed, self.decided), figures=_FIGURES) if self.decided else None


def precisions(judged: Iterable[Judged]) -> tuple[Precision, ...]:
    """The precision of every rule version that found anything, by rule and version."""
    counts: defaultdict[tuple[str, str], Counter[Outcome | None]] = defaultdict(Counter)
    for each in judged:
        counts[each.rule, each.version][each.outcome] += 1
    return tuple(_precision(rule, version, counted) for (rule, version), counted in sorted(counts.items()))


def _precision(rule: str, version: str, counted: Mapping[Outcome | None, int]) -> Precision:
    return Precision(
        rule=rule,
        version=version,
        confirmed=counted.get(Outcome.CONFIRMED, 0),
        explained=counted.get(Outcome.EXPLAINED, 0),
        dismissed=counted.get(Outcome.DISMISSED, 0),
        waiting=counted.get(None, 0),
    )
