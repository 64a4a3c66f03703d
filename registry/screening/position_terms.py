"""The dated terms by which positions are added up and both sides of a use are held together. Pure: data, no ORM."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data" / "positions.toml"


@dataclass(frozen=True)
class Terms:
    """How positions are added up: a row of `[[position]]` in `data/positions.toml`."""

    valid_from: date
    owner_window_days: int
    rate_days: int
    horizon_days: int
    utilisation: Decimal
    counted_workloads: frozenset[str]
    limits: tuple[str, ...]
    source: str


@dataclass(frozen=True)
class Tolerance:
    """How runs and access records are held together: a row of `[[reconciliation]]`."""

    valid_from: date
    tolerance: Decimal
    one_sided_after_days: int
    slack_days: int
    least_flop: Decimal
    source: str


def terms(*, on: date) -> Terms:
    """The terms of positions in force on a day; before the first row, the first."""
    return _terms(_row("position", on))


def tolerance(*, on: date) -> Tolerance:
    """The terms of reconciliation in force on a day; before the first row, the first."""
    return _tolerance(_row("reconciliation", on))


def _terms(row: Mapping[str, Any]) -> Terms:
    return Terms(
        valid_from=row["valid_from"],
        owner_window_days=row["owner_window_days"],
        rate_days=row["rate_days"],
        horizon_days=row["horizon_days"],
        utilisation=Decimal(row["utilisation"]),
        counted_workloads=frozenset(row["counted_workloads"]),
        limits=tuple(row["limits"]),
        source=row["source"],
    )


def _tolerance(row: Mapping[str, Any]) -> Tolerance:
    return Tolerance(
        valid_from=row["valid_from"],
        tolerance=Decimal(row["tolerance"]),
        one_sided_after_days=row["one_sided_after_days"],
        slack_days=row["slack_days"],
        least_flop=Decimal(row["least_flop"]),
        source=row["source"],
    )


def _row(table: str, on: date) -> Mapping[str, Any]:
    rows: list[dict[str, Any]] = sorted(_data()[table], key=lambda row: row["valid_from"])
    return next((row for row in reversed(rows) if row["valid_from"] <= on), rows[0])


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(DATA.read_text(encoding="utf-8"))
