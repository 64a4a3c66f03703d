"""How many filings a second, beside raw COPY of the same rows in the same run, and where the time goes."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from benches.copying import copy_again
from benches.documents import documents
from benches.filer import new_filer
from benches.phases import PHASES, watching

SIZES = (1, 10, 100, 1_000)
ROUNDS = 5
LEAST_FILINGS = 20  # a round of small calls has several, so that one pause of the machine does not decide


@dataclass(frozen=True)
class Row:
    """One size of call: medians over the rounds, in filings a second, and rows stored for one filing."""

    size: int
    filed_per_s: float
    copied_per_s: float
    rows_per_filing: float

    @property
    def ratio(self) -> float:
        """Share of COPY's speed."""
        return self.filed_per_s / self.copied_per_s


def measure(*, address: str, sizes: Sequence[int] = SIZES, rounds: int = ROUNDS) -> list[Row]:
    """Time each size in turn, round after round; the first calls of all, which load everything, are not counted."""
    for size in (1, 10):
        new_filer().file(documents(size))
    found: dict[int, list[tuple[float, float, float]]] = {size: [] for size in sizes}
    for _ in range(rounds):
        for size in sizes:
            found[size].append(_round(address, size))
    return [Row(size, *(median(column) for column in zip(*results, strict=True))) for size, results in found.items()]


def shares(*, size: int, calls: int = 3) -> dict[str, float]:
    """The share of each phase in the time of calls of one size; together they are 1."""
    filer = new_filer()
    todo = [documents(size) for _ in range(calls)]
    with watching() as watch:
        for each in todo:
            filer.file(each)
    total = sum(watch.seconds.values())
    return {phase: watch.seconds[phase] / total for phase in PHASES}


def report(rows: Sequence[Row], by_size: dict[int, dict[str, float]]) -> str:
    """Both tables as text."""
    lines = ["filings per call   filings/s   COPY of the same rows/s   ratio   rows per filing"]
    lines += [
        f"{row.size:>16,}   {row.filed_per_s:>9,.0f}   {row.copied_per_s:>23,.0f}   {row.ratio:>5.3f}"
        f"   {row.rows_per_filing:>15.1f}"
        for row in rows
    ]
    lines += ["", "share of time      " + "  ".join(f"{size:>6,}" for size in by_size)]
    lines += [f"{phase:<16}   " + "  ".join(f"{each[phase]:>6.1%}" for each in by_size.values()) for phase in PHASES]
    return "\n".join(lines)


def _round(address: str, size: int) -> tuple[float, float, float]:
    """Filings a second over HTTP and by COPY, and rows for one filing."""
    calls = max(1, LEAST_FILINGS // size)
    filed = copied = 0.0
    stored = 0
    for _ in range(calls):
        filer = new_filer()
        filed += filer.file(documents(size))
        seconds, count = copy_again(address, filer.organisation)
        copied += seconds
        stored += count
    return size * calls / filed, size * calls / copied, stored / (size * calls)
