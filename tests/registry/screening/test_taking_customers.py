"""From submitted returns to findings about customers: set-wise, once, only what stands."""

from datetime import date, datetime
from typing import Any

import pytest

from registry.accounts.policy import of_the_register
from registry.acting import Actor, acting_as
from registry.compute import return_actions
from registry.compute.models import Return
from registry.organisations.models import Organisation
from registry.screening import subject_actions, taking_customers
from registry.screening.models import Finding
from registry.screening.shapes import CustomerSnapshot
from tests.registry.compute import records
from tests.registry.compute.records import OCTOBER, line, ndjson, sent, taken

pytestmark = pytest.mark.django_db
SCREENER = of_the_register("screener")
OWNER = {"name": "Anne Morel", "country": "FR", "share_percent": "60"}


@pytest.fixture
def october(aurelia: Organisation, alice: Actor, noon: datetime) -> Return:
    """An open return of Aurelia for October."""
    records.lend(aurelia)
    return records.opened(alice, noon)


def told(number: int, key: str, **changes: Any) -> dict[str, Any]:
    return line(number, **({"customer_key": key, "customer_owners": [OWNER]} | changes))


def submitted(row: Return, lines: list[dict[str, Any]], by: Actor, at: datetime) -> None:
    taken(sent(row, ndjson(lines), by, at), at)
    row.refresh_from_db()
    with acting_as(by):
        return_actions.submit(reference=row.reference, revision=row.revision, by=by, at=at)
    row.refresh_from_db()


def screened(row: Return, at: datetime) -> list[tuple[str, str]]:
    with acting_as(SCREENER):
        keys = taking_customers.keys_of(row)
        found = subject_actions.screen_customers(
            provider=row.organisation_id, keys=keys, until=row.month, by=SCREENER, at=at
        )
    return sorted((each.subject_key.partition(":")[2], each.rule) for each in found)


def test_each_customer_is_screened_by_all_of_its_lines(october: Return, alice: Actor, noon: datetime) -> None:
    lines = [
        told(1, "C-1"),
        told(2, "C-1", observed_access_countries=["CN"]),
        told(3, "C-2", customer_name="Quiet SAS", customer_lei=None, payer_name="Quiet SAS"),
        told(4, "C-3", customer_name="OOO Sever", payer_name="OOO Sever", is_established_in_russia=True),
    ]
    submitted(october, lines, alice, noon)
    assert screened(october, noon) == [("C-1", "R-15"), ("C-3", "R-22")]
    with acting_as(SCREENER):
        finding = Finding.objects.get(rule="R-22")
    assert (finding.subject_kind, finding.severity, finding.subject_name) == ("customer", "stop", "OOO Sever")
    assert finding.group_key == "lei:969500DEMONSTRATIO14"


def test_screening_again_finds_nothing_new(october: Return, alice: Actor, noon: datetime) -> None:
    submitted(october, [told(1, "C-1", observed_access_countries=["CN"])], alice, noon)
    assert screened(october, noon) == [("C-1", "R-15")]
    assert screened(october, noon) == []


def test_what_is_not_submitted_is_not_looked_at(october: Return, alice: Actor, noon: datetime) -> None:
    submitted(october, [told(1, "C-1")], alice, noon)
    with acting_as(alice):
        return_actions.reopen(reference=october.reference, revision=october.revision, by=alice, at=noon)
    taken(sent(october, ndjson([told(2, "C-2", is_established_in_russia=True)]), alice, noon), noon)
    assert screened(october, noon) == []


def test_hours_are_added_up_in_the_database(october: Return, alice: Actor, noon: datetime) -> None:
    submitted(october, [told(number, "C-1") for number in range(1, 4)], alice, noon)
    with acting_as(SCREENER):
        ((_, snapshot),) = taking_customers.of_customers(
            SCREENER, provider=october.organisation_id, keys=["C-1"], until=OCTOBER, as_of=date(2026, 11, 20)
        )
    assert isinstance(snapshot, CustomerSnapshot)
    assert [str(each.accelerator_hours) for each in snapshot.months] == ["60481.500"]
    assert snapshot.ended_on == date(2026, 10, 14)


def test_directors_of_several_customers_are_found_across_them(october: Return, alice: Actor, noon: datetime) -> None:
    names = ["D. One"]
    lines = [
        told(number, f"C-{number}", customer_name=f"Company {number}", customer_directors=names, payer_name=None)
        for number in range(1, 5)
    ]
    submitted(october, lines, alice, noon)
    assert [found for found in screened(october, noon) if found[1] == "R-12"] == [
        (f"C-{number}", "R-12") for number in range(1, 5)
    ]


def test_keys_come_in_order_after_the_last_one(october: Return, alice: Actor, noon: datetime) -> None:
    submitted(october, [told(number, f"C-{number}") for number in (3, 1, 2)], alice, noon)
    with acting_as(SCREENER):
        assert taking_customers.keys_of(october, limit=2) == ["C-1", "C-2"]
        assert taking_customers.keys_of(october, after="C-2") == ["C-3"]


def test_the_number_of_queries_does_not_grow_with_the_customers(
    october: Return, alice: Actor, noon: datetime, django_assert_max_num_queries: Any
) -> None:
    submitted(october, [told(number, f"C-{number}") for number in range(1, 40)], alice, noon)
    with acting_as(SCREENER):
        keys = taking_customers.keys_of(october)
        assert len(keys) == 39
        with django_assert_max_num_queries(5):
            list(
                taking_customers.of_customers(
                    SCREENER, provider=october.organisation_id, keys=keys, until=OCTOBER, as_of=noon.date()
                )
            )
