"""`python -m benches.pages`: how long the pages of an authority take, by how much is stored.

One register that grows from a thousand filings to a hundred thousand, and to a million access records; medians of five
requests to the web server's own application, after one that is not counted, and how many statements one request takes.
`--smoke` takes few rows.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median
from time import perf_counter
from typing import Any

from benches.house import house

SIZES = ((1_000, 10_000), (100_000, 1_000_000))  # filings, access records
SMOKE = ((40, 200), (400, 2_000))
ROUNDS = 5
PAGES = (
    "overview",
    "queue",
    "queue?view=filed",
    "findings",
    "cases",
    "analysis",
    "oversight-providers",
    "oversight-positions",
    "oversight-returns",
    "oversight-facilities",
    "oversight-mismatches",
    "missing-filers",
    "pleas",
    "access-log",
    "search?q=Developer",
    "home",
)


@dataclass(frozen=True)
class Row:
    """One page at one size: median of the answers, statements of one of them, and how long its HTML is."""

    page: str
    filings: int
    records: int
    answer_ms: float
    queries: int
    size_kb: float


def measure(address: str, sizes: Sequence[tuple[int, int]], rounds: int) -> list[Row]:
    """Grow the register and ask for every page at each size."""
    from benches.crowd import Crowd  # noqa: PLC0415  its modules read Django's settings, which `house` makes

    crowd, found = Crowd(address, at=datetime.now(UTC)), []
    officer = crowd.officer()
    for filings, records in sizes:
        crowd.grow(filings=filings, records=records)
        for page in PAGES:
            answers = [_asked(officer, page) for _ in range(rounds + 1)][1:]
            seconds, size = median(each[0] for each in answers), answers[-1][1]
            found.append(Row(page, filings, records, seconds * 1000, _queries(officer, page), size / 1000))
    return found


def _asked(officer: Any, page: str) -> tuple[float, int]:
    """Seconds and octets of one answer."""
    from django.urls import reverse  # noqa: PLC0415

    name, mark, query = page.partition("?")
    address = reverse(name) + mark + query
    began = perf_counter()
    answer = officer.get(address)
    seconds = perf_counter() - began
    if answer.status_code != 200:
        raise RuntimeError(f"{page} answers {answer.status_code}")
    return seconds, len(answer.content)


def _queries(officer: Any, page: str) -> int:
    """Statements of one answer."""
    from django.db import connection  # noqa: PLC0415
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    with CaptureQueriesContext(connection) as asked:
        _asked(officer, page)
    return len(asked)


def report(rows: list[Row]) -> str:
    """A line for each page: both sizes, their ratio, and the statements of both."""
    few, many = rows[: len(PAGES)], rows[-len(PAGES) :]
    head = f"{few[0].filings:,} filings, {few[0].records:,} records → {many[0].filings:,}, {many[0].records:,}"
    columns = f"{'few, ms':>9} {'many, ms':>9} {'ratio':>7} {'queries':>13} {'few, kB':>9} {'many, kB':>9}"
    lines = [head, f"{'page':<21} {columns}"]
    lines += [
        f"{a.page:<21} {a.answer_ms:>9.0f} {b.answer_ms:>9.0f} {b.answer_ms / a.answer_ms:>7.2f}"
        f" {f'{a.queries} → {b.queries}':>13} {a.size_kb:>9.0f} {b.size_kb:>9.0f}"
        for a, b in zip(few, many, strict=True)
    ]
    return "\n".join(lines)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benches.pages", description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="few rows, one round")
    smoke = parser.parse_args().smoke
    with house() as address:
        rows = measure(address, SMOKE if smoke else SIZES, 1 if smoke else ROUNDS)
    sys.stdout.write(f"{report(rows)}\n")


if __name__ == "__main__":
    main()
