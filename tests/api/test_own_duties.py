"""Duties of the organisation itself over HTTP: in the list among the others, by themselves, asked about, decided."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from registry import tasks
from registry.acting import Actor, acting_as
from registry.filings import duty_actions
from registry.filings.models import Plea
from registry.organisations.models import Organisation
from tests.api.conftest import Machine
from tests.documents import planned_run
from tests.statements import holding, statement

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still")]

DUTIES, OWN, OWNERSHIP = "/api/v1/duties/", "/api/v1/organisation/duties/", "/api/v1/organisation/ownership/"
FIRST, CHANGE, CONFIRMATION = "ownership_first_statement", "ownership_change", "ownership_confirmation"


def state(machine: Machine, *, revision: int = 0, **changes: object) -> None:
    answer = machine.send("PUT", OWNERSHIP, statement(**changes), **{"If-Match": f'"{revision}"'})
    assert answer.status_code == 200, answer.content


def listed(machine: Machine, address: str) -> list[dict[str, Any]]:
    answer = machine.get(address)
    assert answer.status_code == 200, answer.content
    return list(answer.json()["results"])


def problem(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"].removeprefix("/problems/")


def late_change(machine: Machine) -> dict[str, Any]:
    """A change of 1 October that is stated on 20 November."""
    state(machine)
    sold = [holding("ada", "filer", "30"), holding("up", "filer", "70", since_on="2026-10-01")]
    state(machine, revision=1, holdings=[*sold, holding("ada", "up", "80")])
    (found,) = listed(machine, f"{DUTIES}?code={CHANGE}&about=organisation")
    return found


def test_the_clock_brings_the_first_duty_and_a_statement_meets_it(machine: Machine) -> None:
    assert listed(machine, OWN) == []
    tasks.watch_duties()
    (owed,) = listed(machine, OWN)
    assert (owed["code"], owed["about"], owed["filing"], owed["subject"]) == (FIRST, "organisation", None, None)
    assert (owed["due_at"], owed["state"]) == ("2027-08-09T23:59:59.999999+02:00", "open")
    assert "Art. 63(2)" in owed["legal_basis"]
    state(machine)
    assert {each["code"]: each["state"] for each in listed(machine, OWN)} == {FIRST: "met", CONFIRMATION: "open"}
    assert listed(machine, OWN) == machine.get(OWNERSHIP).json()["duties"]


def test_the_list_holds_both_and_each_filter_chooses(machine: Machine) -> None:
    assert machine.post("/api/v1/filings/", {"document": planned_run()}).status_code == 201
    state(machine)
    everything = listed(machine, DUTIES)
    of_filings, own = (listed(machine, f"{DUTIES}?about={each}") for each in ("filing", "organisation"))
    assert {each["code"] for each in own} == {FIRST, CONFIRMATION}
    assert all(each["filing"] for each in of_filings)
    assert len(everything) == len(of_filings) + len(own)
    assert [each["code"] for each in listed(machine, f"{DUTIES}?about=organisation&state=open")] == [CONFIRMATION]
    later = f"{DUTIES}?about=organisation&due_after=2027-09-01T00:00:00Z"
    assert [each["code"] for each in listed(machine, later)] == [CONFIRMATION]
    wrong = machine.get(f"{DUTIES}?about=both")
    assert problem(wrong)[0] == 400


def test_a_late_change_is_excused_by_the_authority_and_stays_late(
    machine: Machine, olga: Actor, noon: datetime
) -> None:
    owed = late_change(machine)
    assert (owed["trigger_on"], owed["state"], owed["is_late"]) == ("2026-10-01", "late", True)
    asked = machine.post(f"{OWN}{CHANGE}/excuse/", {"trigger_on": "2026-10-01", "reason": "The seller was silent."})
    assert asked.status_code == 201, asked.content
    assert asked.json()["exceptions"][0]["state"] == "waiting"
    with acting_as(olga):
        plea = Plea.objects.visible_to(olga).get()
        duty_actions.decide(plea=plea.id, is_granted=True, reason="Shown.", by=olga, at=noon)
    (after,) = listed(machine, f"{DUTIES}?code={CHANGE}&about=organisation")
    assert (after["state"], after["is_excused"], after["exceptions"][0]["state"]) == ("late", True, "granted")


def test_more_time_is_asked_for_and_granted(machine: Machine, olga: Actor, noon: datetime) -> None:
    state(machine)
    body = {"trigger_on": "2026-11-20", "until": "2027-12-31T23:00:00Z", "reason": "A court is seized of it."}
    asked = machine.post(f"{OWN}{CONFIRMATION}/extension/", body)
    assert asked.status_code == 201, asked.content
    with acting_as(olga):
        plea = Plea.objects.visible_to(olga).get()
        duty_actions.decide(plea=plea.id, is_granted=True, reason="Shown.", by=olga, at=noon)
    duty = next(each for each in listed(machine, OWN) if each["code"] == CONFIRMATION)
    assert (duty["due_at"], duty["due_at_by_law"]) == ("2028-01-01T00:00:00+01:00", "2027-11-22T23:59:59.999999+01:00")


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        (f"{CONFIRMATION}/excuse/", {"trigger_on": "2026-11-20", "reason": "x"}, (409, "not-possible")),
        (f"{CONFIRMATION}/excuse/", {"trigger_on": "2020-01-01", "reason": "x"}, (404, "not-found")),
        (f"{CONFIRMATION}/excuse/", {"trigger_on": "2026-11-20", "reason": "x", "subject": "F"}, (404, "not-found")),
        (f"{CONFIRMATION}/excuse/", {"trigger_on": "2026-11-20", "reason": "x", "subject": ""}, (422, "validation")),
        (f"{CONFIRMATION}/excuse/", {"trigger_on": "2026-11-20", "reason": ""}, (422, "validation")),
        (f"{CONFIRMATION}/excuse/", {"trigger_on": "2026-11-20"}, (422, "validation")),
        ("upfront_estimate/excuse/", {"trigger_on": "2026-11-20", "reason": "x"}, (404, "not-found")),
        (
            f"{CONFIRMATION}/extension/",
            {"trigger_on": "2026-11-20", "until": "2026-12-01T00:00:00Z", "reason": "x"},
            (422, "validation"),
        ),
    ],
)
def test_what_cannot_be_asked_is_refused(
    machine: Machine, path: str, body: dict[str, str], expected: tuple[int, str]
) -> None:
    state(machine)
    answer = machine.post(OWN + path, body)
    assert problem(answer) == expected


def test_asking_is_repeated_safely_and_tried_without_effect(machine: Machine) -> None:
    late_change(machine)
    body = {"trigger_on": "2026-10-01", "reason": "The seller was silent."}
    assert machine.post(f"{OWN}{CHANGE}/excuse/?dry_run=true", body).status_code == 201
    assert not Plea.objects.exists()
    answers = [machine.post(f"{OWN}{CHANGE}/excuse/", body, **{"Idempotency-Key": "once"}) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert Plea.objects.count() == 1


def test_a_stranger_neither_sees_nor_asks(
    machine: Machine, make_machine: Callable[..., Machine], cantabria: Organisation
) -> None:
    state(machine)
    stranger = make_machine(cantabria)
    assert listed(stranger, OWN) == listed(stranger, f"{DUTIES}?about=organisation") == []
    body = {"trigger_on": "2026-11-20", "reason": "x"}
    assert stranger.post(f"{OWN}{CONFIRMATION}/excuse/", body).status_code == 404


def test_the_calendar_holds_them_too(machine: Machine) -> None:
    state(machine)
    feed = machine.get(f"{DUTIES}calendar.ics").content.decode().replace("\r\n ", "")
    assert f".{CONFIRMATION}.2026-11-20@" in feed


def test_the_next_year_is_listed_once_the_last_is_past(machine: Machine) -> None:
    state(machine)
    with time_machine.travel(datetime(2027, 11, 24, tzinfo=UTC) + timedelta(minutes=1), tick=False):
        tasks.watch_duties()
    rows = listed(machine, f"{DUTIES}?code={CONFIRMATION}&about=organisation")
    assert [each["trigger_on"] for each in rows] == ["2026-11-20", "2027-11-20"]
