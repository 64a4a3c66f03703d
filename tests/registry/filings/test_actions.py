"""Filing, amending, deciding: what the actions promise, on a real database with row-level security in force."""

import json
from datetime import timedelta

import pytest

from registry.acting import Actor, acting_as
from registry.errors import Conflict, Invalid, NotFound, NotPermitted, NotPossible, OutsideUnitOfWork, Stale
from registry.filings import actions, document, reference
from registry.filings.actions import NewFiling
from registry.filings.models import Filing, Version
from registry.ledger import chain
from registry.ledger.models import Entry
from tests.conftest import NOON
from tests.documents import REMOVED, planned_run

pytestmark = pytest.mark.django_db


def filed(actor: Actor, *items: NewFiling) -> list[actions.Outcome]:
    """File as `actor`, in one unit of work."""
    with acting_as(actor):
        return actions.file(list(items), by=actor, at=NOON)


def one(actor: Actor, **changes: object) -> str:
    """The reference of one submitted filing."""
    outcome = filed(actor, NewFiling(planned_run(**changes)))[0]
    assert outcome.refusal is None, [(o.code, o.pointer, o.sentence) for o in outcome.refusal.obstacles]
    return outcome.reference


def test_a_complete_filing_is_submitted_with_version_duties_history_and_ledger_entry(alice: Actor) -> None:
    ref = one(alice)
    assert reference.is_valid(ref)
    with acting_as(alice):
        filing = Filing.objects.visible_to(alice).get(reference=ref)
        version = filing.versions.get()
        assert (filing.status, filing.number, version.kind) == ("submitted", 1, "notification")
        assert document.digest(version.canonical.encode()) == bytes(version.digest)
        assert filing.duties.filter(code="notification").exists() or filing.duties.exists()
        assert filing.transitions.get().verb == "submit"
        entry = Entry.objects.only("index", "at", "commitment", "previous_hash", "entry_hash").get(
            index=version.entry_id
        )
        commitment = chain.commitment(salt=bytes(version.salt), digest=bytes(version.digest))
        assert bytes(entry.commitment) == commitment


def test_actions_refuse_to_run_outside_a_unit_of_work(alice: Actor) -> None:
    with pytest.raises(OutsideUnitOfWork):
        actions.file([NewFiling(planned_run())], by=alice, at=NOON)


def test_a_reader_may_not_file(bob: Actor) -> None:
    with pytest.raises(NotPermitted):
        filed(bob, NewFiling(planned_run()))


def test_a_stranger_cannot_tell_a_filing_from_nothing(alice: Actor, charlie: Actor) -> None:
    ref = one(alice)
    with acting_as(charlie), pytest.raises(NotFound):
        actions.withdraw(reference=ref, reason="mine", revision=None, by=charlie, at=NOON)


def test_a_good_item_is_kept_beside_a_bad_one(alice: Actor) -> None:
    good, bad = filed(alice, NewFiling(planned_run()), NewFiling(planned_run(run__hardware__0__count="many")))
    assert good.reference
    assert isinstance(bad.refusal, Invalid)
    assert [o.pointer for o in bad.refusal.obstacles] == ["/run/hardware/0/count"]


def test_a_client_reference_is_used_once_by_an_organisation_and_again_by_another(alice: Actor, charlie: Actor) -> None:
    filed(alice, NewFiling(planned_run(), client_reference="run-1"))
    again = filed(alice, NewFiling(planned_run(run__client_run_id="other"), client_reference="run-1"))[0]
    assert isinstance(again.refusal, Conflict)
    assert filed(charlie, NewFiling(planned_run(), client_reference="run-1", draft=True))[0].refusal is None


@pytest.mark.parametrize("draft", [False, True])
def test_what_was_withdrawn_by_mistake_can_be_filed_again_under_the_same_names(alice: Actor, draft: bool) -> None:
    item = NewFiling(planned_run(), client_reference="run-1", draft=draft)
    mistaken = filed(alice, item)[0].reference
    with acting_as(alice):
        actions.withdraw(reference=mistaken, reason="By mistake.", revision=None, by=alice, at=NOON)
    again = filed(alice, item)[0]
    assert again.refusal is None
    assert again.reference != mistaken
    assert isinstance(filed(alice, item)[0].refusal, Conflict)


def test_a_draft_may_be_incomplete_and_is_replaced_only_at_its_revision(alice: Actor) -> None:
    draft = filed(alice, NewFiling(planned_run(signature=REMOVED), draft=True))[0]
    with acting_as(alice):
        changed = actions.redraft(
            reference=draft.reference, content=planned_run(), revision=1, by=alice, at=NOON + timedelta(minutes=1)
        )
        assert changed.revision == 2
    with acting_as(alice), pytest.raises(Stale):
        actions.redraft(reference=draft.reference, content=planned_run(), revision=1, by=alice, at=NOON)
    with acting_as(alice):
        assert actions.submit(reference=draft.reference, by=alice, at=NOON).status == "submitted"


def test_an_amendment_is_a_whole_new_version_and_keeps_the_first(alice: Actor) -> None:
    ref = one(alice)
    with acting_as(alice):
        actions.amend(
            reference=ref,
            kind="update",
            content=planned_run(model__version="3.1"),
            revision=1,
            by=alice,
            at=NOON + timedelta(days=1),
        )
        versions = list(Version.objects.visible_to(alice).filter(filing__reference=ref))
        assert [v.number for v in versions] == [1, 2]
        assert json.loads(versions[1].canonical)["model"]["version"] == "3.1"
        assert json.loads(versions[0].canonical)["model"]["version"] == "3.0"


def test_the_officer_reviews_accepts_and_gives_a_reason(alice: Actor, olga: Actor, pedro: Actor) -> None:
    ref = one(alice)
    with acting_as(pedro), pytest.raises(NotFound):
        actions.decide(reference=ref, verb="review", reason="", by=pedro, at=NOON)
    with acting_as(olga):
        assert actions.decide(reference=ref, verb="review", reason="", by=olga, at=NOON).status == "in_review"
    with acting_as(olga), pytest.raises(Invalid):
        actions.decide(reference=ref, verb="accept", reason=" ", by=olga, at=NOON)
    with acting_as(olga):
        actions.decide(reference=ref, verb="accept", reason="Complete and consistent.", by=olga, at=NOON)
    with acting_as(alice):
        filing = Filing.objects.visible_to(alice).get(reference=ref)
        assert [t.verb for t in filing.transitions.all()] == ["submit", "review", "accept"]
    with acting_as(alice), pytest.raises(NotPossible):
        actions.withdraw(reference=ref, reason="too late", revision=None, by=alice, at=NOON)
