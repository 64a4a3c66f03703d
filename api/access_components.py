"""The schemas of the access log, as api.components has them of all else."""

from collections.abc import Mapping
from typing import Any, Final

from api.schema_parts import Schema, a_code, a_hash, a_moment, a_text, an_object, nullable, results_of
from registry.oversight import purposes
from registry.oversight.models import LookKind

_NEXT: Final = nullable(a_text("Cursor of the next page; null at the end."))
_COUNT: Final = {"type": "integer", "minimum": 0}
_OPENING: Final[Mapping[str, Any]] = {
    "salt": a_hash("The salt of the commitment."),
    "actor_sha256": a_hash("The person, as in the commitment: SHA-256 of salt and an id that is not told."),
    "entry": _COUNT,
}

ACCESS_ANSWERS: Final[Mapping[str, Schema]] = {
    "Look": an_object(
        "Somebody of an authority saw a filing of yours. The person is not named; the authority and the role are.",
        filing=a_text("Reference of the filing, of the facility or of the return."),
        at=a_moment("When."),
        kind=a_code("How it was seen.", LookKind),
        authority=a_text("Member State of the authority (ISO 3166-1); `EU` is the AI Office."),
        role=a_text("Role of the person."),
        legal_basis=nullable(a_code("The legal basis stated.", purposes.bases())),
        legal_basis_article=nullable(a_text("Its article.")),
        case_reference=a_text("The authority's own number of the case."),
        purpose=a_text("Why, in a sentence, where one was given."),
        told=a_text("The whole reason in one line, in the reader's language."),
        opening=nullable(
            an_object("What opens the entry's commitment: RFC 8785 over the members of the look.", **_OPENING)
        ),
    ),
    "LookPage": results_of("Look", "A page of looks, newest first.", next=_NEXT),
    "LookTable": a_text(
        "The same as CSV (RFC 4180), a line a look, each cell quoted, an apostrophe before what a spreadsheet would "
        "compute."
    ),
    "LegalBasis": an_object(
        "A reason that the law knows.",
        code=a_text("Stable code."),
        article=a_text("Where it stands."),
        name=a_text("What is done, in the reader's language."),
        source=a_text("Where that is taken from."),
    ),
    "LegalBases": results_of("LegalBasis", "All legal bases."),
}
