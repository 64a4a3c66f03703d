"""`python -m benches.positions` runs and prints its table. How fast anything was is not asserted."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OURS = ("DATABASE", "CELERY", "CACHE_URL", "SECRET_KEY", "BASE_URL", "DJANGO", "REGISTRY")


def test_the_cost_of_a_filing_and_of_a_record_is_told_at_two_sizes() -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    command = [sys.executable, "-m", "benches.positions", "--smoke"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    rows = re.findall(r"^ +([\d,]+) +([\d.]+) +([\d.]+)$", done.stdout, re.MULTILINE)
    assert [row[0] for row in rows] == ["200", "2,000"]
    assert all(float(cell) > 0 for row in rows for cell in row[1:])
    assert re.search(r"^ +ratio +[\d.]+ +[\d.]+$", done.stdout, re.MULTILINE)
