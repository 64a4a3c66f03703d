"""A grid of cells under a chart of many marks: what is counted in each cell is drawn as a shade of density."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from math import ceil

from registry.charts import svg

CELL = 8
"""Pixels of the view box, about: cells fill the plot without a rest."""


@dataclass(frozen=True)
class Grid:
    """Cells over days and powers of ten: column and row count from the lower left, the same everywhere.

    `low` and `high` are the exponents at the lower and the upper end of the plot.
    """

    frame: svg.Frame
    first: date
    last: date
    low: int
    high: int

    @property
    def columns(self) -> int:
        """How many."""
        return round((self.frame.x_end - self.frame.left) / CELL)

    @property
    def rows(self) -> int:
        """How many."""
        return round((self.frame.y_end - self.frame.top) / CELL)

    def days(self) -> tuple[date, ...]:
        """The first day of each column but the first, in order; a column of no day begins with the next one's."""
        span = max((self.last - self.first).days, 1)
        return tuple(self.first + timedelta(days=ceil(span * i / self.columns)) for i in range(1, self.columns))

    def amounts(self) -> tuple[Decimal, ...]:
        """The least FLOP of each row but the lowest, ascending."""
        step = Decimal(self.high - self.low) / self.rows
        return tuple(Decimal(10) ** (self.low + step * j) for j in range(1, self.rows))

    def drawn(self, counts: Mapping[tuple[int, int], int]) -> list[svg.Drawn]:
        """A square for each cell (column, row) that holds something; five depths of shade."""
        most = max(counts.values(), default=1)
        wide = (self.frame.x_end - self.frame.left) / self.columns
        high = (self.frame.y_end - self.frame.top) / self.rows
        return [
            svg.element(
                "rect",
                class_=f"density density--{1 + 4 * count // most}",
                x=self.frame.left + wide * i,
                y=self.frame.y_end - high * (j + 1),
                width=wide,
                height=high,
            )
            for (i, j), count in sorted(counts.items())
        ]
