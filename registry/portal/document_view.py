"""A filing document in words: sections of facts, and what one version changed against the one before."""

import json
import tomllib
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from django.utils.translation import gettext

from registry.filings import difference
from registry.filings.document import Element, element_at, elements
from registry.filings.models import Filing, Version
from registry.filings.reference_data import DATA
from registry.portal import labels
from registry.portal.page import language
from registry.portal.presentation import words
from registry.portal.presentation.filing import ChangeRow, Changes, Chapter
from registry.portal.presentation.marks import Fact, Section

UNITS = {
    "Flop": "FLOP",
    "FlopPerSecond": "FLOP/s",
    "Seconds": "s",
    "Hours": "h",
    "Kilowatts": "kW",
    "MegawattHours": "MWh",
    "GigabitPerSecond": "Gbit/s",
    "Terabytes": "TB",
    "Euros": "EUR",
    "Percent": "%",
    "UncertaintyPercent": "%",
}
LARGE = Decimal(10) ** 9


def members(canonical: str) -> dict[str, Any]:
    """The document of a version."""
    found: dict[str, Any] = json.loads(canonical) if canonical else {}
    return found


def chapters(document: Mapping[str, Any]) -> tuple[Chapter, ...]:
    """The document's leaves as facts, part by part in the order of the schema; lists of plain values as one fact."""
    found: dict[str, dict[str, dict[str, list[str]]]] = {}
    for leaf in sorted(difference.flattened(document).values(), key=place_of):
        pointer = leaf.pointer.rpartition("/")[0] if leaf.pattern.endswith("/*") else leaf.pointer
        above = pointer.rpartition("/")[0]
        shown = value(leaf.value, element_at(leaf.pattern))
        part = part_of(pointer)
        found.setdefault(part, {}).setdefault(_heading(above), {}).setdefault(_label(pointer), []).append(shown)
    return tuple(
        Chapter(
            part,
            tuple(
                Section(heading, tuple(Fact(term, ", ".join(values)) for term, values in facts.items()))
                for heading, facts in sections.items()
            ),
        )
        for part, sections in found.items()
    )


def part_of(pointer: str) -> str:
    """The part of the document in which a field stands, as its heading."""
    return _heading("/".join(pointer.rpartition("/")[0].split("/")[:2]))


def stated(document: Mapping[str, Any]) -> dict[str, str]:
    """What a document says by pointer, in its order, as people read it; lists of plain values as one."""
    found: dict[str, list[str]] = {}
    for leaf in sorted(difference.flattened(document).values(), key=place_of):
        pointer = leaf.pointer.rpartition("/")[0] if leaf.pattern.endswith("/*") else leaf.pointer
        found.setdefault(pointer, []).append(value(leaf.value, element_at(leaf.pattern)))
    return {pointer: ", ".join(values) for pointer, values in found.items()}


@cache
def _order() -> dict[str, int]:
    return {element.pointer.removesuffix("/*"): place for place, element in enumerate(elements())}


def place_of(leaf: difference.Leaf | difference.Change) -> tuple[tuple[int, int], ...]:
    """Order of showing: each step by the schema, numbers of lists by number."""
    here, steps = "", []
    for step in leaf.pointer.strip("/").split("/"):
        here += f"/{'*' if step.isdecimal() else step}"
        steps.append((_order().get(here.removesuffix("/*"), 0), int(step) if step.isdecimal() else 0))
    return tuple(steps)


SUMMARY = (
    "/filer/role",
    "/run/stage",
    "/model/name",
    "/run/lineage_id",
    "/run/training_compute/training_compute_flop",
    "/run/training_compute/method",
    "/run/planned_start_on",
    "/run/planned_end_on",
    "/run/actual_start_on",
    "/run/actual_end_on",
    "/stage",
)


def summary(filing: Filing, document: Mapping[str, Any]) -> tuple[Fact, ...]:
    """What a reader wants to know first."""
    leaves = {leaf.pointer: leaf for leaf in difference.flattened(document).values()}
    organisation = filing.organisation
    facts = [
        Fact(gettext("Provider"), organisation.legal_name, words.country(organisation.seat_country)),
        Fact(gettext("Training run"), filing.run_id or "–"),
    ]
    facts += [
        Fact(_term(pointer), value(leaves[pointer].value, element_at(pointer)))
        for pointer in SUMMARY
        if pointer in leaves
    ]
    if hardware := _hardware(leaves):
        facts.append(Fact(gettext("Hardware"), hardware))
    if sites := _sites(leaves):
        facts.append(Fact(gettext("Sites"), sites))
    return tuple(facts)


def _term(pointer: str) -> str:
    return gettext("Model") if pointer == "/model/name" else labels.capital(_label(pointer))


def _hardware(leaves: Mapping[str, difference.Leaf]) -> str:
    """`8,192 × nvidia-h100`, one for each line of hardware."""
    counts = {p.rpartition("/")[0]: leaf.value for p, leaf in leaves.items() if leaf.pattern == "/run/hardware/*/count"}
    return ", ".join(
        f"{words.count(int(count))} × {leaves[f'{line}/accelerator'].value}"
        for line, count in counts.items()
        if f"{line}/accelerator" in leaves
    )


