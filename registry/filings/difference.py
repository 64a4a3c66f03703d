"""What changed between two versions of a filing, member by member, and what of it is material.

Pure. Both documents are flattened to leaves whose items are named by their natural key (a facility by its facility_id)
and not by their place, so that moving an item is no change and a new one does not seem to change all that follow it.
"""

import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from types import MappingProxyType
from typing import Any, Literal

from registry.filings.document import Element, element_at
from registry.filings.document.elements import DATA

NATURAL_KEYS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "/filer/contacts": ("email",),
        "/filer/previous_contracting_entities": ("name", "country"),
        "/beneficial_ownership/owners": ("person_id",),
        "/beneficial_ownership/entities": ("entity_id",),
        "/beneficial_ownership/holdings": ("owner_id", "owned_id"),
        "/beneficial_ownership/nominees": ("nominee_name", "nominator_name"),
        "/beneficial_ownership/officers": ("name", "function"),
        "/customer/access_addresses": ("address",),
        "/customer/beneficial_owners": ("name",),
        "/run/hardware": ("period", "facility_id", "accelerator"),
        "/model/modalities_in": ("modality",),
        "/model/modalities_out": ("modality",),
        "/model/weights/holders": ("name", "country"),
        "/model/weights/transfers": ("to_country", "recipient", "on"),
        "/data/transfers": ("from_country", "to_country", "medium", "on"),
        "/facilities": ("facility_id",),
        "/facilities/*/accelerators": ("accelerator", "status"),
        "/attestations": ("statement",),
        "/rebuttal/arguments": ("topic",),
        "/rebuttal/benchmarks": ("name",),
        "/rebuttal/attachments": ("attachment_id",),
    }
)
"""By pointer pattern of a list of objects, the members that name an item. Other lists of objects go by their order."""

ChangeKind = Literal["added", "removed", "changed"]


@dataclass(frozen=True)
class MaterialRule:
    """A row of `data/material_changes.toml`. `reason` is by language."""

    code: str
    kind: Literal["any", "percent", "days"]
    pointers: tuple[str, ...]
    source: str
    reason: Mapping[str, str]
    percent: Decimal
    crosses: tuple[Decimal, ...]
    days: int


@dataclass(frozen=True)
class Leaf:
    """A value without members, and where it stands: `pointer` by place, `pattern` with `*` for every place."""

    value: Any
    pointer: str
    pattern: str


@dataclass(frozen=True)
class Change:
    """One leaf that differs.

    `key` names it across versions (`/facilities/[lyon-1]/country`); `pointer` is its place in the new document, or in
    the old one where it was removed. `old` and `new` are JSON values, None where there was or is none.
    `change_percent` is given for quantities whose old value is not zero. `rule` says why the change is material.
    """

    key: str
    pointer: str
    kind: ChangeKind
    code: str
    cls: str
    old: Any
    new: Any
    change_percent: Decimal | None
    rule: MaterialRule | None

    @property
    def is_material(self) -> bool:
        """Whether a rule makes this change known to the authority at once."""
        return self.rule is not None


@cache
def material_rules() -> tuple[MaterialRule, ...]:
    """The rules of `data/material_changes.toml`, in its order."""
    with (DATA / "material_changes.toml").open("rb") as file:
        rows = tomllib.load(file)["rule"]
    return tuple(
        MaterialRule(
            code=row["code"],
            kind=row["kind"],
            pointers=tuple(row["pointers"]),
            source=row["source"],
            reason=MappingProxyType(row["reason"]),
            percent=Decimal(row.get("percent", "0")),
            crosses=tuple(Decimal(each) for each in row.get("crosses", ())),
            days=row.get("days", 0),
        )
        for row in rows
    )


@cache
def _rules_by_pointer() -> Mapping[str, MaterialRule]:
    return MappingProxyType({pointer: rule for rule in material_rules() for pointer in rule.pointers})


@cache
def _rule_for(pattern: str) -> MaterialRule | None:
    """The rule whose pointer is `pattern` or the nearest above it."""
    rules = _rules_by_pointer()
    while pattern:
        if pattern in rules:
            return rules[pattern]
        pattern = pattern.rpartition("/")[0]
    return None


