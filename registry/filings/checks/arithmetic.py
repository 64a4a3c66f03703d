"""Checks of the estimate: declared against reckoned, method against method, what counts. Texts in `arithmetic.toml`.

Amounts are FLOP. The reckoning itself is that of `registry.filings.judgement`; here it is only compared. Pure.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from registry.filings import estimation
from registry.filings.checks.subject import Hit, Subject, check, hit
from registry.filings.document.run import Architecture
from registry.filings.judgement import Choice
from registry.forms.scalars import written
from registry.quantities import SECONDS_PER_DAY, SECONDS_PER_HOUR, significant_figures, within

TWO_FIGURES: Final = 2
DECLARED = "/run/training_compute/training_compute_flop"
CUMULATIVE = "/run/training_compute/cumulative_training_compute_flop"
MOST_UNCERTAINTY_PERCENT: Final = Decimal(30)
LEAST_TOKENS_PER_PARAMETER: Final = Decimal("0.1")
MOST_TOKENS_PER_PARAMETER: Final = Decimal(200_000)
"""The Guidelines' own examples reach 60,000 (C: 0.6e9 parameters, 36e12 tokens)."""
ROUNDING: Final = Decimal("0.05")
CLOCK_TOLERANCE: Final = Decimal("1.01")


# ---- the declared figure


@check("estimate-off-hardware")
def _estimate_off_hardware(subject: Subject) -> Iterator[Hit]:
    yield from _off(subject, subject.estimates.hardware)


@check("estimate-off-architecture")
def _estimate_off_architecture(subject: Subject) -> Iterator[Hit]:
    yield from _off(subject, subject.estimates.architecture)


def _off(subject: Subject, reckoned: estimation.Estimate | None) -> Iterator[Hit]:
    if subject.flop is not None and reckoned is not None:
        agreement = estimation.agreement(subject.flop, reckoned.value)
        if not agreement.is_within:
            yield hit(DECLARED, declared=subject.flop, reckoned=reckoned.value, ratio=agreement.ratio)


@check("methods-disagree")
def _methods_disagree(subject: Subject) -> Iterator[Hit]:
    found = subject.estimates
    if found.between_methods is None or found.hardware is None or found.architecture is None:
        return
    if not found.between_methods.is_within:
        yield hit("/run/architecture", hardware=found.hardware.value, architecture=found.architecture.value)


@check("register-uses-own-figure")
def _register_uses_own_figure(subject: Subject) -> Iterator[Hit]:
    found = subject.estimates
    if found.choice is Choice.COMPUTED_DIFFERS and found.used is not None and subject.flop is not None:
        yield hit(DECLARED, declared=subject.flop, used=found.used.value)


@check("estimate-of-one-figure")
def _estimate_of_one_figure(subject: Subject) -> Iterator[Hit]:
    compute = subject.run.training_compute
    for name in ("training_compute_flop", "cumulative_training_compute_flop") if compute else ():
        value = getattr(compute, name)
        if value is not None and significant_figures(written(value)) < TWO_FIGURES:
            yield hit(f"/run/training_compute/{name}", value=written(value))


@check("quantity-of-one-figure")
def _quantity_of_one_figure(subject: Subject) -> Iterator[Hit]:
    energy = subject.run.energy.energy_mwh if subject.run.energy else None
    parameters = subject.document.model.parameters if subject.document.model else None
    for pointer, value in (("/run/energy/energy_mwh", energy), ("/model/parameters", parameters)):
        if value is not None and significant_figures(written(value)) < TWO_FIGURES:
            yield hit(pointer, element=pointer, value=written(value))


@check("uncertainty-above-margin")
def _uncertainty_above_margin(subject: Subject) -> Iterator[Hit]:
    stated = subject.run.training_compute.uncertainty_percent if subject.run.training_compute else None
    if stated is not None and stated > MOST_UNCERTAINTY_PERCENT:
        yield hit("/run/training_compute/uncertainty_percent", stated=stated, most=MOST_UNCERTAINTY_PERCENT)


# ---- what adds up


@check("cumulative-below-run")
def _cumulative_below_run(subject: Subject) -> Iterator[Hit]:
    whole = subject.estimates.declared_cumulative
    if whole is not None and subject.flop is not None and whole < subject.flop:
        yield hit(CUMULATIVE, cumulative=whole, run=subject.flop)


