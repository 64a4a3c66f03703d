"""The change feed, the filters of the list, and what changed between two versions."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from django.conf import settings

from registry.acting import Actor, acting_as
from registry.filings import actions, duties
from registry.filings.difference import material_rules
from registry.ledger import receipts
from registry.organisations.models import Organisation
from tests.api.conftest import Machine
from tests.conftest import NOON
from tests.documents import planned_run

pytestmark = pytest.mark.django_db
FILINGS = "/api/v1/filings/"
CHANGES = "/api/v1/changes/"


@pytest.fixture(autouse=True)
def _on_the_day() -> Iterator[None]:
    """The documents are signed on the day of the tests; the clock goes on from there."""
    receipts.ensure_key(settings.RECEIPT_KEY_FILE)
    with time_machine.travel(NOON):
        yield


def filed(machine: Machine, *, client_reference: str = "", document: Any = None, **changes: Any) -> str:
    body = {"document": document or planned_run(**changes), "client_reference": client_reference or None}
    answer = machine.post(FILINGS, body)
    assert answer.status_code == 201, answer.content
    return str(answer.json()["url"])


def amended(machine: Machine, url: str, kind: str = "update", **changes: Any) -> Any:
    answer = machine.post(url + "versions/", {"kind": kind, "document": planned_run(**changes)})
    assert answer.status_code == 201, answer.content
    return answer.json()


def listed(machine: Machine, query: str) -> list[str]:
    answer = machine.get(f"{FILINGS}?{query}")
    assert answer.status_code == 200, answer.content
    return [row["client_reference"] for row in answer.json()["results"]]


# --- the feed


def test_the_feed_tells_every_step_in_order_and_who_took_it(machine: Machine, olga: Actor) -> None:
    url = filed(machine, client_reference="run-1")
    amended(machine, url, model__version="3.1")
    for verb, reason in (("review", ""), ("ask", "Which cluster?")):
        with acting_as(olga):
            actions.decide(reference=url.split("/")[-2], verb=verb, reason=reason, by=olga, at=NOON)
    machine.post(url + "answer/", {"answer": "The second."})
    steps = machine.get(CHANGES).json()["results"]
    assert [(s["kind"], s["by"], s["status"], s["version"]) for s in steps] == [
        ("filing.submitted", "provider", "submitted", 1),
        ("filing.amended", "provider", "submitted", 2),
        ("filing.review_opened", "authority", "in_review", 2),
        ("filing.asked", "authority", "awaiting_provider", 2),
        ("filing.answered", "provider", "in_review", 2),
    ]
    assert [s["version_kind"] for s in steps[:2]] == ["notification", "update"]
    assert steps[3]["reason"] == "Which cluster?"
    assert {s["client_reference"] for s in steps} == {"run-1"}
    assert machine.get(steps[1]["version_url"]).json()["number"] == 2


def test_the_feed_goes_on_from_where_it_ended_and_repeats_nothing(machine: Machine) -> None:
    urls = [filed(machine, run__client_run_id=f"run-{number}") for number in range(3)]
    first = machine.get(CHANGES + "?limit=2").json()
    assert first["has_more"] is True
    second = machine.get(f"{CHANGES}?limit=2&cursor={first['next']}").json()
    assert [s["url"] for page in (first, second) for s in page["results"]] == urls
    assert second["has_more"] is False
    empty = machine.get(f"{CHANGES}?cursor={second['next']}").json()
    assert (empty["results"], empty["next"]) == ([], second["next"])
    amended(machine, urls[0], model__version="3.1", run__client_run_id="run-0")
    later = machine.get(f"{CHANGES}?cursor={second['next']}").json()["results"]
    assert [(s["url"], s["version"]) for s in later] == [(urls[0], 2)]


def test_a_stranger_sees_nothing_of_it_and_cannot_use_the_position(machine: Machine, stranger: Machine) -> None:
    filed(machine)
    assert stranger.get(CHANGES).json()["results"] == []
    position = machine.get(CHANGES).json()["next"]
    for query in (f"{CHANGES}?cursor={position}", f"{FILINGS}?changed_since={position}"):
        refused = stranger.get(query)
        assert (refused.status_code, refused.json()["type"]) == (400, "/problems/invalid-parameter")


@pytest.mark.parametrize("cursor", ["0", "x" * 50, "1e9", "%2e", "x" * 1001])
def test_a_position_that_is_none_of_ours_is_refused(machine: Machine, cursor: str) -> None:
    assert machine.get(f"{CHANGES}?cursor={cursor}").status_code == 400


def test_a_reader_may_follow_and_nobody_may_not(
    make_machine: Callable[..., Machine], aurelia: Organisation, machine: Machine
) -> None:
    filed(machine)
    assert len(make_machine(aurelia, scopes="filings:read").get(CHANGES).json()["results"]) == 1
    machine.token = "x"
    assert machine.get(CHANGES).status_code == 401


def test_the_list_tells_the_position_from_which_the_feed_goes_on(machine: Machine) -> None:
    url = filed(machine)
    position = machine.get(FILINGS).json()["position"]
    assert machine.get(f"{CHANGES}?cursor={position}").json()["results"] == []
    amended(machine, url, model__version="3.1")
    assert [s["version"] for s in machine.get(f"{CHANGES}?cursor={position}").json()["results"]] == [2]


# --- the filters


def test_changed_since_a_position_lists_what_changed_after_it_and_every_draft(machine: Machine) -> None:
    first = filed(machine, client_reference="first")
    filed(machine, client_reference="second", run__client_run_id="run-2")
    machine.post(FILINGS, {"document": planned_run(), "state": "draft", "client_reference": "draft"})
    position = machine.get(FILINGS).json()["position"]
    assert listed(machine, f"changed_since={position}") == ["draft"]
    amended(machine, first, model__version="3.1")
    assert listed(machine, f"changed_since={position}") == ["draft", "first"]


def test_changed_since_a_moment_goes_by_the_register_s_clock(machine: Machine) -> None:
    filed(machine, client_reference="first")
    changed_at = machine.get(FILINGS).json()["results"][0]["changed_at"]
    assert listed(machine, f"changed_since={changed_at}") == ["first"]
    assert listed(machine, "changed_since=2999-01-01T00:00:00Z") == []
    assert machine.get(FILINGS + "?changed_since=2026-02-30T00:00:00Z").status_code == 400


def test_a_period_lists_the_runs_that_share_a_day_with_it(machine: Machine) -> None:
    filed(machine, client_reference="early")  # 11 January to 2 April 2027
    later = dict.fromkeys(("run__planned_start_on", "run__hardware__0__starts_on"), "2027-06-07")
    later |= dict.fromkeys(("run__planned_end_on", "run__hardware__0__ends_on"), "2027-08-27")
    filed(machine, client_reference="late", run__client_run_id="late", **later)
    expected = {
        "period_from=2027-04-02": ["late", "early"],
        "period_from=2027-04-03": ["late"],
        "period_from=2027-08-28": [],
        "period_from=2026-12-01&period_until=2027-01-12": ["early"],
        "period_from=2026-12-01&period_until=2027-01-11": [],
        "period_until=2027-06-07": ["early"],
        "period_until=2027-06-08": ["late", "early"],
    }
    assert {query: listed(machine, query) for query in expected} == expected


def test_duties_are_filtered_by_code_and_state_of_one_and_the_same_duty(machine: Machine) -> None:
    url = filed(machine, client_reference="mine")
    standing = [(duty["code"], duty["state"]) for duty in machine.get(url).json()["duties"]]
    states = {state.value for state in duties.State}
    for code in {rule.code for rule in duties.rules()}:
        assert listed(machine, f"duty={code}") == (["mine"] if code in dict(standing) else [])
        for state in states:
            found = listed(machine, f"duty={code}&duty_state={state}")
            assert found == (["mine"] if (code, state) in standing else []), (code, state)
    for state in states:
        assert listed(machine, f"duty_state={state}") == (["mine"] if state in {s for _, s in standing} else [])


def test_status_band_and_reference_narrow_the_list_together(machine: Machine) -> None:
    filed(machine, client_reference="one")
    band = machine.get(FILINGS).json()["results"][0]["compute_band"]
    assert listed(machine, f"band={band}&status=submitted&client_reference=one") == ["one"]
    assert listed(machine, f"band={band}&status=accepted") == []


@pytest.mark.parametrize("query", ["duty=none", "duty_state=late_ish", "period_from=2026-13-01", "period=2026"])
def test_a_filter_that_does_not_exist_is_refused(machine: Machine, query: str) -> None:
    assert machine.get(f"{FILINGS}?{query}").status_code == 400


def test_a_cursor_holds_for_its_own_filters_alone(machine: Machine) -> None:
    for number in range(2):
        filed(machine, run__client_run_id=f"run-{number}")
    cursor = machine.get(FILINGS + "?limit=1&status=submitted").json()["next"]
    assert machine.get(f"{FILINGS}?limit=1&status=submitted&cursor={cursor}").status_code == 200
    assert machine.get(f"{FILINGS}?limit=1&status=accepted&cursor={cursor}").status_code == 400


# --- the difference


def test_a_version_answers_with_what_changed_and_why_it_matters(machine: Machine) -> None:
    url = filed(machine)
    body = amended(machine, url, run__hardware__0__count=9_216, model__version="3.1")
    changes = {change["pointer"]: change for change in body["difference"]["changes"]}
    assert (body["difference"]["old_version"], body["difference"]["new_version"]) == (1, 2)
    count = changes["/run/hardware/0/count"]
    assert (count["old"], count["new"], count["change_percent"], count["kind"]) == (8_192, 9_216, "12.5", "changed")
    assert count["is_material"]
    assert count["material_because"]["sentence"] in {rule.reason["en"] for rule in material_rules()}
    assert changes["/model/version"]["change_percent"] is None
    assert body["difference"]["material"] == sum(change["is_material"] for change in changes.values())


def test_the_difference_is_told_between_any_two_versions_in_the_language_of_the_reader(machine: Machine) -> None:
    url = filed(machine)
    amended(machine, url, model__version="3.1")
    amended(machine, url, model__version="3.2", run__hardware__0__count=9_216)

    def versions(number: int, query: str) -> Any:
        answer = machine.get(f"{url}versions/{number}/difference/{query}", **{"Accept-Language": "de"}).json()
        return {change["pointer"]: (change["old"], change["new"]) for change in answer["changes"]}

    assert versions(1, "?to=2") == {"/model/version": ("3.0", "3.1")}
    assert versions(2, "?to=1") == {"/model/version": ("3.1", "3.0")}
    assert versions(1, "")["/model/version"] == versions(1, "?to=3")["/model/version"] == ("3.0", "3.2")
    assert versions(2, "?to=2") == {}
    answer = machine.get(f"{url}versions/1/difference/", **{"Accept-Language": "de"}).json()
    reasons = {each["material_because"]["sentence"] for each in answer["changes"] if each["material_because"]}
    assert reasons <= {rule.reason["de"] for rule in material_rules()}
    assert reasons


def test_a_version_that_is_not_there_and_a_stranger_s_look_alike(machine: Machine, stranger: Machine) -> None:
    url = filed(machine)
    assert machine.get(url + "versions/1/difference/?to=2").status_code == 404
    assert machine.get(url + "versions/2/difference/").status_code == 404
    assert stranger.get(url + "versions/1/difference/?to=1").status_code == 404
    assert machine.get(url + "versions/1/difference/?to=0").status_code == 400


@pytest.mark.parametrize(
    ("moment", "status"),
    [
        ("0336-05-08T20:31:59%2B17:23", 200),
        ("2026-11-20T12:00:00-23:59", 200),
        ("0001-01-01T00:00:00%2B00:01", 400),
        ("9999-12-31T23:59:59-00:01", 400),
    ],
)
def test_a_moment_of_any_offset_is_read_or_refused(machine: Machine, moment: str, status: int) -> None:
    assert machine.get(f"{FILINGS}?changed_since={moment}").status_code == status
