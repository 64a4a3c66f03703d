"""Rules that look at one version of one filing: R-01 to R-05, R-07, R-08, R-21. Pure."""

from collections.abc import Callable, Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import Final

from registry.quantities import format_flop, within
from registry.screening.movement_rules import movements
from registry.screening.rulebook import NOTHING, Inputs, Outcome, Rule
from registry.screening.shapes import FilingSnapshot
from registry.screening.wording import plain, ratio

_LIST = "; "


def _not_notified(snapshot: FilingSnapshot, rule: Rule) -> Outcome:
    """R-01: above 10^25 and nobody said so, or said so after the period of two weeks."""
    estimate, threshold = snapshot.estimate_flop, rule.limits["threshold_flop"]
    if estimate is None or estimate <= threshold:
        return NOTHING
    inputs = {"estimate_flop": format_flop(estimate), "threshold_flop": format_flop(threshold)}
    due_at = snapshot.notification_due_at
    if due_at is not None:
        inputs["due_on"] = due_at.date().isoformat()
    if snapshot.notified_at is None:
        return ("missing",), inputs
    if due_at is None or snapshot.notified_at <= due_at:
        return NOTHING
    notified_on = snapshot.notified_at.astimezone(due_at.tzinfo).date()
    return ("late",), inputs | {"notified_on": notified_on.isoformat()}


def _just_below(snapshot: FilingSnapshot, rule: Rule) -> Outcome:
    """R-02: not above a threshold, but within the permitted error of it.

    The thresholds are crossed only by what is greater, so the threshold itself still belongs to the band.
    """
    estimate = snapshot.estimate_flop
    for case in ("systemic_risk", "general_purpose"):
        low, high = rule.limits[f"{case}_from_flop"], rule.limits[f"{case}_until_flop"]
        if estimate is not None and low <= estimate <= high:
            return (case,), {"estimate_flop": format_flop(estimate), "threshold_flop": format_flop(high)}
    return NOTHING


def _figures_disagree(snapshot: FilingSnapshot, rule: Rule) -> Outcome:
    """R-03: by the hardware as the measure, the architecture's estimate or the filer's figure is too far off."""
    hardware = snapshot.hardware_flop
    if hardware is None or hardware <= 0:
        return NOTHING
    cases: list[str] = []
    inputs: Inputs = {"hardware_flop": format_flop(hardware)}
    inputs |= {name: plain(rule.limits[name]) for name in ("ratio_from", "ratio_until")}
    pairs = (
        ("methods", "architecture_flop", snapshot.architecture_flop),
        ("reported", "reported_flop", snapshot.reported_flop),
    )
    for case, name, amount in pairs:
        if amount is None:
            continue
        inputs[name] = format_flop(amount)
        inputs[f"{case}_ratio"] = ratio(amount, hardware)
        quotient = Fraction(amount) / Fraction(hardware)
        if not Fraction(rule.limits["ratio_from"]) <= quotient <= Fraction(rule.limits["ratio_until"]):
            cases.append(case)
    return tuple(cases), inputs


def _utilisation_not_credible(snapshot: FilingSnapshot, rule: Rule) -> Outcome:
    """R-04: an MFU no run reaches or nobody would accept, or occupancy in its place."""
    low, high = rule.limits["utilisation_from"], rule.limits["utilisation_until"]
    stated = [(line, line.utilisation) for line in snapshot.hardware if line.utilisation is not None]
    outside = [(line, u) for line, u in stated if line.utilisation_kind == "mfu" and not low <= u <= high]
    occupancy = [(line, u) for line, u in stated if line.utilisation_kind == "occupancy"]
    cases, inputs = [], {"utilisation_from": plain(low), "utilisation_until": plain(high)}
    for case, lines in (("range", outside), ("occupancy", occupancy)):
        if lines:
            cases.append(case)
            inputs[f"{case}_lines"] = _LIST.join(f"{line.number}: {plain(u)}" for line, u in lines)
    return tuple(cases), inputs


def _peak_not_dense(snapshot: FilingSnapshot, rule: Rule) -> Outcome:
    """R-05: a sparse peak, or one that is not the reference table's. An accelerator unknown there has no reference."""
    sparse, differing = [], []
    tolerance = rule.limits["tolerance"]
    for line in snapshot.hardware:
        peak, reference = line.peak_flop_per_s, line.reference_peak_flop_per_s
        if line.is_dense is False:
            sparse.append(f"{line.number}: {'' if peak is None else format_flop(peak)}")
        elif peak is not None and reference is not None and not within(reference, peak, tolerance=tolerance):
            differing.append(f"{line.number}: {format_flop(peak)}, {format_flop(reference)}")
    cases, inputs = [], {"tolerance": plain(tolerance)}
    for case, name, lines in (("sparse", "sparse_lines", sparse), ("differs", "differing_lines", differing)):
        if lines:
            cases.append(case)
            inputs[name] = _LIST.join(lines)
    return tuple(cases), inputs


def _just_below_a_third(snapshot: FilingSnapshot, rule: Rule) -> Outcome:
    """R-07: a modification from a quarter of the original (three quarters of the limit) up to the third itself.

    More than a third is no flag but the duty of a provider; the third itself is not more.
    """
    amount, limit = snapshot.modification_flop, snapshot.modification_limit_flop
    if amount is None or limit is None:
        return NOTHING
    if not Fraction(rule.limits["near_from_share"]) * Fraction(limit) <= Fraction(amount) <= Fraction(limit):
        return NOTHING
    figures = {"modification_flop": format_flop(amount), "limit_flop": format_flop(limit)}
    return ("near",), figures | {"limit_ratio": ratio(amount, limit)}


def _compute_omitted(snapshot: FilingSnapshot, rule: Rule) -> Outcome:
    """R-08: the compute of a base model that is not public left out, or synthetic data that nobody computed."""
    del rule  # nothing is measured: something is stated, or is not
    cases, inputs = [], {}
    if snapshot.base_model and snapshot.is_base_public is False and not snapshot.is_base_counted:
        cases.append("base")
        inputs["base_model_name"] = snapshot.base_model
    if snapshot.has_non_public_synthetic_data and not snapshot.synthetic_data_flop:
        cases.append("synthetic")
    return tuple(cases), inputs


RULES: Final[Mapping[str, Callable[[FilingSnapshot, Rule], Outcome]]] = MappingProxyType(
    {
        "R-01": _not_notified,
        "R-02": _just_below,
        "R-03": _figures_disagree,
        "R-04": _utilisation_not_credible,
        "R-05": _peak_not_dense,
        "R-07": _just_below_a_third,
        "R-08": _compute_omitted,
        "R-21": movements,
    }
)
