"""`python -m benches.disclosure` protects a small register and prints what that took. How fast is not asserted."""

import re
import subprocess
import sys
from pathlib import Path

from benches.disclosure import invent

ROOT = Path(__file__).resolve().parents[2]


def test_a_small_register_is_protected_and_counted() -> None:
    command = [sys.executable, "-m", "benches.disclosure", "--smoke"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    row = re.search(r"^  smoke +476 +(\d+) +(\d+) +(0\.\d+) +(\d+) +[\d.]+ +\d+ +0$", done.stdout, re.MULTILINE)
    assert row, done.stdout
    assert int(row[1]) > 0


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "benches.disclosure", "--data", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert "reg400 is left out" in done.stdout


def test_the_large_register_is_the_same_in_every_run_and_as_large_as_said() -> None:
    one, other = (invent(2_000, dimensions=("country", "sector", "hardware")) for _ in range(2))
    assert len(one.cells) == 5_712
    assert one.measures == other.measures
