"""The document described: the list of its elements, and its JSON Schema (draft 2020-12)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from types import MappingProxyType, NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from registry.filings.document.elements import Stage
from registry.filings.document.whole import SCHEMA_VERSION, FilingDocument
from registry.forms import scalars
from registry.forms.parts import ConfidentialityClass, Part

SCHEMA_ID = f"/api/v1/schemas/filing-{SCHEMA_VERSION}.json"
DIALECT = "https://json-schema.org/draft/2020-12/schema"

_SCALAR_NAMES: dict[int, str] = {
    id(item): name
    for name, alias in vars(scalars).items()
    if get_origin(alias) is Annotated
    for item in get_args(alias)[1:]
    if isinstance(item, scalars.Scalar)
}


@dataclass(frozen=True)
class Element:
    """One member of the document.

    `pointer` is a JSON Pointer with `*` for any index; `kind` is `object`, `choice`, `boolean`, `Count`, or the name of
    a type in `scalars` (`Flop`, `Day`, `Name`). Labels and helps are by language.
    """

    name: str
    pointer: str
    code: str
    cls: ConfidentialityClass
    source: str
    needed: tuple[Stage, ...]
    kind: str
    choices: tuple[str, ...]
    is_leaf: bool
    is_list: bool
    is_required: bool
    is_quantity: bool
    label: Mapping[str, str]
    help: Mapping[str, str]
    constraints: Mapping[str, Any]


def _unwrapped(annotation: Any, metadata: tuple[Any, ...]) -> tuple[Any, tuple[Any, ...], bool]:
    """The type inside optional, annotation and tuple; what is annotated to it; whether it is a list."""
    is_list = False
    while True:
        origin, arguments = get_origin(annotation), get_args(annotation)
        if origin is Annotated:
            annotation, metadata = arguments[0], (*metadata, *arguments[1:])
        elif origin in (Union, UnionType):
            annotation = next(each for each in arguments if each is not NoneType)
        elif origin is tuple:
            annotation, metadata, is_list = arguments[0], (), True
        else:
            return annotation, metadata, is_list


def _kind(inner: Any, metadata: tuple[Any, ...]) -> tuple[str, tuple[str, ...], Mapping[str, Any]]:
    if isinstance(inner, type) and issubclass(inner, Part):
        return "object", (), {}
    if get_origin(inner) is Literal:
        return "choice", get_args(inner), {}
    if inner is bool:
        return "boolean", (), {}
    scalar = next((item for item in metadata if isinstance(item, scalars.Scalar)), None)
    return (_SCALAR_NAMES[id(scalar)], (), dict(scalar.schema)) if scalar else ("Count", (), {})


def _element(name: str, field: FieldInfo, *, above: str) -> tuple[Element, type[Part] | None]:
    inner, metadata, is_list = _unwrapped(field.annotation, tuple(field.metadata))
    kind, choices, constraints = _kind(inner, metadata)
    said: Any = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
    found = Element(
        name=name,
        pointer=f"{above}/{name}" + ("/*" if is_list else ""),
        code=said.get("x-element", ""),
        cls=said.get("x-class", ""),
        source=said.get("x-source", ""),
        needed=tuple(said.get("x-needed", ())),
        kind=kind,
        choices=choices,
        is_leaf=kind != "object",
        is_list=is_list,
        is_required=field.is_required(),
        is_quantity=inner in (int, Decimal),
        label=MappingProxyType(said.get("x-label", {})),
        help=MappingProxyType(said.get("x-help", {})),
        constraints=MappingProxyType(dict(constraints)),
    )
    return found, inner if kind == "object" else None


def _walk(part: type[Part], above: str) -> Iterator[Element]:
    for name, field in part.model_fields.items():
        found, inner = _element(name, field, above=above)
        yield found
        if inner is not None:
            yield from _walk(inner, found.pointer)


@cache
def elements() -> tuple[Element, ...]:
    """Every member of the document, objects before what they hold, in the order of the document."""
    return tuple(_walk(FilingDocument, ""))


@cache
def member_names() -> tuple[str, ...]:
    """Every member name in use, for suggestions."""
    return tuple(sorted({each.name for each in elements()}))


@cache
def _by_pattern() -> Mapping[str, Element]:
    return MappingProxyType({each.pointer.removesuffix("/*"): each for each in elements()})


def element_at(pointer: str) -> Element | None:
    """The element at `/run/hardware/0/count` or `/run/hardware/*/count`, or None outside the document."""
    pattern = "/".join("*" if part.isdecimal() else part for part in pointer.split("/"))
    return _by_pattern().get(pattern.removesuffix("/*"))


def json_schema(*, ref_template: str = "#/$defs/{model}") -> dict[str, Any]:
    """The JSON Schema published for schema 1.0, with class, source and texts of each element in `x-` members.

    `ref_template` says where the parts stand, such as `#/components/schemas/{model}` in an OpenAPI document.
    """
    schema = FilingDocument.model_json_schema(mode="validation", ref_template=ref_template)
    return {"$schema": DIALECT, "$id": SCHEMA_ID, **schema}
