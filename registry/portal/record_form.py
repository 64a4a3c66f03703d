"""An access record as plain forms of one topic each, and back. Names of fields are pointers: `/resellers/0/name`.

What an element is called, what belongs in it and what its codes mean comes from `registry.compute.record` alone.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

from django.utils.translation import gettext

from registry.compute import record
from registry.compute.catalogue import catalogue
from registry.compute.record import Element
from registry.errors import Obstacle
from registry.organisations.identifiers import COUNTRIES
from registry.portal.page import language
from registry.portal.presentation import words
from registry.portal.presentation.marks import Field, Option
from registry.portal.presentation.onboarding import FieldGroup

OUT: Final = "out"  # the box that leaves an object out of its list
EMPTY_ROWS: Final = 2
IDENTITY: Final = "line_id"  # by which a record is amended: never changed by a form
TOPICS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "use": (
            "facility", "accelerator", "accelerators", "starts_at", "ends_at", "accelerator_hours", "workload_class",
            "nodes", "interconnect_gbit_per_s", "steady_days", "run_reference", "hardware_controller",
        ),
        "customer": (
            "customer_key", "customer_name", "customer_country", "customer_lei", "customer_euid", "customer_vat",
            "customer_address", "customer_email", "customer_phone", "customer_website", "customer_employees",
            "customer_incorporated_on",
        ),
        "owners": ("customer_parent_name", "customer_parent_country", "customer_directors", "customer_owners"),
        "contract": (
            "contracted_on", "contract_ends_on", "relation_began_on", "previous_customer_name",
            "previous_customer_country", "previous_customer_lei", "previous_customer_key", "contract_changed_on",
            "contract_changed_by",
        ),
        "payment": ("payer_name", "payer_country", "payment_means", "payment_countries", "resellers"),
        "purpose": (
            "business_purpose", "end_use", "end_user_name", "end_user_country", "end_user_statement_on",
            "verification_method", "verified_on", "declared_access_countries", "observed_access_countries",
        ),
        "movements": ("media_in", "weights_out"),
        "sanctions": (
            "is_established_in_russia", "is_end_use_prohibited", "attested_on", "attested_by", "exemption_reference",
        ),
    }
)  # fmt: skip
_KINDS: Final = MappingProxyType({"day": "date", "choice": "select", "yes_no": "select", "texts": "area"})


def title(topic: str) -> str:
    """What a topic is called."""
    return {
        "use": gettext("Use of accelerators"),
        "customer": gettext("Customer"),
        "owners": gettext("Who stands behind the customer"),
        "contract": gettext("Contract"),
        "payment": gettext("Payment and resellers"),
        "purpose": gettext("Purpose, verification and access"),
        "movements": gettext("What came in and what left"),
        "sanctions": gettext("Sanctions and end use"),
    }[topic]


def anew(document: Mapping[str, Any], topic: str, content: Mapping[str, Any]) -> dict[str, Any]:
    """The whole record with the elements of a topic as they were filled in."""
    rest = {name: value for name, value in document.items() if name not in TOPICS[topic]}
    joined = {**rest, **content}
    return {name: joined[name] for name in record.MEMBERS if name in joined}


def values_of(document: Mapping[str, Any], topic: str) -> dict[str, str]:
    """What was stated about a topic, by pointer, as fields show it."""
    found: dict[str, str] = {}
    for name in TOPICS[topic]:
        value = document.get(name)
        if record.elements()[name].kind == "objects":
            for place, row in enumerate(value or ()):
                found |= {f"/{name}/{place}/{inner}": _text(each) for inner, each in row.items()}
        elif value is not None:
            found[f"/{name}"] = _text(value)
    return found


def content_of(form: Mapping[str, str], topic: str) -> tuple[dict[str, Any], dict[str, str]]:
    """What was filled in, empty fields absent; and for each object's pointer there the one of its row in the form."""
    content: dict[str, Any] = {}
    places: dict[str, str] = {}
    for name in TOPICS[topic]:
        element = record.elements()[name]
        if element.kind == "objects":
            kept = _objects(form, name, places)
            content |= {name: kept} if kept else {}
        elif value := form.get(f"/{name}", "").strip():
            content[name] = _typed(element.kind, value)
    return content, places


def groups(
    topic: str, values: Mapping[str, str], obstacles: Iterable[Obstacle], places: Mapping[str, str]
) -> tuple[tuple[FieldGroup, ...], tuple[str, ...]]:
    """The form of a topic with what is wrong beside each field; and what is wrong elsewhere in the record."""
    wrong = _wrong(obstacles, places)
    elements = [record.elements()[name] for name in TOPICS[topic]]
    plain = tuple(_field(f"/{each.name}", each, values, wrong) for each in elements if each.kind != "objects")
    made = [FieldGroup(title(topic), plain)] if plain else []
    for each in elements:
        if each.kind == "objects":
            made += _rows(each, values, wrong)
    shown = {field.name for group in made for field in group.fields}
    return tuple(made), tuple(f"{_called(at)}: {said}" if at else said for at, said in wrong.items() if at not in shown)


