"""What is posted from filings and returns: once, in any order, and equal to everything added up anew."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from registry.accounts.policy import of_the_register
from registry.acting import Actor, acting_as
from registry.compute import facility_actions
from registry.compute.models import Facility
from registry.errors import NotPermitted, OutsideUnitOfWork
from registry.filings import actions as filings
from registry.filings.actions import NewFiling
from registry.filings.models import Filing
from registry.organisations.models import Organisation
from registry.screening import grouping, position_actions, posting
from registry.screening.models import Bundle, MatchRate, Mismatch, Position, PostedRun, PostedUse
from tests import documents
from tests.conftest import person
from tests.registry.compute import facilities
from tests.registry.screening import returned
from tests.registry.screening.returned import NOON, line, submit

SCREENER = of_the_register("screener")
MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)
H100_HOURS_OF_1E25 = 7_020_000


@pytest.fixture
def provider(cantabria: Organisation) -> Actor:
    """Files returns for Cantabria, which lets accelerators."""
    return person("provider_submitter", organisation=cantabria, name="Carla")


@pytest.fixture
def hall(provider: Actor) -> Facility:
    """Cantabria's facility."""
    with acting_as(provider):
        return facility_actions.register(content=facilities.statement(), by=provider, at=NOON)


@pytest.fixture
def file(alice: Actor) -> Callable[..., str]:
    """File the planned run with changes for Aurelia; gives the reference."""

    def filed(**changes: Any) -> str:
        content = documents.changed(documents.planned_run(), **changes)
        with acting_as(alice):
            outcome = filings.file([NewFiling(content=content)], by=alice, at=NOON)[0]
        assert outcome.refusal is None, outcome.refusal.obstacles
        return outcome.reference

    return filed


def post_filing(reference: str) -> bool:
    with acting_as(SCREENER):
        return posting.post_filing(reference=reference, by=SCREENER, at=NOON)


def post_return(reference: str) -> int:
    with acting_as(SCREENER):
        return posting.post_return(reference=reference, by=SCREENER, at=NOON)


def read(at: Any = NOON) -> list[str]:
    with acting_as(SCREENER):
        return position_actions.read_stale(limit=50, by=SCREENER, at=at)


def check() -> position_actions.Recomputed:
    with acting_as(SCREENER):
        return position_actions.check(by=SCREENER, at=NOON)


def group_position() -> Position:
    with acting_as(SCREENER):
        return Position.objects.get(kind="owner_group", peak_flop__gt=0)


def test_a_filing_is_posted_once_and_read(file: Callable[..., str]) -> None:
    reference = file()
    assert post_filing(reference)
    assert not post_filing(reference)
    assert len(read()) == 1
    assert read() == []
    with acting_as(SCREENER):
        run = PostedRun.objects.get()
        assert (run.hours, run.accelerator) == (Decimal(8192 * 1968), "nvidia-h100-sxm5-80gb")
        assert Decimal("2.29e25") < (run.flop or 0) < Decimal("2.31e25")
        kinds = set(Position.objects.values_list("kind", flat=True))
        assert kinds == {"owner_group", "lineage"}
    assert check().is_equal


def test_a_withdrawn_filing_leaves_the_position(file: Callable[..., str], alice: Actor) -> None:
    reference = file()
    post_filing(reference)
    read()
    with acting_as(alice):
        revision = Filing.objects.visible_to(alice).get().revision
        filings.withdraw(reference=reference, revision=revision, reason="Filed by mistake.", by=alice, at=NOON)
    assert post_filing(reference)
    read()
    with acting_as(SCREENER):
        assert not PostedRun.objects.exists()
        assert not Position.objects.filter(total_flop__gt=0).exists()
        assert not Position.objects.filter(kind="lineage").exists()
    assert check().is_equal


def test_a_return_is_posted_by_version(provider: Actor, hall: Facility) -> None:
    first = submit(
        provider, "ES", MARCH, [line("a", hall, hours=1000, month=MARCH), line("b", hall, hours=500, month=MARCH)]
    )
    assert post_return(first.reference) == 1
    assert post_return(first.reference) == 0
    with acting_as(SCREENER):
        use = PostedUse.objects.get()
        assert (use.records, use.hours, use.account) == (2, Decimal(1500), "name:FR:aureliaresearch")
        assert (use.starts_on, use.ends_on) == (MARCH, APRIL)
    submit(provider, "ES", MARCH, [line("a", hall, hours=1200, month=MARCH, revision=2)], ended=["a"])
    assert post_return(first.reference) == 1
    with acting_as(SCREENER):
        assert PostedUse.objects.get().hours == Decimal(1700)
    submit(provider, "ES", MARCH, [], ended=["a", "b"])
    post_return(first.reference)
    with acting_as(SCREENER):
        assert not PostedUse.objects.exists()
    assert check().is_equal


def test_versions_that_no_event_posted_are_posted_together(provider: Actor, hall: Facility) -> None:
    submit(provider, "ES", MARCH, [line("a", hall, hours=1000, month=MARCH)])
    submit(provider, "ES", MARCH, [line("b", hall, hours=7, month=MARCH)])
    last = submit(provider, "ES", MARCH, [line("a", hall, hours=900, month=MARCH, revision=2)], ended=["a"])
    with acting_as(SCREENER):
        assert posting.unposted(by=SCREENER, limit=9) == ([], [last.reference])
    post_return(last.reference)
    with acting_as(SCREENER):
        assert PostedUse.objects.get().hours == Decimal(907)
        assert posting.unposted(by=SCREENER, limit=9) == ([], [])
    assert check().is_equal


