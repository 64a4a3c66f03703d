"""Rows of duties: the database tells their states apart as the law does, and keeps what must not change."""

from datetime import date, datetime, timedelta

import pytest
from django.db import IntegrityError

from registry.acting import Actor, acting_as
from registry.filings import actions
from registry.filings.actions import NewFiling
from registry.filings.duties import State
from registry.filings.models import Duty, Filing
from tests.conftest import NOON
from tests.documents import planned_run

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def filing(alice: Actor) -> Filing:
    with acting_as(alice):
        outcome = actions.file([NewFiling(planned_run())], by=alice, at=NOON)[0]
    return Filing.objects.get(reference=outcome.reference)


def row(filing: Filing, number: int, **columns: datetime | None) -> Duty:
    """A duty of the filing with these moments, written as the owner of the tables."""
    return Duty.objects.create(
        filing=filing,
        organisation_id=filing.organisation_id,
        territory=filing.territory,
        code="completion_report",
        trigger_on=date(2026, 1, 1) + number * DAY,
        changed_at=NOON,
        reckoned_at=NOON,
        **columns,
    )


MOMENTS = [None, NOON - 2 * DAY, NOON, NOON + 2 * DAY]


def test_the_database_and_the_law_tell_the_same_states_apart(filing: Filing) -> None:
    shapes = [
        {"due_at": due, "met_at": met, "extended_until": until, "not_before": None}
        for due in MOMENTS[1:]
        for met in MOMENTS
        for until in MOMENTS
    ] + [{"due_at": None, "not_before": start, "met_at": met} for start in MOMENTS[1:] for met in MOMENTS]
    made = [row(filing, number, **shape) for number, shape in enumerate(shapes)]
    for at in (NOON - 3 * DAY, NOON - DAY, NOON, NOON + DAY, NOON + 3 * DAY):
        for state in State:
            found = set(Duty.objects.filter(code="completion_report").in_state(state, at=at))
            assert found == {duty for duty in made if duty.state_at(at) is state}


@pytest.mark.parametrize(
    ("columns", "falls_at"),
    [
        ({"due_at": NOON}, NOON),
        ({"due_at": NOON, "extended_until": NOON + DAY}, NOON + DAY),
        ({"due_at": NOON, "extended_until": NOON - DAY}, NOON),
        ({"not_before": NOON}, NOON),
    ],
)
def test_a_duty_falls_when_it_is_due_with_what_was_granted(
    filing: Filing, columns: dict[str, datetime], falls_at: datetime
) -> None:
    duty = row(filing, 0, **columns)
    duty.refresh_from_db()
    assert duty.falls_at == falls_at
    assert duty.extended_due_at in {falls_at, None}


@pytest.mark.parametrize("columns", [{}, {"due_at": NOON, "not_before": NOON}])
def test_a_duty_is_either_due_or_not_before(filing: Filing, columns: dict[str, datetime]) -> None:
    with pytest.raises(IntegrityError, match="duty_has_a_moment"):
        row(filing, 0, **columns)


def test_the_duties_of_a_withdrawn_filing_stand_no_longer(filing: Filing, alice: Actor) -> None:
    assert Duty.objects.standing().exists()
    with acting_as(alice):
        actions.withdraw(reference=filing.reference, reason="Cancelled.", revision=None, by=alice, at=NOON)
    assert not Duty.objects.standing().exists()
    assert Duty.objects.filter(is_current=True).exists()
