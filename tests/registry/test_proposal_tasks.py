"""What two persons decided, in the worker: carried out once, failures kept with their reason, ends of keys told."""

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from jwcrypto import jwk

from registry import tasks
from registry.accounts import actions as accounts
from registry.accounts import actors, clients, memberships, proposals
from registry.accounts.models import Membership, Proposal, User
from registry.accounts.proposal_kinds import Hand, kinds
from registry.acting import Actor, acting_as
from registry.dispatch import letters, outbox
from registry.dispatch.models import Event
from registry.organisations.models import Organisation

pytestmark = pytest.mark.django_db


@pytest.fixture
def keepers(aurelia: Organisation, registrar: Actor) -> tuple[Actor, Actor]:
    """Two administrators of Aurelia."""
    made = []
    for name in ("hugo", "ines"):
        with acting_as(registrar):
            user = accounts.grant(
                email=f"{name}-{uuid.uuid4().hex[:6]}@aurelia.example",
                name=name.title(),
                password=None,
                role="provider_administrator",
                place=aurelia,
                by=registrar,
                at=timezone.now() - timedelta(days=1),
            )
        made.append(actors.of_person(user, at=timezone.now()))
    one, other = made
    assert one is not None
    assert other is not None
    return one, other


@pytest.fixture
def confirmed(keepers: tuple[Actor, Actor]) -> Callable[..., Proposal]:
    """An invitation that both wanted."""

    def make(email: str = "zoe@aurelia.example") -> Proposal:
        one, other = keepers
        now = timezone.now()
        with acting_as(one):
            proposal = memberships.propose_invitation(
                email=email, name="Zoé", role="provider_reader", by=one, at=now, announce=outbox.put
            )
        with acting_as(other):
            return proposals.confirm(proposal_id=proposal.id, by=other, at=now, announce=outbox.put)

    return make


def test_every_kind_that_the_steward_carries_out_has_its_executor() -> None:
    assert set(tasks.EXECUTORS) == {code for code, kind in kinds().items() if kind.hand is Hand.STEWARD}


def test_a_confirmed_proposal_is_carried_out_however_often_it_is_told(confirmed: Callable[..., Proposal]) -> None:
    proposal = confirmed()
    for _ in range(2):
        tasks.carry_out_proposal(reference=str(proposal.id), event_key=str(uuid.uuid4()))
    assert Membership.objects.filter(user__email="zoe@aurelia.example").count() == 1
    proposal.refresh_from_db()
    assert proposal.status == "done"


def test_what_no_event_led_to_is_found_by_the_sweep(confirmed: Callable[..., Proposal]) -> None:
    proposal = confirmed()
    assert tasks.sweep_proposals() == 1
    proposal.refresh_from_db()
    assert proposal.status == "done"
    assert tasks.sweep_proposals() == 0


def test_what_is_not_possible_is_kept_as_failed_and_leaves_nothing_half_done(
    confirmed: Callable[..., Proposal], charlie: Actor
) -> None:
    proposal = confirmed()
    User.objects.create_user("zoe@aurelia.example", None, name="Another", is_active=False)
    tasks.carry_out_proposal(reference=str(proposal.id))
    proposal.refresh_from_db()
    assert proposal.status == "failed"
    assert "in use" in proposal.outcome
    assert not Membership.objects.filter(user__email="zoe@aurelia.example").exists()
    assert Event.objects.filter(kind="proposal.failed").count() == 1


def test_confirmation_wakes_the_steward_and_a_proposal_mails_the_administrators() -> None:
    assert tasks.carry_out_proposal in tasks.LISTENERS["proposal.confirmed"]
    assert tasks.mail_event in tasks.LISTENERS["proposal.proposed"]
    assert letters.mail_kinds()["proposal.proposed"].roles == ("provider_administrator",)


def test_the_end_of_a_key_is_told_to_webhooks_and_by_mail(aurelia: Organisation, registrar: Actor) -> None:
    key = jwk.JWK.generate(kty="EC", crv="P-256", kid="old")
    with acting_as(registrar):
        accounts.register_client(
            organisation=aurelia,
            name="Pipeline",
            public_jwk=key.export_public(as_dict=True),
            scopes="filings:read",
            by=registrar,
            at=timezone.now() - timedelta(days=390),
        )
    assert [tasks.watch_client_keys() for _ in range(2)] == [1, 0]
    event = Event.objects.get(kind=clients.KEY_EXPIRING)
    assert (event.subject, event.organisation_id) == ("old", aurelia.id)
    assert set(tasks.LISTENERS[clients.KEY_EXPIRING]) == {tasks.announce_event, tasks.mail_event}
