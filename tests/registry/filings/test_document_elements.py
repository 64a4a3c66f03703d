"""Every row of the schema has its element, and every element says what it is, who may see it and why."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import jsonschema
import pytest

from registry.filings import document
from registry.filings.document.elements import STAGES, texts
from registry.languages import SPOKEN
from tests.documents import completed_run, fine_tune, planned_run, rented_run

ROWS = (
    [f"FILER-{number}" for number in range(1, 7)]
    + ["UBO-1", "UBO-2"]
    + [f"CUST-{number}" for number in range(1, 4)]
    + [f"RUN-{number}" for number in range(1, 11)]
    + [f"MODEL-{number}" for number in range(1, 10)]
    + [f"DATA-{number}" for number in range(1, 7)]
    + [f"FAC-{number}" for number in range(1, 4)]
    + ["SEC-1", "SCR-1", "REB-1", "INC-1", "ATT-1"]
)
STRICTLY_CONFIDENTIAL = {
    *("FILER-3", "FILER-4", "UBO-1", "UBO-2", "CUST-1", "CUST-2", "CUST-3", "RUN-4", "RUN-5", "MODEL-9", "DATA-6"),
    *("FAC-2", "FAC-3", "SEC-1", "SCR-1", "REB-1", "INC-1", "ATT-1"),
}
ELEMENTS = document.elements()


def test_every_row_of_the_schema_has_an_element() -> None:
    assert set(ROWS) <= {each.code for each in ELEMENTS if each.is_leaf}


def test_no_element_names_a_row_that_does_not_exist() -> None:
    assert {each.code for each in ELEMENTS} - set(ROWS) == {"DOC-1"}


@pytest.mark.parametrize("element", ELEMENTS, ids=lambda each: each.pointer)
def test_every_element_says_who_may_see_it_and_why(element: document.Element) -> None:
    assert element.cls in ("S", "R", "A", "O")
    assert element.source
    assert set(element.needed) <= set(STAGES)
    for said in (element.label, element.help):
        assert set(said) == set(SPOKEN)
        assert all(said.values())


def test_the_class_of_an_element_is_the_class_of_its_row() -> None:
    for element in ELEMENTS:
        expected = "S" if element.code in STRICTLY_CONFIDENTIAL else "A" if element.code == "RUN-9" else "R"
        assert element.cls == expected, element.pointer


def test_nothing_below_a_confidential_object_is_less_confidential() -> None:
    confidential = [each.pointer for each in ELEMENTS if each.cls == "S" and not each.is_leaf]
    for element in ELEMENTS:
        if any(element.pointer.startswith(f"{above}/") for above in confidential):
            assert element.cls == "S", element.pointer


def test_no_text_is_left_without_an_element() -> None:
    schema_texts = {each.label["en"] for each in ELEMENTS}
    assert {row["label"]["en"] for row in texts().values()} <= schema_texts


def test_a_stage_needs_all_that_the_stage_before_needed() -> None:
    for element in ELEMENTS:
        assert element.needed in ((), STAGES, STAGES[1:], STAGES[2:]), element.pointer


@pytest.mark.parametrize(
    ("pointer", "code", "kind", "is_quantity"),
    [
        ("/run/training_compute/training_compute_flop", "RUN-3", "Flop", True),
        ("/run/hardware/0/count", "RUN-4", "Count", True),
        ("/run/hardware/*/precision", "RUN-4", "choice", False),
        ("/facilities/12/remote_access_countries/3", "FAC-3", "Country", False),
        ("/facilities/0/remote_access_countries", "FAC-3", "Country", False),
        ("/model/weights", "MODEL-9", "object", False),
        ("/run/planned_start_on", "RUN-2", "Day", False),
        ("/run/biological_sequence_data", "RUN-10", "boolean", False),
    ],
)
def test_an_element_is_found_by_the_pointer_of_its_value(pointer: str, code: str, kind: str, is_quantity: bool) -> None:
    found = document.element_at(pointer)
    assert found is not None
    assert (found.code, found.kind, found.is_quantity) == (code, kind, is_quantity)


def test_no_element_is_found_outside_the_document() -> None:
    assert document.element_at("/run/nothing") is None


def places(value: Any, above: str) -> Iterator[str]:
    """The pointer of every member in `value`, which stands at `above`."""
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, inner in members:
        yield f"{above}/{name}"
        yield from places(inner, f"{above}/{name}")


@pytest.mark.parametrize("build", [planned_run, completed_run, fine_tune, rented_run])
def test_every_member_of_a_document_has_an_element(build: Callable[[], dict[str, Any]]) -> None:
    assert [place for place in places(build(), "") if document.element_at(place) is None] == []


def test_the_json_schema_is_valid_and_accepts_what_is_read() -> None:
    schema = json.loads(json.dumps(document.json_schema()))
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$id"] == document.SCHEMA_ID
    validator = jsonschema.Draft202012Validator(schema)
    for raw in (planned_run(), completed_run(), fine_tune(), rented_run()):
        assert list(validator.iter_errors(raw)) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"surplus": 1},
        {"stage": "dreamt"},
        {"run__training_compute__training_compute_flop": 2.3e25},
        {"run__training_compute__training_compute_flop": "23e24"},
        {"run__hardware__0__count": 2**31},
        {"filer__legal_name": ""},
    ],
)
def test_the_json_schema_refuses_what_is_refused(changes: dict[str, Any]) -> None:
    validator = jsonschema.Draft202012Validator(document.json_schema())
    assert list(validator.iter_errors(planned_run(**changes)))


def test_the_json_schema_carries_class_source_and_texts() -> None:
    count = document.json_schema()["$defs"]["Hardware"]["properties"]["count"]
    assert (count["x-element"], count["x-class"]) == ("RUN-4", "S")
    assert "A.2.1" in count["x-source"]
    assert count["x-label"]["de"] == "Anzahl (N)"
    assert set(count["x-help"]) == set(SPOKEN)


def test_the_parts_of_the_json_schema_can_stand_elsewhere() -> None:
    text = json.dumps(document.json_schema(ref_template="#/components/schemas/{model}"))
    assert "#/components/schemas/Hardware" in text
    assert '"#/$defs/' not in text
