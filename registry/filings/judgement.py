"""From a filing document to its estimates: by hardware, by architecture, as declared, and what they cross when. Pure.

The document says what the provider states; `estimation` and `lineage` hold the law; this module only joins the two.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, localcontext
from enum import StrEnum

from registry.filings import declared, estimation, lineage, thresholds
from registry.filings.assumptions import Assumption, assume, refusal_sentence
from registry.filings.document import run as filed
from registry.filings.document.whole import FilingDocument
from registry.filings.estimation import (
    Agreement,
    Estimate,
    HardwarePeriod,
    Method,
    NotEstimable,
    Term,
)
from registry.filings.lineage import Accrual, BaseModel, Crossing, Modification
from registry.filings.thresholds import Quantity, Threshold
from registry.quantities import EXACT, two_significant_figures

# AI Act Art. 113: Chapter V applies since this day; models trained before are judged by it too (Art. 111(3)).
CHAPTER_V_APPLIES_ON = date(2025, 8, 2)
# Guidelines ¶17: what a general-purpose model can generate.
GENERAL_OUTPUTS = frozenset({"text", "audio", "images", "video"})
NO_FLOP = Decimal(0)


class Choice(StrEnum):
    """Which figure the register works with, and why; sentences stand in `data/assumptions.toml`."""

    DECLARED_CONFIRMED = "declared_confirmed"
    DECLARED_ONLY = "declared_only"
    COMPUTED_DIFFERS = "computed_differs"
    COMPUTED_ONLY = "computed_only"
    NOTHING = "nothing"


@dataclass(frozen=True)
class Refusal:
    """Why a method ("hardware", "architecture") gives no estimate: a stable reason, and its sentence."""

    method: str
    reason: str

    def sentence(self, language: str) -> str:
        """The sentence in "en", "fr" or "de"."""
        return refusal_sentence(self.reason, language=language)


@dataclass(frozen=True)
class Estimates:
    """Everything the register reckons from one document. Amounts are FLOP; None where nothing can be said.

    `used` is the figure for the run that the register works with, `choice` why; `cumulative` adds what else counts for
    Art. 51(2). `between_methods` compares architecture with hardware, `with_declared` the computed with the declared.
    """

    hardware: Estimate | None
    architecture: Estimate | None
    declared: Decimal | None
    declared_cumulative: Decimal | None
    refusals: tuple[Refusal, ...]
    used: Estimate | None
    choice: Choice
    cumulative: Estimate | None
    between_methods: Agreement | None
    with_declared: Agreement | None
    modification: Modification | None
    crossings: tuple[Crossing, ...]

    @property
    def value(self) -> Decimal | None:
        """The amount the register works with for this run."""
        return self.used.value if self.used else None

    @property
    def computed(self) -> Estimate | None:
        """The register's own calculation: by hardware where possible, else by architecture."""
        return self.hardware or self.architecture


def estimate(document: FilingDocument, *, on: date | None = None) -> Estimates:
    """Judge a document by the thresholds in force on a day.

    Without a day: the last day of the run, or the first of Chapter V where that is later.
    """
    run = document.run
    refusals: list[Refusal] = []
    periods = declared.periods(document)
    hardware, architecture = _hardware(run, periods, refusals), _architecture(run, refusals)
    flop, cumulative_flop = declared.flop(run), declared.cumulative_flop(run)
    used, choice = _choose(flop, hardware, architecture)
    day = on or max(run.actual_end_on or run.planned_end_on or CHAPTER_V_APPLIES_ON, CHAPTER_V_APPLIES_ON)
    timeline = _timeline(document, used, periods if hardware else ())
    modification = _modification(run, used, on=day)
    modified = _modification_crossing(modification, timeline, on=day)
    cumulative = _cumulative(document, used, modification, cumulative_flop)
    whole = _cumulative_timeline(document, timeline, cumulative, modified)
    return Estimates(
        hardware=hardware,
        architecture=architecture,
        declared=flop,
        declared_cumulative=cumulative_flop,
        refusals=tuple(refusals),
        used=used,
        choice=choice,
        cumulative=cumulative,
        between_methods=estimation.agreement(hardware.value, architecture.value) if hardware and architecture else None,
        with_declared=_with_declared(flop, hardware or architecture),
        modification=modification,
        crossings=_crossings(document, timeline, whole, modified, on=day),
    )


