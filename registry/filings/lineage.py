"""Compute over a model's whole lifecycle: cumulative amounts, the day a threshold is crossed, the one-third rule. Pure.

Source: Commission Guidelines on general-purpose AI models ¶22-23, ¶30, ¶60-61 and Annex A.1.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, localcontext
from enum import StrEnum
from fractions import Fraction
from types import MappingProxyType
from zoneinfo import ZoneInfo

from registry.filings import thresholds
from registry.filings.assumptions import Assumption, assume
from registry.filings.estimation import Estimate, Exclusion, HardwarePeriod, Method, NotEstimable, Term, period_flop
from registry.filings.thresholds import Quantity, Threshold
from registry.quantities import EXACT

# Legal days are days of the Commission's seat.
SEAT = ZoneInfo("Europe/Brussels")
_MICROSECOND = timedelta(microseconds=1)


class StageKind(StrEnum):
    """The stages of a model's development that count; what need not be counted is an `Exclusion`."""

    PRE_TRAINING = "pre_training"
    CONTINUED_PRE_TRAINING = "continued_pre_training"
    FINE_TUNING = "fine_tuning"
    REINFORCEMENT_LEARNING = "reinforcement_learning"
    SYNTHETIC_DATA_GENERATION = "synthetic_data_generation"
    MERGE = "merge"


@dataclass(frozen=True)
class Accrual:
    """An amount of FLOP that accrues evenly from one moment to another (zone-aware), or at once where they are equal.

    Without moments it is taken to lie before everything dated, such as the compute of a base model.
    """

    flop: Decimal
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    is_planned: bool = False

    def __post_init__(self) -> None:
        if (self.starts_at is None) != (self.ends_at is None):
            raise ValueError("an accrual has both moments or none")
        if self.starts_at is not None and self.ends_at is not None:
            # Differences of local times of one zone would ignore a change of the clocks: universal time does not.
            object.__setattr__(self, "starts_at", _universal(self.starts_at))
            object.__setattr__(self, "ends_at", _universal(self.ends_at))
            if self.ends_at < self.starts_at:
                raise ValueError("an accrual cannot end before it starts")
        if self.flop < 0:
            raise ValueError("compute cannot be negative")


@dataclass(frozen=True)
class Stage:
    """One stage of a model, known by its code. The same stage reached on two ways of a merge counts once."""

    code: str
    kind: StageKind | Exclusion
    accruals: tuple[Accrual, ...]

    @property
    def flop(self) -> Decimal:
        """The stage's compute."""
        with localcontext(EXACT):
            return sum((each.flop for each in self.accruals), Decimal(0))


@dataclass(frozen=True)
class Cumulative:
    """The sum over the stages that count, and how it came about in time."""

    estimate: Estimate
    timeline: tuple[Accrual, ...]


@dataclass(frozen=True)
class Crossing:
    """When a cumulative amount passes a threshold. Moment and day are None where the undated part alone does."""

    threshold: str
    at: datetime | None
    is_projected: bool
    assumptions: tuple[Assumption, ...]

    @property
    def on(self) -> date | None:
        """The day in Brussels on which the threshold is crossed."""
        return None if self.at is None else self.at.astimezone(SEAT).date()


class Basis(StrEnum):
    """From which figure the one-third limit is taken (¶60-61)."""

    BASE_COMPUTE = "base_compute"
    SYSTEMIC_RISK_FALLBACK = "systemic_risk_fallback"
    GENERAL_PURPOSE_FALLBACK = "general_purpose_fallback"


@dataclass(frozen=True)
class BaseModel:
    """The original model; its compute is None where it is unknown and cannot be estimated."""

    training_compute_flop: Decimal | None
    is_systemic_risk: bool


@dataclass(frozen=True)
class Modification:
    """The one-third rule applied: `limit_flop` is exact, `is_exceeded` strict."""

    flop: Decimal
    limit_flop: Fraction
    basis: Basis
    threshold: str
    is_exceeded: bool

    @property
    def share_of_limit(self) -> Fraction:
        """How much of the limit is used; above one it is exceeded."""
        return Fraction(self.flop) / self.limit_flop


_FALLBACKS = MappingProxyType(
    {
        True: ("modification-systemic-risk", Basis.SYSTEMIC_RISK_FALLBACK),
        False: ("modification-general-purpose", Basis.GENERAL_PURPOSE_FALLBACK),
    }
)


def accrual(period: HardwarePeriod) -> Accrual:
    """The compute of a hardware period over its calendar time; without an end it runs its seconds from the start."""
    if period.starts_at is None:
        return Accrual(period_flop(period), is_planned=period.is_planned)
    starts_at = _universal(period.starts_at)
    ends_at = period.ends_at or starts_at + timedelta(microseconds=int(period.seconds * 1_000_000))
    return Accrual(period_flop(period), starts_at, ends_at, period.is_planned)


