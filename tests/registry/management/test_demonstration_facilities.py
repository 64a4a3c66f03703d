"""Facilities of the demonstration: sound but for what is shown on purpose."""

from datetime import date
from decimal import Decimal

import pytest

from registry.compute import facility, facility_checks
from registry.compute.facility import FacilityStatement, InstallationStatement, YearlyReport
from registry.compute.facility_checks import Lot, Site
from registry.management.demonstration import facilities, runs
from registry.management.demonstration.organisations import Company

TODAY = date(2026, 1, 27)
COMPANIES = tuple(facilities.operators())


@pytest.fixture(scope="module")
def plan() -> runs.Plan:
    return runs.plan(today=date(2026, 11, 20))


def _site(company: Company, plan: runs.Plan) -> tuple[Site, list[facilities.Content]]:
    is_planned = company.slug == facilities.PLANNING
    lots = facilities.planned(TODAY) if is_planned else list(facilities.lots_of(company, plan, TODAY))
    read = [facility.read(InstallationStatement, lot) for lot in lots]
    said = facility.read(FacilityStatement, facilities.statement(company, lots))
    kept = ("lot", "accelerator", "count", "stage", "from_on", "delivered_on")
    held = [
        Lot(**{name: getattr(each, name) for name in kept}, evidence=each.evidence or "")  # type: ignore[arg-type]
        for each in read
    ]
    return Site(said, lots=tuple(held)), lots


def test_every_compute_provider_has_one_and_one_is_being_built() -> None:
    assert {company.slug for company in COMPANIES} == {"saimaa", "maas", "mistrale", "aurelia"}


@pytest.mark.parametrize("company", COMPANIES, ids=lambda company: company.slug)
def test_what_is_said_can_be_kept(company: Company, plan: runs.Plan) -> None:
    site, _ = _site(company, plan)
    said = {each.code: each.severity for each in facility_checks.of_site(site, today=TODAY)}
    assert "error" not in said.values()
    assert ("facility-lacks-power" in said) is (company.slug == facilities.LACKING_POWER)
    assert ("installed-without-delivery" in said) is (company.slug == facilities.WITHOUT_EVIDENCE)


@pytest.mark.parametrize("year", [2024, 2025])
@pytest.mark.parametrize("company", COMPANIES, ids=lambda company: company.slug)
def test_a_year_is_measured_as_physics_allows(company: Company, plan: runs.Plan, year: int) -> None:
    if company.slug == facilities.PLANNING:
        return
    site, lots = _site(company, plan)
    report = facility.read(YearlyReport, facilities.measured(company, lots, year))
    said = facility_checks.of_report(report, site, today=TODAY)
    assert "error" not in {each.severity for each in said}
    assert facility.ratios(report).pue == Decimal("1.2400")
