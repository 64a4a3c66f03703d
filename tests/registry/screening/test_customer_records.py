"""From the lines of one customer to what the rules look at."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from registry.screening import customer_records, rules
from registry.screening.customer_records import Told, Used
from registry.screening.shapes import CustomerSnapshot, Party
from tests.registry.compute.records import line

ON = date(2026, 11, 20)
H100 = "nvidia-h100-sxm5-80gb"
USES = (Used(date(2026, 10, 1), H100, Decimal("20160.5"), 64),)


def _told(*lines: dict[str, Any], **changes: Any) -> Told:
    said: dict[str, Any] = {
        "provider": "Aurora Hosting",
        "provider_country": "FR",
        "lines": lines or (line(),),
        "uses": USES,
        "first_on": date(2026, 10, 1),
        "last_on": date(2026, 10, 14),
    }
    return Told(**(said | changes))


def _taken(*lines: dict[str, Any], **changes: Any) -> CustomerSnapshot:
    return customer_records.snapshot(_told(*lines, **changes), as_of=ON)


def _owned(**changes: Any) -> dict[str, Any]:
    return line(customer_owners=[{"name": "Anne Morel", "country": "FR", "share_percent": "60"}], **changes)


def _rules(*lines: dict[str, Any], **changes: Any) -> list[str]:
    return [hit.rule for hit in rules.screen(_taken(*lines, **changes))]


def test_a_customer_of_old_with_known_owners_is_not_flagged() -> None:
    taken = _taken(_owned())
    assert taken.beneficial_owners[0].share == Decimal("0.6")
    assert (taken.email_kind, taken.is_first_order) == ("own_domain", False)
    assert rules.screen(taken) == ()


def test_months_add_up_hours_and_compute_of_all_accelerators() -> None:
    more = Used(date(2026, 10, 1), "nvidia-a100-sxm4-80gb", Decimal(10), 8)
    (month,) = _taken(uses=(*USES, more)).months
    assert (month.accelerator_hours, month.accelerators) == (Decimal("20170.5"), 64)
    h100 = Decimal("20160.5") * 3600 * Decimal("989.4e12") * Decimal("0.40")
    a100 = Decimal(10) * 3600 * Decimal("312e12") * Decimal("0.40")
    assert month.flop == h100 + a100


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("R-09", {"customer_incorporated_on": "2023-11-15"}),
        ("R-10", {"customer_parent_name": "Great Group", "customer_parent_country": "CN"}),
        ("R-11", {"previous_customer_name": "Elder Pte", "contract_changed_by": "provider"}),
        ("R-14", {"payer_name": "Third Party Ltd"}),
        ("R-14", {"payment_countries": ["FR", "AE"]}),
        ("R-15", {"observed_access_countries": ["FR", "SG"]}),
        ("R-16", {"customer_email": "someone@gmail.com"}),
        ("R-21", {"media_in": [{"arrived_on": "2026-10-02", "volume_tb": "80", "from_country": "CN"}]}),
        (
            "R-21",
            {"weights_out": [{"left_on": "2026-10-20", "volume_gb": "400", "to_country": "CN", "medium": "network"}]},
        ),
        ("R-22", {"is_established_in_russia": True}),
        ("R-22", {"end_user_name": "OOO Sever", "end_user_country": "RU"}),
        ("R-25", {"resellers": [{"name": "Silent Resale", "country": "CY"}]}),
    ],
)
def test_what_a_line_tells_is_flagged(code: str, changes: dict[str, Any]) -> None:
    assert code in _rules(_owned(**changes))


def test_owners_that_nobody_names_are_unknown() -> None:
    assert _rules(line()) == ["R-13"]


def test_every_line_counts_and_the_newest_tells_who_it_is() -> None:
    first = _owned(observed_access_countries=["SG"])
    taken = _taken(first, _owned(customer_name="Borealis Groupe SAS"))
    assert taken.name == "Borealis Groupe SAS"
    assert taken.observed_access_countries == {"SG", "FR"}


def test_directors_that_direct_others_are_flagged() -> None:
    directs = {"D. One": ("A", "B", "C")}
    assert "R-12" in _rules(_owned(customer_directors=["D. One"]), directs=directs)
    assert "R-12" not in _rules(_owned(customer_directors=["D. Two"]), directs=directs)


def test_what_the_register_knows_of_parents_goes_before_what_the_provider_was_told() -> None:
    told = _owned(customer_parent_name="Local Group", customer_parent_country="FR")
    assert _taken(told, parents=(Party(name="Great Group", country="CN"),)).parents[0].name == "Great Group"
    assert _taken(told).parents == (Party(name="Local Group", country="FR"),)


def test_a_payer_that_changes_during_the_use_is_noticed() -> None:
    before = {**_owned(), "_since_on": date(2026, 10, 1)}
    after = {**_owned(payer_name="Third Party Ltd"), "_since_on": date(2026, 10, 8)}
    hits = {hit.rule: hit.cases for hit in rules.screen(_taken(before, after))}
    assert hits["R-14"] == ("payer", "changed")
