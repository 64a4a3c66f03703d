"""Definitions of published tables. One for now: training runs in the Union by quarter and compute band."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from registry.periods import Quarter
from registry.quantities import Band

RUNS_BY_QUARTER = "runs-by-quarter-and-band"
MARGINS = frozenset({"EU", "TOTAL"})

BANDS: tuple[Band, ...] = (
    Band("up-to-1e23", None, Decimal("1e23")),
    Band("1e23-1e24", Decimal("1e23"), Decimal("1e24")),
    Band("1e24-1e25", Decimal("1e24"), Decimal("1e25")),
    Band("above-1e25", Decimal("1e25"), None),
)


@dataclass(frozen=True)
class Run:
    """One run as the table sees it: the quarter it was first filed in, its compute in FLOP, whose holding."""

    quarter: Quarter
    training_compute_flop: Decimal
    holding: str


def band_code(flop: Decimal) -> str:
    """The published band of an amount of compute; exactly 1e23 is not above 1e23."""
    return next(band.code for band in BANDS if flop in band)


def quarters(first: Quarter, last: Quarter) -> list[Quarter]:
    """All quarters from `first` to `last`, both included."""
    found = [first] if first <= last else []
    while found and found[-1] < last:
        found.append(found[-1].next())
    return found


def by_cell(runs: Sequence[Run]) -> dict[tuple[str, str], list[Run]]:
    """Runs by quarter and band: each run in exactly one cell."""
    cells: dict[tuple[str, str], list[Run]] = {}
    for run in runs:
        cells.setdefault((str(run.quarter), band_code(run.training_compute_flop)), []).append(run)
    return cells
