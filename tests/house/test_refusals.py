"""Every refusal that the interface tells has its row in registry/data/refusals.toml; every row is said somewhere."""

import ast
import string
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.house.sources import ROOT

RAISED = frozenset({"DomainError", "NotPossible", "NotPermitted", "Invalid", "Stale", "Conflict"})
ROWS: list[dict[str, str]] = tomllib.loads((ROOT / "registry/data/refusals.toml").read_text("utf-8"))["sentence"]
# Where the refusals arise that the interface tells.
TOLD_BY_THE_INTERFACE = (
    "api", "registry/filings", "registry/compute", "registry/dispatch", "registry/onboarding", "registry/oversight",
)  # fmt: skip


def _modules(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from sorted((ROOT / folder).rglob("*.py"))


def _sentences(path: Path) -> Iterator[ast.expr]:
    """The sentences and remedies of the refusals in a module."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if name in RAISED or name == "told" or (name == "__init__" and _is_above(node.func)):
            yield from node.args[:1]
        elif name == "Obstacle":
            yield from node.args[2:4]
        else:
            continue
        yield from (each.value for each in node.keywords if each.arg in {"sentence", "remedy"})


def _is_above(function: ast.expr) -> bool:
    """Whether the call is `super().__init__`, by which a refusal of its own kind says its sentence."""
    above = function.value if isinstance(function, ast.Attribute) else None
    return isinstance(above, ast.Call) and getattr(above.func, "id", "") == "super"


def _written(*folders: str) -> dict[str, str]:
    return {
        str(node.value): f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in _modules(*folders)
        for node in _sentences(path)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value
    }


def test_every_refusal_has_its_row_in_three_languages() -> None:
    known = {row["en"] for row in ROWS}
    assert {place: said for said, place in _written(*TOLD_BY_THE_INTERFACE).items() if said not in known} == {}


def test_every_row_is_said_somewhere() -> None:
    assert {row["en"] for row in ROWS} - _written("registry", "api").keys() == set()


def test_no_refusal_is_put_together_of_pieces() -> None:
    """A sentence with its values already in it cannot be told in another language: the values stand in braces."""
    pieced = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in _modules(*TOLD_BY_THE_INTERFACE)
        for node in _sentences(path)
        if isinstance(node, ast.JoinedStr | ast.BinOp)
    ]
    assert pieced == []


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["en"][:40])
def test_a_row_has_the_same_values_in_each_language(row: dict[str, str]) -> None:
    def names(text: str) -> set[Any]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}

    assert names(row["en"]) == names(row["fr"]) == names(row["de"])
