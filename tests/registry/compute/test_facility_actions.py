"""Registering, amending and reporting facilities: who may, what is kept, announced and recorded."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import ProgrammingError, connection

from registry.acting import Actor, acting_as
from registry.compute import facility_actions, facility_reference
from registry.compute.models import Facility, FacilityAct, FacilityReport
from registry.dispatch.models import Event
from registry.errors import Conflict, Invalid, NotFound, NotPermitted, NotPossible, Stale
from registry.forms.parts import digest
from registry.ledger import chain
from registry.ledger.models import Entry
from tests.registry.compute import facilities

pytestmark = pytest.mark.django_db


def registered(by: Actor, at: datetime, **changes: Any) -> Facility:
    with acting_as(by):
        return facility_actions.register(content=facilities.statement(**changes), by=by, at=at)


def amended(row: Facility, by: Actor, at: datetime, revision: int, **changes: Any) -> Facility:
    with acting_as(by):
        content = facilities.statement(**changes)
        return facility_actions.amend(reference=row.reference, content=content, revision=revision, by=by, at=at)


def reported(row: Facility, by: Actor, at: datetime, **changes: Any) -> FacilityReport:
    with acting_as(by):
        content = facilities.report(**changes)
        return facility_actions.report(reference=row.reference, content=content, by=by, at=at)


def test_a_facility_is_registered_with_a_reference_and_what_follows(alice: Actor, noon: datetime) -> None:
    row = registered(alice, noon)
    assert facility_reference.is_valid(row.reference)
    assert (row.territory, row.country, row.size_class, row.revision) == ("FR", "FR", "2-10mw", 1)
    assert row.operator_name == "Aurelia Research"
    assert json.loads(row.document)["lau_code"] == "69123"


def test_the_act_is_announced_and_its_entry_commits_to_what_was_said(alice: Actor, noon: datetime) -> None:
    row = registered(alice, noon)
    (act,) = FacilityAct.objects.filter(facility=row)
    entry = Entry.objects.get(index=act.entry_id)
    assert (entry.kind, entry.subject, entry.actor) == ("facility.registered", row.reference, alice.id)
    assert bytes(act.digest) == digest(act.content.encode())
    assert bytes(entry.commitment) == chain.commitment(salt=bytes(act.salt), digest=bytes(act.digest))
    assert Event.objects.filter(kind="facility.registered", subject=row.reference).count() == 1


def test_a_site_outside_the_union_falls_to_the_operators_authority(alice: Actor, noon: datetime) -> None:
    row = registered(alice, noon, country="MY", nuts_code=None, lau_code=None)
    assert (row.country, row.territory) == ("MY", "FR")
    assert [each["code"] for each in row.answers] == ["outside-the-union"]


def test_a_site_in_another_state_is_seen_by_that_states_officer_alone(
    alice: Actor, olga: Actor, pedro: Actor, nora: Actor, noon: datetime
) -> None:
    row = registered(alice, noon, country="ES", nuts_code="ES511", lau_code="08019")
    for officer, sees in ((olga, False), (pedro, True), (nora, True)):
        with acting_as(officer, read_only=True):
            assert Facility.objects.filter(id=row.id).exists() is sees
            assert Facility.objects.visible_to(officer).filter(id=row.id).exists() is sees


def test_a_stranger_and_an_analyst_see_no_facility(alice: Actor, charlie: Actor, ana: Actor, noon: datetime) -> None:
    row = registered(alice, noon)
    with acting_as(charlie, read_only=True):
        assert not Facility.objects.filter(id=row.id).exists()
    with pytest.raises(ProgrammingError), acting_as(ana, read_only=True):
        list(Facility.objects.all())


def test_a_reader_registers_nothing(bob: Actor, noon: datetime) -> None:
    with pytest.raises(NotPermitted):
        registered(bob, noon)


def test_an_error_of_the_checks_keeps_nothing(alice: Actor, noon: datetime) -> None:
    with pytest.raises(Invalid) as refused:
        registered(alice, noon, nuts_code="DE212")
    assert [(each.code, each.pointer) for each in refused.value.obstacles] == [("nuts-elsewhere", "/nuts_code")]
    assert not Facility.objects.exists()


def test_a_client_reference_is_taken_once(alice: Actor, charlie: Actor, noon: datetime) -> None:
    first = registered(alice, noon, client_reference="lyon-1")
    with pytest.raises(Conflict):
        registered(alice, noon, client_reference="lyon-1")
    registered(charlie, noon, client_reference="lyon-1")
    assert amended(first, alice, noon, 1, client_reference="lyon-1").revision == 2


def test_an_amendment_replaces_the_statement_and_keeps_the_history(alice: Actor, noon: datetime) -> None:
    row = registered(alice, noon)
    changed = amended(row, alice, noon + timedelta(hours=1), 1, it_power_kw="450", name="Lyon Two")
    assert (changed.size_class, changed.name, changed.revision) == ("100-500kw", "Lyon Two", 2)
    assert [each["code"] for each in changed.answers] == ["below-the-bound"]
    acts = list(FacilityAct.objects.filter(facility=row))
    assert [(act.number, act.kind) for act in acts] == [(1, "facility.registered"), (2, "facility.amended")]
    assert json.loads(acts[0].content)["name"] == "Lyon One"


def test_an_amendment_of_what_has_changed_since_is_refused(alice: Actor, noon: datetime) -> None:
    row = registered(alice, noon)
    amended(row, alice, noon, 1)
    with pytest.raises(Stale):
        amended(row, alice, noon, 1)


def test_a_facility_stays_in_its_country(alice: Actor, noon: datetime) -> None:
    row = registered(alice, noon)
    with pytest.raises(NotPossible):
        amended(row, alice, noon, 1, country="ES", nuts_code=None)


def test_a_stranger_amends_nothing(alice: Actor, charlie: Actor, noon: datetime) -> None:
    row = registered(alice, noon)
    with pytest.raises(NotFound):
        amended(row, charlie, noon, 1)


def test_a_year_is_reported_with_its_ratios(alice: Actor, noon: datetime) -> None:
    row = registered(alice, noon)
    made = reported(row, alice, noon)
    assert (made.year, made.number, str(made.pue), str(made.ref)) == (2025, 1, "1.2000", "0.7500")
    assert Event.objects.filter(kind="facility.reported", subject=row.reference).count() == 1
    entry = Entry.objects.get(index=made.entry_id)
    assert bytes(entry.commitment) == chain.commitment(salt=bytes(made.salt), digest=bytes(made.digest))


def test_a_year_is_reported_once_and_then_amended(alice: Actor, noon: datetime) -> None:
    row = registered(alice, noon)
    reported(row, alice, noon)
    with pytest.raises(Conflict):
        reported(row, alice, noon)
    with acting_as(alice):
        made = facility_actions.amend_report(
            reference=row.reference, year=2025, content=facilities.report(water_m3=None), number=1, by=alice, at=noon
        )
    assert made.number == 2
    assert FacilityReport.objects.filter(facility=row, year=2025).count() == 2


@pytest.mark.parametrize(("year", "number", "refusal"), [(2025, 2, Stale), (2024, 1, NotFound)])
def test_only_the_newest_version_of_a_reported_year_is_amended(
    alice: Actor, noon: datetime, year: int, number: int, refusal: type[Exception]
) -> None:
    row = registered(alice, noon)
    reported(row, alice, noon)
    content = facilities.report(year=year)
    with pytest.raises(refusal), acting_as(alice):
        facility_actions.amend_report(
            reference=row.reference, year=year, content=content, number=number, by=alice, at=noon
        )


def test_a_year_that_is_not_over_is_refused(alice: Actor, noon: datetime) -> None:
    row = registered(alice, noon)
    with pytest.raises(Invalid) as refused:
        reported(row, alice, noon, year=2026)
    assert refused.value.obstacles[0].code == "year-not-over"


@pytest.mark.parametrize(
    "change",
    [
        lambda row: Facility.objects.filter(id=row.id)._raw_delete("default"),
        lambda row: Facility.objects.filter(id=row.id).update(country="DE"),
        lambda row: FacilityAct.objects.filter(facility=row).update(content="{}"),
        lambda row: FacilityReport.objects.filter(facility=row).update(year=2024),
    ],
)
def test_the_database_keeps_what_was_said(alice: Actor, noon: datetime, change: Callable[[Facility], object]) -> None:
    row = registered(alice, noon)
    reported(row, alice, noon)
    with pytest.raises(Exception, match=r"pgtrigger|permission denied"):
        change(row)


def test_a_dry_run_uses_up_no_number(alice: Actor, noon: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select last_value from compute_facility_number")
        before = cursor.fetchone()
    with acting_as(alice):
        made = facility_actions.register(content=facilities.statement(), by=alice, at=noon, dry_run=True)
    assert int(made.reference.split("-")[2]) in facility_actions.MADE_UP
    with connection.cursor() as cursor:
        cursor.execute("select last_value from compute_facility_number")
        assert cursor.fetchone() == before
