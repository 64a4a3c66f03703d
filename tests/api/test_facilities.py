"""Facilities over HTTP: register, amend, report, put up and change, with the conventions of every write."""

import csv
import io
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from registry.accounts.policy import of_the_register
from registry.acting import acting_as
from registry.compute import facility, facility_checks
from registry.compute.models import Facility, Installation
from registry.organisations.models import Organisation
from registry.oversight import erasure
from tests.api.conftest import Machine
from tests.registry.compute import facilities

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still")]
FACILITIES = "/api/v1/facilities/"
CSV = {"Accept": "text/csv"}


@pytest.fixture
def lyon(machine: Machine) -> str:
    """The address of a facility of Aurelia's."""
    return str(registered(machine)["url"])


def registered(machine: Machine, **changes: Any) -> Any:
    answer = machine.post(FACILITIES, facilities.statement(**changes))
    assert answer.status_code == 201, answer.content
    return answer.json()


def test_a_facility_is_registered_and_read_back(machine: Machine) -> None:
    answer = machine.post(FACILITIES, facilities.statement())
    body = answer.json()
    assert (answer.status_code, answer["ETag"], answer["Location"]) == (201, '"1"', body["url"])
    assert (body["size_class"], body["must_report"], body["answers"]) == ("2-10mw", True, [])
    again = machine.get(body["url"])
    assert (again.status_code, again["ETag"], again.json()) == (200, '"1"', body)


def test_the_same_key_registers_once(machine: Machine) -> None:
    key = {"Idempotency-Key": "lyon"}
    first, second = (machine.post(FACILITIES, facilities.statement(), **key) for _ in range(2))
    assert first.json() == second.json()
    assert second["Idempotent-Replayed"] == "true"
    assert Facility.objects.count() == 1


def test_a_list_is_filtered_and_turned_by_cursor(machine: Machine) -> None:
    for name, kilowatts in (("one", "600"), ("two", "2000"), ("three", "2500")):
        registered(machine, name=name, it_power_kw=kilowatts, client_reference=name)
    large = machine.get(f"{FACILITIES}?size_class=2-10mw").json()
    assert {row["name"] for row in large["results"]} == {"two", "three"}
    assert [row["name"] for row in machine.get(f"{FACILITIES}?client_reference=one").json()["results"]] == ["one"]
    seen, address = [], f"{FACILITIES}?limit=2"
    while True:
        body = machine.get(address).json()
        seen += [row["name"] for row in body["results"]]
        if body["next"] is None:
            break
        address = f"{FACILITIES}?limit=2&cursor={body['next']}"
    assert sorted(seen) == ["one", "three", "two"]


@pytest.mark.parametrize("query", ["country=EL", "size_class=huge", "facility_kind=cloud", "nonsense=1"])
def test_a_filter_that_is_none_is_refused(machine: Machine, query: str) -> None:
    assert machine.get(f"{FACILITIES}?{query}").status_code == 400


def test_a_list_is_a_table_with_the_filters_of_the_list(machine: Machine) -> None:
    registered(machine, name="=Lyon One", client_reference="a")
    registered(machine, name="Lyon Two", client_reference="b", it_power_kw="400")
    answer = machine.get(FACILITIES, **CSV)
    assert answer["Content-Type"] == "text/csv; charset=utf-8; header=present"
    table = list(csv.DictReader(io.StringIO(b"".join(answer).decode(), newline="")))
    shown = machine.get(FACILITIES).json()["results"]
    assert [row["reference"] for row in table] == [each["reference"] for each in shown]
    assert {(row["name"], row["it_power_kw"], row["must_report"], row["closed_on"]) for row in table} == {
        ("Lyon Two", "400", "false", ""),
        ("'=Lyon One", "2000", "true", ""),
    }
    one = b"".join(machine.get(f"{FACILITIES}?client_reference=b", **CSV)).decode()
    assert [row["client_reference"] for row in csv.DictReader(io.StringIO(one, newline=""))] == ["b"]


def test_what_is_registered_is_answered_as_json_alone(machine: Machine) -> None:
    assert machine.post(FACILITIES, facilities.statement(), **CSV).status_code == 406
    assert not Facility.objects.exists()


