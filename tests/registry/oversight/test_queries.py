"""What regulators see across packages: clocks that stand still, what waits, nothing of other territories."""

from datetime import datetime, timedelta

import pytest

from registry.acting import Actor, acting_as
from registry.filings import actions, duties, duty_actions
from registry.filings.actions import NewFiling
from registry.filings.models import Duty, Filing
from registry.filings.review_clock import elapsed
from registry.oversight import queries
from tests.conftest import NOON
from tests.documents import planned_run

pytestmark = pytest.mark.django_db
REVIEW = timedelta(days=duties.review_days())
DAY = timedelta(days=1)


def filed(actor: Actor, **changes: object) -> Filing:
    with acting_as(actor):
        outcome = actions.file([NewFiling(planned_run(**changes))], by=actor, at=NOON)[0]
    assert outcome.refusal is None
    return Filing.objects.get(reference=outcome.reference)


def decided(officer: Actor, filing: Filing, verb: str, at: datetime) -> None:
    with acting_as(officer):
        actions.decide(reference=filing.reference, verb=verb, reason="As told.", by=officer, at=at)


def asked_for_ten_days(alice: Actor, olga: Actor, filing: Filing) -> None:
    decided(olga, filing, "review", NOON + DAY)
    decided(olga, filing, "ask", NOON + 2 * DAY)
    with acting_as(alice):
        actions.answer(reference=filing.reference, reason="Here.", by=alice, at=NOON + 12 * DAY)


def test_the_clocks_of_many_filings_are_read_at_once_and_stand_still_while_the_provider_is_asked(
    alice: Actor,
    olga: Actor,
    django_assert_num_queries,  # type: ignore[no-untyped-def]
) -> None:
    plain, asked = filed(alice), filed(alice, run__client_run_id="asked")
    asked_for_ten_days(alice, olga, asked)
    with acting_as(olga), django_assert_num_queries(1):
        clocks = queries.review_clocks(olga, [plain.id, asked.id])
    assert elapsed(clocks[plain.id], NOON + 30 * DAY) == 30 * DAY
    assert elapsed(clocks[asked.id], NOON + 30 * DAY) == 20 * DAY
    assert {clock.days for clock in clocks.values()} == {duties.review_days()}


def test_a_draft_has_no_clock_and_another_territory_shows_none(alice: Actor, pedro: Actor, olga: Actor) -> None:
    with acting_as(alice):
        draft = actions.file([NewFiling(planned_run(), draft=True)], by=alice, at=NOON)[0].reference
    filing = filed(alice)
    kept = Filing.objects.get(reference=draft)
    with acting_as(olga):
        assert queries.review_clocks(olga, [kept.id]) == {}
    with acting_as(pedro):
        assert queries.review_clocks(pedro, [filing.id]) == {}


@pytest.mark.parametrize(
    ("after", "overdue", "soon"),
    [
        (REVIEW - timedelta(hours=73), 0, 0),
        (REVIEW - timedelta(hours=71), 0, 1),
        (REVIEW + timedelta(seconds=1), 1, 0),
        (REVIEW + 8 * DAY, 1, 1),
        (REVIEW + 11 * DAY, 2, 0),
    ],
)
def test_overdue_is_what_the_authoritys_own_clock_says(
    alice: Actor, olga: Actor, after: timedelta, overdue: int, soon: int
) -> None:
    filed(alice)
    asked_for_ten_days(alice, olga, filed(alice, run__client_run_id="asked"))
    with acting_as(olga):
        found = queries.key_figures(olga, at=NOON + after, review=REVIEW)
    assert (found.overdue, found.due_within_72_hours) == (overdue, soon)


def test_what_is_asked_waits_until_it_is_decided(alice: Actor, olga: Actor, pedro: Actor) -> None:
    filing = filed(alice)
    with acting_as(alice):
        duty = Duty.objects.visible_to(alice).get(code="ownership_confirmation")
        duty_actions.ask_extension(
            reference=filing.reference,
            code=duty.code,
            trigger_on=duty.trigger_on,
            until=NOON + 200 * DAY,
            reason="A fire.",
            by=alice,
            at=NOON,
        )
    with acting_as(pedro):
        assert not queries.waiting_pleas(pedro).exists()
    with acting_as(olga):
        plea = queries.waiting_pleas(olga).get()
        duty_actions.decide(plea=plea.id, is_granted=True, reason="It burnt.", by=olga, at=NOON)
        assert not queries.waiting_pleas(olga).exists()
        assert queries.next_duties(olga)[-1].falls_at >= queries.next_duties(olga)[0].falls_at
