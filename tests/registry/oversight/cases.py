"""Findings of invented parties, and the people of an authority who deal with them."""

import uuid
from datetime import UTC, datetime
from typing import Any

from registry import rows
from registry.accounts.models import Membership, User
from registry.accounts.policy import ROLES, of_the_register
from registry.acting import Actor, acting_as
from registry.organisations.models import Authority, Organisation
from registry.oversight.purposes import Purpose
from registry.screening.models import Finding

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
SCREENER = of_the_register("screener")
PURPOSE = Purpose("review", "T-1", "Following up what screening found.")
INPUTS = {"cases": "rule", "customer_name": "Sud Calcul SAS"}


def finding(organisation: Organisation, *, rule: str = "R-15", severity: str = "high", **changes: Any) -> int:
    """A finding about a customer of an organisation, as screening keeps it; returns its id."""
    made = {
        "subject_kind": "customer",
        "subject_key": f"{organisation.id}:C-1",
        "subject_name": "Sud Calcul SAS",
        "group_key": "lei:SUDCALCUL",
        "content": uuid.uuid4().hex,
        "filing_id": None,
        "facility_id": None,
        "version_number": None,
        "organisation_id": organisation.id,
        "territory": organisation.territory,
        "rule": rule,
        "rule_version": "1",
        "severity": severity,
        "inputs": INPUTS,
        "found_at": NOON,
    }
    with acting_as(SCREENER):
        return int(rows.insert(Finding, [made | changes], returning="id")[0])


def officer(territory: str = "FR", role: str = "officer", name: str = "Olga") -> Actor:
    """Somebody with an account and a membership at the authority of a territory."""
    authority, _ = Authority.objects.get_or_create(
        territory=territory, defaults={"code": f"{territory.lower()}-test", "name": f"Authority of {territory}"}
    )
    user = User.objects.create(email=f"{uuid.uuid4().hex[:8]}@example.org", name=name)
    Membership.objects.create(user=user, authority=authority, role=role, starts_at=datetime(2026, 1, 1, tzinfo=UTC))
    known = ROLES[role]
    return Actor(
        id=f"person:{user.id}",
        name=name,
        audience=known.audience,
        permissions=frozenset(str(p) for p in known.permissions),
        territory=territory,
        roles=frozenset({role}),
    )


def person_of(actor: Actor) -> uuid.UUID:
    """The account behind an actor."""
    return uuid.UUID(actor.id.removeprefix("person:"))
