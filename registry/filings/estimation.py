"""Training compute by the Commission's methods: Guidelines on general-purpose AI models, C(2025) 7719, Annex A. Pure.

Amounts are FLOP as exact decimals, durations seconds, rates FLOP/s, utilisation a share of one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, localcontext
from enum import StrEnum
from fractions import Fraction

from registry.errors import DomainError
from registry.filings.assumptions import Assumption, assume, refusal_sentence
from registry.quantities import EXACT, as_decimal, two_significant_figures, within

# A.2 ¶120: overall error margin of 30 % of the reported estimate.
MARGIN = Decimal("0.30")
# A.2.2 ¶128: two operations forward and four backward for each parameter and token.
OPERATIONS_PER_PARAMETER_AND_TOKEN = 6
FORWARD_OPERATIONS_PER_PARAMETER_AND_TOKEN = 2
# Fn 13: parameters must be "significantly larger" than a twelfth of the context; ten times is taken for that.
CONTEXT_DIVISOR = 12
SIGNIFICANTLY_LARGER = 10


class NotEstimable(DomainError):
    """The method does not apply to these figures; `reason` is a stable code with a sentence in each language."""

    code = "not-estimable"
    title = "No estimate by this method"

    def __init__(self, reason: str) -> None:
        super().__init__(refusal_sentence(reason, language="en"))
        self.reason = reason


class Method(StrEnum):
    """How an amount of compute was reached; names for people stand in `data/assumptions.toml`."""

    HARDWARE = "hardware"
    ARCHITECTURE_PASSES = "architecture_passes"
    ARCHITECTURE_DENSE = "architecture_dense"
    ARCHITECTURE_ACTIVE = "architecture_active"
    DECLARED = "declared"
    SUM = "sum"


class UtilisationKind(StrEnum):
    """What a utilisation figure measures."""

    MFU = "mfu"
    HFU = "hfu"
    TENSOR_ACTIVITY = "tensor_activity"
    OCCUPANCY = "occupancy"


class ArchitectureKind(StrEnum):
    """Whether every parameter works on every token."""

    DENSE = "dense"
    MIXTURE_OF_EXPERTS = "mixture_of_experts"
    OTHER = "other"


class Exclusion(StrEnum):
    """What need not be counted (A.1 ¶119)."""

    PUBLIC_SYNTHETIC_DATA = "publicly_accessible_synthetic_data"
    DIAGNOSTICS = "diagnostics"
    RESEARCH_AND_FAILED_EXPERIMENTS = "research_and_failed_experiments"
    DISTILLATION_PARENT = "distillation_parent"
    AUXILIARY_MODELS = "auxiliary_models"
    ACTIVATION_RECOMPUTATION = "activation_recomputation"


@dataclass(frozen=True)
class Units:
    """So many accelerators of one kind with their peak rate at the stated precision."""

    count: int
    peak_flop_per_s: Decimal
    precision: str = "bf16"
    is_dense: bool = True


@dataclass(frozen=True)
class HardwarePeriod:
    """A time during which the same units ran. `seconds` is working time, which may be less than the calendar's."""

    units: tuple[Units, ...]
    seconds: Decimal
    utilisation: Decimal
    utilisation_kind: UtilisationKind = UtilisationKind.MFU
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    is_planned: bool = False


@dataclass(frozen=True)
class Architecture:
    """Parameters and tokens, or passes and operations per full pass (forward and backward)."""

    kind: ArchitectureKind
    parameters_total: Decimal | None = None
    parameters_active: Decimal | None = None
    tokens: Decimal | None = None
    epochs: Decimal = Decimal(1)
    context_tokens: int | None = None
    passes: Decimal | None = None
    operations_per_pass: Decimal | None = None


@dataclass(frozen=True)
class Inclusions:
    """What counts beside parameter updates (A.1 ¶116-118), in FLOP, and what is left out (¶119)."""

    synthetic_data_flop: Decimal = Decimal(0)
    discarded_data_flop: Decimal = Decimal(0)
    initial_weights_flop: Decimal = Decimal(0)
    exclusions: tuple[Exclusion, ...] = ()


@dataclass(frozen=True)
class Term:
    """One addend of an estimate."""

    code: str
    flop: Decimal


