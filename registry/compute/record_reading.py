"""Reading the lines of a return, NDJSON or CSV, in bounded memory: cut into parts, then line by line. Pure.

A part is some megabytes of whole lines. A line is read as JSON by `registry.compute.record`; one of CSV is made JSON
first. What is wrong with a line is said of that line; what is wrong with a file as a whole refuses it.
"""

import csv
import hashlib
import json
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Any, Final

from pydantic import ValidationError

from registry.compute.record import REQUIRED, Record, elements
from registry.errors import Invalid, Obstacle, told

PART_BYTES: Final = 2 * 1024 * 1024
LINE_BYTES: Final = 64 * 1024
HEADER_BYTES: Final = 8 * 1024
LINES_LIMIT: Final = 1_000_000
BODY_BYTES_LIMIT: Final = 1024 * 1024 * 1024
BOM: Final = b"\xef\xbb\xbf"
SEPARATOR: Final = ";"  # between the values of a list in one cell
_VALIDATE: Final[Callable[[bytes], Record]] = Record.__pydantic_validator__.validate_json
_MEMBER_ENDS: Final = b'":'


class TooManyLines(Invalid):
    """The file has more lines than one call may bring."""

    code = "body-too-large"
    title = "Too many lines"


@dataclass(frozen=True)
class Part:
    """Whole lines of a file: the bytes, the number of the first one in the file (from 1), how many are not empty."""

    content: bytes
    first_line: int
    lines: int


@dataclass(frozen=True)
class Fault:
    """What is wrong with the form of a line: pydantic's type, place and values, or a type of this module."""

    type: str
    place: tuple[int | str, ...] = ()
    values: tuple[tuple[str, str | int], ...] = ()


@dataclass(frozen=True)
class Reading:
    """A line that was read: the record, the JSON text it was read from, and the SHA-256 of that text."""

    record: Record
    text: str
    digest: bytes


class Unreadable(Exception):
    """A line that is no record; `faults` says why, `line_id` whose it is where that can be told."""

    def __init__(self, faults: Sequence[Fault], *, line_id: str = "") -> None:
        super().__init__(faults[0].type)
        self.faults = tuple(faults)
        self.line_id = line_id


def cut(stream: IO[bytes], *, first_line: int = 1) -> Iterator[Part]:
    """Cut what is left of `stream` into parts of whole lines.

    A line longer than a line may be is cut short, which its reading will notice. Raises TooManyLines.
    """
    kept, number, lines = b"", first_line, 0
    while True:
        block = stream.read(PART_BYTES)
        whole, newline, rest = (kept + block).rpartition(b"\n") if block else (kept, b"", b"")
        if len(rest) > LINE_BYTES:
            rest = rest[: LINE_BYTES + 1] + _to_end_of_line(stream)
        part = Part(whole, number, sum(1 for line in whole.split(b"\n") if line.rstrip(b"\r")))
        lines += part.lines
        if lines > LINES_LIMIT:
            sentence = told("One call brings at most {limit} lines.", limit=LINES_LIMIT)
            raise TooManyLines(sentence, remedy=told("Send the rest with another call."))
        if part.lines:
            yield part
        if not block:
            return
        number += whole.count(b"\n") + len(newline)
        kept = rest


def _to_end_of_line(stream: IO[bytes]) -> bytes:
    """Drop what is left of a line that is too long; returns what had been read of the next one, newline first."""
    while block := stream.read(PART_BYTES):
        _, newline, rest = block.partition(b"\n")
        if newline:
            return newline + rest
    return b""


def header_of(stream: IO[bytes]) -> list[str]:
    """Read the first line of a CSV file and return its columns. A byte order mark is passed over.

    Raises Invalid where it is no header of a return.
    """
    line = stream.readline(HEADER_BYTES)
    if not line.endswith(b"\n"):
        raise _bad_header(told("The first line is no header, or too long."))
    try:
        text = line.removeprefix(BOM).decode("utf-8").rstrip("\r\n")
        columns = next(csv.reader([text], strict=True), [])
    except (UnicodeDecodeError, csv.Error):
        raise _bad_header(told("The first line is no header, or too long.")) from None
    if len(columns) == 1 and ";" in text:
        raise _bad_header(told("Columns are separated by commas, not by semicolons."))
    if unknown := [name for name in columns if name not in Record.model_fields]:
        shown = ", ".join(name for name in unknown if name.isascii() and name.isidentifier())[:200]
        raise _bad_header(told("These columns do not exist: {names}.", names=shown or "?"))
    if len(set(columns)) < len(columns):
        raise _bad_header(told("A column stands in the header twice."))
    if missing := [name for name in REQUIRED if name not in columns]:
        raise _bad_header(told("These columns are missing: {names}.", names=", ".join(missing)))
    return columns


