"""`python -m benches.disclosure`: invented registers of several sizes, protected; what was withheld, and how fast.

The measured figures are those of accelerator-hours, the rules the defaults. `--data` names a folder with the instances
reg30 and reg400 (a CSV of filings and a JSON of hierarchies each); without it they are left out, and that is said.
`--reg2000` adds a seeded register of 2,000 providers with 5,712 cells, `--reg2000-large` the same by quarter with
28,560; `--smoke` takes a small one.
Processor time, one thread.
"""

import argparse
import csv
import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from random import Random
from time import process_time

from registry.statistics.disclosure.cube import Contribution, Cube, Hierarchy, TableSpec, tabulate
from registry.statistics.disclosure.protect import Pattern, protect
from registry.statistics.disclosure.rules import Rules, assess
from registry.statistics.disclosure.witness import verify

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "sdc"
MEASURE = "accel_hours"
INSTANCES = {"reg30": ("country", "sector"), "reg400": ("country", "sector", "quarter")}
LARGE = {
    "reg2000": ("country", "sector", "hardware"),
    "reg2000 + quarter": ("country", "hardware", "quarter", "sector"),
}
PROVIDERS, SMOKE_PROVIDERS = 2_000, 40
SECTORS = {
    "ICT": "CLOUD MODEL TELECOM",
    "IND": "AUTO PHARMA ENERGY",
    "PUB": "RESEARCH DEFENCE HEALTH",
    "SERV": "FIN MEDIA OTHER",
}
HARDWARE = {"GPU": "A B C OTHER", "ASIC": "TPU OTHER", "CPU": "X86 OTHER"}


@dataclass(frozen=True)
class Row:
    """What was measured of one instance; `faults` counts what the check by addition found."""

    name: str
    cells: int
    sensitive: int
    secondary: int
    share: float
    programmes: int
    seconds: float
    faults: int


def measure(name: str, cube: Cube) -> Row:
    """Protect a cube by the default rules, and check the proofs."""
    started = process_time()
    needs = assess(cube, Rules())
    pattern = protect(cube, needs)
    seconds = process_time() - started
    faults = len(verify(cube, withheld=pattern.withheld, requirements=needs, proofs=pattern.proofs))
    return Row(
        name,
        len(cube.cells),
        len(pattern.sensitive),
        len(pattern.secondary),
        _share(cube, pattern),
        pattern.programmes,
        seconds,
        faults,
    )


def read(name: str, *, folder: Path) -> Cube:
    """One of the instances that lie in a folder."""
    splits = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    listed = [_contribution(each, each["holding"], each["provider"], each[MEASURE]) for each in lines]
    return _cube(listed, INSTANCES[name], splits)


def invent(providers: int, *, dimensions: tuple[str, ...]) -> Cube:
    """A register of so many providers, the same in every run: few large ones, most in one state and sector."""
    chance = Random(2_000)  # noqa: S311  a sample, not a secret
    listed = [each for number in range(providers) for each in _filings(number, chance)]
    return _cube(listed, dimensions, _splits())


def report(rows: list[Row]) -> str:
    """The table."""
    lines = [
        f"{'':20}{'cells':>8}{'sensitive':>11}{'secondary':>11}{'share':>9}{'LPs':>9}{'s':>9}{'cells/s':>9}{'faults':>8}"
    ]
    lines += [
        f"  {row.name:<18}{row.cells:>8}{row.sensitive:>11}{row.secondary:>11}{row.share:>9.4f}"
        f"{row.programmes:>9}{row.seconds:>9.1f}{row.cells / row.seconds:>9.0f}{row.faults:>8}"
        for row in rows
    ]
    return "\n".join(lines)


def _share(cube: Cube, pattern: Pattern) -> float:
    totals = cube.measures[MEASURE].totals
    return sum(totals[place] for place in pattern.withheld) / sum(totals)


def _cube(
    listed: list[Contribution], dimensions: tuple[str, ...], splits: Mapping[str, Mapping[str, list[str]]]
) -> Cube:
    trees = {
        name: Hierarchy(name, {parent: (tuple(children),) for parent, children in parents.items()})
        for name, parents in splits.items()
    }
    return tabulate(listed, specs=[TableSpec("bench", dimensions)], hierarchies=trees)


def _contribution(key: Mapping[str, str], holding: str, provider: str, hours: str) -> Contribution:
    return Contribution(holding, provider, key, MEASURE, Decimal(hours))


def _filings(number: int, chance: Random) -> Iterator[Contribution]:
    """What one provider filed: a size of heavy tail, spread over a few places and the year."""
    splits = _splits()
    leaves = {
        name: [code for children in parents.values() for code in children if code not in parents]
        for name, parents in splits.items()
    }
    home = {
        name: leaves[name][min(int(chance.expovariate(0.25)), len(leaves[name]) - 1)] for name in ("country", "sector")
    }
    holding, size = f"H{number if chance.random() < 0.75 else number // 5}", chance.lognormvariate(12, 2)
    for _ in range(1 + int(chance.expovariate(0.5))):
        place = {**home, "hardware": chance.choice(leaves["hardware"])}
        if chance.random() < 0.3:
            place["country"] = chance.choice(leaves["country"])
        for quarter in leaves["quarter"]:
            hours = str(1 + int(size * chance.lognormvariate(0, 0.5)))
            yield _contribution({**place, "quarter": quarter}, holding, f"P{number}", hours)


def _splits() -> Mapping[str, Mapping[str, list[str]]]:
    trees = {"sector": SECTORS, "hardware": HARDWARE}
    nested = {
        name: {
            "TOTAL": list(groups),
            **{group: [f"{group}_{code}" for code in codes.split()] for group, codes in groups.items()},
        }
        for name, groups in trees.items()
    }
    countries = {"EU27": [f"C{number:02}" for number in range(1, 28)]}
    return {**nested, "country": countries, "quarter": {"2026": [f"2026-Q{number}" for number in range(1, 5)]}}


def main() -> None:
    """Print the table, a row as soon as it is there."""
    parser = argparse.ArgumentParser(prog="python -m benches.disclosure", description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="a small register")
    parser.add_argument("--reg2000", action="store_true", help="besides, 2,000 providers: minutes")
    parser.add_argument("--reg2000-large", action="store_true", help="besides, the same by quarter: long")
    parser.add_argument("--data", type=Path, default=DATA, help="the folder of reg30 and reg400")
    chosen = parser.parse_args()
    if chosen.smoke:
        sys.stdout.write(f"{report([measure('smoke', invent(SMOKE_PROVIDERS, dimensions=('country', 'sector')))])}\n")
        return
    for name in INSTANCES:
        if (chosen.data / f"{name}.csv").exists():
            sys.stdout.write(f"{report([measure(name, read(name, folder=chosen.data))])}\n")
        else:
            sys.stdout.write(f"  {name} is left out: {chosen.data} does not hold it\n")
    for (name, dimensions), is_wanted in zip(LARGE.items(), (chosen.reg2000, chosen.reg2000_large), strict=True):
        if is_wanted:
            sys.stdout.write(f"{report([measure(name, invent(PROVIDERS, dimensions=dimensions))])}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
