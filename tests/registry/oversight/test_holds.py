"""A hold keeps a filing from being erased: one person of the authority sets it, two lift it, nobody else does."""

import tomllib
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.db import DatabaseError

from registry import tasks
from registry.accounts import actions as accounts
from registry.accounts import actors, proposals
from registry.accounts.models import Proposal
from registry.accounts.policy import of_the_register
from registry.acting import Actor, acting_as
from registry.dispatch import outbox
from registry.errors import DomainError, Invalid, NotFound, NotPermitted, NotPossible
from registry.filings import actions
from registry.filings.actions import NewFiling
from registry.languages import SPOKEN
from registry.ledger.models import Entry
from registry.organisations.models import Authority
from registry.oversight import erasure, holds
from registry.oversight.holds import NewHold
from registry.oversight.models import Hold
from tests.conftest import NOON, person
from tests.documents import planned_run

pytestmark = pytest.mark.django_db
PERIOD = next(ground for ground in erasure.grounds() if ground.code == "period")
LATE = NOON.replace(year=NOON.year + 10) + timedelta(days=1)
WHY = "Court of appeal, case 5/2036"


def officer(registrar: Actor, name: str) -> Actor:
    """Somebody with an account: the steward looks at both persons again."""
    with acting_as(registrar):
        authority = Authority.objects.get(territory="FR")
        user = accounts.grant(
            email=f"{name}@authority.example",
            name=name.title(),
            password=None,
            role="officer",
            place=authority,
            by=registrar,
            at=NOON - timedelta(days=1),
        )
    found = actors.of_person(user, at=LATE)
    assert found is not None
    return found


@pytest.fixture
def first(registrar: Actor) -> Actor:
    """An officer in France."""
    return officer(registrar, "odile")


@pytest.fixture
def second(registrar: Actor) -> Actor:
    """A colleague."""
    return officer(registrar, "oscar")


@pytest.fixture
def reference(alice: Actor, olga: Actor) -> str:
    """An accepted filing, whose period has ended at LATE."""
    with acting_as(alice):
        outcome = actions.file([NewFiling(planned_run())], by=alice, at=NOON)[0]
    for verb in ("review", "accept"):
        with acting_as(olga):
            actions.decide(reference=str(outcome.reference), verb=verb, reason="in order", by=olga, at=NOON)
    return str(outcome.reference)


def new_hold(reference: str, **changes: object) -> NewHold:
    said = NewHold(reference, "litigation", WHY, LATE + timedelta(days=365))
    return replace(said, **changes)  # type: ignore[arg-type]


def held(reference: str, by: Actor, **changes: object) -> Hold:
    with acting_as(by):
        return holds.place(new=new_hold(reference, **changes), by=by, at=LATE)


def erased(at: datetime = LATE) -> int:
    with acting_as(of_the_register("housekeeper")) as housekeeper:
        return erasure.erase(PERIOD, by=housekeeper, at=at, limit=10)


def asked(hold: Hold, by: Actor, at: datetime = LATE) -> Proposal:
    with acting_as(by):
        return holds.propose_lifting(held=hold.id, by=by, at=at, announce=outbox.put)


def confirmed(proposal: Proposal, by: Actor) -> None:
    with acting_as(by):
        proposals.confirm(proposal_id=proposal.id, by=by, at=LATE, announce=outbox.put)


def carried_out(proposal: Proposal, monkeypatch: pytest.MonkeyPatch) -> Proposal:
    monkeypatch.setattr(tasks.timezone, "now", lambda: LATE)
    tasks.carry_out_proposal(reference=str(proposal.id))
    proposal.refresh_from_db()
    return proposal


def test_a_hold_spares_a_filing_until_its_day_and_not_a_moment_longer(reference: str, first: Actor) -> None:
    hold = held(reference, first)
    assert hold.ends_at is not None
    assert erased(LATE) == erased(hold.ends_at - timedelta(microseconds=1)) == 0
    assert erased(hold.ends_at) == 1


def test_what_is_held_says_who_why_on_which_basis_and_stands_in_the_log(reference: str, first: Actor) -> None:
    hold = held(reference, first)
    assert (hold.actor, hold.actor_name, hold.set_from, hold.basis) == (first.id, "Odile", "FR", "litigation")
    assert (hold.reason, hold.reference) == (WHY, reference)
    last = Entry.objects.last()
    assert last is not None
    assert (last.kind, last.subject, last.actor) == (holds.HELD, reference, first.id)


