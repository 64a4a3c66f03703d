"""The class of every column, and the processing it is kept for, as data/data_classes.toml says it."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from registry.accounts.precision import CLASSES

_FILE: Final = Path(__file__).parent / "data" / "data_classes.toml"


@dataclass(frozen=True)
class Table:
    """A table: its processing activity, the class of each column, and which of them are about a person."""

    name: str
    activity: str
    classes: Mapping[str, str]
    personal: tuple[str, ...]


@dataclass(frozen=True)
class Activity:
    """A processing activity, as Art. 30 asks for it. `document` are places of persons inside a filed document."""

    code: str
    name: str
    purposes: str
    legal_basis: str
    subjects: str
    document: tuple[str, ...] = ()


@dataclass(frozen=True)
class Record:
    """What the record of processing activities says of the whole register."""

    controller: str
    joint_controllers: str
    contact: str
    transfers: str
    measures: tuple[str, ...]


@cache
def tables() -> Mapping[str, Table]:
    """All tables by name. Raises ValueError for a column with two classes, or a person's column without one."""
    return MappingProxyType({name: table_of(name, said) for name, said in _said()["table"].items()})


@cache
def activities() -> Mapping[str, Activity]:
    """All processing activities by code, in their order."""
    found = {
        code: Activity(code, **{**said, "document": tuple(said.get("document", ()))})
        for code, said in _said()["activity"].items()
    }
    return MappingProxyType(found)


@cache
def record() -> Record:
    """What holds for the whole register."""
    said = _said()["record"]
    return Record(**{**said, "measures": tuple(said["measures"])})


def table_of(name: str, said: Mapping[str, Any]) -> Table:
    """The table that a part of the file says."""
    classes: dict[str, str] = {}
    for cls in CLASSES:
        for column in said.get(cls, ()):
            if column in classes:
                raise ValueError(f"{_FILE.name}: {name}.{column} has two classes")
            classes[column] = cls
    personal = tuple(said.get("personal", ()))
    if strange := set(personal) - set(classes):
        raise ValueError(f"{_FILE.name}: {name} has no column {', '.join(sorted(strange))}")
    return Table(name, said["activity"], MappingProxyType(classes), personal)


@cache
def _said() -> dict[str, Any]:
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))
