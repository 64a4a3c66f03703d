"""Cells and lines of CSV files (RFC 4180) in which nothing is a formula to a spreadsheet (OWASP, CSV injection)."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

# What begins a formula; the last four are the same signs in full width.
FORMULA_SIGNS: Final = frozenset("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
_PASSED_OVER: Final = " \"'\u00a0\u3000"  # spreadsheets strip spaces and quotes before they look


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, line: str) -> str:
        """The line itself."""
        return line


def harmless(cell: object) -> str:
    """The cell as text, with an apostrophe before what a spreadsheet would compute; nothing for None."""
    text = "" if cell is None else str(cell)
    begins = text.lstrip(_PASSED_OVER)[:1]
    return f"'{text}" if begins and begins in FORMULA_SIGNS else text


def lines(rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """A line for each row, made as it is asked for, every cell quoted and harmless."""
    writer = csv.writer(_Echo(), quoting=csv.QUOTE_ALL)
    for row in rows:
        yield writer.writerow([harmless(cell) for cell in row])
