"""Who belongs where: two persons to invite, change or end; two keepers always stay; a changed role ends sessions."""

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import DatabaseError

from registry.accounts import actors, memberships, proposals, stewardship
from registry.accounts.models import Membership, Proposal, User
from registry.acting import Actor, acting_as
from registry.errors import Invalid, NotFound, NotPermitted, NotPossible
from registry.organisations.models import Authority, Organisation
from tests.conftest import NOON, person
from tests.registry.accounts.conftest import EXECUTORS, LATER, Told

pytestmark = pytest.mark.django_db
Decide = Callable[..., Proposal]
Make = Callable[..., Actor]
ZOE = "zoe@aurelia.example"


def _user(actor: Actor) -> User:
    return User.objects.get(pk=actor.id.removeprefix("person:"))


def _membership(actor: Actor) -> int:
    return Membership.objects.get(user=_user(actor), ends_at__isnull=True).pk


def _invite(by: Actor, told: Told, *, email: str = ZOE, role: str = "provider_submitter") -> Proposal:
    with acting_as(by):
        return memberships.propose_invitation(email=email, name="Zoé", role=role, by=by, at=NOON, announce=told)


def _end(by: Actor, told: Told, who: Actor) -> Proposal:
    membership = _membership(who)
    with acting_as(by):
        return memberships.propose_end(membership=membership, by=by, at=NOON, announce=told)


def _change(by: Actor, told: Told, who: Actor, role: str) -> Proposal:
    membership = _membership(who)
    with acting_as(by):
        return memberships.propose_change(membership=membership, role=role, by=by, at=NOON, announce=told)


def _sign_in(actor: Actor, key: str) -> UserSession:
    Session.objects.create(session_key=key, session_data="x", expire_date=LATER + timedelta(days=1))
    return UserSession.objects.create(user=_user(actor), session_key=key, ip="127.0.0.1", user_agent="Browser")


def test_an_invitation_makes_a_member_once_two_persons_wanted_it(hugo: Actor, told: Told, decided: Decide) -> None:
    proposal = _invite(hugo, told)
    assert not User.objects.filter(email=ZOE).exists()
    decided(proposal)
    zoe = actors.of_person(User.objects.get(email=ZOE), at=LATER)
    assert zoe is not None
    assert (zoe.organisation, zoe.roles) == (hugo.organisation, {"provider_submitter"})
    assert not User.objects.get(email=ZOE).has_usable_password()
    assert "member.invited" in told.kinds


@pytest.mark.parametrize(
    ("email", "role"),
    [("nobody", "provider_reader"), ("", "provider_reader"), (ZOE, "officer"), (ZOE, "steward"), (ZOE, "emperor")],
)
def test_an_invitation_that_cannot_be_is_refused_at_once(hugo: Actor, told: Told, email: str, role: str) -> None:
    with pytest.raises(Invalid):
        _invite(hugo, told, email=email, role=role)


def test_a_member_is_not_invited_again(hugo: Actor, ines: Actor, told: Told) -> None:
    with pytest.raises(Invalid):
        _invite(hugo, told, email=_user(ines).email)


def test_nobody_is_drawn_away_from_where_he_belongs(
    hugo: Actor, told: Told, decided: Decide, cantabria: Organisation, member: Make
) -> None:
    """An invitation of somebody who belongs elsewhere would change whom he acts for."""
    carla = member(cantabria, "provider_submitter", "Carla")
    with pytest.raises(NotPossible, match="in use"):
        decided(_invite(hugo, told, email=_user(carla).email))
    now = actors.of_person(_user(carla), at=LATER)
    assert now is not None
    assert now.organisation == cantabria.id


def test_a_role_changes_and_every_session_of_the_person_ends(
    hugo: Actor, told: Told, decided: Decide, aurelia: Organisation, member: Make
) -> None:
    bob = member(aurelia, "provider_reader", "Bob")
    _sign_in(bob, "a" * 32)
    _sign_in(bob, "b" * 32)
    _sign_in(hugo, "c" * 32)
    decided(_change(hugo, told, bob, "provider_submitter"))
    now = actors.of_person(_user(bob), at=LATER)
    assert now is not None
    assert now.roles == {"provider_submitter"}
    assert set(Session.objects.values_list("session_key", flat=True)) == {"c" * 32}
    assert set(UserSession.objects.values_list("session_key", flat=True)) == {"c" * 32}


