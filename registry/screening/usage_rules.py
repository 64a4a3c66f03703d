"""Rules on one use of compute and the filing that should go with it: R-23, R-24. Pure."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from math import ceil
from types import MappingProxyType
from typing import Final, Literal

from registry.quantities import format_flop, within
from registry.screening.group_rules import TRAINING_LIKE
from registry.screening.rulebook import NOTHING, Inputs, Outcome, Rule
from registry.screening.shapes import UsageSnapshot
from registry.screening.wording import percent, plain, ratio


def _sides_disagree(snapshot: UsageSnapshot, rule: Rule) -> Outcome:
    """R-23: what the provider reports differs from what the developer files, or one of them says nothing for long.

    Hours are compared where both state them, else compute, as the first rests on no assumption; the filing is the
    measure (30 % of the reported estimate, Guidelines A.2 ¶120).
    """
    tolerance = rule.limits["tolerance"]
    inputs: Inputs = {"customer_name": snapshot.customer, "provider_name": snapshot.provider}
    inputs |= {"filing_name": snapshot.filing_reference, "tolerance_percent": percent(tolerance)}
    for case, filed, used in (
        ("hours", snapshot.filing_hours, snapshot.record_hours),
        ("flop", snapshot.filing_flop, snapshot.record_flop),
    ):
        if filed is None or used is None or filed <= 0:
            continue
        if within(filed, used, tolerance=tolerance):
            return NOTHING
        write = format_flop if case == "flop" else plain
        return (case,), inputs | {
            f"filed_{case}": write(filed),
            f"used_{case}": write(used),
            "sides_ratio": ratio(used, filed),
        }
    return _one_side(snapshot, rule, inputs)


def _one_side(snapshot: UsageSnapshot, rule: Rule, inputs: Inputs) -> Outcome:
    """One side silent, more than so many days after the end, about more compute than the indicative criterion."""
    if snapshot.until_on is None or not snapshot.provider:
        return NOTHING
    days = (snapshot.as_of - snapshot.until_on).days
    case, amount = _silent(snapshot)
    if case is None or days <= rule.limits["wait_days"] or amount <= rule.limits["from_flop"]:
        return NOTHING
    waited = {"silent_days": str(days), "wait_days": plain(rule.limits["wait_days"])}
    waited |= {"ended_on": snapshot.until_on.isoformat(), "amount_flop": format_flop(amount)}
    return (case,), inputs | waited


def _silent(snapshot: UsageSnapshot) -> tuple[Literal["no_filing", "no_record"] | None, Decimal]:
    """Which side says nothing, and how much the other says."""
    if snapshot.filing_flop is None and not snapshot.filing_reference and snapshot.record_flop is not None:
        return ("no_filing" if snapshot.workload in TRAINING_LIKE else None), snapshot.record_flop
    if snapshot.record_flop is None and snapshot.record_hours is None and snapshot.filing_flop is not None:
        return "no_record", snapshot.filing_flop
    return None, Decimal(0)


def _looks_like_training(snapshot: UsageSnapshot, rule: Rule) -> Outcome:
    """R-24: many nodes, synchronising over a fast network, steady for days, and no filing about them."""
    limits, nodes, steady = rule.limits, snapshot.nodes, snapshot.steady_days
    if snapshot.filing_reference or nodes is None or steady is None:
        return NOTHING
    if nodes < limits["nodes_from"] or steady < limits["steady_days"] or not _synchronises(snapshot, rule):
        return NOTHING
    per_day, used = snapshot.flop_per_day, snapshot.record_flop
    known = [amount for amount in (used, per_day * steady if per_day else None) if amount is not None]
    if known and max(known) <= limits["from_flop"]:
        return NOTHING
    inputs: Inputs = {"customer_name": snapshot.customer, "provider_name": snapshot.provider}
    inputs |= {"nodes_count": str(nodes), "accelerators_count": str(snapshot.accelerators), "steady_days": str(steady)}
    if not per_day or snapshot.utilisation is None:
        return ("pattern",), inputs
    inputs |= {"per_day_flop": format_flop(per_day), "threshold_flop": format_flop(limits["threshold_flop"])}
    inputs["utilisation_percent"] = percent(snapshot.utilisation)
    return ("projected",), inputs | {"reached_days": str(ceil(limits["threshold_flop"] / per_day))}


def _synchronises(snapshot: UsageSnapshot, rule: Rule) -> bool:
    """By the share of all-reduce traffic where it is measured, else by the network that would allow it."""
    if snapshot.all_reduce_share is not None:
        return snapshot.all_reduce_share >= rule.limits["all_reduce_share"]
    network = snapshot.interconnect_gbit_per_s
    return network is not None and network >= rule.limits["interconnect_gbit_per_s"]


RULES: Final[Mapping[str, Callable[[UsageSnapshot, Rule], Outcome]]] = MappingProxyType(
    {"R-23": _sides_disagree, "R-24": _looks_like_training}
)
