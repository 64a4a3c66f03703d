"""What the change feed and the differences look like, as api.components has it of all else."""

from typing import Any, Final

from api.schema_parts import (
    Schema,
    a_code,
    a_list,
    a_moment,
    a_text,
    an_address,
    an_object,
    component,
    nullable,
    results_of,
)
from registry.filings.lifecycle import Owner, Status
from registry.filings.models import Kind
from registry.filings.reference import PATTERN

_REFERENCE: Final = a_text("Reference of the filing.", pattern=f"^{PATTERN.pattern}$")
_NUMBER: Final[dict[str, Any]] = {"type": "integer", "minimum": 1}
_VALUE: Final[Schema] = {"description": "A JSON value; null where there is none."}

CHANGE_ANSWERS: Final[dict[str, Schema]] = {
    "ChangePage": results_of(
        "Step",
        "Part of the feed, oldest first.",
        next=a_text("Position after the last row; ask with it as `cursor`, now or at any later time."),
        has_more={"type": "boolean", "description": "Whether there are further rows already."},
    ),
    "Step": an_object(
        "One step of a filing.",
        kind=a_text("What happened; the kind of the event and of the log's line."),
        filing=_REFERENCE,
        url=an_address("Address of the filing."),
        client_reference=nullable(a_text("Your own reference.")),
        status=a_code("Where the filing stood afterwards.", Status),
        previous_status=a_code("Where it stood before.", Status),
        version=nullable({**_NUMBER, "description": "The newest version at that time; null for a draft."}),
        version_kind={**nullable(a_code("What that version is.", Kind)), "enum": [*map(str, Kind), None]},
        version_url=nullable(an_address("Address of that version.")),
        at=a_moment("When it was done, by the register's clock."),
        by=a_code("Whose act it was.", Owner),
        reason=nullable(a_text("What was said about it.")),
        about=a_list(a_text("A pointer into the document."), "The fields that a question is about."),
        answer_by=nullable(a_moment("Until when a question asks for its answer.")),
    ),
    "Difference": an_object(
        "What differs between two versions of a filing.",
        filing=_REFERENCE,
        old_version={**_NUMBER, "description": "The version whose values are `old`."},
        new_version={**_NUMBER, "description": "The version whose values are `new`."},
        material={"type": "integer", "minimum": 0, "description": "How many of the changes are material."},
        changes=a_list(component("Change"), "In the order of the new document, removals last."),
    ),
    "Change": an_object(
        "A field that differs.",
        pointer=a_text("Place in the new document (JSON Pointer), or in the old one where it was removed."),
        key=a_text("Names the field across versions: items of lists by their natural key, not their place."),
        code=nullable(a_text("Row of the schema, such as `RUN-4`.")),
        label=nullable(a_text("Name of the field, in the reader's language.")),
        kind=a_code("What happened to it.", ("added", "removed", "changed")),
        old=_VALUE,
        new=_VALUE,
        change_percent=nullable(a_text("For quantities, as a decimal string.", pattern=r"^-?[0-9]+(\.[0-9]+)?$")),
        is_material={"type": "boolean", "description": "Whether the authority is told at once."},
        material_because=nullable(
            an_object(
                "The rule that makes it material.",
                code=a_text("Stable code."),
                sentence=a_text("In the reader's language."),
                source=a_text("Where the rule comes from."),
            )
        ),
    ),
}
