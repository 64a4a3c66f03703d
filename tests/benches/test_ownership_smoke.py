"""`python -m benches.ownership` runs and prints its table. How fast anything was is not asserted."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OURS = ("DATABASE", "CELERY", "CACHE_URL", "SECRET_KEY", "BASE_URL", "DJANGO", "REGISTRY")


def test_every_way_is_timed_and_says_the_same() -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    command = [sys.executable, "-m", "benches.ownership", "--smoke"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    rows = re.findall(r"^(\S.*?)\s{2,}([\d.]+)\s+([\d.]+)\s+([\d,]+)\s+(\S+)$", done.stdout, re.MULTILINE)
    assert [row[0] for row in rows] == [
        "SciPy sparse",
        "recursive SQL",
        "fractions, the sample alone",
        "control and groups",
        "reading alone",
    ]
    assert all(float(row[1]) > 0 for row in rows)
    assert all(float(row[4]) < 1e-7 for row in rows), "the ways differ"
