"""What can be done with mandates: give, accept, decline, revoke; and acting for another under one.

A mandate is offered to an LEI. Whether that LEI is registered is never said: the register's own hand finds the agent,
who alone sees the offer.
"""

import secrets
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from django.db.models import Q

from registry import rows
from registry.acting import Actor, inside_acting_as
from registry.dispatch import outbox
from registry.errors import Invalid, NotFound, NotPermitted, NotPossible, Obstacle, told
from registry.ledger import chain, log
from registry.ledger.log import Line
from registry.onboarding import particulars
from registry.onboarding.statements import own
from registry.organisations import identifiers, mandates
from registry.organisations.identifiers import IdentifierError
from registry.organisations.mandates import State
from registry.organisations.models import Mandate, Organisation

GIVEN: Final = "mandate.given"
ACCEPTED: Final = "mandate.accepted"
DECLINED: Final = "mandate.declined"
REVOKED: Final = "mandate.revoked"


@inside_acting_as
def give(
    *,
    agent_lei: str,
    scopes: Collection[str],
    starts_at: datetime,
    ends_at: datetime,
    by: Actor,
    at: datetime,
    agent_person: str = "",
) -> Mandate:
    """Offer a mandate to the organisation with this LEI, or to one person there. Raises `Invalid` for its terms."""
    organisation = Organisation.objects.visible_to(by).filter(id=own(by)).first()
    if organisation is None:
        raise NotFound
    _require_own(by)
    lei = _require_terms(organisation, agent_lei, scopes, starts_at, ends_at, at)
    row: dict[str, Any] = {
        "id": uuid4(),
        "organisation_id": organisation.id,
        "territory": organisation.territory,
        "agent_lei": lei,
        "agent_id": None,
        "principal_name": organisation.legal_name,
        "agent_name": "",
        "agent_person": agent_person.strip().lower(),
        "scopes": sorted(set(scopes)),
        "can_write": mandates.writes(scopes),
        "starts_at": starts_at,
        "ends_at": ends_at,
        "given_at": at,
        "given_by": by.id,
        "accepted_at": None,
        "accepted_by": "",
        "declined_at": None,
        "revoked_at": None,
        "revoked_by": "",
        "revision": 1,
    }
    rows.insert(Mandate, [row])
    given = Mandate(**row)
    _record(GIVEN, given, by=by, at=at)
    return given


@inside_acting_as
def accept(*, mandate: UUID, by: Actor, at: datetime) -> Mandate:
    """Accept what was offered to one's own organisation. Saying it twice changes nothing."""
    found = _locked(mandate, by)
    _require_agent(found, by)
    state = mandates.state_at(found.terms, at)
    if found.accepted_at is not None and state in {State.IN_FORCE, State.NOT_YET}:
        return found
    if state is not State.OFFERED:
        raise NotPossible(_stands(state), remedy="Ask the organisation for a new mandate.")
    agent = Organisation.objects.visible_to(by).get(id=own(by))
    found.accepted_at, found.accepted_by, found.agent_name = at, by.id, agent.legal_name
    return _changed(ACCEPTED, found, by=by, at=at)


@inside_acting_as
def decline(*, mandate: UUID, by: Actor, at: datetime) -> Mandate:
    """Decline what was offered to one's own organisation."""
    found = _locked(mandate, by)
    _require_agent(found, by)
    if mandates.state_at(found.terms, at) is not State.OFFERED:
        raise NotPossible("Only an offer can be declined.", remedy="Give the mandate back instead.")
    found.declined_at = at
    return _changed(DECLINED, found, by=by, at=at)


@inside_acting_as
def revoke(*, mandate: UUID, by: Actor, at: datetime) -> Mandate:
    """End a mandate now: by who gave it, or given back by the agent."""
    found = _locked(mandate, by)
    _require_own(by)
    if mandates.state_at(found.terms, at) in {State.ENDED, State.REVOKED, State.DECLINED}:
        raise NotPossible("The mandate is over already.")
    found.revoked_at, found.revoked_by = at, by.id
    return _changed(REVOKED, found, by=by, at=at)


@inside_acting_as
def listed(*, by: Actor) -> list[Mandate]:
    """Mandates that one's own organisation gave or was given, newest first."""
    by.require("organisation_read")
    return list(Mandate.objects.visible_to(by).order_by("-given_at", "id"))


@inside_acting_as
def one(*, mandate: UUID, by: Actor) -> Mandate:
    """One mandate. Raises `NotFound`."""
    by.require("organisation_read")
    found = Mandate.objects.visible_to(by).filter(id=mandate).first()
    if found is None:
        raise NotFound
    return found


