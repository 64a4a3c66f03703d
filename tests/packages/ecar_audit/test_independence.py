"""The auditor stands alone: it imports nothing of the register and shares no run of lines with the protector."""

import ast
import sys
from itertools import pairwise

from tests.house.sources import ROOT, modules, name, tree

AUDITOR = modules("packages/ecar-audit/src")
PROTECTOR = modules("registry/statistics/disclosure")
OTHERS = {"ecar_audit", "highspy", "numpy", "scipy"}
RUN = 6


def test_it_imports_nothing_of_the_register() -> None:
    assert len(AUDITOR) > 10
    for path in AUDITOR:
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.ImportFrom):
                imported = {node.module or ""}
            elif isinstance(node, ast.Import):
                imported = {alias.name for alias in node.names}
            else:
                continue
            tops = {each.split(".")[0] for each in imported}
            assert tops <= OTHERS | set(sys.stdlib_module_names), f"{name(path)} imports {tops}"


def _runs(text: str) -> set[tuple[str, ...]]:
    """Every six lines in a row that say something; imports, comments and lone punctuation do not."""
    lines = [" ".join(line.split()) for line in text.splitlines()]
    lines = [line for line in lines if any(map(str.isalnum, line)) and not line.startswith(("#", "import ", "from "))]
    return {tuple(lines[at : at + RUN]) for at in range(len(lines) - RUN + 1)}


def test_it_shares_no_run_of_lines_with_the_protector() -> None:
    theirs = {run for path in PROTECTOR for run in _runs(path.read_text(encoding="utf-8"))}
    assert theirs
    for path in AUDITOR:
        shared = theirs & _runs(path.read_text(encoding="utf-8"))
        assert not shared, f"{name(path)} shares {sorted(shared)[0]}"


def test_shared_runs_would_be_seen() -> None:
    text = (ROOT / "registry/statistics/disclosure/cube.py").read_text(encoding="utf-8")
    assert _runs("\n\n".join(text.splitlines())) == _runs(text)
    assert all(one != other for one, other in pairwise(sorted(_runs(text))))
