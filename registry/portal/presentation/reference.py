"""The API reference page, read from the OpenAPI document on the server: no script, every operation a plain section."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

DEEPEST = 4
PROBLEM = "application/problem+json"
METHODS = ("get", "post", "put", "patch", "delete")
BOUNDS = {
    "minLength": "≥ {} characters",
    "maxLength": "≤ {} characters",
    "minimum": "≥ {}",
    "maximum": "≤ {}",
    "exclusiveMinimum": "> {}",
    "exclusiveMaximum": "< {}",
    "minItems": "≥ {} items",
    "maxItems": "≤ {} items",
    "pattern": "{}",
}


@dataclass(frozen=True)
class Member:
    """One member of a body: how deep it stands, its type, whether it must be there, its bounds and values.

    `schema` is the fragment of the component it holds, which is described once for all.
    """

    name: str
    depth: int
    type: str
    required: bool
    description: str = ""
    bounds: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    schema: str = ""


@dataclass(frozen=True)
class Parameter:
    """A parameter in path, query or header."""

    name: str
    place: str
    type: str
    required: bool
    description: str = ""


@dataclass(frozen=True)
class Body:
    """A request or answer body of one media type; `schema` as in `Member`."""

    media_type: str
    name: str
    members: tuple[Member, ...] = ()
    example: str = ""
    schema: str = ""


@dataclass(frozen=True)
class Answer:
    """An answer by status."""

    status: str
    description: str
    bodies: tuple[Body, ...] = ()
    headers: tuple[Parameter, ...] = ()

    @property
    def is_problem(self) -> bool:
        """Whether it is a problem document and nothing else."""
        return bool(self.bodies) and all(body.media_type == PROBLEM for body in self.bodies)

    @property
    def tone(self) -> str:
        """`done` for success, `alert` for refusals, `plain` for the rest."""
        return {"2": "done", "4": "alert", "5": "alert"}.get(self.status[:1], "plain")


@dataclass(frozen=True)
class Operation:
    """One call."""

    uid: str
    method: str
    path: str
    summary: str
    description: str
    parameters: tuple[Parameter, ...]
    bodies: tuple[Body, ...]
    answers: tuple[Answer, ...]
    scopes: tuple[str, ...] = ()
    deprecated: bool = False

    @property
    def results(self) -> tuple[Answer, ...]:
        """The answers worth a description of their own."""
        return tuple(answer for answer in self.answers if not answer.is_problem)

    @property
    def refusals(self) -> tuple[Answer, ...]:
        """The answers that are problem documents, all alike."""
        return tuple(answer for answer in self.answers if answer.is_problem)


@dataclass(frozen=True)
class Group:
    """Operations of one tag."""

    uid: str
    name: str
    description: str
    operations: tuple[Operation, ...]


@dataclass(frozen=True)
class Schema:
    """A component that bodies refer to."""

    uid: str
    name: str
    description: str
    members: tuple[Member, ...]


@dataclass(frozen=True)
class ApiReference:
    """The whole document."""

    title: str
    version: str
    description: str
    servers: tuple[str, ...]
    groups: tuple[Group, ...]
    schemas: tuple[Schema, ...] = ()


class Reader:
    """Walks one OpenAPI 3.1 document, following its references."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document
        self.mentioned: dict[str, Mapping[str, Any]] = {}

    def component(self, schema: Mapping[str, Any]) -> str:
        """The fragment of the one component with members that this schema is, holds or lists; empty for inline ones."""
        for part in (schema, schema.get("items", {}), *schema.get("anyOf", ()), *schema.get("allOf", ())):
            inner = part.get("items", part)
            if "$ref" in inner:
                node, name = self.resolved(inner)
                if "properties" in node:
                    self.mentioned.setdefault(name, node)
                    return f"schema-{identifier(name)}"
        return ""

    def schemas(self) -> tuple[Schema, ...]:
        """Every component mentioned so far, and those that they mention."""
        done: dict[str, Schema] = {}
        while waiting := [name for name in self.mentioned if name not in done]:
            for name in waiting:
                node = self.mentioned[name]
                members = tuple(self.members(node))
                done[name] = Schema(f"schema-{identifier(name)}", name, str(node.get("description", "")), members)
        return tuple(done[name] for name in sorted(done))

    def resolved(self, node: Mapping[str, Any]) -> tuple[Mapping[str, Any], str]:
        """The node a reference points to, and the name of the component."""
        name = ""
        while "$ref" in node:
            name = node["$ref"].rsplit("/", 1)[-1]
            target: Any = self.document
            for step in node["$ref"].lstrip("#/").split("/"):
                target = target[step.replace("~1", "/").replace("~0", "~")]
            node = target
        return node, name

    def type_of(self, schema: Mapping[str, Any]) -> str:
        """A schema's type in one short line."""
        schema, name = self.resolved(schema)
        for keyword in ("anyOf", "oneOf"):
            if keyword in schema:
                return " | ".join(dict.fromkeys(self.type_of(s) for s in schema[keyword]))
        if len(schema.get("allOf", ())) == 1:
            return self.type_of(schema["allOf"][0])
        kind = schema.get("type", "object" if "properties" in schema else name or "any")
        if isinstance(kind, list):
            return " | ".join(kind)
        if kind == "array":
            return f"[{self.type_of(schema.get('items', {}))}]"
        if kind == "object" and name:
            return name
        return f"{kind} ({schema['format']})" if "format" in schema else str(kind)

    def members(self, schema: Mapping[str, Any], *, depth: int = 0) -> Iterator[Member]:
        """The members written in this place, depth first; components are described once, elsewhere."""
        if depth > DEEPEST or "$ref" in schema:
            return
        if schema.get("type") == "array":
            yield from self.members(schema.get("items", {}), depth=depth)
        for keyword in ("allOf", "anyOf", "oneOf"):
            for part in schema.get(keyword, ()):
                yield from self.members(part, depth=depth)
        needed = schema.get("required", ())
        for member, raw in schema.get("properties", {}).items():
            inner, _ = self.resolved(raw)
            yield Member(
                name=member,
                depth=depth,
                type=self.type_of(raw),
                required=member in needed,
                description=str(raw.get("description") or inner.get("description") or ""),
                bounds=tuple(form.format(inner[key]) for key, form in BOUNDS.items() if key in inner),
                values=tuple(str(value) for value in inner.get("enum", ())),
                schema=self.component(raw),
            )
            yield from self.members(raw, depth=depth + 1)

    def bodies(self, content: Mapping[str, Any]) -> tuple[Body, ...]:
        """A body per media type."""
        found = []
        for media_type, medium in content.items():
            schema = medium.get("schema", {})
            example = medium.get("example")
            if example is None and medium.get("examples"):
                first, _ = self.resolved(next(iter(medium["examples"].values())))
                example = first.get("value")
            shown = json.dumps(example, ensure_ascii=False, indent=2) if example is not None else ""
            members = tuple(self.members(schema))
            found.append(Body(media_type, self.type_of(schema), members, shown, self.component(schema)))
        return tuple(found)

    def parameter(self, raw: Mapping[str, Any], *, name: str = "", place: str = "header") -> Parameter:
        """One parameter or header."""
        node, _ = self.resolved(raw)
        return Parameter(
            name=node.get("name", name),
            place=node.get("in", place),
            type=self.type_of(node.get("schema", {})),
            required=bool(node.get("required")),
            description=str(node.get("description", "")),
        )

    def answer(self, status: str, raw: Mapping[str, Any]) -> Answer:
        """One answer."""
        node, _ = self.resolved(raw)
        headers = tuple(self.parameter(header, name=name) for name, header in node.get("headers", {}).items())
        told = str(
            raw.get("description") or node.get("description", "")
        )  # beside a reference it stands for the reference's
        return Answer(str(status), told, self.bodies(node.get("content", {})), headers)

    def operation(self, method: str, path: str, shared: list[Any], raw: Mapping[str, Any]) -> Operation:
        """One operation."""
        body, _ = self.resolved(raw.get("requestBody", {}))
        summary = str(raw.get("summary") or raw.get("operationId", "")).strip()
        description = str(raw.get("description", "")).strip()
        scopes = (scope for need in raw.get("security", ()) for scheme in need.values() for scope in scheme)
        return Operation(
            uid=identifier(raw.get("operationId") or f"{method}-{path}"),
            method=method.upper(),
            path=path,
            summary=summary or description.partition("\n")[0],
            description=description if description != summary else "",
            parameters=tuple(self.parameter(p) for p in [*shared, *raw.get("parameters", ())]),
            bodies=self.bodies(body.get("content", {})),
            answers=tuple(self.answer(status, answer) for status, answer in sorted(raw.get("responses", {}).items())),
            scopes=tuple(dict.fromkeys(scopes)),
            deprecated=bool(raw.get("deprecated")),
        )


def identifier(text: str) -> str:
    """A fragment for links: letters, digits, hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def read(document: Mapping[str, Any]) -> ApiReference:
    """Group the document's operations by their first tag, in the order of the document's tags, then as they come."""
    reader = Reader(document)
    described = {tag["name"]: str(tag.get("description", "")) for tag in document.get("tags", ())}
    by_tag: dict[str, list[Operation]] = {name: [] for name in described}
    for path, item in document.get("paths", {}).items():
        for method in METHODS:
            if method in item:
                tag = (item[method].get("tags") or ["other"])[0]
                operation = reader.operation(method, path, item.get("parameters", []), item[method])
                by_tag.setdefault(tag, []).append(operation)
    information = document.get("info", {})
    schemas = reader.schemas()
    return ApiReference(
        title=str(information.get("title", "")),
        version=str(information.get("version", "")),
        description=str(information.get("description", "")),
        servers=tuple(str(server["url"]) for server in document.get("servers", ())),
        groups=tuple(
            Group(f"tag-{identifier(name)}", name, described.get(name, ""), tuple(operations))
            for name, operations in by_tag.items()
            if operations
        ),
        schemas=schemas,
    )
