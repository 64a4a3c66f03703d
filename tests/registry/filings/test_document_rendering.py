"""What may not be told cannot be worked out from a rendering: documents that differ only in that render alike."""

import json
from collections.abc import Iterator
from copy import deepcopy
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.accounts import precision as policy
from registry.filings.document import element_at, elements
from registry.filings.document.rendering import GIVEN, decade, quarter, rendered
from registry.periods import Quarter
from registry.quantities import Precision
from tests.documents import completed_run

ELSEWHERE = policy.precisions(viewer=policy.ELSEWHERE, resource="document")
DOCUMENT: dict[str, Any] = completed_run()
Path = tuple[str | int, ...]


def leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every value that holds no others, with the way to it."""
    if isinstance(value, dict):
        for name, each in value.items():
            yield from leaves(each, (*path, name))
    elif isinstance(value, list):
        for place, each in enumerate(value):
            yield from leaves(each, (*path, place))
    else:
        yield path, value


def with_value(path: Path, value: Any) -> dict[str, Any]:
    """The document with another value in one place."""
    changed = deepcopy(DOCUMENT)
    place: Any = changed
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return changed


def pointer(path: Path) -> str:
    return "".join(f"/{step}" for step in path)


def strictest_class(path: Path) -> str:
    """The strictest class on the way to a leaf: what stands in a confidential object is confidential."""
    found = [element_at(pointer(path[: end + 1])) for end in range(len(path))]
    classes = {each.cls for each in found if each is not None}
    return next(cls for cls in "SARO" if cls in classes)


LEAVES = list(leaves(DOCUMENT))
HIDDEN = [(path, value) for path, value in LEAVES if strictest_class(path) in "SA"]
ROUGH = [(path, value) for path, value in LEAVES if strictest_class(path) == "R"]


def same_when_told_roughly(path: Path, value: Any, shift: int) -> Any:
    """Another value that the rough telling must not tell from this one."""
    element = element_at(pointer(path))
    assert element is not None
    if element.kind in {"choice", "boolean", "Country"}:
        return value
    if element.is_quantity:
        least, below = (Decimal(decade(Decimal(str(value)))[name]) for name in ("at_least", "below"))
        moved = least + (below - least) * Decimal(shift) / 1000
        return int(moved) if isinstance(value, int) else str(moved)
    if element.kind in {"Day", "HistoricDay", "Moment"}:
        starts = Quarter.of(date.fromisoformat(value[:10])).starts_on
        return (starts + timedelta(days=shift % 89)).isoformat() + value[10:]
    if element.kind == "Nuts":
        return value[:2] + str(shift)
    return f"something else {shift}"


def test_the_sample_has_every_class() -> None:
    assert len(HIDDEN) > 40
    assert len(ROUGH) > 30
    assert {strictest_class(path) for path, _ in LEAVES} == {each.cls for each in elements()}


@given(st.data(), st.integers(0, 999))
def test_what_is_confidential_leaves_no_trace_in_a_rendering(data: st.DataObject, shift: int) -> None:
    path, value = data.draw(st.sampled_from(HIDDEN))
    other = not value if isinstance(value, bool) else value + shift + 1 if isinstance(value, int) else f"x{shift}"
    assert other != value
    assert rendered(with_value(path, other), ELSEWHERE) == rendered(DOCUMENT, ELSEWHERE)


@given(st.data(), st.integers(0, 999))
def test_of_the_rest_no_more_can_be_told_than_its_order(data: st.DataObject, shift: int) -> None:
    path, value = data.draw(st.sampled_from(ROUGH))
    other = same_when_told_roughly(path, value, shift)
    assert rendered(with_value(path, other), ELSEWHERE) == rendered(DOCUMENT, ELSEWHERE)


@pytest.mark.parametrize("viewer", policy.VIEWERS)
def test_a_text_is_read_only_by_who_is_told_exactly(viewer: str) -> None:
    document = DOCUMENT
    texts = [(p, v) for p, v in LEAVES if isinstance(v, str) and (e := element_at(pointer(p))) and e.kind == "Line"]
    assert len(texts) >= 5
    for place, (path, _) in enumerate(texts):
        document = _placed(document, path, f"canary-{place}-")
    told = policy.precisions(viewer=viewer, resource="document")
    heard = json.dumps(rendered(document, told))
    for place, (path, _) in enumerate(texts):
        may = told.get(strictest_class(path), Precision.NONE) is Precision.EXACT
        assert (f"canary-{place}-" in heard) is may


def _placed(document: dict[str, Any], path: Path, value: str) -> dict[str, Any]:
    changed = deepcopy(document)
    place: Any = changed
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return changed


def test_who_is_told_everything_exactly_reads_the_document_itself() -> None:
    for viewer in ("officer", "supervisor", "ai_office_officer", "provider_reader", "provider_administrator"):
        assert rendered(DOCUMENT, policy.precisions(viewer=viewer, resource="document")) == DOCUMENT


@pytest.mark.parametrize("viewer", ["analyst", "statistician", "auditor", "operator", "public", "registrar", "sender"])
def test_who_sees_sums_or_no_bodies_reads_nothing_of_a_document(viewer: str) -> None:
    assert rendered(DOCUMENT, policy.precisions(viewer=viewer, resource="document")) == {}


def test_an_authority_of_elsewhere_reads_orders_of_magnitude_and_masks() -> None:
    told = rendered(DOCUMENT, ELSEWHERE)
    assert told["stage"] == "completed"
    assert told["run"]["training_compute"]["training_compute_flop"] == decade(
        Decimal(DOCUMENT["run"]["training_compute"]["training_compute_flop"])
    )
    assert told["run"]["planned_start_on"] == quarter(date.fromisoformat(DOCUMENT["run"]["planned_start_on"]))
    assert told["filer"]["legal_name"] == GIVEN
    assert told["run"]["hardware"] == GIVEN
    assert "energy" not in told["run"]


def test_a_member_that_the_schema_does_not_know_is_taken_for_the_strictest() -> None:
    assert rendered({"unheard_of": "secret"}, ELSEWHERE) == {"unheard_of": GIVEN}


@pytest.mark.parametrize(
    ("amount", "at_least", "below"),
    [
        ("0", "0", "1e0"),
        ("0.999", "0", "1e0"),
        ("1", "1e0", "1e1"),
        ("9.999", "1e0", "1e1"),
        ("10", "1e1", "1e2"),
        ("9.99e24", "1e24", "1e25"),
        ("1e25", "1e25", "1e26"),
    ],
)
def test_an_order_of_magnitude_holds_its_lower_end_and_not_its_upper(amount: str, at_least: str, below: str) -> None:
    assert decade(Decimal(amount)) == {"at_least": at_least, "below": below}
