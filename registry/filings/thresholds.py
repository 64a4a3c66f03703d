"""Thresholds as dated rows: which hold on a day, which a value crosses, and what a new row would change. Pure."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import cache, lru_cache
from pathlib import Path
from types import MappingProxyType

from registry.languages import SPOKEN
from registry.periods import Period
from registry.quantities import parse_limit

DATA = Path(__file__).parent / "data" / "thresholds.toml"


class Operator(StrEnum):
    """On which side of a limit the limit itself lies."""

    GREATER = "gt"
    AT_LEAST = "ge"


class Effect(StrEnum):
    """What crossing a threshold means."""

    DUTY = "duty"
    INDICATION = "indication"
    WATCH = "watch"
    DISCLOSURE = "disclosure"
    REPORT = "report"
    CLASSIFICATION = "classification"


class Quantity(StrEnum):
    """What is measured; the unit stands in the name, shares are fractions of one."""

    TRAINING_COMPUTE = "training_compute_flop"
    CUMULATIVE_TRAINING_COMPUTE = "cumulative_training_compute_flop"
    BIOLOGICAL_TRAINING_COMPUTE = "biological_training_compute_flop"
    MODIFICATION_COMPUTE = "modification_compute_flop"
    MODIFICATION_SHARE = "modification_share"
    BUSINESS_USERS = "registered_business_users"
    CLUSTER_OPERATIONS = "cluster_dense_op_per_s"
    CLUSTER_NETWORK = "cluster_network_gbit_per_s"
    IT_POWER = "installed_it_power_kw"
    OWNERSHIP_SHARE = "ownership_share"
    TOTAL_PROCESSING_PERFORMANCE = "total_processing_performance"
    PERFORMANCE_DENSITY = "performance_density"
    MEMORY_BANDWIDTH = "memory_bandwidth_gb_per_s"


@dataclass(frozen=True)
class Threshold:
    """One row: a limit for a quantity, for the days of its validity. `value` is exact (one third stays one third)."""

    code: str
    quantity: Quantity
    unit: str
    value: Fraction
    value_text: str
    operator: Operator
    applies_to: frozenset[str]
    jurisdiction: str
    effect: Effect
    legal_basis: str
    source: str
    validity: Period
    sentences: Mapping[str, str]

    def sentence(self, language: str) -> str:
        """What the threshold means, in "en", "fr" or "de"."""
        return self.sentences[language]


@dataclass(frozen=True)
class StoredValue:
    """A value kept by the register, to be judged by draft thresholds; `reference` is the caller's own."""

    reference: str
    quantity: Quantity
    value: Decimal
    applies_to: str


@dataclass(frozen=True)
class Change:
    """A stored value that changes side of one threshold. A limit is None where the row does not exist."""

    reference: str
    threshold: str
    value: Decimal
    was_crossed: bool
    is_crossed: bool
    old_limit: str | None
    new_limit: str | None


@cache
def rows() -> tuple[Threshold, ...]:
    """Every row of the register, past, present and future."""
    return read(DATA.read_text(encoding="utf-8"))


def read(text: str) -> tuple[Threshold, ...]:
    """Rows from TOML text, such as a draft for `preview`. Raises KeyError, ValueError on an incomplete or wrong row."""
    return tuple(_threshold(row) for row in tomllib.loads(text)["threshold"])


def in_force(*, on: date, among: Sequence[Threshold] | None = None) -> tuple[Threshold, ...]:
    """The rows that hold on a day."""
    return _of_the_register(on) if among is None else tuple(row for row in among if on in row.validity)


@lru_cache(maxsize=1_000)
def _of_the_register(on: date) -> tuple[Threshold, ...]:
    return tuple(row for row in rows() if on in row.validity)


def threshold(code: str, *, on: date, among: Sequence[Threshold] | None = None) -> Threshold:
    """The row of that code that holds on a day. Raises KeyError where there is none."""
    found = next((row for row in in_force(on=on, among=among) if row.code == code), None)
    if found is None:
        raise KeyError(f"no threshold {code!r} on {on}")
    return found


def applicable(
    *, quantity: Quantity, applies_to: str, on: date, among: Sequence[Threshold] | None = None
) -> tuple[Threshold, ...]:
    """The rows for a quantity of one kind of object on a day, lowest limit first."""
    found = (row for row in in_force(on=on, among=among) if row.quantity is quantity and applies_to in row.applies_to)
    return tuple(sorted(found, key=lambda row: (row.value, row.code)))


def crossed(value: Decimal | Fraction, threshold: Threshold) -> bool:
    """Whether the value, in the threshold's unit, is on the far side of the limit; exact, no rounding."""
    numerator, denominator = value.as_integer_ratio()
    left, right = numerator * threshold.value.denominator, threshold.value.numerator * denominator
    return left > right if threshold.operator is Operator.GREATER else left >= right


def preview(*, old: Sequence[Threshold], new: Sequence[Threshold], values: Sequence[StoredValue]) -> tuple[Change, ...]:
    """The stored values that change side when `old` rows give way to `new` ones, in the order of the values.

    Pass the rows in force on two days: `in_force(on=today)` and `in_force(on=later, among=draft)`. Rows pair by code; a
    row that exists on one side only is crossed by nothing on the other. Nothing is stored.
    """
    before, after = _by_code(old), _by_code(new)
    codes = sorted(before.keys() | after.keys())
    changes = (_change(value, code, before.get(code), after.get(code)) for value in values for code in codes)
    return tuple(change for change in changes if change.was_crossed != change.is_crossed)


def _by_code(these: Sequence[Threshold]) -> dict[str, Threshold]:
    found = {row.code: row for row in these}
    if len(found) != len(these):
        raise ValueError("two rows of one code: pass the rows in force on one day")
    return found


def _change(value: StoredValue, code: str, old: Threshold | None, new: Threshold | None) -> Change:
    return Change(
        reference=value.reference,
        threshold=code,
        value=value.value,
        was_crossed=_is_met(value, old),
        is_crossed=_is_met(value, new),
        old_limit=old.value_text if old else None,
        new_limit=new.value_text if new else None,
    )


def _is_met(value: StoredValue, row: Threshold | None) -> bool:
    if row is None or row.quantity is not value.quantity or value.applies_to not in row.applies_to:
        return False
    return crossed(value.value, row)


def _threshold(row: Mapping[str, object]) -> Threshold:
    kinds = row["applies_to"]
    if not isinstance(kinds, list):
        raise ValueError(f"applies_to must be a list, not {kinds!r}")
    until = row.get("valid_until")
    return Threshold(
        code=str(row["code"]),
        quantity=Quantity(str(row["quantity"])),
        unit=str(row["unit"]),
        value=parse_limit(str(row["value"])),
        value_text=str(row["value"]),
        operator=Operator(str(row["operator"])),
        applies_to=frozenset(str(kind) for kind in kinds),
        jurisdiction=str(row["jurisdiction"]),
        effect=Effect(str(row["effect"])),
        legal_basis=str(row["legal_basis"]),
        source=str(row["source"]),
        validity=Period(
            date.fromisoformat(str(row["valid_from"])),
            date.fromisoformat(str(until)) if until is not None else None,
        ),
        sentences=MappingProxyType({language: str(row[language]) for language in SPOKEN}),
    )
