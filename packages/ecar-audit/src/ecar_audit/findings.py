"""What an audit says: its outcome, each finding, what was and was not tried."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum


class Outcome(StrEnum):
    """How an audit ends."""

    CLEAN = "clean"
    DISCLOSURE = "disclosure"
    BAD_INPUT = "bad input"
    UNDECIDED = "undecided"


EXIT_CODES: Mapping[Outcome, int] = {
    Outcome.CLEAN: 0,
    Outcome.DISCLOSURE: 1,
    Outcome.BAD_INPUT: 2,
    Outcome.UNDECIDED: 3,
}


class Kind(StrEnum):
    """How something is told."""

    PUBLISHED = "published"  # a sensitive value is shown
    SUBTRACTION = "subtraction"  # exact: one sum in which all else is known, or a chain of such
    EXACT = "exact"  # exact: several sums together
    INTERVAL = "interval"  # not exact, but too close


class Subject(StrEnum):
    """What is told."""

    CELL = "cell"
    UNION = "union"  # withheld cells of one sum together
    CHANGE = "change"  # of a cell from one vintage to another
    LATE_FILER = "late filer"  # a change that one holding made alone
    COUNT = "count"  # a measure that does not sum up, beside a sensitive cell


class Knowledge(StrEnum):
    """What a finding needs beyond the tables of the release itself."""

    EARLIER = "earlier releases"
    RATIO = "ratios"
    ROUNDING = "rounded values"


@dataclass(frozen=True)
class Finding:
    """One disclosure. `attackers` are the holdings that learn it from what they filed; nobody: everybody learns it.

    `interval` is what they can work out (None: without end), `needed` how far beyond `true_value` it had to reach.
    Amounts are in the unit of the measure. `codes` name the cell; `steps` say how, where addition was enough.
    """

    kind: Kind
    subject: Subject
    release: str
    table: str
    codes: Mapping[str, str]
    measure: str
    attackers: tuple[str, ...]
    interval: tuple[Decimal | None, Decimal | None]
    true_value: Decimal
    needed: Decimal
    holdings: int
    through: tuple[Knowledge, ...] = ()
    steps: tuple[str, ...] = ()


@dataclass(frozen=True)
class Report:
    """The whole answer. `undecided` counts what the time limit left open; `counts` says how much was looked at."""

    outcome: Outcome
    findings: tuple[Finding, ...]
    undecided: int
    counts: Mapping[str, int]
    limits: tuple[str, ...]
    intervals: tuple[Mapping[str, object], ...] = field(default=())
