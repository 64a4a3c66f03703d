"""The screening rules: flags for regulators, each a pure function over a frozen snapshot of one version of a filing.

Texts, limits and sources are data (`data/rules.toml`). No single flag is decisive; but for a stop, none decides by
itself. A new rule is a row there, what it needs in the snapshot, and a function here that returns cases and inputs.
"""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from registry.quantities import as_decimal, format_flop, round_significant, within
from registry.screening.shapes import FilingSnapshot

LANGUAGES: Final = ("en", "fr", "de")
_DATA = Path(__file__).with_name("data") / "rules.toml"
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_CASES = "cases"
_RATIO_FIGURES = 4
_SHOWN_FIGURES = 6
_LIST = "; "


class Severity(StrEnum):
    """How much a finding weighs before anybody has looked at it."""

    STOP = "stop"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True)
class Hit:
    """A rule that applies, by code and version, with the inputs it saw as text."""

    rule: str
    inputs: dict[str, str]
    version: str


@dataclass(frozen=True)
class Rule:
    """One row of `data/rules.toml`."""

    code: str
    version: str
    severity: Severity
    formula: str
    source: str
    limits: Mapping[str, Decimal]
    names: Mapping[str, str]
    sentences: Mapping[str, Mapping[str, str]]


Inputs = dict[str, str]
# The cases of the rule that hold, in order, and what was looked at; no case, no hit.
Outcome = tuple[tuple[str, ...], Inputs]
_NOTHING: Final[Outcome] = ((), {})


def screen(snapshot: FilingSnapshot) -> tuple[Hit, ...]:
    """The hits of every rule in force, by code."""
    hits = (_apply(rule, _FUNCTIONS[rule.code], snapshot) for rule in rules_in_force())
    return tuple(hit for hit in hits if hit is not None)


def apply(code: str, snapshot: FilingSnapshot) -> Hit | None:
    """The hit of one rule, or None. Raises KeyError for a rule that is not in force."""
    return _apply(rule_of(code), _FUNCTIONS[code], snapshot)


def rules_in_force() -> tuple[Rule, ...]:
    """The newest version of each rule, by code."""
    return tuple({rule.code: rule for rule in _rules()}.values())


def rule_of(code: str, version: str | None = None) -> Rule:
    """One rule, in the version given or the newest. Raises KeyError for one that never was."""
    found = [rule for rule in _rules() if rule.code == code and version in {None, rule.version}]
    if not found:
        raise KeyError(code)
    return found[-1]


def render(hit: Hit, language: str = "en") -> str:
    """What the hit says to a regulator, one sentence for each case. Raises KeyError for a language not en, fr, de."""
    sentences = rule_of(hit.rule, hit.version).sentences
    shown = {name: _shown(name, value, language) for name, value in hit.inputs.items()}
    return " ".join(sentences[case][language].format_map(shown) for case in hit.inputs[_CASES].split())


def _apply(rule: Rule, function: "_Function", snapshot: FilingSnapshot) -> Hit | None:
    cases, inputs = function(snapshot, rule.limits)
    if not cases:
        return None
    return Hit(rule=rule.code, inputs={_CASES: " ".join(cases), **inputs}, version=rule.version)


# --- the rules ----------------------------------------------------------------------------------------------------


def _not_notified(snapshot: FilingSnapshot, limits: Mapping[str, Decimal]) -> Outcome:
    """R-01: above 10^25 and nobody said so, or said so after the period of two weeks."""
    estimate, threshold = snapshot.estimate_flop, limits["threshold_flop"]
    if estimate is None or estimate <= threshold:
        return _NOTHING
    inputs = {"estimate_flop": format_flop(estimate), "threshold_flop": format_flop(threshold)}
    due_at = snapshot.notification_due_at
    if due_at is not None:
        inputs["due_on"] = due_at.date().isoformat()
    if snapshot.notified_at is None:
        return ("missing",), inputs
    if due_at is None or snapshot.notified_at <= due_at:
        return _NOTHING
    notified_on = snapshot.notified_at.astimezone(due_at.tzinfo).date()
    return ("late",), inputs | {"notified_on": notified_on.isoformat()}


def _just_below(snapshot: FilingSnapshot, limits: Mapping[str, Decimal]) -> Outcome:
    """R-02: not above a threshold, but within the permitted error of it.

    The thresholds are crossed only by what is greater, so the threshold itself still belongs to the band.
    """
    estimate = snapshot.estimate_flop
    for case in ("systemic_risk", "general_purpose"):
        low, high = limits[f"{case}_from_flop"], limits[f"{case}_until_flop"]
        if estimate is not None and low <= estimate <= high:
            return (case,), {"estimate_flop": format_flop(estimate), "threshold_flop": format_flop(high)}
    return _NOTHING


