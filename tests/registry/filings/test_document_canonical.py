"""The same content has the same bytes, and they are those of RFC 8785."""

import hashlib
import json
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from registry.filings import document
from tests.documents import completed_run, fine_tune, planned_run, rented_run

BUILDERS = [planned_run, completed_run, fine_tune, rented_run]
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
VALUES = st.recursive(
    st.booleans() | TEXTS | st.integers(-(2**53) + 1, 2**53 - 1) | st.none(),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text("abcdefgh_0129", max_size=6), inner, max_size=4)
    ),
    max_leaves=12,
)


def shuffled(value: Any) -> Any:
    """`value` with the members of every object in the opposite order."""
    if isinstance(value, dict):
        return {name: shuffled(value[name]) for name in reversed(value)}
    return [shuffled(each) for each in value] if isinstance(value, list) else value


@given(st.dictionaries(st.text("abcdefgh_0129", max_size=6), VALUES, max_size=5))
def test_canonical_json_is_that_of_the_reference_library(members: dict[str, Any]) -> None:
    assert document.canonical_json(members) == rfc8785.dumps(members)


@pytest.mark.parametrize("build", BUILDERS)
def test_a_document_is_canonical_by_the_reference_library(build: Any) -> None:
    assert document.canonical(document.read(build())) == rfc8785.dumps(build())


@pytest.mark.parametrize("build", BUILDERS)
def test_the_order_of_members_does_not_change_the_bytes(build: Any) -> None:
    assert document.canonical(document.read(shuffled(build()))) == document.canonical(document.read(build()))


@pytest.mark.parametrize("build", BUILDERS)
def test_reading_canonical_bytes_gives_them_again(build: Any) -> None:
    content = document.canonical(document.read(build()))
    assert document.canonical(document.read(json.loads(content))) == content


def test_saying_nothing_and_leaving_out_are_the_same() -> None:
    silent = planned_run(
        customer=None, run__base_model=None, filer__previous_contracting_entities=[], illustrative=True
    )
    assert document.canonical(document.read(silent)) == document.canonical(document.read(planned_run()))


def test_the_version_of_the_schema_is_always_written() -> None:
    raw = planned_run()
    del raw["schema_version"]
    assert json.loads(document.canonical(document.read(raw)))["schema_version"] == "1.0"


def test_another_significant_figure_is_another_document() -> None:
    one, other = (
        document.canonical(document.read(planned_run(run__training_compute__training_compute_flop=value)))
        for value in ("2.3e25", "2.30e25")
    )
    assert one != other


def test_the_digest_is_sha_256() -> None:
    assert document.digest(b"ecar") == hashlib.sha256(b"ecar").digest()