def test_an_ended_member_is_nobody_here(
    hugo: Actor, told: Told, decided: Decide, aurelia: Organisation, member: Make
) -> None:
    bob = member(aurelia, "provider_reader", "Bob")
    _sign_in(bob, "a" * 32)
    decided(_end(hugo, told, bob))
    assert actors.of_person(_user(bob), at=LATER) is None
    assert not Session.objects.exists()


@pytest.mark.parametrize("act", ["end", "change"])
def test_two_administrators_must_stay(
    hugo: Actor, ines: Actor, told: Told, aurelia: Organisation, member: Make, act: str
) -> None:
    def propose() -> None:
        _end(hugo, told, ines) if act == "end" else _change(hugo, told, ines, "provider_reader")

    with pytest.raises(NotPossible, match="Two administrators") as refused:
        propose()
    assert refused.value.remedy
    member(aurelia, "provider_administrator", "Third")
    propose()


def test_two_stay_even_if_two_ends_were_proposed_while_there_were_three(
    hugo: Actor, ines: Actor, told: Told, decided: Decide, aurelia: Organisation, member: Make, steward: Actor
) -> None:
    third = member(aurelia, "provider_administrator", "Third")
    first, second = _end(hugo, told, third), _end(hugo, told, ines)
    decided(first)
    with acting_as(ines):
        proposals.confirm(proposal_id=second.id, by=ines, at=LATER, announce=told)
    with pytest.raises(NotPossible, match="Two administrators"), acting_as(steward):
        stewardship.carry_out(proposal_id=second.id, executors=EXECUTORS, by=steward, at=LATER, announce=told)


def test_supervisors_keep_the_people_of_their_authority(told: Told, decided: Decide, member: Make) -> None:
    france, spain = Authority.objects.get(territory="FR"), Authority.objects.get(territory="ES")
    sylvie, marc = member(france, "supervisor", "Sylvie"), member(france, "supervisor", "Marc")
    pedro = member(spain, "officer", "Pedro")
    proposal = _invite(sylvie, told, email="nina@authority.example", role="officer")
    decided(proposal, by=marc)
    nina = actors.of_person(User.objects.get(email="nina@authority.example"), at=LATER)
    assert nina is not None
    assert (nina.territory, nina.roles) == ("FR", {"officer"})
    with pytest.raises(NotFound):
        _end(sylvie, told, pedro)
    with pytest.raises(Invalid):
        _invite(sylvie, told, email=ZOE, role="provider_submitter")


def test_an_administrator_sees_his_own_people_and_no_others(
    hugo: Actor, ines: Actor, cantabria: Organisation, member: Make
) -> None:
    member(cantabria, "provider_submitter", "Carla")
    with acting_as(hugo, read_only=True):
        assert {m.user.name for m in memberships.visible_to(hugo)} == {"Hugo", "Inès"}
        assert {m.user_id for m in Membership.objects.only("user_id")} == {_id(hugo), _id(ines)}, "the database alone"
        assert set(User.objects.values_list("name", flat=True)) == {"Hugo", "Inès"}
    with pytest.raises(DatabaseError, match="permission denied"), acting_as(hugo, read_only=True):
        list(User.objects.values_list("password", flat=True))


def _id(actor: Actor) -> object:
    return uuid.UUID(actor.id.removeprefix("person:"))


def test_one_person_signs_a_colleague_out_and_the_steward_does_it(
    hugo: Actor, ines: Actor, steward: Actor, told: Told
) -> None:
    kept, ended, membership = _sign_in(ines, "a" * 32), _sign_in(ines, "b" * 32), _membership(ines)
    with acting_as(hugo):
        proposal = memberships.sign_out(membership=membership, session=ended.pk, by=hugo, at=NOON, announce=told)
    assert proposal.status == "confirmed"
    with acting_as(steward):
        stewardship.carry_out(proposal_id=proposal.id, executors=EXECUTORS, by=steward, at=LATER, announce=told)
    assert list(UserSession.objects.values_list("pk", flat=True)) == [kept.pk]
    assert list(Session.objects.values_list("session_key", flat=True)) == ["a" * 32]


def test_who_only_files_keeps_no_people(alice: Actor, ines: Actor, told: Told) -> None:
    with pytest.raises(NotPermitted):
        _invite(alice, told)
    with pytest.raises(NotPermitted):
        _end(alice, told, ines)


def test_a_stranger_finds_no_member(hugo: Actor, cantabria: Organisation, told: Told) -> None:
    stranger = person("provider_administrator", organisation=cantabria)
    membership = _membership(hugo)
    with pytest.raises(NotFound), acting_as(stranger):
        memberships.propose_end(membership=membership, by=stranger, at=NOON, announce=told)
