"""Mismatches over HTTP: each side reads its own words alone, answers once, and the match rate is told."""

from datetime import date

import pytest

from registry.acting import acting_as
from registry.organisations.models import Organisation
from registry.screening import position_actions, posting
from registry.screening.models import Mismatch, MismatchAnswer
from tests.api.conftest import Machine
from tests.conftest import person
from tests.registry.screening import returned, split
from tests.registry.screening.returned import NOON

pytestmark = pytest.mark.django_db
LIST = "/api/v1/mismatches/"
ANSWER = {"reason_code": "no_training", "reason": "It was a climate model."}
SECRETS = ("group", "bundle_key", "lei:", "ECAR-")


@pytest.fixture
def mismatch(cantabria: Organisation) -> str:
    """A large use at Cantabria's hall that nobody filed; its reference."""
    provider = person("provider_submitter", organisation=cantabria)
    hall = split.hall(provider)
    large = returned.line("a", hall, hours=7_020_000, month=date(2026, 3, 1), accelerators=9436)
    found = returned.submit(provider, "ES", date(2026, 3, 1), [large])
    with acting_as(split.SCREENER):
        posting.post_return(reference=found.reference, by=split.SCREENER, at=NOON)
    with acting_as(split.SCREENER):
        position_actions.read_stale(limit=9, by=split.SCREENER, at=NOON)
        return Mismatch.objects.get().reference


def test_the_organisation_reads_its_own_words_and_no_other(
    mismatch: str, machine: Machine, stranger: Machine, aurelia: Organisation
) -> None:
    """Cantabria (the stranger here) let the accelerators; Aurelia has nothing to do with it."""
    body = stranger.get(LIST).json()
    (found,) = body["results"]
    assert (found["reference"], found["side"], found["other_says"], found["status"]) == (
        mismatch,
        "provider",
        "nothing",
        "open",
    )
    assert found["own_accelerator_hours"] == "7020000.000000"
    assert found["sentence"].startswith("No filing states this use")
    assert body["match_rate"]["matched_share"] == "0.0000"
    assert not any(secret in stranger.get(LIST).content.decode() for secret in SECRETS)
    assert machine.get(LIST).json() == {"results": [], "next": None, "match_rate": None}
    assert machine.get(f"{LIST}{mismatch}/").status_code == 404
    assert machine.post(f"{LIST}{mismatch}/answer/", ANSWER).status_code == 404


def test_an_answer_is_recorded_and_told(mismatch: str, stranger: Machine) -> None:
    answered = stranger.post(f"{LIST}{mismatch}/answer/", ANSWER)
    assert answered.status_code == 201, answered.content
    assert answered.json()["status"] == "answered"
    (told,) = stranger.get(f"{LIST}{mismatch}/").json()["answers"]
    assert (told["reason_code"], told["reason"]) == (ANSWER["reason_code"], ANSWER["reason"])
    assert told["reason_name"] == "The accelerators were not used for training"
    assert [row["status"] for row in stranger.get(f"{LIST}?mismatch_status=answered").json()["results"]] == ["answered"]
    assert stranger.get(f"{LIST}?mismatch_status=open").json()["results"] == []
    with acting_as(split.SCREENER):
        assert MismatchAnswer.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({**ANSWER, "reason_code": "because"}, 422),
        ({**ANSWER, "reason": " "}, 422),
        ({**ANSWER, "reason": "x" * 4001}, 422),
        ({**ANSWER, "extra": 1}, 422),
    ],
)
def test_an_answer_needs_a_code_and_a_sentence(
    mismatch: str, stranger: Machine, body: dict[str, object], status: int
) -> None:
    assert stranger.post(f"{LIST}{mismatch}/answer/", body).status_code == status


def test_a_closed_mismatch_takes_no_answer(mismatch: str, stranger: Machine) -> None:
    with acting_as(split.SCREENER):
        Mismatch.objects.update(status="closed")
    assert stranger.post(f"{LIST}{mismatch}/answer/", ANSWER).status_code == 409
