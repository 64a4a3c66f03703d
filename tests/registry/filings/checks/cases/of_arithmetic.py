"""Cases of the checks of the estimate. Base run: 2.297e25 by hardware, 2.296e25 by architecture, 2.3e25 declared."""

from tests.documents import REMOVED
from tests.registry.filings.checks.cases.case import Case, Changes


def _compute(**members: object) -> Changes:
    return {f"run__training_compute__{name}": value for name, value in members.items()}


def _declared(flop: str) -> Changes:
    return _compute(training_compute_flop=flop, cumulative_training_compute_flop=REMOVED)


def _architecture(**members: object) -> Changes:
    return {f"run__architecture__{name}": value for name, value in members.items()}


def _inclusions(**members: object) -> Changes:
    return {f"run__inclusions__{name}": value for name, value in members.items()}


def _base(**members: object) -> Changes:
    return {f"run__base_model__{name}": value for name, value in members.items()}


def _synthetic(flop: str) -> Changes:
    return _inclusions(has_non_public_synthetic_data=True, non_public_synthetic_data_flop=flop)


CASES = (
    Case("estimate-off-hardware", _declared("1.7e25"), _declared("1.8e25")),
    Case("estimate-off-hardware", _declared("3.3e25"), _declared("3.2e25")),
    Case("estimate-off-architecture", _declared("1.7e25"), _declared("1.8e25")),
    Case("methods-disagree", _architecture(tokens="1.24e13"), _architecture(tokens="1.22e13")),
    Case("register-uses-own-figure", _declared("3.3e25"), _declared("3.2e25")),
    Case("estimate-of-one-figure", _declared("2e25"), _declared("2.0e25")),
    Case(
        "estimate-of-one-figure",
        _compute(cumulative_training_compute_flop="3e25"),
        _compute(cumulative_training_compute_flop="3.0e25"),
        pointer="/run/training_compute/cumulative_training_compute_flop",
    ),
    Case("quantity-of-one-figure", {"model__parameters": "4e11"}, {"model__parameters": "4.0e11"}),
    Case(
        "quantity-of-one-figure",
        {"run__energy__energy_mwh": "10000"},
        {"run__energy__energy_mwh": "11000"},
        base="completed",
    ),
    Case("uncertainty-above-margin", _compute(uncertainty_percent="30.1"), _compute(uncertainty_percent="30")),
    Case(
        "cumulative-below-run",
        _compute(cumulative_training_compute_flop="2.2e25"),
        _compute(cumulative_training_compute_flop="2.3e25"),
    ),
    Case("cumulative-too-low", _synthetic("7.0e24"), _synthetic("6.8e24")),
    Case("inclusion-without-compute", _inclusions(has_discarded_synthetic_data=True), _synthetic("1.0e22")),
    Case(
        "inclusion-without-compute",
        _inclusions(has_merged_or_initial_weights=True),
        _inclusions(has_merged_or_initial_weights=True, merged_or_initial_weights_flop="1.0e22"),
        pointer="/run/inclusions/merged_or_initial_weights_flop",
    ),
    Case(
        "inclusion-without-compute",
        _inclusions(merged_or_initial_weights_flop=REMOVED) | {"run__base_model": REMOVED},
        _inclusions(merged_or_initial_weights_flop=REMOVED),
        base="fine_tune",
    ),
    Case(
        "compute-without-inclusion",
        _inclusions(synthetic_data_discarded_flop="1.0e22"),
        _inclusions(synthetic_data_discarded_flop="1.0e22", has_discarded_synthetic_data=True),
        pointer="/run/inclusions/has_discarded_synthetic_data",
    ),
    Case(
        "base-compute-without-value",
        _base(training_compute_flop=REMOVED),
        _base(training_compute_flop=REMOVED, training_compute_knowledge="unknown"),
        base="fine_tune",
    ),
    Case(
        "base-compute-though-unknown",
        _base(training_compute_knowledge="unknown"),
        _base(training_compute_knowledge="estimated"),
        base="fine_tune",
    ),
    Case(
        "modification-below-run",
        _base(modification_compute_flop="6.7e21"),
        _base(modification_compute_flop="6.8e21"),
        base="fine_tune",
    ),
    Case("active-exceed-total", _architecture(parameters_active="4.06e11"), {}),
    Case("dense-yet-partly-active", _architecture(parameters_active="4.04e11"), {}),
    Case(
        "dense-yet-partly-active",
        _architecture(parameters_active="4.04e11"),
        _architecture(parameters_active="4.04e11", kind="mixture_of_experts"),
    ),
    Case(
        "active-parameters-missing",
        _architecture(parameters_active=REMOVED, kind="mixture_of_experts"),
        _architecture(parameters_active=REMOVED),
    ),
    Case(
        "passes-needed",
        _compute(method="architecture") | _architecture(kind="other"),
        _compute(method="hardware") | _architecture(kind="other"),
    ),
    Case(
        "passes-needed",
        _compute(method="architecture") | _architecture(kind="other"),
        _compute(method="architecture")
        | _architecture(kind="other", forward_passes="1e9", operations_per_pass="2.3e16"),
    ),
    Case(
        "passes-incomplete",
        _architecture(forward_passes="1e9"),
        _architecture(forward_passes="1e9", operations_per_pass="2.3e16"),
        pointer="/run/architecture/operations_per_pass",
    ),
    Case(
        "context-too-long",
        _architecture(parameters_total="1.0e6", parameters_active="1.0e6", context_tokens=1_200_001),
        _architecture(parameters_total="1.0e6", parameters_active="1.0e6", context_tokens=1_200_000),
    ),
    Case("epochs-zero", _architecture(epochs="0"), _architecture(epochs="0.5")),
    Case("epochs-multiply", _architecture(epochs="1.5"), _architecture(epochs="1")),
    Case("tokens-out-of-proportion", _architecture(tokens="4.04e10"), _architecture(tokens="4.05e10")),
    Case("tokens-out-of-proportion", _architecture(tokens="8.2e16"), _architecture(tokens="8.1e16")),
    Case(
        "tokens-out-of-proportion",
        _architecture(tokens="4.04e10"),
        _architecture(tokens="4.04e10") | {"run__stage": "merge"},
    ),
    Case("parameters-disagree", {"model__parameters": "4.26e11"}, {"model__parameters": "4.25e11"}),
    Case("duration-exceeds-days", {"run__hardware__0__duration_seconds": "7084801"}, {}),
    Case("wall-clock-exceeds-days", {"run__wall_clock_hours": "1969"}, {}, base="completed"),
    Case(
        "wall-clock-below-hardware",
        {"run__wall_clock_hours": "1948"},
        {"run__wall_clock_hours": "1949"},
        base="completed",
    ),
)
