"""The command: files in, a confidential report and an exit code out; what is wrong is told with its place."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from ecar_audit import read_bundle, read_parameters, read_truth
from ecar_audit.command import main
from ecar_audit.telling import CONFIDENTIAL

from tests.packages.ecar_audit.releases import Filed, crowd, release, structure, write
from tests.packages.ecar_audit.test_leaks import ALONE, HUGE, REST, SQUARE

PARAMETERS = {"minimum_holdings": 3, "p_percent": "10", "coalition": 1, "dominance": None, "ratios": []}
ALL = [*ALONE, *HUGE, *REST]
Edit = Callable[[Path], None]


def asked(folder: Path, *more: str) -> list[str]:
    truth = folder.with_suffix(".truth.csv")
    parameters = folder.parent / "parameters.json"
    if not parameters.exists():
        parameters.write_text(json.dumps(PARAMETERS), encoding="utf-8")
    return ["release", str(folder), "--truth", str(truth), "--parameters", str(parameters), *more]


def written(folder: Path, filed: list[Filed] = ALL, hidden: list[tuple[str, str]] = SQUARE) -> Path:
    write(folder, *release(filed, hidden))
    return folder


def test_a_clean_release_ends_with_0(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(asked(written(tmp_path / "v1"))) == 0
    first, second, *rest = capsys.readouterr().out.splitlines()
    assert first == CONFIDENTIAL
    assert second.endswith("v1: clean")
    assert any("no figure is negative" in line for line in rest)


def test_a_disclosure_ends_with_1_and_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(asked(written(tmp_path / "v1", hidden=[("DE", "A")]))) == 1
    text = capsys.readouterr().out
    assert text.startswith(CONFIDENTIAL)
    assert "subtraction: cell country=DE sector=A, hours (t), to everybody" in text
    assert "the truth is 1000" in text


def test_the_report_can_be_read_by_machines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(asked(written(tmp_path / "v1", hidden=[("DE", "A")]), "--json")) == 1
    said = json.loads(capsys.readouterr().out)
    assert next(iter(said)) == "confidential"
    assert (said["outcome"], said["exit_code"]) == ("disclosure", 1)
    (finding,) = said["findings"]
    assert finding["codes"] == {"country": "DE", "sector": "A"}
    assert (finding["kind"], finding["interval"], finding["attackers"]) == ("subtraction", ["1000", "1000"], [])


def test_the_report_is_the_same_every_time(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = written(tmp_path / "v1", [*ALONE, *crowd("DE", "B", each=4), *crowd("FR", "A"), *crowd("FR", "B"), *REST])
    texts = []
    for _ in range(2):
        assert main(asked(folder, "--json", "--intervals")) == 1
        texts.append(capsys.readouterr().out)
    assert texts[0] == texts[1]
    assert len(json.loads(texts[0])["intervals"]) == 4


def test_no_time_is_undecided_and_never_clean(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(asked(written(tmp_path / "v1"), "--time-limit", "0")) == 3
    assert "undecided" in capsys.readouterr().out


def test_earlier_vintages_are_read_with_their_truth(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(tmp_path / "v1")
    late = written(tmp_path / "v2", [*ALL, ("L", ("ES", "A"), 5)])
    earlier = f"{tmp_path / 'v1'}={tmp_path / 'v1.truth.csv'}"
    assert main(asked(late)) == 0
    assert main(asked(late, "--earlier", earlier)) == 1
    assert "change that one holding made alone" in capsys.readouterr().out


def test_coalitions_can_be_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(asked(written(tmp_path / "v1"), "--coalitions", "2")) == 0
    assert "coalitions of 2" in capsys.readouterr().out
    with pytest.raises(SystemExit, match="2"):
        main(asked(tmp_path / "v1", "--coalitions", "0"))


def test_it_runs_as_a_module_of_its_own(tmp_path: Path) -> None:
    source = Path(__file__).resolve().parents[3] / "packages" / "ecar-audit" / "src"
    command = [sys.executable, "-m", "ecar_audit", *asked(written(tmp_path / "v1"))]
    ran = subprocess.run(
        command, env={**os.environ, "PYTHONPATH": str(source)}, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith(CONFIDENTIAL)


def replaced(name: str, old: str, new: str) -> Edit:
    def edit(folder: Path) -> None:
        path = folder / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return edit


def removed(name: str) -> Edit:
    return lambda folder: (folder / name).unlink()


def parameters(**changed: object) -> Edit:
    def edit(folder: Path) -> None:
        (folder.parent / "parameters.json").write_text(json.dumps({**PARAMETERS, **changed}), encoding="utf-8")

    return edit


CELLS, TRUTH = "tables/t.csv", "../v1.truth.csv"
RATIO = {"numerator": "hours", "denominator": "hours", "dimension": "country", "code": "DE", "low": "1", "high": "1"}
BAD: list[tuple[Edit, str]] = [
    (removed("structure.json"), "structure.json: cannot be read"),
    (removed(CELLS), "t.csv: cannot be read"),
    (removed(TRUTH), "v1.truth.csv: cannot be read"),
    (replaced("structure.json", "{", ""), "structure.json:1: this is no JSON"),
    (replaced("structure.json", '"measures"', '"mesures"'), "structure.json: lacks measures"),
    (
        replaced("structure.json", '"decimals": 0', '"decimals": -1'),
        "structure.json.measures[0].decimals: a whole number",
    ),
    (replaced("structure.json", '"is_additive": true', '"is_additive": 1'), "is_additive: true or false"),
    (replaced("structure.json", '"rounded_to": null', '"rounded_to": "five"'), "rounded_to: a whole number"),
    (replaced("structure.json", '[["DE", "FR", "ES"]]', '[["DE", "FR", "IT"]]'), "IT is no code of country"),
    (replaced("structure.json", '[["DE", "FR", "ES"]]', '[["DE", "FR", "EU"]]'), "a code of country is part of itself"),
    (replaced("structure.json", '{"id": "FR"', '{"id": "DE"'), "DE is named twice"),
    (replaced("structure.json", '"id": "t"', '"id": "../t"'), "cannot name a file"),
    (replaced(CELLS, "country,sector", "sector,country"), "t.csv:1: the header is not country,sector,measure"),
    (replaced(CELLS, "EU,T,hours", "IT,T,hours"), "t.csv:2: 'IT' is no code of country"),
    (replaced(CELLS, "EU,T,hours", "EU,T,flop"), "t.csv:2: 'flop' is no measure"),
    (replaced(CELLS, "EU,A,hours", "EU,T,hours"), "t.csv:3: the cell of"),
    (replaced(CELLS, ",A,F\n", ",A,F,F\n"), "t.csv:2: 7 fields"),
    (replaced(CELLS, ",A,F\n", ",O,F\n"), "t.csv:2: O,F is no status"),
    (replaced(CELLS, ",Q,C\n", "7,Q,C\n"), "a value and the code of a withheld one, or neither"),
    (replaced(CELLS, "EU,T,hours,", "EU,T,hours,-"), "is no plain decimal"),
    (replaced(CELLS, "EU,T,hours,", "EU,T,hours,1"), "t.csv:2: shows another value than the truth adds up to"),
    (replaced(CELLS, "ES,C,hours,500,A,F\n", ""), "t.csv: 15 rows, where all combinations make 16"),
    (replaced(TRUTH, "holding,provider", "holding"), "truth.csv:1: the header is not"),
    (replaced(TRUTH, "sector", "secteur"), "truth.csv:1: has no column for the dimension sector"),
    (replaced(TRUTH, "H,p,DE,A", "H,p,DE,T"), "truth.csv:2: 'T' is no leaf of sector"),
    (replaced(TRUTH, "hours,1000", "flop,1000"), "truth.csv:2: flop is no measure of"),
    (replaced(TRUTH, "hours,1000", "hours,1e3"), "truth.csv:2: '1e3' is no plain decimal"),
    (replaced(TRUTH, "hours,1000,false", "hours,1000,maybe"), "truth.csv:2: has_waiver is 'maybe'"),
    (replaced(TRUTH, "H,p,DE,A", ",p,DE,A"), "truth.csv:2: names no holding"),
    (parameters(p_percent="0"), "parameters.json.p_percent: p is above zero"),
    (parameters(p_percent="ten"), "parameters.json.p_percent: 'ten' is no plain decimal"),
    (parameters(minimum_holdings=0), "parameters.json.minimum_holdings: a whole number"),
    (parameters(dominance=[2]), "parameters.json.dominance: null or two members"),
    (parameters(dominance=[2, "101"]), "parameters.json.dominance: k is a percentage"),
    (parameters(unions="some"), "parameters.json.unions: one of"),
    (parameters(p=10), "parameters.json: p is no parameter"),
    (parameters(ratios=[{"numerator": "hours"}]), "parameters.json.ratios[0]: lacks denominator"),
    (parameters(ratios=[{**RATIO, "low": "2"}]), "parameters.json.ratios[0]: low is not above high"),
    (parameters(ratios=[{**RATIO, "numerator": "energy"}]), "energy, in a ratio, is no measure"),
    (parameters(ratios=[{**RATIO, "code": "IT"}]), "country IT, in a ratio, is no code"),
]


@pytest.mark.parametrize(("edit", "told"), BAD, ids=[told for _, told in BAD])
def test_bad_input_ends_with_2_and_names_its_place(
    edit: Edit, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = written(tmp_path / "v1")
    edit(folder)
    assert main(asked(folder)) == 2
    first, second = capsys.readouterr().out.splitlines()
    assert first == CONFIDENTIAL
    assert second.startswith("bad input: ")
    assert told in second


def test_bad_input_is_told_to_machines_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = written(tmp_path / "v1")
    removed(CELLS)(folder)
    assert main(asked(folder, "--json")) == 2
    said = json.loads(capsys.readouterr().out)
    assert (said["outcome"], said["exit_code"], said["place"]) == ("bad input", 2, str(folder / CELLS))
    assert main(asked(folder, "--earlier", "v0")) == 2


def test_bytes_that_are_no_text_are_bad_input(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = written(tmp_path / "v1")
    (folder / CELLS).write_bytes(b"country\xff")
    assert main(asked(folder)) == 2
    assert "is not UTF-8 (byte 7)" in capsys.readouterr().out


def test_what_is_written_is_what_is_read(tmp_path: Path) -> None:
    bundle, truth = release(ALL, SQUARE)
    where = write(tmp_path / "v1", bundle, truth)
    read = read_bundle(tmp_path / "v1")
    assert structure(read) == structure(bundle)
    assert read.tables[0].values == bundle.tables[0].values
    assert read.tables[0].places[("EU", "T"), "hours"].endswith("t.csv:2")
    assert read_truth(where).contributions == truth.contributions
    (tmp_path / "p.json").write_text(json.dumps({**PARAMETERS, "p_percent": 12.5, "dominance": [2, "85"]}))
    assert read_parameters(tmp_path / "p.json").dominance == (2, 85)
