"""Two versions of a filing beside each other: every field that differs, part by part, and those that do not, folded.

The documents come as their reader may be told them (registry.filings.document.rendering): what may not be told can
neither be seen nor seen to have changed.
"""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext, ngettext

from registry.filings import difference
from registry.filings.document import Element, element_at
from registry.portal import document_view
from registry.portal.page import language
from registry.portal.presentation import words
from registry.portal.presentation.filing import ComparedPart, ComparedRow
from registry.portal.presentation.marks import Fact, Label, Tone


def parts(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[ComparedPart, ...]:
    """The parts of both documents in the order of the schema, those that differ first, each with its rows."""
    changes = difference.difference(old=old, new=new)
    changed = {change.key for change in changes}
    same = [leaf for key, leaf in difference.flattened(new).items() if key not in changed]
    places: list[difference.Change | difference.Leaf] = [*changes, *same]
    rows: dict[str, list[ComparedRow]] = {}
    folded: dict[str, list[Fact]] = {}
    for place in sorted(places, key=document_view.place_of):
        part = document_view.part_of(place.pointer)
        rows.setdefault(part, [])
        if isinstance(place, difference.Change):
            rows[part].append(_row(place, part))
        else:
            shown = document_view.value(place.value, element_at(place.pattern))
            folded.setdefault(part, []).append(Fact(_label(place.pointer, part), shown))
    told = (ComparedPart(part, tuple(found), tuple(folded.get(part, ()))) for part, found in rows.items())
    return tuple(sorted(told, key=lambda part: not part.rows))


def summary(compared: tuple[ComparedPart, ...]) -> str:
    """How many fields differ, of how many, and how many materially."""
    changed = [row for part in compared for row in part.rows]
    kept = sum(len(part.unchanged) for part in compared)
    told = ngettext("%(changed)s field of %(all)s differs", "%(changed)s fields of %(all)s differ", len(changed))
    material = gettext("%(material)s material under the register’s rules") % {
        "material": words.count(sum(1 for row in changed if row.reason))
    }
    counted = told % {"changed": words.count(len(changed)), "all": words.count(len(changed) + kept)}
    return f"{counted}; {material}"


def _row(change: difference.Change, part: str) -> ComparedRow:
    element = element_at(change.pointer)
    old, new = (_shown(side, element) for side in (change.old, change.new))
    is_moved = change.kind == "changed"
    if is_moved and old == new:  # what is shown rounded differs in a later digit
        old, new = (_unrounded(side, element) for side in (change.old, change.new))
    return ComparedRow(
        label=_label(change.pointer, part),
        old=old,
        new=new,
        mark=_mark(change.kind),
        item=_item(change.key),
        extent=document_view.extent(change) if is_moved else "",
        reason=change.rule.reason[language()] if change.rule else "",
        basis=change.rule.source if change.rule else "",
        pointer=change.pointer,
    )


def _shown(side: Any, element: Element | None) -> str:
    return "" if side is None else document_view.value(side, element)


def _unrounded(side: Any, element: Element | None) -> str:
    unit = document_view.UNITS.get(element.kind, "") if element else ""
    return f"{side} {unit}".rstrip()


def _label(pointer: str, part: str) -> str:
    """The path of a field below the heading of its part."""
    return document_view.path(pointer).removeprefix(f"{part} · ")


def _item(key: str) -> str:
    """What names the item of a list to which the field belongs, across versions: `lyon-1`; nothing where none does."""
    names = [step[1:-1] for step in key.split("/")[:-1] if step.startswith("[") and not step.startswith("[#")]
    return " · ".join(name.replace("|", ", ").replace("~1", "/").replace("~0", "~") for name in names)


def _mark(kind: str) -> Label:
    return {
        "added": Label(gettext("added"), Tone.DONE, "plus"),
        "removed": Label(gettext("removed"), Tone.ALERT, "x"),
        "changed": Label(gettext("changed"), Tone.NEW, "pencil-simple"),
    }[kind]