def _bad_header(sentence: str) -> Invalid:
    remedy = told("Compare the header with the schema of a line.")
    obstacle = Obstacle("csv-header", "", sentence, remedy)
    return Invalid("The file cannot be read as lines of a return.", remedy=remedy, obstacles=[obstacle])


def lines_of(content: bytes, *, first_line: int) -> Iterator[tuple[int, bytes]]:
    """Each line that is not empty, with its number in the file, without its end."""
    for number, line in enumerate(content.split(b"\n"), first_line):
        if stripped := line.rstrip(b"\r"):
            yield number, stripped


def read(line: bytes, *, columns: Sequence[str] | None = None) -> Reading:
    """Read one line, of CSV where `columns` are given. Raises Unreadable."""
    if len(line) > LINE_BYTES:
        raise Unreadable([Fault("line_too_long", values=(("maximum", LINE_BYTES),))])
    if columns is not None:
        line = _json_of(line, columns)
    if not line.isascii():
        line = _normalised(line)
    try:
        record = _VALIDATE(line)
    except ValidationError as error:
        raise _unreadable(error, line) from None
    if line.count(_MEMBER_ENDS) > _members(record):
        _refuse_duplicates(line)
    return Reading(record, line.decode(), hashlib.sha256(line).digest())


def _members(record: Record) -> int:
    """How many members the line has, objects inside it included."""
    count = len(record.model_fields_set)
    for inner in (record.customer_owners, record.resellers, record.media_in, record.weights_out):
        for part in inner:
            count += len(part.model_fields_set)
    return count


def _refuse_duplicates(line: bytes) -> None:
    """Raise Unreadable if a member stands in an object twice; a colon inside a text is no member."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            raise Unreadable([Fault("duplicate_member")], line_id=str(found.get("line_id", "")))
        return found

    json.loads(line, object_pairs_hook=once)


def _normalised(line: bytes) -> bytes:
    """The line in Unicode normal form C. Raises Unreadable for what is not UTF-8."""
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError:
        raise Unreadable([Fault("not_utf8")]) from None
    return unicodedata.normalize("NFC", text).encode()


def _unreadable(error: ValidationError, line: bytes) -> Unreadable:
    """The faults of a line as data, without the values that were refused."""
    faults = []
    for each in error.errors(include_url=False)[:20]:
        if each["type"] == "json_invalid":
            return Unreadable([Fault("not_json")])
        values = {name: value for name, value in each.get("ctx", {}).items() if isinstance(value, (str, int))}
        faults.append(Fault(each["type"], tuple(each["loc"]), tuple(values.items())))
    return Unreadable(faults, line_id=_line_id(line))


def _line_id(line: bytes) -> str:
    """The provider's id of a line that cannot be kept, where it has a plain one."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return ""
    name = found.get("line_id") if isinstance(found, dict) else None
    is_plain = isinstance(name, str) and len(name) <= 100 and name.isascii() and name.isprintable()
    return str(name) if is_plain else ""


# ---- CSV


def _json_of(line: bytes, columns: Sequence[str]) -> bytes:
    """The JSON of a line of CSV: each cell in the type of its column, empty cells left out. Raises Unreadable."""
    try:
        rows = list(csv.reader([line.decode("utf-8")], strict=True))
    except UnicodeDecodeError:
        raise Unreadable([Fault("not_utf8")]) from None
    except csv.Error:
        raise Unreadable([Fault("not_csv")]) from None
    cells = rows[0]
    if len(cells) != len(columns):
        raise Unreadable([Fault("cells_and_columns", values=(("cells", len(cells)), ("columns", len(columns))))])
    kinds = _kinds()
    made = {name: _typed(cell, kinds[name]) for name, cell in zip(columns, cells, strict=True) if cell != ""}
    return json.dumps(made, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def _kinds() -> dict[str, str]:
    if not _KINDS:
        _KINDS.update({name: element.kind for name, element in elements().items()})
    return _KINDS


_KINDS: dict[str, str] = {}


def _typed(cell: str, kind: str) -> Any:
    """A cell as its JSON value. What does not fit is left as text, which the reading of the line then refuses."""
    if kind == "whole":
        return int(cell) if cell.isascii() and cell.isdigit() and len(cell) < 19 else cell
    if kind == "yes_no":
        return {"true": True, "false": False}.get(cell, cell)
    if kind == "texts":
        return [each.strip() for each in cell.split(SEPARATOR)]
    if kind == "objects":
        try:
            return json.loads(cell)
        except (ValueError, RecursionError):
            return cell
    return cell
