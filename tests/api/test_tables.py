"""Answers of the checks as CSV: chosen by `Accept`, streamed, in three languages, harmless in a spreadsheet."""

import csv
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import settings

from api import examples, tables
from registry.filings.models import Filing
from registry.ledger import receipts
from registry.organisations.models import Organisation
from tests.api.conftest import Machine
from tests.api.described import require_described
from tests.api.dry_runs import content_of
from tests.conftest import NOON
from tests.documents import REMOVED, planned_run

FILINGS, BATCH = "/api/v1/filings/", "/api/v1/filings/batch/"
CSV = {"Accept": "text/csv"}


@pytest.fixture
def machine(db: None, make_machine: Callable[..., Machine], aurelia: Organisation) -> Iterator[Machine]:
    receipts.ensure_key(settings.RECEIPT_KEY_FILE)
    with time_machine.travel(NOON):
        yield make_machine(aurelia)


@pytest.fixture
def answers(machine: Machine) -> str:
    """The address of the answers about a filing with several."""
    made = machine.post(FILINGS, {"document": planned_run()})
    assert len(made.json()["answers"]) > 1, "the sample gives no answers: nothing is shown"
    return f"{made.json()['url']}versions/1/answers/"


def table(answer: Any) -> list[dict[str, str]]:
    """The lines of a CSV answer by the names of the first, each cell of which is quoted."""
    content = content_of(answer).decode()
    assert all(line.startswith('"') and line.endswith('"') for line in content.split("\r\n")[:-1])
    return list(csv.DictReader(io.StringIO(content, newline="")))


@pytest.mark.parametrize("language", ["en", "fr", "de"])
def test_the_table_of_a_version_says_what_its_json_says(machine: Machine, answers: str, language: str) -> None:
    shown = machine.get(answers, **{"Accept-Language": language}).json()
    answer = machine.get(answers, **CSV, **{"Accept-Language": language})
    assert answer["Content-Type"] == "text/csv; charset=utf-8; header=present"
    assert answer["Content-Disposition"] == f'attachment; filename="{shown["filing"]}-1-answers.csv"'
    assert answer.streaming
    told = table(answer)
    assert [{name: row[name] for name in tables.SAID} for row in told] == [
        {name: each[name] for name in tables.SAID} for each in shown["results"]
    ]
    assert {(row["filing"], row["version"]) for row in told} == {(shown["filing"], "1")}
    require_described(answer, method="GET", path=answers)


def test_the_answers_are_those_of_the_version(machine: Machine, answers: str) -> None:
    whole = machine.get(answers.removesuffix("answers/")).json()
    shown = machine.get(answers).json()
    assert (shown["results"], shown["rule_set"]) == (whole["answers"], whole["rule_set"])


CHOSEN = [
    ("", "application/json"),
    ("*/*", "application/json"),
    ("text/*", "text/csv"),
    ("text/csv, application/json", "application/json"),
    ("text/csv, application/json;q=0.5", "text/csv"),
    ("text/csv;q=0.4, application/json;q=0.5", "application/json"),
    ("text/csv;q=0, */*", "application/json"),
    ("application/json;q=0, */*;q=0.1", "text/csv"),
]


@pytest.mark.parametrize(("accept", "media_type"), CHOSEN)
def test_what_is_liked_best_is_given(machine: Machine, answers: str, accept: str, media_type: str) -> None:
    answer = machine.get(answers, Accept=accept)
    assert answer["Content-Type"].partition(";")[0] == media_type
    assert "Accept" in answer["Vary"]


@pytest.mark.parametrize("accept", ["text/html", "text/csv;q=0, application/json;q=0.0"])
def test_what_is_not_offered_is_refused(machine: Machine, answers: str, accept: str) -> None:
    assert machine.get(answers, Accept=accept).status_code == 406
    assert machine.get(FILINGS, **CSV).status_code == 406


