"""The measurement of releases runs: few runs, two releases, each revised after a late filer, nothing leaks."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OURS = ("DATABASE", "CELERY", "CACHE_URL", "SECRET_KEY", "BASE_URL", "DJANGO", "REGISTRY")


def test_releases_are_built_revised_and_attacked() -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    command = [sys.executable, "-m", "benches.releases", "--smoke"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stderr[-2000:]
    rows = [line.split() for line in done.stdout.splitlines() if line.startswith("2026-")]
    assert [name for name, *_ in rows] == ["2026-Q2-1", "2026-Q2-2", "2026-Q3-1", "2026-Q3-2"], done.stdout
    assert {state for _, state, *_ in rows} <= {"published", "dropped"}
    assert all(verdict == "clean" for _, state, verdict, *_ in rows if state == "published")
