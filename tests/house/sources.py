"""The repository's own files, as the tests about the house read them."""

import ast
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ("registry", "api", "packages", "tests")
_SKIPPED = {"__pycache__", "migrations", "vendor", "node_modules", "build", "dist"}


@cache
def modules(*folders: str) -> tuple[Path, ...]:
    """Every Python file under `folders` (all of the house by default), migrations left out, sorted."""
    found = (path for folder in folders or PYTHON for path in (ROOT / folder).rglob("*.py"))
    return tuple(sorted(path for path in found if not _SKIPPED.intersection(path.relative_to(ROOT).parts)))


@cache
def tree(path: Path) -> ast.Module:
    """The parsed module."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def name(path: Path) -> str:
    """The path within the repository."""
    return path.relative_to(ROOT).as_posix()


def functions(path: Path) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """Every function of a module, however deep, with the names that lead to it."""

    def walk(node: ast.AST, above: str) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{above}{child.name}", child
            here = f"{above}{child.name}." if isinstance(child, ast.ClassDef | ast.FunctionDef) else above
            yield from walk(child, here)

    yield from walk(tree(path), "")


@cache
def pyproject() -> dict[str, Any]:
    """pyproject.toml, parsed."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@cache
def exceptions() -> dict[str, dict[str, int]]:
    """The lists of exceptions in `exceptions.toml`, which may only shrink."""
    found: dict[str, dict[str, int]] = tomllib.loads((ROOT / "tests/house/exceptions.toml").read_text(encoding="utf-8"))
    return found


def floors() -> list[list[str]]:
    """The packages of each floor of `registry`, top floor first, as import-linter reads them."""
    (contract,) = (
        c for c in pyproject()["tool"]["importlinter"]["contracts"] if c["type"] == "layers" and c.get("containers")
    )
    return [line.replace("|", ":").replace(" ", "").split(":") for line in contract["layers"]]
