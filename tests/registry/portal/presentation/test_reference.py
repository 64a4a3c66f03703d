"""The reference of the interface, read from an OpenAPI document."""

from typing import Any

from registry.portal.presentation import reference
from registry.portal.presentation.reference import ApiReference, Operation

PERSON: dict[str, Any] = {
    "type": "object",
    "required": ["name"],
    "properties": {
        "name": {"type": "string", "maxLength": 9, "description": "What it is called."},
        "age": {"type": ["integer", "null"], "minimum": 0},
        "place": {"type": "object", "properties": {"town": {"type": "string"}}},
        "parent": {"$ref": "#/components/schemas/Person"},
        "colour": {"type": "string", "enum": ["red", "green"]},
    },
}
PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "T", "version": "1"},
    "tags": [{"name": "Second", "description": "Two."}, {"name": "Unused"}],
    "paths": {
        "/things/{id}/": {
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
            "get": {
                "operationId": "things_read",
                "tags": ["Second"],
                "parameters": [{"$ref": "#/components/parameters/limit"}],
                "security": [{"oauth2": ["read"]}, {"oauth2": ["read", "write"]}],
                "responses": {
                    "404": {"description": "Not there.", "content": PROBLEM},
                    "200": {"$ref": "#/components/responses/One", "description": "The thing."},
                },
            },
        },
        "/people/": {
            "post": {
                "operationId": "people_add",
                "summary": "Add somebody",
                "description": "Add somebody",
                "requestBody": {
                    "content": {
                        "application/json": {
                            "schema": {"type": "array", "items": {"$ref": "#/components/schemas/Person"}},
                            "examples": {"one": {"$ref": "#/components/examples/one"}},
                        }
                    }
                },
                "responses": {"204": {"description": "Added."}},
            }
        },
    },
    "components": {
        "schemas": {"Person": PERSON, "Problem": {"type": "object", "properties": {"title": {"type": "string"}}}},
        "parameters": {"limit": {"name": "limit", "in": "query", "schema": {"type": "integer"}}},
        "responses": {
            "One": {
                "description": "Anything.",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Person"}}},
            }
        },
        "examples": {"one": {"value": [{"name": "Ö"}]}},
    },
}


def read() -> ApiReference:
    """The document above."""
    return reference.read(DOCUMENT)


def operation(name: str) -> Operation:
    """One operation of it."""
    return next(each for group in read().groups for each in group.operations if each.uid == name)


def test_operations_stand_under_their_tag_and_empty_tags_nowhere() -> None:
    assert [(group.name, len(group.operations)) for group in read().groups] == [("Second", 1), ("other", 1)]


def test_parameters_of_the_path_and_of_the_call_are_both_there() -> None:
    found = operation("things-read").parameters
    assert [(each.name, each.place, each.required) for each in found] == [
        ("id", "path", True),
        ("limit", "query", False),
    ]


def test_the_words_beside_a_reference_are_shown() -> None:
    assert [answer.description for answer in operation("things-read").results] == ["The thing."]


def test_refusals_stand_apart_from_results() -> None:
    assert [answer.status for answer in operation("things-read").refusals] == ["404"]


def test_a_scope_is_named_once() -> None:
    assert operation("things-read").scopes == ("read", "write")


def test_a_summary_is_not_said_twice() -> None:
    assert operation("people-add").description == ""


def test_a_body_of_a_component_refers_to_it_and_shows_its_example() -> None:
    body = operation("people-add").bodies[0]
    assert body.schema == "schema-person"
    assert body.members == ()
    assert '"Ö"' in body.example


def test_a_component_that_contains_itself_is_described_once() -> None:
    schema = next(each for each in read().schemas if each.name == "Person")
    shown = {member.name: member for member in schema.members}
    assert shown["name"].required
    assert shown["name"].bounds == ("≤ 9 characters",)
    assert shown["age"].type == "integer | null"
    assert shown["town"].depth == 1
    assert shown["parent"].schema == "schema-person"
    assert shown["colour"].values == ("red", "green")


def test_nothing_is_read_from_an_empty_document() -> None:
    assert reference.read({}).groups == ()
