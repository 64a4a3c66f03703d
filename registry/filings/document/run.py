"""The training run: what is computed, on what, when, from which base (RUN-1 to 10).

Source of the formulas: Commission Guidelines on general-purpose AI models, C(2025) 7719, Annex A.
"""

from functools import partial
from typing import Annotated, Literal

from registry.filings.document.elements import COMPLETED, MONITORING, PLANNED, element
from registry.forms.parts import Part
from registry.forms.scalars import (
    AcceleratorCode,
    Count,
    Day,
    Epochs,
    Flop,
    FlopPerSecond,
    Hours,
    Line,
    Listing,
    Many,
    MegawattHours,
    Name,
    Operations,
    Prose,
    Reference,
    Seconds,
    Share,
    UncertaintyPercent,
)

RunStage = Literal[
    "pre_training",
    "continued_pre_training",
    "fine_tuning",
    "reinforcement_learning",
    "synthetic_data_generation",
    "merge",
]
EstimationMethod = Literal["hardware", "architecture", "measured", "other"]
Precision = Literal["fp32", "tf32", "bf16", "fp16", "fp8", "fp6", "fp4", "int8"]
UtilisationKind = Literal["mfu", "hfu", "tensor_activity", "occupancy"]
Exclusion = Literal[
    "publicly_accessible_synthetic_data",
    "diagnostics",
    "research_and_failed_experiments",
    "distillation_parent",
    "auxiliary_models",
    "activation_recomputation",
]
"""What need not be counted (Guidelines A.1 ¶119)."""

_identity = partial(element, code="RUN-1", cls="R", source="Guidelines ¶22, A.1")
_time = partial(element, code="RUN-2", cls="R", source="AI Act Annex XI 2(d)")
_estimate = partial(element, code="RUN-3", cls="R", source="Guidelines ¶31, ¶120; Model Documentation Form")
_hardware = partial(element, code="RUN-4", cls="S", source="Guidelines A.2.1 ¶123-126")
_architecture = partial(element, code="RUN-5", cls="S", source="Guidelines A.2.2 ¶127-129, fn 13")
_inclusion = partial(element, code="RUN-6", cls="R", source="Guidelines A.1 ¶116-119")
_base = partial(element, code="RUN-7", cls="R", source="Guidelines ¶60-61; Model Documentation Form, dependencies")
_crossing = partial(element, code="RUN-8", cls="R", source="AI Act Art. 52(1)")
_energy = partial(element, code="RUN-9", cls="A", source="AI Act Annex XI 2(e); Model Documentation Form")
_biology = partial(element, code="RUN-10", cls="R", source="EO 14110; AI Act Annex XIII(d)")


class TrainingCompute(Part):
    """The estimate of this run's training compute, and how it was reached."""

    training_compute_flop: Flop | None = _estimate(text="training_compute.training_compute_flop", needed=PLANNED)
    cumulative_training_compute_flop: Flop | None = _estimate(text="training_compute.cumulative_training_compute_flop")
    method: EstimationMethod | None = _estimate(text="training_compute.method", needed=PLANNED)
    approach: Prose | None = _estimate(text="training_compute.approach", needed=PLANNED)
    assumptions: Annotated[tuple[Line, ...], Listing] = _estimate(
        text="training_compute.assumptions", needed=PLANNED, default=(), max_length=50
    )
    approximations: Annotated[tuple[Line, ...], Listing] = _estimate(
        text="training_compute.approximations", needed=PLANNED, default=(), max_length=50
    )
    uncertainty_percent: UncertaintyPercent | None = _estimate(
        text="training_compute.uncertainty_percent", needed=PLANNED
    )


class Hardware(Part):
    """One kind of accelerator during one period of constant N: C = N · L · H · U.

    Entries that carry the same `period` ran at the same time; H is then their unit-weighted mean.
    """

    period: Reference | None = _hardware(text="hardware.period")
    facility_id: Reference | None = _hardware(text="hardware.facility_id")
    accelerator: AcceleratorCode | None = _hardware(text="hardware.accelerator", needed=PLANNED)
    count: Count | None = _hardware(text="hardware.count", needed=PLANNED)
    duration_seconds: Seconds | None = _hardware(text="hardware.duration_seconds", needed=PLANNED)
    peak_flop_per_s: FlopPerSecond | None = _hardware(text="hardware.peak_flop_per_s", needed=PLANNED)
    precision: Precision | None = _hardware(text="hardware.precision", needed=PLANNED)
    is_dense: bool | None = _hardware(text="hardware.is_dense", needed=PLANNED)
    peak_source: Line | None = _hardware(text="hardware.peak_source", needed=PLANNED)
    utilisation: Share | None = _hardware(text="hardware.utilisation", needed=PLANNED)
    utilisation_kind: UtilisationKind | None = _hardware(text="hardware.utilisation_kind", needed=PLANNED)
    starts_on: Day | None = _hardware(text="hardware.starts_on")
    ends_on: Day | None = _hardware(text="hardware.ends_on")


