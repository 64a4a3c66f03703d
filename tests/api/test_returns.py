"""Returns over HTTP: lines in, verdicts out, and what is refused before anything is stored."""

import csv
import io
import json
from typing import Any

import pytest

from registry import return_tasks
from registry.compute import record_reading
from registry.compute.models import AccessRecord, Upload
from tests.api.conftest import Machine
from tests.api.return_calls import RETURNS
from tests.registry.compute import facilities, records

pytestmark = pytest.mark.django_db


@pytest.fixture
def october(machine: Machine, aurelia: Any) -> str:
    """The address of an open return, with a facility called lyon-1."""
    records.lend(aurelia)
    machine.post("/api/v1/facilities/", facilities.statement(client_reference="lyon-1"))
    return str(machine.post(RETURNS, {"month": "2026-10"}).json()["url"])


def _sent(machine: Machine, address: str, body: bytes, *, key: str = "", query: str = "", kind: str = "") -> Any:
    headers = {"Content-Type": kind or "application/x-ndjson", **({"Idempotency-Key": key} if key else {})}
    return machine.send("POST", f"{address}records/{query}", body, **headers)


def _verdicts(machine: Machine, upload: str, accept: str, query: str = "") -> bytes:
    answer = machine.get(f"{upload}verdicts/{query}", Accept=accept)
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def test_lines_are_answered_at_once_and_dealt_with_afterwards(machine: Machine, october: str) -> None:
    lines = [records.line(1), records.line(2, facility="nowhere")]
    answer = _sent(machine, october, records.ndjson(lines))
    assert answer.status_code == 202
    upload = answer["Location"]
    assert machine.get(upload).json()["lines"] | {"read": 2} == dict.fromkeys(
        ("checked", "stored", "noted", "refused", "other"), 0
    ) | {"read": 2}
    return_tasks.sweep_uploads()
    told = machine.get(upload).json()
    assert (told["state"], told["lines"]["stored"], told["lines"]["refused"]) == ("stored", 1, 1)


def test_verdicts_come_as_a_page_as_lines_and_as_a_table(machine: Machine, october: str) -> None:
    lines = [records.line(number, facility="nowhere" if number % 2 else "lyon-1") for number in range(6)]
    upload = _sent(machine, october, records.ndjson(lines)).json()["url"]
    return_tasks.sweep_uploads()
    first = json.loads(_verdicts(machine, upload, "application/json", "?limit=2&outcome=refused"))
    assert [each["line"] for each in first["results"]] == [2, 4]
    following = f"?limit=2&outcome=refused&cursor={first['next']}"
    rest = json.loads(_verdicts(machine, upload, "application/json", following))
    assert ([each["line"] for each in rest["results"]], rest["next"]) == ([6], None)
    assert rest["results"][0]["answers"][0]["sentence"] == "There is no such facility in the register."
    every = _verdicts(machine, upload, "application/x-ndjson").splitlines()
    assert [json.loads(line)["outcome"] for line in every] == ["stored", "refused"] * 3
    table = list(csv.DictReader(io.StringIO(_verdicts(machine, upload, "text/csv").decode())))
    assert [row["code"] for row in table if row["outcome"] == "refused"] == ["facility-unknown"] * 3


def test_the_same_call_repeated_stores_nothing_twice(machine: Machine, october: str) -> None:
    body = records.ndjson([records.line(1)])
    first, again = (_sent(machine, october, body, key="same") for _ in range(2))
    assert again["Idempotent-Replayed"] == "true"
    assert again.json() == first.json()
    return_tasks.sweep_uploads()
    return_tasks.sweep_uploads()
    assert (Upload.objects.count(), AccessRecord.objects.count()) == (1, 1)
    other = _sent(machine, october, records.ndjson([records.line(2)]), key="same")
    assert (other.status_code, other.json()["type"]) == (422, "/problems/idempotency-key-reused")


@pytest.mark.parametrize(
    ("body", "kind", "status", "problem"),
    [
        (b"\n\n", "application/x-ndjson", 422, "validation"),
        (b"[]", "application/json", 415, "unsupported-media-type"),
        (b"a;b\n1;2\n", "text/csv", 422, "validation"),
        (b"line_id,line_id\n", "text/csv", 422, "validation"),
        (b"line_id,colour\n", "text/csv", 422, "validation"),
        (b"line_id\n", "text/csv", 422, "validation"),
        (b"x" * 9_000, "text/csv", 422, "validation"),
    ],
    ids=["no line", "JSON", "semicolons", "a column twice", "an unknown column", "columns missing", "no header"],
)
def test_a_body_that_is_no_file_of_lines_is_refused_whole(
    machine: Machine, october: str, body: bytes, kind: str, status: int, problem: str
) -> None:
    answer = _sent(machine, october, body, kind=kind)
    assert (answer.status_code, answer.json()["type"]) == (status, f"/problems/{problem}")
    assert not Upload.objects.exists()


def test_too_many_lines_are_refused_whole(machine: Machine, october: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record_reading, "LINES_LIMIT", 3)
    answer = _sent(machine, october, records.ndjson(map(records.line, range(4))))
    assert (answer.status_code, answer.json()["type"]) == (413, "/problems/body-too-large")
    assert not Upload.objects.exists()


def test_while_an_upload_is_under_way_nothing_else_changes(machine: Machine, october: str) -> None:
    _sent(machine, october, records.ndjson([records.line(1)]))
    answer = _sent(machine, october, records.ndjson([records.line(2)]))
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/not-possible")


def test_an_amendment_is_seen_and_the_receipt_tells_the_statement(machine: Machine, october: str) -> None:
    _sent(machine, october, records.ndjson([records.line(1), records.line(2)]))
    return_tasks.sweep_uploads()
    record = f"{october}records/L-0000001/"
    amended = machine.send("PUT", record, records.line(1, accelerators=60))
    assert (amended.status_code, amended.json()["revision"]) == (200, 2)
    assert machine.send("DELETE", f"{october}records/L-0000002/", b"").status_code == 200
    submitted = machine.post(f"{october}submit/", {}, **{"If-Match": machine.get(october)["ETag"]})
    statement = json.loads(submitted.json()["statement"])
    assert (statement["records"], statement["month"], statement["version"]) == (1, "2026-10", 1)
    receipt = machine.get(f"{october}versions/1/receipt/").json()
    assert receipt["opening"] == submitted.json()["opening"]
    assert [each["line_id"] for each in machine.get(f"{october}records/").json()["results"]] == ["L-0000001"]


def test_pages_of_records_follow_each_other(machine: Machine, october: str) -> None:
    _sent(machine, october, records.ndjson(map(records.line, range(5))))
    return_tasks.sweep_uploads()
    address, seen = f"{october}records/?limit=2", []
    while address:
        page = machine.get(address).json()
        seen += [each["line_id"] for each in page["results"]]
        address = f"{october}records/?limit=2&cursor={page['next']}" if page["next"] else ""
    assert seen == [f"L-{number:07d}" for number in range(5)]
