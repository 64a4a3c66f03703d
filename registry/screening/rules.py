"""The screening rules: flags for regulators, each a pure function over a frozen snapshot (`shapes`). Pure.

Texts, limits and sources are data (`rulebook`). No single flag is decisive; but for a stop, none decides by itself. A
new rule is a row there, what it needs in a snapshot, and a function in the module of its subject that returns cases
and inputs.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any, Final

from registry.screening import (
    customer_rules,
    facility_rules,
    filing_rules,
    group_rules,
    ownership_rules,
    usage_rules,
)
from registry.screening.rulebook import Outcome, Rule, Severity, rule_of, rules_in_force
from registry.screening.shapes import Snapshot, SubjectKind, kind_of
from registry.screening.wording import shown

CASES: Final = "cases"

_Function = Callable[[Any, Rule], Outcome]
_CUSTOMER: Mapping[str, _Function] = {**customer_rules.RULES, **ownership_rules.RULES}
_FUNCTIONS: Final[Mapping[SubjectKind, Mapping[str, _Function]]] = MappingProxyType(
    {
        SubjectKind.FILING: filing_rules.RULES,
        SubjectKind.CUSTOMER: _CUSTOMER,
        SubjectKind.OWNER_GROUP: group_rules.RULES,
        SubjectKind.LINEAGE: group_rules.RULES,
        SubjectKind.FACILITY: facility_rules.RULES,
        SubjectKind.USE: usage_rules.RULES,
    }
)


@dataclass(frozen=True)
class Hit:
    """A rule that applies, by code and version, with the inputs it saw as text."""

    rule: str
    inputs: dict[str, str]
    version: str

    @property
    def cases(self) -> tuple[str, ...]:
        """Which of the rule's cases hold."""
        return tuple(self.inputs[CASES].split())


@dataclass(frozen=True)
class Explanation:
    """A hit for people of one language: what it is called, what it says, by which formula, law and figures."""

    code: str
    name: str
    sentence: str
    formula: str
    source: str
    severity: Severity
    inputs: tuple[tuple[str, str], ...]


def screen(snapshot: Snapshot, *, on: date | None = None, of: Sequence[Rule] | None = None) -> tuple[Hit, ...]:
    """The hits of every rule in force for the snapshot's subject, by code.

    On a day, or by the newest rows; `of` puts other rows in the place of the register's, as a preview does.
    """
    return tuple(_hits(snapshot, rules_in_force(on=on, of=of)))


def apply(code: str, snapshot: Snapshot) -> Hit | None:
    """The hit of one rule, or None. Raises KeyError for a rule that is not in force for such a subject."""
    rule, kind = rule_of(code), kind_of(snapshot)
    if kind not in rule.subjects:
        raise KeyError(code)
    return _apply(rule, _FUNCTIONS[kind][code], snapshot)


def severity(hit: Hit) -> Severity:
    """How much it weighs: the heaviest of its cases. Raises KeyError for a version that never was."""
    return rule_of(hit.rule, hit.version).severity_of(hit.cases)


def render(hit: Hit, language: str = "en") -> str:
    """What the hit says to a regulator, one sentence for each case. Raises KeyError for a language not en, fr, de."""
    sentences = rule_of(hit.rule, hit.version).sentences
    inputs = {name: shown(name, value, language) for name, value in hit.inputs.items() if name != CASES}
    return " ".join(sentences[case][language].format_map(inputs) for case in hit.cases)


def explain(hit: Hit, language: str = "en") -> Explanation:
    """The hit with all that it rests on. Raises KeyError as `render` does."""
    rule = rule_of(hit.rule, hit.version)
    return Explanation(
        code=rule.code,
        name=rule.names[language],
        sentence=render(hit, language),
        formula=rule.formula,
        source=rule.source,
        severity=rule.severity_of(hit.cases),
        inputs=tuple(
            (name, shown(name, value, language)) for name, value in hit.inputs.items() if value and name != CASES
        ),
    )


def _hits(snapshot: Snapshot, rules: Sequence[Rule]) -> Iterator[Hit]:
    kind = kind_of(snapshot)
    for rule in rules:
        if kind in rule.subjects:
            hit = _apply(rule, _FUNCTIONS[kind][rule.code], snapshot)
            if hit is not None:
                yield hit


def _apply(rule: Rule, function: _Function, snapshot: Snapshot) -> Hit | None:
    cases, inputs = function(snapshot, rule)
    if not cases:
        return None
    return Hit(rule=rule.code, inputs={CASES: " ".join(cases), **inputs}, version=rule.version)
