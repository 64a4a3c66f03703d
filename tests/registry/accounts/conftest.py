"""Two administrators of Aurelia, two supervisors of France, the steward, and an outbox that remembers."""

import uuid
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import pytest

from registry.accounts import actions as accounts
from registry.accounts import actors, clients, memberships, proposals, stewardship
from registry.accounts.models import Proposal
from registry.accounts.policy import of_the_register
from registry.acting import Actor, acting_as
from registry.organisations.models import Authority, Organisation
from tests.conftest import NOON

LATER = NOON + timedelta(hours=1)
EXECUTORS = {**clients.EXECUTORS, **memberships.EXECUTORS}


class Told:
    """An outbox that remembers."""

    def __init__(self) -> None:
        self.kinds: list[str] = []
        self.subjects: list[str] = []

    def __call__(
        self, kind: str, *, subjects: Sequence[str], at: datetime, organisation: uuid.UUID | None = None
    ) -> None:
        self.kinds.append(kind)
        self.subjects += subjects


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def steward() -> Actor:
    """The register's hand that carries out what two persons decided."""
    return of_the_register("steward")


@pytest.fixture
def member(registrar: Actor) -> Callable[..., Actor]:
    """A maker of members with an account."""

    def make(place: Organisation | Authority, role: str, name: str) -> Actor:
        with acting_as(registrar):
            user = accounts.grant(
                email=f"{name.lower()}-{uuid.uuid4().hex[:6]}@example.org",
                name=name,
                password=None,
                role=role,
                place=place,
                by=registrar,
                at=NOON - timedelta(days=1),
            )
        actor = actors.of_person(user, at=NOON)
        assert actor is not None
        return actor

    return make


@pytest.fixture
def hugo(aurelia: Organisation, member: Callable[..., Actor]) -> Actor:
    """An administrator of Aurelia."""
    return member(aurelia, "provider_administrator", "Hugo")


@pytest.fixture
def ines(aurelia: Organisation, member: Callable[..., Actor]) -> Actor:
    """Another administrator of Aurelia."""
    return member(aurelia, "provider_administrator", "Inès")


@pytest.fixture
def decided(ines: Actor, steward: Actor, told: Told) -> Callable[..., Proposal]:
    """Let Inès (or `by`) confirm a proposal and the steward carry it out, or fail."""

    def decide(proposal: Proposal, *, by: Actor = ines, at: datetime = LATER) -> Proposal:
        with acting_as(by):
            proposals.confirm(proposal_id=proposal.id, by=by, at=at, announce=told)
        with acting_as(steward):
            done = stewardship.carry_out(proposal_id=proposal.id, executors=EXECUTORS, by=steward, at=at, announce=told)
        assert done is not None
        return done

    return decide
