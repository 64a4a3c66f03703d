"""A release as pages and files show it: what was withheld appears nowhere, in no form."""

import csv
import io
import json
from datetime import UTC, datetime

import pytest

from registry.periods import Quarter
from registry.portal import release_page
from registry.portal.release_page import Published
from registry.statistics import tables
from registry.statistics.models import Release

BANDS = [band.code for band in tables.BANDS]
AT = datetime(2026, 10, 1, 9, tzinfo=UTC)


@pytest.fixture
def published() -> Published:
    """Two quarters: one in full, one with two cells withheld."""
    release = Release(
        table=tables.RUNS_BY_QUARTER, vintage=2, as_of=AT, published_at=AT, content_digest=b"\x01" * 32, entry_id=7
    )
    values = {
        Quarter(2026, 2): dict(zip(BANDS, (1_234, 9, 4, 0), strict=True)),
        Quarter(2026, 3): dict(zip(BANDS, (40, None, None, 0), strict=True)),
    }
    return Published(release, values, (release,))


def test_the_csv_has_every_cell_and_an_empty_value_where_it_is_confidential(published: Published) -> None:
    rows = list(csv.DictReader(io.StringIO(release_page.content(published, "csv").decode())))
    assert len(rows) == 8
    hidden = [row for row in rows if row["CONF_STATUS"] == "C"]
    assert {(row["TIME_PERIOD"], row["OBS_VALUE"]) for row in hidden} == {("2026-Q3", "")}
    assert len(hidden) == 2


def test_the_json_has_the_same_cells(published: Published) -> None:
    body = json.loads(release_page.content(published, "json"))
    assert [cell["value"] for cell in body["cells"]] == [1234, 9, 4, 0, 40, None, None, 0]
    assert [cell["confidential"] for cell in body["cells"]].count(True) == 2
    assert body["bands_flop"][0]["above"] is None


def test_a_file_is_the_same_bytes_each_time(published: Published) -> None:
    assert release_page.content(published, "csv") == release_page.content(published, "csv")


def test_an_unknown_form_is_refused(published: Published) -> None:
    with pytest.raises(KeyError):
        release_page.content(published, "exe")


def test_the_table_marks_confidential_cells_and_true_zeros(published: Published) -> None:
    newest, oldest = release_page.table(published).rows
    assert [(cell.text, cell.flag.value) for cell in newest.cells] == [("40", ""), ("c", "c"), ("c", "c"), ("0", "0")]
    assert oldest.cells[0].text == "1,234"


def test_no_sum_is_shown_over_a_withheld_cell(published: Published) -> None:
    figure = release_page.figure(published)
    totals = {row[0]: row[-1] for row in figure.table.rows}
    assert totals == {"Q2 2026": "1,247", "Q3 2026": "c"}
    assert "hatch" in figure.svg


def test_the_page_counts_what_is_withheld(published: Published) -> None:
    page = release_page.page(published, call_base="https://registry.example.eu")
    assert "2 of 8 cells confidential" in {meta.text for meta in page.heading.meta}
    assert [number.value for number in page.numbers] == ["40", "confidential", "confidential", "0"]
    assert "https://registry.example.eu/en/statistics/" in page.call