@dataclass(frozen=True)
class Estimate:
    """An amount of compute with its range (± 30 %), method, addends, and everything taken for granted."""

    value: Decimal
    method: Method
    terms: tuple[Term, ...]
    assumptions: tuple[Assumption, ...]
    low: Decimal = field(init=False)
    high: Decimal = field(init=False)

    def __post_init__(self) -> None:
        with localcontext(EXACT):
            object.__setattr__(self, "low", self.value * (1 - MARGIN))
            object.__setattr__(self, "high", self.value * (1 + MARGIN))

    @property
    def text(self) -> str:
        """The value with two significant figures, as a notification states it (¶31)."""
        return two_significant_figures(self.value)


@dataclass(frozen=True)
class Agreement:
    """How another figure stands to a reported one: their quotient, and whether the margin of 30 % covers it."""

    ratio: Decimal
    is_within: bool


def weighted_mean_peak(units: Sequence[Units]) -> Decimal:
    """H: the mean peak rate in FLOP/s, weighted by the number of units (A.2.1 ¶125)."""
    total = sum(each.count for each in units)
    if total <= 0:
        raise NotEstimable("no-units")
    return as_decimal(sum((each.count * Fraction(each.peak_flop_per_s) for each in units), Fraction(0)) / total)


def period_flop(period: HardwarePeriod) -> Decimal:
    """N · L · H · U of one period, in FLOP. N · H is summed over the units, so the mean is never rounded.

    Raises NotEstimable for sparse peaks, figures at or below zero, and utilisation above one.
    """
    _require_sound(period)
    with localcontext(EXACT):
        rate = sum((each.count * each.peak_flop_per_s for each in period.units), Decimal(0))
        return rate * period.seconds * period.utilisation


def from_hardware(periods: Sequence[HardwarePeriod]) -> Estimate:
    """C = Σ N · L · H · U over periods of constant N (A.2.1 ¶123-126). Raises NotEstimable."""
    if not periods:
        raise NotEstimable("no-hardware")
    terms = tuple(Term(f"period-{place}", period_flop(each)) for place, each in enumerate(periods, start=1))
    return Estimate(_total(terms), Method.HARDWARE, terms, tuple(_hardware_assumptions(periods)))


def from_architecture(architecture: Architecture) -> Estimate:
    """Passes × operations per pass where both are stated; else six operations per parameter and token (A.2.2 ¶127-129).

    All parameters of a dense model, the active ones of a mixture of experts. Raises NotEstimable where neither holds:
    6·P·D is no estimate for other architectures, nor where parameters are not much larger than context/12 (fn 13).
    """
    if architecture.passes is not None and architecture.operations_per_pass is not None:
        return _from_passes(architecture.passes, architecture.operations_per_pass)
    parameters, method, code = _working_parameters(architecture)
    if architecture.tokens is None or architecture.tokens <= 0 or architecture.epochs <= 0:
        raise NotEstimable("no-tokens")
    _require_much_larger_than_context(parameters, architecture.context_tokens)
    with localcontext(EXACT):
        value = OPERATIONS_PER_PARAMETER_AND_TOKEN * parameters * architecture.tokens * architecture.epochs
    found = [assume("operations-counted-equally"), assume(code)]
    if architecture.epochs != 1:
        found.append(assume("epochs-multiply", epochs=architecture.epochs.normalize()))
    if architecture.context_tokens is None:
        found.append(assume("context-unknown"))
    return Estimate(value, method, (Term(method.value, value),), tuple(found))


def from_declaration(flop: Decimal) -> Estimate:
    """The provider's own figure as an estimate with the same margin."""
    if flop <= 0:
        raise NotEstimable("no-amount")
    return Estimate(flop, Method.DECLARED, (Term("declared", flop),), (assume("declared-value"),))


def with_inclusions(estimate: Estimate, inclusions: Inclusions) -> Estimate:
    """The cumulative estimate of a run (the test of Art. 51(2)): parameter updates and what else counts (A.1 ¶116-118).

    For the 10^23 test the estimate itself is the figure: only what contributes directly to parameter updates (¶115).
    """
    amounts = (
        ("synthetic-data-counted", inclusions.synthetic_data_flop),
        ("discarded-data-counted", inclusions.discarded_data_flop),
        ("initial-weights-counted", inclusions.initial_weights_flop),
    )
    counted = [(code, flop) for code, flop in amounts if flop > 0]
    terms = (*estimate.terms, *(Term(code, flop) for code, flop in counted))
    found = [assume(code, flop=two_significant_figures(flop)) for code, flop in counted]
    left_out = [assume(f"excluded-{each.value.replace('_', '-')}") for each in inclusions.exclusions]
    method = Method.SUM if counted else estimate.method
    return Estimate(_total(terms), method, terms, (*estimate.assumptions, *found, *left_out))


