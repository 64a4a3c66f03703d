"""Each format, read by a library that did not write it, has the cells of the release."""

import io
import json
import warnings
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from pyarrow import parquet
from pyjstat import pyjstat
from pysdmx.io import read_sdmx

from registry.statistics.formats import bundle
from registry.statistics.formats.flat import sdmx_columns
from registry.statistics.formats.observations import observations
from registry.statistics.published import PublishedRelease, Table
from tests.registry.statistics import samples

Row = tuple[str, ...]
RELEASES = {"provisional": samples.release(), "final": samples.release(is_provisional=False)}


def _expected(release: PublishedRelease, table: Table) -> list[tuple[Row, Decimal | None, str, str]]:
    return [
        ((*each.key, each.measure.id), each.value, str(each.flags[0]), str(each.flags[1]))
        for each in observations(release, table)
    ]


def _of_parquet(content: bytes, table: Table) -> list[tuple[Row, Decimal | None, str, str]]:
    rows = parquet.read_table(io.BytesIO(content)).to_pylist()
    names = (*table.dimensions, "measure")
    return [(tuple(row[name] for name in names), row["value"], row["obs_status"], row["conf_status"]) for row in rows]


def _of_json_stat(content: bytes, table: Table) -> list[tuple[Row, Decimal | None, str, str]]:
    """pyjstat gives the cells; the codes beside them are plain lists."""
    said = json.loads(content, parse_float=Decimal)
    dataset = pyjstat.Dataset.read(content.decode())
    rows = dataset.write("dataframe", naming="id").to_dict("records")
    names = (*table.dimensions, "measure")
    return [
        (
            tuple(row[name] for name in names),
            _same_number(row["value"], said["value"][place]),
            said["status"][place],
            said["extension"]["conf_status"][place],
        )
        for place, row in enumerate(rows)
    ]


def _same_number(read: float | None, written: int | Decimal | None) -> Decimal | None:
    """What the reader found, to the digits that were written: it keeps numbers as floats."""
    if read is None or read != read:
        assert written is None
        return None
    assert read == pytest.approx(float(written or 0), rel=1e-15)
    return Decimal(written or 0)


def _of_sdmx(content: bytes, table: Table) -> list[tuple[Row, Decimal | None, str, str]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        message = read_sdmx(io.BytesIO(content))
    assert message.data is not None
    [dataset] = message.data
    structure = getattr(dataset, "short_urn", str(dataset.structure))
    assert structure == f"Dataflow=ECAR:{table.id.upper().replace('-', '_')}(1.0)"
    columns = sdmx_columns(table)
    names = (*columns[4 : 4 + len(table.dimensions)], "INDICATOR")
    return [
        (
            tuple(row[name] for name in names),
            Decimal(row["OBS_VALUE"]) if row["OBS_VALUE"] else None,
            row["OBS_STATUS"],
            row["CONF_STATUS"],
        )
        for row in dataset.data.to_dict("records")
    ]


def _of_workbook(content: bytes, table: Table) -> list[tuple[Row, Decimal | None, str, str]]:
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book.sheetnames == ["Data", "Codes", "About"]
    head, *rows = book["Data"].iter_rows(values_only=True)
    assert head == (*table.dimensions, "measure", "value", "obs_status", "conf_status")
    width = len(table.dimensions) + 1
    return [
        (
            tuple(map(str, row[:width])),
            None if row[width] is None else Decimal(str(row[width])),
            str(row[-2]),
            str(row[-1]),
        )
        for row in rows
    ]


READERS: Mapping[str, Callable[[bytes, Table], list[Any]]] = {
    "parquet": _of_parquet,
    "json": _of_json_stat,
    "sdmx.csv": _of_sdmx,
    "xlsx": _of_workbook,
}


@pytest.mark.parametrize("status", RELEASES)
@pytest.mark.parametrize("form", READERS)
def test_another_reader_finds_the_same_cells(form: str, status: str) -> None:
    release = RELEASES[status]
    for table in release.tables:
        found = READERS[form](bundle.WRITERS[form](release, table), table)
        assert found == _expected(release, table), table.id


def test_parquet_keeps_every_digit() -> None:
    release = samples.release()
    [table] = [each for each in release.tables if "training_flop" in each.measures]
    column = parquet.read_table(io.BytesIO(bundle.WRITERS["parquet"](release, table))).column("value")
    assert str(column.type) == "decimal128(38, 0)"


def test_a_workbook_has_no_formula() -> None:
    release = samples.release()
    for table in release.tables:
        book = openpyxl.load_workbook(io.BytesIO(bundle.WRITERS["xlsx"](release, table)))
        assert all(cell.data_type != "f" for sheet in book for row in sheet.iter_rows() for cell in row)
        assert book.properties.created == release.published_at.replace(tzinfo=None)


def test_json_stat_says_which_dimension_is_time() -> None:
    release = samples.release()
    said = json.loads(bundle.WRITERS["json"](release, release.tables[0]))
    assert (said["version"], said["class"]) == ("2.0", "dataset")
    assert said["role"]["time"] == ["quarter"]
    assert said["size"] == [1, 28, 5, 2]
    assert len(said["value"]) == len(said["status"]) == 280
