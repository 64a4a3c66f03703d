"""After its period a filing's content and salts are gone, the log still verifies, and a hold prevents it."""

from datetime import timedelta

import pytest
from django.db.utils import DatabaseError

from registry.accounts import retention
from registry.accounts.policy import of_the_register
from registry.acting import Actor, acting_as
from registry.filings import actions
from registry.filings.actions import NewFiling
from registry.filings.models import Answer, Filing, Transition, Version
from registry.ledger import chain
from registry.ledger.log import line_of
from registry.ledger.models import Entry
from registry.oversight import actions as oversight
from registry.oversight import erasure, sharing
from registry.oversight.erasure_targets import TARGETS
from registry.oversight.models import Erasure, Look, Sharing
from registry.oversight.purposes import Purpose
from tests.conftest import NOON, person
from tests.documents import planned_run

pytestmark = pytest.mark.django_db
PERIOD, DRAFTS = (ground for ground in erasure.grounds() if ground.target is TARGETS["filing"])
LATER = NOON.replace(year=NOON.year + 10) + timedelta(days=1)
CANARY = "canary-7f3a"


def filed(alice: Actor, *, draft: bool = False) -> Filing:
    new = NewFiling(planned_run(run__client_run_id=CANARY), client_reference=CANARY, draft=draft)
    with acting_as(alice):
        outcome = actions.file([new], by=alice, at=NOON)[0]
    assert outcome.refusal is None
    return Filing.objects.get(reference=outcome.reference)


def accepted(alice: Actor, olga: Actor) -> Filing:
    filing = filed(alice)
    for verb in ("review", "accept"):
        with acting_as(olga):
            actions.decide(reference=filing.reference, verb=verb, reason=CANARY, by=olga, at=NOON)
    return filing


def erased(ground: erasure.Ground = PERIOD, *, at: object = LATER) -> int:
    housekeeper = of_the_register("housekeeper")
    with acting_as(housekeeper):
        return erasure.erase(ground, by=housekeeper, at=at, limit=100)  # type: ignore[arg-type]


def test_content_and_salts_go_and_the_chain_still_verifies(alice: Actor, olga: Actor) -> None:
    filing = accepted(alice, olga)
    version = Version.objects.get(filing=filing)
    before = list(Entry.objects.values_list("index", "commitment", "entry_hash"))
    assert erased() == 1
    version.refresh_from_db()
    assert (version.canonical, bytes(version.salt), bytes(version.digest)) == ("", b"", b"")
    assert (version.training_compute_flop, version.estimated_flop) == (None, None)
    assert {bytes(salt) for salt in Transition.objects.values_list("salt", flat=True)} == {b""}
    assert set(Transition.objects.values_list("reason", flat=True)) == {""}
    assert all(inputs == {} for inputs in Answer.objects.values_list("inputs", flat=True))
    assert [(i, bytes(c), bytes(h)) for i, c, h in Entry.objects.values_list("index", "commitment", "entry_hash")][
        : len(before)
    ] == [(i, bytes(c), bytes(h)) for i, c, h in before]
    assert chain.verify(map(line_of, Entry.objects.all())) is None
    last = Entry.objects.last()
    assert last is not None
    assert (last.kind, last.subject) == ("filing.erased", filing.reference)
    assert Erasure.objects.get().ground == "period"


def test_no_text_of_the_filing_is_left_anywhere(alice: Actor, olga: Actor) -> None:
    filing = accepted(alice, olga)
    erased()
    filing.refresh_from_db()
    left = [filing.client_reference, filing.run_id, filing.lineage, filing.band, filing.site_country]
    assert left == [""] * 5
    assert filing.training_compute_flop is None
    rows = [*Filing.objects.values(), *Version.objects.values(), *Transition.objects.values(), *Answer.objects.values()]
    assert CANARY not in repr(rows)
    assert filing.status == "accepted"


def test_before_the_period_and_while_it_is_open_nothing_is_erased(alice: Actor, olga: Actor) -> None:
    accepted(alice, olga)
    filed_only = Filing.objects.filter(status="submitted")
    assert erased(at=LATER - timedelta(days=2)) == 0
    assert not filed_only.exists()
    assert erased() == 1
    assert erased() == 0


def test_what_waits_for_a_decision_is_kept(alice: Actor) -> None:
    filed(alice)
    assert erased() == 0


def test_a_draft_that_nobody_touched_for_a_year_is_emptied(alice: Actor) -> None:
    draft = filed(alice, draft=True)
    assert erased(DRAFTS, at=NOON.replace(year=NOON.year + 1)) == 0
    assert erased(DRAFTS, at=NOON.replace(year=NOON.year + 1) + timedelta(seconds=1)) == 1
    draft.refresh_from_db()
    assert (draft.draft, draft.client_reference) == (None, "")


@pytest.mark.parametrize("column", ["canonical", "salt", "digest"])
def test_the_housekeeper_reads_no_document(alice: Actor, column: str) -> None:
    filed(alice)
    housekeeper = of_the_register("housekeeper")
    with pytest.raises(DatabaseError, match="permission denied"), acting_as(housekeeper):
        list(Version.objects.values_list(column, flat=True))


@pytest.mark.parametrize("role", ["officer", "ai_office_officer", "provider_submitter"])
def test_nobody_else_empties_a_version(alice: Actor, role: str) -> None:
    filed(alice)
    by = alice if role.startswith("provider") else person(role, territory="EU" if role.startswith("ai") else "FR")
    with pytest.raises(DatabaseError, match="permission denied"), acting_as(by):
        Version.objects.update(canonical="")


def test_names_in_looks_go_after_twelve_months_and_the_rest_stays(alice: Actor, olga: Actor) -> None:
    filing = filed(alice)
    with acting_as(olga):
        oversight.open_filing(reference=filing.reference, purpose=Purpose("review"), by=olga, at=NOON)
    housekeeper, rule = of_the_register("housekeeper"), retention.rule("names of persons in looks")
    for later, count in ((timedelta(days=364), 0), (timedelta(days=366), 1), (timedelta(days=366), 0)):
        with acting_as(housekeeper):
            assert retention.apply(rule, by=housekeeper, at=NOON + later, limit=10) == count
    look = Look.objects.get()
    assert (look.actor_name, look.actor, look.basis) == (None, olga.id, "review")


def test_every_ground_has_its_source_and_what_is_emptied_is_what_the_policy_grants() -> None:
    assert all(ground.source for ground in erasure.grounds())
    for ground in erasure.grounds():
        assert ground.period


def test_what_another_authority_was_shown_goes_with_the_filing(alice: Actor, olga: Actor) -> None:
    filing = accepted(alice, olga)
    with acting_as(olga):
        sharing.share(
            reference=filing.reference,
            recipient="ES",
            ends_at=NOON + timedelta(days=30),
            purpose=Purpose(sharing.BASIS, "FR-7", "The runs of one lineage lie in both States."),
            by=olga,
            at=NOON,
        )
    assert Sharing.objects.get().rendering
    erased()
    shown = Sharing.objects.get()
    assert (shown.rendering, bytes(shown.salt)) == ({}, b"")
