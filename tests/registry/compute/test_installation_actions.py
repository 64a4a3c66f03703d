"""Clusters and installations: put up, changed from a day on, retired; periods that never overlap."""

import uuid
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.acting import Actor, acting_as
from registry.compute import facility_actions, installation_actions
from registry.compute.models import Cluster, Facility, FacilityAct, Installation
from registry.errors import Conflict, Invalid, NotFound, NotPermitted, NotPossible, Stale
from tests.registry.compute import facilities

pytestmark = pytest.mark.django_db


@pytest.fixture
def site(alice: Actor, noon: datetime) -> Facility:
    with acting_as(alice):
        return facility_actions.register(content=facilities.statement(), by=alice, at=noon)


def put_up(site: Facility, by: Actor, at: datetime, **changes: Any) -> Installation:
    with acting_as(by):
        content = facilities.installation(**changes)
        return installation_actions.put_up(reference=site.reference, content=content, by=by, at=at)


def change(row: Installation, site: Facility, by: Actor, at: datetime, **content: Any) -> Installation:
    with acting_as(by):
        return installation_actions.change(
            reference=site.reference, installation=row.id, content=content, revision=row.revision, by=by, at=at
        )


def cluster(site: Facility, by: Actor, at: datetime, **changes: Any) -> Cluster:
    with acting_as(by):
        content = facilities.cluster(**changes)
        return installation_actions.put_up_cluster(reference=site.reference, content=content, by=by, at=at)


def periods(site: Facility) -> list[tuple[str, int, str, str | None]]:
    return [
        (row.stage, row.count, row.from_on.isoformat(), row.until_on and row.until_on.isoformat())
        for row in Installation.objects.filter(facility=site).order_by("from_on", "until_on")
    ]


def test_a_lot_goes_through_its_stages_in_periods(site: Facility, alice: Actor, noon: datetime) -> None:
    planned = put_up(
        site, alice, noon, stage="planned", from_on="2025-01-01", delivered_on=None, evidence=None, count=900
    )
    ordered = change(planned, site, alice, noon, from_on="2025-03-01", stage="ordered")
    arrived = change(
        ordered,
        site,
        alice,
        noon,
        from_on="2025-06-01",
        stage="delivered",
        count=800,
        delivered_on="2025-06-01",
        evidence="Customs reference 25FR01",
    )
    standing = change(arrived, site, alice, noon, from_on="2025-07-01", stage="operating")
    assert periods(site) == [
        ("planned", 900, "2025-01-01", "2025-03-01"),
        ("ordered", 900, "2025-03-01", "2025-06-01"),
        ("delivered", 800, "2025-06-01", "2025-07-01"),
        ("operating", 800, "2025-07-01", None),
    ]
    assert (standing.delivered_on, standing.evidence) == (date(2025, 6, 1), "Customs reference 25FR01")
    assert FacilityAct.objects.filter(facility=site).count() == 5


@pytest.mark.parametrize(
    ("on", "held", "stood"), [("2024-01-31", 0, 0), ("2024-02-01", 1, 1), ("2025-12-31", 1, 1), ("2026-01-01", 1, 0)]
)
def test_a_list_of_a_day_holds_what_stood_then(
    site: Facility, alice: Actor, noon: datetime, on: str, held: int, stood: int
) -> None:
    row = put_up(site, alice, noon)
    change(row, site, alice, noon, from_on="2026-01-01", stage="retired")
    day = date.fromisoformat(on)
    assert Installation.objects.filter(facility=site).holding(day).count() == held
    assert Installation.objects.filter(facility=site).standing(day).count() == stood


def test_a_correction_strikes_what_was_said_for_that_day_and_later(
    site: Facility, alice: Actor, noon: datetime
) -> None:
    row = put_up(site, alice, noon)
    more = change(row, site, alice, noon, from_on="2025-01-01", count=1000)
    change(more, site, alice, noon, from_on="2024-06-01", count=900)
    assert periods(site) == [
        ("operating", 800, "2024-02-01", "2024-06-01"),
        ("operating", 900, "2024-06-01", None),
        ("operating", 1000, "2025-01-01", "2025-01-01"),
    ]
    struck = Installation.objects.filter(facility=site, count=1000)
    assert not struck.holding(date(2025, 1, 1)).exists()


def test_a_lot_does_not_begin_before_it_began(site: Facility, alice: Actor, noon: datetime) -> None:
    row = put_up(site, alice, noon)
    with pytest.raises(Invalid):
        change(row, site, alice, noon, from_on="2024-01-31", count=1)


