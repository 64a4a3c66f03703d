"""`python -m benches.scenarios` runs and prints its tables."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_a_small_world_is_screened_and_reported() -> None:
    command = [sys.executable, "-m", "benches.scenarios", "--smoke"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    for word in ("R-06", "R-26", "forty_parts", "recall", "false alarms", "owner groups"):
        assert word in done.stdout
