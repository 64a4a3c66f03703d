"""From stored facilities to findings: power, delivery, licences, each once."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from registry.accounts.policy import of_the_register
from registry.acting import Actor, acting_as
from registry.compute import facility_actions, installation_actions
from registry.compute.models import Facility
from registry.dispatch.models import Event
from registry.errors import NotPermitted
from registry.filings.working_days import day_of
from registry.organisations.models import Organisation
from registry.screening import subject_actions
from registry.screening.models import Finding
from registry.screening.shapes import FacilitySnapshot
from registry.screening.taking_facilities import of_facilities
from tests.registry.compute import facilities

pytestmark = pytest.mark.django_db
SCREENER = of_the_register("screener")


@pytest.fixture
def site(alice: Actor, noon: datetime) -> Facility:
    """A hall of 2 MW."""
    with acting_as(alice):
        return facility_actions.register(content=facilities.statement(), by=alice, at=noon)


def put_up(site: Facility, by: Actor, at: datetime, **changes: Any) -> None:
    with acting_as(by):
        content = facilities.installation(**changes)
        installation_actions.put_up(reference=site.reference, content=content, by=by, at=at)


def screened(site: Facility, at: datetime) -> dict[str, Finding]:
    with acting_as(SCREENER):
        found = subject_actions.screen_facilities(references=[site.reference], by=SCREENER, at=at)
    return {each.rule: each for each in found}


def taken(site: Facility, at: datetime) -> FacilitySnapshot:
    with acting_as(SCREENER):
        ((_, snapshot),) = of_facilities(SCREENER, on=day_of(at), references=[site.reference])
    assert isinstance(snapshot, FacilitySnapshot)
    return snapshot


def test_a_sound_site_is_taken_whole_and_not_flagged(site: Facility, alice: Actor, noon: datetime) -> None:
    put_up(site, alice, noon)
    snapshot = taken(site, noon)
    (lot,) = snapshot.installations
    assert (lot.stage, lot.count, lot.delivered, lot.tdp_w) == ("installed", 800, None, Decimal(700))
    assert snapshot.parent_country == "FR"
    assert [event.code for event in lot.events][:1] == ["a100-h100-licence"]
    assert screened(site, noon) == {}


def test_what_nobody_saw_arrive_is_flagged_once(site: Facility, alice: Actor, noon: datetime) -> None:
    put_up(site, alice, noon, delivered_on=None, evidence=None)
    finding = screened(site, noon)["R-20"]
    assert (finding.subject_kind, finding.subject_key, finding.facility_id) == ("facility", site.reference, site.id)
    assert finding.inputs["delivered_count"] == "0"
    assert screened(site, noon) == {}


def test_more_accelerators_than_the_power_feeds_are_flagged(site: Facility, alice: Actor, noon: datetime) -> None:
    put_up(site, alice, noon, count=2381)
    assert screened(site, noon)["R-18"].inputs["needed_kw"] == "2000.04"


def test_a_parent_on_the_list_needs_a_licence(
    site: Facility, alice: Actor, noon: datetime, aurelia: Organisation
) -> None:
    put_up(site, alice, noon)
    Organisation.objects.filter(id=aurelia.id).update(ultimate_parent_country="CN")
    assert "R-19" in screened(site, noon)


def test_findings_about_facilities_are_announced_by_their_ids(site: Facility, alice: Actor, noon: datetime) -> None:
    put_up(site, alice, noon, delivered_on=None, evidence=None)
    finding = screened(site, noon)["R-20"]
    with acting_as(of_the_register("relay")):
        assert Event.objects.filter(kind="finding.made", subject=f"finding-{finding.id}").count() == 1


def test_a_provider_may_not_screen(site: Facility, alice: Actor, noon: datetime) -> None:
    with acting_as(alice), pytest.raises(NotPermitted):
        subject_actions.screen_facilities(references=[site.reference], by=alice, at=noon)
