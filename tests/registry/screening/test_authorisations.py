"""R-22 stops; an authorisation that two persons record turns the stop into a note for its days."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from registry import tasks
from registry.accounts import actions as accounts
from registry.accounts import actors, proposals
from registry.accounts.models import Proposal
from registry.accounts.policy import of_the_register
from registry.acting import Actor, acting_as
from registry.compute.models import Return
from registry.dispatch import outbox
from registry.errors import Conflict, Invalid, NotFound, NotPermitted, NotPossible
from registry.ledger.models import Entry
from registry.organisations.models import Authority, Organisation
from registry.screening import authorisations, subject_actions
from registry.screening.authorisations import NewAuthorisation
from registry.screening.models import Authorisation, Finding
from tests.registry.compute import records
from tests.registry.screening.test_taking_customers import submitted, told

pytestmark = pytest.mark.django_db
SCREENER = of_the_register("screener")
REASON = "Health research, decision in the file."


def officer(registrar: Actor, name: str, noon: datetime, territory: str = "FR") -> Actor:
    """Somebody with an account: the steward looks at both persons again."""
    with acting_as(registrar):
        user = accounts.grant(
            email=f"{name}@authority.example",
            name=name.title(),
            password=None,
            role="officer",
            place=Authority.objects.get(territory=territory),
            by=registrar,
            at=noon - timedelta(days=1),
        )
    found = actors.of_person(user, at=noon)
    assert found is not None
    return found


@pytest.fixture
def first(registrar: Actor, noon: datetime) -> Actor:
    """An officer in France."""
    return officer(registrar, "odile", noon)


@pytest.fixture
def second(registrar: Actor, noon: datetime) -> Actor:
    """A colleague."""
    return officer(registrar, "oscar", noon)


@pytest.fixture
def october(aurelia: Organisation, alice: Actor, noon: datetime) -> Return:
    """A submitted return with one customer that is established in Russia."""
    records.lend(aurelia)
    row = records.opened(alice, noon)
    line = told(1, "C-1", customer_name="OOO Sever", payer_name="OOO Sever", is_established_in_russia=True)
    submitted(row, [line], alice, noon)
    return row


@pytest.fixture
def stop(october: Return, noon: datetime) -> Finding:
    """The finding that stops it."""
    with acting_as(SCREENER):
        while subject_actions.screen_return(reference=october.reference, by=SCREENER, at=noon):
            pass
        return Finding.objects.get(rule="R-22")


def new(stop: Finding, noon: datetime, **changes: Any) -> NewAuthorisation:
    day = noon.date()
    said = NewAuthorisation(stop.id, "DGT-2026-17", "Art. 5n(10)", day, day + timedelta(days=30), REASON)
    return replace(said, **changes)


def proposed(said: NewAuthorisation, by: Actor, at: datetime) -> Proposal:
    with acting_as(by):
        return authorisations.propose(new=said, by=by, at=at, announce=outbox.put)


def carried_out(proposal: Proposal, by: Actor, at: datetime, monkeypatch: pytest.MonkeyPatch) -> Proposal:
    with acting_as(by):
        proposals.confirm(proposal_id=proposal.id, by=by, at=at, announce=outbox.put)
    monkeypatch.setattr(tasks.timezone, "now", lambda: at)
    tasks.carry_out_proposal(reference=str(proposal.id))
    proposal.refresh_from_db()
    return proposal


def test_the_stop_is_shown_to_the_officer_and_says_what_is_prohibited(stop: Finding, first: Actor) -> None:
    assert stop.severity == "stop"
    assert authorisations.is_stopped(stop)
    with acting_as(first):
        assert Finding.objects.visible_to(first).filter(severity="stop").count() == 1


def test_two_persons_record_and_the_rule_then_says_authorised(
    stop: Finding, first: Actor, second: Actor, noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    proposal = carried_out(proposed(new(stop, noon), first, noon), second, noon, monkeypatch)
    assert proposal.status == "done", proposal.outcome
    row = Authorisation.objects.get()
    assert (row.customer_key, row.proposed_by, row.confirmed_by) == ("C-1", first.id, second.id)
    assert Entry.objects.filter(kind=authorisations.RECORDED, subject=str(row.id)).exists()
    with acting_as(SCREENER):
        (found,) = subject_actions.screen_authorised(authorisation=row.id, by=SCREENER, at=noon)
    assert (found.rule, found.severity, found.inputs["authorisation_names"]) == ("R-22", "low", "DGT-2026-17")
    assert not authorisations.is_stopped(found)


def test_after_the_last_day_the_rule_stops_again(
    stop: Finding, first: Actor, second: Actor, noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = new(stop, noon, until_on=noon.date())
    carried_out(proposed(said, first, noon), second, noon, monkeypatch)
    row = Authorisation.objects.get()
    with acting_as(SCREENER):
        later = noon + timedelta(days=1)
        (found,) = subject_actions.screen_authorised(authorisation=row.id, by=SCREENER, at=later)
    assert authorisations.is_stopped(found)


def test_one_person_alone_records_nothing(stop: Finding, first: Actor, noon: datetime) -> None:
    proposal = proposed(new(stop, noon), first, noon)
    with acting_as(first), pytest.raises((NotPermitted, NotPossible, Conflict)):
        proposals.confirm(proposal_id=proposal.id, by=first, at=noon, announce=outbox.put)
    assert not Authorisation.objects.exists()


def test_another_authority_does_not_even_see_it(stop: Finding, registrar: Actor, noon: datetime) -> None:
    german = officer(registrar, "gerda", noon, territory="DE")
    with pytest.raises(NotFound):
        proposed(new(stop, noon), german, noon)


def test_other_findings_stop_nobody(stop: Finding, first: Actor, noon: datetime) -> None:
    Finding.objects.filter(id=stop.id).update(rule="R-21")
    with pytest.raises(NotPossible):
        proposed(new(stop, noon), first, noon)


@pytest.mark.parametrize(
    "changes",
    [{"reference": " "}, {"legal_basis": ""}, {"until_on": date(2020, 1, 1)}],
)
def test_what_is_not_whole_is_refused(stop: Finding, first: Actor, noon: datetime, changes: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        proposed(new(stop, noon, **changes), first, noon)
