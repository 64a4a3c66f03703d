"""Uses of compute that trigger each rule, with the case they meet, and uses that just do not."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from registry.screening.shapes import UsageSnapshot

D = Decimal
SMALLEST = D("1000")
ENDED_ON = date(2026, 6, 30)
USE = UsageSnapshot(
    as_of=ENDED_ON + timedelta(days=46),
    customer="Alpha",
    provider="Cloud of Provence",
    until_on=ENDED_ON,
    filing_reference="ECAR-2026-000001-1",
    record_hours=D(1300),
    filing_hours=D(1000),
    record_flop=D("2e23"),
    filing_flop=D("2e23"),
    workload="training",
    accelerators=256,
)
ALONE = replace(USE, filing_reference="", filing_hours=None, filing_flop=None)
PATTERN = replace(
    ALONE,
    until_on=None,
    nodes=32,
    steady_days=7,
    all_reduce_share=D("0.2"),
    record_flop=D("1e23") + SMALLEST,
)
FLEET = replace(PATTERN, utilisation=D("0.4"), flop_per_day=D("8e22"), record_flop=None)


def _use(**changes: object) -> UsageSnapshot:
    return replace(USE, **changes)  # type: ignore[arg-type]


TRIGGERS: list[tuple[str, str, UsageSnapshot]] = [
    ("R-23", "hours", _use(record_hours=D("1300.001"))),
    ("R-23", "hours", _use(record_hours=D("699.999"))),
    ("R-23", "flop", _use(record_hours=None, record_flop=D("2.6e23") + SMALLEST)),
    ("R-23", "flop", _use(filing_hours=None, record_flop=D("1.4e23") - SMALLEST)),
    ("R-23", "no_filing", ALONE),
    ("R-23", "no_record", _use(record_hours=None, record_flop=None)),
    ("R-24", "pattern", PATTERN),
    ("R-24", "pattern", replace(PATTERN, all_reduce_share=None, interconnect_gbit_per_s=D(100), record_flop=None)),
    ("R-24", "projected", FLEET),
]
NEAR_MISSES: list[tuple[str, UsageSnapshot]] = [
    ("R-23", USE),  # 30 % itself is within the margin
    ("R-23", _use(record_hours=D(700), record_flop=D("9e23"))),
    ("R-23", _use(filing_hours=None, record_flop=D("2.6e23"))),
    ("R-23", replace(ALONE, as_of=ENDED_ON + timedelta(days=45))),
    ("R-23", replace(ALONE, record_flop=D("1e23"))),
    ("R-23", replace(ALONE, workload="inference")),
    ("R-23", _use(record_hours=None, record_flop=None, provider="")),  # its own machines: nobody else reports
    ("R-23", _use(record_hours=None, record_flop=None, as_of=ENDED_ON + timedelta(days=45))),
    ("R-24", replace(PATTERN, nodes=31)),
    ("R-24", replace(PATTERN, steady_days=6)),
    ("R-24", replace(PATTERN, all_reduce_share=D("0.199"), interconnect_gbit_per_s=D(400))),
    ("R-24", replace(PATTERN, all_reduce_share=None, interconnect_gbit_per_s=D("99.9"))),
    ("R-24", replace(PATTERN, record_flop=D("1e23"))),
    ("R-24", replace(PATTERN, filing_reference="ECAR-2026-000001-1")),
    ("R-24", replace(PATTERN, nodes=None)),
]