def test_recomputing_finds_and_mends_what_is_wrong(file: Callable[..., str], provider: Actor, hall: Facility) -> None:
    post_filing(file())
    post_return(submit(provider, "ES", MARCH, [line("a", hall, hours=1000, month=MARCH)]).reference)
    read()
    assert check().is_equal
    with acting_as(SCREENER):
        PostedUse.objects.update(hours=1)
        PostedRun.objects.all().delete()
    wrong = check()
    assert (wrong.runs, wrong.uses, wrong.is_equal) == (1, 2, False)
    with acting_as(SCREENER):
        assert position_actions.recompute(by=SCREENER, at=NOON) == 2
    read()
    assert check().is_equal


def test_inference_has_hours_and_no_training_compute(provider: Actor, hall: Facility) -> None:
    serving = line("a", hall, hours=1000, month=MARCH, workload_class="inference")
    post_return(submit(provider, "ES", MARCH, [serving]).reference)
    read()
    with acting_as(SCREENER):
        found = Position.objects.get()
        assert (found.total_flop, found.peak_hours) == (0, Decimal(1000))


def test_a_use_above_the_threshold_is_a_mismatch_for_its_provider_alone(
    provider: Actor, hall: Facility, alice: Actor, pedro: Actor, olga: Actor
) -> None:
    large = line("a", hall, hours=H100_HOURS_OF_1E25, month=MARCH, accelerators=9436)
    post_return(submit(provider, "ES", MARCH, [large]).reference)
    read()
    with acting_as(provider):
        found = (
            Mismatch.objects.visible_to(provider)
            .values("side", "other_says", "status", "facility_name", "own_hours")
            .get()
        )
        assert found == {
            "side": "provider", "other_says": "nothing", "status": "open", "facility_name": hall.reference,
            "own_hours": Decimal(H100_HOURS_OF_1E25),
        }  # fmt: skip
        assert MatchRate.objects.visible_to(provider).get().matched_share == 0
    for stranger, count in ((alice, 0), (olga, 0), (pedro, 1)):
        with acting_as(stranger):
            assert Mismatch.objects.visible_to(stranger).count() == count
    found_position = group_position()
    assert found_position.crossed == ["general-purpose", "watch-systemic-risk", "systemic-risk"]


def test_both_sides_see_their_own_words_and_it_closes_when_they_agree(
    file: Callable[..., str], provider: Actor, hall: Facility, aurelia: Organisation, alice: Actor
) -> None:
    """Aurelia filed 16 million hours; Cantabria reports a tenth of it, then all."""
    reference = file(run__hardware__0__facility_id=hall.reference, facilities__0__facility_id=hall.reference)
    month, later = date(2027, 2, 1), NOON + timedelta(days=300)
    with acting_as(SCREENER):
        grouping.regroup(organisation="", by=SCREENER, at=NOON)
    known = {"customer_name": aurelia.legal_name, "customer_country": aurelia.seat_country}
    post_filing(reference)
    first = submit(provider, "ES", month, [line("a", hall, hours=1_600_000, month=month, **known)])
    post_return(first.reference)
    read(later)
    with acting_as(alice):
        mine = Mismatch.objects.visible_to(alice).values("side", "other_says", "own_hours", "customer_name").get()
        assert (mine["side"], mine["other_says"], mine["customer_name"]) == ("developer", "less", "")
    with acting_as(provider):
        theirs = Mismatch.objects.visible_to(provider).values("side", "other_says", "own_hours").get()
        assert theirs == {"side": "provider", "other_says": "more", "own_hours": Decimal(1_600_000)}
    submit(provider, "ES", month, [line("a", hall, hours=16_000_000, month=month, revision=2, **known)], ended=["a"])
    post_return(first.reference)
    read(later)
    with acting_as(SCREENER):
        assert set(Mismatch.objects.values_list("status", flat=True)) == {"closed"}
        assert Bundle.objects.get().state == "matched"
        assert MatchRate.objects.get().matched_share == 1


def test_a_position_is_read_again_on_another_day(file: Callable[..., str]) -> None:
    post_filing(file())
    read()
    with acting_as(SCREENER):
        assert position_actions.age(by=SCREENER, at=NOON, limit=9) == 0
    later = NOON + timedelta(days=400)
    with acting_as(SCREENER):
        assert position_actions.age(by=SCREENER, at=later, limit=9) == 1
    read(later)
    assert group_position().read_on == later.date()


@pytest.mark.parametrize("who", ["alice", "pedro", "nora"])
def test_only_the_screener_posts(who: str, request: pytest.FixtureRequest) -> None:
    actor: Actor = request.getfixturevalue(who)
    for act in (posting.post_filing, posting.post_return):
        with pytest.raises(NotPermitted), acting_as(actor):
            act(reference="ECAR-2026-000001-0", by=actor, at=NOON)


def test_posting_needs_a_unit_of_work() -> None:
    with pytest.raises(OutsideUnitOfWork):
        posting.post_filing(reference="ECAR-2026-000001-0", by=SCREENER, at=NOON)


def test_positions_are_for_the_union_s_authority(
    file: Callable[..., str], alice: Actor, olga: Actor, nora: Actor
) -> None:
    post_filing(file())
    read()
    for actor, count in ((alice, 0), (olga, 0), (nora, 2)):
        with acting_as(actor):
            assert Position.objects.visible_to(actor).count() == count


def test_many_records_are_posted_together(provider: Actor, hall: Facility) -> None:
    found = submit(provider, "ES", MARCH, [line("a", hall, hours=1000, month=MARCH)])
    with acting_as(returned.INTAKE):
        returned.many(found, hall, 2_000)
    assert post_return(found.reference) == 2_001
    assert check().uses == 0
