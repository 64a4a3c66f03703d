"""How inputs are written down by a rule, and how they are shown in English, French and German. Pure.

An input is text under a name whose end says what it is: `_flop`, `_lines` amounts of compute; `_on` days; `_name`,
`_names`, `_text` words; `_country`, `_countries` codes; `_count`, `_hours`, `_eur`, `_kw`, `_gb`, `_days` figures with
thousands set apart; whatever else is a plain number.
"""

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Final

from babel import Locale
from babel.numbers import format_decimal

from registry.quantities import EXACT, as_decimal, format_flop, round_significant

_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_SHOWN_FIGURES = 6
_RATIO_FIGURES = 4
_LIST = "; "
_CODES = ", "
_MOST_NAMED = 12
_WORDS: Final = ("_on", "_name", "_names", "_text")
_COUNTRIES: Final = ("_country", "_countries")
_AMOUNTS: Final = ("_flop", "_lines")
_FIGURES: Final = ("_count", "_hours", "_eur", "_kw", "_gb", "_days")


def plain(value: Decimal) -> str:
    """A number as text, without an exponent and without closing zeros."""
    return format(value.normalize(EXACT), "f")


def ratio(of: Decimal, to: Decimal) -> str:
    """A quotient of four significant figures. Raises ZeroDivisionError."""
    return plain(as_decimal(Fraction(of) / Fraction(to), figures=_RATIO_FIGURES))


def percent(share: Decimal) -> str:
    """A share as a number of hundredths, without the sign."""
    return plain(share * 100)


def listed(words: Iterable[str]) -> str:
    """Several words as one text, each once, in order; of very many only the first, and how many more."""
    found = list(dict.fromkeys(words))
    rest = len(found) - _MOST_NAMED
    return _LIST.join(found[:_MOST_NAMED]) + (f"{_LIST}… (+{rest})" if rest > 0 else "")


def codes(countries: Iterable[str]) -> str:
    """Country codes as one text, sorted, each once."""
    return _CODES.join(sorted({country for country in countries if country}))


def shown(name: str, value: str, language: str) -> str:
    """An input as people of that language read it: `2.3e25` becomes 2.3 × 10²⁵, with a comma in French and German."""
    if name.endswith(_WORDS):
        return value
    if name.endswith(_COUNTRIES):
        return _CODES.join(_country(code, language) for code in value.split(_CODES))
    if name.endswith(_FIGURES):
        return str(format_decimal(Decimal(value), locale=_locale(language)))
    text = " ".join(_power(word) for word in value.split(" ")) if name.endswith(_AMOUNTS) else value
    return text if language == "en" else text.replace(".", ",")


def _country(code: str, language: str) -> str:
    return str(_locale(language).territories.get(code, code))


@cache
def _locale(language: str) -> Locale:
    return Locale(language)


def _power(word: str) -> str:
    figure = word.rstrip(",;")
    if "e" not in figure:
        return word
    amount = Decimal(figure)
    if len(amount.as_tuple().digits) > _SHOWN_FIGURES:
        amount = round_significant(amount, figures=_SHOWN_FIGURES).normalize()
    mantissa, _, exponent = format_flop(amount).partition("e")
    return f"{mantissa} × 10{exponent.translate(_SUPERSCRIPTS)}{word[len(figure) :]}"
