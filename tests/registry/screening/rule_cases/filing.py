"""Filings that trigger each rule, with the case they meet, and filings that just do not."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from registry.filings.working_days import Term, Unit, due
from registry.screening.shapes import FilingSnapshot, HardwareLine, Movement

D = Decimal
SMALLEST = D("1000")  # of the 28 digits a plain sum keeps
KNOWN_ON = date(2026, 3, 2)
DUE_AT = due(KNOWN_ON, Term(2, Unit.WEEKS), holidays=frozenset())
LINE = HardwareLine(
    number=1,
    accelerator="nvidia-h100-sxm5-80gb",
    precision="bf16",
    is_dense=True,
    peak_flop_per_s=D("989.4e12"),
    reference_peak_flop_per_s=D("989.4e12"),
    utilisation=D("0.40"),
    utilisation_kind="mfu",
)
ABOVE = FilingSnapshot(reported_flop=D("2.3e25"), notified_at=DUE_AT, notification_due_at=DUE_AT)

DAY = timedelta(days=1)
ENDED_ON = date(2026, 10, 31)
UNCOUNTED = FilingSnapshot(base_model="Heron 2", is_base_public=False)
DISKS = Movement(country="CN", on=date(2026, 7, 1), medium="physical_media", volume_gb=D("5000.5"))
LEAVING = Movement(country="CN", on=date(2026, 11, 30), medium="network", volume_gb=D(300))


def _with(**changes: object) -> FilingSnapshot:
    return FilingSnapshot(hardware=(LINE, replace(LINE, number=2, **changes)))  # type: ignore[arg-type]


# one microsecond after the last of day 14 is the first moment too late
TRIGGERS: list[tuple[str, str, FilingSnapshot]] = [
    ("R-01", "missing", replace(ABOVE, notified_at=None)),
    ("R-01", "missing", replace(ABOVE, notified_at=None, notification_due_at=None)),
    ("R-01", "missing", FilingSnapshot(reported_flop=D("9.9e24"), architecture_flop=D("1e25") + SMALLEST)),
    ("R-01", "missing", FilingSnapshot(reported_flop=D("1e24"), cumulative_flop=(D("1.1e25"),))),
    ("R-01", "late", replace(ABOVE, notified_at=DUE_AT + timedelta(microseconds=1))),
    ("R-02", "systemic_risk", FilingSnapshot(reported_flop=D("7.7e24"))),
    ("R-02", "systemic_risk", FilingSnapshot(reported_flop=D("1e25"))),
    ("R-02", "systemic_risk", FilingSnapshot(reported_flop=D("2e24"), hardware_flop=D("8e24"))),
    ("R-02", "general_purpose", FilingSnapshot(reported_flop=D("7.7e22"))),
    ("R-02", "general_purpose", FilingSnapshot(reported_flop=D("1e23"))),
    ("R-03", "methods", FilingSnapshot(hardware_flop=D("1e24"), architecture_flop=D("1.3e24") + SMALLEST)),
    ("R-03", "methods", FilingSnapshot(hardware_flop=D("1e24"), architecture_flop=D("0.7e24") - SMALLEST)),
    ("R-03", "reported", FilingSnapshot(hardware_flop=D("1e24"), reported_flop=D("1.3e24") + SMALLEST)),
    ("R-03", "reported", FilingSnapshot(hardware_flop=D("1e24"), reported_flop=D("0.7e24") - SMALLEST)),
    ("R-04", "range", _with(utilisation=D("0.049"))),
    ("R-04", "range", _with(utilisation=D("0.651"))),
    ("R-04", "occupancy", _with(utilisation=D("0.5"), utilisation_kind="occupancy")),
    ("R-05", "sparse", _with(is_dense=False, peak_flop_per_s=D("1978.9e12"), reference_peak_flop_per_s=None)),
    ("R-05", "differs", _with(peak_flop_per_s=D("989.4e12") * 2)),
    ("R-05", "differs", _with(peak_flop_per_s=D("989.4e12") * D("1.05") + 1)),
    ("R-05", "differs", _with(peak_flop_per_s=D("989.4e12") * D("0.95") - 1)),
    ("R-07", "near", FilingSnapshot(modification_flop=D("7.5e24") / 3, modification_limit_flop=D("1e25") / 3)),
    ("R-07", "near", FilingSnapshot(modification_flop=D("1e24"), modification_limit_flop=D("1e24"))),
    ("R-08", "base", UNCOUNTED),
    ("R-08", "synthetic", FilingSnapshot(has_non_public_synthetic_data=True)),
    ("R-08", "synthetic", FilingSnapshot(has_non_public_synthetic_data=True, synthetic_data_flop=D(0))),
    ("R-21", "arrivals", FilingSnapshot(data_arrivals=(DISKS, replace(DISKS, volume_gb=D("4999.5"))))),
    ("R-21", "departures", FilingSnapshot(weights_departures=(LEAVING,), ended_on=ENDED_ON)),
    ("R-21", "departures", FilingSnapshot(weights_departures=(replace(LEAVING, on=ENDED_ON),), ended_on=ENDED_ON)),
]
NEAR_MISSES: list[tuple[str, FilingSnapshot]] = [
    ("R-01", ABOVE),
    ("R-01", replace(ABOVE, notification_due_at=None)),
    ("R-01", FilingSnapshot(reported_flop=D("1e25"))),
    ("R-01", FilingSnapshot()),
    ("R-02", FilingSnapshot(reported_flop=D("7.7e24") - SMALLEST)),
    ("R-02", FilingSnapshot(reported_flop=D("1e25") + SMALLEST)),
    ("R-02", FilingSnapshot(reported_flop=D("7.7e22") - SMALLEST)),
    ("R-02", FilingSnapshot(reported_flop=D("1e23") + SMALLEST)),
    ("R-02", FilingSnapshot(reported_flop=D("8e24"), architecture_flop=D("1.2e25"))),
    ("R-02", FilingSnapshot()),
    ("R-03", FilingSnapshot(hardware_flop=D("1e24"), architecture_flop=D("1.3e24"), reported_flop=D("0.7e24"))),
    ("R-03", FilingSnapshot(hardware_flop=D("1e24"), architecture_flop=D("0.7e24"), reported_flop=D("1.3e24"))),
    ("R-03", FilingSnapshot(architecture_flop=D("1e24"), reported_flop=D("9e24"))),
    ("R-03", FilingSnapshot(hardware_flop=D(0), reported_flop=D("9e24"))),
    ("R-04", _with(utilisation=D("0.05"))),
    ("R-04", _with(utilisation=D("0.65"))),
    ("R-04", _with(utilisation=D("0.9"), utilisation_kind="tensor_activity")),
    ("R-04", _with(utilisation=None, utilisation_kind="occupancy")),
    ("R-05", _with(peak_flop_per_s=D("989.4e12") * D("1.05"))),
    ("R-05", _with(peak_flop_per_s=D("989.4e12") * D("0.95"))),
    ("R-05", _with(peak_flop_per_s=D("5e12"), reference_peak_flop_per_s=None)),
    ("R-05", _with(peak_flop_per_s=None)),
    ("R-05", _with(is_dense=None)),
    ("R-07", FilingSnapshot(modification_flop=D("0.75e24") - SMALLEST, modification_limit_flop=D("1e24"))),
    ("R-07", FilingSnapshot(modification_flop=D("1e24") + SMALLEST, modification_limit_flop=D("1e24"))),
    ("R-07", FilingSnapshot(modification_flop=D("1e24"))),
    ("R-08", replace(UNCOUNTED, is_base_counted=True)),
    ("R-08", replace(UNCOUNTED, is_base_public=True)),
    ("R-08", replace(UNCOUNTED, is_base_public=None)),
    ("R-08", FilingSnapshot(has_non_public_synthetic_data=True, synthetic_data_flop=D("1e20"))),
    ("R-08", FilingSnapshot(has_non_public_synthetic_data=False)),
    ("R-21", FilingSnapshot(data_arrivals=(DISKS, replace(DISKS, volume_gb=D("4999.499"))))),
    ("R-21", FilingSnapshot(data_arrivals=(replace(DISKS, medium="network", volume_gb=D("1e6")),))),
    ("R-21", FilingSnapshot(data_arrivals=(replace(DISKS, volume_gb=None),))),
    ("R-21", FilingSnapshot(weights_departures=(replace(LEAVING, on=LEAVING.on + DAY),), ended_on=ENDED_ON)),
    ("R-21", FilingSnapshot(weights_departures=(replace(LEAVING, on=ENDED_ON - DAY),), ended_on=ENDED_ON)),
    ("R-21", FilingSnapshot(weights_departures=(replace(LEAVING, country="FR"),), ended_on=ENDED_ON)),
    ("R-21", FilingSnapshot(weights_departures=(LEAVING,))),
]
