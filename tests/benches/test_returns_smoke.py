"""`python -m benches.returns` runs and prints its figures. How fast anything was is not asserted; memory is."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OURS = ("DATABASE", "CELERY", "CACHE_URL", "SECRET_KEY", "BASE_URL", "DJANGO", "REGISTRY")
MEMORY_MIB = 256


def test_every_figure_is_told_and_memory_is_bounded() -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    command = [sys.executable, "-m", "benches.returns", "--smoke"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    found = dict(re.findall(r"^  (\S.*?)\s{2,}([\d.,]+)", done.stdout, re.MULTILINE))
    assert all(float(value.replace(",", "")) > 0 for value in found.values())
    assert float(found["peak memory, web"]) < MEMORY_MIB
    assert float(found["peak memory, worker"]) < MEMORY_MIB
