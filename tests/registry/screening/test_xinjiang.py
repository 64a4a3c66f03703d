"""The Xinjiang pattern at the level of the rules: 115,000 planned H100 and H200 over 39 sites declared as installed."""

from datetime import date
from decimal import Decimal

from registry.compute.catalogue import catalogue
from registry.screening import rules
from registry.screening.shapes import FacilitySnapshot, Installation

SITES, ACCELERATORS = 39, 115_000
IN_ONE_COMPOUND = 80_500  # about 70 % of them
AS_OF = date(2025, 7, 8)
DELIVERED = 0


def _site(number: int, count: int, *, it_power_kw: Decimal) -> FacilitySnapshot:
    code = "nvidia-h100-sxm5-80gb" if number % 2 else "nvidia-h200-sxm-141gb"
    installed = Installation(
        accelerator=code, count=count, stage="installed", tdp_w=catalogue()[code].power_w, delivered=DELIVERED
    )
    return FacilitySnapshot(
        as_of=AS_OF,
        name=f"Site {number}",
        country="CN",
        operator=f"Operator {number}",
        parent_country="CN",
        it_power_kw=it_power_kw,
        installations=(installed,),
    )


def _sites() -> list[FacilitySnapshot]:
    others, rest = divmod(ACCELERATORS - IN_ONE_COMPOUND, SITES - 1)
    counts = [IN_ONE_COMPOUND, *(others + (1 if number < rest else 0) for number in range(SITES - 1))]
    return [_site(number, count, it_power_kw=Decimal(500)) for number, count in enumerate(counts, start=1)]


def test_the_fleet_is_the_one_of_the_article() -> None:
    sites = _sites()
    assert len(sites) == SITES
    assert sum(each.count for site in sites for each in site.installations) == ACCELERATORS


def test_every_site_is_flagged_for_power_and_delivery() -> None:
    for site in _sites():
        hits = {hit.rule: hit for hit in rules.screen(site)}
        assert set(hits) == {"R-18", "R-20"}
        assert hits["R-18"].cases == ("power",)
        assert hits["R-20"].cases == ("undelivered",)


def test_the_largest_site_is_told_with_its_figures() -> None:
    hits = {hit.rule: rules.render(hit) for hit in rules.screen(_sites()[0])}
    assert "80,500 accelerators as installed. They draw 56,350 kW, with 1.2" in hits["R-18"]
    assert "67,620 kW; the installed IT power is 500 kW" in hits["R-18"]
    assert "0 are confirmed as delivered by 2025-07-08" in hits["R-20"]


def test_a_site_declared_as_planned_is_not_flagged() -> None:
    planned = Installation(accelerator="nvidia-h100-sxm5-80gb", count=2500, stage="planned", tdp_w=Decimal(700))
    site = FacilitySnapshot(as_of=AS_OF, name="Site 40", it_power_kw=Decimal(500), installations=(planned,))
    assert rules.screen(site) == ()
