"""What is shown to another State is a rendering, for a purpose, until a day; the rest stays out of its reach."""

import json
from datetime import timedelta

import pytest
from django.db.utils import DatabaseError

from registry.acting import Actor, acting_as
from registry.errors import Invalid, NotFound, NotPermitted
from registry.filings import actions
from registry.filings.actions import NewFiling
from registry.filings.models import Filing, Version
from registry.oversight import actions as oversight
from registry.oversight import sharing
from registry.oversight.models import Look, Sharing
from registry.oversight.purposes import Purpose
from tests.conftest import NOON, person
from tests.documents import planned_run

pytestmark = pytest.mark.django_db
WHY = Purpose("cooperation", "FR-7", "The runs of one lineage lie in both States.")
DAY = timedelta(days=1)


@pytest.fixture
def reference(alice: Actor) -> str:
    """A filing in France."""
    with acting_as(alice):
        outcome = actions.file([NewFiling(planned_run())], by=alice, at=NOON)[0]
    assert outcome.refusal is None
    return outcome.reference


def shown(by: Actor, reference: str, *, recipient: str = "ES", why: Purpose = WHY, days: int = 30) -> Sharing:
    with acting_as(by):
        return sharing.share(
            reference=reference, recipient=recipient, ends_at=NOON + days * DAY, purpose=why, by=by, at=NOON
        )


def test_the_other_authority_reads_the_rendering_and_nothing_else(olga: Actor, pedro: Actor, reference: str) -> None:
    made = shown(olga, reference)
    with acting_as(pedro):
        read = sharing.open_shared(sharing=made.id, by=pedro, at=NOON + DAY)
    assert read.rendering["run"]["training_compute"]["training_compute_flop"] == {"at_least": "1e25", "below": "1e26"}
    told = json.dumps(read.rendering)
    document = planned_run()
    for hidden in (document["filer"]["legal_name"], document["filer"]["seat_address"], "aurelia-3-pretraining"):
        assert hidden not in told
    with acting_as(pedro, read_only=True):
        assert not Filing.objects.exists()
        assert not Version.objects.exists()
        with pytest.raises(NotFound):
            oversight.open_filing(reference=reference, purpose=WHY, by=pedro, at=NOON)


def test_reading_it_is_a_look_that_the_provider_reads(olga: Actor, pedro: Actor, alice: Actor, reference: str) -> None:
    made = shown(olga, reference)
    with acting_as(pedro):
        sharing.open_shared(sharing=made.id, by=pedro, at=NOON + DAY)
    with acting_as(alice, read_only=True):
        told = [(look.kind, look.looked_from, look.basis, look.reference) for look in Look.objects.visible_to(alice)]
        assert told == [("shown", "ES", "cooperation", reference), ("shared", "FR", "cooperation", reference)]
        assert Sharing.objects.visible_to(alice).get().recipient == "ES"


def test_it_ends(olga: Actor, pedro: Actor, reference: str) -> None:
    made = shown(olga, reference)
    with pytest.raises(NotFound), acting_as(pedro):
        sharing.open_shared(sharing=made.id, by=pedro, at=NOON + 30 * DAY)


def test_nobody_else_reads_it(olga: Actor, charlie: Actor, reference: str) -> None:
    made = shown(olga, reference)
    irene = person("officer", territory="IT")
    for actor in (irene, olga):
        with pytest.raises(NotFound), acting_as(actor):
            sharing.open_shared(sharing=made.id, by=actor, at=NOON + DAY)
    for actor in (irene, charlie):
        with acting_as(actor, read_only=True):
            assert not Sharing.objects.exists()
            assert not Sharing.objects.visible_to(actor).exists()


def test_without_a_showing_another_state_logs_no_look_at_the_filing(pedro: Actor, reference: str) -> None:
    filing = Filing.objects.get(reference=reference)
    with pytest.raises(DatabaseError, match="row-level security"), acting_as(pedro):
        Look.objects.create(
            filing=filing,
            organisation_id=filing.organisation_id,
            territory="FR",
            at=NOON,
            looked_from="ES",
            actor=pedro.id,
        )


@pytest.mark.parametrize(
    ("recipient", "why", "days"),
    [
        ("FR", WHY, 30),
        ("EU", WHY, 30),
        ("US", WHY, 30),
        ("ES", Purpose("review"), 30),
        ("ES", WHY, 0),
        ("ES", WHY, 181),
    ],
)
def test_a_showing_to_nobody_for_nothing_or_without_an_end_is_refused(
    olga: Actor, reference: str, recipient: str, why: Purpose, days: int
) -> None:
    with pytest.raises(Invalid):
        shown(olga, reference, recipient=recipient, why=why, days=days)


def test_who_does_not_see_the_filing_shows_it_to_nobody(pedro: Actor, alice: Actor, reference: str) -> None:
    with pytest.raises(NotFound):
        shown(pedro, reference, recipient="IT")
    with pytest.raises(NotPermitted):
        shown(alice, reference)
