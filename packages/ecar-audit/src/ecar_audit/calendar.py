"""Periods that add up: a year of quarters, half-years or months, and so on down (ISO 8601 and SDMX notations)."""

import re

_PERIOD = re.compile(r"(\d{4})(?:-(Q|S|H)?(\d{1,2}))?")
_PER_YEAR = {"Q": 4, "S": 2, "H": 2, "": 12}


def splits(period: str) -> tuple[tuple[str, ...], ...]:
    """The ways in which a period is made of shorter ones; none for a month or for what is no period."""
    found = _PERIOD.fullmatch(period)
    if found is None:
        return ()
    year, kind, number = found[1], found[2] or "", int(found[3] or 0)
    if not number:
        return tuple(_all(year, letter, 1, _PER_YEAR[letter]) for letter in _PER_YEAR)
    if not kind:
        return ()
    ways = []
    for letter in ("Q", "") if kind != "Q" else ("",):
        many = _PER_YEAR[letter] // _PER_YEAR[kind]
        ways.append(_all(year, letter, (number - 1) * many + 1, number * many))
    return tuple(ways)


def _all(year: str, letter: str, first: int, last: int) -> tuple[str, ...]:
    return tuple(f"{year}-{letter}{each}" if letter else f"{year}-{each:02d}" for each in range(first, last + 1))
