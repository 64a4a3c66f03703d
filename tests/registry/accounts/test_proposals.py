"""The two-person rule: who may propose, who may decide, what the database refuses by itself, what becomes of it."""

import uuid
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection

from registry.accounts import proposals, stewardship
from registry.accounts.models import ApiClient, Membership, Proposal, ProposalStatus
from registry.acting import Actor, acting_as
from registry.errors import Conflict, DomainError, NotFound, NotPermitted, NotPossible
from registry.ledger.models import Entry
from registry.organisations.models import Organisation
from tests.conftest import NOON, person
from tests.registry.accounts.conftest import LATER, Told

pytestmark = pytest.mark.django_db
PAYLOAD = {"email": "zoe@aurelia.example", "role": "provider_reader"}
SHOWN = {"name": "Zoé", "email": "zoe@aurelia.example", "role": {"en": "reader", "fr": "lecteur", "de": "Lesezugriff"}}


def _propose(by: Actor, told: Told, **changes: Any) -> Proposal:
    with acting_as(by):
        given = {"kind": "member.invite", "payload": PAYLOAD, "shown": SHOWN, **changes}
        return proposals.propose(by=by, at=NOON, announce=told, **given)


def _confirm(proposal: Proposal, by: Actor, told: Told, at: datetime = LATER) -> Proposal:
    with acting_as(by):
        return proposals.confirm(proposal_id=proposal.id, by=by, at=at, announce=told)


def test_one_proposes_another_confirms_and_the_ledger_knows_both(hugo: Actor, ines: Actor, told: Told) -> None:
    proposal = _confirm(_propose(hugo, told), ines, told)
    assert (proposal.status, proposal.proposed_by, proposal.decided_by) == ("confirmed", hugo.id, ines.id)
    assert told.kinds == ["proposal.proposed", "proposal.confirmed"]
    entries = Entry.objects.filter(subject=str(proposal.id)).values_list("kind", "actor")
    assert list(entries) == [("proposal.proposed", hugo.id), ("proposal.confirmed", ines.id)]


def test_nobody_confirms_what_he_proposed(hugo: Actor, told: Told) -> None:
    proposal = _propose(hugo, told)
    with pytest.raises(NotPermitted, match="yourself"):
        _confirm(proposal, hugo, told)
    with pytest.raises(NotPermitted, match="yourself"), acting_as(hugo):
        proposals.refuse(proposal_id=proposal.id, reason="", by=hugo, at=LATER, announce=told)


@pytest.mark.parametrize("same", [True, False])
def test_the_database_alone_keeps_the_proposer_from_deciding(hugo: Actor, ines: Actor, told: Told, same: bool) -> None:
    """A wrong view that writes the row itself: as the proposer, or as somebody in another's name."""
    proposal = _propose(hugo, told)
    decider = hugo if same else ines
    with pytest.raises(DatabaseError), acting_as(hugo):
        Proposal.objects.filter(id=proposal.id).update(
            status="confirmed", decided_by=decider.id, decider_name="x", decided_at=LATER
        )


@pytest.mark.parametrize("change", [{"payload": {}}, {"kind": "member.end"}, {"expires_at": LATER}, {"shown": {}}])
def test_what_was_proposed_cannot_be_changed(hugo: Actor, told: Told, change: dict[str, Any]) -> None:
    proposal = _propose(hugo, told)
    with pytest.raises(DatabaseError):
        Proposal.objects.filter(id=proposal.id).update(**change)


def test_a_proposal_is_not_born_decided(hugo: Actor, ines: Actor, told: Told) -> None:
    proposal = _propose(hugo, told)
    copy = {f.attname: getattr(proposal, f.attname) for f in Proposal._meta.concrete_fields}
    copy |= {"id": uuid.uuid4(), "status": "confirmed", "decided_by": ines.id, "decided_at": NOON, "digest": b"x" * 32}
    with pytest.raises(DatabaseError), acting_as(hugo):
        Proposal.objects.create(**copy)