# ---- the two methods


def _hardware(run: filed.Run, periods: Sequence[HardwarePeriod], refusals: list[Refusal]) -> Estimate | None:
    if not periods:
        refusals.append(Refusal("hardware", "incomplete" if run.hardware else "no-hardware"))
        return None
    try:
        return estimation.from_hardware(periods)
    except NotEstimable as refused:
        refusals.append(Refusal("hardware", refused.reason))
        return None


def _architecture(run: filed.Run, refusals: list[Refusal]) -> Estimate | None:
    architecture = declared.architecture(run)
    if architecture is None:
        refusals.append(Refusal("architecture", "incomplete"))
        return None
    try:
        return estimation.from_architecture(architecture)
    except NotEstimable as refused:
        refusals.append(Refusal("architecture", refused.reason))
        return None


# ---- which figure is used


def _choose(
    flop: Decimal | None, hardware: Estimate | None, architecture: Estimate | None
) -> tuple[Estimate | None, Choice]:
    """The provider's own figure where the law lets it stand (A.2 ¶120), else the register's calculation."""
    computed = [each for each in (hardware, architecture) if each is not None]
    if flop is None:
        return (computed[0], Choice.COMPUTED_ONLY) if computed else (None, Choice.NOTHING)
    if not computed:
        return estimation.from_declaration(flop), Choice.DECLARED_ONLY
    confirming = next((each for each in computed if estimation.agreement(flop, each.value).is_within), None)
    if confirming is None:
        return computed[0], Choice.COMPUTED_DIFFERS
    own = estimation.from_declaration(flop)
    return replace(own, assumptions=(*own.assumptions, *confirming.assumptions)), Choice.DECLARED_CONFIRMED


def _with_declared(flop: Decimal | None, computed: Estimate | None) -> Agreement | None:
    return estimation.agreement(flop, computed.value) if flop is not None and computed is not None else None


# ---- modification and cumulative amount


def _modification(run: filed.Run, used: Estimate | None, *, on: date) -> Modification | None:
    base = run.base_model
    if base is None:
        return None
    own = base.modification_compute_flop or (used.value if used else None)
    if own is None:
        return None
    return lineage.one_third(
        base=BaseModel(declared.base_flop(run), is_systemic_risk=base.is_systemic_risk is True),
        modification_flop=own,
        on=on,
    )


def _is_others_base(document: FilingDocument) -> bool:
    """Whether the base is somebody else's model that is only modified: then the one-third rule decides (¶60-61)."""
    return document.run.base_model is not None and document.filer.role == "downstream_modifier"


def _base_flop(document: FilingDocument, modification: Modification | None) -> tuple[Decimal, tuple[Assumption, ...]]:
    """The compute behind the weights the run starts from, and what is assumed about it (A.1 ¶118)."""
    run = document.run
    weights = declared.initial_weights_flop(run)
    base = run.base_model
    if base is None:
        return weights, _weights_assumption(weights)
    if _is_others_base(document) and (modification is None or not modification.is_exceeded):
        return NO_FLOP, (assume("base-model-not-counted"),)
    known = declared.base_flop(run)
    if known is None:
        return weights, (assume("base-model-unknown"), *_weights_assumption(weights))
    counted = max(known, weights)
    found = (assume("base-model-counted", flop=two_significant_figures(counted)),)
    return counted, (*found, assume("larger-of-weights")) if weights else found


def _weights_assumption(weights: Decimal) -> tuple[Assumption, ...]:
    return (assume("initial-weights-counted", flop=two_significant_figures(weights)),) if weights else ()


def _cumulative(
    document: FilingDocument, used: Estimate | None, modification: Modification | None, stated: Decimal | None
) -> Estimate | None:
    """The run and all that counts with it, or the declared cumulative figure unless it lies more than 30 % below."""
    if used is None:
        return estimation.from_declaration(stated) if stated is not None else None
    summed = estimation.with_inclusions(used, declared.inclusions(document.run))
    base, found = _base_flop(document, modification)
    if base or found:
        with localcontext(EXACT):
            value = summed.value + base
        terms = (*summed.terms, Term("base-model", base)) if base else summed.terms
        method = Method.SUM if base else summed.method
        summed = Estimate(value, method, terms, (*summed.assumptions, *found))
    if stated is not None and estimation.from_declaration(stated).high >= summed.value:
        own = estimation.from_declaration(stated)
        return replace(own, assumptions=(*own.assumptions, *summed.assumptions))
    return summed