def _figures_disagree(snapshot: FilingSnapshot, limits: Mapping[str, Decimal]) -> Outcome:
    """R-03: by the hardware as the measure, the architecture's estimate or the filer's figure is too far off."""
    hardware = snapshot.hardware_flop
    if hardware is None or hardware <= 0:
        return _NOTHING
    cases: list[str] = []
    inputs: Inputs = {"hardware_flop": format_flop(hardware)}
    inputs |= {name: _plain(limits[name]) for name in ("ratio_from", "ratio_until")}
    pairs = (
        ("methods", "architecture_flop", snapshot.architecture_flop),
        ("reported", "reported_flop", snapshot.reported_flop),
    )
    for case, name, amount in pairs:
        if amount is None:
            continue
        inputs[name] = format_flop(amount)
        ratio = Fraction(amount) / Fraction(hardware)
        inputs[f"{case}_ratio"] = _plain(as_decimal(ratio, figures=_RATIO_FIGURES))
        if not Fraction(limits["ratio_from"]) <= ratio <= Fraction(limits["ratio_until"]):
            cases.append(case)
    return tuple(cases), inputs


def _utilisation_not_credible(snapshot: FilingSnapshot, limits: Mapping[str, Decimal]) -> Outcome:
    """R-04: an MFU no run reaches or nobody would accept, or occupancy in its place."""
    low, high = limits["utilisation_from"], limits["utilisation_until"]
    stated = [(line, line.utilisation) for line in snapshot.hardware if line.utilisation is not None]
    outside = [(line, u) for line, u in stated if line.utilisation_kind == "mfu" and not low <= u <= high]
    occupancy = [(line, u) for line, u in stated if line.utilisation_kind == "occupancy"]
    cases, inputs = [], {"utilisation_from": _plain(low), "utilisation_until": _plain(high)}
    for case, lines in (("range", outside), ("occupancy", occupancy)):
        if lines:
            cases.append(case)
            inputs[f"{case}_lines"] = _LIST.join(f"{line.number}: {_plain(u)}" for line, u in lines)
    return tuple(cases), inputs


def _peak_not_dense(snapshot: FilingSnapshot, limits: Mapping[str, Decimal]) -> Outcome:
    """R-05: a sparse peak, or one that is not the reference table's. An accelerator unknown there has no reference."""
    sparse, differing = [], []
    for line in snapshot.hardware:
        peak, reference = line.peak_flop_per_s, line.reference_peak_flop_per_s
        if line.is_dense is False:
            sparse.append(f"{line.number}: {'' if peak is None else format_flop(peak)}")
        elif peak is not None and reference is not None and not within(reference, peak, tolerance=limits["tolerance"]):
            differing.append(f"{line.number}: {format_flop(peak)}, {format_flop(reference)}")
    cases, inputs = [], {"tolerance": _plain(limits["tolerance"])}
    for case, name, lines in (("sparse", "sparse_lines", sparse), ("differs", "differing_lines", differing)):
        if lines:
            cases.append(case)
            inputs[name] = _LIST.join(lines)
    return tuple(cases), inputs


_Function = Callable[[FilingSnapshot, Mapping[str, Decimal]], Outcome]
_FUNCTIONS: Final[Mapping[str, _Function]] = MappingProxyType(
    {
        "R-01": _not_notified,
        "R-02": _just_below,
        "R-03": _figures_disagree,
        "R-04": _utilisation_not_credible,
        "R-05": _peak_not_dense,
    }
)


# --- texts --------------------------------------------------------------------------------------------------------


def _shown(name: str, value: str, language: str) -> str:
    """An input as people of that language read it: `2.3e25` becomes 2.3 × 10²⁵, with a comma in French and German."""
    if name.endswith("_on"):
        return value
    amounts = name.endswith(("_flop", "_lines"))
    text = " ".join(_power(word) for word in value.split(" ")) if amounts else value
    return text if language == "en" else text.replace(".", ",")


def _power(word: str) -> str:
    figure = word.rstrip(",;")
    if "e" not in figure:
        return word
    amount = Decimal(figure)
    if len(amount.as_tuple().digits) > _SHOWN_FIGURES:
        amount = round_significant(amount, figures=_SHOWN_FIGURES)
    mantissa, _, exponent = format_flop(amount).partition("e")
    return f"{mantissa} × 10{exponent.translate(_SUPERSCRIPTS)}{word[len(figure) :]}"


def _plain(value: Decimal) -> str:
    return format(value.normalize(), "f")


@cache
def _rules() -> tuple[Rule, ...]:
    return tuple(_rule(row) for row in _data()["rule"])


def _rule(row: Mapping[str, Any]) -> Rule:
    return Rule(
        code=row["code"],
        version=row["version"],
        severity=Severity(row["severity"]),
        formula=row["formula"],
        source=row["source"],
        limits=MappingProxyType({name: Decimal(text) for name, text in row["limits"].items()}),
        names=MappingProxyType(dict(row["name"])),
        sentences=MappingProxyType({case: MappingProxyType(dict(texts)) for case, texts in row["sentences"].items()}),
    )


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(_DATA.read_text(encoding="utf-8"))


RULE_SET: Final[str] = _data()["rule_set"]
"""The version of the whole set, as stored with every screening."""
