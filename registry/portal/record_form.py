"""An access record as plain forms of one topic each, and back. Names of fields are pointers: `/resellers/0/name`.

What an element is called, what belongs in it and what its codes mean comes from `registry.compute.record` alone.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

from django.utils.translation import gettext

from registry.compute import record
from registry.compute.catalogue import catalogue
from registry.compute.record import Element
from registry.errors import Obstacle
from registry.portal import element_form
from registry.portal.element_form import Member
from registry.portal.page import language
from registry.portal.presentation import words
from registry.portal.presentation.onboarding import FieldGroup

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
    return element_form.values_of(_form_of(topic), document)


def content_of(form: Mapping[str, str], topic: str) -> tuple[dict[str, Any], dict[str, str]]:
    """What was filled in, empty fields absent; and for each object's pointer there the one of its row in the form."""
    content, places = element_form.content_of(form, _form_of(topic))
    return content or {}, places


def groups(
    topic: str, values: Mapping[str, str], obstacles: Iterable[Obstacle], places: Mapping[str, str]
) -> tuple[tuple[FieldGroup, ...], tuple[str, ...]]:
    """The form of a topic with what is wrong beside each field; and what is wrong elsewhere in the record."""
    made = element_form.groups(_form_of(topic), values, legend=title(topic), rows=EMPTY_ROWS)
    placed = element_form.placed(made, obstacles, places, "f")
    elsewhere = (f"{_called(at)}: {told}" if at else told for at, told in placed.elsewhere)
    return placed.groups, tuple(dict.fromkeys(elsewhere))


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


def _form_of(topic: str) -> Member:
    """The form of a topic, in the language of the page."""
    return Member("", "object", inner=tuple(_member(record.elements()[name]) for name in TOPICS[topic]))


def _member(element: Element) -> Member:
    inner = record.parts_of(element.name).values() if element.kind == "objects" else ()
    return Member(
        element.name,
        element.kind,
        element.label[language()],
        element.help[language()],
        _choices(element),
        element.is_required,
        inner=tuple(_member(each) for each in inner),
    )


def _choices(element: Element) -> tuple[tuple[str, str], ...]:
    """The codes of an element with their words, none for what is written in."""
    if element.kind == "choice":
        return tuple((code, element.words[code][language()]) for code in element.choices)
    if element.name == "accelerator":
        return element_form.accelerators()
    return element_form.countries() if element.name.endswith("country") else ()
