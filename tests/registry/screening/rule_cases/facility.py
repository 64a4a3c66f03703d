"""Facilities that trigger each rule, with the case they meet, and facilities that just do not."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from registry.screening.shapes import ControlEvent, FacilitySnapshot, Installation

D = Decimal
DAY = timedelta(days=1)
EVENT = ControlEvent(code="3a090-by-performance", on=date(2023, 11, 17), kind="licence_required")
CHIPS = Installation(accelerator="nvidia-h100-sxm5-80gb", count=1000, stage="installed", tdp_w=D(700))
USED = replace(CHIPS, in_use_from=EVENT.on, events=(EVENT,))
SITE = FacilitySnapshot(as_of=date(2026, 11, 1), name="Hall 7", operator="North Halls", it_power_kw=D(840))


def _with(*installations: Installation, **changes: object) -> FacilitySnapshot:
    return replace(SITE, installations=installations, **changes)  # type: ignore[arg-type]


TRIGGERS: list[tuple[str, str, FacilitySnapshot]] = [
    ("R-18", "power", _with(CHIPS, it_power_kw=D("839.999"))),
    ("R-18", "power", _with(CHIPS, replace(CHIPS, count=1))),
    ("R-18", "unattested", _with(CHIPS, is_capacity_attested=False)),
    ("R-19", "licence", _with(USED, parent_country="CN")),
    ("R-19", "licence", _with(replace(USED, licensed_on=EVENT.on + DAY), parent_country="MO")),
    ("R-20", "undelivered", _with(replace(CHIPS, delivered=999))),
    ("R-20", "later", _with(replace(CHIPS, delivery_on=SITE.as_of + DAY))),
    ("R-20", "boxed", _with(replace(CHIPS, boxed=1))),
]
NEAR_MISSES: list[tuple[str, FacilitySnapshot]] = [
    ("R-18", _with(CHIPS)),  # 1,000 · 700 W · 1.2 = 840 kW is just what is there
    ("R-18", _with(CHIPS, replace(CHIPS, stage="planned"))),
    ("R-18", _with(replace(CHIPS, count=9000, tdp_w=None))),
    ("R-18", _with(CHIPS, is_capacity_attested=None, it_power_kw=None)),
    ("R-18", _with(is_capacity_attested=False)),
    ("R-19", _with(replace(USED, in_use_from=EVENT.on - DAY), parent_country="CN")),
    ("R-19", _with(replace(USED, licensed_on=EVENT.on), parent_country="CN")),
    ("R-19", _with(USED, parent_country="FI")),
    ("R-19", _with(replace(USED, events=(replace(EVENT, kind="sales_resumed"),)), parent_country="CN")),
    ("R-19", _with(replace(USED, in_use_from=None), parent_country="CN")),
    ("R-19", _with(replace(USED, stage="planned"), parent_country="CN")),
    ("R-20", _with(replace(CHIPS, delivered=1000, boxed=0, delivery_on=SITE.as_of))),
    ("R-20", _with(CHIPS)),
    ("R-20", _with(replace(CHIPS, stage="planned", delivered=0, delivery_on=SITE.as_of + DAY))),
]