def test_a_stranger_finds_nothing(lyon: str, stranger: Machine) -> None:
    assert stranger.get(FACILITIES).json()["results"] == []
    for path in ("", "acts/", "reports/", "clusters/", "installations/"):
        assert stranger.get(lyon + path).status_code == 404
    assert stranger.send("PUT", lyon, facilities.statement(), **{"If-Match": '"1"'}).status_code == 404
    assert stranger.post(lyon + "installations/", facilities.installation()).status_code == 404


def test_a_machine_that_reads_writes_nothing(
    lyon: str, make_machine: Callable[..., Machine], aurelia: Organisation
) -> None:
    reader = make_machine(aurelia, scopes="filings:read")
    assert reader.get(lyon).status_code == 200
    assert reader.post(FACILITIES, facilities.statement()).status_code == 403


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "The NUTS code DE212 is not of the country FR."),
        ("fr", "Le code NUTS DE212 n’est pas du pays FR."),
        ("de", "Der NUTS-Schlüssel DE212 gehört nicht zum Land FR."),
    ],
)
def test_an_error_is_told_at_its_place_in_the_callers_language(machine: Machine, language: str, sentence: str) -> None:
    answer = machine.post(FACILITIES, facilities.statement(nuts_code="DE212"), **{"Accept-Language": language})
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert (error["code"], error["pointer"], error["sentence"]) == ("nuts-elsewhere", "/nuts_code", sentence)


def test_an_amendment_needs_what_was_read(machine: Machine, lyon: str) -> None:
    changed = facilities.statement(it_power_kw="450")
    assert machine.send("PUT", lyon, changed).status_code == 428
    assert machine.send("PUT", lyon, changed, **{"If-Match": '"7"'}).status_code == 412
    answer = machine.send("PUT", lyon, changed, **{"If-Match": '"1"'})
    assert (answer.status_code, answer["ETag"]) == (200, '"2"')
    assert [each["code"] for each in answer.json()["answers"]] == ["below-the-bound"]
    kinds = [act["kind"] for act in machine.get(lyon + "acts/").json()["results"]]
    assert kinds == ["facility.registered", "facility.amended"]


def test_a_year_is_reported_and_amended(machine: Machine, lyon: str) -> None:
    answer = machine.post(lyon + "reports/", facilities.report())
    assert answer.status_code == 201, answer.content
    body = answer.json()
    assert (body["pue"], body["wue_l_per_kwh"], body["erf"], body["ref"]) == ("1.2", "0.9", "0.05", "0.75")
    assert answer["Location"] == lyon + "reports/2025/"
    assert machine.post(lyon + "reports/", facilities.report()).status_code == 409
    place, more = lyon + "reports/2025/", facilities.report(total_energy_kwh="13000000")
    assert machine.send("PUT", place, {**more, "year": 2024}, **{"If-Match": '"1"'}).status_code == 422
    again = machine.send("PUT", place, more, **{"If-Match": '"1"'})
    assert (again.status_code, again["ETag"], again.json()["pue"]) == (200, '"2"', "1.3")
    assert machine.get(place).json()["version"] == 2
    assert [row["version"] for row in machine.get(lyon + "reports/").json()["results"]] == [2, 1]
    assert machine.get(lyon + "reports/2024/").status_code == 404


def test_accelerators_are_put_up_in_a_cluster_changed_and_retired(machine: Machine, lyon: str) -> None:
    cluster = machine.post(lyon + "clusters/", facilities.cluster())
    assert cluster.status_code == 201, cluster.content
    made = machine.post(lyon + "installations/", facilities.installation(cluster=cluster.json()["id"]))
    assert (made.status_code, made["ETag"]) == (201, '"1"')
    assert {each["code"] for each in made.json()["answers"]} == {"export-control"}
    place = made.json()["url"]
    gone = machine.post(place + "change/", {"from_on": "2026-10-01", "stage": "retired"}, **{"If-Match": '"1"'})
    assert gone.status_code == 201, gone.content
    assert (machine.get(place).json()["until_on"], gone.json()["stage"]) == ("2026-10-01", "retired")
    listed = machine.get(lyon + "installations/?on=2026-09-30").json()["results"]
    assert [(row["stage"], row["count"]) for row in listed] == [("operating", 800)]
    assert machine.get(lyon + "installations/?stage=planned").json()["results"] == []


