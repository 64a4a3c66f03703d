"""What is wrong with a form, in words: pydantic's errors as obstacles in three languages."""

import difflib
import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from registry.errors import Obstacle

DATA: Final = Path(__file__).with_name("data") / "obstacles.toml"
CODES = ("forbidden-character", "unknown-field", "number-out-of-range", "validation")
_PLAIN_MEMBER = re.compile(r"[ -~]{1,64}")
_QUOTED = re.compile(r"'([^']*)'")
_BY_PYDANTIC_TYPE = {
    "missing": "missing",
    "extra_forbidden": "unknown_field",
    "literal_error": "literal",
    "bool_type": "boolean_expected",
    "int_type": "integer_expected",
    "int_from_float": "integer_expected",
    "greater_than_equal": "integer_out_of_range",
    "less_than": "integer_out_of_range",
    "tuple_type": "array_expected",
    "too_long": "array_too_long",
    "model_type": "object_expected",
    "model_attributes_type": "object_expected",
    "dict_type": "object_expected",
    "mapping_type": "object_expected",
}
DIGITS_OF_A_COUNT = 19
SCHEMA: Final = "/api/v1/schemas/filing-1.0.json"


@cache
def sentences() -> dict[str, dict[str, Any]]:
    """Code, sentence and remedy by reason and language, from `data/obstacles.toml`."""
    with DATA.open("rb") as file:
        found: dict[str, dict[str, Any]] = tomllib.load(file)
    return found


def summary(*, language: str) -> str:
    """The sentence that stands over a list of obstacles."""
    return str(sentences()["summary"]["sentence"][language])


def leading_code(obstacles: tuple[Obstacle, ...]) -> str:
    """The problem type for a list of obstacles: their common code, or `validation` where they differ."""
    codes = {obstacle.code for obstacle in obstacles}
    return codes.pop() if len(codes) == 1 else "validation"


def pointer_of(place: tuple[int | str, ...]) -> str:
    """The JSON Pointer (RFC 6901) of a place given as member names and indices."""
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in place)


def _reason(error: ErrorDetails) -> str:
    reason = _BY_PYDANTIC_TYPE.get(error["type"], error["type"])
    value = error.get("input")
    if reason == "integer_out_of_range" and isinstance(value, int) and abs(value) >= 10**DIGITS_OF_A_COUNT:
        return "number_out_of_range_count"
    if reason == "string_unicode":  # a surrogate, in a value or in a member name
        return "forbidden_character" if isinstance(value, str) else "forbidden_character_in_name"
    return reason if reason in sentences() else "other"


def _unknown(error: ErrorDetails, *, language: str, known: tuple[str, ...]) -> tuple[str, str, str]:
    """Reason, pointer and suggestion for a member the document does not have; odd names are not repeated."""
    *parents, member = error["loc"]
    name = str(member)
    if _PLAIN_MEMBER.fullmatch(name) is None:
        is_printable = name.isprintable() and bool(name)
        return ("unknown_field" if is_printable else "forbidden_character_in_name"), pointer_of(tuple(parents)), ""
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.75)
    hint = str(sentences()["did_you_mean"]["remedy"][language]).format(member=near[0]) if near else ""
    return "unknown_field", pointer_of(error["loc"]), hint


def explained_error(
    error: ErrorDetails, *, language: str, known: tuple[str, ...] = (), schema: str = SCHEMA
) -> Obstacle:
    """The obstacle in one of pydantic's errors; as `explained`, for errors that were kept as data."""
    reason, hint = _reason(error), ""
    details: dict[str, Any] = {"schema": schema, **error.get("ctx", {})}
    if reason == "literal":
        details["expected"] = ", ".join(_QUOTED.findall(str(details["expected"])))
    pointer = str(details.get("member", "")) or pointer_of(error["loc"])
    if reason == "unknown_field":
        reason, pointer, hint = _unknown(error, language=language, known=known)
    said = sentences()[reason]
    return Obstacle(
        code=said["code"],
        pointer=pointer,
        sentence=said["sentence"][language].format_map(details),
        remedy=hint or said["remedy"][language].format_map(details),
    )


def explained(
    error: ValidationError, *, language: str, known: tuple[str, ...] = (), schema: str = SCHEMA
) -> tuple[Obstacle, ...]:
    """Every obstacle in `error`, in the order of the document. `known` are member names to suggest for unknown ones.

    `schema` is where the form is described.
    """
    found = error.errors(include_url=False)
    return tuple(explained_error(each, language=language, known=known, schema=schema) for each in found)
