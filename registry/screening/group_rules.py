"""Rules on what belongs together, a model lineage or an owner group: R-06, R-07, R-26. Pure."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, localcontext
from fractions import Fraction
from itertools import groupby
from types import MappingProxyType
from typing import Final

from registry.quantities import EXACT, as_decimal, format_flop
from registry.screening.rulebook import NOTHING, Inputs, Outcome, Rule
from registry.screening.shapes import Amount, GroupSnapshot, SubjectKind
from registry.screening.wording import listed, plain, ratio

# What trains, or may: inference does not contribute to capabilities (Guidelines A.1 ¶116).
TRAINING_LIKE: Final = frozenset({"training", "fine_tuning", "unknown"})
_THRESHOLDS: Final = ("systemic_risk", "general_purpose")
_PREFIX: Final = MappingProxyType({SubjectKind.LINEAGE: "lineage", SubjectKind.OWNER_GROUP: "group"})
_SHOWN_FIGURES = 6


@dataclass(frozen=True)
class Window:
    """The days (both included) in which most of the amounts accrue, and how much that is, exactly."""

    flop: Fraction
    from_on: date
    until_on: date


def largest_window(amounts: Sequence[Amount], *, days: int) -> Window | None:
    """The window of so many days with the largest sum, each amount accruing evenly over its days; None of nothing.

    The sum changes linearly between the days on which an amount begins or ends to accrue or to leave the window, so
    the largest is at one of them: one pass over four changes for each amount.
    """
    changes: defaultdict[int, Fraction] = defaultdict(Fraction)
    for each in amounts:
        start, end = each.from_on.toordinal(), each.until_on.toordinal() + 1
        rate = Fraction(each.flop) / (end - start)
        for day, change in ((start, rate), (end, -rate), (start + days, -rate), (end + days, rate)):
            changes[day] += change
    total, rate, before, best = Fraction(0), Fraction(0), 0, (Fraction(0), 0)
    for day in sorted(changes):
        total += rate * (day - before)
        best = max(best, (total, -day))  # of equal sums the earliest
        rate, before = rate + changes[day], day
    if not best[0]:
        return None
    until_on = date.fromordinal(-best[1] - 1)
    return Window(best[0], until_on - timedelta(days=days - 1), until_on)


def _split(snapshot: GroupSnapshot, rule: Rule) -> Outcome:
    """R-06: together above a threshold that no filing crosses, several filings just below it, the same weights twice.

    Over a lineage everything counts, whenever it was (Guidelines ¶22: all stages are one model); over an owner group
    what accrues in one rolling window. What a filing itself states to be above is not hidden, nor is its lineage.
    """
    cases: list[str] = []
    inputs: Inputs = {"subject_name": snapshot.name}
    for name in _THRESHOLDS:
        threshold = rule.limits[f"{name}_flop"]
        hidden = tuple(_hidden(snapshot, threshold))
        near = _near(hidden, threshold, rule)
        together = _together(snapshot.kind, hidden, threshold, rule)
        if together is not None:
            cases.append(f"{_PREFIX[snapshot.kind]}_{name}")
            inputs |= together
        if near:
            cases.append(f"near_{name}")
            inputs |= {"near_names": listed(each.key for each in near), "near_count": str(len(near))}
            inputs |= {"near_from_flop": format_flop(rule.limits["near_from_share"] * threshold)}
        if cases:
            inputs["threshold_flop"] = format_flop(threshold)
            break
    shared = _shared_weights(snapshot.amounts)
    if shared:
        cases.append("same_weights")
        inputs["weights_names"] = listed(each.key for each in shared)
        inputs["filer_names"] = listed(each.by for each in shared)
    return tuple(cases), inputs


def _hidden(snapshot: GroupSnapshot, threshold: Decimal) -> Iterator[Amount]:
    """What counts, without the filings that state the crossing, their lineages, and records matched with a filing."""
    filings = [each for each in snapshot.amounts if each.source == "filing"]
    known = {each.key for each in filings}
    stating = [each for each in filings if max(each.flop, each.stated_flop or each.flop) > threshold]
    open_lineages = {each.lineage for each in stating if each.lineage}
    open_keys = {each.key for each in stating}
    if snapshot.kind is SubjectKind.LINEAGE and stating:
        return
    for each in snapshot.amounts:
        is_double = each.source == "record" and each.matched_key in known
        is_open = each.key in open_keys or each.lineage in open_lineages
        if each.workload in TRAINING_LIKE and not is_double and not is_open:
            yield each


def _together(kind: SubjectKind, hidden: Sequence[Amount], threshold: Decimal, rule: Rule) -> Inputs | None:
    """The inputs of a sum above the threshold, or None. One amount alone is nothing split."""
    with localcontext(EXACT):
        total = sum((each.flop for each in hidden), Decimal(0))
    if len(hidden) < 2 or total <= threshold:
        return None
    days = int(rule.limits["window_days"])
    if kind is SubjectKind.LINEAGE:
        first, last = min(each.from_on for each in hidden), max(each.until_on for each in hidden)
        window: Window | None = Window(Fraction(total), first, last)
    else:
        window = largest_window(hidden, days=days)
    if window is None or window.flop <= Fraction(threshold):
        return None
    inside = [each for each in hidden if each.from_on <= window.until_on and each.until_on >= window.from_on]
    if len(inside) < 2:
        return None
    since = max(window.from_on, min(each.from_on for each in inside))
    return {
        "together_flop": format_flop(as_decimal(window.flop, figures=_SHOWN_FIGURES).normalize()),
        "window_from_on": since.isoformat(),
        "window_until_on": window.until_on.isoformat(),
        "window_days": plain(rule.limits["window_days"]),
        "parts_count": str(len(inside)),
        "largest_flop": format_flop(max(each.flop for each in inside)),
        "entities_count": str(len({each.by for each in inside})),
        "providers_count": str(len({each.provider for each in inside if each.provider})),
        "entity_names": listed(each.by for each in inside),
    }


def _near(hidden: Sequence[Amount], threshold: Decimal, rule: Rule) -> list[Amount]:
    """The filings from half of the threshold up to it, if there are several."""
    low = rule.limits["near_from_share"] * threshold
    found = [each for each in hidden if each.source == "filing" and low <= each.flop <= threshold]
    return found if len(found) >= rule.limits["near_from_count"] else []


def _shared_weights(amounts: Sequence[Amount]) -> list[Amount]:
    """Filings of different filers that name the same weights."""
    by_hash: defaultdict[str, list[Amount]] = defaultdict(list)
    for each in amounts:
        if each.source == "filing" and each.weights_sha256:
            by_hash[each.weights_sha256].append(each)
    return [each for found in by_hash.values() if len({one.by for one in found}) > 1 for each in found]


def _repeated_modifications(snapshot: GroupSnapshot, rule: Rule) -> Outcome:
    """R-07: modifications of one base, each at most a third of it, that are more than a third together.

    Where they state different limits for the same base the smallest counts.
    """
    del rule  # the limit comes with each modification: a third of its base, or what stands in its place
    ordered = sorted(snapshot.modifications, key=lambda each: each.base)
    for base, group in groupby(ordered, key=lambda each: each.base):
        found = list(group)
        limit = min(each.limit_flop for each in found)
        small = [each for each in found if each.flop <= limit]
        with localcontext(EXACT):
            total = sum((each.flop for each in small), Decimal(0))
        if total > limit > 0:
            return ("repeated",), {
                "base_model_name": base,
                "modifications_count": str(len(small)),
                "modification_names": listed(each.key for each in small),
                "filer_names": listed(each.by for each in small),
                "together_flop": format_flop(total),
                "limit_flop": format_flop(limit),
                "limit_ratio": ratio(total, limit),
            }
    return NOTHING


def _side_by_side(snapshot: GroupSnapshot, rule: Rule) -> Outcome:
    """R-26: as many accelerators at two providers at the same time. What one filing declares is declared together."""
    pairs = list(_pairs(snapshot.amounts, rule))
    if not pairs:
        return NOTHING
    together = [each for pair in pairs for each in pair]
    return ("overlap",), {
        "subject_name": snapshot.name,
        "provider_names": listed(each.provider for each in together),
        "overlaps_text": listed(f"{a.accelerators} / {b.accelerators}: {_common(a, b)}" for a, b in pairs),
        "overlap_days": plain(rule.limits["overlap_days"]),
        "similar_percent": plain(rule.limits["similar_share"] * 100),
        "least_count": plain(rule.limits["accelerators_from"]),
    }


def _pairs(amounts: Sequence[Amount], rule: Rule) -> Iterator[tuple[Amount, Amount]]:
    """One pair for each two providers, the earliest."""
    least, days = rule.limits["accelerators_from"], int(rule.limits["overlap_days"])
    large = [e for e in amounts if e.provider and e.accelerators >= least and e.workload in TRAINING_LIKE]
    seen: set[frozenset[str]] = set()
    running: list[Amount] = []
    for each in sorted(large, key=lambda one: (one.from_on, one.key)):
        running = [one for one in running if one.until_on >= each.from_on]
        for one in running:
            providers = frozenset({one.provider, each.provider})
            if len(providers) < 2 or providers in seen or _is_declared(one, each):
                continue
            if _overlap(one, each) >= days and _similar(one, each, rule):
                seen.add(providers)
                yield one, each
        running.append(each)


def _is_declared(one: Amount, other: Amount) -> bool:
    return bool(one.matched_key) and one.matched_key == other.matched_key


def _similar(one: Amount, other: Amount, rule: Rule) -> bool:
    larger, smaller = max(one.accelerators, other.accelerators), min(one.accelerators, other.accelerators)
    return larger - smaller <= rule.limits["similar_share"] * larger


def _overlap(one: Amount, other: Amount) -> int:
    return (min(one.until_on, other.until_on) - max(one.from_on, other.from_on)).days + 1


def _common(one: Amount, other: Amount) -> str:
    return f"{max(one.from_on, other.from_on).isoformat()} – {min(one.until_on, other.until_on).isoformat()}"


RULES: Final[Mapping[str, Callable[[GroupSnapshot, Rule], Outcome]]] = MappingProxyType(
    {"R-06": _split, "R-07": _repeated_modifications, "R-26": _side_by_side}
)
