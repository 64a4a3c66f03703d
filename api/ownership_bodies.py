"""What ownership looks like in answers. Shares are percentages as decimal strings, rounded to six decimals."""

from datetime import date, datetime
from typing import Any

from api import duty_bodies
from registry.acting import Actor
from registry.filings import (
    duty_lists,
    ownership_checks,
    ownership_document,
    ownership_resolution,
    ownership_statements,
)
from registry.filings.ownership_resolution import Resolution, percent
from registry.filings.ownership_statements import Picture
from registry.filings.working_days import day_of
from registry.organisations.models import OwnershipStatement


def ownership(
    actor: Actor, language: str, *, at: datetime, on: date | None, known_at: datetime | None
) -> dict[str, Any]:
    """The statement about a day as known at a moment, what follows from it, and the duties as they stand now."""
    organisation = ownership_statements.own_organisation(actor)
    picture = ownership_statements.picture_at(organisation, on=on, known_at=known_at, by=actor)
    asked = on or max(day_of(at), picture.document.as_of_on if picture else day_of(at))
    found = duty_lists.with_pleas(ownership_statements.duties_of(organisation, by=actor))
    return {
        "number": picture.statement.number if picture else 0,
        "as_of_on": picture.statement.as_of_on.isoformat() if picture else None,
        "recorded_at": picture.statement.recorded_at.isoformat().replace("+00:00", "Z") if picture else None,
        "statement": ownership_document.plain(picture.document) if picture else None,
        "answers": answers(picture, language) if picture else [],
        "resolved": resolved(ownership_resolution.resolve(picture.document, on=asked)) if picture else None,
        "duties": [duty_bodies.duty(each, language, at=at) for each in found],
    }


def newest_number(actor: Actor) -> int:
    """The number of the newest statement, 0 where there is none."""
    rows = list(ownership_statements.statements(ownership_statements.own_organisation(actor), by=actor))
    return rows[-1].number if rows else 0


def summary(row: OwnershipStatement) -> dict[str, Any]:
    """One statement in the list."""
    return {
        "number": row.number,
        "as_of_on": row.as_of_on.isoformat(),
        "recorded_at": row.recorded_at.isoformat().replace("+00:00", "Z"),
        "changed_on": list(row.changed_on),
        "digest": bytes(row.digest).hex(),
    }


def answers(picture: Picture, language: str) -> list[dict[str, Any]]:
    """What the checks said, in words."""
    found = (ownership_checks.told(each, language=language) for each in picture.said())
    return [
        {
            "code": each.code,
            "severity": each.severity,
            "pointer": each.pointer,
            "sentence": each.sentence,
            "remedy": each.remedy,
        }
        for each in found
    ]


def resolved(found: Resolution) -> dict[str, Any]:
    """Owners with effective shares, beneficial owners with their grounds, ultimate parents."""
    return {
        "on": found.graph.on.isoformat(),
        "owners": [
            {
                "id": owner.id,
                "capital_percent": percent(owner.capital),
                "votes_percent": percent(owner.votes),
                "is_ultimate": owner.is_ultimate,
                "controls": owner.controls,
            }
            for owner in found.owners
        ],
        "beneficial_owners": [
            {
                "id": each.key,
                "grounds": [ground.value for ground in each.grounds],
                "capital_percent": percent(each.capital),
                "votes_percent": percent(each.votes),
            }
            for each in found.beneficial
        ],
        "ultimate_parents": list(found.standing.parents),
        "is_jointly_controlled": found.standing.is_joint,
        "unstated_percent": percent(found.unstated),
        "circular": sorted(found.circular),
    }
