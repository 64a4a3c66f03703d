"""Ground: training compute (FLOP), accelerator-hours and shares as exact decimals. Never a float."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal, Inexact, localcontext
from enum import StrEnum
from fractions import Fraction

SECONDS_PER_HOUR = 3600
SECONDS_PER_DAY = 86_400
# Enough digits that sums of products of declared figures (at most 30 digits each) lose nothing.
EXACT = Context(prec=120)
_NOTHING_LOST = Context(prec=120, traps=[Inexact])
# A filer's figure is a handful of digits; anything longer is a mistake or an attack on whoever reads it.
LONGEST_TEXT = 40
LARGEST_EXPONENT = 60

_DECIMAL_TEXT = re.compile(r"(?P<digits>[0-9]{1,40}(?:\.[0-9]{1,40})?)(?:[eE](?P<exponent>[+-]?[0-9]{1,3}))?")
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


class Precision(StrEnum):
    """How exactly a value is told to somebody; the strictest comes last."""

    EXACT = "exact"
    MAGNITUDE = "magnitude"  # an order of magnitude, a quarter, a code; of a text only that it is given
    PRESENCE = "presence"  # that it is given
    AGGREGATE = "aggregate"  # inside sums over several organisations, never by itself
    NONE = "none"


def decade_of(value: Decimal) -> tuple[Decimal, Decimal]:
    """The order of magnitude of an amount not below zero: from which power of ten, below which; below 1 is one class.

    Raises ValueError for a negative amount.
    """
    _require_finite(value)
    if value < 0:
        raise ValueError(f"an amount below zero has no order of magnitude here: {value}")
    power = value.adjusted() if value >= 1 else -1
    return Decimal((0, (1,), power)) if power >= 0 else Decimal(0), Decimal((0, (1,), power + 1))


def parse_decimal(text: str) -> Decimal:
    """Read an unsigned decimal such as "12", "0.41" or "2.3e25"; ASCII digits only.

    Raises ValueError on anything else: signs, spaces, separators, infinities, over 40 characters, exponents beyond 60.
    """
    match = _DECIMAL_TEXT.fullmatch(text) if len(text) <= LONGEST_TEXT else None
    if match is None or abs(int(match["exponent"] or 0)) > LARGEST_EXPONENT:
        raise ValueError(f"not a decimal quantity: {text[:LONGEST_TEXT]!r}")
    return Decimal(text)


def parse_flop(text: str) -> Decimal:
    """Read an amount of compute in FLOP, such as "2.3e25". Raises ValueError unless it is a decimal above zero."""
    value = parse_decimal(text)
    if value <= 0:
        raise ValueError(f"an amount of compute must be above zero: {text!r}")
    return value


def parse_limit(text: str) -> Fraction:
    """Read a limit, which may be a quotient: "1e25", "1e25/3", "1/3", "0.25". Raises ValueError otherwise."""
    numerator, slash, denominator = text.partition("/")
    divisor = Fraction(parse_decimal(denominator)) if slash else Fraction(1)
    if divisor == 0:
        raise ValueError(f"a limit cannot be divided by zero: {text!r}")
    return Fraction(parse_decimal(numerator)) / divisor


def format_flop(value: Decimal) -> str:
    """Write an amount without losing a digit, as "2.3e25"; the significant zeros of the value are kept."""
    _require_finite(value)
    sign, digits, exponent = value.as_tuple()
    if not any(digits):
        return "0"
    head, tail = str(digits[0]), "".join(map(str, digits[1:]))
    magnitude = int(exponent) + len(digits) - 1
    return f"{'-' if sign else ''}{head}{'.' + tail if tail else ''}e{magnitude}"


def significant_figures(text: str) -> int:
    """How many significant figures the text states: "2.3e25" two, "2.30e25" three, "1e25" one.

    Closing zeros of a whole number without a decimal point are not counted: "1000" states one.
    """
    parse_decimal(text)
    mantissa = re.split("[eE]", text)[0]
    whole = mantissa.replace(".", "").lstrip("0")
    return len(whole) if "." in mantissa else len(whole.rstrip("0"))


def round_significant(value: Decimal, *, figures: int) -> Decimal:
    """The value rounded (half up) to so many significant figures; zero stays zero. Raises ValueError if figures < 1."""
    if figures < 1:
        raise ValueError("at least one significant figure is needed")
    _require_finite(value)
    if value == 0:
        return Decimal(0)
    with localcontext(Context(prec=figures, rounding=ROUND_HALF_UP)):
        rounded = +value
    # A value with fewer digits is padded: 1E+25 at two figures is 1.0E+25.
    return rounded.quantize(Decimal(1).scaleb(rounded.adjusted() - figures + 1), context=EXACT)


def two_significant_figures(value: Decimal) -> str:
    """The form in which the Guidelines (¶31) want an estimate: "2.3e25"."""
    return format_flop(round_significant(value, figures=2))


def scientific_text(value: Decimal) -> str:
    """The same for people: "2.3 × 10²⁵"."""
    mantissa, _, exponent = two_significant_figures(value).partition("e")
    return f"{mantissa} × 10{exponent.translate(_SUPERSCRIPTS)}" if exponent else mantissa


def order_of_magnitude(value: Decimal) -> int:
    """The power of ten below the value: 25 for 2.3e25. Raises ValueError for zero."""
    _require_finite(value)
    if value == 0:
        raise ValueError("zero has no order of magnitude")
    return value.adjusted()


def as_decimal(value: Fraction, *, figures: int = 34) -> Decimal:
    """A quotient as a decimal of so many significant figures, rounded half up."""
    with localcontext(Context(prec=figures, rounding=ROUND_HALF_UP)):
        return Decimal(value.numerator) / Decimal(value.denominator)


def accelerator_hours(*, count: int, seconds: Decimal) -> Decimal:
    """Hours during which accelerators were held: count × seconds / 3600."""
    with localcontext(EXACT):
        return as_decimal(Fraction(count * seconds) / SECONDS_PER_HOUR)


def within(reference: Decimal, other: Decimal, *, tolerance: Decimal) -> bool:
    """Whether `other` differs from `reference` by at most `tolerance` (a share) of the reference; the bounds are in."""
    try:
        distance = _NOTHING_LOST.abs(_NOTHING_LOST.subtract(other, reference))
        return distance <= _NOTHING_LOST.multiply(tolerance, _NOTHING_LOST.abs(reference))
    except Inexact:  # more digits than any declared figure has: fractions are always exact, and slow
        pass
    return abs(Fraction(other) - Fraction(reference)) <= Fraction(tolerance) * abs(Fraction(reference))


@dataclass(frozen=True)
class Band:
    """A range of compute in FLOP: above `above`, up to and including `up_to`. None means without bound.

    The upper bound belongs to the band because the law's thresholds are crossed only by what is greater:
    exactly 1e23 is not above 1e23.
    """

    code: str
    above: Decimal | None
    up_to: Decimal | None

    def __contains__(self, value: Decimal) -> bool:
        return (self.above is None or value > self.above) and (self.up_to is None or value <= self.up_to)


@dataclass(frozen=True)
class Ladder:
    """The bands in use from a day on. A later ladder never rewrites what was published by an earlier one."""

    valid_from: date
    bands: tuple[Band, ...]

    def band(self, value: Decimal) -> Band:
        """The one band of an amount in FLOP, zero or more. Raises ValueError for less."""
        _require_finite(value)
        if value < 0:
            raise ValueError("compute cannot be negative")
        return next(band for band in self.bands if value in band)


def decades(*, valid_from: date, first: int, last: int) -> Ladder:
    """A ladder of one band per power of ten from 10^first to 10^last, open at both ends."""
    edges = [Decimal(1).scaleb(power) for power in range(first, last + 1)]
    middle = tuple(
        Band(f"1e{power}-1e{power + 1}", low, high)
        for power, low, high in zip(range(first, last), edges, edges[1:], strict=False)
    )
    return Ladder(
        valid_from,
        (Band(f"up-to-1e{first}", None, edges[0]), *middle, Band(f"above-1e{last}", edges[-1], None)),
    )


# Chapter V of the AI Act applies since 2 August 2025 (Art. 113).
BANDS: tuple[Ladder, ...] = (decades(valid_from=date(2025, 8, 2), first=21, last=27),)


def ladder(on: date, *, ladders: Sequence[Ladder] = BANDS) -> Ladder:
    """The ladder in use on a day; before the first one the first is used."""
    in_use = [each for each in ladders if each.valid_from <= on]
    return max(in_use, key=lambda each: each.valid_from) if in_use else min(ladders, key=lambda each: each.valid_from)


def band_of(value: Decimal, *, on: date) -> Band:
    """The band of an amount of compute in FLOP, by the ladder in use on the day."""
    return ladder(on).band(value)


def _require_finite(value: Decimal) -> None:
    if not value.is_finite():
        raise ValueError(f"not a finite quantity: {value}")
