"""`python -m benches.audit`: protect an invented instance, write its bundle, let the auditor attack the files.

Instances: `../shared/data/sdc` (`--instance reg30` or reg400, which takes a minute). Time is that of the processor.
"""

import argparse
import csv
import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from time import process_time

from registry.statistics.disclosure.cube import Contribution, Cube, Hierarchy, TableSpec, tabulate
from registry.statistics.disclosure.protect import protect
from registry.statistics.disclosure.rules import Rules, assess

ROOT = Path(__file__).resolve().parents[1]
INSTANCES = ROOT.parent / "shared" / "data" / "sdc"
DIMENSIONS = {"reg30": ("country", "sector"), "reg400": ("country", "quarter", "sector")}
MEASURE = "accel_hours"
PARAMETERS = {"minimum_holdings": 3, "p_percent": "10", "coalition": 1, "dominance": None, "ratios": []}


def main() -> None:
    """Print how long each took, and what was asked."""
    parser = argparse.ArgumentParser(prog="python -m benches.audit", description=__doc__)
    parser.add_argument("--instance", choices=sorted(DIMENSIONS), default="reg400")
    instance = parser.parse_args().instance
    if not INSTANCES.is_dir():
        parser.exit(1, f"The instances are not here: {INSTANCES}\n")
    contributions, hierarchies = _read(instance)
    started = process_time()
    cube = tabulate(contributions, specs=[TableSpec("t", DIMENSIONS[instance])], hierarchies=hierarchies)
    pattern = protect(cube, assess(cube, Rules()))
    seconds = process_time() - started
    with tempfile.TemporaryDirectory() as folder:
        _write(Path(folder), cube, pattern.withheld, hierarchies, contributions)
        report = _audited(Path(folder))
    audited = resource.getrusage(resource.RUSAGE_CHILDREN)
    rows = [("protected", seconds), ("audited", audited.ru_utime + audited.ru_stime)]
    lines = [f"  {name:<12} {value:8.1f} s" for name, value in rows]
    counts = ", ".join(f"{count} {name}" for name, count in report["counts"].items())
    sys.stdout.write("\n".join([f"{instance}: {report['outcome']}", *lines, f"  {counts}", ""]))


def _read(instance: str) -> tuple[list[Contribution], Mapping[str, Hierarchy]]:
    named = json.loads((INSTANCES / f"{instance}.json").read_text(encoding="utf-8"))
    trees = {
        name: Hierarchy(name, {parent: (tuple(children),) for parent, children in named[name].items()})
        for name in DIMENSIONS[instance]
    }
    with (INSTANCES / f"{instance}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    keys = [{name: row[name] for name in trees} for row in rows]
    found = [
        Contribution(row["holding"], row["provider"], key, MEASURE, Decimal(row[MEASURE]))
        for row, key in zip(rows, keys, strict=True)
    ]
    return found, trees


def _write(
    folder: Path,
    cube: Cube,
    withheld: frozenset[int],
    trees: Mapping[str, Hierarchy],
    contributions: Sequence[Contribution],
) -> None:
    (folder / "bundle" / "tables").mkdir(parents=True)
    (folder / "bundle" / "structure.json").write_text(json.dumps(_structure(cube, trees)), encoding="utf-8")
    (folder / "parameters.json").write_text(json.dumps(PARAMETERS), encoding="utf-8")
    cells = [[*cube.dimensions, "measure", "value", "obs_status", "conf_status"], *_cells(cube, withheld)]
    _write_csv(folder / "bundle" / "tables" / "t.csv", cells)
    truth = [["holding", "provider", *cube.dimensions, "measure", "value", "has_waiver"]]
    for each in contributions:
        codes = [each.key[name] for name in cube.dimensions]
        truth.append([each.holding, each.provider, *codes, MEASURE, f"{each.value:f}", "false"])
    _write_csv(folder / "truth.csv", truth)


def _cells(cube: Cube, withheld: frozenset[int]) -> Iterator[list[str]]:
    measured = cube.measures[MEASURE]
    for place, key in enumerate(cube.cells):
        value = Decimal(measured.totals[place]).scaleb(-measured.decimals)
        yield [*key, MEASURE, *(("", "Q", "C") if place in withheld else (f"{value:f}", "A", "F"))]


def _structure(cube: Cube, trees: Mapping[str, Hierarchy]) -> dict[str, object]:
    dimensions = [
        {"id": name, "codes": [{"id": code} for code in trees[name].codes], "splits": trees[name].parents}
        for name in cube.dimensions
    ]
    measure = {"id": MEASURE, "decimals": cube.measures[MEASURE].decimals, "rounded_to": None, "is_additive": True}
    table = {"id": "t", "time": "", "dimensions": cube.dimensions, "measures": [MEASURE]}
    return {"dimensions": dimensions, "measures": [measure], "tables": [table]}


def _write_csv(path: Path, rows: Sequence[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


def _audited(folder: Path) -> dict[str, dict[str, int]]:
    command = [sys.executable, "-m", "ecar_audit", "release", "bundle", "--truth", "truth.csv"]
    command += ["--parameters", "parameters.json", "--json"]
    known = {**os.environ, "PYTHONPATH": str(ROOT / "packages" / "ecar-audit" / "src")}
    ran = subprocess.run(command, cwd=folder, env=known, capture_output=True, text=True, check=False)
    if ran.returncode not in (0, 1, 3):
        raise SystemExit(ran.stdout + ran.stderr)
    found: dict[str, dict[str, int]] = json.loads(ran.stdout)
    return found


if __name__ == "__main__":
    main()
