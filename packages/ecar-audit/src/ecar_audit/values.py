"""What an audit is about, as frozen values: the published bundles, the truth behind each, and the parameters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple

Key = tuple[str, ...]
"""Codes, in the order of some dimensions."""

Ways = tuple[tuple[str, ...], ...]
"""The ways in which a code is the sum of others."""

EVERYTHING = "*"
"""Stands for the sum over a dimension that has no code for it."""

TIME = "time"
"""The dimension of tables that tell their period only in their head."""


@dataclass(frozen=True)
class Dimension:
    """A dimension: its codes, and how they add up (`splits`: parent to the ways of splitting it)."""

    id: str
    codes: tuple[str, ...]
    splits: Mapping[str, Ways] = field(default_factory=dict)

    @cached_property
    def tops(self) -> tuple[str, ...]:
        """The codes that are nobody's child, in order."""
        children = {child for ways in self.splits.values() for way in ways for child in way}
        return tuple(code for code in self.codes if code not in children)

    @property
    def top(self) -> str:
        """The code of the whole: its own, or `EVERYTHING` where several stand side by side."""
        return self.tops[0] if len(self.tops) == 1 else EVERYTHING


@dataclass(frozen=True)
class Measure:
    """What is counted, with how many decimals, rounded to which base (None: not rounded)."""

    id: str
    decimals: int = 0
    rounded_to: int | None = None
    is_additive: bool = True


@dataclass(frozen=True)
class Table:
    """A published table. `values` by codes and measure; None is a withheld one. `places` says where each was read."""

    id: str
    time: str
    dimensions: tuple[str, ...]
    measures: tuple[str, ...]
    values: Mapping[tuple[Key, str], Decimal | None]
    places: Mapping[tuple[Key, str], str] = field(default_factory=dict)


@dataclass(frozen=True)
class Bundle:
    """All that one vintage of a release publishes. `place` names it in findings."""

    place: str
    dimensions: tuple[Dimension, ...]
    measures: tuple[Measure, ...]
    tables: tuple[Table, ...]


class Contribution(NamedTuple):
    """What a holding's provider adds to a leaf: `codes` in the order of the truth's dimensions."""

    holding: str
    codes: Key
    measure: str
    value: Decimal
    has_waiver: bool = False


@dataclass(frozen=True)
class Truth:
    """The confidential figures behind one bundle, in full."""

    place: str
    dimensions: tuple[str, ...]
    contributions: tuple[Contribution, ...]


class Ratio(NamedTuple):
    """Everybody knows: where `dimension` is `code`, numerator / denominator lies from `low` to `high`."""

    dimension: str
    code: str
    numerator: str
    denominator: str
    low: Fraction
    high: Fraction


class Unions(StrEnum):
    """Which sums of withheld cells, where a published sum tells them exactly, are judged like cells of their own."""

    OFF = "off"
    FEW = "few"  # those to which fewer than the minimum of holdings add
    ALL = "all"  # those that the other rules find sensitive, too


@dataclass(frozen=True)
class Parameters:
    """How strict to be: sealed, as the protector was given them. `coalition` holdings put together what they know."""

    minimum_holdings: int = 3
    p_percent: Fraction = Fraction(10)
    coalition: int = 1
    dominance: tuple[int, Fraction] | None = None
    ratios: tuple[Ratio, ...] = ()
    unions: Unions = Unions.FEW


Released = Sequence[tuple[Bundle, Truth]]
"""Bundles with the truth behind each, in the order in which they were published."""
