"""From the client's JSON to a `FilingDocument`, and from there to canonical bytes and their digest."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from registry.errors import Invalid
from registry.filings.document import schema
from registry.filings.document.whole import FilingDocument
from registry.forms import obstacles
from registry.forms.parts import canonical_json


def read(raw: Mapping[str, Any], *, language: str = "en") -> FilingDocument:
    """The document in `raw`, an already parsed JSON object.

    Raises `registry.errors.Invalid` with every obstacle of form at once, its sentences in `language`. Whether the
    document is complete and consistent is judged by the checks, so that unfinished drafts can be kept.
    """
    try:
        return FilingDocument.model_validate(raw)
    except ValidationError as error:
        found = obstacles.explained(error, language=language, known=schema.member_names())
        raise Invalid(obstacles.summary(language=language), obstacles=found) from None


def read_many(raws: Sequence[Mapping[str, Any]], *, language: str = "en") -> tuple[FilingDocument | Invalid, ...]:
    """For each of `raws` its document, or the `Invalid` that says why there is none."""
    results: list[FilingDocument | Invalid] = []
    for raw in raws:
        try:
            results.append(read(raw, language=language))
        except Invalid as refused:
            results.append(refused)
    return tuple(results)


def plain(document: FilingDocument) -> dict[str, Any]:
    """The document as JSON values, without members that say nothing (null, empty list, default)."""
    members: dict[str, Any] = document.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
    members["schema_version"] = document.schema_version
    return members


def canonical(document: FilingDocument) -> bytes:
    """The canonical bytes of the document (RFC 8785): the same for every way of writing the same content."""
    return canonical_json(plain(document))
