"""From a filing's document to the filer and its customer, as the rules look at them."""

from datetime import date
from decimal import Decimal
from typing import Any

from registry.filings import document
from registry.screening import parties, rules
from registry.screening.shapes import CustomerSnapshot
from tests import documents

ON = date(2026, 11, 20)
CUSTOMER = {
    "name": "OOO Sever",
    "country": "RU",
    "payer_name": "Third Party Ltd",
    "payment_country": "AE",
    "access_addresses": [{"address": "192.0.2.7", "country": "RU"}],
    "beneficial_owners": [{"name": "I. P.", "country": "RU", "share_percent": "80"}],
    "reseller_chain": [{"name": "Silent Resale", "country": "CY"}],
    "end_user_name": "Ministry",
    "end_user_country": "RU",
}


def _filer(**changes: Any) -> CustomerSnapshot:
    return parties.filer(document.read(documents.changed(documents.planned_run(), **changes)), as_of=ON)


def _customer(**changes: Any) -> CustomerSnapshot | None:
    return parties.customer(document.read(documents.changed(documents.planned_run(), **changes)), as_of=ON)


def test_a_filer_with_known_owners_has_no_hits() -> None:
    taken = _filer()
    assert taken.beneficial_owners[0].share == Decimal("0.55")
    assert rules.screen(taken) == ()


def test_a_filer_led_from_a_country_on_the_list_is_flagged() -> None:
    hits = rules.screen(_filer(filer__ultimate_parent__headquarters_country="CN"))
    assert [hit.rule for hit in hits] == ["R-10"]


def test_the_history_of_the_contract_is_taken_over() -> None:
    before = {"name": "Elder Ltd", "country": "SG", "change_requested_by": "compute_provider"}
    hits = rules.screen(_filer(filer__previous_contracting_entities=[before]))
    assert [(hit.rule, hit.cases) for hit in hits] == [("R-09", ("jurisdiction_changed",)), ("R-11", ("requested",))]
    asked = before | {"change_requested_by": "filer"}
    assert [hit.rule for hit in rules.screen(_filer(filer__previous_contracting_entities=[asked]))] == ["R-09"]


def test_a_filing_that_names_no_customer_has_none() -> None:
    assert _customer() is None
    assert _customer(customer={"country": "FR"}) is None


def test_a_customer_in_russia_stops() -> None:
    taken = _customer(customer=CUSTOMER)
    assert taken is not None
    hits = {hit.rule: hit for hit in rules.screen(taken)}
    assert hits["R-22"].cases == ("customer", "end_user")
    assert rules.severity(hits["R-22"]).value == "stop"
    assert {"R-14", "R-15", "R-25"} <= set(hits)