def _sites(leaves: Mapping[str, difference.Leaf]) -> str:
    found = [
        (p.rpartition("/")[0], str(leaf.value)) for p, leaf in leaves.items() if leaf.pattern == "/facilities/*/country"
    ]
    names = [(leaves[f"{site}/name"].value if f"{site}/name" in leaves else "", code) for site, code in found]
    return ", ".join(f"{name} ({code})" if name else words.country(code) for name, code in names)


def changes(old: Version, new: Version) -> Changes:
    """What `new` changed against `old`; unchanged members folded."""
    before, after = members(old.canonical), members(new.canonical)
    found = difference.difference(old=before, new=after)
    leaves = difference.flattened(after)
    changed = {change.key for change in found}
    material = sum(change.is_material for change in found)
    return Changes(
        title=gettext("What changed in version %(number)s") % {"number": new.number},
        summary=gettext("%(changed)s of %(all)s members; %(material)s material under the register’s rules")
        % {"changed": len(found), "all": len(leaves), "material": material},
        old_head=version_head(old),
        new_head=version_head(new),
        rows=tuple(_change(change) for change in found),
        unchanged=tuple(
            ChangeRow(path(leaf.pointer), "", value(leaf.value, element_at(leaf.pattern)))
            for key, leaf in leaves.items()
            if key not in changed
        ),
    )


def version_head(version: Version) -> str:
    """`Version 2, 23 Nov 2026, 11:40`."""
    return gettext("Version %(number)s, %(day)s") % {
        "number": version.number,
        "day": words.short_moment(version.submitted_at),
    }


def _change(change: difference.Change) -> ChangeRow:
    element = element_at(change.pointer)
    return ChangeRow(
        label=path(change.pointer),
        old="" if change.old is None else value(change.old, element),
        new="" if change.new is None else value(change.new, element),
        change=extent(change),
        material=change.is_material,
        pointer=change.pointer,
    )


def extent(change: difference.Change) -> str:
    """How far a field moved: in percent, in days, or that it came or went."""
    if change.change_percent is not None:
        sign = "+" if change.change_percent > 0 else "−" if change.change_percent < 0 else ""
        return f"{sign}{words.count(round(abs(change.change_percent)))} %"
    if change.kind == "added":
        return gettext("added")
    if change.kind == "removed":
        return gettext("removed")
    return _days(change.old, change.new)


def _days(old: object, new: object) -> str:
    try:
        days = (date.fromisoformat(str(new)) - date.fromisoformat(str(old))).days
    except ValueError:
        return ""
    sign = "+" if days > 0 else "−"
    return gettext("%(days)s days") % {"days": f"{sign}{abs(days)}"}


def value(raw: Any, element: Element | None) -> str:
    """One value as people read it, in the language of the page."""
    if isinstance(raw, bool):
        return gettext("yes") if raw else gettext("no")
    if element is None:
        return str(raw)
    if element.is_quantity:
        return _quantity(Decimal(str(raw)), element.kind)
    if element.kind == "choice":
        return _choice(element.choices, str(raw))
    return _READERS.get(element.kind, str)(raw)


_READERS: Mapping[str, Callable[[Any], str]] = {
    "Country": lambda raw: f"{words.country(str(raw))} ({raw})",
    "Day": lambda raw: words.day(date.fromisoformat(str(raw))),
    "HistoricDay": lambda raw: words.day(date.fromisoformat(str(raw))),
    "Moment": lambda raw: words.moment(datetime.fromisoformat(str(raw))),
}


def _quantity(amount: Decimal, kind: str) -> str:
    shown = words.flop(amount, digits=3) if abs(amount) >= LARGE or kind == "Flop" else words.count(amount)
    return f"{shown} {UNITS[kind]}" if kind in UNITS else shown


def _choice(choices: tuple[str, ...], code: str) -> str:
    """The words of a code, from the one list that has all the choices."""
    for listed in _code_lists().values():
        if set(choices) <= set(listed) and code in listed:
            return str(listed[code][language()])
    return code.replace("_", " ")


@cache
def _code_lists() -> dict[str, dict[str, dict[str, str]]]:
    return tomllib.loads((DATA / "code_lists.toml").read_text("utf-8"))


def _label(pointer: str) -> str:
    element = element_at(pointer)
    name = pointer.rpartition("/")[2]
    return (element.label.get(language()) if element else None) or name.replace("_", " ")


def _heading(pointer: str) -> str:
    """`Run · Hardware 1`; the document itself for what stands at its top."""
    parts: list[str] = []
    here = ""
    for step in pointer.strip("/").split("/"):
        if not step:
            continue
        here += f"/{step}"
        if step.isdecimal() and parts:
            parts[-1] += f" {int(step) + 1}"
        else:
            parts.append(_label(here))
    return " · ".join(parts) or gettext("The document")


def path(pointer: str) -> str:
    """Where a member stands, in words: `Run · Hardware 1 · Count`."""
    above, _, last = pointer.rpartition("/")
    if last.isdecimal():
        return f"{path(above)} {int(last) + 1}"
    heading = _heading(above)
    return f"{heading} · {_label(pointer)}" if above else labels.capital(_label(pointer))
