"""Counts for analysts: by code, month and territory, small ones not kept, nobody named."""

from datetime import date, datetime

import pytest

from registry import case_tasks
from registry.acting import Actor, acting_as
from registry.errors import NotPermitted
from registry.organisations.models import Organisation
from registry.oversight import tallies
from registry.oversight.models import Tally
from registry.statistics.disclosure.rules import Rules
from tests.conftest import person
from tests.registry.oversight.cases import NOON, SCREENER, finding

pytestmark = pytest.mark.django_db
NOVEMBER, OCTOBER = date(2026, 11, 1), date(2026, 10, 1)
EARLIER = datetime.fromisoformat("2026-10-31T23:30:00+00:00")


def _counted() -> int:
    with acting_as(SCREENER):
        return tallies.count(rules=Rules(), by=SCREENER, at=NOON)


def _seen(by: Actor) -> set[tuple[str, str, str, date, int | None]]:
    with acting_as(by, read_only=True):
        kept = Tally.objects.visible_to(by)
        return {(each.kind, each.code, each.territory, each.month, each.count) for each in kept}


def test_an_analyst_sees_the_counts_of_the_own_territory(aurelia: Organisation, cantabria: Organisation) -> None:
    for number in range(3):
        finding(aurelia, group_key=f"lei:{number}")
    for number in range(4):
        finding(cantabria, group_key=f"lei:{number + 3}")
    for _ in range(5):
        finding(aurelia, found_at=EARLIER)
    _counted()
    assert _seen(person("analyst", territory="FR")) == {
        ("finding", "R-15", "FR", NOVEMBER, 3),
        ("finding", "R-15", "FR", OCTOBER, None),
    }
    assert _seen(person("analyst", territory="EU")) == {
        ("finding", "R-15", "EU", NOVEMBER, 7),
        ("finding", "R-15", "EU", OCTOBER, None),
    }
    assert _seen(person("analyst", territory="DE")) == set()


def test_cases_are_counted_by_their_state_now(aurelia: Organisation) -> None:
    for number in range(3):
        finding(aurelia, subject_key=f"{aurelia.id}:C-{number}", group_key=f"lei:{number}")
    case_tasks.open_cases()
    case_tasks.count_tallies()
    kept = {(kind, code, count) for kind, code, _, _, count in _seen(person("analyst", territory="FR"))}
    assert kept == {("finding", "R-15", 3), ("case", "open", 3)}


def test_counting_again_leaves_what_is_no_more(aurelia: Organisation) -> None:
    finding(aurelia)
    assert _counted() == _counted() == 2
    with acting_as(SCREENER):
        assert Tally.objects.count() == 2


@pytest.mark.parametrize(("role", "territory"), [("officer", "FR"), ("ai_office_officer", "EU"), ("auditor", "EU")])
def test_others_count_and_see_nothing(aurelia: Organisation, role: str, territory: str) -> None:
    finding(aurelia)
    _counted()
    other = person(role, territory=territory)
    with acting_as(other):
        assert not Tally.objects.visible_to(other).exists()
        with pytest.raises(NotPermitted):
            tallies.count(rules=Rules(), by=other, at=NOON)
