"""Elements of a document as plain forms without script, and back. Names of fields are pointers: `/hardware/0/count`.

A document is described as a tree of `Member`s in the reader's language; objects may repeat and hold others. Fields left
empty are absent; what does not fit its kind stays a text, which the reading of the document refuses with its own words.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from django.utils.translation import gettext

from registry.compute.catalogue import catalogue
from registry.errors import Obstacle
from registry.organisations.identifiers import COUNTRIES
from registry.portal.presentation import words
from registry.portal.presentation.marks import Field, Option
from registry.portal.presentation.onboarding import FieldGroup

OUT: Final = "out"  # the box that leaves an object out of its list
_DIGITS_OF_A_COUNT: Final = 18
_SPARE: Final = 2  # selects for further codes of a list, and one more where there is none yet
_NESTED: Final = frozenset({"object", "objects", "choices"})
_KINDS: Final[Mapping[str, str]] = {
    "day": "date", "choice": "select", "yes_no": "select", "texts": "area", "prose": "area"
}  # fmt: skip


@dataclass(frozen=True)
class Member:
    """One element as a form needs it, in one language.

    `kind`: text, prose, day, whole, yes_no, choice, texts (one a line), choices (a box each), codes (several of a long
    list, chosen one by one), object, objects.
    `options` are codes with their words; `is_needed` says that the document is incomplete without it.
    """

    name: str
    kind: str
    label: str = ""
    help: str = ""
    options: tuple[tuple[str, str], ...] = ()
    is_required: bool = False
    is_needed: bool = False
    inner: tuple["Member", ...] = ()


@dataclass(frozen=True)
class Placed:
    """A form with what is wrong at its fields; `elsewhere` are pointers that it does not show, with sentences."""

    groups: tuple[FieldGroup, ...]
    faults: tuple[tuple[str, str, str], ...] = ()  # id of the field, its label, sentence
    elsewhere: tuple[tuple[str, str], ...] = ()


def countries() -> tuple[tuple[str, str], ...]:
    """Codes of countries with their names, in the order of these."""
    return tuple(sorted(((code, words.country(code)) for code in COUNTRIES), key=lambda pair: pair[1]))


def accelerators() -> tuple[tuple[str, str], ...]:
    """Codes of the catalogue with their names."""
    return tuple((each.code, each.name) for each in catalogue().values())


def values_of(member: Member, value: Any, pointer: str = "") -> dict[str, str]:
    """What was stated, by pointer, as fields show it."""
    if value is None:
        return {}
    if member.kind == "object":
        found: dict[str, str] = {}
        for each in member.inner:
            found |= values_of(each, value.get(each.name), f"{pointer}/{each.name}")
        return found
    if member.kind == "objects":
        row = replace(member, kind="object")
        found = {}
        for place, item in enumerate(value):
            found |= values_of(row, item, f"{pointer}/{place}")
        return found
    if member.kind == "choices":
        return {f"{pointer}/{code}": "yes" for code in value}
    if member.kind == "codes":
        return {f"{pointer}/{place}": code for place, code in enumerate(value)}
    return {pointer: _text(value)}


def content_of(form: Mapping[str, str], member: Member) -> tuple[Any, dict[str, str]]:
    """What was filled in; and for the pointer of each object in a list there the one of its row in the form."""
    places: dict[str, str] = {}
    return _content(form, member, "", "", places), places


def groups(member: Member, values: Mapping[str, str], *, legend: str, rows: int = 1) -> tuple[FieldGroup, ...]:
    """The form of an object with so many `rows` to add to each list."""
    return tuple(_Form(values, rows).of_object(member, "", legend, ""))


def placed(made: Sequence[FieldGroup], obstacles: Iterable[Obstacle], places: Mapping[str, str], prefix: str) -> Placed:
    """The form with what is wrong beside each field, ids of which begin with `prefix`."""
    names = [field.name for group in made for field in group.fields]
    wrong: dict[str, str] = {}
    elsewhere: list[tuple[str, str]] = []
    for each in obstacles:
        said = " ".join(filter(None, (each.sentence, each.remedy)))
        name = _field_at(_in_form(each.pointer, places), names)
        if name:
            wrong[name] = f"{wrong[name]} {said}" if name in wrong else said
        else:
            elsewhere.append((each.pointer, said))
    marked = tuple(
        replace(group, fields=tuple(replace(each, error=wrong.get(each.name, "")) for each in group.fields))
        for group in made
    )
    faults = tuple(
        (f"{prefix}{each.name}-error", f"{group.legend}: {each.label}", each.error)
        for group in marked
        for each in group.fields
        if each.error
    )
    return Placed(marked, faults, tuple(elsewhere))


class _Form:
    """Walks the tree of members and makes the groups of fields."""

    def __init__(self, values: Mapping[str, str], rows: int) -> None:
        self.values, self.rows = values, rows

    def of_object(self, member: Member, pointer: str, legend: str, above: str) -> Iterator[FieldGroup]:
        """An object: its plain fields, then what is in it. `above` begins the legends of what is in a row of a list."""
        plain = tuple(
            field
            for each in member.inner
            if each.kind not in _NESTED
            for field in self.fields(each, f"{pointer}/{each.name}")
        )
        if plain:
            yield FieldGroup(legend, plain, member.help)
        for each in member.inner:
            at, named = f"{pointer}/{each.name}", f"{above}{each.label}"
            if each.kind == "object":
                yield from self.of_object(each, at, named, above)
            elif each.kind == "objects":
                yield from self.of_list(each, at, named)
            elif each.kind == "choices":
                yield FieldGroup(named, self.boxes(each, at), each.help)

    def of_list(self, member: Member, pointer: str, named: str) -> Iterator[FieldGroup]:
        """A group for each object of a list, and some for more."""
        head = f"{pointer}/"
        taken = set(_places(self.values, head))
        for place in range(max(taken, default=-1) + 1 + self.rows):
            legend = gettext("%(list)s: no. %(number)s") % {"list": named, "number": place + 1}
            row = replace(
                member,
                help=member.help if place == 0 else "",
                inner=tuple(replace(each, is_required=False) for each in member.inner),
            )
            made = list(self.of_object(row, f"{head}{place}", legend, f"{legend} · "))
            if place in taken:
                box = f"{head}{place}/{OUT}"
                out = Field(box, gettext("Leave this out"), "check", self.values.get(box, ""))
                made[0] = replace(made[0], fields=(*made[0].fields, out))
            yield from made

    def boxes(self, member: Member, pointer: str) -> tuple[Field, ...]:
        """A box for each code."""
        return tuple(
            Field(f"{pointer}/{code}", said, "check", self.values.get(f"{pointer}/{code}", ""), is_needed=True)
            for code, said in member.options
        )

    def fields(self, member: Member, pointer: str) -> tuple[Field, ...]:
        """What a plain element is filled in with: one field, or for a list of codes a select for each and some more."""
        if member.kind != "codes":
            return (self.field(member, pointer),)
        last = max((at for at in _places(self.values, f"{pointer}/") if self.values[f"{pointer}/{at}"]), default=0)
        made = []
        for place in range(last + 1 + _SPARE):
            label = gettext("%(list)s: no. %(number)s") % {"list": member.label, "number": place + 1}
            told = member.help if place == 0 else ""
            made.append(self.field(replace(member, label=label, help=told), f"{pointer}/{place}"))
        return tuple(made)

    def field(self, member: Member, pointer: str) -> Field:
        """One plain field."""
        value = self.values.get(pointer, "")
        options = _options(member, value)
        told = f"{member.help} {gettext('One a line.')}" if member.kind == "texts" else member.help
        return Field(
            pointer,
            member.label,
            "select" if options else _KINDS.get(member.kind, "text"),
            value,
            options,
            help=told.strip(),
            required=member.is_required,
            is_needed=member.is_needed,
            rows=3,
        )


def _options(member: Member, chosen: str) -> tuple[Option, ...]:
    """The options of a field, none for a field that is written in."""
    known = (("true", gettext("yes")), ("false", gettext("no"))) if member.kind == "yes_no" else member.options
    if not known:
        return ()
    other = [] if chosen in {"", *(code for code, _ in known)} else [(chosen, chosen)]
    return (Option("", "–", not chosen), *(Option(code, said, code == chosen) for code, said in (*known, *other)))


def _content(form: Mapping[str, str], member: Member, pointer: str, at: str, places: dict[str, str]) -> Any:
    """What stands in the form at `pointer`, to stand in the document at `at`; None where nothing does."""
    if member.kind == "object":
        found = {
            each.name: inner
            for each in member.inner
            if (inner := _content(form, each, f"{pointer}/{each.name}", f"{at}/{each.name}", places)) is not None
        }
        return found or None
    if member.kind == "objects":
        return _rows(form, member, pointer, at, places) or None
    if member.kind == "choices":
        return [code for code, _ in member.options if form.get(f"{pointer}/{code}")] or None
    if member.kind == "codes":
        return _codes(form, pointer, at, places) or None
    value = form.get(pointer, "").strip()
    return _typed(member.kind, value) if value else None


def _rows(form: Mapping[str, str], member: Member, pointer: str, at: str, places: dict[str, str]) -> list[Any]:
    """The objects of a list that are filled in and not left out."""
    kept: list[Any] = []
    row = replace(member, kind="object")
    head = f"{pointer}/"
    for place in _places(form, head):
        if form.get(f"{head}{place}/{OUT}"):
            continue
        item = _content(form, row, f"{head}{place}", f"{at}/{len(kept)}", places)
        if item is not None:
            places[f"{at}/{len(kept)}"] = f"{head}{place}"
            kept.append(item)
    return kept


def _codes(form: Mapping[str, str], pointer: str, at: str, places: dict[str, str]) -> list[str]:
    """The codes that are chosen, each once."""
    kept: list[str] = []
    for place in _places(form, f"{pointer}/"):
        code = form.get(f"{pointer}/{place}", "").strip()
        if code and code not in kept:
            places[f"{at}/{len(kept)}"] = f"{pointer}/{place}"
            kept.append(code)
    return kept


def _places(form: Mapping[str, str], head: str) -> list[int]:
    """The numbers of what stands in a list, in order."""
    numbers = {name.removeprefix(head).partition("/")[0] for name in form if name.startswith(head)}
    return sorted(int(each) for each in numbers if each.isascii() and each.isdigit() and len(each) < 5)


def _typed(kind: str, value: str) -> Any:
    """As the document has it; what does not fit stays a text."""
    if kind == "whole":
        return int(value) if value.isascii() and value.isdigit() and len(value) <= _DIGITS_OF_A_COUNT else value
    if kind == "yes_no":
        return {"true": True, "false": False}.get(value, value)
    if kind == "texts":
        return [each.strip() for each in value.splitlines() if each.strip()]
    return value.replace("\r\n", "\n")


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "\n".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _in_form(pointer: str, places: Mapping[str, str]) -> str:
    """Where the form shows what stands at a pointer of the document: rows may have been left out or empty."""
    above, rest = pointer, ""
    while above:
        if above in places:
            return f"{places[above]}{rest}"
        above, _, last = above.rpartition("/")
        rest = f"/{last}{rest}"
    return pointer


def _field_at(pointer: str, names: Sequence[str]) -> str:
    """The field that shows a pointer: itself, the list it is in, or the first field of the object; else none."""
    if pointer in names:
        return pointer
    above, _, last = pointer.rpartition("/")
    if last.isdecimal() and above in names:
        return above
    found = next((name for name in names if name.startswith(f"{pointer}/")), "") if pointer else ""
    in_boxes = next((name for name in names if name.startswith(f"{above}/")), "") if last.isdecimal() else ""
    return found or in_boxes
