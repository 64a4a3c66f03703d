"""The table of precision says what the law and the design ask, and refuses words it does not know."""

import uuid

import pytest

from registry.accounts import policy, precision
from registry.acting import Audience
from registry.quantities import Precision
from tests.conftest import person

COMPETENT = ("officer", "supervisor", "ai_office_officer")
OWN = ("provider_reader", "provider_submitter", "provider_administrator")
OF_SUMS = ("analyst", "statistician", "public", "builder")
OF_THE_MACHINE = ("auditor", "operator", "registrar", "relay", "sender", "mailer", "housekeeper")


def of(viewer: str, cls: str) -> Precision:
    return precision.precision(viewer=viewer, resource="document", cls=cls)


@pytest.mark.parametrize("cls", ["S", "R", "A", "O"])
def test_the_competent_authority_and_the_provider_are_told_exactly(cls: str) -> None:
    assert {of(viewer, cls) for viewer in (*COMPETENT, *OWN)} == {Precision.EXACT}


@pytest.mark.parametrize(
    ("cls", "told"),
    [("S", Precision.PRESENCE), ("R", Precision.MAGNITUDE), ("A", Precision.NONE), ("O", Precision.EXACT)],
)
def test_an_authority_of_elsewhere_is_told_roughly(cls: str, told: Precision) -> None:
    assert of(precision.ELSEWHERE, cls) is told


@pytest.mark.parametrize("viewer", OF_SUMS)
def test_who_publishes_and_who_reads_it_has_sums_and_nothing_strictly_confidential(viewer: str) -> None:
    assert of(viewer, "S") is Precision.NONE
    assert {of(viewer, cls) for cls in "RAO"} == {Precision.AGGREGATE}


@pytest.mark.parametrize("viewer", OF_THE_MACHINE)
@pytest.mark.parametrize("cls", precision.CLASSES)
def test_who_keeps_the_register_running_or_checks_it_is_told_no_document(viewer: str, cls: str) -> None:
    assert of(viewer, cls) is Precision.NONE


def test_an_auditor_reads_looks_and_exports_and_of_neither_the_content() -> None:
    for resource in ("look", "export"):
        assert precision.precision(viewer="auditor", resource=resource, cls="R") is Precision.EXACT
    assert precision.precision(viewer="auditor", resource="export", cls="S") is Precision.NONE


def test_a_provider_learns_which_authority_looked_and_not_which_person() -> None:
    told = precision.precisions(viewer="provider_reader", resource="look")
    assert told == {"R": Precision.EXACT, "S": Precision.NONE}


def test_an_officer_is_elsewhere_outside_the_own_territory_and_the_ai_office_nowhere() -> None:
    olga, nora = person("officer", territory="FR"), person("ai_office_officer", territory="EU")
    assert precision.viewer_of(olga, territory="FR") == "officer"
    assert precision.viewer_of(olga, territory="ES") == precision.ELSEWHERE
    assert precision.viewer_of(nora, territory="ES") == "ai_office_officer"
    machine = person("provider_reader", organisation=None)
    assert precision.viewer_of(machine, territory="FR") == "provider_reader"
    nobody = type(machine)(id=str(uuid.uuid4()), name="", audience=Audience.PUBLIC)
    assert precision.viewer_of(nobody, territory="FR") == precision.PUBLIC


def test_a_role_has_what_the_role_it_includes_has() -> None:
    told = precision.precisions(viewer="supervisor", resource="finding")
    assert told == precision.precisions(viewer="officer", resource="finding")
    assert told == {"S": Precision.EXACT, "R": Precision.EXACT}


@pytest.mark.parametrize(
    "said",
    [
        {"document": {"Z": {"exact": ["officer"]}}},
        {"document": {"S": {"exact": ["nobody"]}}},
        {"document": {"S": {"blurred": ["officer"]}}},
        {"document": {"S": {"exact": ["officer"], "magnitude": ["officer"]}}},
    ],
    ids=["class", "viewer", "precision", "twice"],
)
def test_a_word_that_is_not_known_is_refused(said: dict[str, dict[str, dict[str, list[str]]]]) -> None:
    with pytest.raises(ValueError, match=r"class|viewer|Precision"):
        precision.read(said, includes={})


def test_every_resource_of_the_table_has_a_viewer_for_each_class() -> None:
    for resource in precision.resources():
        for cls in precision.classes_of(resource):
            told = [precision.precision(viewer=v, resource=resource, cls=cls) for v in precision.VIEWERS]
            assert set(told) != {Precision.NONE}
    assert set(policy.ROLES) < set(precision.VIEWERS)
