"""Ownership over HTTP: state, read for any day, refusals in three languages, dry run, strangers."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine

from api.examples import EXAMPLES
from registry.organisations.models import Organisation, OwnershipStatement
from tests.api.conftest import Machine
from tests.statements import holding, statement

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("still")]
OWNERSHIP, STATEMENTS = "/api/v1/organisation/ownership/", "/api/v1/organisation/ownership/statements/"


def put(machine: Machine, body: Any, *, match: str = '"0"', query: str = "", **headers: str) -> Any:
    return machine.send("PUT", OWNERSHIP + query, body, **{"If-Match": match}, **headers)


def test_nothing_stated_is_told_with_the_tag_to_state_with(machine: Machine) -> None:
    answer = machine.get(OWNERSHIP)
    assert (answer.status_code, answer["ETag"]) == (200, '"0"')
    body = answer.json()
    assert (body["number"], body["statement"], body["resolved"], body["duties"]) == (0, None, None, [])


def test_a_statement_is_answered_with_what_follows_from_it(machine: Machine) -> None:
    answer = put(machine, statement())
    assert answer.status_code == 200, answer.content
    assert answer["ETag"] == '"1"'
    body = answer.json()
    owners = {each["id"]: each for each in body["resolved"]["owners"]}
    assert owners["ada"]["capital_percent"] == "86"
    assert owners["up"]["capital_percent"] == "70"
    assert body["resolved"]["ultimate_parents"] == ["ada"]
    assert body["resolved"]["unstated_percent"] == "14"
    assert [each["grounds"] for each in body["resolved"]["beneficial_owners"]] == [["capital", "votes", "control"]]
    assert [(each["code"], each["state"]) for each in body["duties"]] == [
        ("ownership_first_statement", "met"),
        ("ownership_confirmation", "open"),
    ]
    assert "share-unstated" in {each["code"] for each in body["answers"]}
    assert machine.get(OWNERSHIP).json() == body


def test_the_example_of_the_documentation_can_be_sent(machine: Machine) -> None:
    answer = put(machine, EXAMPLES["ownership"]["value"])
    assert answer.status_code == 200, answer.content
    assert answer.json()["answers"] == []


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "An entity cannot hold itself, nor through its own nominee."),
        ("fr", "Une entité ne peut se détenir elle-même, ni par son prête-nom."),
        ("de", "Ein Beteiligter kann sich nicht selbst halten, auch nicht über einen Treuhänder."),
    ],
)
def test_what_is_wrong_is_told_in_the_reader_s_language(machine: Machine, language: str, sentence: str) -> None:
    wrong = statement(holdings=[holding("up", "up", "10")])
    answer = put(machine, wrong, **{"Accept-Language": language})
    assert answer.status_code == 422
    assert [(each["pointer"], each["sentence"]) for each in answer.json()["errors"]] == [("/holdings/0", sentence)]


@pytest.mark.parametrize(
    ("match", "status", "problem"),
    [(None, 428, "precondition-required"), ('"1"', 412, "precondition-failed"), ('W/"0"', 412, "precondition-failed")],
)
def test_a_statement_names_the_one_it_replaces(machine: Machine, match: str | None, status: int, problem: str) -> None:
    headers = {} if match is None else {"If-Match": match}
    answer = machine.send("PUT", OWNERSHIP, statement(), **headers)
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2].strip("#")) == (status, problem)


@pytest.mark.parametrize("body", [[], "text", 7, None])
def test_a_body_that_is_no_object_is_refused(machine: Machine, body: Any) -> None:
    assert put(machine, body).status_code == 422


def test_a_dry_run_stores_nothing_and_answers_the_same(machine: Machine) -> None:
    dry = put(machine, statement(), query="?dry_run=true")
    assert (dry.status_code, dry["Dry-Run"]) == (200, "true")
    assert not OwnershipStatement.objects.exists()
    assert dry.json() == put(machine, statement()).json()


def test_history_can_be_asked_for_by_day_and_by_knowledge(machine: Machine, noon: datetime) -> None:
    put(machine, statement())
    with time_machine.travel(noon + timedelta(minutes=4), tick=False):
        sold = statement(as_of_on="2026-11-20", holdings=[holding("ada", "filer", "100")])
        assert put(machine, sold, match='"1"').status_code == 200
        then = machine.get(OWNERSHIP + "?on=2026-11-19").json()
        now = machine.get(OWNERSHIP + "?on=2026-11-20").json()
        unknown = machine.get(OWNERSHIP + "?on=2026-11-20&known_at=2026-11-20T12:03:59Z").json()
        rows = machine.get(STATEMENTS).json()["results"]
    assert [each["number"] for each in (then, now, unknown)] == [1, 2, 1]
    assert [(each["number"], each["as_of_on"]) for each in rows] == [(1, "2026-11-01"), (2, "2026-11-20")]


def test_a_stranger_sees_its_own_nothing(machine: Machine, stranger: Machine) -> None:
    put(machine, statement())
    assert stranger.get(OWNERSHIP).json()["number"] == 0
    assert stranger.get(STATEMENTS).json()["results"] == []


def test_a_token_without_the_scope_cannot_state(make_machine: Callable[..., Machine], aurelia: Organisation) -> None:
    reader = make_machine(aurelia, scopes="filings:read")
    assert reader.get(OWNERSHIP).status_code == 200
    assert put(reader, statement()).status_code == 403
