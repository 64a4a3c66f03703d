"""Tables as files, written piece by piece so that memory stays the same however long they are: CSV, XLSX, JSON.

No cell can become a formula: one that a spreadsheet would take for it is quoted (OWASP, CSV injection); in XLSX too,
whose cells are inline texts, as it may be saved as CSV. XLSX is ISO/IEC 29500 with one sheet; the same rows give the
same bytes.
"""

import json
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, Protocol
from xml.sax.saxutils import escape  # nosec B406

from registry import cells
from registry.oversight.export_rules import Format

_LONGEST_CELL: Final = 32_767  # of XLSX
_SHEET: Final = "xl/worksheets/sheet1.xml"
_LONG_AGO: Final = (1980, 1, 1, 0, 0, 0)  # the earliest a ZIP can say: no clock in the file
_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_XML: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_OFFICE_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_PARTS: Final = {
    "[Content_Types].xml": (
        f'{_XML}<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_OFFICE_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/{_SHEET}" ContentType="{_OFFICE_TYPE}.worksheet+xml"/></Types>'
    ),
    "_rels/.rels": (
        f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="r1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/workbook.xml": (
        f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
        '<sheet name="Data" sheetId="1" r:id="r1"/></sheets></workbook>'
    ),
    "xl/_rels/workbook.xml.rels": (
        f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="r1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>'
    ),
}
MEDIA_TYPES: Final[Mapping[Format, str]] = {
    Format.CSV: "text/csv; charset=utf-8",
    Format.XLSX: f"{_OFFICE_TYPE}.sheet",
    Format.JSON: "application/json",
}

Row = Mapping[str, object]


class Writer(Protocol):
    """Writes a file in pieces: what comes before all rows, some rows at a time, and what comes after."""

    def begin(self) -> bytes:
        """The first bytes."""
        ...

    def rows(self, rows: Iterable[Row]) -> bytes:
        """The bytes of some rows."""
        ...

    def end(self) -> bytes:
        """The last bytes."""
        ...


def writer(form: Format, head: Sequence[str]) -> Writer:
    """The writer of a format; `head` are the columns."""
    made: dict[Format, Callable[[Sequence[str]], Writer]] = {
        Format.CSV: _Csv,
        Format.XLSX: _Xlsx,
        Format.JSON: _Json,
    }
    return made[form](head)


class _Csv:
    def __init__(self, head: Sequence[str]) -> None:
        self.head = head

    def begin(self) -> bytes:
        return self._lines([self.head])

    def rows(self, rows: Iterable[Row]) -> bytes:
        return self._lines([row.get(name) for name in self.head] for row in rows)

    def end(self) -> bytes:
        return b""

    def _lines(self, rows: Iterable[Sequence[object]]) -> bytes:
        return "".join(cells.lines(rows)).encode()


class _Json:
    """An array of objects, one a line; every value a text or null, so that no digit is lost."""

    def __init__(self, _head: Sequence[str]) -> None:
        self.is_first = True

    def begin(self) -> bytes:
        return b"["

    def rows(self, rows: Iterable[Row]) -> bytes:
        out = []
        for row in rows:
            out.append("\n" if self.is_first else ",\n")
            out.append(json.dumps(row, ensure_ascii=False, default=str))
            self.is_first = False
        return "".join(out).encode()

    def end(self) -> bytes:
        return b"\n]\n"


class _Pieces:
    """A file that cannot be read or sought: what is written is taken out again."""

    def __init__(self) -> None:
        self.kept = bytearray()

    def write(self, data: bytes) -> int:
        self.kept += data
        return len(data)

    def flush(self) -> None:
        """Nothing waits."""

    def taken(self) -> bytes:
        found = bytes(self.kept)
        self.kept.clear()
        return found


class _Xlsx:
    def __init__(self, head: Sequence[str]) -> None:
        self.head = head
        self.out = _Pieces()
        self.archive = zipfile.ZipFile(self.out, "w", zipfile.ZIP_DEFLATED)  # type: ignore[call-overload]

    def begin(self) -> bytes:
        for name, text in _PARTS.items():
            self.archive.writestr(_entry(name), text)
        self.sheet = self.archive.open(_entry(_SHEET), "w", force_zip64=True)
        self.sheet.write(f'{_XML}<worksheet xmlns="{_MAIN}"><sheetData>'.encode())
        self.sheet.write(_xlsx_row(self.head))
        return self.out.taken()

    def rows(self, rows: Iterable[Row]) -> bytes:
        for row in rows:
            self.sheet.write(_xlsx_row([row.get(name) for name in self.head]))
        return self.out.taken()

    def end(self) -> bytes:
        self.sheet.write(b"</sheetData></worksheet>")
        self.sheet.close()
        self.archive.close()
        return self.out.taken()


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _LONG_AGO)
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def _xlsx_row(row: Iterable[object]) -> bytes:
    texts = (escape(_printable(cells.harmless(cell))[:_LONGEST_CELL]) for cell in row)
    inner = "".join(f'<c t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>' for text in texts)
    return f"<row>{inner}</row>".encode()


def _printable(text: str) -> str:
    """Without the control characters that XML 1.0 cannot hold."""
    return "".join(each for each in text if each >= " " or each in "\t\n\r")
