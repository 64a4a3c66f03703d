"""Published statistics over the interface: open, filtered, kept by others, and silent about what is withheld."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from registry.statistics.formats import bundle
from registry.statistics.models import Vintage
from tests.api.described import require_described
from tests.api.statistics_calls import CELLS, RELEASES
from tests.registry.statistics import samples, shelving

pytestmark = pytest.mark.django_db
RELEASE = samples.release()
TABLE = RELEASE.tables[0]


@pytest.fixture
def vintage() -> Vintage:
    """One release on the shelf."""
    return shelving.shelve(RELEASE)


def _get(path: str, *, status: int = 200, **headers: str) -> Any:
    answer = Client().get(path, headers=headers)
    assert answer.status_code == status, answer.content
    if status != 304:
        require_described(answer, method="GET", path=path)
    return answer


def test_the_list_names_each_release_with_its_newest_vintage(vintage: Vintage) -> None:
    shelving.shelve(samples.release(vintage=2, more=1))
    [row] = _get(RELEASES).json()["results"]
    assert (row["release"], row["vintage"], row["is_provisional"], row["is_withdrawn"]) == ("2026-Q3", 2, True, False)


def test_a_release_names_the_digests_of_its_files(vintage: Vintage) -> None:
    [said] = _get(f"{RELEASES}2026-Q3/").json()["vintages"]
    made = bundle.render(RELEASE, software=bundle.written_with())
    files = {each["path"]: each for each in said["files"]}
    assert set(files) == {*made, "manifest.json.sig"}
    for path, content in made.items():
        assert files[path]["size_bytes"] == len(content)
        assert Client().get(files[path]["url"]).content == content
    assert [each["id"] for each in said["tables"]] == [each.id for each in RELEASE.tables]


def test_the_cells_are_those_of_the_table(vintage: Vintage) -> None:
    said = _get(CELLS).json()
    assert [each["id"] for each in said["dimensions"]] == list(TABLE.dimensions)
    values = [value for cell in TABLE.cells for value in cell.values]
    assert [each["value"] for each in said["cells"]] == [None if v is None else f"{v:f}" for v in values]
    assert {each["conf_status"] for each in said["cells"] if each["value"] is None} == {"C"}
    assert {each["obs_status"] for each in said["cells"] if each["value"] is None} == {"Q"}
    assert {each["obs_status"] for each in said["cells"] if each["value"] is not None} == {"P"}


@pytest.mark.parametrize(
    ("where", "cells"),
    [
        ("member_state:DE,FR", 2 * 5 * 2),
        ("member_state:DE;measure:runs", 5),
        ("band:all;member_state:EU;quarter:2026-Q3;measure:training_flop", 1),
        ("measure:runs,training_flop", 28 * 5 * 2),
    ],
)
def test_where_chooses_cells(vintage: Vintage, where: str, cells: int) -> None:
    said = _get(f"{CELLS}?where={where}").json()
    assert len(said["cells"]) == cells
    shown = [{code["id"] for code in each["codes"]} for each in said["dimensions"]]
    for cell in said["cells"]:
        assert all(code in codes for code, codes in zip(cell["key"], shown, strict=True))


@pytest.mark.parametrize(
    "where",
    [
        "colour:red",
        "member_state",
        "member_state:",
        "member_state:XX",
        "member_state:DE,",
        "band:all;band:all",
        ";",
        ":",
    ],
)
def test_what_the_table_does_not_have_is_refused_by_name(vintage: Vintage, where: str) -> None:
    body = _get(f"{CELLS}?where={where}", status=400).json()
    assert body["type"] == "/problems/invalid-parameter"
    assert body["parameter"] == "where"


def test_a_withheld_cell_answers_like_every_other(vintage: Vintage) -> None:
    """The same members and the same length for all withheld cells of one shape: nothing tells why."""
    withheld = [cell.key for cell in TABLE.cells if None in cell.values]
    assert len(withheld) > 5
    answers = set()
    for _, state, band in withheld:
        [cell] = _get(f"{CELLS}?where=member_state:{state};band:{band};measure:runs").json()["cells"]
        answers.add(repr({name: value for name, value in cell.items() if name != "key"}))
    assert len(answers) == 1


def test_the_same_comes_as_csv(vintage: Vintage) -> None:
    answer = _get(f"{CELLS}?where=member_state:DE", Accept="text/csv")
    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))
    assert len(rows) == 10
    assert {row["member_state"] for row in rows} == {"DE"}


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        (RELEASES, "public, max-age=300"),
        (f"{RELEASES}2026-Q3/", "public, max-age=300"),
        (CELLS, "public, max-age=31536000, immutable"),
        ("/api/v1/statistics/calendar/", "public, max-age=300"),
    ],
)
def test_others_may_keep_an_answer(vintage: Vintage, path: str, kept: str) -> None:
    answer = _get(path)
    assert answer["Cache-Control"] == kept
    again = _get(path, status=304, If_None_Match=answer["ETag"])
    assert (again.content, again["ETag"], again["Cache-Control"]) == (b"", answer["ETag"], kept)
    assert _get(path, If_None_Match='"another"')["ETag"] == answer["ETag"]


def test_each_selection_and_form_has_its_own_tag(vintage: Vintage) -> None:
    asked = [CELLS, f"{CELLS}?where=member_state:DE", f"{CELLS}?where=member_state:FR"]
    tags = {_get(path)["ETag"] for path in asked} | {_get(CELLS, Accept="text/csv")["ETag"]}
    assert len(tags) == 4


def test_a_withdrawal_changes_the_tag_and_is_told(vintage: Vintage) -> None:
    before = _get(RELEASES)["ETag"]
    shelving.withdraw(vintage, at=RELEASE.published_at + timedelta(days=20))
    assert _get(RELEASES)["ETag"] != before
    said = _get(f"{RELEASES}2026-Q3/").json()
    assert said["is_withdrawn"]
    assert said["vintages"][0]["notice"]["de"] == "Zwei Meldungen doppelt."


@pytest.mark.parametrize(
    "path",
    [
        f"{RELEASES}2030-Q1/",
        f"{RELEASES}2026-Q3/7/tables/runs-by-state-and-band/",
        f"{RELEASES}2026-Q3/1/tables/no-such-table/",
    ],
)
def test_what_is_not_published_is_not_there(vintage: Vintage, path: str) -> None:
    assert _get(path, status=404).json()["type"] == "/problems/not-found"


def test_a_draft_is_not_there() -> None:
    shelving.prepare(RELEASE)
    assert _get(RELEASES).json()["results"] == []
    _get(f"{RELEASES}2026-Q3/", status=404)
    _get(CELLS, status=404)
    assert Client().get("/statistics/2026-Q3/1/manifest.json").status_code == 404
