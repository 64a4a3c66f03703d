"""What is published, read from data/tables.toml and data/dimensions.toml: subjects, dimensions, measures, tables.

Pure: from the file and the quarter of a release to its structure, in which nothing depends on what was filed. A release
of a fourth quarter also shows the quarters before it and the year, their sum.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from babel import Locale

from registry.languages import SPOKEN
from registry.periods import Quarter
from registry.statistics.published import Code, Dimension, Measure, Texts

QUARTER: Final = "quarter"
YEAR: Final = "year"
_DATA: Final = Path(__file__).parent / "data"
_PERIODS: Final[Mapping[str, Texts]] = MappingProxyType(
    {
        QUARTER: {"en": "Quarter", "fr": "Trimestre", "de": "Quartal"},
        YEAR: {"en": "Year", "fr": "Année", "de": "Jahr"},
    }
)


@dataclass(frozen=True)
class Classification:
    """A dimension and which code each value of the register's own falls under."""

    dimension: Dimension
    codes: Mapping[str, str]
    otherwise: str

    @property
    def top(self) -> str:
        """The code of the total."""
        return self.dimension.codes[0].id

    def code(self, value: str) -> str:
        """The leaf of a value. Raises KeyError for one that has no place."""
        if value in self.codes:
            return self.codes[value]
        if self.otherwise:
            return self.otherwise
        raise KeyError(f"{self.dimension.id} has no place for {value}")


@dataclass(frozen=True)
class Reckoned:
    """How a measure that does not add up is made: `how` (distinct, median) `of` the measure of contributions."""

    how: str
    of: str


@dataclass(frozen=True)
class Subject:
    """What some tables count together: its period (quarter or year), its dimensions without it, where it comes from."""

    id: str
    period: str
    dimensions: tuple[str, ...]
    quarters: tuple[int, ...]
    source: str


@dataclass(frozen=True)
class TableRule:
    """One table as defined: dimensions without the period; `coarser` may lose its finest codes."""

    id: str
    subject: str
    dimensions: tuple[str, ...]
    measures: tuple[str, ...]
    coarser: str
    frequency: str
    title: Texts
    note: Texts


@cache
def classifications() -> Mapping[str, Classification]:
    """All dimensions but the periods, by id. Raises ValueError for a code that is part of none, or of two."""
    return MappingProxyType({name: _classification(name, said) for name, said in _read("dimensions").items()})


@cache
def subjects() -> Mapping[str, Subject]:
    """All subjects by id."""
    return MappingProxyType(
        {
            name: Subject(
                name,
                said["period"],
                tuple(said["dimensions"]),
                tuple(said.get("quarters", (1, 2, 3, 4))),
                said["source"],
            )
            for name, said in _read("tables")["subject"].items()
        }
    )


@cache
def measures() -> Mapping[str, Measure]:
    """All measures by id."""
    return MappingProxyType(
        {
            name: Measure(
                name, said["label"], said["unit"], said["decimals"], said.get("rounded_to"), "how" not in said
            )
            for name, said in _read("tables")["measure"].items()
        }
    )


@cache
def reckoned() -> Mapping[str, Reckoned]:
    """How each measure that does not add up is made."""
    said = _read("tables")["measure"]
    return MappingProxyType({name: Reckoned(row["how"], row["of"]) for name, row in said.items() if "how" in row})


@cache
def tables() -> tuple[TableRule, ...]:
    """All tables in the order of publication."""
    return tuple(
        TableRule(
            row["id"],
            row["subject"],
            tuple(row["dimensions"]),
            tuple(row["measures"]),
            row.get("coarser", ""),
            row["frequency"],
            row["title"],
            row["note"],
        )
        for row in _read("tables")["table"]
    )


def subjects_of(quarter: Quarter) -> tuple[Subject, ...]:
    """What the release of a quarter counts."""
    return tuple(each for each in subjects().values() if quarter.number in each.quarters)


def period(subject: Subject, quarter: Quarter) -> Dimension:
    """The periods that the release of a quarter shows of a subject: the quarter, at the end of the year all of it."""
    if subject.period == YEAR:
        return _period(YEAR, [str(quarter.year - 1)], {})
    if quarter.number < 4:
        return _period(QUARTER, [str(quarter)], {})
    quarters = tuple(str(Quarter(quarter.year, number)) for number in (1, 2, 3, 4))
    return _period(QUARTER, [str(quarter.year), *quarters], {str(quarter.year): (quarters,)})


def _period(name: str, codes: list[str], splits: Mapping[str, tuple[tuple[str, ...], ...]]) -> Dimension:
    shown = tuple(Code(code, dict.fromkeys(SPOKEN, code)) for code in codes)
    return Dimension(name, _PERIODS[name], shown, splits)


def quarter_of(release: str) -> Quarter:
    """The quarter that the id of a release names, such as 2026-Q3. Raises ValueError for another text."""
    year, mark, number = release.partition("-Q")
    if not (len(year) == 4 and year.isdecimal() and mark and number in {"1", "2", "3", "4"}):
        raise ValueError(f"{release} names no quarter")
    return Quarter(int(year), int(number))


def _classification(name: str, said: Mapping[str, Any]) -> Classification:
    codes = tuple(Code(row["id"], _label(row, is_country=said.get("countries", False))) for row in said["code"])
    children: dict[str, list[str]] = {}
    for row in said["code"][1:]:
        children.setdefault(row["of"], []).append(row["id"])
    known = {code.id for code in codes}
    if len(known) != len(codes) or not children.keys() <= known:
        raise ValueError(f"{name} has a code twice, or one that is part of nothing")
    held: dict[str, str] = {}
    for row in said["code"]:
        if row["id"] in children:
            continue
        for value in row.get("holds", [row["id"]]):
            if held.setdefault(value, row["id"]) != row["id"]:
                raise ValueError(f"{name}: {value} falls under two codes")
    splits = {parent: (tuple(each),) for parent, each in children.items()}
    return Classification(Dimension(name, said["label"], codes, splits), MappingProxyType(held), said.get("else", ""))


def _label(row: Mapping[str, Any], *, is_country: bool) -> Texts:
    if "label" in row:
        label: Texts = row["label"]
        return label
    if is_country:
        return {language: Locale.parse(language).territories[row["id"]] for language in SPOKEN}
    return dict.fromkeys(SPOKEN, row["id"])


@cache
def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((_DATA / f"{name}.toml").read_text("utf-8"))
