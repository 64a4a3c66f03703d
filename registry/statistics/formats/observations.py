"""The cells of a table one value at a time, with the codes that a value carries and its text as a plain decimal."""

from collections.abc import Iterator
from decimal import Decimal
from itertools import product
from typing import NamedTuple

from registry.statistics.published import (
    Cell,
    Confidentiality,
    Measure,
    ObservationStatus,
    PublishedRelease,
    Table,
)


class Observation(NamedTuple):
    """One value of one cell: the cell's codes, what is measured, the value or None where it is withheld, and flags."""

    key: tuple[str, ...]
    measure: Measure
    value: Decimal | None
    flags: tuple[ObservationStatus, Confidentiality]

    @property
    def text(self) -> str:
        """The value as files write it; empty where it is withheld."""
        return plain(self.value, decimals=self.measure.decimals)


def observations(release: PublishedRelease, table: Table) -> Iterator[Observation]:
    """Every value of the table: its cells as they stand, the measures of each in the table's order."""
    measures = [release.measure[name] for name in table.measures]
    for cell in table.cells:
        for measure, value in zip(measures, cell.values, strict=True):
            yield Observation(cell.key, measure, value, flags(value, is_provisional=release.is_provisional))


def flags(value: Decimal | None, *, is_provisional: bool) -> tuple[ObservationStatus, Confidentiality]:
    """The two codes of a value; whatever is withheld has the same."""
    if value is None:
        return ObservationStatus.WITHHELD, Confidentiality.CONFIDENTIAL
    return ObservationStatus.PROVISIONAL if is_provisional else ObservationStatus.NORMAL, Confidentiality.FREE


def plain(value: Decimal | None, *, decimals: int) -> str:
    """A value with so many decimals and no exponent; empty for None. ValueError where it has more decimals than that.

    So no file says more, or less, than the measure promises.
    """
    if value is None:
        return ""
    if not value.is_finite():
        raise ValueError(f"no number can be published as {value}")
    written = f"{value:.{decimals}f}"
    if Decimal(written) != value:
        raise ValueError(f"{value} has more than {decimals} decimals")
    return written.removeprefix("-") if not value else written


def codes(release: PublishedRelease, table: Table) -> tuple[tuple[str, ...], ...]:
    """The codes of each dimension that the table has, in the order of the dimension."""
    used = [{cell.key[place] for cell in table.cells} for place in range(len(table.dimensions))]
    return tuple(
        tuple(code.id for code in release.dimension[name].codes if code.id in used[place])
        for place, name in enumerate(table.dimensions)
    )


def require_whole(release: PublishedRelease, table: Table) -> None:
    """Raise ValueError unless the cells are all combinations of the codes, in their order: rows must tell nothing."""
    if [cell.key for cell in table.cells] != list(product(*codes(release, table))):
        raise ValueError(f"the cells of {table.id} are not all combinations of its codes in their order")


def withheld(table: Table) -> int:
    """How many cells of the table withhold a value."""
    return sum(None in cell.values for cell in table.cells)


def chosen(table: Table, wanted: dict[str, frozenset[str]]) -> Iterator[Cell]:
    """The cells whose codes are among the `wanted` ones of each dimension that is named."""
    places = [(table.dimensions.index(name), codes) for name, codes in wanted.items()]
    return (cell for cell in table.cells if all(cell.key[place] in codes for place, codes in places))