def shown(element: Element, value: Any) -> str:
    """A value as it is read: codes, countries and answers in words, days and numbers as the language writes them."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, list):
        return "; ".join(shown(element, each) for each in value)
    if isinstance(value, Mapping):
        inner = record.parts_of(element.name)
        return ", ".join(shown(inner[name], each) for name, each in value.items() if name in inner)
    return _worded(element, str(value))


def _worded(element: Element, text: str) -> str:
    if element.words:
        named = element.words.get(text)
        return named[language()] if named else text
    if element.name.endswith(("country", "countries")):
        return words.country(text)
    if element.name == "accelerator":
        return accelerator(text)
    write = _WRITTEN.get(element.kind)
    return write(text) if write else text


def _moment(text: str) -> str:
    """In UTC, as months of returns are."""
    moment = datetime.fromisoformat(text).astimezone(UTC)
    return f"{words.day(moment.date())}, {moment:%H:%M} UTC"


_WRITTEN: Final[Mapping[str, Callable[[str], str]]] = MappingProxyType(
    {
        "whole": lambda text: words.count(int(text)),
        "decimal": lambda text: words.count(Decimal(text)),
        "day": lambda text: words.day(date.fromisoformat(text)),
        "moment": _moment,
    }
)


def accelerator(code: str) -> str:
    """The name of an accelerator; its code where the catalogue has none."""
    known = catalogue().get(code)
    return known.name if known else code


def _called(pointer: str) -> str:
    """What the element at a pointer is called."""
    element = record.elements().get(pointer.split("/")[1])
    return element.label[language()] if element else pointer


def _wrong(obstacles: Iterable[Obstacle], places: Mapping[str, str]) -> dict[str, str]:
    """The sentences by place in the form; several at one place in one text. A list of texts is one field."""
    found: dict[str, str] = {}
    for each in obstacles:
        head, _, rest = each.pointer[1:].partition("/")
        row, _, inner = rest.partition("/")
        element = record.elements().get(head)
        at = f"/{head}" if each.pointer else ""
        if element is not None and element.kind == "objects" and row:
            at = f"{places.get(f'/{head}/{row}', f'/{head}/{row}')}/{inner or next(iter(record.parts_of(head)))}"
        said = " ".join(filter(None, (each.sentence, each.remedy)))
        found[at] = f"{found[at]} {said}" if at in found else said
    return found


def _rows(element: Element, values: Mapping[str, str], wrong: Mapping[str, str]) -> list[FieldGroup]:
    """A group of fields for each object of a list, and some for more."""
    head = f"/{element.name}/"
    taken = {int(at.removeprefix(head).partition("/")[0]) for at in values if at.startswith(head)}
    made = []
    for place in range(max(taken, default=-1) + 1 + EMPTY_ROWS):
        legend = gettext("%(list)s: no. %(number)s") % {"list": element.label[language()], "number": place + 1}
        inner = record.parts_of(element.name)
        fields = [_field(f"{head}{place}/{name}", part, values, wrong, is_in_list=True) for name, part in inner.items()]
        if place in taken:
            box = f"{head}{place}/{OUT}"
            fields.append(Field(box, gettext("Leave this out"), "check", values.get(box, "")))
        made.append(FieldGroup(legend, tuple(fields), element.help[language()] if place == 0 else ""))
    return made


def _field(
    pointer: str, element: Element, values: Mapping[str, str], wrong: Mapping[str, str], *, is_in_list: bool = False
) -> Field:
    value = values.get(pointer, "")
    options = _choices(element, value)
    told = element.help[language()]
    return Field(
        pointer,
        element.label[language()],
        "select" if options else _KINDS.get(element.kind, "text"),
        value,
        options,
        help=f"{told} {gettext('One a line.')}" if element.kind == "texts" else told,
        error=wrong.get(pointer, ""),
        required=element.is_required and not is_in_list,
        rows=3,
    )


def _choices(element: Element, chosen: str) -> tuple[Option, ...]:
    """The options of a field, none for a field that is written in."""
    known: Sequence[tuple[str, str]] = ()
    if element.kind == "choice":
        known = [(code, element.words[code][language()]) for code in element.choices]
    elif element.kind == "yes_no":
        known = [("true", gettext("yes")), ("false", gettext("no"))]
    elif element.name == "accelerator":
        known = [(each.code, each.name) for each in catalogue().values()]
    elif element.name.endswith("country"):
        known = sorted(((code, words.country(code)) for code in COUNTRIES), key=lambda pair: pair[1])
    if not known:
        return ()
    other = [] if chosen in {"", *(code for code, _ in known)} else [(chosen, chosen)]
    return (Option("", "–", not chosen), *(Option(code, text, code == chosen) for code, text in (*known, *other)))


def _objects(form: Mapping[str, str], name: str, places: dict[str, str]) -> list[dict[str, Any]]:
    """The objects of a list that are filled in and not left out."""
    kept: list[dict[str, Any]] = []
    inner = record.parts_of(name)
    place = 0
    while any(f"/{name}/{place}/{each}" in form for each in inner):
        row = {
            each: _typed(part.kind, value)
            for each, part in inner.items()
            if (value := form.get(f"/{name}/{place}/{each}", "").strip())
        }
        if row and not form.get(f"/{name}/{place}/{OUT}"):
            places[f"/{name}/{len(kept)}"] = f"/{name}/{place}"
            kept.append(row)
        place += 1
    return kept


def _typed(kind: str, value: str) -> Any:
    """As the line has it; what does not fit stays a text, which its reading refuses."""
    if kind == "whole":
        return int(value) if value.isascii() and value.isdigit() and len(value) < len("1000000000000000000") else value
    if kind == "yes_no":
        return {"true": True, "false": False}.get(value, value)
    if kind == "texts":
        return [each.strip() for each in value.splitlines() if each.strip()]
    return value


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "\n".join(map(str, value)) if isinstance(value, list) else str(value)
