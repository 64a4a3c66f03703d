"""The filing document as a task list: topics of one page each, their forms, and how far each has come.

What an element is called, what belongs in it and which stage needs it comes from the document's one definition.
"""

from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from enum import StrEnum
from functools import cache
from types import MappingProxyType
from typing import Any, Final

from django.utils.translation import gettext

from registry.filings.checks.catalogue import every_check
from registry.filings.checks.engine import Answer
from registry.filings.document import Element, elements
from registry.portal import document_view, element_form
from registry.portal.element_form import Member
from registry.portal.page import language

GROUPS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "run": ("run", "dates", "model"),
        "compute": ("compute", "hardware", "architecture", "data"),
        "site": ("facilities", "security"),
        "who": ("filer", "owners", "customer"),
        "said": ("statements", "rebuttal", "incident"),
    }
)
TOPICS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "run": (
            "/stage", "/language", "/illustrative", "/run/client_run_id", "/run/lineage_id", "/run/stage",
            "/run/biological_sequence_data",
        ),
        "dates": (
            "/run/planned_start_on", "/run/planned_end_on", "/run/actual_start_on", "/run/actual_end_on",
            "/run/wall_clock_hours", "/run/met_on", "/run/known_on",
        ),
        "model": ("/model", "/run/base_model"),
        "compute": ("/run/training_compute", "/run/inclusions", "/run/energy"),
        "hardware": ("/run/hardware",),
        "architecture": ("/run/architecture",),
        "data": ("/data",),
        "facilities": ("/facilities",),
        "security": ("/security",),
        "filer": ("/filer",),
        "owners": ("/beneficial_ownership",),
        "customer": ("/customer",),
        "statements": ("/attestations",),
        "rebuttal": ("/rebuttal",),
        "incident": ("/incident",),
    }
)  # fmt: skip
START: Final = ("/stage", "/filer/role", "/run/client_run_id", "/run/stage")  # without these there is no document
DECLARED: Final = ("/schema_version", "/signature")  # the one is fixed, the other is the declaration
_FROM_THE_START: Final = frozenset({*START, "/language", "/filer/legal_name", "/filer/seat_country", "/filer/lei"})
_KINDS: Final[Mapping[str, str]] = MappingProxyType(
    {"boolean": "yes_no", "Day": "day", "HistoricDay": "day", "Count": "whole", "Prose": "prose"}
)


class State(StrEnum):
    """How far a topic has come."""

    NOT_NEEDED = "not_needed"
    NOT_STARTED = "not_started"
    IN_PROGRESS = "in_progress"
    HAS_ERRORS = "has_errors"
    COMPLETE = "complete"


def title(topic: str) -> str:
    """What a topic is called."""
    return {
        "run": gettext("The run"),
        "dates": gettext("Dates"),
        "model": gettext("Model and lineage"),
        "compute": gettext("Training compute and its basis"),
        "hardware": gettext("Hardware used"),
        "architecture": gettext("Parameters and tokens"),
        "data": gettext("Training data"),
        "facilities": gettext("Facilities"),
        "security": gettext("Protection"),
        "filer": gettext("Who files"),
        "owners": gettext("Who owns and controls the filer"),
        "customer": gettext("Customer"),
        "statements": gettext("Attestations"),
        "rebuttal": gettext("Rebuttal"),
        "incident": gettext("Serious incident"),
    }[topic]


def group_title(group: str) -> str:
    """What a group of topics is called."""
    return {
        "run": gettext("The run and its model"),
        "compute": gettext("Compute and data"),
        "site": gettext("Where it runs"),
        "who": gettext("Who is behind it"),
        "said": gettext("Statements"),
    }[group]


def following(topic: str) -> str:
    """The topic after this one; none after the last."""
    order = list(TOPICS)
    place = order.index(topic) + 1
    return order[place] if place < len(order) else ""


def topic_of(pointer: str) -> str:
    """The topic whose form shows what stands at a pointer; none for the declaration and the document as a whole."""
    return next(
        (topic for topic, paths in TOPICS.items() if any(f"{pointer}/".startswith(f"{path}/") for path in paths)), ""
    )


def form_of(topic: str) -> Member:
    """The form of a topic, in the language of the page."""
    return _restricted(_members(language()), TOPICS[topic])


def form_of_start() -> Member:
    """The form by which a draft begins."""
    return _restricted(_members(language()), START)


