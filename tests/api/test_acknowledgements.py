"""Keeping what a warning questions: what an acknowledgement must say, how its mistakes are told, where it is shown."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.db import connection

from registry.ledger import receipts
from tests.api.conftest import Machine
from tests.api.dry_runs import content_of
from tests.conftest import NOON
from tests.documents import REMOVED, planned_run

pytestmark = pytest.mark.django_db
FILINGS, BATCH = "/api/v1/filings/", "/api/v1/filings/batch/"
UNUSUAL = "utilisation-unusual"
SENTENCE = "Measured over the whole of the run before."


@pytest.fixture(autouse=True)
def _on_the_day() -> Iterator[None]:
    receipts.ensure_key(settings.RECEIPT_KEY_FILE)
    with time_machine.travel(NOON):
        yield


@pytest.fixture
def questioned() -> dict[str, Any]:
    """A filing with warnings."""
    return {"document": planned_run(run__hardware__0__utilisation="0.66"), "client_reference": "run-7"}


@pytest.fixture
def kept(machine: Machine, questioned: dict[str, Any]) -> list[dict[str, str]]:
    """An acknowledgement of each of its warnings, at the place that the problem told."""
    errors = machine.post(FILINGS, questioned).json()["errors"]
    assert {error["severity"] for error in errors} == {"warning"}
    return [
        {"code": error["code"], "pointer": error["pointer"], "reason_code": "measured", "sentence": SENTENCE}
        for error in errors
    ]


def test_a_reason_for_each_warning_files_and_is_shown_wherever_the_warning_is(
    machine: Machine, questioned: dict[str, Any], kept: list[dict[str, str]]
) -> None:
    made = machine.post(FILINGS, {**questioned, "acknowledgements": kept})
    assert made.status_code == 201, made.content
    version = f"{made.json()['url']}versions/1/"
    reason = {"reason_code": "measured", "sentence": SENTENCE}
    shown = [made.json(), machine.get(made.json()["url"]).json(), machine.get(version).json()]
    for answers in [*(each["answers"] for each in shown), machine.get(f"{version}answers/").json()["results"]]:
        reasons = {answer["severity"]: answer["acknowledgement"] for answer in answers}
        assert reasons["warning"] == reason
        assert all(given is None for severity, given in reasons.items() if severity != "warning")
    table = content_of(machine.get(f"{version}answers/", Accept="text/csv")).decode()
    assert f'"measured","{SENTENCE}"' in table


def test_a_batch_shows_the_reasons_too(
    machine: Machine, questioned: dict[str, Any], kept: list[dict[str, str]]
) -> None:
    items = [{**questioned, "acknowledgements": kept}]
    (result,) = machine.post(BATCH, {"atomicity": "all", "items": items}).json()["results"]
    warned = [answer for answer in result["filing"]["answers"] if answer["severity"] == "warning"]
    assert [answer["acknowledgement"]["reason_code"] for answer in warned] == ["measured"] * len(kept)


def test_the_place_in_the_document_is_taken_as_well(
    machine: Machine, questioned: dict[str, Any], kept: list[dict[str, str]]
) -> None:
    inside = [{**each, "pointer": each["pointer"].removeprefix("/document")} for each in kept]
    assert inside != kept
    assert machine.post(FILINGS, {**questioned, "acknowledgements": inside}).status_code == 201


WRONG = [
    ({"code": "PHYS-3"}, "code", "no-such-warning"),
    ({"pointer": "/document/run"}, "pointer", "no-such-warning"),
    ({"pointer": "/documents/run"}, "pointer", "no-such-warning"),
    ({"reason_code": "because"}, "reason_code", "not-in-list"),
    ({"sentence": " "}, "sentence", "text"),
]


@pytest.mark.parametrize(("change", "member", "code"), WRONG)
def test_what_is_wrong_with_an_acknowledgement_is_named(
    machine: Machine,
    questioned: dict[str, Any],
    kept: list[dict[str, str]],
    change: dict[str, str],
    member: str,
    code: str,
) -> None:
    refused = machine.post(FILINGS, {**questioned, "acknowledgements": [{**kept[0], **change}, *kept[1:]]})
    told = {(error["pointer"], error["code"]) for error in refused.json()["errors"] if error["severity"] == "error"}
    assert (refused.status_code, told) == (422, {(f"/acknowledgements/0/{member}", code)})
    warned = [error["pointer"] for error in refused.json()["errors"] if error["severity"] == "warning"]
    assert warned == [kept[0]["pointer"]], "the warning stands where nothing complete answers it"


def test_a_reason_for_what_no_check_questions_is_refused(machine: Machine) -> None:
    given = {"code": UNUSUAL, "pointer": "/run/hardware/0/utilisation", "reason_code": "measured", "sentence": SENTENCE}
    body = {"document": planned_run(), "acknowledgements": [given]}
    errors = machine.post(FILINGS, body).json()["errors"]
    assert [error["pointer"] for error in errors] == ["/acknowledgements/0/code"]
    (result,) = machine.post(BATCH, {"atomicity": "each", "items": [body]}).json()["results"]
    assert [error["pointer"] for error in result["problem"]["errors"]] == ["/acknowledgements/0/code"]


def test_the_reasons_are_among_the_code_lists(machine: Machine) -> None:
    lists = machine.get("/api/v1/code-lists/", **{"Accept-Language": "fr"}).json()["lists"]
    assert "measured" in {row["code"] for row in lists["check_reasons"]}
    assert all(row["label"] for row in lists["check_reasons"])


def test_every_refusal_tells_its_place_within_what_was_sent(machine: Machine) -> None:
    wrong = {"document": planned_run(run__hardware__0__count="many")}
    draft = {"document": planned_run(run__hardware__0__utilisation="0.66"), "state": "draft"}
    url = machine.post(FILINGS, draft).json()["url"]
    filed = machine.post(FILINGS, {"document": planned_run(run__client_run_id="other")}).json()["url"]
    single = machine.post(FILINGS, wrong)
    again = machine.send("PUT", f"{url}draft/", wrong, **{"If-Match": '"1"'})
    further = machine.post(f"{filed}versions/", {"kind": "update", **wrong})
    for refused in (single, again, further):
        assert [error["pointer"] for error in refused.json()["errors"]] == ["/document/run/hardware/0/count"]
    submitted = machine.post(f"{url}submit/", {}).json()["errors"]
    assert "/document/run/hardware/0/utilisation" in {error["pointer"] for error in submitted}


def test_unknown_wrong_and_missing_members_are_told_in_one_round(machine: Machine) -> None:
    wrong = planned_run(run__hardware__0__count="many", signature=REMOVED) | {"colour": "red"}
    refused = machine.post(FILINGS, {"document": wrong}).json()
    assert {error["pointer"] for error in refused["errors"]} >= {
        "/document/colour",
        "/document/run/hardware/0/count",
        "/document/signature",
    }
    assert "/document/run/hardware" not in {error["pointer"] for error in refused["errors"]}
    assert machine.post(FILINGS, {"document": planned_run(signature=REMOVED), "state": "draft"}).status_code == 201


# --- names that are taken, and those that cannot be given ----------------------------------------------------------


def test_a_taken_client_reference_leads_to_the_filing_that_has_it(machine: Machine, stranger: Machine) -> None:
    body = {"document": planned_run(), "client_reference": "run-7"}
    made = machine.post(FILINGS, body).json()
    taken = machine.post(FILINGS, body)
    assert (taken.status_code, taken["Location"], taken.json()["filing"]) == (409, made["url"], made["reference"])
    (result,) = machine.post(BATCH, {"atomicity": "each", "items": [body]}).json()["results"]
    assert (result["status"], result["problem"]["filing"]) == (409, made["reference"])
    assert stranger.post(FILINGS, {**body, "state": "draft"}).status_code == 201


def test_a_taken_run_id_names_the_own_filing(machine: Machine, stranger: Machine) -> None:
    made = machine.post(FILINGS, {"document": planned_run()}).json()
    again = machine.post(FILINGS, {"document": planned_run()}).json()
    (taken,) = [error for error in again["errors"] if error["code"] == "run-id-taken"]
    assert made["reference"] in taken["sentence"]
    assert made["reference"] not in stranger.post(FILINGS, {"document": planned_run()}).content.decode()


@pytest.mark.parametrize("name", ["", " ", "a\u202eb", "a\tb", "a\nb", "a\u200bb", "x" * 101])
def test_a_client_reference_is_one_line_of_printable_characters(machine: Machine, name: str) -> None:
    refused = machine.post(FILINGS, {"document": planned_run(), "client_reference": name})
    assert (refused.status_code, [e["pointer"] for e in refused.json()["errors"]]) == (422, ["/client_reference"])


def test_a_dry_run_uses_up_no_reference(machine: Machine) -> None:
    def last() -> int:
        with connection.cursor() as cursor:
            cursor.execute("select last_value from filings_reference_number")
            return int(cursor.fetchone()[0])

    before = last()
    items = [{"document": planned_run(run__client_run_id=f"run-{number}")} for number in range(3)]
    tried = machine.post(f"{BATCH}?dry_run=true", {"atomicity": "all", "items": items})
    assert len({each["filing"]["reference"] for each in tried.json()["results"]}) == 3
    assert machine.post(f"{FILINGS}?dry_run=true", items[0]).status_code == 201
    assert last() == before


def test_a_refused_dry_run_says_that_it_was_one(machine: Machine) -> None:
    for body in ({"document": {}}, [], b"{"):
        refused = machine.post(f"{FILINGS}?dry_run=true", body)
        assert (refused.status_code >= 400, refused["Dry-Run"]) == (True, "true")
