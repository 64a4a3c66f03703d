"""The attack as a process of its own: what it is given, what its end means, and that it says nothing aloud."""

import json
import logging
import os
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from textwrap import dedent

import pytest

from registry import statistics_tasks
from registry.statistics import auditing, building
from registry.statistics.building import Material, Published
from registry.statistics.disclosure.rules import Rules
from registry.statistics.disclosure.search import Unprotectable
from registry.statistics.protecting import Found
from registry.statistics.published import Cell, PublishedRelease
from tests.registry.statistics.amending import COURSE, Year
from tests.registry.statistics.test_protecting import BANDS, NOW, a_run, register

YEARS = int(os.environ.get("DISCLOSURE_YEARS", "2"))
RULES = Rules(minimum_holdings=4, p_percent=Fraction("12.5"))


def vintage(seed: int, *, rules: Rules = RULES) -> tuple[Material, PublishedRelease]:
    """A vintage of an invented register, and what it shows."""
    known = Material("2026-Q3", 1, NOW, NOW, True, register(seed), ())
    return known, building.shown(known, building.protect(known, rules=rules).plan)


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stands in for the auditor: a module that keeps what it is given, and ends as `said.json` beside it says."""
    (tmp_path / "ecar_audit.py").write_text(
        dedent("""
            import json, os, shutil, sys
            from pathlib import Path
            here = Path(__file__).parent
            shutil.copytree(Path.cwd(), here / "given", dirs_exist_ok=True)
            (here / "arguments.json").write_text(json.dumps([sys.argv[1:], dict(os.environ)]))
            said = json.loads((here / "said.json").read_text())
            sys.stderr.write("secret-of-the-report")
            sys.stdout.write(said["out"])
            sys.exit(said["code"])
        """)
    )
    monkeypatch.setattr(auditing, "PROGRAM", tmp_path)
    return tmp_path


def ends(program: Path, code: int, out: str) -> None:
    (program / "said.json").write_text(json.dumps({"code": code, "out": out}))


@pytest.mark.parametrize(
    ("code", "out", "verdict"),
    [
        (0, '{"exit_code": 0}', "clean"),
        (1, '{"exit_code": 1}', "disclosure"),
        (2, '{"exit_code": 2}', "bad_input"),
        (3, '{"exit_code": 3}', "undecided"),
        (0, "", "bad_input"),
        (0, "clean", "bad_input"),
        (0, '{"exit_code": 1}', "bad_input"),
        (1, "Traceback", "bad_input"),
        (9, '{"exit_code": 9}', "bad_input"),
    ],
)
def test_only_a_clean_end_with_a_clean_report_is_clean(program: Path, code: int, out: str, verdict: str) -> None:
    ends(program, code, out)
    known, release = vintage(1)
    assert auditing.attack(known, release, rules=RULES).verdict == verdict


def test_it_is_given_files_and_no_secret_of_ours(
    program: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(os.environ, "STATISTICS_RULES", "sealed")
    monkeypatch.setitem(os.environ, "DATABASE_URL_OF_SOMEBODY", "postgresql://")
    told = {"subject": "cell", "codes": {"quarter": "2026-Q3"}, "measure": "runs", "attackers": [], "needed": "17.5"}
    union = {**told, "subject": "union", "codes": {"quarter": "2026-Q3", "parent_region": "US+CN"}}
    ends(program, 1, json.dumps({"exit_code": 1, "findings": [told, union, {"subject": "count"}]}))
    known, release = vintage(1)
    with caplog.at_level(logging.DEBUG):
        said = auditing.attack(known, release, rules=RULES)
    assert "17.5" in said.report
    period, regions = ("quarter", "2026-Q3"), [("parent_region", "US"), ("parent_region", "CN")]
    assert said.found == {
        Found("runs", ((period,),), "runs", (), Decimal("17.5")),
        Found("runs", tuple((region, period) for region in regions), "runs", (), Decimal("17.5")),
    }
    assert "17.5" not in caplog.text + repr(said)
    assert "secret-of-the-report" not in "".join(capfd.readouterr())
    arguments, environment = json.loads((program / "arguments.json").read_text())
    assert not {"STATISTICS_RULES", "DATABASE_URL_OF_SOMEBODY"} & environment.keys()
    assert arguments[:2] == ["release", "000-2026-Q3-1"]
    given = program / "given"
    parameters = json.loads((given / "parameters.json").read_text())
    assert (parameters["minimum_holdings"], parameters["p_percent"]) == (4, "12.5")
    structure = json.loads((given / "000-2026-Q3-1" / "structure.json").read_text())
    assert {each["id"] for each in structure["measures"]} == {"runs", "training_flop"}
    shown = {cell.key[1] for table in release.tables for cell in table.cells if table.id == "runs-by-state-and-band"}
    (states,) = (each for each in structure["dimensions"] if each["id"] == "member_state")
    assert {code["id"] for code in states["codes"]} == shown
    truth = (given / "000-2026-Q3-1.truth.csv").read_text().splitlines()
    assert truth[0].startswith("holding,provider,quarter,")
    assert truth[0].endswith(",measure,value,has_waiver")
    assert len(truth) == 1 + 2 * 120


def test_all_that_was_published_of_the_year_is_attacked_together(program: Path) -> None:
    ends(program, 0, '{"exit_code": 0}')
    known, release = vintage(2)
    second = replace(known, number=2, before=(Published(1, release, known.facts),))
    auditing.attack(second, replace(release, vintage=2), rules=RULES)
    arguments, _ = json.loads((program / "arguments.json").read_text())
    assert "000-2026-Q3-1=000-2026-Q3-1.truth.csv" in arguments


def test_what_takes_too_long_is_undecided(program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (program / "ecar_audit.py").write_text("import threading; threading.Event().wait(30)")
    monkeypatch.setattr(auditing, "GRACE_SECONDS", 0)
    known, release = vintage(1)
    assert auditing.attack(known, release, rules=RULES, seconds=1).verdict == "undecided"


@pytest.mark.skipif(not auditing.PROGRAM.exists(), reason="the auditor is not part of this tree")
class TestWithTheAuditor:
    """The real program, on releases of an invented register."""

    @pytest.mark.parametrize("seed", [1, 2])
    def test_what_was_protected_is_clean(self, seed: int) -> None:
        known, release = vintage(seed)
        assert auditing.attack(known, release, rules=RULES).verdict == "clean"

    def test_a_late_filing_of_one_holding_is_clean_too(self) -> None:
        known, release = vintage(1)
        later = (*known.facts, *a_run(901, "h0", "FR", BANDS[0], 5 * 10**22))
        second = replace(known, number=2, facts=later, before=(Published(1, release, known.facts),))
        shown = building.shown(second, building.protect(second, rules=RULES).plan)
        assert auditing.attack(second, shown, rules=RULES).verdict == "clean"

    @pytest.mark.parametrize("seed", range(YEARS))
    def test_a_year_of_amendments_and_late_filers_is_clean_at_once(self, seed: int) -> None:
        """What the auditor knows of vintages together, the protector knows: no pattern has to be mended."""
        year, before = Year(seed), list[Published]()
        for quarter in COURSE:
            runs, name = year.filings(quarter), f"2026-{quarter}"
            number = 1 + sum(each.release.id == name for each in before)
            facts = year.facts(quarter, runs)
            known = Material(name, number, NOW, NOW, True, facts, tuple(before))
            try:
                shown = building.shown(known, building.protect(known, rules=RULES).plan)
            except Unprotectable:  # the revision has to wait
                continue
            assert auditing.attack(known, shown, rules=RULES).verdict == "clean", (name, number)
            before.append(Published(number, shown, facts))
            year.published[quarter] = runs
        assert {each.release.id for each in before} == {f"2026-{quarter}" for quarter in COURSE}

    def test_the_sum_of_what_one_holding_filed_in_two_cells_is_mended(self) -> None:
        """Alone in two regions, it can be one or the other; but both together are the world without Europe."""
        filed = [a_run(at, f"h{at}", "FR", BANDS[at % 3], (30 + at) * 10**20) for at in range(30)]
        for at, region in enumerate(("US", "CN"), start=90):
            abroad = a_run(at, "alone", "DE", BANDS[1], 37 * 10**20)
            filed.append([replace(each, key={**each.key, "parent_region": region}) for each in abroad])
        known = Material("2026-Q3", 1, NOW, NOW, True, tuple(fact for run in filed for fact in run), ())
        first = building.shown(known, building.protect(known, rules=RULES).plan)
        (found,) = {each.cells for each in auditing.attack(known, first, rules=RULES).found}
        assert [dict(cell)["parent_region"] for cell in found] == ["US", "CN"]
        assert statistics_tasks.protected(known, rules=RULES)[1].verdict == "clean"

    def test_a_withheld_value_that_is_shown_is_found(self) -> None:
        known, release = vintage(1)
        truth = building.shown(known, replace(building.protect(known, rules=RULES).plan, withheld={}, alone=()))
        assert any(None in cell.values for table in release.tables for cell in table.cells)
        assert auditing.attack(known, truth, rules=RULES).verdict == "disclosure"

    def test_a_value_that_is_not_the_sum_is_bad_input(self) -> None:
        known, release = vintage(1)
        first, *others = release.tables
        key, values = first.cells[0]
        wrong = (Cell(key, (values[0], Decimal(1), *values[2:])), *first.cells[1:])
        release = replace(release, tables=(replace(first, cells=wrong), *others))
        assert auditing.attack(known, release, rules=RULES).verdict == "bad_input"
