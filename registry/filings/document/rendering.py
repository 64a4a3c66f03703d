"""One stored document, several renderings: what a reader is told of each element, by its class and a precision.

Pure. A rendering is made of what may be told and nothing else: two documents that differ only in what may not be told
have the same rendering (AI Act Art. 78(1); design: exact to the competent authority, order of magnitude to the others).
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final

from registry.filings.document.schema import Element, element_at
from registry.periods import Quarter
from registry.quantities import Precision, decade_of, format_flop

GIVEN: Final = {"given": True}
STRICTEST: Final = "S"  # of what the schema does not know
_ORDER: Final = tuple(Precision)
_DAYS: Final = frozenset({"Day", "HistoricDay", "Moment"})
_CODED: Final = frozenset({"choice", "boolean", "Country"})  # a code is coarse already
_REGION: Final = "Nuts"  # its first two letters are the country
_LEFT_OUT: Final = object()


def rendered(document: Mapping[str, Any], precisions: Mapping[str, Precision]) -> dict[str, Any]:
    """The document as `precisions` (by class; a class that is not named is told to nobody) allow it to be told.

    Amounts become `{"at_least": "1e25", "below": "1e26"}`, days `{"quarter": "2026-Q4"}`, what is only known to be
    there `{"given": true}`; what may not even be known to be there is left out.
    """
    if all(precision is Precision.EXACT for precision in precisions.values()) and set(precisions) >= set("SRAO"):
        return dict(document)
    found = _object(document, "", precisions, Precision.EXACT)
    return found if isinstance(found, dict) else {}


def _object(
    members: Mapping[str, Any], above: str, precisions: Mapping[str, Precision], ceiling: Precision
) -> dict[str, Any]:
    told = {}
    for name, value in members.items():
        shown = _told(value, f"{above}/{name}", precisions, ceiling)
        if shown is not _LEFT_OUT:
            told[name] = shown
    return told


def _told(value: Any, pointer: str, precisions: Mapping[str, Precision], ceiling: Precision) -> Any:
    element = element_at(pointer)
    allowed = precisions.get(element.cls if element else STRICTEST, Precision.NONE)
    precision = max(allowed, ceiling, key=_ORDER.index)
    if precision in {Precision.NONE, Precision.AGGREGATE}:
        return _LEFT_OUT
    if precision is Precision.PRESENCE:
        return dict(GIVEN)
    if isinstance(value, Mapping):
        return _object(value, pointer, precisions, precision)
    if isinstance(value, list | tuple) and any(isinstance(each, Mapping) for each in value):
        return [_object(each, f"{pointer}/{place}", precisions, precision) for place, each in enumerate(value)]
    return value if precision is Precision.EXACT else _magnitude(value, element)


def _magnitude(value: Any, element: Element | None) -> Any:
    """A leaf, or a list of leaves, told roughly. What has no rough form is only given."""
    if element is None:
        return dict(GIVEN)
    if isinstance(value, list | tuple):
        return list(value) if element.kind in _CODED else dict(GIVEN)
    if element.kind in _CODED:
        return value
    if element.is_quantity:
        return decade(Decimal(str(value)))
    if element.kind in _DAYS:
        return quarter(date.fromisoformat(str(value)[:10]))
    return str(value)[:2] if element.kind == _REGION else dict(GIVEN)


def decade(value: Decimal) -> dict[str, str]:
    """An amount to its order of magnitude."""
    at_least, below = decade_of(value)
    return {"at_least": format_flop(at_least), "below": format_flop(below)}


def quarter(day: date) -> dict[str, str]:
    """A day to its quarter."""
    return {"quarter": str(Quarter.of(day))}
