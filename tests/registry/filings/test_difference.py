"""What changed between two versions, and what of it is material."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.filings.difference import NATURAL_KEYS, Change, Leaf, difference, flattened, material_rules
from registry.filings.document import element_at, elements
from registry.languages import SPOKEN
from tests.documents import REMOVED, changed, completed_run, facility, fine_tune, planned_run, rented_run

BUILDERS = [planned_run, completed_run, fine_tune, rented_run]
PLAN = planned_run()
INSTALLED = st.fixed_dictionaries({}, optional={"accelerator": st.sampled_from("xy"), "count": st.integers(0, 3)})
ITEMS = st.fixed_dictionaries(
    {},
    optional={
        "facility_id": st.sampled_from(["a", "b", "c"]),
        "country": st.sampled_from(["FR", "DE"]),
        "installed_it_power_kw": st.sampled_from(["100", "200"]),
        "remote_access_countries": st.lists(st.sampled_from(["FR", "DE", "NL"]), max_size=3),
        "accelerators": st.lists(INSTALLED, max_size=3),
    },
)
DOCUMENTS = st.fixed_dictionaries(
    {"stage": st.sampled_from(["planned", "completed"])},
    optional={
        "facilities": st.lists(ITEMS, max_size=4),
        "security": st.sampled_from([{}, {"cyber_protection": "x/y~z"}, {"certifications": ["1", "1", "2"]}]),
        "run": st.sampled_from([{"actual_start_on": "2026-01-01"}, {"actual_start_on": "2026-03-01"}]),
    },
)


def the_change(**changes: Any) -> Change:
    """The only change that `changes` make to the plan."""
    (found,) = difference(old=PLAN, new=changed(PLAN, **changes))
    return found


def values(leaves: dict[str, Leaf]) -> dict[str, Any]:
    """The value of each leaf by its key."""
    return {key: leaf.value for key, leaf in leaves.items()}


def applied(old: dict[str, Any], changes: tuple[Change, ...]) -> dict[str, Any]:
    """The leaves of `old` after `changes`."""
    leaves = values(flattened(old))
    for change in changes:
        if change.kind == "removed":
            assert leaves.pop(change.key) == change.old
        else:
            assert leaves.get(change.key) == change.old
            leaves[change.key] = change.new
    return leaves


def at(raw: Any, pointer: str) -> Any:
    """The value in `raw` at a JSON Pointer."""
    for part in pointer.split("/")[1:]:
        raw = raw[int(part)] if isinstance(raw, list) else raw[part.replace("~1", "/").replace("~0", "~")]
    return raw


@pytest.mark.parametrize("build", BUILDERS)
def test_equal_documents_do_not_differ(build: Any) -> None:
    assert difference(old=build(), new=build()) == ()


@given(DOCUMENTS)
def test_any_document_equals_itself(raw: dict[str, Any]) -> None:
    assert difference(old=raw, new=raw) == ()


@given(DOCUMENTS, DOCUMENTS)
def test_applying_the_changes_to_the_old_gives_the_new(old: dict[str, Any], new: dict[str, Any]) -> None:
    changes = difference(old=old, new=new)
    assert applied(old, changes) == values(flattened(new))
    assert len({change.key for change in changes}) == len(changes)


@given(DOCUMENTS, DOCUMENTS)
def test_the_pointer_of_a_change_leads_to_its_value(old: dict[str, Any], new: dict[str, Any]) -> None:
    for change in difference(old=old, new=new):
        source, value = (old, change.old) if change.kind == "removed" else (new, change.new)
        assert at(source, change.pointer) == value


@pytest.mark.parametrize("old", BUILDERS)
@pytest.mark.parametrize("new", BUILDERS)
def test_whole_documents_turn_into_each_other(old: Any, new: Any) -> None:
    assert applied(old(), difference(old=old(), new=new())) == values(flattened(new()))


def test_a_change_says_what_it_was_and_is_and_by_how_much() -> None:
    change = the_change(run__training_compute__training_compute_flop="2.5e25")
    assert (change.kind, change.code, change.cls) == ("changed", "RUN-3", "R")
    assert (change.old, change.new, change.change_percent) == ("2.3e25", "2.5e25", Decimal("8.70"))
    assert change.pointer == change.key == "/run/training_compute/training_compute_flop"


def test_a_count_that_falls_has_a_negative_percentage() -> None:
    assert the_change(run__hardware__0__count=4096).change_percent == Decimal("-50.00")


@pytest.mark.parametrize(
    "changes", [{"filer__legal_name": "Other"}, {"run__wall_clock_hours": "12"}, {"run__known_on": REMOVED}]
)
def test_what_is_no_quantity_or_has_no_counterpart_has_no_percentage(changes: dict[str, Any]) -> None:
    assert the_change(**changes).change_percent is None


def test_a_change_from_nought_has_no_percentage() -> None:
    old = changed(PLAN, run__hardware__0__utilisation="0")
    (change,) = difference(old=old, new=PLAN)
    assert change.change_percent is None


def test_moving_an_item_is_no_change() -> None:
    contacts = PLAN["filer"]["contacts"]
    assert difference(old=PLAN, new=changed(PLAN, filer__contacts=contacts[::-1])) == ()


def test_a_new_item_before_another_does_not_change_the_other() -> None:
    other = {**facility(), "facility_id": "narvik-1"}
    found = difference(old=PLAN, new=changed(PLAN, facilities=[other, *PLAN["facilities"]]))
    assert {change.kind for change in found} == {"added"}
    assert all(change.key.startswith("/facilities/[narvik-1]/") for change in found)
    assert {change.pointer.split("/")[2] for change in found} == {"0"}


def test_an_item_keeps_its_name_where_its_place_changes() -> None:
    other = {"facility_id": "narvik-1"}
    moved = {**facility(), "country": "BE"}
    found = difference(old=PLAN, new=changed(PLAN, facilities=[other, moved]))
    (change,) = [each for each in found if each.kind == "changed"]
    assert (change.key, change.pointer) == ("/facilities/[lyon-1]/country", "/facilities/1/country")


def test_a_removed_item_is_told_leaf_by_leaf_at_its_old_place() -> None:
    found = difference(old=PLAN, new=changed(PLAN, data__transfers=[]))
    assert {change.kind for change in found} == {"removed"}
    assert {change.pointer for change in found} >= {"/data/transfers/0/medium", "/data/transfers/0/volume_tb"}


def test_null_and_absent_and_empty_list_are_the_same() -> None:
    assert difference(old=PLAN, new=changed(PLAN, customer=None, filer__previous_contracting_entities=[])) == ()


def test_leaves_of_a_confidential_object_are_told_as_confidential() -> None:
    found = difference(old=PLAN, new=rented_run())
    assert {change.cls for change in found if change.pointer.startswith("/customer/")} == {"S"}


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"run__training_compute__training_compute_flop": "2.9e25"}, None),
        ({"run__training_compute__training_compute_flop": "2.99e25"}, "MC-01"),
        ({"run__training_compute__training_compute_flop": "9.9e24"}, "MC-01"),
        ({"run__training_compute__training_compute_flop": "2.30e25"}, None),
        ({"run__training_compute__training_compute_flop": REMOVED}, "MC-01"),
        ({"run__training_compute__method": "architecture"}, "MC-03"),
        ({"run__hardware__0__count": 9011}, None),
        ({"run__hardware__0__count": 9012}, "MC-02"),
        ({"run__hardware__0__is_dense": False}, "MC-03"),
        ({"run__inclusions__has_discarded_synthetic_data": True}, "MC-04"),
        ({"run__stage": "merge"}, "MC-05"),
        ({"run__planned_start_on": "2027-01-24"}, None),
        ({"run__planned_start_on": "2027-01-25"}, "MC-06"),
        ({"run__actual_start_on": "2027-01-25"}, "MC-06"),
        ({"filer__legal_name": "Aurélia Modèles SAS"}, "MC-07"),
        ({"filer__ultimate_parent__headquarters_country": "KY"}, "MC-07"),
        ({"filer__website": "https://www.aurelia.example/"}, None),
        ({"beneficial_ownership__holdings__0__share_percent": "74"}, "MC-08"),
        ({"beneficial_ownership__as_of_on": "2026-11-19"}, None),
        ({"facilities__0__remote_access_countries__2": "SG"}, "MC-10"),
        ({"facilities__0__country": "BE"}, "MC-10"),
        ({"facilities__0__accelerators__0__count": 20480}, "MC-11"),
        ({"facilities__0__power_usage_effectiveness": "1.4"}, None),
        ({"model__modalities_out__1": {"modality": "audio"}}, "MC-12"),
        ({"model__weights__stored_in_countries__1": "SG"}, "MC-13"),
        ({"data__origin_countries__3": "MY"}, "MC-14"),
        ({"attestations__0__is_affirmed": False}, "MC-15"),
        ({"incident": {"kind": "weights_exfiltration"}}, "MC-16"),
        ({"signature__place": "Lyon"}, None),
    ],
)
def test_a_change_is_material_by_its_rule(changes: dict[str, Any], rule: str | None) -> None:
    change = the_change(**changes)
    assert (change.rule.code if change.rule else None) == rule
    assert change.is_material is (rule is not None)


def test_an_estimate_that_crosses_a_threshold_is_material_however_little_it_moves() -> None:
    old, new = (changed(PLAN, run__training_compute__training_compute_flop=value) for value in ("1.00e25", "1.01e25"))
    (change,) = difference(old=old, new=new)
    assert change.is_material
    (back,) = difference(old=new, new=old)
    assert back.is_material


@pytest.mark.parametrize("rule", material_rules(), ids=lambda rule: rule.code)
def test_every_material_rule_points_at_elements_and_gives_reason_and_source(rule: Any) -> None:
    assert all(element_at(pointer) for pointer in rule.pointers)
    assert rule.source
    assert set(rule.reason) == set(SPOKEN)
    assert rule.kind in ("any", "percent", "days")
    for pointer in rule.pointers:
        element = element_at(pointer)
        assert element is not None
        assert rule.kind != "percent" or element.is_quantity
        assert rule.kind != "days" or element.kind == "Day"


def test_material_rules_have_codes_and_places_of_their_own() -> None:
    codes = [rule.code for rule in material_rules()]
    pointers = [pointer for rule in material_rules() for pointer in rule.pointers]
    assert len(set(codes)) == len(codes)
    assert len(set(pointers)) == len(pointers)


def test_every_natural_key_names_members_that_exist() -> None:
    known = {each.pointer for each in elements()}
    from_rules = {f"{pattern}/*/{member}" for pattern, members in NATURAL_KEYS.items() for member in members}
    assert from_rules <= known