# ---- time


def _timeline(
    document: FilingDocument, used: Estimate | None, periods: Sequence[HardwarePeriod]
) -> tuple[Accrual, ...]:
    """How the used amount came about: in the proportion of the hardware periods, else evenly over the run."""
    if used is None:
        return ()
    if periods:
        return _scaled(tuple(lineage.accrual(each) for each in periods), used.value)
    starts_at, ends_at = declared.span(document.run)
    # Without a known end the whole is taken at the start: the earliest day it can be.
    return (Accrual(used.value, starts_at, ends_at or starts_at, declared.is_planned(document)),)


def _scaled(timeline: tuple[Accrual, ...], flop: Decimal) -> tuple[Accrual, ...]:
    """The same course in time, adding up to `flop` exactly."""
    with localcontext(EXACT):
        total = sum((each.flop for each in timeline), NO_FLOP)
        if total == flop:
            return timeline
        shares = [each.flop * flop / total for each in timeline[:-1]]
        shares.append(flop - sum(shares, NO_FLOP))
    return tuple(replace(each, flop=share) for each, share in zip(timeline, shares, strict=True))


def _cumulative_timeline(
    document: FilingDocument,
    timeline: tuple[Accrual, ...],
    cumulative: Estimate | None,
    modified: Crossing | None,
) -> tuple[Accrual, ...]:
    """The run in time and, when it starts, all that lies before it; another's base from the moment it counts."""
    if cumulative is None:
        return ()
    planned = any(each.is_planned for each in timeline)
    starts = [each.starts_at for each in timeline if each.starts_at is not None]
    begins_at = min(starts, default=None)
    if _is_others_base(document) and modified is not None:
        begins_at = modified.at
    with localcontext(EXACT):
        beside = cumulative.value - sum((each.flop for each in timeline), NO_FLOP)
    if beside < 0:
        return _scaled(timeline, cumulative.value)
    return (*timeline, Accrual(beside, begins_at, begins_at, planned)) if beside else timeline


# ---- crossings


def _modification_crossing(
    modification: Modification | None, timeline: tuple[Accrual, ...], *, on: date
) -> Crossing | None:
    """When the modification exceeds one third; the limit is in FLOP, so the run's course tells the day."""
    if modification is None or not modification.is_exceeded:
        return None
    row = thresholds.threshold(modification.threshold, on=on)
    course = _scaled(timeline, modification.flop) if timeline else (Accrual(modification.flop),)
    return next(iter(lineage.crossings(course, [replace(row, value=modification.limit_flop)])), None)


def _crossings(
    document: FilingDocument,
    timeline: tuple[Accrual, ...],
    whole: tuple[Accrual, ...],
    modified: Crossing | None,
    *,
    on: date,
) -> tuple[Crossing, ...]:
    updates = () if document.run.stage == "synthetic_data_generation" else timeline
    found = [
        *lineage.crossings(updates, _update_limits(document, on=on)),
        *lineage.crossings(whole, lineage.compute_thresholds(quantity=Quantity.CUMULATIVE_TRAINING_COMPUTE, on=on)),
    ]
    if modified is not None:
        found.append(modified)
        base = document.run.base_model
        is_presumed = _is_others_base(document) and base is not None and base.is_systemic_risk is True
        if is_presumed and all(each.threshold != "systemic-risk" for each in found):
            # ¶65-68: who modifies a model with systemic risk beyond the limit is presumed to provide one.
            found.append(replace(modified, threshold="systemic-risk"))
    return tuple(found)


def _update_limits(document: FilingDocument, *, on: date) -> Iterable[Threshold]:
    """The limits for compute that updates parameters; 10^23 indicates generality only for what generates content."""
    outputs = {each.modality for each in document.model.modalities_out} if document.model else set()
    is_general = not outputs or not outputs.isdisjoint(GENERAL_OUTPUTS)
    for row in lineage.compute_thresholds(quantity=Quantity.TRAINING_COMPUTE, on=on):
        if is_general or not row.code.endswith("general-purpose"):
            yield row
    if document.run.biological_sequence_data:
        yield from lineage.compute_thresholds(quantity=Quantity.BIOLOGICAL_TRAINING_COMPUTE, on=on)
