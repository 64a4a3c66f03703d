"""The Kuala Lumpur case through the register: four returns of a provider in the Union, screened as they are stored."""

from calendar import monthrange
from datetime import date, datetime
from typing import Any

import pytest

from registry import position_tasks, screening_tasks
from registry.acting import Actor, acting_as
from registry.compute import return_actions
from registry.compute.models import Return
from registry.organisations.models import Organisation
from registry.screening import rules
from registry.screening.models import Finding
from registry.screening.rules import Hit
from tests.conftest import person
from tests.registry.compute import records
from tests.registry.compute.records import line
from tests.registry.screening.test_taking_customers import submitted

pytestmark = pytest.mark.django_db
ACCELERATORS = 300 * 8
MONTHS = tuple(date(2026, month, 1) for month in (3, 4, 5, 6))
THE_CUSTOMER: dict[str, Any] = {
    "customer_key": "KL-1",
    "customer_name": "Straits Compute SAS",
    "customer_country": "FR",
    "customer_lei": None,
    "customer_email": "office@straits.example",
    "customer_incorporated_on": "2026-01-01",
    "contracted_on": "2026-03-01",
    "customer_parent_name": "Palm Holding",
    "customer_parent_country": "VG",
    "customer_directors": ["Director One", "Director Two", "Director Three"],
    "previous_customer_name": "Straits Compute Pte",
    "previous_customer_country": "SG",
    "contract_changed_on": "2026-02-28",
    "contract_changed_by": "provider",
    "payer_name": "Straits Compute SAS",
    "workload_class": "unknown",
    "accelerators": ACCELERATORS,
    "nodes": 300,
    "interconnect_gbit_per_s": "400",
}


def _use(number: int, month: date, **changes: Any) -> dict[str, Any]:
    days = monthrange(month.year, month.month)[1]
    after = date(month.year, month.month + 1, 1)
    during = {
        "starts_at": f"{month}T00:00:00Z",
        "ends_at": f"{after}T00:00:00Z",
        "accelerator_hours": str(ACCELERATORS * 24 * days),
        "steady_days": str(days),
    }
    return line(number, **(THE_CUSTOMER | during | changes))


def _small(number: int, month: date, name: str) -> dict[str, Any]:
    """A customer of the same directors, otherwise of no interest."""
    known = {"customer_key": name, "customer_name": name, "payer_name": name, "customer_lei": None}
    during = {"starts_at": f"{month}T00:00:00Z", "ends_at": f"{month}T10:00:00Z", "accelerator_hours": "640"}
    return line(number, **(known | during | {"customer_directors": THE_CUSTOMER["customer_directors"]}))


@pytest.fixture
def found(aurelia: Organisation, alice: Actor, noon: datetime) -> dict[str, Finding]:
    """What is found about the customer and its group, by rule."""
    records.lend(aurelia)
    first = records.opened(alice, noon, month=MONTHS[0])
    drives = [{"arrived_on": "2026-03-02", "volume_tb": "20", "from_country": "CN", "carrier": "by air"}] * 4
    weights = [{"left_on": "2026-07-02", "volume_gb": "400", "to_country": "CN", "medium": "physical_media"}]
    lines = {
        MONTHS[0]: [_use(1, MONTHS[0], media_in=drives), *(_small(n, MONTHS[0], f"OTHER-{n}") for n in (2, 3, 4))],
        MONTHS[1]: [_use(1, MONTHS[1])],
        MONTHS[2]: [_use(1, MONTHS[2])],
        MONTHS[3]: [_use(1, MONTHS[3], weights_out=weights)],
    }
    for month in MONTHS:
        row: Return = first
        if month != MONTHS[0]:
            with acting_as(alice):
                row = return_actions.open_return(month=month, by=alice, at=noon)
        submitted(row, lines[month], alice, noon)
        position_tasks.post_return(reference=row.reference)
    screening_tasks.screen_return(reference=row.reference)
    screening_tasks.screen_groups()
    officer = person("officer", territory="FR")
    with acting_as(officer):
        return {each.rule: each for each in Finding.objects.visible_to(officer).order_by("id")}


def test_the_case_is_told_whole_to_the_officer(found: dict[str, Finding]) -> None:
    assert {"R-06", "R-09", "R-11", "R-12", "R-13", "R-21", "R-23", "R-24"} <= set(found)
    said = {rule: rules.render(Hit(rule, each.inputs, each.rule_version)) for rule, each in found.items()}
    assert "At the request of the compute provider" in said["R-11"]
    assert "80,000 GB of data arrived on physical media in 4 consignments from China" in said["R-21"]
    assert "400 GB 2026-07-02" in said["R-21"]
    assert "Director One (3)" in said["R-12"]
    assert "2,400 accelerators on 300 nodes" in said["R-24"]
    assert "1 × 10²⁵ in about 122 days" in said["R-24"]
    assert "4 parts" in said["R-06"]
    assert "nobody has filed a training run" in said["R-23"]


def test_findings_about_one_customer_bear_the_key_of_its_group(found: dict[str, Finding]) -> None:
    assert len({found[rule].group_key for rule in ("R-06", "R-09", "R-21", "R-23", "R-24")}) == 1