def test_two_persons_lift_a_hold_and_then_the_filing_goes(
    reference: str, first: Actor, second: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold = held(reference, first)
    proposal = asked(hold, first)
    with pytest.raises(NotPermitted):
        confirmed(proposal, first)
    assert erased() == 0
    confirmed(proposal, second)
    assert carried_out(proposal, monkeypatch).status == "done"
    hold.refresh_from_db()
    assert (hold.lifted_at, hold.lifted_by) == (LATE, second.id)
    assert Entry.objects.filter(kind=holds.LIFTED, subject=reference).count() == 1
    assert erased() == 1


def test_an_unconfirmed_proposal_lifts_nothing(reference: str, first: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    proposal = asked(held(reference, first), first)
    assert carried_out(proposal, monkeypatch).status == "pending"
    assert erased() == 0


def test_a_hold_that_ended_meanwhile_is_not_lifted(
    reference: str, first: Actor, second: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold = held(reference, first)
    proposals_made = [asked(hold, first), asked(held(reference, first), first)]
    confirmed(proposals_made[0], second)
    carried_out(proposals_made[0], monkeypatch)
    with pytest.raises(NotPossible, match="ended already"):
        asked(hold, first)
    assert erased() == 0  # the other hold still keeps it


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"reason": " "}, "Give a reason"),
        ({"reason": "Court"}, "Give a reason"),
        ({"reason": "x" * 501}, "Give a reason"),
        ({"basis": ""}, "legal basis"),
        ({"basis": "evaluation"}, "legal basis"),  # the AI Office's
        ({"ends_at": LATE}, "ends within 5 years"),
        ({"ends_at": LATE + timedelta(days=366 * 5 + 1)}, "ends within 5 years"),
        ({"ends_at": LATE + timedelta(days=1000), "basis": "audit"}, "ends within 2 years"),
    ],
)
def test_a_hold_that_is_not_complete_is_refused(
    reference: str, first: Actor, changes: dict[str, object], sentence: str
) -> None:
    with pytest.raises(Invalid, match=sentence):
        held(reference, first, **changes)
    assert not Hold.objects.exists()


@pytest.mark.parametrize(
    ("who", "refusal"), [("pedro", NotFound), ("alice", NotPermitted), ("charlie", NotFound), ("bob", NotPermitted)]
)
def test_nobody_else_sets_a_hold(
    reference: str, who: str, refusal: type[DomainError], request: pytest.FixtureRequest
) -> None:
    with pytest.raises(refusal):
        held(reference, request.getfixturevalue(who))


def test_another_authority_lifts_no_hold(reference: str, first: Actor, pedro: Actor) -> None:
    office = person("ai_office_officer", territory="EU")
    ours, theirs = held(reference, first), held(reference, office)
    with pytest.raises(NotFound):
        asked(ours, pedro)
    for hold, by in ((ours, office), (theirs, first)):
        with pytest.raises(NotPermitted, match="Another authority"):
            asked(hold, by)


@pytest.mark.parametrize("role", ["officer", "ai_office_officer", "housekeeper"])
def test_the_database_lets_nobody_but_the_steward_lift(reference: str, first: Actor, role: str) -> None:
    held(reference, first)
    by = of_the_register(role) if role == "housekeeper" else person(role, territory="FR" if role == "officer" else "EU")
    with pytest.raises(DatabaseError, match="permission denied"), acting_as(by):
        Hold.objects.update(lifted_at=LATE)


@pytest.mark.parametrize("change", [{"ends_at": LATE}, {"reason": "x"}, {"basis": "audit"}, {"set_from": "EU"}])
def test_what_was_set_stays_as_it_was_set(reference: str, first: Actor, change: dict[str, object]) -> None:
    held(reference, first)
    with pytest.raises(DatabaseError, match="Cannot update"):
        Hold.objects.update(**change)


def test_the_auditor_reads_every_hold_and_the_steward_not_what_it_is_about(reference: str, first: Actor) -> None:
    held(reference, first)
    with acting_as(person("auditor", territory="EU"), read_only=True) as auditor:
        assert Hold.objects.visible_to(auditor).get().reason == WHY
    with pytest.raises(DatabaseError, match="permission denied"), acting_as(of_the_register("steward")) as steward:
        _ = Hold.objects.visible_to(steward).get().reason


def test_every_basis_has_its_words_its_article_and_its_source() -> None:
    rows = tomllib.loads(holds._FILE.read_text("utf-8"))["basis"]
    assert len(rows) == len(holds.bases())
    for basis in holds.bases().values():
        assert basis.article
        assert basis.source
        assert all(basis.words[language] for language in SPOKEN)
        assert basis.years >= 1
