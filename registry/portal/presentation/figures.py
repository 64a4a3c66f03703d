"""A figure with its words and its table: what every chart needs around it."""

from dataclasses import dataclass
from itertools import chain, repeat

from registry.charts.svg import Drawn
from registry.portal.presentation.marks import Link


@dataclass(frozen=True)
class Key:
    """One entry of a legend; `kind` names the swatch: band-0 to band-3, dot-low, diamond, record, hidden, state-0…"""

    kind: str
    text: str


@dataclass(frozen=True)
class DataTable:
    """The values of a figure as a table; the first cell of each row is its heading, and leads to its `hrefs`.

    `cell_hrefs` has for each row where its other cells lead, empty where one leads nowhere.
    """

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    hrefs: tuple[str, ...] = ()
    cell_hrefs: tuple[tuple[str, ...], ...] = ()

    @property
    def lines(self) -> tuple[tuple[tuple[str, str], ...], ...]:
        """Each row as its cells, the heading first, each with the address that it leads to, empty for nowhere."""
        addresses = zip(chain(self.hrefs, repeat("")), chain(self.cell_hrefs, repeat(())), strict=False)
        return tuple(
            tuple(zip(row, chain((href,), others, repeat("")), strict=False))
            for row, (href, others) in zip(self.rows, addresses, strict=False)
        )


@dataclass(frozen=True)
class Figure:
    """A chart, its heading, the sentence under it, legend, table and downloads. `uid` is unique on the page.

    `layout` is `wide` where the chart scrolls inside its card on a narrow screen, `map` where the legend lies on it.
    """

    uid: str
    title: str
    subtitle: str
    svg: Drawn
    table: DataTable
    legend: tuple[Key, ...] = ()
    downloads: tuple[Link, ...] = ()
    table_words: str = ""
    note: str = ""
    layout: str = ""
