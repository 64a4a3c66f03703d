"""The figure of a facility: bars by stage, steps of needed power, nothing outside the frame, the same as a table."""

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal

from django.utils import translation

from registry.charts import installations
from registry.charts.installations import LotBar, Need, Stretch
from registry.compute import facility
from registry.compute.facility import FacilityStatement
from registry.compute.facility_checks import Lot, Site
from registry.portal import facility_figure
from tests.registry.compute import facilities

TODAY = date(2026, 11, 20)
PLANNED = Lot(lot="a1", accelerator=facilities.H100, count=800, stage="planned", from_on=date(2024, 1, 1))
STANDING = replace(PLANNED, stage="operating", from_on=date(2024, 6, 1))


def site(*lots: Lot) -> Site:
    return Site(facility.read(FacilityStatement, facilities.statement()), lots=lots)


def test_a_facility_where_nothing_was_put_up_has_no_figure() -> None:
    assert facility_figure.figure(site(), today=TODAY) is None
    struck = replace(PLANNED, until_on=PLANNED.from_on)
    assert facility_figure.figure(site(struck), today=TODAY) is None


def test_each_stage_is_drawn_and_told_in_the_table() -> None:
    with translation.override("en"):
        figure = facility_figure.figure(site(replace(PLANNED, until_on=date(2024, 6, 1)), STANDING), today=TODAY)
    assert figure is not None
    assert figure.svg.count("<rect") == 2
    assert {"state--none", "state--4"} <= set(re.findall(r"state--\w+", figure.svg))
    assert [row[3] for row in figure.table.rows] == ["Planned", "Operating"]
    assert "At most 672 kW are needed, 2,000 kW are installed." in figure.svg


def test_what_is_drawn_stays_in_its_frame() -> None:
    drawn = installations.over_time(
        uid="x",
        title="t",
        finding="f",
        lots=[LotBar("<b>", "n", (Stretch(date(2010, 1, 1), date(2040, 1, 1), "4", "w"),))] * 60,
        needs=[Need(date(2025, 1, 1), Decimal(900)), Need(date(2025, 6, 1), Decimal(0))],
        installed_kw=Decimal(500),
        power_label="500 kW",
        need_label="needed",
        first=date(2024, 1, 1),
        last=date(2026, 1, 1),
    )
    assert "<b>" not in drawn
    assert drawn.count("<rect") == installations.MOST_LOTS
    widths = [float(width) for width in re.findall(r'width="([0-9.]+)"', drawn)]
    starts = [float(x) for x in re.findall(r' x="([0-9.]+)"', drawn)]
    assert max(widths) + 150 <= installations.WIDTH
    assert 0 <= min(starts) <= max(starts) <= installations.WIDTH
