"""Cases of the checks against physics. The base run: 8,192 H100 of 10,240 at a site of 12 MW; energy 14,700 MWh."""

from tests.registry.filings.checks.cases.case import Case, Changes

_H200 = "nvidia-h200-sxm-141gb"
_A100 = "nvidia-a100-sxm4-80gb"


def _first(**members: object) -> Changes:
    return {f"run__hardware__0__{name}": value for name, value in members.items()}


def _site(**members: object) -> Changes:
    return {f"facilities__0__{name}": value for name, value in members.items()}


def _installed(count: int, status: str = "installed", accelerator: str = "nvidia-h100-sxm5-80gb") -> dict[str, object]:
    return {"accelerator": accelerator, "count": count, "status": status}


CASES = (
    Case("accelerator-unknown", _first(accelerator="acme-x1"), _first(accelerator=_H200)),
    Case(
        "accelerator-unknown",
        _site(accelerators=[_installed(10240), _installed(1, accelerator="acme-x1")]),
        _site(accelerators=[_installed(10240), _installed(1, accelerator=_H200)]),
        pointer="/facilities/0/accelerators/1/accelerator",
    ),
    Case(
        "accelerator-before-release",
        _first(starts_on="2022-09-19"),
        _first(starts_on="2022-09-20"),
        pointer="/run/hardware/0/accelerator",
    ),
    Case("precision-not-offered", _first(accelerator=_A100, precision="fp8"), _first(precision="fp8")),
    Case("precision-not-offered", _first(precision="fp4"), _first(precision="tf32")),
    Case("peak-not-dense", _first(is_dense=False), _first(is_dense=True)),
    Case("sparse-peak", _first(peak_flop_per_s="1.979e15"), _first(peak_flop_per_s="1.979e15", precision="fp8")),
    Case("sparse-peak", _first(peak_flop_per_s="1.88e15"), _first(peak_flop_per_s="1.87e15")),
    Case("peak-off-catalogue", _first(peak_flop_per_s="1.039e15"), _first(peak_flop_per_s="1.038e15")),
    Case("peak-off-catalogue", _first(peak_flop_per_s="9.39e14"), _first(peak_flop_per_s="9.40e14")),
    Case("peak-off-catalogue", _first(peak_flop_per_s="9.4e11"), _first(peak_flop_per_s="1.979e15")),
    Case("utilisation-is-occupancy", _first(utilisation_kind="occupancy"), _first(utilisation_kind="hfu")),
    Case("utilisation-unusual", _first(utilisation="0.66"), _first(utilisation="0.65")),
    Case("utilisation-unusual", _first(utilisation="0.04"), _first(utilisation="0.05")),
    Case(
        "utilisation-unusual",
        _first(utilisation="0.76", utilisation_kind="hfu"),
        _first(utilisation="0.76", utilisation_kind="tensor_activity"),
    ),
    Case("utilisation-is-not-mfu", _first(utilisation_kind="hfu"), _first(utilisation_kind="mfu")),
    Case("hardware-amounts-to-nothing", _first(count=0), _first(count=1)),
    Case("hardware-amounts-to-nothing", _first(utilisation="0"), _first(utilisation="0.0001")),
    Case("accelerator-count-unusual", _first(count=1_000_001), _first(count=1_000_000)),
    Case("facility-lacks-power", _site(installed_it_power_kw="8601"), _site(installed_it_power_kw="8602")),
    Case(
        "facility-lacks-power",
        _site(accelerators=[_installed(10240), _installed(10240)]),
        _site(accelerators=[_installed(10240), _installed(10240, "planned")]),
    ),
    Case("size-class-off-power", _site(installed_it_power_kw="10000"), _site(installed_it_power_kw="10001")),
    Case(
        "size-class-off-power",
        _site(installed_it_power_kw="499", size_class="500-1000kw"),
        _site(installed_it_power_kw="500", size_class="500-1000kw"),
    ),
    Case(
        "size-class-off-power",
        _site(installed_it_power_kw="99", size_class="100-500kw"),
        _site(installed_it_power_kw="100", size_class="100-500kw"),
    ),
    Case("run-exceeds-facility", _first(count=10241), _first(count=10240)),
    Case(
        "planned-parts-in-use",
        {"stage": "monitoring"} | _site(accelerators=[_installed(8191), _installed(2049, "planned")]),
        {"stage": "monitoring"} | _site(accelerators=[_installed(8192), _installed(2048, "planned")]),
        pointer="/facilities/0/accelerators/1/status",
    ),
    Case(
        "planned-parts-in-use",
        {"stage": "monitoring"} | _site(accelerators=[_installed(10240, "planned")]),
        {"stage": "planned"} | _site(accelerators=[_installed(10240, "planned")]),
    ),
    Case(
        "cluster-peak-off",
        _site(theoretical_peak_flop_per_s="9.6e18"),
        _site(theoretical_peak_flop_per_s="9.7e18"),
    ),
    Case(
        "cluster-peak-off",
        _site(theoretical_peak_flop_per_s="4.05e19"),
        _site(theoretical_peak_flop_per_s="2.03e19"),
    ),
    Case(
        "large-cluster",
        _site(theoretical_peak_flop_per_s="1.01e20", interconnect_gbit_per_s="301"),
        _site(theoretical_peak_flop_per_s="1.01e20", interconnect_gbit_per_s="300"),
    ),
    Case(
        "large-cluster",
        _site(theoretical_peak_flop_per_s="1.01e20"),
        _site(theoretical_peak_flop_per_s="1.00e20"),
    ),
    Case(
        "site-overhead-unusual",
        _site(power_usage_effectiveness="3.01"),
        _site(power_usage_effectiveness="3.00"),
    ),
    Case(
        "annual-energy-exceeds-power",
        _site(annual_energy_mwh="127544"),
        _site(annual_energy_mwh="127543"),
    ),
    Case(
        "energy-off-chip-hours",
        {"run__energy__energy_mwh": "4510"},
        {"run__energy__energy_mwh": "4520"},
        base="completed",
    ),
    Case(
        "energy-off-chip-hours",
        {"run__energy__energy_mwh": "20500"},
        {"run__energy__energy_mwh": "20450"},
        base="completed",
    ),
)
