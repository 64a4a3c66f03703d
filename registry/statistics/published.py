"""What a release shows, and nothing else: tables of cells, each a value or the one code of a withheld one.

It stands between disclosure control, which makes it, and the formats, pages and API, which draw it: none of them sees a
contribution, a rule or a reason. All cells of a table are always there, so that the rows do not depend on the data.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

Texts = Mapping[str, str]
"""A text by language: en, fr, de."""


class ObservationStatus(StrEnum):
    """SDMX code list CL_OBS_STATUS 2.2, the codes that a release uses."""

    NORMAL = "A"
    PROVISIONAL = "P"
    WITHHELD = "Q"


class Confidentiality(StrEnum):
    """SDMX code list CL_CONF_STATUS: one code for all that is withheld, whatever the reason."""

    FREE = "F"
    CONFIDENTIAL = "C"


@dataclass(frozen=True)
class Code:
    """One code of a dimension, with its name."""

    id: str
    label: Texts


@dataclass(frozen=True)
class Dimension:
    """One dimension: all its codes in the order in which they are shown, and how they add up.

    `splits` gives for a code the ways in which it is the sum of others; leaves have none.
    """

    id: str
    label: Texts
    codes: tuple[Code, ...]
    splits: Mapping[str, tuple[tuple[str, ...], ...]]


@dataclass(frozen=True)
class Measure:
    """What is counted. Values are rounded to the base `rounded_to`, where there is one; an additive one sums up."""

    id: str
    label: Texts
    unit: str
    decimals: int
    rounded_to: int | None = None
    is_additive: bool = True


class Cell(NamedTuple):
    """The codes of a cell in the order of the table's dimensions; a value per measure, None where withheld."""

    key: tuple[str, ...]
    values: tuple[Decimal | None, ...]


@dataclass(frozen=True)
class Table:
    """One table, its cells in the order of their codes. Dimensions and measures are named by their ids."""

    id: str
    title: Texts
    note: Texts
    frequency: str
    time: str
    dimensions: tuple[str, ...]
    measures: tuple[str, ...]
    cells: tuple[Cell, ...]

    @cached_property
    def by_key(self) -> Mapping[tuple[str, ...], Cell]:
        """Cells by their codes."""
        return {cell.key: cell for cell in self.cells}


class Listed(NamedTuple):
    """A table without its cells."""

    id: str
    title: Texts
    note: Texts
    frequency: str


class Correction(NamedTuple):
    """A published value that is another in this vintage, and the number of versions of filings that made it so."""

    table: str
    key: tuple[str, ...]
    measure: str
    before: Decimal | None
    after: Decimal | None
    versions: int


@dataclass(frozen=True)
class PublishedRelease:
    """One vintage of one release, whole. `id` is that of its period, such as 2026-Q3; `as_of` what it knows until."""

    id: str
    vintage: int
    as_of: datetime
    published_at: datetime
    is_provisional: bool
    dimensions: tuple[Dimension, ...]
    measures: tuple[Measure, ...]
    tables: tuple[Table, ...]
    corrections: tuple[Correction, ...] = ()

    @cached_property
    def dimension(self) -> Mapping[str, Dimension]:
        """Dimensions by id."""
        return {each.id: each for each in self.dimensions}

    @cached_property
    def measure(self) -> Mapping[str, Measure]:
        """Measures by id."""
        return {each.id: each for each in self.measures}
