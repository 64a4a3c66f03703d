"""Files of tables: no formula, no lost digit, the same bytes for the same rows, readable by others."""

import csv
import json
import zipfile
from io import BytesIO, StringIO
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from registry import cells
from registry.oversight import tabular
from registry.oversight.export_rules import Format

HEAD = ("reference", "provider", "flop")
CELL = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}c"
ROW = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}row"
ROWS = [
    {"reference": "ECAR-1", "provider": "=cmd|' /C calc'!A0", "flop": "2.3e25"},
    {"reference": "ECAR-2", "provider": 'Müller & "Söhne" <KG>', "flop": None},
]


def written(form: Format, rows: list[dict[str, object]], *, at_once: int = 1) -> bytes:
    writer = tabular.writer(form, HEAD)
    out = writer.begin()
    for start in range(0, len(rows), at_once):
        out += writer.rows(rows[start : start + at_once])
    return out + writer.end()


def sheet(content: bytes) -> list[list[str]]:
    with zipfile.ZipFile(BytesIO(content)) as archive:
        assert archive.testzip() is None
        tree = ElementTree.fromstring(archive.read("xl/worksheets/sheet1.xml"))  # noqa: S314  (our own)
    return [["".join(cell.itertext()) for cell in row.iter(CELL)] for row in tree.iter(ROW)]


def test_a_csv_cell_is_no_formula() -> None:
    lines = list(csv.reader(StringIO(written(Format.CSV, ROWS).decode())))
    assert lines == [
        list(HEAD),
        ["ECAR-1", "'=cmd|' /C calc'!A0", "2.3e25"],
        ["ECAR-2", 'Müller & "Söhne" <KG>', ""],
    ]


def test_a_workbook_holds_texts_only_and_has_one_sheet() -> None:
    content = written(Format.XLSX, ROWS)
    assert sheet(content) == [
        list(HEAD),
        ["ECAR-1", "'=cmd|' /C calc'!A0", "2.3e25"],
        ["ECAR-2", ROWS[1]["provider"], ""],
    ]
    with zipfile.ZipFile(BytesIO(content)) as archive:
        text = archive.read("xl/worksheets/sheet1.xml").decode()
        names = archive.namelist()
    assert text.count('t="inlineStr"') == 9
    assert "<f>" not in text
    assert "[Content_Types].xml" in names
    assert all(info.date_time == (1980, 1, 1, 0, 0, 0) for info in zipfile.ZipFile(BytesIO(content)).infolist())


def test_json_is_an_array_with_every_digit() -> None:
    assert json.loads(written(Format.JSON, ROWS)) == ROWS
    assert json.loads(written(Format.JSON, [])) == []


@given(
    st.lists(st.fixed_dictionaries({name: st.text(max_size=30) for name in HEAD}), max_size=8),
    st.integers(1, 5),
)
def test_any_text_comes_back_and_the_pieces_do_not_matter(rows: list[dict[str, object]], at_once: int) -> None:
    for form in Format:
        assert written(form, rows, at_once=at_once) == written(form, rows, at_once=8)
    assert json.loads(written(Format.JSON, rows)) == rows
    assert len(sheet(written(Format.XLSX, rows))) == len(rows) + 1
    kept = list(csv.reader(StringIO(written(Format.CSV, rows).decode(), newline="")))
    assert [[cells.harmless(row[name]) for name in HEAD] for row in rows] == kept[1:]
