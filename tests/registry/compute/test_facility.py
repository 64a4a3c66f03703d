"""What is said of a facility: forms, size classes at their bounds, the ratios of Annex III."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.compute import facility
from registry.compute.facility import ClusterStatement, FacilityStatement, YearlyReport
from registry.errors import Invalid
from registry.forms.parts import canonical_json
from tests.registry.compute import facilities

SIZES = [name for name, _, _ in facility.SIZE_CLASSES]
KILOWATTS = st.decimals(min_value=0, max_value=100_000, places=3)


@pytest.mark.parametrize(
    ("kilowatts", "expected"),
    [
        ("99.999", ""),
        ("100", "100-500kw"),
        ("499.999", "100-500kw"),
        ("500", "500-1000kw"),
        ("999.999", "500-1000kw"),
        ("1000", "1-2mw"),
        ("2000", "2-10mw"),
        ("10000", "2-10mw"),
        ("10000.001", "over-10mw"),
    ],
)
def test_a_size_class_begins_at_its_bound(kilowatts: str, expected: str) -> None:
    assert facility.size_class(Decimal(kilowatts)) == expected


@given(small=KILOWATTS, large=KILOWATTS)
def test_more_power_is_never_a_smaller_class(small: Decimal, large: Decimal) -> None:
    if small <= large:
        place = {name: rank for rank, name in enumerate([*SIZES, ""])}
        assert place[facility.size_class(small)] >= place[facility.size_class(large)]


@pytest.mark.parametrize(("kilowatts", "owed"), [("499.999", False), ("500", True), ("500.001", True)])
def test_the_report_is_owed_from_500_kilowatts_on(kilowatts: str, owed: bool) -> None:
    assert facility.must_report(Decimal(kilowatts)) is owed


def test_the_ratios_are_those_of_annex_iii() -> None:
    found = facility.ratios(facility.read(YearlyReport, facilities.report()))
    assert (found.pue, found.wue, found.erf, found.ref) == tuple(
        Decimal(each) for each in ("1.2000", "0.9000", "0.0500", "0.7500")
    )


def test_a_ratio_without_its_parts_is_unknown() -> None:
    bare = facility.read(YearlyReport, facilities.report(water_m3=None, heat_reused_kwh=None, it_energy_kwh="0"))
    found = facility.ratios(bare)
    assert (found.pue, found.wue, found.erf) == (None, None, None)


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"name": None}, "/name", "validation"),
        ({"kind": "cloud"}, "/kind", "validation"),
        ({"country": "EL"}, "/country", "validation"),
        ({"it_power_kw": 2000}, "/it_power_kw", "validation"),
        ({"it_power_kw": "-1"}, "/it_power_kw", "number-out-of-range"),
        ({"owner_lei": "529900T8BM49AURSDO54"}, "/owner_lei", "validation"),
        ({"power_kw": "1"}, "/power_kw", "unknown-field"),
        ({"name": "Lyon\u202eenO"}, "/name", "forbidden-character"),
    ],
)
def test_a_statement_of_the_wrong_form_is_refused_at_its_place(
    changes: dict[str, object], pointer: str, code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        facility.read(FacilityStatement, facilities.statement(**changes))
    assert [(each.code, each.pointer) for each in refused.value.obstacles] == [(code, pointer)]


def test_an_unknown_member_is_told_where_the_form_is_described() -> None:
    with pytest.raises(Invalid) as refused:
        facility.read(ClusterStatement, facilities.cluster(zzz=1))
    assert "/api/v1/schemas/cluster-1.0.json" in refused.value.obstacles[0].remedy


@pytest.mark.parametrize("name", sorted(facility.FORMS))
def test_a_published_schema_tells_class_source_and_names_of_each_member(name: str) -> None:
    schema = facility.json_schema(name)
    assert schema["$id"] == f"/api/v1/schemas/{name}-1.0.json"
    for member in schema["properties"].values():
        assert member["x-class"] in {"S", "R", "A", "O"}
        assert member["x-source"]
        assert set(member["x-label"]) == {"en", "fr", "de"}


def test_what_is_said_comes_back_the_same() -> None:
    said = facility.read(FacilityStatement, facilities.statement())
    again = facility.read(FacilityStatement, facility.plain(said))
    assert canonical_json(facility.plain(again)) == canonical_json(facility.plain(said))


def test_every_element_of_the_data_is_a_member_of_a_form() -> None:
    forms = {
        "statement": FacilityStatement,
        "report": YearlyReport,
        "cluster": ClusterStatement,
        "installation": facility.InstallationStatement,
        "contact": facility.FacilityContact,
    }
    for name, form in forms.items():
        assert set(facility.said()[name]) == set(form.model_fields)


@pytest.mark.parametrize("language", ["en", "fr", "de"])
def test_every_code_has_a_word(language: str) -> None:
    for of, codes in facility.said()["words"].items():
        for code in codes:
            assert facility.word(of, code, language)
    assert facility.word("stage", "boxed", language) == "boxed"


def test_a_report_is_due_on_15_may_of_the_year_after() -> None:
    assert facility.due_on(2025).isoformat() == "2026-05-15"