def test_a_strangers_answers_are_not_there(
    answers: str, make_machine: Callable[..., Machine], cantabria: Organisation
) -> None:
    refused = make_machine(cantabria).get(answers, **CSV)
    assert (refused.status_code, refused["Content-Type"]) == (404, "application/problem+json")


def batch() -> dict[str, Any]:
    items: list[dict[str, Any]] = [
        {"client_id": name, "document": planned_run(run__client_run_id=name, **changes)}
        for name, changes in (("=good", {}), ("bad", {"signature": REMOVED}), ("worse", {"run__stage": "someday"}))
    ]
    items += [{"client_id": "draft", "document": {}, "state": "draft"}, {"client_id": "none", "document": []}]
    items += [{**items[0], "client_id": name, "client_reference": "taken"} for name in ("first", "second")]
    for item in items[-2:]:
        item["document"] = planned_run(run__client_run_id="once", run__lineage_id="once")
    return {"atomicity": "each", "items": items}


@pytest.mark.parametrize("query", ["", "?dry_run=true"])
def test_the_table_of_a_batch_has_every_answer_and_error_of_every_item(machine: Machine, query: str) -> None:
    expected = machine.post(f"{BATCH}?dry_run=true", batch()).json()["results"]
    answer = machine.post(BATCH + query, batch(), **CSV)
    assert (answer.status_code, answer.get("Dry-Run")) == (200, "true" if query else None)
    require_described(answer, method="POST", path=BATCH)
    told = table(answer)
    for each in expected:
        rows = [row for row in told if row["index"] == str(each["index"])]
        found = (each["problem"] or {"errors": each["filing"] and each["filing"]["answers"]})["errors"]
        assert {row["status"] for row in rows} == {str(each["status"])}
        assert [(row["code"], row["pointer"]) for row in rows] == (
            [(error["code"], error["pointer"]) for error in found]
            or [(each["problem"]["type"].removeprefix("/problems/") if each["problem"] else "", "")]
        )
    assert {row["client_id"] for row in told if row["index"] == "0"} == {"'=good"}
    assert Filing.objects.count() == (0 if query else sum(each["status"] == 201 for each in expected))


def test_a_repeated_batch_gets_its_table_again(machine: Machine) -> None:
    first, second = (machine.post(BATCH, batch(), **CSV, **{"Idempotency-Key": "k"}) for _ in range(2))
    assert second["Idempotent-Replayed"] == "true"
    assert content_of(first) == content_of(second)


def test_a_batch_that_is_refused_as_a_whole_is_a_problem(machine: Machine) -> None:
    refused = machine.post(BATCH, {**batch(), "atomicity": "all"}, **CSV)
    assert (refused.status_code, refused["Content-Type"]) == (422, "application/problem+json")


def test_lines_are_made_as_they_are_sent() -> None:
    made = []

    def rows() -> Iterator[list[int]]:
        for number in range(3):
            made.append(number)
            yield [number]

    sent = iter(tables.streamed(["number"], rows(), name="x.csv"))
    assert (next(sent), made) == (b'"number"\r\n', [])
    assert (next(sent), made) == (b'"0"\r\n', [0])


@pytest.mark.parametrize(
    ("example", "head"), [(examples.ANSWERS_TABLE, tables.OF_A_VERSION), (examples.BATCH_TABLE, tables.OF_A_BATCH)]
)
def test_the_examples_have_the_columns(example: str, head: tuple[str, ...]) -> None:
    rows = list(csv.reader(io.StringIO(example, newline="")))
    assert rows[0] == list(head)
    assert {len(row) for row in rows} == {len(head)}


def test_the_guide_names_the_columns() -> None:
    guide = (Path(__file__).parents[2] / "docs/api/answers.md").read_text("utf-8")
    for head in (tables.OF_A_VERSION, tables.OF_A_BATCH):
        assert f"`{','.join(head)}`" in guide
