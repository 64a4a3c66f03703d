"""Following an application over HTTP by the secret of its link: what it shows, lets do, and to whom it is shut."""

import json
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from registry.acting import Actor, acting_as
from registry.onboarding import applications, decisions, lifecycle, links
from registry.onboarding.models import Application, Letter, Step
from tests.registry.onboarding.conftest import content

Begin = Callable[..., str]
REFUSAL = "misleading" if "misleading" in lifecycle.refusal_reasons() else next(iter(lifecycle.refusal_reasons()))


@pytest.fixture
def begin(db: None) -> Begin:
    """Begins an application now and gives the address at which it is followed."""

    def begun(**changes: Any) -> str:
        new = uuid.uuid4()
        with acting_as(links.applicant(links.link_of(links.APPLICATION, new))) as by:
            applications.apply(new=new, content=content(**changes), by=by, at=datetime.now(UTC))
        return f"/api/v1/applications/{links.secret_of(links.APPLICATION, new)}/"

    return begun


def put(address: str, body: Any, revision: int | None) -> Any:
    """One step of the applicant, without a token."""
    headers = {} if revision is None else {"If-Match": f'"{revision}"'}
    return Client().put(address, json.dumps(body), content_type="application/json", headers=headers)


def decide(olga: Actor, *steps: Callable[..., Any]) -> None:
    """What the authority does with the one application."""
    reference = Application.objects.get().reference
    for step in steps:
        with acting_as(olga) as by:
            step(reference=reference, by=by, at=datetime.now(UTC))


def ask(**common: Any) -> None:
    """A question about the name."""
    decisions.ask(pointer="/legal_name", reason="Which legal form?", **common)


def test_an_application_is_confirmed_asked_about_answered_and_followed(begin: Begin, olga: Actor) -> None:
    address = begin()
    seen = Client().get(address)
    assert (seen["ETag"], seen.json()["status"], seen.json()["possible"]) == ('"1"', "unconfirmed", ["confirm"])
    confirmed = put(f"{address}confirmation/", {}, 1)
    assert (confirmed.status_code, confirmed["ETag"], confirmed.json()["turn"]) == (200, '"2"', "authority")
    decide(olga, decisions.review, ask)
    seen = Client().get(address)
    assert seen.json()["question"] == {
        "verb": "ask",
        "pointer": "/legal_name",
        "code": "",
        "reason": "Which legal form?",
    }
    answer = {"reason": "A simplified company by shares.", "value": "Lumen Calcul SASU"}
    told = put(f"{address}answer/", answer, 4).json()
    assert (told["status"], told["data"]["legal_name"]) == ("in_review", "Lumen Calcul SASU")
    assert [each["by"] for each in told["steps"]] == ["applicant", "authority", "authority", "applicant"]
    assert olga.name not in json.dumps(told)


def test_an_announced_refusal_is_answered_too(begin: Begin, olga: Actor) -> None:
    address = begin()
    put(f"{address}confirmation/", {}, 1)
    decide(olga, decisions.review, lambda **common: decisions.hear(code=REFUSAL, reason="We doubt it.", **common))
    assert Client().get(address).json()["question"]["code"] == REFUSAL
    assert Client().get(address).json()["heard_until"]
    assert put(f"{address}answer/", {"reason": "It is true."}, 4).json()["status"] == "in_review"


def test_the_words_follow_the_language_that_is_asked_for(begin: Begin) -> None:
    address = begin()
    told = {
        Client().get(address, headers={"Accept-Language": each}).json()["status_sentence"]
        for each in ("en", "fr", "de")
    }
    assert len(told) == 3


def test_a_step_sent_twice_is_taken_once(begin: Begin) -> None:
    address = begin()
    put(f"{address}confirmation/", {}, 1)
    assert put(f"{address}withdrawal/", {}, 2).json()["status"] == "withdrawn"
    assert put(f"{address}withdrawal/", {}, 2).status_code == 412
    assert put(f"{address}withdrawal/", {}, 3).status_code == 409
    assert Step.objects.filter(verb="withdraw").count() == 1


@pytest.mark.parametrize(("revision", "status"), [(None, 428), (7, 412)])
def test_a_step_names_what_was_read(begin: Begin, revision: int | None, status: int) -> None:
    address = begin()
    assert put(f"{address}confirmation/", {}, revision).status_code == status
    assert Application.objects.get().status == "unconfirmed"


def test_a_dry_run_stores_nothing(begin: Begin) -> None:
    address = begin()
    answer = put(f"{address}confirmation/?dry_run=true", {}, 1)
    assert (answer["Dry-Run"], answer.json()["status"]) == ("true", "submitted")
    assert Application.objects.get().status == "unconfirmed"
    assert Letter.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"reason": ""}, "/reason"),
        ({"reason": "x" * 4_001}, "/reason"),
        ({"reason": "Yes.", "value": 7}, "/value"),
        ({"reason": "Yes.", "value": "x" * 300}, "/legal_name"),
        ({"reason": "Yes.", "other": 1}, "/other"),
    ],
)
def test_an_answer_that_does_not_hold_is_refused_in_its_place(
    begin: Begin, olga: Actor, body: dict[str, Any], pointer: str
) -> None:
    address = begin()
    put(f"{address}confirmation/", {}, 1)
    decide(olga, decisions.review, ask)
    answer = put(f"{address}answer/", body, 4)
    assert answer.status_code == 422
    assert [each["pointer"] for each in answer.json()["errors"]] == [pointer]
    assert Application.objects.get().status == "asked"


def test_another_secret_finds_nothing_and_is_told_nothing(begin: Begin) -> None:
    begin()
    unknown, malformed = "A" * 43, "A" * 42
    answers = [Client().get(f"/api/v1/applications/{secret}/") for secret in (unknown, malformed)]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert put(f"/api/v1/applications/{unknown}/withdrawal/", {}, 1).status_code == 404
    assert Application.objects.get().status == "unconfirmed"


def test_the_link_of_one_application_does_not_show_another(begin: Begin) -> None:
    first, second = begin(), begin(legal_name="Another SAS")
    names = [Client().get(address).json()["data"]["legal_name"] for address in (first, second)]
    assert names == ["Lumen Calcul SAS", "Another SAS"]


def test_a_link_that_has_run_out_does_not_confirm(begin: Begin) -> None:
    address = begin()
    Application.objects.update(expires_at=datetime.now(UTC) - timedelta(seconds=1))
    assert put(f"{address}confirmation/", {}, 1).status_code == 409