@check("cumulative-too-low")
def _cumulative_too_low(subject: Subject) -> Iterator[Hit]:
    found = subject.estimates
    if found.cumulative is None or found.declared_cumulative is None:
        return
    if found.cumulative.value > found.declared_cumulative:
        yield hit(CUMULATIVE, declared=found.declared_cumulative, reckoned=found.cumulative.value)


INCLUSIONS: Final = (
    ("has_non_public_synthetic_data", "non_public_synthetic_data_flop"),
    ("has_discarded_synthetic_data", "synthetic_data_discarded_flop"),
    ("has_merged_or_initial_weights", "merged_or_initial_weights_flop"),
)


@check("inclusion-without-compute")
def _inclusion_without_compute(subject: Subject) -> Iterator[Hit]:
    stated = subject.run.inclusions
    base = subject.run.base_model
    for flag, amount in INCLUSIONS if stated else ():
        is_told_by_base = flag == "has_merged_or_initial_weights" and base is not None
        if getattr(stated, flag) is True and getattr(stated, amount) is None and not is_told_by_base:
            yield hit(f"/run/inclusions/{amount}", element=f"/run/inclusions/{flag}")


@check("compute-without-inclusion")
def _compute_without_inclusion(subject: Subject) -> Iterator[Hit]:
    stated = subject.run.inclusions
    for flag, amount in INCLUSIONS if stated else ():
        value = getattr(stated, amount)
        if value is not None and getattr(stated, flag) is False:
            yield hit(f"/run/inclusions/{flag}", element=f"/run/inclusions/{flag}", value=value)


@check("base-compute-without-value")
def _base_compute_without_value(subject: Subject) -> Iterator[Hit]:
    base = subject.run.base_model
    if base is None or base.training_compute_flop is not None:
        return
    if base.training_compute_knowledge in ("known", "estimated"):
        yield hit("/run/base_model/training_compute_flop", knowledge=base.training_compute_knowledge)


@check("base-compute-though-unknown")
def _base_compute_though_unknown(subject: Subject) -> Iterator[Hit]:
    base = subject.run.base_model
    if base is not None and base.training_compute_flop and base.training_compute_knowledge == "unknown":
        yield hit("/run/base_model/training_compute_knowledge", value=base.training_compute_flop)


@check("modification-below-run")
def _modification_below_run(subject: Subject) -> Iterator[Hit]:
    base, used = subject.run.base_model, subject.estimates.value
    if base is None or base.modification_compute_flop is None or used is None:
        return
    if base.modification_compute_flop < used * (1 - estimation.MARGIN):
        yield hit("/run/base_model/modification_compute_flop", stated=base.modification_compute_flop, run=used)


# ---- the architecture


def _architecture(subject: Subject) -> Architecture:
    return subject.run.architecture or Architecture()


@check("active-exceed-total")
def _active_exceed_total(subject: Subject) -> Iterator[Hit]:
    stated = _architecture(subject)
    if stated.parameters_active and stated.parameters_total and stated.parameters_active > stated.parameters_total:
        active, total = stated.parameters_active, stated.parameters_total
        yield hit("/run/architecture/parameters_active", active=active, total=total)


@check("dense-yet-partly-active")
def _dense_yet_partly_active(subject: Subject) -> Iterator[Hit]:
    stated = _architecture(subject)
    if stated.kind != "dense" or not stated.parameters_active or not stated.parameters_total:
        return
    if stated.parameters_active < stated.parameters_total:
        active, total = stated.parameters_active, stated.parameters_total
        yield hit("/run/architecture/kind", active=active, total=total)


@check("active-parameters-missing")
def _active_parameters_missing(subject: Subject) -> Iterator[Hit]:
    stated = _architecture(subject)
    if stated.kind == "mixture_of_experts" and stated.parameters_active is None:
        yield hit("/run/architecture/parameters_active")


