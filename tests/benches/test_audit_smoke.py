"""`python -m benches.audit` runs and its release is clean. How fast anything was is not asserted."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from benches.audit import INSTANCES

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.shared
def test_a_small_instance_is_protected_and_audited() -> None:
    if not INSTANCES.is_dir():
        pytest.skip("the shared instances are not here")
    command = [sys.executable, "-m", "benches.audit", "--instance", "reg30"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    first, *rest = done.stdout.splitlines()
    assert first == "reg30: clean"
    assert [re.split(r"\s+", line.strip())[0] for line in rest[:2]] == ["protected", "audited"]
    assert "84 targets" in rest[2]
