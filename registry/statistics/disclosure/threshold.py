"""Primary confidentiality of a single table: minimum contributors, and the p % rule when it is switched on.

A cell is confidential when fewer than the minimum of holdings contribute to it, or when a contributor could estimate
the largest one too closely (X − x1 − x2 < p % of x1). The unit is the holding, the group under one ultimate parent, so
that three companies of one owner count once. Source: Handbook on Statistical Disclosure Control, 2nd edition, 4.2.

Secondary suppression is not done here, and is not needed for what this module admits: one table whose cells share no
contribution and stand in no sum that is published. A table with margins, or whose cells overlap, is therefore refused;
so must be, by whoever publishes, a second table over the same filings.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

CONFIDENTIAL = "c"  # the code of the European Statistical System for a confidential value


class TableRefused(ValueError):
    """The table cannot be protected by primary confidentiality alone; the text says why."""


@dataclass(frozen=True)
class Contribution:
    """What one filing adds to one cell. `value` is not negative; `holding` is the key of the ultimate parent."""

    holding: str
    value: Decimal


@dataclass(frozen=True)
class Cell:
    """One cell before protection: its coordinates by dimension, and every contribution to it."""

    coordinates: tuple[str, ...]
    contributions: tuple[Contribution, ...]


@dataclass(frozen=True)
class Parameters:
    """How strict to be. `p_percent` None switches the dominance rule off. Production values are sealed settings."""

    minimum_holdings: int = 3
    p_percent: Decimal | None = None

    def __post_init__(self) -> None:
        if self.minimum_holdings < 1:
            raise ValueError("at least one holding has to contribute to anything")
        if self.p_percent is not None and self.p_percent <= 0:
            raise ValueError("p is a positive percentage")


@dataclass(frozen=True)
class Published:
    """One cell as it may be shown: both values, or the confidential code in both places, never one alone.

    `runs` is the number of contributions, `total` their sum. A cell without contributions is a true zero and is shown.
    """

    coordinates: tuple[str, ...]
    runs: int | str
    total: Decimal | str

    @property
    def is_confidential(self) -> bool:
        """Whether the cell is withheld."""
        return self.runs == CONFIDENTIAL


def protect(cells: Iterable[Cell], *, parameters: Parameters, margins: frozenset[str]) -> tuple[Published, ...]:
    """The cells as they may be published, in their order.

    `margins` are the coordinate codes that stand for a sum over others (such as `TOTAL` or `EU`); a cell that carries
    one is refused. Raises `TableRefused` for such a cell, for coordinates that occur twice or differ in length, and
    for negative contributions, under which neither rule protects.
    """
    listed = tuple(cells)
    _require_admissible(listed, margins)
    return tuple(_published(cell, parameters) for cell in listed)


def is_sensitive(cell: Cell, *, parameters: Parameters) -> bool:
    """Whether `cell` says too much about one holding. An empty cell does not."""
    shares = sorted(_by_holding(cell.contributions).values(), reverse=True)
    if not shares:
        return False
    if len(shares) < parameters.minimum_holdings:
        return True
    if parameters.p_percent is None:
        return False
    rest = sum(shares[2:], Decimal(0))
    return rest * 100 < parameters.p_percent * shares[0]


def _published(cell: Cell, parameters: Parameters) -> Published:
    if is_sensitive(cell, parameters=parameters):
        return Published(cell.coordinates, CONFIDENTIAL, CONFIDENTIAL)
    total = sum((contribution.value for contribution in cell.contributions), Decimal(0))
    return Published(cell.coordinates, len(cell.contributions), total)


def _by_holding(contributions: Iterable[Contribution]) -> Mapping[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for contribution in contributions:
        sums[contribution.holding] = sums.get(contribution.holding, Decimal(0)) + contribution.value
    return sums


def _require_admissible(cells: tuple[Cell, ...], margins: frozenset[str]) -> None:
    seen: set[tuple[str, ...]] = set()
    for cell in cells:
        name = " × ".join(cell.coordinates)
        if margins.intersection(cell.coordinates):
            raise TableRefused(f"{name} is a margin: a table with sums needs secondary suppression")
        if cell.coordinates in seen:
            raise TableRefused(f"{name} occurs twice: cells that overlap need secondary suppression")
        if len(cell.coordinates) != len(cells[0].coordinates):
            raise TableRefused(f"{name} has other dimensions than the first cell: this is more than one table")
        if any(contribution.value < 0 for contribution in cell.contributions):
            raise TableRefused(f"{name} holds a negative contribution, against which these rules do not protect")
        seen.add(cell.coordinates)