def part_of(document: Mapping[str, Any], paths: Iterable[str]) -> dict[str, Any]:
    """What a document says at some paths, and nothing else of it."""
    found: dict[str, Any] = {}
    for path in paths:
        _put(found, path, _at(document, path))
    return found


def anew(document: Mapping[str, Any], paths: Iterable[str], content: Mapping[str, Any]) -> dict[str, Any]:
    """The whole document with what `content` says at some paths in place of what stood there."""
    joined = deepcopy(dict(document))
    for path in paths:
        _put(joined, path, _at(content, path))
    return joined


def is_begun(document: Mapping[str, Any], topic: str) -> bool:
    """Whether anything is stated about a topic beyond what every draft has from its start."""
    fresh = [element.pointer for element in elements() if element.is_leaf and element.pointer in _FROM_THE_START]
    rest = anew(document, fresh, {})
    return any(_at(rest, path) not in (None, {}, []) for path in TOPICS[topic])


def state(document: Mapping[str, Any], topic: str, answers: Sequence[Answer]) -> State:
    """How far a topic has come, by the checks' answers on the whole document."""
    errors = [each for each in answers if each.severity == "error" and topic_of(each.pointer) == topic]
    begun = is_begun(document, topic)
    if any(not is_lack(each) for each in errors):
        return State.HAS_ERRORS
    if errors:
        return State.IN_PROGRESS if begun else State.NOT_STARTED
    return State.COMPLETE if begun else State.NOT_NEEDED


def is_lack(answer: Answer) -> bool:
    """Whether a check says that something is missing, rather than wrong."""
    return every_check()[answer.code].family == "presence"


@cache
def _members(spoken: str) -> Member:
    """The whole document, in the language that is active: it is part of the key of what is kept."""
    beneath: dict[str, list[Element]] = {}
    for element in elements():
        beneath.setdefault(element.pointer.removesuffix("/*").rpartition("/")[0], []).append(element)
    lists = {"Country": element_form.countries(), "AcceleratorCode": element_form.accelerators()}
    return Member("", "object", inner=_inner("", beneath, lists, spoken))


def _inner(
    above: str,
    beneath: Mapping[str, list[Element]],
    lists: Mapping[str, tuple[tuple[str, str], ...]],
    spoken: str,
) -> tuple[Member, ...]:
    return tuple(
        Member(
            each.name,
            _kind(each),
            each.label[spoken],
            each.help[spoken],
            _options(each, lists),
            each.is_required,
            bool(each.needed),
            _inner(each.pointer, beneath, lists, spoken) if each.kind == "object" else (),
        )
        for each in beneath.get(above, ())
        if each.pointer not in DECLARED
    )


def _kind(element: Element) -> str:
    if element.kind == "object":
        return "objects" if element.is_list else "object"
    if element.kind == "choice":
        return "choices" if element.is_list else "choice"
    if element.is_list:
        return "codes" if element.kind == "Country" else "texts"
    return _KINDS.get(element.kind, "text")


def _options(element: Element, lists: Mapping[str, tuple[tuple[str, str], ...]]) -> tuple[tuple[str, str], ...]:
    if element.kind == "choice":
        return tuple((code, document_view.value(code, element)) for code in element.choices)
    return lists.get(element.kind, ())


def _restricted(member: Member, paths: Sequence[str]) -> Member:
    """The tree with nothing but the paths, each with all beneath it."""
    heads: dict[str, list[str]] = {}
    for path in paths:
        head, _, rest = path[1:].partition("/")
        heads.setdefault(head, []).append(f"/{rest}" if rest else "")
    kept = [each for each in member.inner if each.name in heads]
    return replace(
        member, inner=tuple(each if "" in heads[each.name] else _restricted(each, heads[each.name]) for each in kept)
    )


def _at(document: Mapping[str, Any], path: str) -> Any:
    here: Any = document
    for name in path.split("/")[1:]:
        here = here.get(name) if isinstance(here, Mapping) else None
    return here


def _put(document: dict[str, Any], path: str, value: Any) -> None:
    """Set a member, or take it out where there is no value."""
    *above, last = path.split("/")[1:]
    here = document
    for name in above:
        if value is None and name not in here:
            return
        here = here.setdefault(name, {})
    if value is None:
        here.pop(last, None)
    else:
        here[last] = deepcopy(value)