@inside_acting_as
def on_behalf(*, mandate: UUID, by: Actor, at: datetime, email: str = "") -> Actor:
    """`by` as it acts for the principal of a mandate given to its organisation: its scope, and what both may do.

    Raises `NotFound` for a mandate that is not the agent's, `NotPermitted` for one that is not in force or is another
    person's. The row policies look at the mandate again.
    """
    if by.mandate is not None:
        raise NotPermitted("A mandate is not passed on.")
    found = Mandate.objects.visible_to(by).filter(id=mandate, agent_id=by.organisation).first()
    if found is None:
        raise NotFound
    state = mandates.state_at(found.terms, at)
    if state is not State.IN_FORCE:
        raise NotPermitted(_stands(state), remedy="Ask the organisation for a new mandate.")
    if found.agent_person and found.agent_person != email.lower():
        raise NotPermitted("The mandate was given to another person.")
    return replace(
        by,
        name=f"{by.name} ({found.agent_name})"[:200],
        permissions=mandates.granted(found.terms, own=by.permissions, at=at),
        organisation=found.organisation_id,
        agent=by.organisation,
        mandate=found.id,
    )


@inside_acting_as
def place(*, by: Actor, at: datetime, limit: int = 100) -> int:
    """Show offers to the agents they are for, by LEI; returns how many. The register's own hand."""
    by.require("application_carry_out")
    waiting = Mandate.objects.visible_to(by).filter(Q(agent__isnull=True), ends_at__gt=at, revoked_at__isnull=True)
    found = list(waiting.select_for_update(of=("self",))[:limit])
    wanted = Organisation.objects.visible_to(by).filter(lei__in={each.agent_lei for each in found})
    by_lei = dict(wanted.values_list("lei", "id"))
    placed = 0
    for each in found:
        agent = by_lei.get(each.agent_lei)
        if agent is not None and agent != each.organisation_id:
            each.agent_id = agent
            each.save(update_fields=["agent"])
            placed += 1
    return placed


def _stands(state: State) -> str:
    """How the mandate stands, as a sentence in the language of whoever asked."""
    texts = {language: mandates.state_text(state, language) for language in ("en", "fr", "de")}
    return told("The mandate stands so: {state}.", state=texts)


def _require_own(by: Actor) -> None:
    by.require("mandate_manage")
    if by.mandate is not None:
        raise NotPermitted("Under a mandate nobody mandates.")


def _require_agent(found: Mandate, by: Actor) -> None:
    _require_own(by)
    if found.agent_id != by.organisation:
        raise NotPermitted("The agent accepts or declines.")


def _require_terms(
    organisation: Organisation,
    agent_lei: str,
    scopes: Collection[str],
    starts_at: datetime,
    ends_at: datetime,
    at: datetime,
) -> str:
    """The agent's LEI as it is written; every obstacle of the terms at once."""
    obstacles = []
    lei = ""
    try:
        lei = identifiers.lei(agent_lei)
    except IdentifierError as error:
        obstacles.append(Obstacle("validation", "/agent_lei", str(error)))
    if lei and lei == organisation.lei:
        obstacles.append(Obstacle("validation", "/agent_lei", "Nobody mandates itself."))
    if not scopes or not set(scopes) <= set(mandates.scopes()):
        obstacles.append(
            Obstacle("not-in-list", "/scopes", told("Scopes are {scopes}.", scopes=", ".join(mandates.scopes())))
        )
    if not starts_at < ends_at or ends_at <= at or ends_at - starts_at > mandates.LONGEST:
        obstacles.append(Obstacle("validation", "/ends_at", "A mandate ends in the future, within five years."))
    if obstacles:
        raise Invalid("This mandate cannot be given.", obstacles=obstacles)
    return lei


def _locked(mandate: UUID, by: Actor) -> Mandate:
    found = Mandate.objects.visible_to(by).filter(id=mandate).select_for_update(of=("self",)).first()
    if found is None:
        raise NotFound
    return found


def _changed(kind: str, found: Mandate, *, by: Actor, at: datetime) -> Mandate:
    found.revision += 1
    found.save(
        update_fields=[
            "agent_name",
            "accepted_at",
            "accepted_by",
            "declined_at",
            "revoked_at",
            "revoked_by",
            "revision",
        ]
    )
    _record(kind, found, by=by, at=at)
    return found


def _record(kind: str, found: Mandate, *, by: Actor, at: datetime) -> None:
    salt = secrets.token_bytes(chain.HASH_BYTES)
    said = {"mandate": str(found.id), "scopes": found.scopes, "until": found.ends_at.isoformat(), "by": by.id}
    commitment = chain.commitment(salt=salt, digest=particulars.digest(said))
    # each side is told by its own organisation's webhooks; the other learns it from its list
    outbox.put(kind, subjects=[str(found.id)], organisation=by.organisation, at=at)
    log.append([Line(kind, str(found.id), commitment)], by=by, at=at)
