"""Holds an answer of the API against what the OpenAPI document says of its operation."""

import re
from copy import deepcopy
from functools import cache
from typing import Any

from django.http import HttpResponse
from jsonschema import Draft202012Validator

from api.components import ANSWERS
from api.schema import openapi
from tests.api.dry_runs import content_of

METHODS = ("get", "put", "post", "patch", "delete")


def operations() -> dict[str, tuple[str, str, dict[str, Any]]]:
    """Every operation of the document by its id: method in capitals, path template, Operation Object."""
    return {
        operation["operationId"]: (method.upper(), path, operation)
        for path, item in openapi()["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    }


def operation_of(method: str, path: str) -> dict[str, Any]:
    """The Operation Object that describes a call. Fails if none or several do."""
    bare = path.partition("?")[0]
    fitting = [
        operation
        for known, template, operation in operations().values()
        if known == method and re.fullmatch(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(template)), bare)
    ]
    assert len(fitting) == 1, f"{method} {bare} is described {len(fitting)} times"
    return fitting[0]


def resolved(thing: dict[str, Any]) -> dict[str, Any]:
    """What a Reference Object names, with the description that stands beside the reference."""
    if "$ref" not in thing:
        return thing
    found: Any = openapi()
    for name in thing["$ref"].removeprefix("#/").split("/"):
        found = found[name]
    return {**found, **{name: value for name, value in thing.items() if name != "$ref"}}


@cache
def _exact() -> dict[str, Any]:
    """The components, with answers that may have no member beside the declared ones."""
    exact = deepcopy(openapi()["components"])
    for name in ANSWERS.keys() - {"JsonSchema", "OpenApi"}:
        _close(exact["schemas"][name])
    return exact


def _close(schema: Any) -> None:
    if isinstance(schema, dict):
        if "properties" in schema and "additionalProperties" not in schema:
            schema["additionalProperties"] = False
        for inner in schema.values():
            _close(inner)
    elif isinstance(schema, list):
        for inner in schema:
            _close(inner)


def require_valid(value: Any, schema: dict[str, Any]) -> None:
    """Fail with every reason why `value` does not fit a schema of the document."""
    whole = {**schema, "components": _exact()}
    found = Draft202012Validator(whole, format_checker=Draft202012Validator.FORMAT_CHECKER).iter_errors(value)
    wrong = [f"{error.json_path}: {error.message[:300]}" for error in found]
    assert not wrong, "\n".join(wrong)


def require_described(answer: HttpResponse, *, method: str, path: str) -> None:
    """Fail unless status, media type, headers, problem type and body are those that the document declares."""
    operation = operation_of(method, path)
    declared = operation["responses"].get(str(answer.status_code))
    assert declared, f"{operation['operationId']} does not declare {answer.status_code}: {answer.content[:400]!r}"
    declared = resolved(declared)
    media_type = answer["Content-Type"].partition(";")[0]
    assert media_type in declared["content"], f"{media_type} is not declared"
    body = answer.json() if media_type.endswith("json") else content_of(answer).decode()
    require_valid(body, declared["content"][media_type]["schema"])
    for name, header in declared["headers"].items():
        if name in answer:
            require_valid(answer[name], resolved(header)["schema"])
    told = {"ETag", "Location", "Dry-Run", "Idempotent-Replayed"} & set(answer.headers)
    assert told <= set(declared["headers"]), "a header that nobody declared"
    if media_type == "application/problem+json":
        assert f"`{body['type'].removeprefix('/problems/')}`" in declared["description"]