class Architecture(Part):
    """What the architecture-based method needs: parameters and tokens, or passes and operations per pass."""

    kind: Literal["dense", "mixture_of_experts", "other"] | None = _architecture(
        text="architecture.kind", needed=PLANNED
    )
    parameters_total: Many | None = _architecture(text="architecture.parameters_total", needed=PLANNED)
    parameters_active: Many | None = _architecture(text="architecture.parameters_active")
    tokens: Many | None = _architecture(text="architecture.tokens", needed=PLANNED)
    epochs: Epochs | None = _architecture(text="architecture.epochs")
    context_tokens: Count | None = _architecture(text="architecture.context_tokens")
    forward_passes: Operations | None = _architecture(text="architecture.forward_passes")
    operations_per_pass: Operations | None = _architecture(text="architecture.operations_per_pass")


class Inclusions(Part):
    """What the estimate counts beside the run itself, and what it leaves out."""

    has_non_public_synthetic_data: bool | None = _inclusion(
        text="inclusions.has_non_public_synthetic_data", needed=PLANNED
    )
    non_public_synthetic_data_flop: Flop | None = _inclusion(text="inclusions.non_public_synthetic_data_flop")
    has_discarded_synthetic_data: bool | None = _inclusion(
        text="inclusions.has_discarded_synthetic_data", needed=PLANNED
    )
    synthetic_data_discarded_flop: Flop | None = _inclusion(text="inclusions.synthetic_data_discarded_flop")
    has_merged_or_initial_weights: bool | None = _inclusion(
        text="inclusions.has_merged_or_initial_weights", needed=PLANNED
    )
    merged_or_initial_weights_flop: Flop | None = _inclusion(text="inclusions.merged_or_initial_weights_flop")
    exclusions: Annotated[tuple[Exclusion, ...], Listing] = _inclusion(
        text="inclusions.exclusions", default=(), max_length=6
    )


class BaseModelUsed(Part):
    """The model this run starts from or modifies."""

    name: Name | None = _base(text="base_model.name", needed=PLANNED)
    version: Line | None = _base(text="base_model.version")
    provider: Name | None = _base(text="base_model.provider", needed=PLANNED)
    filing_reference: Reference | None = _base(text="base_model.filing_reference")
    training_compute_flop: Flop | None = _base(text="base_model.training_compute_flop")
    training_compute_knowledge: Literal["known", "estimated", "unknown"] | None = _base(
        text="base_model.training_compute_knowledge", needed=PLANNED
    )
    is_systemic_risk: bool | None = _base(text="base_model.is_systemic_risk", needed=PLANNED)
    is_public: bool | None = _base(text="base_model.is_public", needed=PLANNED)
    modification_compute_flop: Flop | None = _base(text="base_model.modification_compute_flop", needed=PLANNED)


class Energy(Part):
    """Energy of the run."""

    energy_mwh: MegawattHours | None = _energy(text="energy.energy_mwh", needed=COMPLETED)
    method: Prose | None = _energy(text="energy.method", needed=COMPLETED)
    withheld_reason: Line | None = _energy(text="energy.withheld_reason")


class Run(Part):
    """The training run."""

    client_run_id: Reference = _identity(text="run.client_run_id", needed=PLANNED, default=...)
    lineage_id: Reference | None = _identity(text="run.lineage_id", needed=PLANNED)
    stage: RunStage = _identity(text="run.stage", needed=PLANNED, default=...)
    planned_start_on: Day | None = _time(text="run.planned_start_on", needed=PLANNED)
    planned_end_on: Day | None = _time(text="run.planned_end_on", needed=PLANNED)
    actual_start_on: Day | None = _time(text="run.actual_start_on", needed=MONITORING)
    actual_end_on: Day | None = _time(text="run.actual_end_on", needed=COMPLETED)
    wall_clock_hours: Hours | None = _time(text="run.wall_clock_hours", needed=COMPLETED)
    training_compute: TrainingCompute | None = _estimate(text="run.training_compute", needed=PLANNED)
    hardware: Annotated[tuple[Hardware, ...], Listing] = _hardware(
        text="run.hardware", needed=PLANNED, default=(), max_length=500
    )
    architecture: Architecture | None = _architecture(text="run.architecture", needed=PLANNED)
    inclusions: Inclusions | None = _inclusion(text="run.inclusions", needed=PLANNED)
    base_model: BaseModelUsed | None = _base(text="run.base_model")
    met_on: Day | None = _crossing(text="run.met_on")
    known_on: Day | None = _crossing(text="run.known_on")
    energy: Energy | None = _energy(text="run.energy", needed=COMPLETED)
    biological_sequence_data: bool | None = _biology(text="run.biological_sequence_data", needed=PLANNED)