def cumulative(stages: Sequence[Stage]) -> Cumulative:
    """Everything used to train one model: each stage once, what need not be counted left out (¶22-23, A.1 ¶119).

    Raises NotEstimable where nothing counts, ValueError where two different stages carry one code.
    """
    distinct = {stage.code: stage for stage in stages}
    if any(distinct[stage.code] != stage for stage in stages):
        raise ValueError("two different stages carry one code")
    counted = [stage for stage in distinct.values() if isinstance(stage.kind, StageKind)]
    if not counted:
        raise NotEstimable("no-stages")
    left_out = sorted({stage.kind for stage in distinct.values() if isinstance(stage.kind, Exclusion)})
    terms = tuple(Term(stage.code, stage.flop) for stage in counted)
    with localcontext(EXACT):
        value = sum((term.flop for term in terms), Decimal(0))
    found = [assume("stages-added", count=len(counted))]
    found += [assume(f"excluded-{kind.value.replace('_', '-')}") for kind in left_out]
    return Cumulative(
        Estimate(value, Method.SUM, terms, tuple(found)),
        tuple(each for stage in counted for each in stage.accruals),
    )


def crossings(timeline: Sequence[Accrual], limits: Iterable[Threshold]) -> tuple[Crossing, ...]:
    """For each threshold that the timeline passes: moment and day, exact to the microsecond, lowest limit first.

    A threshold that is strictly "greater than" is passed only by what comes after equality; a timeline that ends equal
    to it has not passed it. `is_projected` says that planned compute is among what was needed.
    """
    steps = tuple(_steps(timeline))
    ordered = sorted(limits, key=lambda row: (row.value, row.code))
    found = (_crossing(timeline, steps, limit) for limit in ordered)
    return tuple(each for each in found if each is not None)


def one_third(
    *, base: BaseModel, modification_flop: Decimal, on: date, among: Sequence[Threshold] | None = None
) -> Modification:
    """Whether a modification makes its author a provider: more than one third of the original's compute (¶60).

    Where the original's compute is unknown, a third of 10^25 for a model with systemic risk, else of 10^23 (¶61).
    """
    if base.training_compute_flop is None:
        code, basis = _FALLBACKS[base.is_systemic_risk]
        row = thresholds.threshold(code, on=on, among=among)
        limit, measure = row.value, Fraction(modification_flop)
    else:
        if base.training_compute_flop <= 0:
            raise NotEstimable("no-amount")
        row = thresholds.threshold("modification-share", on=on, among=among)
        basis, original = Basis.BASE_COMPUTE, Fraction(base.training_compute_flop)
        limit, measure = row.value * original, Fraction(modification_flop) / original
    return Modification(modification_flop, limit, basis, row.code, thresholds.crossed(measure, row))


def compute_thresholds(*, quantity: Quantity, on: date) -> tuple[Threshold, ...]:
    """The thresholds in force on a day for a model's compute."""
    return thresholds.applicable(quantity=quantity, applies_to="model", on=on)


def _universal(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment carries a time zone")
    return moment.astimezone(UTC)


@dataclass(frozen=True)
class _Step:
    """The state of the sum from a moment on: what has accrued, and how fast it grows until the next moment."""

    at: datetime | None
    flop: Fraction
    rate_per_microsecond: Fraction


def _steps(timeline: Sequence[Accrual]) -> Iterable[_Step]:
    """The piecewise linear sum: one step before everything dated, then one per moment at which something changes."""
    flop = sum((Fraction(each.flop) for each in timeline if each.starts_at is None), Fraction(0))
    yield _Step(None, flop, Fraction(0))
    jumps: dict[datetime, Fraction] = {}
    slopes: dict[datetime, Fraction] = {}
    for each in timeline:
        if each.starts_at is None or each.ends_at is None:
            continue
        length = (each.ends_at - each.starts_at) // _MICROSECOND
        if length == 0:
            jumps[each.starts_at] = jumps.get(each.starts_at, Fraction(0)) + Fraction(each.flop)
            continue
        rate = Fraction(each.flop) / length
        slopes[each.starts_at] = slopes.get(each.starts_at, Fraction(0)) + rate
        slopes[each.ends_at] = slopes.get(each.ends_at, Fraction(0)) - rate
    previous, rate = None, Fraction(0)
    for moment in sorted(jumps.keys() | slopes.keys()):
        if previous is not None:
            flop += rate * ((moment - previous) // _MICROSECOND)
        flop += jumps.get(moment, Fraction(0))
        rate += slopes.get(moment, Fraction(0))
        previous = moment
        yield _Step(moment, flop, rate)


def _crossing(timeline: Sequence[Accrual], steps: Sequence[_Step], limit: Threshold) -> Crossing | None:
    if not thresholds.crossed(steps[-1].flop, limit):  # the sum never falls
        return None
    for step, after in zip(steps, (*steps[1:], None), strict=True):
        if thresholds.crossed(step.flop, limit):
            return _crossing_at(timeline, limit, step.at)
        if after is None or step.at is None or after.at is None or step.rate_per_microsecond <= 0:
            continue
        until_limit = (limit.value - step.flop) / step.rate_per_microsecond
        if until_limit < (after.at - step.at) // _MICROSECOND:
            return _crossing_at(timeline, limit, step.at + int(until_limit) * _MICROSECOND)
    return None


def _crossing_at(timeline: Sequence[Accrual], limit: Threshold, at: datetime | None) -> Crossing:
    started = [each for each in timeline if each.starts_at is None or (at is not None and each.starts_at <= at)]
    is_projected = any(each.is_planned for each in started)
    found = [assume("even-accrual")] if at is not None else []
    found += [assume("planned-accrual")] if is_projected else []
    return Crossing(limit.code, at, is_projected, tuple(found))