def test_the_same_proposed_twice_is_one_proposal(hugo: Actor, ines: Actor, told: Told) -> None:
    first = _propose(hugo, told)
    assert _propose(hugo, told).id == first.id
    assert _propose(ines, told).id == first.id
    assert told.kinds == ["proposal.proposed"]


def test_confirming_twice_changes_nothing(hugo: Actor, ines: Actor, told: Told) -> None:
    proposal = _confirm(_propose(hugo, told), ines, told)
    again = _confirm(proposal, ines, told, at=LATER + timedelta(hours=1))
    assert again.decided_at == proposal.decided_at
    assert told.kinds.count("proposal.confirmed") == 1


def test_somebody_without_the_permission_neither_proposes_nor_confirms(hugo: Actor, alice: Actor, told: Told) -> None:
    with pytest.raises(NotPermitted):
        _propose(alice, told)
    with pytest.raises(NotPermitted):
        _confirm(_propose(hugo, told), alice, told)


def test_a_machine_neither_proposes_nor_confirms_whatever_it_is_permitted(hugo: Actor, told: Told) -> None:
    machine = replace(hugo, id="client:abc")
    with pytest.raises(NotPermitted, match="Only people"):
        _propose(machine, told)
    with pytest.raises(NotPermitted, match="Only people"):
        _confirm(_propose(hugo, told), machine, told)


def test_an_administrator_elsewhere_finds_nothing(hugo: Actor, cantabria: Organisation, told: Told) -> None:
    stranger = person("provider_administrator", organisation=cantabria)
    proposal = _propose(hugo, told)
    with pytest.raises(NotFound):
        _confirm(proposal, stranger, told)
    supervisor = person("supervisor", territory="FR")
    with pytest.raises(NotFound):
        _confirm(proposal, supervisor, told)


def test_row_security_hides_a_proposal_from_strangers_and_from_the_authority(
    hugo: Actor, cantabria: Organisation, told: Told
) -> None:
    proposal = _propose(hugo, told)
    for other in (person("provider_administrator", organisation=cantabria), person("supervisor", territory="FR")):
        with acting_as(other, read_only=True):
            assert not Proposal.objects.filter(id=proposal.id).exists()
    with acting_as(hugo, read_only=True):
        assert Proposal.objects.filter(id=proposal.id).exists()


def test_under_a_mandate_nobody_sees_proposals_people_or_keys(hugo: Actor, told: Told) -> None:
    proposal = _propose(hugo, told)
    with acting_as(replace(hugo, mandate=uuid.uuid4(), agent=uuid.uuid4()), read_only=True):
        assert not Proposal.objects.filter(id=proposal.id).exists()
        assert not Membership.objects.exists()
        assert not ApiClient.objects.exists()


def test_supervisors_of_one_authority_decide_among_themselves(told: Told, db: None) -> None:
    one, two = person("supervisor", territory="FR"), person("supervisor", territory="FR")
    proposal = _propose(one, told)
    assert (proposal.organisation_id, proposal.territory) == (None, "FR")
    with pytest.raises(NotFound):
        _confirm(proposal, person("supervisor", territory="ES"), told)
    assert _confirm(proposal, two, told).status == ProposalStatus.CONFIRMED


def test_a_refusal_has_a_reason_and_is_final(hugo: Actor, ines: Actor, told: Told) -> None:
    proposal = _propose(hugo, told)
    with acting_as(ines):
        refused = proposals.refuse(proposal_id=proposal.id, reason="Not one of us.", by=ines, at=LATER, announce=told)
    assert (refused.status, refused.reason) == ("refused", "Not one of us.")
    with pytest.raises(Conflict):
        _confirm(proposal, ines, told)


def test_only_the_proposer_takes_a_proposal_back(hugo: Actor, ines: Actor, told: Told) -> None:
    proposal = _propose(hugo, told)
    with pytest.raises(NotPermitted, match="Somebody else"), acting_as(ines):
        proposals.withdraw(proposal_id=proposal.id, by=ines, at=LATER, announce=told)
    with acting_as(hugo):
        assert proposals.withdraw(proposal_id=proposal.id, by=hugo, at=LATER, announce=told).status == "withdrawn"


