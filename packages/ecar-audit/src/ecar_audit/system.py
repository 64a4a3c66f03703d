"""Everything that is known of everything published, as one system: figures, the sums between them, ratios, changes."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from ecar_audit.values import Key


@dataclass(frozen=True)
class Column:
    """A figure: a cell of a measure, in every vintage in which the same holdings add the same to it.

    Amounts are whole numbers of `10 ** -scale` of the measure's unit. `low` to `high` is what is published of it (None:
    no end); `release` and `table` are where it was last seen. A figure that no table lists has no table.
    """

    measure: str
    codes: Key
    release: str
    table: str
    parts: Mapping[str, int]
    truth: int
    low: int
    high: int | None

    @property
    def is_told(self) -> bool:
        """Whether it is published as it is."""
        return self.low == self.high


@dataclass(frozen=True)
class Sum:
    """A column that is the sum of others, by their places in the system."""

    whole: int
    terms: tuple[int, ...]


@dataclass(frozen=True)
class Proportion:
    """numerator / denominator lies from `low` to `high`, both in units of their columns."""

    numerator: int
    denominator: int
    low: Fraction
    high: Fraction


@dataclass(frozen=True)
class Change:
    """A cell that is another in a later vintage; `parts` is by how much the figures of each holding changed."""

    before: int
    after: int
    parts: Mapping[str, int]


@dataclass(frozen=True)
class System:
    """`scales` and `steps` are by measure: the decimals of one unit, and the smallest change of a figure in units."""

    dimensions: tuple[str, ...]
    columns: tuple[Column, ...]
    sums: tuple[Sum, ...]
    proportions: tuple[Proportion, ...]
    changes: tuple[Change, ...]
    scales: Mapping[str, int]
    steps: Mapping[str, int]
    waived: Mapping[str, frozenset[str]]
    limits: tuple[str, ...] = ()