def test_a_period_that_ended_is_changed_by_its_lots_newest(site: Facility, alice: Actor, noon: datetime) -> None:
    row = put_up(site, alice, noon)
    change(row, site, alice, noon, from_on="2025-01-01", count=1000)
    row.refresh_from_db()
    with pytest.raises(NotPossible):
        change(row, site, alice, noon, from_on="2025-02-01", count=1000)


def test_a_change_of_what_has_changed_since_is_refused(site: Facility, alice: Actor, noon: datetime) -> None:
    row = put_up(site, alice, noon)
    row.revision = 7
    with pytest.raises(Stale):
        change(row, site, alice, noon, from_on="2025-01-01", count=1000)


def test_a_lot_is_called_once_in_a_facility(site: Facility, alice: Actor, noon: datetime) -> None:
    put_up(site, alice, noon)
    with pytest.raises(Conflict):
        put_up(site, alice, noon, from_on="2026-01-01")


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"accelerator": "nvidia-x9000"}, "/accelerator"),
        ({"count": 0}, "/count"),
        ({"cluster": str(uuid.UUID(int=1))}, "/cluster"),
        ({"from_on": "2026-12-01"}, "/stage"),
        ({"delivered_on": "2024-03-01"}, "/delivered_on"),
    ],
)
def test_what_cannot_be_is_refused_at_its_place(
    site: Facility, alice: Actor, noon: datetime, changes: dict[str, Any], pointer: str
) -> None:
    with pytest.raises(Invalid) as refused:
        put_up(site, alice, noon, **changes)
    assert [each.pointer for each in refused.value.obstacles] == [pointer]


def test_too_little_power_is_told_and_kept_with_the_facility(site: Facility, alice: Actor, noon: datetime) -> None:
    put_up(site, alice, noon, count=2400)
    site.refresh_from_db()
    assert "facility-lacks-power" in {each["code"] for each in site.answers}
    assert site.revision == 2


def test_a_reader_and_a_stranger_put_nothing_up(
    site: Facility, alice: Actor, bob: Actor, charlie: Actor, noon: datetime
) -> None:
    with pytest.raises(NotPermitted):
        put_up(site, bob, noon)
    with pytest.raises(NotFound):
        put_up(site, charlie, noon)
    assert not Installation.objects.exists()


def test_a_cluster_is_put_up_changed_and_ended(site: Facility, alice: Actor, noon: datetime) -> None:
    made = cluster(site, alice, noon)
    lot = put_up(site, alice, noon, cluster=str(made.id))
    assert lot.cluster_id == made.id
    with acting_as(alice):
        content = facilities.cluster(until_on="2026-01-01", network="InfiniBand NDR")
        ended = installation_actions.change_cluster(
            reference=site.reference, cluster=made.id, content=content, revision=1, by=alice, at=noon
        )
    assert (ended.until_on, ended.network, ended.revision) == (date(2026, 1, 1), "InfiniBand NDR", 2)
    site.refresh_from_db()
    assert "cluster-ends-first" in {each["code"] for each in site.answers}


def test_a_cluster_is_called_once_and_ends_after_it_begins(site: Facility, alice: Actor, noon: datetime) -> None:
    cluster(site, alice, noon)
    with pytest.raises(Conflict):
        cluster(site, alice, noon)
    with pytest.raises(Invalid):
        cluster(site, alice, noon, name="beta", until_on="2023-01-01")


def test_the_database_refuses_two_states_of_a_lot_on_one_day(site: Facility, alice: Actor, noon: datetime) -> None:
    row = put_up(site, alice, noon)
    twin = {field.attname: getattr(row, field.attname) for field in Installation._meta.concrete_fields}
    with pytest.raises(IntegrityError, match="installation_one_state_a_day"), transaction.atomic():
        Installation.objects.create(**{**twin, "id": uuid.uuid4(), "from_on": date(2030, 1, 1)})


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(days=st.lists(st.integers(min_value=0, max_value=300), min_size=1, max_size=6))
def test_after_any_changes_each_day_has_one_state(
    site: Facility, alice: Actor, noon: datetime, days: list[int]
) -> None:
    start = date(2025, 1, 1)
    lot = uuid.uuid4().hex
    newest = put_up(site, alice, noon, lot=lot, from_on=start.isoformat(), count=100)
    for count, after in enumerate(days, start=1):
        newest = change(newest, site, alice, noon, from_on=(start + timedelta(after)).isoformat(), count=count)
    rows = Installation.objects.filter(facility=site, lot=lot)
    for offset in (0, *days, 300):
        assert rows.holding(start + timedelta(offset)).count() == 1
    (last,) = rows.holding(start + timedelta(days[-1]))
    assert (last.count, last.until_on) == (len(days), None)
