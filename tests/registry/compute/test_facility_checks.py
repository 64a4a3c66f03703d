"""What the checks say of facilities and reports: each fires at its place, and not beside it."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.compute import facility, facility_checks
from registry.compute.catalogue import catalogue
from registry.compute.facility import FacilityStatement, YearlyReport
from registry.compute.facility_checks import Lot, Network, Said, Site
from tests.registry.compute import facilities

TODAY = date(2026, 11, 20)
LOT = Lot(
    lot="a1",
    accelerator=facilities.H100,
    count=800,
    stage="operating",
    from_on=date(2024, 2, 1),
    delivered_on=date(2024, 1, 15),
    evidence="Delivery note 4711",
    cluster="alpha",
)
ALPHA = Network(name="alpha", interconnect_gbit_per_s=Decimal(200), from_on=date(2024, 1, 10))


def site(*lots: Lot, networks: tuple[Network, ...] = (ALPHA,), **changes: Any) -> Site:
    return Site(facility.read(FacilityStatement, facilities.statement(**changes)), lots=lots, networks=networks)


def said(found: list[Said]) -> list[tuple[str, str, str]]:
    """What was said, without the note on export control that every H100 has since October 2022."""
    return [(each.code, each.subject, each.pointer) for each in found if each.code != "export-control"]


def only(found: list[Said]) -> Said:
    (one,) = (each for each in found if each.code != "export-control")
    return one


def of(*lots: Lot, **changes: Any) -> list[tuple[str, str, str]]:
    return said(facility_checks.of_site(site(*lots, **changes), today=TODAY))


def of_report(*lots: Lot, site_changes: dict[str, Any] | None = None, **changes: Any) -> list[tuple[str, str, str]]:
    report = facility.read(YearlyReport, facilities.report(**changes))
    return said(facility_checks.of_report(report, site(*lots, **(site_changes or {})), today=TODAY))


def test_a_sound_facility_is_told_nothing() -> None:
    assert of(LOT) == []
    assert of_report(LOT) == []


LATER = {
    "facility-lacks-power": ((replace(LOT, count=2400),), {}, "", "/it_power_kw"),
    "planned-counted-as-installed": ((replace(LOT, from_on=date(2026, 11, 21)),), {}, "lot:a1", "/stage"),
    "installed-without-delivery": ((replace(LOT, evidence=""),), {}, "lot:a1", "/evidence"),
    "delivered-later": ((replace(LOT, delivered_on=date(2024, 2, 2)),), {}, "lot:a1", "/delivered_on"),
    "delivered-in-the-future": (
        (replace(LOT, stage="ordered", delivered_on=date(2026, 11, 21)),),
        {},
        "lot:a1",
        "/delivered_on",
    ),
    "delivered-but-planned": ((replace(LOT, stage="ordered"),), {}, "lot:a1", "/stage"),
    "standing-before-operation": ((LOT,), {"operating_from": "2024-06-01"}, "lot:a1", "/from_on"),
    "operating-in-the-future": ((), {"operating_from": "2026-11-21"}, "", "/operating_from"),
    "closed-before-operation": ((), {"closed_on": "2022-01-01"}, "", "/closed_on"),
    "nuts-elsewhere": ((), {"nuts_code": "DE212"}, "", "/nuts_code"),
    "element-missing": ((), {"lau_code": None}, "", "/lau_code"),
    "below-the-bound": ((), {"it_power_kw": "499.9"}, "", "/it_power_kw"),
    "outside-the-union": ((), {"country": "MY", "nuts_code": None, "lau_code": None}, "", "/country"),
    "controller-missing": ((), {"hardware_control": "lessee"}, "", "/controlled_by"),
}


@pytest.mark.parametrize("code", LATER)
def test_a_check_of_a_site_speaks_at_its_place(code: str) -> None:
    lots, changes, subject, pointer = LATER[code]
    assert of(*lots, **changes) == [(code, subject, pointer)]


def test_the_release_of_a_part_comes_before_its_installation() -> None:
    early = replace(LOT, from_on=date(2022, 9, 1), delivered_on=date(2022, 8, 1), cluster="")
    released = catalogue()[facilities.H100].released_on
    assert early.from_on < released
    assert ("installed-before-release", "lot:a1", "/from_on") in of(early, operating_from="2022-01-01")
    right = replace(early, from_on=released)
    assert "installed-before-release" not in {code for code, _, _ in of(right, operating_from="2022-01-01")}


def test_planned_chips_need_no_power_and_no_delivery() -> None:
    planned = Lot(lot="p", accelerator=facilities.H100, count=115_000, stage="planned", from_on=date(2026, 1, 1))
    assert of(planned) == []


def test_power_is_asked_for_on_the_day_on_which_most_of_it_is_needed() -> None:
    first = replace(LOT, until_on=date(2025, 1, 1), count=1500)
    then = replace(LOT, lot="b1", from_on=date(2025, 1, 1), count=1500)
    assert of(first, then) == []
    together = replace(then, from_on=date(2024, 12, 31))
    found = only(facility_checks.of_site(site(first, together), today=TODAY))
    assert (found.code, found.inputs["day"], found.inputs["count"]) == ("facility-lacks-power", "2024-12-31", "3000")


def test_r_18_is_chips_times_power_times_overhead_above_the_it_power() -> None:
    rated = catalogue()[facilities.H100].power_w
    assert rated == 700
    exactly = Decimal(800 * 700) * Decimal("1.2") / 1000
    assert facility_checks.needed_kw([LOT], LOT.from_on) == exactly
    assert of(LOT, it_power_kw=str(exactly)) == []
    assert [code for code, _, _ in of(LOT, it_power_kw=str(exactly - Decimal("0.001")))] == ["facility-lacks-power"]


def test_a_struck_period_is_told_nothing() -> None:
    assert of(replace(LOT, evidence="", until_on=LOT.from_on)) == []


def test_a_cluster_is_large_above_both_limits_only() -> None:
    many = replace(LOT, count=110_000)
    wide = replace(ALPHA, interconnect_gbit_per_s=Decimal("300.1"))
    codes = [code for code, _, _ in of(many, networks=(wide,), it_power_kw="200000")]
    assert codes == ["large-cluster"]
    narrow = replace(ALPHA, interconnect_gbit_per_s=Decimal(300))
    assert of(many, networks=(narrow,), it_power_kw="200000") == []
    assert of(replace(LOT, count=101_000), networks=(wide,), it_power_kw="200000") == []


def test_export_events_up_to_the_day_of_installation_are_told() -> None:
    part = "nvidia-h800-sxm5"
    part = part if part in catalogue() else next(code for code in catalogue() if "h800" in code)
    before = replace(LOT, accelerator=part, from_on=date(2023, 11, 16), delivered_on=date(2023, 11, 1), cluster="")
    assert facility_checks.of_site(site(before), today=TODAY) == []
    (found,) = facility_checks.of_site(site(replace(before, from_on=date(2023, 11, 17))), today=TODAY)
    assert found.code == "export-control"
    assert "2023-11-17" in facility_checks.told(found, language="fr").sentence


def test_a_lot_outside_the_days_of_its_cluster_is_told() -> None:
    ended = replace(ALPHA, until_on=date(2025, 1, 1))
    assert of(LOT, networks=(ended,)) == [("cluster-ends-first", "lot:a1", "/cluster")]
    assert of(replace(LOT, until_on=date(2025, 1, 1)), networks=(ended,)) == []


@pytest.mark.parametrize(
    ("code", "changes", "pointer"),
    [
        ("year-not-over", {"year": 2026}, "/year"),
        ("year-before-operation", {"year": 2023}, "/year"),
        ("pue-below-one", {"total_energy_kwh": "9000000"}, "/total_energy_kwh"),
        ("pue-unusual", {"total_energy_kwh": "30001000"}, "/total_energy_kwh"),
        ("energy-exceeds-power", {"it_energy_kwh": "17520001", "total_energy_kwh": "17520002"}, "/it_energy_kwh"),
        ("power-exceeds-installed", {"it_power_kw": "2000.5"}, "/it_power_kw"),
        ("part-exceeds-whole", {"potable_water_m3": "9001"}, "/potable_water_m3"),
        ("indicator-missing", {"water_m3": None, "potable_water_m3": None}, "/water_m3"),
        ("energy-below-chips", {"it_energy_kwh": "1000000", "total_energy_kwh": "1200000"}, "/it_energy_kwh"),
    ],
)
def test_a_check_of_a_report_speaks_at_its_place(code: str, changes: dict[str, Any], pointer: str) -> None:
    opened = {"site_changes": {"operating_from": "2024-01-01"}} if code == "year-before-operation" else {}
    assert (code, "", pointer) in of_report(LOT, **opened, **changes)


def test_energy_at_the_very_limit_of_power_and_time_is_believed() -> None:
    at_limit = {"it_energy_kwh": str(2000 * 8760), "total_energy_kwh": str(2000 * 8760 + 1)}
    assert of_report(LOT, **at_limit, renewable_energy_kwh="1") == []


@given(count=st.integers(min_value=1, max_value=3_000), kilowatts=st.integers(min_value=500, max_value=5_000))
def test_r_18_agrees_with_its_arithmetic(count: int, kilowatts: int) -> None:
    found = {code for code, _, _ in of(replace(LOT, count=count), it_power_kw=str(kilowatts))}
    assert ("facility-lacks-power" in found) is (count * 700 * 12 > kilowatts * 10_000)


@pytest.mark.parametrize("check", facility_checks.checks(), ids=lambda check: check.code)
def test_a_check_has_source_severity_and_words(check: facility_checks.FacilityCheck) -> None:
    assert check.source
    assert check.severity in facility_checks.SEVERITIES
    assert check.of in {facility_checks.SITE, facility_checks.REPORT}
    for language in ("en", "fr", "de"):
        assert check.texts[language]["sentence"]
        assert check.texts[language]["remedy"]


@pytest.mark.parametrize("language", ["en", "fr", "de"])
def test_codes_are_told_in_words(language: str) -> None:
    found = only(facility_checks.of_site(site(replace(LOT, evidence="")), today=TODAY))
    sentence = facility_checks.told(found, language=language).sentence
    assert "operating" not in sentence or language == "en"
    assert "evidence" not in sentence
    assert "{" not in sentence


def test_errors_come_first() -> None:
    found = facility_checks.of_site(site(replace(LOT, count=2400, from_on=date(2026, 11, 21))), today=TODAY)
    assert [each.severity for each in found] == ["error", "warning", "note"]
