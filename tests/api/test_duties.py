"""Duties over HTTP: lists with filters and cursor, requests and decisions, the calendar, strangers."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
import time_machine

from registry.acting import Actor, acting_as
from registry.filings import duty_actions
from registry.filings.duties import State
from registry.filings.models import Duty, Plea
from registry.organisations.models import Organisation
from tests.api.conftest import Machine
from tests.documents import planned_run

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still")]
FILINGS, DUTIES = "/api/v1/filings/", "/api/v1/duties/"
OWNERS, NOTIFY = "ownership_confirmation", "systemic_risk_notification"
FILING_OF_A_REBUTTAL = {
    "summary": "It only transcribes speech.",
    "arguments": [{"topic": "benchmarks", "explanation": "Far below the state of the art on every benchmark."}],
    "benchmarks": [{"name": "MMLU", "score": "31.0", "unit": "percent", "is_forecast": True}],
}


def filed(machine: Machine, **changes: object) -> str:
    """The address of a new filing."""
    answer = machine.post(FILINGS, {"document": planned_run(**changes)})
    assert answer.status_code == 201, answer.content
    return str(answer.json()["url"])


def listed(machine: Machine, query: str = "") -> list[dict[str, Any]]:
    answer = machine.get(DUTIES + query)
    assert answer.status_code == 200, answer.content
    return list(answer.json()["results"])


def problem(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"].removeprefix("/problems/")


def test_a_duty_is_told_with_its_law_its_moment_in_brussels_and_its_state(machine: Machine) -> None:
    reference = filed(machine).split("/")[-2]
    (duty,) = listed(machine, f"?code={NOTIFY}")
    assert duty["filing"] == reference
    assert duty["legal_basis"] == "Regulation (EU) 2024/1689 Art. 52(1)"
    assert (duty["due_at"], duty["time_zone"]) == ("2026-11-30T23:59:59.999999+01:00", "Europe/Brussels")
    assert (duty["due_at_by_law"], duty["not_before"]) == (duty["due_at"], None)
    assert duty["met_at"] == "2026-11-20T13:00:00+01:00"
    assert (duty["state"], duty["is_late"], duty["is_excused"], duty["exceptions"]) == ("met", False, False, [])


def test_a_summer_moment_has_the_offset_of_summer(machine: Machine) -> None:
    filed(machine, beneficial_ownership__as_of_on="2026-06-03")
    (duty,) = listed(machine, f"?code={OWNERS}")
    assert duty["due_at"] == "2027-06-03T23:59:59.999999+02:00"


def test_duties_are_told_in_the_callers_language(machine: Machine) -> None:
    url = filed(machine)
    for language, name in (("fr", "Notifier la Commission"), ("de", "Kommission benachrichtigen")):
        results = machine.get(f"{url}duties/", **{"Accept-Language": language}).json()["results"]
        assert name in [duty["name"] for duty in results]


def test_the_duties_of_a_filing_are_the_same_in_its_answer_and_in_its_own_list(machine: Machine) -> None:
    url = filed(machine)
    alone = machine.get(f"{url}duties/").json()["results"]
    assert alone == machine.get(url).json()["duties"] == listed(machine)
    assert alone == sorted(alone, key=lambda duty: duty["due_at"] or duty["not_before"])


@pytest.mark.parametrize("state", list(State))
def test_the_filter_by_state_finds_what_the_state_says(machine: Machine, state: State, noon: datetime) -> None:
    changes = {"run__known_on": "2026-10-19", "beneficial_ownership__changed_on": "2026-11-02"}
    filed(machine, **changes, beneficial_ownership__as_of_on="2026-11-03")
    for days in (0, 120):
        with time_machine.travel(noon + timedelta(days=days), tick=False):
            machine.sign_in()
            everything = listed(machine)
            assert listed(machine, f"?state={state}") == [duty for duty in everything if duty["state"] == state]


def test_the_filters_by_moment_and_filing_meet_at_the_bound(machine: Machine) -> None:
    first = filed(machine).split("/")[-2]
    filed(machine, run__client_run_id="second")
    bound = "2026-11-30T23:59:59.999999%2B01:00"
    before, after = listed(machine, f"?due_before={bound}"), listed(machine, f"?due_after={bound}")
    assert len(before) + len(after) == len(listed(machine))
    assert {NOTIFY} <= {duty["code"] for duty in after}
    assert NOTIFY not in {duty["code"] for duty in before}
    assert {duty["filing"] for duty in listed(machine, f"?filing={first}")} == {first}


@pytest.mark.parametrize("query", ["?state=lost", "?code=none", "?due_before=2026-11-30", "?due_after=x", "?colour=1"])
def test_a_wrong_filter_is_refused_by_name(machine: Machine, query: str) -> None:
    assert problem(machine.get(DUTIES + query)) == (400, "invalid-parameter")


def test_the_list_is_turned_by_cursor_and_shows_each_duty_once_while_others_are_filed(machine: Machine) -> None:
    filed(machine)
    there = [(duty["filing"], duty["code"], duty["trigger_on"]) for duty in listed(machine)]
    seen, query = [], "?limit=2"
    while query:
        page = machine.get(DUTIES + query).json()
        seen += [(duty["filing"], duty["code"], duty["trigger_on"]) for duty in page["results"]]
        filed(machine, run__client_run_id=f"run-{len(seen)}")
        query = f"?limit=2&cursor={page['next']}" if page["next"] else ""
    assert len(seen) == len(set(seen))
    assert [key for key in seen if key in there] == there


def test_a_cursor_of_another_list_or_organisation_is_refused(machine: Machine, stranger: Machine) -> None:
    filed(machine)
    cursor = machine.get(DUTIES + "?limit=1").json()["next"]
    assert problem(machine.get(f"{DUTIES}?limit=1&state=open&cursor={cursor}")) == (400, "invalid-parameter")
    assert problem(stranger.get(f"{DUTIES}?limit=1&cursor={cursor}")) == (400, "invalid-parameter")


def ask(machine: Machine, url: str, verb: str, code: str = OWNERS, query: str = "", **body: object) -> Any:
    (duty,) = [duty for duty in machine.get(f"{url}duties/").json()["results"] if duty["code"] == code]
    given = {"trigger_on": duty["trigger_on"], "reason": "A fire in the hall.", **body}
    return machine.post(f"{url}duties/{code}/{verb}/{query}", given)


def test_an_extension_is_asked_for_granted_and_seen_by_both_sides(
    machine: Machine, olga: Actor, noon: datetime
) -> None:
    url = filed(machine)
    asked = ask(machine, url, "extension", until="2027-06-01T23:59:59+02:00")
    assert asked.status_code == 201, asked.content
    (exception,) = asked.json()["exceptions"]
    assert (exception["kind"], exception["state"], exception["decided_at"]) == ("extension", "waiting", None)
    assert exception["until"] == "2027-06-01T23:59:59+02:00"
    with acting_as(olga):
        plea = Plea.objects.visible_to(olga).get()
        duty_actions.decide(plea=plea.id, is_granted=True, reason="It burnt.", by=olga, at=noon)
    (duty,) = listed(machine, f"?code={OWNERS}")
    assert (duty["due_at"], duty["due_at_by_law"]) == ("2027-06-01T23:59:59+02:00", "2027-03-03T23:59:59.999999+01:00")
    assert (duty["exceptions"][0]["state"], duty["exceptions"][0]["decision_reason"]) == ("granted", "It burnt.")
    with acting_as(olga):
        assert Duty.objects.visible_to(olga).get(code=OWNERS).extended_until == plea.until


def test_what_is_late_is_marked_and_may_be_excused(machine: Machine, nora: Actor, noon: datetime) -> None:
    url = filed(machine, run__known_on="2026-10-19")
    (late,) = listed(machine, "?state=late")
    assert (late["code"], late["is_late"], late["is_excused"]) == (NOTIFY, True, False)
    assert ask(machine, url, "excuse", NOTIFY).status_code == 201
    with acting_as(nora):
        plea = Plea.objects.visible_to(nora).get()
        duty_actions.decide(plea=plea.id, is_granted=True, reason="Documented.", by=nora, at=noon)
    (late,) = listed(machine, "?state=late")
    assert (late["is_late"], late["is_excused"]) == (True, True)


def test_asking_is_repeated_safely_and_tried_without_effect(machine: Machine) -> None:
    url, until = filed(machine), "2027-06-01T23:59:59+02:00"
    dry = ask(machine, url, "extension", query="?dry_run=true", until=until)
    assert (dry.status_code, dry["Dry-Run"]) == (201, "true")
    assert Plea.objects.count() == 0
    body = {"trigger_on": "2026-03-03", "reason": "A fire in the hall.", "until": until}
    first, again = (
        machine.post(f"{url}duties/{OWNERS}/extension/", body, **{"Idempotency-Key": "once"}) for _ in range(2)
    )
    assert (first.status_code, again.json(), again["Idempotent-Replayed"]) == (201, first.json(), "true")
    assert Plea.objects.count() == 1
    other = machine.post(f"{url}duties/{OWNERS}/extension/", body)
    assert problem(other) == (409, "conflict")


@pytest.mark.parametrize(
    ("verb", "body", "expected"),
    [
        ("extension", {"until": "2026-12-01"}, (422, "validation")),
        ("extension", {"until": 7}, (422, "validation")),
        ("extension", {"until": "2026-12-01T00:00:00Z"}, (422, "validation")),
        ("extension", {"until": "9999-12-31T23:59:59-23:59"}, (422, "validation")),
        ("extension", {"until": "0001-01-01T00:00:00+23:59"}, (422, "validation")),
        ("extension", {}, (422, "validation")),
        ("extension", {"until": "2027-06-01T00:00:00Z", "reason": " "}, (422, "validation")),
        ("extension", {"until": "2027-06-01T00:00:00Z", "trigger_on": "2026-13-01"}, (422, "validation")),
        ("extension", {"until": "2027-06-01T00:00:00Z", "trigger_on": "2026-03-04"}, (404, "not-found")),
        ("extension", {"until": "2027-06-01T00:00:00Z", "colour": 1}, (422, "unknown-field")),
        ("excuse", {}, (409, "not-possible")),
        ("excuse", {"reason": []}, (422, "validation")),
    ],
)
def test_a_wrong_request_is_refused(
    machine: Machine, verb: str, body: dict[str, object], expected: tuple[int, str]
) -> None:
    assert problem(ask(machine, filed(machine), verb, **body)) == expected


@pytest.mark.parametrize("verb", ["extension", "excuse", "report"])
def test_a_strangers_duty_is_as_if_it_were_not_there(machine: Machine, stranger: Machine, verb: str) -> None:
    bodies = {
        "extension": {"trigger_on": "2026-03-03", "reason": "Mine.", "until": "2027-06-01T00:00:00Z"},
        "excuse": {"trigger_on": "2026-03-03", "reason": "Mine."},
        "report": {"done_on": "2026-11-18", "evidence": "here"},
    }
    url = filed(machine)
    assert problem(stranger.post(f"{url}duties/{OWNERS}/{verb}/", bodies[verb])) == (404, "not-found")
    assert problem(stranger.get(f"{url}duties/")) == (404, "not-found")
    assert listed(stranger) == []


def test_who_may_only_read_reads_and_asks_for_nothing(
    make_machine: Callable[..., Machine], aurelia: Organisation, machine: Machine
) -> None:
    url, reader = filed(machine), make_machine(aurelia, scopes="filings:read")
    assert listed(reader)
    assert problem(ask(reader, url, "excuse")) == (403, "insufficient-scope")
    reader.token = "x"
    assert problem(reader.get(DUTIES)) == (401, "unauthorized")


def test_what_was_done_elsewhere_is_reported(machine: Machine, noon: datetime) -> None:
    url = filed(machine)
    with time_machine.travel(noon + timedelta(days=320), tick=False):
        machine.sign_in()
        body = {"done_on": "2027-10-01", "evidence": "https://aurelia.example/summary"}
        done = machine.post(f"{url}duties/training_content_summary/report/", body)
        assert done.status_code == 201, done.content
        assert [duty["state"] for duty in done.json()["results"]] == ["met"]
        refused = machine.post(f"{url}duties/training_content_summary/report/", {**body, "done_on": "2027-10-07"})
        assert problem(refused) == (422, "validation")
        assert problem(machine.post(f"{url}duties/{OWNERS}/report/", body)) == (409, "not-possible")


def test_a_rebuttal_is_told_with_its_decision_and_changes_no_duty(
    machine: Machine, nora: Actor, noon: datetime
) -> None:
    plain = filed(machine)
    assert machine.get(f"{plain}systemic-risk/").json()["rebuttal_state"] == "none"
    url = filed(machine, run__client_run_id="argued", rebuttal=FILING_OF_A_REBUTTAL)
    waiting = machine.get(f"{url}systemic-risk/").json()
    assert (waiting["rebuttal_state"], waiting["rebuttals"][0]["version"]) == ("filed", 1)
    with acting_as(nora):
        plea = Plea.objects.visible_to(nora).get()
        duty_actions.decide(plea=plea.id, is_granted=True, reason="Substantiated.", by=nora, at=noon)
    told = machine.get(f"{url}systemic-risk/").json()
    assert (told["rebuttal_state"], told["rebuttals"][0]["decision_reason"]) == ("accepted", "Substantiated.")

    def moments(address: str) -> list[tuple[str, str]]:
        return [(d["code"], d["due_at"]) for d in machine.get(f"{address}duties/").json()["results"]]

    assert moments(url) == moments(plain)


def test_a_reassessment_is_asked_for_six_months_after_the_designation(
    machine: Machine, nora: Actor, noon: datetime
) -> None:
    url = filed(machine)
    ask_again = {"reason": "The model was replaced by a smaller one."}
    assert problem(machine.post(f"{url}reassessment/", ask_again)) == (409, "not-possible")
    with acting_as(nora):
        duty_actions.designate(reference=url.split("/")[-2], reason="Annex XIII.", by=nora, at=noon)
    told = machine.get(f"{url}systemic-risk/").json()
    assert (told["designated_at"], told["designation_reason"]) == ("2026-11-20T13:00:00+01:00", "Annex XIII.")
    (duty,) = listed(machine, "?code=reassessment_request")
    assert (duty["state"], duty["not_before"], duty["due_at"]) == ("not_before", "2027-05-21T00:00:00+02:00", None)
    with time_machine.travel(noon + timedelta(days=200), tick=False):
        machine.sign_in()
        asked = machine.post(f"{url}reassessment/", ask_again)
        assert (asked.status_code, asked.json()["reassessments"][0]["state"]) == (201, "waiting")
    with acting_as(nora):
        plea = Plea.objects.visible_to(nora).get(kind="reassessment")
        duty_actions.decide(plea=plea.id, is_granted=True, reason="New.", by=nora, at=noon + timedelta(days=210))
    lifted = machine.get(f"{url}systemic-risk/").json()
    assert (lifted["designated_at"], lifted["reassessments"][0]["state"]) == (None, "granted")


def test_the_calendar_holds_an_event_for_each_duty_with_a_lasting_uid(machine: Machine) -> None:
    reference = filed(machine).split("/")[-2]
    answer = machine.get(DUTIES + "calendar.ics", **{"Accept-Language": "de"})
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    lines = answer.content.decode().replace("\r\n ", "").split("\r\n")
    uids = [line for line in lines if line.startswith("UID:")]
    assert len(uids) == len(set(uids)) == len(listed(machine))
    assert any(line.startswith(f"UID:{reference}.{OWNERS}.2026-03-03@") for line in lines)
    assert "DTSTART:20270303T225959Z" in lines
    assert f"SUMMARY;LANGUAGE=de:✓ Kommission benachrichtigen ({reference})" in lines
    assert any("Fällig: 2027-03-03 23:59 (Europe/Brussels)." in line for line in lines)


def test_a_change_of_a_duty_is_a_further_edition_of_its_event(machine: Machine, olga: Actor, noon: datetime) -> None:
    url = filed(machine)

    def event() -> list[str]:
        text = machine.get(DUTIES + "calendar.ics").content.decode().replace("\r\n ", "")
        (found,) = [part for part in text.split("BEGIN:VEVENT") if f".{OWNERS}." in part]
        return [line for line in found.split("\r\n") if line.startswith(("UID", "SEQUENCE", "DTSTART", "DTSTAMP"))]

    before = event()
    ask(machine, url, "extension", until="2027-06-01T23:59:59+02:00")
    with acting_as(olga):
        plea, later = Plea.objects.visible_to(olga).get(), noon + timedelta(hours=1)
        duty_actions.decide(plea=plea.id, is_granted=True, reason="It burnt.", by=olga, at=later)
    assert (before[2], before[3]) == ("SEQUENCE:0", "DTSTART:20270303T225959Z")
    assert event() == [before[0], "DTSTAMP:20261120T130000Z", "SEQUENCE:1", "DTSTART:20270601T215959Z"]


def test_the_calendar_can_be_kept_to_a_time(machine: Machine) -> None:
    machine.post(FILINGS, {"document": planned_run()})
    rows = machine.get(DUTIES).json()["results"]
    due = sorted(datetime.fromisoformat(row["due_at"] or row["not_before"]) for row in rows)
    middle = due[len(due) // 2]
    asked = [f"{DUTIES}calendar.ics?{urlencode({name: middle.isoformat()})}" for name in ("due_before", "due_after")]
    counts = [machine.get(each).content.count(b"BEGIN:VEVENT") for each in asked]
    assert counts == [sum(each < middle for each in due), sum(each >= middle for each in due)]
    assert 0 < counts[1] < len(due)


def test_only_a_caller_with_a_token_gets_a_calendar(machine: Machine, stranger: Machine) -> None:
    filed(machine)
    assert b"VEVENT" not in stranger.get(DUTIES + "calendar.ics").content
    machine.token = "x"
    assert problem(machine.get(DUTIES + "calendar.ics")) == (401, "unauthorized")
