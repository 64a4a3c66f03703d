"""How modules are written: docstrings, imports, sizes, transactions."""

import ast
import re
from pathlib import Path

import pytest

from tests.house.sources import ROOT, exceptions, functions, modules, name, tree

MODULE_LINES, TEST_LINES, FUNCTION_LINES = 400, 500, 50
PRODUCT = modules("registry", "api", "packages")

# Where a package is one module cut into several, or a library, its door names what others may use; every other door is
# a docstring.
DOORS = {
    "registry/__init__.py",
    "registry/filings/document/__init__.py",
    "packages/ecar-audit/src/ecar_audit/__init__.py",
}

# The unit of work opens transactions, and so do the owner's commands that come before there are any roles.
MAY_OPEN_TRANSACTIONS = {"registry/acting.py", "registry/management/commands/apply_policy.py"}

PURE = (
    "registry/errors.py",
    "registry/periods.py",
    "registry/quantities.py",
    "registry/ledger/notes.py",
    "registry/ledger/tiles.py",
    "registry/filings/lifecycle.py",
    "registry/filings/working_days.py",
    "registry/filings/duties.py",
    "registry/filings/review_clock.py",
    "registry/filings/thresholds.py",
    "registry/filings/estimation.py",
    "registry/filings/lineage.py",
    "registry/filings/difference.py",
    "registry/filings/document",
    "registry/filings/checks",
    "registry/organisations/ownership.py",
    "registry/organisations/identifiers.py",
    "registry/screening/shapes.py",
    "registry/screening/rulebook.py",
    "registry/screening/wording.py",
    "registry/screening/rules.py",
    "registry/screening/filing_rules.py",
    "registry/screening/movement_rules.py",
    "registry/screening/customer_rules.py",
    "registry/screening/ownership_rules.py",
    "registry/screening/group_rules.py",
    "registry/screening/facility_rules.py",
    "registry/screening/usage_rules.py",
    "registry/screening/snapshot.py",
    "registry/screening/parties.py",
    "registry/screening/customer_records.py",
    "registry/screening/positions.py",
    "registry/statistics/disclosure",
    "registry/statistics/formats",
    "registry/statistics/published.py",
    "registry/charts/bars.py",
    "registry/ledger/chain.py",
    "registry/ledger/tree.py",
)

CLOCKS = {"date.today", "datetime.now", "datetime.today", "datetime.utcnow", "timezone.now", "time.time"}


def _imported(node: ast.AST) -> set[str]:
    if isinstance(node, ast.Import):
        return {alias.name for alias in node.names}
    if isinstance(node, ast.ImportFrom):
        return {node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)}
    return set()


def _is_pure(path: Path) -> bool:
    return any(name(path) == pure or name(path).startswith(f"{pure}/") for pure in PURE)


@pytest.mark.parametrize("path", modules(), ids=name)
def test_a_module_says_what_it_is(path: Path) -> None:
    if path.read_text(encoding="utf-8").strip():
        assert ast.get_docstring(tree(path)), "no docstring"


@pytest.mark.parametrize("path", [path for path in PRODUCT if path.name == "__init__.py"], ids=name)
def test_the_door_of_a_package_holds_one_docstring_and_no_code(path: Path) -> None:
    if name(path) not in DOORS:
        body = tree(path).body
        assert len(body) == 1
        assert isinstance(body[0], ast.Expr)


def test_the_exceptions_among_doors_are_needed() -> None:
    for door in DOORS:
        assert len(tree(ROOT / door).body) > 1, f"{door} needs no exception"


@pytest.mark.parametrize("path", modules(), ids=name)
def test_imports_are_absolute_whole_and_at_the_top(path: Path) -> None:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: relative import"
            assert all(alias.name != "*" for alias in node.names), f"line {node.lineno}: star import"
    for label, function in functions(path):
        inner = [node for node in ast.walk(function) if isinstance(node, ast.Import | ast.ImportFrom)]
        assert not inner, f"{label} imports inside itself"


