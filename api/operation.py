"""What one operation of the interface is: the form of a row of api.operations."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

JSON: Final = "application/json"


@dataclass(frozen=True)
class Reply:
    """A success: the schema of its body (none where it is empty), response headers beside those of every answer.

    `also` are other media types that `Accept` may ask for, each with its schema.
    """

    schema: str
    description: str
    headers: tuple[str, ...] = ()
    media_type: str = JSON
    also: tuple[tuple[str, str], ...] = ()

    def forms(self) -> tuple[tuple[str, str], ...]:
        """Every media type with its schema, the usual one first; none for an answer without a body."""
        return () if not self.schema else ((self.media_type, self.schema), *self.also)


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One row. `problems` are slugs of api.problems; `if_match` is `required`, `optional` or empty."""

    id: str
    tag: str
    summary: str
    replies: Mapping[int, Reply]
    body: str = ""
    body_type: str = JSON
    if_match: str = ""
    problems: tuple[str, ...] = ()
    examples: tuple[str, ...] = field(default=())


def parameter(place: str, name: str, description: str, schema: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """A Parameter Object; one of the path is always required."""
    made = {"name": name, "in": place, "description": description, "schema": schema, **more}
    return {**made, "required": True} if place == "path" else made