def synthetic_generation(
    *, flop_per_sample: Decimal, samples_generated: int, samples_kept: int, is_public: bool = False
) -> Inclusions:
    """The compute of generating synthetic data: every sample counts, kept or not (100 generated, 10 kept count 100).

    Publicly accessible data need not be counted (A.1 ¶119). Raises NotEstimable if more were kept than generated.
    """
    if not 0 <= samples_kept <= samples_generated or flop_per_sample < 0:
        raise NotEstimable("samples")
    if is_public:
        return Inclusions(exclusions=(Exclusion.PUBLIC_SYNTHETIC_DATA,))
    with localcontext(EXACT):
        return Inclusions(
            synthetic_data_flop=flop_per_sample * samples_kept,
            discarded_data_flop=flop_per_sample * (samples_generated - samples_kept),
        )


def forward_pass_flop(*, parameters: Decimal, tokens: Decimal) -> Decimal:
    """Forward passes only: two operations for each working parameter and generated token."""
    with localcontext(EXACT):
        return FORWARD_OPERATIONS_PER_PARAMETER_AND_TOKEN * parameters * tokens


def agreement(reported: Decimal, other: Decimal, *, margin: Decimal = MARGIN) -> Agreement:
    """Whether `other` lies within 30 % of the reported estimate (A.2 ¶120), and other ÷ reported.

    The margin is a share of the reported figure, so the order of the two matters. Raises NotEstimable for reports of 0.
    """
    if reported <= 0:
        raise NotEstimable("no-amount")
    return Agreement(
        ratio=as_decimal(Fraction(other) / Fraction(reported)), is_within=within(reported, other, tolerance=margin)
    )


def _total(terms: Sequence[Term]) -> Decimal:
    with localcontext(EXACT):
        return sum((each.flop for each in terms), Decimal(0))


def _require_sound(period: HardwarePeriod) -> None:
    if not period.units or any(each.count <= 0 for each in period.units):
        raise NotEstimable("no-units")
    if not all(each.is_dense for each in period.units):
        raise NotEstimable("sparse-peak")
    if any(each.peak_flop_per_s <= 0 for each in period.units):
        raise NotEstimable("no-peak")
    if period.seconds <= 0:
        raise NotEstimable("no-time")
    if not 0 < period.utilisation <= 1:
        raise NotEstimable("utilisation")


def _hardware_assumptions(periods: Sequence[HardwarePeriod]) -> Iterable[Assumption]:
    yield assume("operations-counted-equally")
    precisions = sorted({each.precision for period in periods for each in period.units})
    yield assume("peak-dense", precision=", ".join(precisions).upper())
    if any(len({each.peak_flop_per_s for each in period.units}) > 1 for period in periods):
        yield assume("peak-weighted-mean")
    if len(periods) > 1:
        yield assume("periods-summed", count=len(periods))
    for kind in sorted({period.utilisation_kind for period in periods}):
        yield assume(f"utilisation-{kind.value.replace('_', '-')}")


def _from_passes(passes: Decimal, operations_per_pass: Decimal) -> Estimate:
    if passes <= 0 or operations_per_pass <= 0:
        raise NotEstimable("no-passes")
    with localcontext(EXACT):
        value = passes * operations_per_pass
    method = Method.ARCHITECTURE_PASSES
    found = (assume("operations-counted-equally"), assume("passes-stated"))
    return Estimate(value, method, (Term(method.value, value),), found)


def _working_parameters(architecture: Architecture) -> tuple[Decimal, Method, str]:
    """The parameters that work on each token, the method's name, and the assumption that goes with it."""
    if architecture.kind is ArchitectureKind.DENSE and architecture.parameters_total:
        return architecture.parameters_total, Method.ARCHITECTURE_DENSE, "six-operations"
    if architecture.kind is ArchitectureKind.MIXTURE_OF_EXPERTS and architecture.parameters_active:
        return architecture.parameters_active, Method.ARCHITECTURE_ACTIVE, "active-parameters"
    if architecture.kind is ArchitectureKind.OTHER:
        raise NotEstimable("architecture-other")
    raise NotEstimable("no-parameters")


def _require_much_larger_than_context(parameters: Decimal, context_tokens: int | None) -> None:
    if context_tokens is not None and parameters * CONTEXT_DIVISOR < SIGNIFICANTLY_LARGER * context_tokens:
        raise NotEstimable("context-too-long")
