"""`python -m benches.releases`: twelve quarterly releases of the demonstration, each revised, each attacked.

In every quarter one filing is held back until the release is out: a filer that is late, alone. It and the amendments
made meanwhile are what the revision adds. A line a vintage: its cells, those withheld, what the auditor says of it
beside everything published in its year, and whether it was published. `--smoke` plays few runs and two releases.
"""

import argparse
import sys
from dataclasses import dataclass
from datetime import date, timedelta

from benches.house import house

SIZES, SMOKE = {"runs": 300, "releases": 12}, {"runs": 40, "releases": 2}
LAST_DAY = date(2026, 11, 20)
REVISED_AFTER, APPEARS_AFTER = timedelta(hours=3), timedelta(hours=6)


@dataclass(frozen=True)
class Row:
    """A vintage: how it ended, its cells and those withheld, and the seconds it took to build and attack."""

    name: str
    state: str
    verdict: str
    cells: int
    withheld: int
    seconds: float


def measure(*, runs: int, releases: int) -> list[Row]:
    """Play the demonstration in a register of its own."""
    from django.core.management import call_command  # noqa: PLC0415  after `house`, which makes the settings

    from benches.revising import Revising  # noqa: PLC0415

    command = Revising()
    call_command(command, today=LAST_DAY, runs=runs, releases=releases)
    return command.rows


def report(rows: list[Row]) -> str:
    """A table, and how many vintages were published that are not clean: none may be."""
    lines = [f"{'vintage':<12} {'state':<10} {'auditor':<12} {'cells':>6} {'withheld':>9} {'s':>6}"]
    lines += [
        f"{row.name:<12} {row.state:<10} {row.verdict or '-':<12} {row.cells:>6} {row.withheld:>9} {row.seconds:>6.1f}"
        for row in rows
    ]
    leaks = sum(row.state == "published" and row.verdict != "clean" for row in rows)
    lines.append(f"{sum(row.state == 'published' for row in rows)} of {len(rows)} published, {leaks} of them not clean")
    return "\n".join(lines)


def main() -> None:
    """Print the table; exit code 1 where something was published that is not clean."""
    parser = argparse.ArgumentParser(prog="python -m benches.releases", description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="few runs, two releases")
    sizes = SMOKE if parser.parse_args().smoke else SIZES
    with house():
        rows = measure(**sizes)
    sys.stdout.write(report(rows) + "\n")
    sys.exit(any(row.state == "published" and row.verdict != "clean" for row in rows))


if __name__ == "__main__":
    main()
