"""The parts that the schemas of the OpenAPI document are made of (JSON Schema, draft 2020-12)."""

from collections.abc import Mapping
from typing import Any

Schema = Mapping[str, Any]


def component(name: str) -> dict[str, Any]:
    """A reference to a schema of this table."""
    return {"$ref": f"#/components/schemas/{name}"}


def an_object(description: str, /, *, optional: tuple[str, ...] = (), **members: Any) -> dict[str, Any]:
    """An object whose members are all required but the `optional` ones."""
    required = [name for name in members if name not in optional]
    return {"type": "object", "description": description, "properties": members, "required": required}


def a_request(description: str, /, *, optional: tuple[str, ...] = (), **members: Any) -> dict[str, Any]:
    """A body that is refused with any other member."""
    made = {**an_object(description, optional=optional, **members), "additionalProperties": False}
    return made if made["required"] else {name: value for name, value in made.items() if name != "required"}


def a_text(description: str, **more: Any) -> dict[str, Any]:
    """A text."""
    return {"type": "string", "description": description, **more}


def nullable(schema: dict[str, Any]) -> dict[str, Any]:
    """The same, or null."""
    if "type" in schema:
        return {**schema, "type": [schema["type"], "null"]}
    return {"anyOf": [schema, {"type": "null"}]}


def a_list(items: Schema, description: str) -> dict[str, Any]:
    """A list."""
    return {"type": "array", "items": items, "description": description}


def a_code(description: str, choices: Any) -> dict[str, Any]:
    """One of a list of codes."""
    return {"type": "string", "description": description, "enum": [str(choice) for choice in choices]}


def a_moment(description: str) -> dict[str, Any]:
    """A moment in UTC."""
    return a_text(f"{description} RFC 3339, in UTC.", format="date-time", pattern="Z$")


def a_day(description: str) -> dict[str, Any]:
    """A day."""
    return a_text(description, format="date")


def a_hash(description: str, *, octets: int = 32) -> dict[str, Any]:
    """Bytes in lower-case hexadecimal."""
    return a_text(f"{description} Lower-case hexadecimal.", pattern=f"^[0-9a-f]{{{2 * octets}}}$")


def a_flop(description: str) -> dict[str, Any]:
    """An amount of compute."""
    return a_text(f"{description} In FLOP, as a decimal string.", pattern=r"^[0-9]+(\.[0-9]+)?(e[0-9]+)?$")


def an_address(description: str) -> dict[str, Any]:
    """An address on this server."""
    return a_text(description, format="uri-reference")


def results_of(name: str, description: str, /, **more: Any) -> dict[str, Any]:
    """A list of rows, with further members beside it."""
    return an_object(description, results=a_list(component(name), "The rows."), **more)
