"""The command as people run it: exit codes, languages, JSON, evidence, speed, and that it stands alone."""

import ast
import json
import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from registry.ledger import tree
from tests.packages.ecar_verify import logs

PACKAGE = Path(__file__).resolve().parents[3] / "packages" / "ecar-verify"
SOURCES = PACKAGE / "src"
LOG = logs.Log(logs.entries(11))
LEAF = tree.leaf(commitment=logs.COMMITMENT)
FORK = logs.Log([tree.leaf(commitment=b"\xff" * 32), *logs.entries(11)[1:]])


def run(*arguments: str, cwd: Path, language: str = "en") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "ecar_verify", *arguments, "--language", language]
    environment = {"PYTHONPATH": str(SOURCES), "PATH": os.environ["PATH"], "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, encoding="utf-8", timeout=60, check=False
    )


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    """Everything a holder of a receipt has."""
    return {
        "good": logs.written(tmp_path, "good", LOG.proof(6, extra=LEAF)),
        "malformed": logs.written(tmp_path, "malformed", LOG.proof(6, extra=LEAF)[:-1]),
        "unsigned": logs.written(tmp_path, "unsigned", LOG.proof(6, extra=LEAF).replace(b"\n11\n", b"\n12\n")),
        "elsewhere": logs.written(tmp_path, "elsewhere", LOG.proof(6, extra=LEAF).replace(b"index 6", b"index 5")),
        "unwitnessed": logs.written(tmp_path, "unwitnessed", LOG.proof(6, extra=LEAF, witnesses=1)),
        "checkpoint": logs.written(tmp_path, "checkpoint", LOG.checkpoint()),
        "fork": logs.written(tmp_path, "fork", FORK.checkpoint()),
        "policy": logs.written(tmp_path, "policy", logs.policy()),
    }


@pytest.mark.parametrize(
    ("name", "code", "verdict"),
    [("good", 0, "valid"), ("malformed", 10, "malformed"), ("unsigned", 20, "bad-signature"),
     ("elsewhere", 30, "not-included"), ("unwitnessed", 50, "quorum-missing")],
)  # fmt: skip
def test_the_exit_code_says_the_verdict(
    name: str, code: int, verdict: str, files: dict[str, str], tmp_path: Path
) -> None:
    done = run("receipt", files[name], "--policy", files["policy"], "--json", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (code, "")
    answer = json.loads(done.stdout)
    assert (answer["code"], answer["verdict"], bool(answer["reason"])) == (code, verdict, code > 0)


def test_a_fork_ends_in_an_evidence_file(files: dict[str, str], tmp_path: Path) -> None:
    done = run("consistency", files["checkpoint"], files["fork"], "--policy", files["policy"], "--json", cwd=tmp_path)
    assert done.returncode == 40
    kept = Path(tmp_path, json.loads(done.stdout)["found"]["evidence"])
    assert kept.name.startswith("ecar-evidence-")
    evidence = json.loads(kept.read_text(encoding="utf-8"))
    assert set(evidence["checkpoints"]) == {LOG.checkpoint().decode(), FORK.checkpoint().decode()}
    for number, text in enumerate(evidence["checkpoints"]):  # what is kept can be judged again by anybody
        again = logs.written(tmp_path, f"again-{number}", text)
        assert run("checkpoint", again, "--policy", files["policy"], cwd=tmp_path).returncode == 0
    named = run(
        "consistency", files["checkpoint"], files["fork"], "--key", logs.VKEY, "--evidence", "named.json", cwd=tmp_path
    )
    assert (named.returncode, (tmp_path / "named.json").exists()) == (40, True)


def test_a_whole_log_is_monitored(files: dict[str, str], tmp_path: Path) -> None:
    folder = str(LOG.publish(tmp_path / "log"))
    asked = ["monitor", folder, "--policy", files["policy"], "--mirror", "mirror"]
    assert run(*asked, cwd=tmp_path).returncode == 0
    FORK.publish(tmp_path / "log")
    assert run(*asked, cwd=tmp_path).returncode == 40
    assert list(tmp_path.glob("ecar-evidence-*.json"))


@pytest.mark.parametrize(("language", "word"), [("en", "Valid."), ("fr", "Valable."), ("de", "Gültig.")])
def test_the_verdict_is_told_in_three_languages(
    language: str, word: str, files: dict[str, str], tmp_path: Path
) -> None:
    done = run("receipt", files["good"], "--policy", files["policy"], cwd=tmp_path, language=language)
    assert done.stdout.startswith(word)
    assert "size: 11" in done.stdout
    assert "w2.example: " in done.stdout


@pytest.mark.parametrize("name", ["nowhere", ".", "\N{CYRILLIC SMALL LETTER A}"])
def test_a_file_that_cannot_be_read_is_malformed(name: str, files: dict[str, str], tmp_path: Path) -> None:
    assert run("receipt", name, "--policy", files["policy"], cwd=tmp_path).returncode == 10
    assert run("receipt", files["good"], "--policy", name, cwd=tmp_path).returncode == 10


def test_wrong_use_is_no_verdict(tmp_path: Path) -> None:
    assert run("other", cwd=tmp_path).returncode == 2
    assert run("receipt", cwd=tmp_path).returncode == 2


def test_one_receipt_takes_less_than_a_tenth_of_a_second(files: dict[str, str], tmp_path: Path) -> None:
    """Start, reading, three signatures and proof; processor time, since other work may share the machine."""
    spent = []
    for _ in range(7):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        assert run("receipt", files["good"], "--policy", files["policy"], cwd=tmp_path).returncode == 0
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    assert median(spent) < 0.1


def test_it_shares_nothing_with_the_register() -> None:
    """Standard library, cryptography and rfc8785: by what is imported, and by what is declared."""
    imported = set()
    for path in SOURCES.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                imported.add((node.module or "").split(".")[0])
    assert imported - sys.stdlib_module_names == {"ecar_verify", "cryptography", "rfc8785"}


def test_it_is_installed_by_itself(files: dict[str, str], tmp_path: Path) -> None:
    """A wheel is built from the package alone, unpacked, and its command run with nothing else of ours in reach."""
    copy = shutil.copytree(
        PACKAGE, tmp_path / "copy", ignore=shutil.ignore_patterns("__pycache__", "build", "*.egg-info")
    )
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "-q"]
    build: dict[str, Any] = {"cwd": tmp_path, "check": True, "capture_output": True, "timeout": 120}
    subprocess.run(
        [*pip, "wheel", "--no-deps", "--no-build-isolation", "--no-index", "-w", "wheels", str(copy)], **build
    )
    (wheel,) = (tmp_path / "wheels").glob("*.whl")
    subprocess.run([*pip, "install", "--no-deps", "--no-index", "--target", "there", str(wheel)], **build)
    command = [sys.executable, str(tmp_path / "there" / "bin" / "ecar-verify"), "receipt", files["good"]]
    done = subprocess.run(
        [*command, "--policy", files["policy"]], cwd=tmp_path, env={"PYTHONPATH": str(tmp_path / "there")},
        capture_output=True, encoding="utf-8", timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
