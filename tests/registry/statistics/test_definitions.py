"""The tables as data: complete, in three languages, over codes that have a place for whatever is stored."""

from typing import get_args

import pytest

from registry.compute import catalogue, facility, record
from registry.filings.document import run
from registry.languages import SPOKEN
from registry.periods import Quarter
from registry.statistics import definitions
from registry.statistics.disclosure.cube import Hierarchy
from registry.statistics.tables import BANDS


def test_there_are_at_least_eight_tables_each_known_once() -> None:
    names = [rule.id for rule in definitions.tables()]
    assert len(names) == len(set(names)) >= 8
    assert {"runs-by-state-and-band", "hours-by-state-and-accelerator", "hours-by-customer-region"} < set(names)


@pytest.mark.parametrize("rule", definitions.tables(), ids=lambda rule: rule.id)
def test_a_table_says_all_that_is_needed_in_three_languages(rule: definitions.TableRule) -> None:
    subject = definitions.subjects()[rule.subject]
    assert set(rule.dimensions) <= set(subject.dimensions)
    assert set(rule.measures) <= set(definitions.measures())
    assert set(rule.title) == set(rule.note) == set(SPOKEN)
    assert all(rule.title.values())
    assert rule.coarser in {"", *rule.dimensions}
    assert rule.frequency in {"Q", "A"}


@pytest.mark.parametrize("name", sorted(definitions.classifications()))
def test_a_dimension_is_a_tree_with_names_in_three_languages(name: str) -> None:
    known = definitions.classifications()[name]
    tree = Hierarchy(name, known.dimension.splits)
    assert tree.top == known.top
    assert tree.codes == tuple(sorted(code.id for code in known.dimension.codes))
    assert set(known.codes.values()) <= tree.leaves
    assert known.otherwise in tree.leaves | {""}
    assert all(set(code.label) == set(SPOKEN) for code in known.dimension.codes)


@pytest.mark.parametrize(
    ("dimension", "values"),
    [
        ("accelerator", [row.code for row in catalogue.catalogue().values()]),
        ("workload", get_args(record.WorkloadClass)),
        ("size_class", [name for name, _, _ in facility.SIZE_CLASSES]),
        ("purpose", get_args(run.RunStage)),
        ("band", [band.code for band in BANDS]),
        ("parent_region", ["FR", "US", "CN", "GB", "BR"]),
    ],
)
def test_whatever_is_stored_has_a_place(dimension: str, values: list[str]) -> None:
    known = definitions.classifications()[dimension]
    leaves = Hierarchy(dimension, known.dimension.splits).leaves
    assert {known.code(value) for value in values} <= leaves


def test_a_value_without_a_place_is_not_put_anywhere() -> None:
    with pytest.raises(KeyError):
        definitions.classifications()["member_state"].code("US")


def test_the_last_quarter_shows_its_year() -> None:
    runs = definitions.subjects()["runs"]
    assert [code.id for code in definitions.period(runs, Quarter(2026, 3)).codes] == ["2026-Q3"]
    last = definitions.period(runs, Quarter(2026, 4))
    assert [code.id for code in last.codes] == ["2026", "2026-Q1", "2026-Q2", "2026-Q3", "2026-Q4"]
    assert last.splits == {"2026": (("2026-Q1", "2026-Q2", "2026-Q3", "2026-Q4"),)}


def test_energy_is_told_once_a_year() -> None:
    subjects = {number: {each.id for each in definitions.subjects_of(Quarter(2026, number))} for number in range(1, 5)}
    assert [number for number, ids in subjects.items() if "energy" in ids] == [2]
    energy = definitions.subjects()["energy"]
    assert [code.id for code in definitions.period(energy, Quarter(2026, 2)).codes] == ["2025"]


@pytest.mark.parametrize("text", ["2026-Q5", "2026", "26-Q1", "2026-Q", "2026-q1", ""])
def test_what_names_no_quarter_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="names no quarter"):
        definitions.quarter_of(text)
