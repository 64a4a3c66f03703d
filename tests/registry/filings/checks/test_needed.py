"""What a stage needs is told once, at its place, and every row of the schema that can lack something has its check."""

from registry.filings.checks.needed import missing
from registry.filings.checks.presence import CODE_OF_ROW
from registry.filings.document import elements
from tests.documents import REMOVED
from tests.registry.filings.checks.cases.case import read


def test_every_row_that_can_lack_something_has_its_check() -> None:
    rows = {each.code for each in elements() if each.needed and not each.is_required}
    assert rows - {"DOC-1"} == set(CODE_OF_ROW)


def test_a_missing_object_is_told_once() -> None:
    assert missing(read("planned", {"model": REMOVED})) == {"MODEL-1": ("/model",)}


def test_nothing_is_missing_from_a_complete_document() -> None:
    assert missing(read("planned")) == {}
    assert missing(read("completed")) == {}


def test_items_of_lists_are_told_by_their_number() -> None:
    found = missing(read("planned", {"filer__contacts__1__email": REMOVED, "filer__contacts__2__name": REMOVED}))
    assert found == {"FILER-5": ("/filer/contacts/1/email", "/filer/contacts/2/name")}


def test_a_compute_provider_need_not_know_the_model() -> None:
    changes = {"model": REMOVED, "data": REMOVED, "run__inclusions": REMOVED, "run__architecture": REMOVED}
    assert missing(read("rented", changes)) == {}
    assert set(missing(read("planned", changes))) == {"MODEL-1", "DATA-1", "RUN-6"}
