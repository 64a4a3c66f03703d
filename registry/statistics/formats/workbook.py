"""A table as a workbook (XLSX): the cells, their codes, and what the table says of itself.

Every text is written as text, so that nothing is a formula. A number of more than fifteen digits is text too: a
spreadsheet would round it.
"""

import io
from collections.abc import Iterable, Sequence
from typing import Any, Final

import xlsxwriter

from registry import cells
from registry.languages import SPOKEN
from registry.statistics.formats.flat import VALUE_COLUMNS
from registry.statistics.formats.observations import observations
from registry.statistics.formats.structure import FLAGS, moment, texts
from registry.statistics.published import PublishedRelease, Table

DIGITS: Final = 15  # what a spreadsheet keeps of a number
WIDEST: Final = 60
OPTIONS: Final = {
    "in_memory": True,  # and so without the moment of writing in the archive
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}


def written(release: PublishedRelease, table: Table) -> bytes:
    """`tables/<table>.xlsx`."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, OPTIONS) as book:
        book.set_properties(
            {"title": cells.harmless(table.title["en"]), "created": release.published_at.replace(tzinfo=None)}
        )
        strong = book.add_format({"bold": True, "bottom": 1})
        _cells_sheet(book.add_worksheet("Data"), release, table, strong)
        _sheet(book.add_worksheet("Codes"), ("column", "code", *SPOKEN), _codes(release, table), strong)
        _sheet(book.add_worksheet("About"), ("what", *SPOKEN), _about(release, table), strong)
    return out.getvalue()


def _cells_sheet(sheet: Any, release: PublishedRelease, table: Table, strong: Any) -> None:
    head = (*table.dimensions, *VALUE_COLUMNS)
    place = head.index("value")
    _head(sheet, head, strong)
    sheet.autofilter(0, 0, len(table.cells) * len(table.measures), len(head) - 1)
    for row, each in enumerate(observations(release, table), start=1):
        for column, text in enumerate((*each.key, each.measure.id)):
            sheet.write_string(row, column, cells.harmless(text))
        if each.value is not None and len(each.value.normalize().as_tuple().digits) <= DIGITS:
            sheet.write_number(row, place, each.value)
        elif each.text:
            sheet.write_string(row, place, each.text)
        for column, flag in enumerate(each.flags, start=place + 1):
            sheet.write_string(row, column, flag)


def _sheet(sheet: Any, head: Sequence[str], rows: Iterable[Sequence[object]], strong: Any) -> None:
    _head(sheet, head, strong)
    for number, row in enumerate(rows, start=1):
        for column, cell in enumerate(row):
            sheet.write_string(number, column, cells.harmless(cell))


def _head(sheet: Any, head: Sequence[str], strong: Any) -> None:
    for column, name in enumerate(head):
        sheet.write_string(0, column, name, strong)
        sheet.set_column(column, column, 36 if name in SPOKEN else min(max(len(name) + 4, 14), WIDEST))
    sheet.freeze_panes(1, 0)


def _codes(release: PublishedRelease, table: Table) -> Iterable[tuple[str, ...]]:
    for name in table.dimensions:
        dimension = release.dimension[name]
        yield from ((name, code.id, *texts(code.label).values()) for code in dimension.codes)
    for name in table.measures:
        yield ("measure", name, *texts(release.measure[name].label).values())
    for (column, flag), label in FLAGS.items():
        yield (column, flag, *texts(label).values())


def _about(release: PublishedRelease, table: Table) -> Iterable[tuple[str, ...]]:
    yield ("title", *texts(table.title).values())
    yield ("note", *texts(table.note).values())
    for what, said in (
        ("release", release.id),
        ("vintage", str(release.vintage)),
        ("status", "provisional" if release.is_provisional else "final"),
        ("published", moment(release.published_at)),
        ("as of", moment(release.as_of)),
        ("source", "European Compute-Access Registry"),
        ("licence", "CC BY 4.0"),
    ):
        yield (what, *[said] * len(SPOKEN))
