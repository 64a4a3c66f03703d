"""The schemas of ownership, as api.components has them of all else."""

from collections.abc import Mapping
from typing import Any, Final, get_args

from api.schema_parts import (
    Schema,
    a_code,
    a_day,
    a_hash,
    a_list,
    a_moment,
    a_request,
    a_text,
    an_object,
    component,
    nullable,
    results_of,
)
from registry.filings import ownership_checks
from registry.filings.ownership_document import (
    MOST_ENTITIES,
    MOST_HOLDINGS,
    ControlKind,
    EntityKind,
    HoldingKind,
)
from registry.organisations.ownership_control import Ground

_ID: Final = a_text(
    "What the statement calls an entity; `filer` is the organisation itself.",
    pattern="^[A-Za-z0-9][A-Za-z0-9._:/-]{0,99}$",
)
_PERCENT: Final = a_text("A percentage as a decimal string.", pattern=r"^(0|[1-9][0-9]{0,2})(\.[0-9]{1,6})?$")
_COUNTRY: Final = a_text("ISO 3166-1 alpha-2.", pattern="^[A-Z]{2}$")
_TRUTH: Final = {"type": "boolean"}


def _name(longest: int = 200) -> dict[str, Any]:
    return a_text("As registered.", minLength=1, maxLength=longest)


def _at_most(items: Schema, description: str, most: int) -> dict[str, Any]:
    return {**a_list(items, description), "maxItems": most}


_ENTITY: Final = a_request(
    "Somebody or something in the chain of owners.",
    optional=("lei", "euid", "registration_number", "born_on", "nationalities"),
    id=_ID,
    kind=a_code("What it is.", get_args(EntityKind)),
    name=_name(),
    country=_COUNTRY,
    lei=nullable(a_text("ISO 17442, check digits right.", maxLength=20)),
    euid=nullable(a_text("European unique identifier of a company.", maxLength=60)),
    registration_number=nullable(a_text("In its own register.", minLength=1, maxLength=500)),
    born_on=nullable(a_day("Of a natural person, needed.")),
    nationalities=_at_most(_COUNTRY, "Of a natural person.", 10),
)
_HOLDING: Final = a_request(
    "One edge: who holds how much of whom.",
    optional=("share_percent", "nominator_id", "control_kind", "until_on", "source"),
    owner_id=_ID,
    owned_id=_ID,
    kind=a_code("A share of capital or votes, other control, or a stated beneficial owner.", get_args(HoldingKind)),
    share_percent=nullable(_PERCENT),
    nominator_id=nullable({**_ID, "description": "For whom the owner holds as a nominee."}),
    control_kind=nullable(a_text("By what it is controlled.", examples=list(get_args(ControlKind)))),
    since_on=a_day("Its first day."),
    until_on=nullable(a_day("The first day on which it no longer is.")),
    source=nullable(a_text("The evidence, such as a register of shareholders.", minLength=1, maxLength=500)),
)

OWNERSHIP_REQUESTS: Final[Mapping[str, Schema]] = {
    "OwnershipStatement": a_request(
        "Who owns and controls the organisation, as of a day.",
        optional=("entities", "holdings", "senior_managers", "explanation"),
        as_of_on=a_day("The day whose picture this is."),
        entities=_at_most(_ENTITY, "Everybody in the chain but the organisation itself.", MOST_ENTITIES),
        holdings=_at_most(_HOLDING, "The chain.", MOST_HOLDINGS),
        senior_managers=_at_most(
            a_request("A senior managing official.", name=_name(), function=_name(500)),
            "Where there is no beneficial owner (Regulation (EU) 2024/1624 Art. 63(4)).",
            50,
        ),
        explanation=nullable(a_text("Why something is not known.", minLength=1, maxLength=10_000)),
    ),
}

_OWNER: Final[dict[str, Any]] = {"id": _ID, "capital_percent": _PERCENT, "votes_percent": _PERCENT}
_RESOLVED: Final = an_object(
    "What follows for a day: chains multiplied and added, circles solved, nominees looked through.",
    on=a_day("The day."),
    owners=a_list(
        an_object(
            "Effective shares, direct or indirect.",
            **_OWNER,
            is_ultimate={**_TRUTH, "description": "No owner of it is stated."},
            controls={**_TRUTH, "description": "By more than half, or other means, directly or through others."},
        ),
        "Everybody upstream, largest first.",
    ),
    beneficial_owners=a_list(
        an_object("A natural person.", **_OWNER, grounds=a_list(a_code("Why.", Ground), "Why.")),
        "Natural persons with 25 % or more, with control, or stated.",
    ),
    ultimate_parents=a_list(_ID, "`filer` where nobody controls it."),
    is_jointly_controlled={**_TRUTH, "description": "Several parents, none of them in the other's group."},
    unstated_percent=_PERCENT,
    circular=a_list(_ID, "Entities that own each other in full."),
)

OWNERSHIP_ANSWERS: Final[Mapping[str, Schema]] = {
    "Ownership": an_object(
        "What was stated about the owners, and what follows.",
        number={"type": "integer", "minimum": 0, "description": "Of the statement; 0 where there is none."},
        as_of_on=nullable(a_day("The day whose picture it is.")),
        recorded_at=nullable(a_moment("When it was stated.")),
        statement=nullable(component("OwnershipStatement")),
        answers=a_list(
            an_object(
                "What a check said.",
                code=a_code("Stable code.", ownership_checks.codes()),
                severity=a_code("Neither blocks.", ("warning", "note")),
                pointer=a_text("JSON Pointer into the statement."),
                sentence=a_text("In the reader's language."),
                remedy=a_text("In the reader's language."),
            ),
            "Warnings and notes.",
        ),
        resolved=nullable(_RESOLVED),
        duties=a_list(component("Duty"), "By due moment."),
    ),
    "OwnershipStatementSummary": an_object(
        "One statement.",
        number={"type": "integer", "minimum": 1, "description": "Counts from 1."},
        as_of_on=a_day("The day whose picture it is."),
        recorded_at=a_moment("When it was stated."),
        changed_on=a_list(a_day("A day of change."), "Changes that it was first to tell."),
        digest=a_hash("SHA-256 of its canonical form."),
    ),
    "OwnershipStatementList": results_of("OwnershipStatementSummary", "All statements, oldest first."),
}
