"""What can be done with mandates: give, accept, decline, revoke; and acting for another under one.

A mandate is offered to an LEI. Whether that LEI is registered is never said: the register's own hand finds the agent,
who alone sees the offer.
"""

import secrets
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4, uuid5

from django.db.models import Q

from registry import rows
from registry.accounts import memberships
from registry.acting import Actor, inside_acting_as
from registry.dispatch import outbox
from registry.dispatch.models import Event
from registry.errors import Invalid, NotFound, NotPermitted, NotPossible, Obstacle, Stale, told
from registry.languages import SPOKEN
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
TOLD_TO_BOTH: Final = frozenset({ACCEPTED, DECLINED, REVOKED})
KINDS: Final = frozenset({GIVEN, *TOLD_TO_BOTH})
_EACH_ONCE: Final = UUID("6f1f4c5e-7d0b-4c1c-9d55-3f3b1d0b7a52")  # a namespace: one mandate is accepted once, and so on


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
    person = agent_person.strip().lower()
    lei = _require_terms(organisation, agent_lei, person, scopes, starts_at, ends_at, at)
    row: dict[str, Any] = {
        "id": uuid4(),
        "organisation_id": organisation.id,
        "territory": organisation.territory,
        "agent_lei": lei,
        "agent_id": None,
        "principal_name": organisation.legal_name,
        "agent_name": "",
        "agent_person": person,
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
def accept(*, mandate: UUID, by: Actor, at: datetime, revision: int | None = None) -> Mandate:
    """Accept what was offered to one's own organisation. Saying it twice changes nothing.

    Here as below, raises `Stale` when the mandate changed since `revision`.
    """
    found = _locked(mandate, by, revision)
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
def decline(*, mandate: UUID, by: Actor, at: datetime, revision: int | None = None) -> Mandate:
    """Decline what was offered to one's own organisation."""
    found = _locked(mandate, by, revision)
    _require_agent(found, by)
    if mandates.state_at(found.terms, at) is not State.OFFERED:
        raise NotPossible("Only an offer can be declined.", remedy="Give the mandate back instead.")
    found.declined_at = at
    return _changed(DECLINED, found, by=by, at=at)


@inside_acting_as
def revoke(*, mandate: UUID, by: Actor, at: datetime, revision: int | None = None) -> Mandate:
    """End a mandate now: by who gave it, or given back by the agent."""
    found = _locked(mandate, by, revision)
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
            outbox.put(GIVEN, subjects=[str(each.id)], organisation=agent, at=at)
            placed += 1
    return placed


@inside_acting_as
def tell_other_side(*, mandate: str, event: str, by: Actor, at: datetime) -> bool:
    """Put the event that one party's act caused for the other party too; whether there was somebody to tell.

    Does nothing for an event of another kind, and nothing a second time.
    """
    by.require("application_carry_out")
    found = Mandate.objects.visible_to(by).filter(id=mandate).first()
    caused = Event.objects.filter(key=event, kind__in=TOLD_TO_BOTH).values_list("kind", "organisation_id")
    kind, acted = next(iter(caused), ("", None))
    if found is None or not kind or found.agent_id is None:
        return False
    once = str(uuid5(_EACH_ONCE, f"{mandate} {kind}"))
    if not outbox.first_time(task="tell_other_side", event_key=once, at=at):
        return False
    other = found.agent_id if acted == found.organisation_id else found.organisation_id
    outbox.put(kind, subjects=[str(mandate)], organisation=other, at=at)
    return True


def _stands(state: State) -> str:
    """How the mandate stands, as a sentence in the language of whoever asked."""
    texts = {language: mandates.state_text(state, language) for language in SPOKEN}
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
    person: str,
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
    if person and not memberships.is_address(person):
        obstacles.append(Obstacle("validation", "/agent_person", told("An e-mail address is needed.")))
    if not scopes or not set(scopes) <= set(mandates.scopes()):
        obstacles.append(
            Obstacle("not-in-list", "/scopes", told("Scopes are {scopes}.", scopes=", ".join(mandates.scopes())))
        )
    if not starts_at < ends_at or ends_at <= at or ends_at - starts_at > mandates.LONGEST:
        obstacles.append(Obstacle("validation", "/ends_at", "A mandate ends in the future, within five years."))
    if obstacles:
        raise Invalid("This mandate cannot be given.", obstacles=obstacles)
    return lei


def _locked(mandate: UUID, by: Actor, revision: int | None) -> Mandate:
    found = rows.locked(Mandate.objects.visible_to(by).filter(id=mandate))
    if revision not in {None, found.revision}:
        raise Stale("The mandate changed since you read it.", remedy="Look at it again, then decide.")
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
    # who acts hears of it at once; the register's own hand tells the other side (`place`, `tell_other_side`)
    outbox.put(kind, subjects=[str(found.id)], organisation=by.organisation, at=at)
    log.append([Line(kind, str(found.id), commitment)], by=by, at=at)