@check("passes-needed")
def _passes_needed(subject: Subject) -> Iterator[Hit]:
    stated, compute = _architecture(subject), subject.run.training_compute
    by_architecture = compute is not None and compute.method == "architecture"
    has_both = stated.forward_passes is not None and stated.operations_per_pass is not None
    if stated.kind == "other" and by_architecture and not has_both:
        yield hit("/run/architecture/forward_passes")


@check("passes-incomplete")
def _passes_incomplete(subject: Subject) -> Iterator[Hit]:
    stated = _architecture(subject)
    for name, other in (("forward_passes", "operations_per_pass"), ("operations_per_pass", "forward_passes")):
        if getattr(stated, name) is None and getattr(stated, other) is not None:
            yield hit(f"/run/architecture/{name}", element=f"/run/architecture/{name}")


@check("context-too-long")
def _context_too_long(subject: Subject) -> Iterator[Hit]:
    stated = _architecture(subject)
    if any(refusal.reason == "context-too-long" for refusal in subject.estimates.refusals):
        parameters = stated.parameters_active or stated.parameters_total or Decimal(0)
        yield hit("/run/architecture/context_tokens", context=stated.context_tokens or 0, parameters=parameters)


@check("epochs-zero")
def _epochs_zero(subject: Subject) -> Iterator[Hit]:
    if _architecture(subject).epochs == 0:
        yield hit("/run/architecture/epochs")


@check("epochs-multiply")
def _epochs_multiply(subject: Subject) -> Iterator[Hit]:
    stated = _architecture(subject)
    if stated.epochs is not None and stated.tokens is not None and stated.epochs > 1:
        total = stated.tokens * stated.epochs
        yield hit("/run/architecture/epochs", tokens=stated.tokens, epochs=stated.epochs, total=total)


@check("tokens-out-of-proportion")
def _tokens_out_of_proportion(subject: Subject) -> Iterator[Hit]:
    stated = _architecture(subject)
    parameters = stated.parameters_active or stated.parameters_total
    if subject.run.stage != "pre_training" or not parameters or not stated.tokens:
        return
    ratio = stated.tokens / parameters
    if not LEAST_TOKENS_PER_PARAMETER <= ratio <= MOST_TOKENS_PER_PARAMETER:
        yield hit("/run/architecture/tokens", tokens=stated.tokens, parameters=parameters, ratio=ratio)


@check("parameters-disagree")
def _parameters_disagree(subject: Subject) -> Iterator[Hit]:
    stated, model = _architecture(subject).parameters_total, subject.document.model
    named = model.parameters if model else None
    if stated is not None and named is not None and not within(stated, named, tolerance=ROUNDING):
        yield hit("/model/parameters", model=named, architecture=stated)


# ---- time


@check("duration-exceeds-days")
def _duration_exceeds_days(subject: Subject) -> Iterator[Hit]:
    for index, entry in enumerate(subject.run.hardware):
        start, end = entry.starts_on or subject.starts_on, entry.ends_on or subject.ends_on
        if start is None or end is None or entry.duration_seconds is None:
            continue
        most = ((end - start).days + 1) * SECONDS_PER_DAY
        if entry.duration_seconds > most:
            days, stated = (end - start).days + 1, entry.duration_seconds / SECONDS_PER_DAY
            yield hit(f"/run/hardware/{index}/duration_seconds", stated=stated, start=start, end=end, days=days)


@check("wall-clock-exceeds-days")
def _wall_clock_exceeds_days(subject: Subject) -> Iterator[Hit]:
    hours, start, end = subject.run.wall_clock_hours, subject.starts_on, subject.ends_on
    if hours is not None and start is not None and end is not None:
        most = ((end - start).days + 1) * SECONDS_PER_DAY // SECONDS_PER_HOUR
        if hours > most:
            yield hit("/run/wall_clock_hours", stated=hours, most=most, start=start, end=end)


@check("wall-clock-below-hardware")
def _wall_clock_below_hardware(subject: Subject) -> Iterator[Hit]:
    hours = subject.run.wall_clock_hours
    longest = max((entry.duration_seconds or Decimal(0) for entry in subject.run.hardware), default=Decimal(0))
    if hours is not None and longest > hours * SECONDS_PER_HOUR * CLOCK_TOLERANCE:
        yield hit("/run/wall_clock_hours", stated=hours, longest=longest / SECONDS_PER_HOUR)
