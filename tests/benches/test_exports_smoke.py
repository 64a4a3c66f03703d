"""`python -m benches.exports` runs and prints its tables; an export holds no more memory the more filings it has.

How fast anything was is not asserted: other work may share the machine.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OURS = ("DATABASE", "CELERY", "CACHE_URL", "SECRET_KEY", "BASE_URL", "DJANGO", "REGISTRY")
FORMATS = ("csv", "xlsx", "json")


@pytest.fixture(scope="module")
def printed() -> str:
    """What a small run prints."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    command = [sys.executable, "-m", "benches.exports", "--smoke"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_memory_does_not_grow_with_the_number_of_filings(printed: str) -> None:
    rows = re.findall(r"^(\w+) +([\d,]+) +[\d.]+ +[\d.]+ +([\d.]+) +[\d.]+$", printed, re.MULTILINE)
    assert [(form, count) for form, count, _ in rows] == [
        (form, count) for form in FORMATS for count in ("600", "1,800")
    ]
    held = {(form, count): float(mib) for form, count, mib in rows}
    for form in FORMATS:
        assert held[form, "1,800"] < 2 * held[form, "600"], "three times the filings, kept in memory, would be thrice"
        assert held[form, "1,800"] < 16


def test_the_cost_of_the_call_log_is_told_as_a_ratio(printed: str) -> None:
    rows = re.findall(r"^(a filing|refused at once) +([\d.]+) +([\d.]+) +(\d+\.\d{3})$", printed, re.MULTILINE)
    assert [row[0] for row in rows] == ["a filing", "refused at once"]
    for _, kept, without, ratio in rows:
        assert float(kept) > 0
        assert float(ratio) == pytest.approx(float(kept) / float(without), rel=0.01)