@pytest.mark.parametrize("path", [path for path in PRODUCT if name(path) not in MAY_OPEN_TRANSACTIONS], ids=name)
def test_transactions_are_opened_in_one_place(path: Path) -> None:
    for node in ast.walk(tree(path)):
        assert not {"django.db.transaction", "django.db.transaction.atomic"} & _imported(node), "opens transactions"
    text = path.read_text(encoding="utf-8")
    assert "set_config('role'" not in text
    assert not re.search(r"\bset\s+(session\s+|local\s+)?role\b", text, re.IGNORECASE), "becomes a role by itself"


def test_the_exceptions_among_transactions_are_needed() -> None:
    for path in MAY_OPEN_TRANSACTIONS:
        assert "atomic(" in (ROOT / path).read_text(encoding="utf-8"), f"{path} needs no exception"


@pytest.mark.parametrize("path", PRODUCT, ids=name)
def test_nothing_happens_behind_a_save(path: Path) -> None:
    """No signals and no save() or delete() of one's own (docs/adr/0002). At the REST edge `delete` answers DELETE."""
    forbidden = {"save"} if name(path).startswith("api/") else {"save", "delete"}
    for node in ast.walk(tree(path)):
        assert not any(found.startswith("django.db.models.signals") for found in _imported(node)), "uses signals"
        if isinstance(node, ast.ClassDef):
            own = {child.name for child in node.body if isinstance(child, ast.FunctionDef)}
            assert not own & forbidden, f"{node.name} overrides save() or delete()"


@pytest.mark.parametrize("path", [path for path in PRODUCT if _is_pure(path)], ids=name)
def test_the_law_knows_no_database_and_no_clock(path: Path) -> None:
    for node in ast.walk(tree(path)):
        for imported in _imported(node):
            assert imported.split(".")[0] not in {"django", "celery", "rest_framework"}, f"imports {imported}"
            assert not imported.startswith("registry.") or not imported.endswith((".models", ".actions", ".acting"))
        if isinstance(node, ast.Call):
            assert ast.unparse(node.func) not in CLOCKS, f"line {node.lineno} reads the clock"


@pytest.mark.parametrize("path", [path for path in PRODUCT if path.name == "actions.py"], ids=name)
def test_a_public_action_refuses_to_run_outside_a_unit_of_work(path: Path) -> None:
    for node in tree(path).body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            worn = {ast.unparse(decorator) for decorator in node.decorator_list}
            assert "inside_acting_as" in worn, f"{node.name} does not wear @inside_acting_as"
            given = {argument.arg for argument in node.args.kwonlyargs}
            assert "by" in given, f"{node.name} does not say by whom"


@pytest.mark.parametrize("path", modules(), ids=name)
def test_nothing_is_left_for_later(path: Path) -> None:
    found = re.findall("|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X")), path.read_text(encoding="utf-8"))
    assert not found


def _sizes() -> dict[str, dict[str, int]]:
    """Everything over its limit, by kind, with its size."""
    lines = {name(path): len(path.read_text(encoding="utf-8").splitlines()) for path in modules()}
    is_test = {label: "tests/" in label for label in lines}
    return {
        "modules": {k: n for k, n in lines.items() if not is_test[k] and n > MODULE_LINES},
        "tests": {k: n for k, n in lines.items() if is_test[k] and n > TEST_LINES},
        "functions": {
            f"{name(path)}:{label}": length
            for path in PRODUCT
            for label, function in functions(path)
            if (length := (function.end_lineno or 0) - function.lineno + 1) > FUNCTION_LINES
        },
    }


@pytest.mark.parametrize("kind", ["modules", "tests", "functions"])
def test_what_is_too_large_is_listed_and_shrinks(kind: str) -> None:
    listed, found = exceptions()[kind], _sizes()[kind]
    grown = {label: size for label, size in found.items() if size > listed.get(label, 0)}
    assert not grown, "too large: cut it"
    shrunk = {label: found.get(label) for label, size in listed.items() if found.get(label, 0) < size}
    assert not shrunk, "smaller than listed in exceptions.toml: lower or remove the entry"
