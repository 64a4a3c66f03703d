"""`python -m benches.tree` runs and prints its table. How fast anything was is not asserted."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_every_step_is_timed() -> None:
    command = [sys.executable, "-m", "benches.tree", "--smoke"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    rows = re.findall(r"^  (\S.*?)\s{2,}([\d.]+)\s+([\d.]+) (s|ms|MiB)$", done.stdout, re.MULTILINE)
    assert [row[3] for row in rows] == ["s", "s", "MiB", "ms", "ms", "ms", "s"]
    assert all(float(value) > 0 for _, value, _, unit in rows if unit != "MiB")
