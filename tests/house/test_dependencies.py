"""Every dependency has its reason; the locked requirements are hashed and name no host."""

import re
from pathlib import Path

import pytest

from tests.house.sources import ROOT, pyproject

LOCKS = sorted((ROOT / "requirements").glob("*.txt"))


def _lines_of_dependencies() -> list[str]:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    blocks = re.findall(r"^(?:dependencies|dev) = \[\n(.*?)^\]", text, re.MULTILINE | re.DOTALL)
    return [line.strip() for block in blocks for line in block.splitlines() if line.strip()]


def _plain(requirement: str) -> str:
    return re.sub(r"[-_.]+", "-", re.split(r"[\[<>=!~; ]", requirement, maxsplit=1)[0]).lower()


def _declared() -> set[str]:
    project = pyproject()
    return {_plain(line) for line in (*project["project"]["dependencies"], *project["dependency-groups"]["dev"])}


def test_every_dependency_says_why() -> None:
    lines = _lines_of_dependencies()
    assert len(lines) == len(_declared())
    for line in lines:
        assert re.search(r"\",\s+# \S.{9,}", line), f"no reason: {line}"


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_a_lock_names_no_host(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    assert not re.search(r"://|--(extra-)?index-url|--find-links|--trusted-host|^-i ", text, re.MULTILINE)


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_every_locked_package_is_pinned_and_hashed(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8").replace("\\\n", " ")
    packages = [line for line in text.splitlines() if re.match(r"[A-Za-z0-9]", line)]
    assert packages
    for line in packages:
        assert "==" in line, line
        assert "--hash=sha256:" in line, line


def test_the_locks_hold_every_dependency() -> None:
    assert [lock.name for lock in LOCKS] == ["dev.txt", "run.txt"]
    dev, run = (set(map(_plain, re.findall(r"^[A-Za-z0-9][^\s;]*", lock.read_text(), re.MULTILINE))) for lock in LOCKS)
    needed = {_plain(line) for line in pyproject()["project"]["dependencies"]}
    assert needed <= run, f"run.txt lacks {sorted(needed - run)}"
    assert _declared() <= dev, f"dev.txt lacks {sorted(_declared() - dev)}"


def test_no_lock_that_names_hosts_is_kept() -> None:
    for forbidden in ("uv.lock", "poetry.lock", "Pipfile.lock", "package-lock.json", "yarn.lock"):
        assert not (ROOT / forbidden).exists()