def _escaped(part: str) -> str:
    return part.replace("~", "~0").replace("/", "~1")


def _item_name(item: Any, place: int, pattern: str) -> str:
    """What names an item of a list across versions: its natural key, its value, or its place."""
    if not isinstance(item, (Mapping, list)):
        return f"[{_escaped(str(item))}]"
    members = NATURAL_KEYS.get(pattern, ())
    values = [item.get(member) for member in members] if isinstance(item, Mapping) else []
    if all(value is None for value in values):
        return f"[#{place}]"
    return "[" + "|".join("" if value is None else _escaped(str(value)) for value in values) + "]"


def _leaves(value: Any, key: str, pointer: str, pattern: str) -> Iterator[tuple[str, Leaf]]:
    if isinstance(value, Mapping) and value:
        for name, inner in value.items():
            step = f"/{_escaped(name)}"
            yield from _leaves(inner, key + step, pointer + step, pattern + step)
    elif isinstance(value, (list, tuple)):
        seen: Counter[str] = Counter()
        for place, item in enumerate(value):
            name = _item_name(item, place, pattern)
            seen[name] += 1
            ordinal = f"#{seen[name]}" if seen[name] > 1 else ""
            yield from _leaves(item, f"{key}/{name}{ordinal}", f"{pointer}/{place}", f"{pattern}/*")
    elif value is not None:
        yield key, Leaf(value=value, pointer=pointer, pattern=pattern)


def flattened(document: Mapping[str, Any]) -> dict[str, Leaf]:
    """Every leaf of `document` by its key. Two documents with the same leaves say the same."""
    return dict(_leaves(document, "", "", ""))


def _number(value: Any) -> Decimal | None:
    """`value` as a number, where it is a count or a decimal string (the element has said that it is a quantity)."""
    return None if value is None else Decimal(value)


def _change_percent(old: Any, new: Any) -> Decimal | None:
    before, after = _number(old), _number(new)
    if before is None or after is None or before == 0:
        return None
    return ((after - before) / abs(before) * 100).quantize(Decimal("0.01"))


def _moves_enough(rule: MaterialRule, old: Any, new: Any) -> bool:
    before, after = _number(old), _number(new)
    if before is None or after is None:
        return True
    is_across = any((before > border) != (after > border) for border in rule.crosses)
    return is_across or (before != after and abs(after - before) * 100 >= rule.percent * abs(before))


def _applies(rule: MaterialRule, old: Any, new: Any) -> bool:
    if rule.kind == "percent":
        return _moves_enough(rule, old, new)
    if rule.kind == "days" and old is not None and new is not None:
        return abs((date.fromisoformat(new) - date.fromisoformat(old)).days) >= rule.days
    return True


def _change(key: str, before: Leaf | None, after: Leaf | None) -> Change:
    place = after or before
    if place is None:
        raise ValueError("a change has an old or a new value")
    old, new = before.value if before else None, after.value if after else None
    element: Element | None = element_at(place.pattern)
    rule = _rule_for(place.pattern)
    is_quantity = element is not None and element.is_quantity
    return Change(
        key=key,
        pointer=place.pointer,
        kind="added" if before is None else "removed" if after is None else "changed",
        code=element.code if element else "",
        cls=element.cls if element else "S",
        old=old,
        new=new,
        change_percent=_change_percent(old, new) if is_quantity else None,
        rule=rule if rule is not None and _applies(rule, old, new) else None,
    )


def _is_same(old: Any, new: Any) -> bool:
    """Equality as in JSON, where true is not 1."""
    return type(old) is type(new) and bool(old == new)


def difference(*, old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[Change, ...]:
    """The changes from `old` to `new`, two documents as JSON values that were read without an obstacle.

    In the order of the new document, removals last. Null, an empty list and absent are the same.
    """
    before, after = flattened(old), flattened(new)
    changes = [
        _change(key, before.get(key), leaf)
        for key, leaf in after.items()
        if key not in before or not _is_same(before[key].value, leaf.value)
    ]
    changes.extend(_change(key, leaf, None) for key, leaf in before.items() if key not in after)
    return tuple(changes)