def test_planned_chips_are_not_counted_as_installed(machine: Machine, lyon: str) -> None:
    ahead = facilities.installation(from_on="2027-01-01")
    answer = machine.post(lyon + "installations/", ahead)
    assert answer.status_code == 422
    assert [each["code"] for each in answer.json()["errors"]] == ["planned-counted-as-installed"]
    planned = {**ahead, "stage": "planned", "count": 115_000}
    planned = {name: value for name, value in planned.items() if name not in {"delivered_on", "evidence"}}
    assert machine.post(lyon + "installations/", planned).status_code == 201


def test_too_many_chips_for_the_power_are_told_with_the_arithmetic(machine: Machine, lyon: str) -> None:
    answer = machine.post(lyon + "installations/", facilities.installation(count=2400))
    (said,) = (each for each in answer.json()["answers"] if each["code"] == "facility-lacks-power")
    assert said["severity"] == "warning"
    assert "2016 kW" in said["sentence"]
    assert "2000 kW" in said["sentence"]


def test_a_dry_run_stores_nothing(machine: Machine) -> None:
    answer = machine.post(f"{FACILITIES}?dry_run=true", facilities.statement())
    assert (answer.status_code, answer["Dry-Run"]) == (201, "true")
    assert not Facility.objects.exists()
    assert not Installation.objects.exists()


def test_a_cluster_is_ended_with_its_tag(machine: Machine, lyon: str) -> None:
    place = machine.post(lyon + "clusters/", facilities.cluster()).json()["url"]
    ended = facilities.cluster(until_on="2026-01-01")
    assert machine.send("PUT", place, ended, **{"If-Match": '"1"'}).json()["until_on"] == "2026-01-01"
    assert machine.get(place)["ETag"] == '"2"'


@pytest.mark.parametrize("name", sorted(facility.FORMS))
def test_the_schema_of_a_form_is_published(machine: Machine, name: str) -> None:
    answer = machine.http.get(f"/api/v1/schemas/{name}-1.0.json")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/schema+json")
    assert answer.json() == facility.json_schema(name)


@pytest.mark.parametrize("place", ["facility-2.0", "fac-1.0"])
def test_a_schema_that_is_none_is_not_found(machine: Machine, place: str) -> None:
    assert machine.http.get(f"/api/v1/schemas/{place}.json").status_code == 404


def test_the_checks_of_facilities_are_published(machine: Machine) -> None:
    body = machine.http.get("/api/v1/checks/facilities/", headers={"Accept-Language": "de"}).json()
    assert body["rule_set"] == facility_checks.rule_set()
    assert {each["code"] for each in body["results"]} == {check.code for check in facility_checks.checks()}


def test_an_accelerator_tells_its_dated_export_control_events(machine: Machine) -> None:
    body = machine.http.get("/api/v1/accelerators/", headers={"Accept-Language": "fr"}).json()
    (h800,) = (each for each in body["results"] if each["code"] == "nvidia-h800-sxm5-80gb")
    assert h800["export_events"][0]["on"] == "2023-11-17"
    assert h800["export_events"] == sorted(h800["export_events"], key=lambda event: event["on"])


def test_what_was_erased_of_a_facility_is_null_and_its_numbers_stay(
    machine: Machine, lyon: str, noon: datetime
) -> None:
    made = machine.post(f"{lyon}reports/", facilities.report())
    assert made.status_code == 201, made.content
    housekeeper = of_the_register("housekeeper")
    for ground in erasure.grounds():
        if ground.code in {"facility_said", "facility_reported"}:
            with acting_as(housekeeper):
                assert erasure.erase(ground, by=housekeeper, at=noon.replace(year=noon.year + 11), limit=9)
    read = machine.get(f"{lyon}reports/2025/").json()
    assert (read["report"], read["answers"], read["document_sha256"], read["salt"]) == (None, [], None, None)
    assert read["pue"] is not None
    acts = machine.get(f"{lyon}acts/").json()["results"]
    assert {(act["content"], act["content_sha256"], act["salt"]) for act in acts} == {(None, None, None)}
