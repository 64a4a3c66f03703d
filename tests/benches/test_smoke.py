"""`make bench` runs and prints its tables. How fast anything was is not asserted: other work may share the machine."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OURS = ("DATABASE", "CELERY", "CACHE_URL", "SECRET_KEY", "BASE_URL", "DJANGO", "REGISTRY")
PHASES = ("read", "canonicalise", "judge", "check", "duties", "store", "ledger", "render", "commit")


@pytest.fixture(scope="module")
def printed() -> str:
    """What a small run prints."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    command = [sys.executable, "-m", "benches", "--smoke"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_each_size_is_told_with_the_yardstick_and_the_ratio(printed: str) -> None:
    rows = re.findall(r"^ +([\d,]+) +([\d,]+) +([\d,]+) +(\d+\.\d{3}) +(\d+\.\d)$", printed, re.MULTILINE)
    assert [row[0] for row in rows] == ["1", "10"]
    for _, filed, copied, ratio, stored in rows:
        assert int(filed.replace(",", "")) > 0
        assert int(copied.replace(",", "")) > 0
        assert float(ratio) > 0
        assert float(stored) > 9, "a filing has a row in each of nine tables, and duties"


def test_the_shares_of_all_phases_make_the_whole(printed: str) -> None:
    table = printed.partition("share of time")[2]
    shares = {line.split("  ")[0].strip(): re.findall(r"([\d.]+)%", line) for line in table.splitlines()[1:]}
    assert set(PHASES) <= set(shares)
    for column in range(2):
        assert sum(float(row[column]) for row in shares.values() if row) == pytest.approx(100, abs=1)
    assert all(float(share) > 0 for phase in PHASES for share in shares[phase])