def test_what_waited_too_long_expires(hugo: Actor, ines: Actor, steward: Actor, told: Told) -> None:
    proposal = _propose(hugo, told)
    with pytest.raises(NotPossible, match="expired"):
        _confirm(proposal, ines, told, at=proposal.expires_at)
    with acting_as(steward):
        assert (
            stewardship.expire(by=steward, at=proposal.expires_at - timedelta(seconds=1), announce=told, limit=9) == 0
        )
        assert stewardship.expire(by=steward, at=proposal.expires_at, announce=told, limit=9) == 1
    assert Proposal.objects.get(id=proposal.id).status == "expired"
    assert _propose(hugo, told).id != proposal.id


# --- carrying out -----------------------------------------------------------------------------------------------------


def _carry_out(proposal: Proposal, steward: Actor, told: Told, done: list[str]) -> Proposal | None:
    def executor(proposal: Proposal, by: Actor, at: datetime, announce: proposals.Announce) -> None:
        done.append(proposal.payload["email"])

    with acting_as(steward):
        return stewardship.carry_out(
            proposal_id=proposal.id, executors={"member.invite": executor}, by=steward, at=LATER, announce=told
        )


def test_the_steward_carries_out_once_what_two_persons_decided(
    hugo: Actor, ines: Actor, steward: Actor, told: Told
) -> None:
    proposal, done = _propose(hugo, told), list[str]()
    assert _carry_out(proposal, steward, told, done) is None
    _confirm(proposal, ines, told)
    with acting_as(steward):
        assert stewardship.waiting(by=steward, limit=9) == [proposal.id]
    carried = _carry_out(proposal, steward, told, done)
    assert carried is not None
    assert carried.status == "done"
    assert _carry_out(proposal, steward, told, done) is None
    assert done == [PAYLOAD["email"]]


@pytest.mark.parametrize("who", ["proposer", "decider"])
def test_the_steward_looks_at_both_persons_again(
    hugo: Actor, ines: Actor, steward: Actor, told: Told, who: str
) -> None:
    proposal = _confirm(_propose(hugo, told), ines, told)
    left = (hugo if who == "proposer" else ines).id.removeprefix("person:")
    with connection.cursor() as cursor:
        cursor.execute("update accounts_membership set ends_at = %s where user_id = %s", [NOON, left])
    done: list[str] = []
    with pytest.raises(NotPermitted):
        _carry_out(proposal, steward, told, done)
    assert not done
    with acting_as(steward):
        stewardship.fail(proposal_id=proposal.id, outcome="One of them left.", by=steward, at=LATER, announce=told)
    kept = Proposal.objects.get(id=proposal.id)
    assert (kept.status, kept.outcome) == ("failed", "One of them left.")
    assert told.kinds[-1] == "proposal.failed"


def test_persons_of_another_organisation_count_for_nothing(
    hugo: Actor, cantabria: Organisation, registrar: Actor, steward: Actor, told: Told, ines: Actor
) -> None:
    """Both moved elsewhere as administrators: what they decided here is not carried out."""
    proposal = _confirm(_propose(hugo, told), ines, told)
    with connection.cursor() as cursor:
        cursor.execute("update accounts_membership set organisation_id = %s", [cantabria.id])
    with pytest.raises(NotPermitted):
        _carry_out(proposal, steward, told, [])


def test_no_surface_carries_anything_out(hugo: Actor, ines: Actor, told: Told) -> None:
    proposal = _confirm(_propose(hugo, told), ines, told)
    with pytest.raises(DomainError), acting_as(hugo):
        stewardship.carry_out(proposal_id=proposal.id, executors={}, by=hugo, at=LATER, announce=told)


def test_a_sentence_tells_what_will_be_done_in_three_languages(hugo: Actor, told: Told) -> None:
    proposal = _propose(hugo, told)
    assert proposal.sentence("en") == "Invite Zoé (zoe@aurelia.example) as reader."
    assert "lecteur" in proposal.sentence("fr")
    assert "einladen" in proposal.sentence("de")
