"""Imports and foreign keys go down only."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.apps import apps
from django.db.models import ForeignKey, ManyToManyField, Model

from tests.house.sources import ROOT, floors, pyproject


def _floor_of(package: str) -> int:
    for height, names in enumerate(reversed(floors())):
        if package in names:
            return height
    raise AssertionError(f"{package} stands on no floor")


def _package(model: type[Model]) -> str:
    return model.__module__.split(".")[1]


MODELS = [model for model in apps.get_models() if model.__module__.startswith("registry.")]


def test_the_linter_of_floors_is_content() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter, "--no-logo", "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_package_stands_on_one_floor() -> None:
    named = [package for floor in floors() for package in floor]
    assert len(named) == len(set(named))
    there = {path.name for path in (ROOT / "registry").iterdir() if (path / "__init__.py").exists()}
    there |= {path.stem for path in (ROOT / "registry").glob("*.py") if path.stem != "__init__"}
    assert there <= set(named), f"on no floor: {sorted(there - set(named))}"


def test_all_kinds_of_contract_are_kept() -> None:
    kinds = {contract["type"] for contract in pyproject()["tool"]["importlinter"]["contracts"]}
    assert kinds == {"layers", "forbidden", "acyclic_siblings"}


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_foreign_keys_point_down(model: type[Model]) -> None:
    """A key named by a string escapes the linter of imports, so it is looked for here."""
    for field in model._meta.get_fields():
        if isinstance(field, ForeignKey | ManyToManyField) and field.model is model:
            target = field.related_model
            assert isinstance(target, type)
            if target.__module__.startswith("registry.") and _package(target) != _package(model):
                assert _floor_of(_package(target)) < _floor_of(_package(model)), f"{model._meta.label}.{field.name}"


def test_there_are_models_to_look_at() -> None:
    assert {_package(model) for model in MODELS} >= {"ledger", "organisations", "accounts", "filings"}
