"""The folder of a vintage: all its files, the same bytes each time, and the release made again of them."""

import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree

import pytest

from registry.periods import Quarter
from registry.statistics.formats import bundle, reading
from registry.statistics.formats.observations import plain
from registry.statistics.formats.standing_alone import LOOKS
from registry.statistics.published import PublishedRelease
from tests.house.sources import ROOT
from tests.registry.statistics import samples

FORMS = ("csv", "json", "parquet", "sdmx.csv", "xlsx")
SOFTWARE = "ecar 0.1.0"
DIGEST_OF_ALL = """
import hashlib
from registry.statistics.formats import bundle
from tests.registry.statistics import samples
made = bundle.render(samples.release(), software="x")
print(hashlib.sha256(b"".join(path.encode() + made[path] for path in made)).hexdigest())
"""


@pytest.fixture(scope="module")
def made() -> Mapping[str, bytes]:
    return bundle.render(samples.release(), software=SOFTWARE)


def test_a_vintage_has_every_table_in_every_format(made: Mapping[str, bytes]) -> None:
    tables = ("hours-by-customer-region", "runs-by-state-and-band")
    expected = {f"tables/{table}.{form}" for table in tables for form in FORMS}
    expected |= {f"charts/{table}.svg" for table in tables}
    expected |= {"structure.json", "dictionary.csv", "corrections.json", "catalogue.ttl", "catalogue.jsonld"}
    assert set(made) == expected | {"manifest.json", "SHA256SUMS"}
    assert list(made) == sorted(made)


def test_writing_twice_gives_the_same_bytes(made: Mapping[str, bytes]) -> None:
    assert dict(made) == dict(bundle.render(samples.release(), software=SOFTWARE))


def test_another_process_gives_the_same_bytes() -> None:
    """Whatever order its sets have."""

    def digest(seed: str) -> str:
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(
            [sys.executable, "-c", DIGEST_OF_ALL], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
        )
        return done.stdout

    assert digest("1") == digest("2")


@pytest.mark.parametrize(
    "release",
    [
        samples.release(),
        samples.release(Quarter(2025, 4), is_provisional=False),
        samples.release(vintage=2, more=1),
    ],
    ids=["provisional", "final", "corrected"],
)
def test_the_release_is_made_again_of_its_files(release: PublishedRelease) -> None:
    assert reading.read(bundle.render(release, software=SOFTWARE).__getitem__) == release


def test_the_manifest_names_every_other_file_and_nothing_else(made: Mapping[str, bytes]) -> None:
    manifest = json.loads(made["manifest.json"])
    assert set(manifest) == {"release", "vintage", "as_of", "published_at", "is_provisional", "software", "files"}
    assert (manifest["release"], manifest["vintage"], manifest["software"]) == ("2026-Q3", 1, SOFTWARE)
    assert [file["path"] for file in manifest["files"]] == sorted(set(made) - {"manifest.json", "SHA256SUMS"})
    for file in manifest["files"]:
        content = made[file["path"]]
        assert (file["size_bytes"], file["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())


def test_the_sums_are_those_of_all_files(made: Mapping[str, bytes], tmp_path: Path) -> None:
    for path, content in made.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_bytes(content)
    done = subprocess.run(["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=tmp_path, capture_output=True)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == len(made) - 1


def test_withheld_cells_are_not_told_apart(made: Mapping[str, bytes]) -> None:
    """One code for all of them, and no word on why."""
    lines = made["tables/runs-by-state-and-band.csv"].decode().splitlines()
    assert lines[0] == "quarter,member_state,band,measure,value,obs_status,conf_status"
    assert len(lines) - 1 == 28 * 5 * 2
    withheld = [line for line in lines if not line.endswith(",P,F")][1:]
    assert withheld
    assert all(re.fullmatch(r"2026-Q3,[A-Z]{2},[a-z0-9-]+,[a-z_]+,,Q,C", line) for line in withheld)


def test_a_release_with_a_missing_row_is_not_written() -> None:
    whole = samples.release()
    short = replace(whole.tables[0], cells=whole.tables[0].cells[1:])
    with pytest.raises(ValueError, match="not all combinations"):
        bundle.render(replace(whole, tables=(short,)), software=SOFTWARE)


@pytest.mark.parametrize(
    ("value", "decimals", "written"),
    [
        (None, 3, ""),
        (Decimal("2.3e25"), 0, "23000000000000000000000000"),
        (Decimal("1e-3"), 3, "0.001"),
        (Decimal(5), 3, "5.000"),
        (Decimal("-0"), 0, "0"),
        (Decimal("-2.50"), 1, "-2.5"),
        (Decimal("12345678901234567890123456789012345.678"), 3, "12345678901234567890123456789012345.678"),
    ],
)
def test_a_value_is_a_plain_decimal(value: Decimal | None, decimals: int, written: str) -> None:
    assert plain(value, decimals=decimals) == written


@pytest.mark.parametrize("value", ["0.5", "1e-3", "NaN", "Infinity"])
def test_a_value_more_exact_than_its_measure_is_refused(value: str) -> None:
    with pytest.raises(ValueError):
        plain(Decimal(value), decimals=0)


def test_no_name_in_the_dictionary_is_a_formula(made: Mapping[str, bytes]) -> None:
    assert "'=United States" in made["dictionary.csv"].decode()


@pytest.mark.parametrize("table", ["hours-by-customer-region", "runs-by-state-and-band"])
def test_a_chart_stands_alone(made: Mapping[str, bytes], table: str) -> None:
    """No style sheet, script, font or address outside; a title, and what it shows in words."""
    text = made[f"charts/{table}.svg"].decode()
    root = ElementTree.fromstring(text)  # noqa: S314 - our own chart
    tags = {mark.tag.partition("}")[2] for mark in root.iter()}
    assert not tags & {"style", "script", "image", "foreignObject", "a", "use"}
    assert "class=" not in text
    assert set(re.findall(r"https?://[^\"]+", text)) == {"http://www.w3.org/2000/svg"}
    name, finding = root[0], root[1]
    assert name.tag.endswith("title")
    assert "2026-Q3" in str(name.text)
    assert finding.tag.endswith("desc")
    assert re.search(r"\d+ of \d+ values are confidential", str(finding.text))


def test_a_chart_by_itself_looks_as_on_the_page() -> None:
    theme = (ROOT / "static/registry/theme.css").read_text()
    colours = dict(re.findall(r"--((?:band|state)-\d|ink|quiet|hidden-line): (#[0-9a-f]+)", theme))
    for name, colour in colours.items():
        looks = LOOKS.get(name.replace("band-", "part--").replace("state-", "state--"))
        assert looks is None or looks["fill"] == colour, name
    assert LOOKS["hatch-line"]["stroke"] == colours["hidden-line"]
    assert (LOOKS["value"]["fill"], LOOKS["tick"]["fill"]) == (colours["ink"], colours["quiet"])
