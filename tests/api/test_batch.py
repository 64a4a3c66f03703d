"""Batches: all or none, or the good ones; results in order; one number of statements whatever the size."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from api import reading
from api.batch import ITEMS_LIMIT
from registry.filings import actions, document
from registry.filings.models import Filing, Version
from registry.ledger import chain, receipts
from registry.ledger.models import Entry
from registry.organisations.models import Organisation
from tests.api.conftest import Machine
from tests.conftest import NOON
from tests.documents import REMOVED, planned_run

pytestmark = pytest.mark.django_db
FILINGS = "/api/v1/filings/"
BATCH = "/api/v1/filings/batch/"
Batch = dict[str, Any]


@pytest.fixture(autouse=True)
def _on_the_day() -> Iterator[None]:
    """The documents are signed on the day of the tests; the clock goes on from there."""
    receipts.ensure_key(settings.RECEIPT_KEY_FILE)
    with time_machine.travel(NOON):
        yield


def item(number: int, **changes: Any) -> Batch:
    return {"client_id": f"item-{number}", "document": planned_run(run__client_run_id=f"run-{number}", **changes)}


def batch(items: list[Any], atomicity: str = "each") -> Batch:
    return {"atomicity": atomicity, "items": items}


def hundred_with_three_bad() -> list[Batch]:
    items = [item(number) for number in range(100)]
    items[7]["document"]["run"]["hardware"][0]["count"] = "many"
    items[50] = {"client_id": "item-50", "document": items[50]["document"], "colour": "red"}
    del items[99]["document"]["signature"]
    return items


def references(machine: Machine) -> list[str]:
    return [row["reference"] for row in machine.get(FILINGS + "?limit=100").json()["results"]]


def test_of_a_hundred_items_with_three_bad_each_keeps_97_and_says_what_is_wrong_with_three(machine: Machine) -> None:
    answer = machine.post(BATCH, batch(hundred_with_three_bad()))
    assert answer.status_code == 200, answer.content[:500]
    body = answer.json()
    assert (body["items"], body["kept"], body["refused"]) == (100, 97, 3)
    assert [each["client_id"] for each in body["results"]] == [f"item-{number}" for number in range(100)]
    assert [each["index"] for each in body["results"]] == list(range(100))
    bad = {each["index"]: each["problem"] for each in body["results"] if each["problem"]}
    assert [(index, problem["status"], problem["type"]) for index, problem in bad.items()] == [
        (7, 422, "/problems/validation"),
        (50, 422, "/problems/unknown-field"),
        (99, 422, "/problems/validation"),
    ]
    assert [error["pointer"] for error in bad[7]["errors"]] == ["/document/run/hardware/0/count"]
    assert [error["pointer"] for error in bad[50]["errors"]] == ["/colour"]
    assert any(error["pointer"].startswith("/document/signature") for error in bad[99]["errors"])
    good = [each["filing"]["reference"] for each in body["results"] if each["status"] == 201]
    assert sorted(good) == sorted(references(machine))
    assert len(good) == 97


def test_of_a_hundred_items_with_three_bad_all_keeps_none_and_tells_the_same_results(machine: Machine) -> None:
    answer = machine.post(BATCH, batch(hundred_with_three_bad(), "all"))
    assert (answer.status_code, answer["Content-Type"]) == (422, "application/problem+json")
    body = answer.json()
    assert (body["type"], body["kept"], body["refused"]) == ("/problems/batch-refused", 0, 3)
    statuses = [each["status"] for each in body["results"]]
    assert [index for index, status in enumerate(statuses) if status == 422] == [7, 50, 99]
    assert statuses.count(424) == 97
    assert all(each["filing"] is None for each in body["results"])
    assert references(machine) == []
    assert Entry.objects.count() == 0


def test_a_good_batch_of_all_answers_201_with_receipts_that_hold(machine: Machine) -> None:
    answer = machine.post(BATCH, batch([item(1), item(2)], "all"))
    assert answer.status_code == 201, answer.content
    body = answer.json()
    for number, each in enumerate(body["results"], start=1):
        proof = each["filing"]["receipt"]
        receipt = receipts.from_json(proof["receipt"])
        receipts.verify(receipt, public_key=receipts.load_key(settings.RECEIPT_KEY_FILE).public_key())
        digest = document.digest(document.canonical(document.read(item(number)["document"])))
        assert proof["opening"]["document_sha256"] == each["filing"]["document_sha256"] == digest.hex()
        assert chain.commitment(salt=bytes.fromhex(proof["opening"]["salt"]), digest=digest) == receipt.commitment


def test_what_the_batch_tells_of_a_filing_is_what_reading_it_tells(machine: Machine) -> None:
    items = [item(1) | {"client_reference": "mine"}, item(2) | {"state": "draft"}]
    for each in machine.post(BATCH, batch(items)).json()["results"]:
        told = each["filing"]
        read = machine.get(told["url"]).json()
        shared = {*told} - {"document_sha256", "receipt"}
        assert {name: told[name] for name in shared} == {name: read[name] for name in shared}
        if told["receipt"]:
            assert told["receipt"]["receipt"] == read["receipt"]["receipt"]
            assert told["receipt"]["opening"] == read["receipt"]["opening"]


def test_a_refused_item_is_told_as_the_single_request_tells_it(machine: Machine) -> None:
    for wrong in (
        {"document": planned_run(signature=REMOVED)},
        {"document": []},
        {"document": planned_run(), "state": "finished"},
        {"document": planned_run(), "id": 1},
        {"state": "draft"},
    ):
        alone = machine.post(FILINGS, wrong, **{"Accept-Language": "fr"})
        told = machine.post(BATCH, batch([wrong]), **{"Accept-Language": "fr"}).json()["results"][0]
        expected = {k: v for k, v in alone.json().items() if k not in {"trace_id", "instance"}}
        assert {k: v for k, v in told["problem"].items() if k not in {"trace_id", "instance"}} == expected
        assert told["status"] == alone.status_code


def test_one_client_reference_twice_in_a_batch_is_a_conflict_for_the_second(machine: Machine) -> None:
    items = [item(1) | {"client_reference": "same"}, item(2) | {"client_reference": "same"}]
    statuses = [each["status"] for each in machine.post(BATCH, batch(items)).json()["results"]]
    assert statuses == [201, 409]
    again = machine.post(BATCH, batch([items[0]])).json()["results"][0]
    assert again["problem"]["type"] == "/problems/conflict"


@pytest.mark.parametrize("state", ["submitted", "draft"])
def test_a_client_reference_that_another_call_takes_meanwhile_is_a_conflict_and_the_rest_is_kept(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, state: str
) -> None:
    first = item(1) | {"client_reference": "same", "state": state}
    assert machine.post(BATCH, batch([first])).status_code == 201
    entries = Entry.objects.count()
    # As if the other call had committed after this one looked.
    monkeypatch.setattr(actions, "_taken", lambda *_: {})
    late = item(2) | {"client_reference": "same", "state": state}
    told = machine.post(BATCH, batch([late, item(3)])).json()["results"]
    assert [each["status"] for each in told] == [409, 201]
    assert machine.post(FILINGS, {k: v for k, v in late.items() if k != "client_id"}).status_code == 409
    assert machine.post(BATCH, batch([late, item(4)], "all")).status_code == 422
    assert (Filing.objects.count(), Entry.objects.count() - entries) == (2, 1)


def test_no_client_reference_and_null_are_the_same(machine: Machine) -> None:
    items = [item(1) | {"client_reference": None}, item(2) | {"client_reference": None}]
    told = machine.post(BATCH, batch(items)).json()["results"]
    assert [each["filing"]["client_reference"] for each in told] == [None, None]


def test_the_same_key_gives_the_first_answer_again_and_files_nothing_more(machine: Machine) -> None:
    body = batch([item(1), {"client_id": "bad"}])
    first = machine.post(BATCH, body, **{"Idempotency-Key": "b-1"})
    again = machine.post(BATCH, body, **{"Idempotency-Key": "b-1"})
    assert again.json() == first.json()
    assert again["Idempotent-Replayed"] == "true"
    assert len(references(machine)) == 1


@pytest.mark.parametrize("atomicity", ["each", "all"])
def test_a_dry_run_gives_the_same_answer_and_keeps_nothing(machine: Machine, atomicity: str) -> None:
    def outline(body: Any) -> Any:
        return [(each["status"], each["problem"] and each["problem"]["type"]) for each in body["results"]]

    body = batch([item(1), item(2) | {"document": {}}], atomicity)
    dry = machine.post(BATCH + "?dry_run=true", body)
    assert references(machine) == []
    real = machine.post(BATCH, body)
    assert dry.status_code == real.status_code
    assert outline(dry.json()) == outline(real.json())


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (batch([]), "/items"),
        (batch([{}] * (ITEMS_LIMIT + 1)), "/items"),
        ({"atomicity": "each", "items": {}}, "/items"),
        (batch([], "some"), "/atomicity"),
        ({"atomicity": "all"}, "/items"),
        (batch([{"client_id": "a"}, {"client_id": "b"}, {"client_id": "a"}]), "/items/0/client_id"),
    ],
)
def test_a_batch_of_the_wrong_form_is_refused_as_a_whole(machine: Machine, body: Batch, pointer: str) -> None:
    answer = machine.post(BATCH, body)
    assert answer.status_code == 422
    assert pointer in [error["pointer"] for error in answer.json()["errors"]]


@pytest.mark.parametrize("odd", [None, 7, [], "text", {"client_id": 5}, {"client_id": "x" * 101}])
def test_an_item_of_any_shape_gets_a_problem_of_its_own(machine: Machine, odd: Any) -> None:
    told = machine.post(BATCH, batch([odd, item(1)])).json()["results"]
    assert told[0]["status"] == 422
    assert told[1]["status"] == 201


@pytest.mark.parametrize(
    ("written", "slug", "pointer"),
    [
        (b"12345678901234567890", "number-out-of-range", "/document/run/client_run_id"),
        (b'"\\ud800"', "forbidden-character", "/document/run/client_run_id"),
    ],
)
def test_a_value_that_nothing_may_hold_is_refused_with_its_item_alone(
    machine: Machine, written: bytes, slug: str, pointer: str
) -> None:
    items = [item(number) for number in range(3)]
    items[1]["document"]["run"]["client_run_id"] = "HERE"
    content = json.dumps(batch(items)).encode().replace(b'"HERE"', written)
    results = machine.post(BATCH, content, **{"Idempotency-Key": "same"}).json()["results"]
    assert [each["status"] for each in results] == [201, 422, 201]
    assert results[1]["client_id"] == "item-1"
    assert results[1]["problem"]["type"] == f"/problems/{slug}"
    assert [error["pointer"] for error in results[1]["problem"]["errors"]] == [pointer]
    other = machine.post(BATCH, batch(items), **{"Idempotency-Key": "same"})
    assert other.json()["type"] == "/problems/idempotency-key-reused"


def test_what_nothing_may_hold_outside_of_the_items_refuses_the_whole(machine: Machine) -> None:
    content = json.dumps({"atomicity": "\ud800", "items": [item(0)]}).encode()
    answer = machine.post(BATCH, content)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/atomicity")


def test_a_client_id_that_nothing_may_hold_is_not_told_again(machine: Machine) -> None:
    body = machine.post(BATCH, batch([{**item(0), "client_id": "\ud800"}, item(1)])).json()
    assert [(each["status"], each["client_id"]) for each in body["results"]] == [(422, None), (201, "item-1")]


def test_a_body_beyond_the_usual_limits_is_read_here_and_nowhere_else(machine: Machine) -> None:
    many = batch([item(number) for number in range(180)])
    content = json.dumps(many).encode()
    assert len(content) > reading.BODY_LIMIT_BYTES
    assert machine.post(FILINGS, content).status_code == 413
    assert machine.post(BATCH, content).status_code == 201


def test_each_document_keeps_to_the_number_of_values_that_a_single_one_may_hold(machine: Machine) -> None:
    heavy = {"document": {"language": list(range(reading.VALUES_LIMIT))}}
    told = machine.post(BATCH, batch([heavy, item(1)])).json()["results"]
    assert (told[0]["status"], told[0]["problem"]["type"]) == (400, "/problems/too-many-values")
    assert told[1]["status"] == 201


def test_too_large_a_batch_is_refused_by_its_length(machine: Machine) -> None:
    answer = machine.http.generic(
        "POST", BATCH, b"{}", content_type="application/json", CONTENT_LENGTH=str(reading.BATCH_LIMIT_BYTES + 1)
    )
    assert (answer.status_code, answer.json()["limit"]) == (413, reading.BATCH_LIMIT_BYTES)


def test_the_number_of_statements_does_not_grow_with_the_batch(machine: Machine) -> None:
    counts = []
    for size in (1, 10, 100):
        items = [item(1_000 * size + number) for number in range(size)]
        with CaptureQueriesContext(connection) as queries:
            answer = machine.post(BATCH, batch(items))
        assert answer.status_code == 201
        counts.append(len(queries))
    assert len(set(counts)) == 1, counts


def test_a_reader_may_not_file_a_batch(make_machine: Callable[..., Machine], aurelia: Organisation) -> None:
    reader = make_machine(aurelia, scopes="filings:read")
    assert reader.post(BATCH, batch([item(1)])).status_code == 403
    assert Filing.objects.count() == Version.objects.count() == 0
