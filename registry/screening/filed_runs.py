"""From a filing's document to the lines that are added up: place, days, hours, each line's part of the FLOP. Pure."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, localcontext
from fractions import Fraction
from math import ceil
from typing import Final

from registry.filings.document import FilingDocument
from registry.filings.document.run import Hardware
from registry.quantities import EXACT, SECONDS_PER_HOUR, as_decimal
from registry.screening import position_terms, positions

_SECONDS_A_DAY: Final = 86_400
_LONGEST: Final = timedelta(days=3653)  # what is longer is a slip of the pen; the checks tell the filer
_CENT: Final = Decimal("0.001")
_HOUR_PARTS: Final = Decimal("0.000001")


@dataclass(frozen=True)
class FiledRun:
    """One line. `facility` is the reference that the filing names, `ends_on` is not included."""

    lineage: str
    facility: str
    accelerator: str
    starts_on: date
    ends_on: date
    hours: Decimal
    flop: Decimal
    covers_flop: Decimal


def of(content: FilingDocument, *, flop: Decimal | None, submitted_on: date) -> tuple[FiledRun, ...]:
    """The lines of a filing, whose FLOP (the largest figure stated or estimated; None is nothing) they share.

    A line's part goes by its own estimate where every line has one, else by its hours. What states no day lies on the
    day on which it was submitted; without a line of hardware there is one without a place.
    """
    run = content.run
    whole = flop or Decimal(0)
    starts_on = run.actual_start_on or run.planned_start_on or submitted_on
    last_on = run.actual_end_on or run.planned_end_on or starts_on
    lineage = run.lineage_id or ""
    lines = [each for each in run.hardware if each.count and each.duration_seconds]
    if not lines:
        first, end = _days(starts_on, last_on)
        return (FiledRun(lineage, "", "", first, end, Decimal(0), whole, whole),)
    parts = _parts(lines)
    found = []
    for line, part in zip(lines, parts, strict=True):
        first, end = _line_days(line, starts_on, last_on)
        hours = _hours(line)
        accelerator = line.accelerator or ""
        share = as_decimal(Fraction(whole) * part).quantize(_CENT, context=EXACT)
        covers = _covers(accelerator, hours, first) or share
        found.append(FiledRun(lineage, line.facility_id or "", accelerator, first, end, hours, share, covers))
    return tuple(found)


def _covers(accelerator: str, hours: Decimal, on: date) -> Decimal | None:
    terms = position_terms.terms(on=on)
    found = positions.reference_flop(accelerator=accelerator, hours=hours, utilisation=terms.utilisation)
    return None if found is None else found.quantize(_CENT, context=EXACT)


def _parts(lines: list[Hardware]) -> list[Fraction]:
    """Each line's share of the whole."""
    weights = [_estimate(line) for line in lines]
    if not all(weights):
        weights = [Fraction(_hours(line)) for line in lines]
    total = sum(weights)
    return [weight / total for weight in weights] if total else [Fraction(1, len(lines)) for _ in lines]


def _estimate(line: Hardware) -> Fraction:
    """N · L · H · U as declared; nothing where a factor is missing."""
    if line.peak_flop_per_s is None or line.utilisation is None:
        return Fraction(0)
    return Fraction(_hours(line)) * Fraction(line.peak_flop_per_s) * Fraction(line.utilisation)


def _hours(line: Hardware) -> Decimal:
    with localcontext(EXACT):
        seconds = Decimal(line.count or 0) * (line.duration_seconds or Decimal(0))
    return as_decimal(Fraction(seconds) / SECONDS_PER_HOUR).quantize(_HOUR_PARTS, context=EXACT)


def _line_days(line: Hardware, starts_on: date, last_on: date) -> tuple[date, date]:
    if line.starts_on is None:
        return _days(starts_on, last_on)
    if line.ends_on is not None:
        return _days(line.starts_on, line.ends_on)
    length = timedelta(days=max(ceil((line.duration_seconds or Decimal(0)) / _SECONDS_A_DAY), 1))
    return _days(line.starts_on, line.starts_on + min(length, _LONGEST) - timedelta(days=1))


def _days(first: date, last: date) -> tuple[date, date]:
    """From a day to the day after the last, one day at least."""
    last = min(max(first, last), first + _LONGEST) if first <= date.max - _LONGEST * 2 else first
    return first, last + timedelta(days=1)
