"""Reading files so that what is wrong is told with its place: the file, and the line or member."""

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path

from ecar_audit.refusals import BadInput

Row = Mapping[str, str]


def json_object(path: Path) -> Mapping[str, object]:
    """The JSON object in a file. Raises `BadInput` with the line where it stops being one."""
    try:
        found = json.loads(_text(path), parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise BadInput(f"{path}:{error.lineno}", f"this is no JSON ({error.msg})") from None
    except ValueError as error:
        raise BadInput(str(path), str(error)) from None
    if not isinstance(found, dict):
        raise BadInput(str(path), "a JSON object is expected")
    return found


def rows(path: Path) -> Iterator[tuple[str, list[str]]]:
    """Every line of a CSV file with its place, the header first, each as long as the header."""
    reader = csv.reader(_text(path).splitlines(), strict=True)
    try:
        header = next(reader, [])
        if not header or len(set(header)) != len(header):
            raise BadInput(f"{path}:1", "the header is missing or names a column twice")
        yield f"{path}:1", header
        for row in reader:
            place = f"{path}:{reader.line_num}"
            if len(row) != len(header):
                raise BadInput(place, f"{len(row)} fields, the header has {len(header)}")
            yield place, row
    except csv.Error as error:
        raise BadInput(f"{path}:{reader.line_num}", f"this is no CSV ({error})") from None


def amount(text: object, place: str) -> Decimal:
    """A plain decimal number that is not negative, from a string."""
    try:
        value = Decimal(text) if isinstance(text, str) else None
    except InvalidOperation:
        value = None
    if value is None or not value.is_finite() or str(text).strip("0123456789."):
        raise BadInput(place, f"{text!r} is no plain decimal that is not negative")
    return value


def member(of: Mapping[str, object], name: str, place: str) -> object:
    """The member of an object, which has to be there."""
    if name not in of:
        raise BadInput(place, f"lacks {name}")
    return of[name]


def text(of: Mapping[str, object], name: str, place: str) -> str:
    """The member of an object that has to be a text, not empty."""
    found = member(of, name, place)
    if not isinstance(found, str) or not found:
        raise BadInput(f"{place}.{name}", "a text is expected")
    return found


def whole(of: Mapping[str, object], name: str, place: str, *, least: int) -> int:
    """The member of an object that has to be a whole number, `least` or above."""
    found = member(of, name, place)
    if not isinstance(found, int) or isinstance(found, bool) or found < least:
        raise BadInput(f"{place}.{name}", f"a whole number from {least} on is expected")
    return found


def objects(of: Mapping[str, object], name: str, place: str) -> Iterator[tuple[str, Mapping[str, object]]]:
    """The objects of a list, each with its place."""
    found = member(of, name, place)
    if not isinstance(found, list):
        raise BadInput(f"{place}.{name}", "a list is expected")
    for position, each in enumerate(found):
        here = f"{place}.{name}[{position}]"
        if not isinstance(each, dict):
            raise BadInput(here, "an object is expected")
        yield here, each


def texts(found: object, place: str) -> tuple[str, ...]:
    """A list of texts, none twice."""
    if not isinstance(found, list) or not all(isinstance(each, str) and each for each in found):
        raise BadInput(place, "a list of texts is expected")
    require_once(found, place)
    return tuple(found)


def require_once(found: Sequence[str], place: str) -> None:
    """Raise `BadInput` where something is named twice."""
    seen: set[str] = set()
    for each in found:
        if each in seen:
            raise BadInput(place, f"{each} is named twice")
        seen.add(each)


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except OSError as error:
        raise BadInput(str(path), f"cannot be read ({error.strerror})") from None
    except UnicodeDecodeError as error:
        raise BadInput(str(path), f"is not UTF-8 (byte {error.start})") from None


def _no_constant(found: str) -> object:
    raise ValueError(f"{found} is no JSON number")
