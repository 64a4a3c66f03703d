"""Mandates over HTTP: given, accepted, declined and ended by machines that hold the scope for it."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from registry import tasks
from registry.dispatch import kinds
from registry.dispatch.models import Event
from registry.ledger.models import Entry
from registry.organisations.models import Mandate, Organisation
from tests.api.conftest import Machine
from tests.registry.onboarding.conftest import LEI, OTHER_LEI

MANDATES = "/api/v1/mandates/"
MakeMachine = Callable[..., Machine]


@pytest.fixture
def principal(make_machine: MakeMachine, aurelia: Organisation) -> Machine:
    """A machine of Aurelia that keeps mandates."""
    return make_machine(aurelia, scopes="mandates:manage")


@pytest.fixture
def agent(make_machine: MakeMachine, cantabria: Organisation) -> Machine:
    """A machine of Cantabria that keeps mandates."""
    Organisation.objects.filter(id=cantabria.id).update(lei=LEI)
    return make_machine(cantabria, scopes="mandates:manage")


def offer(**changes: Any) -> dict[str, Any]:
    """To Cantabria, to file, for nine days from now on."""
    now = datetime.now(UTC)
    terms = {"starts_at": now.isoformat(), "ends_at": (now + timedelta(days=9)).isoformat()}
    return {"agent_lei": LEI, "scopes": ["file"], **terms, **changes}


def offered(principal: Machine, **changes: Any) -> str:
    """The address of a new mandate that its agent sees."""
    made = principal.post(MANDATES, offer(**changes))
    assert made.status_code == 201, made.content
    tasks.sweep_onboarding()
    return str(made["Location"])


def test_a_mandate_is_given_accepted_and_ended(principal: Machine, agent: Machine) -> None:
    address = offered(principal)
    assert principal.get(address)["ETag"] == agent.get(address)["ETag"] == '"1"'
    assert (principal.get(address).json()["side"], agent.get(address).json()["side"]) == ("principal", "agent")
    accepted = agent.post(f"{address}accept/", {}, **{"If-Match": '"1"'})
    assert (accepted.status_code, accepted["ETag"], accepted.json()["state"]) == (200, '"2"', "in_force")
    ended = principal.post(f"{address}revoke/", {})
    assert ended.json()["state"] == "revoked"
    assert [each["state"] for each in agent.get(MANDATES).json()["results"]] == ["revoked"]
    entered = list(Entry.objects.filter(kind__startswith="mandate.").order_by("index").values_list("kind", flat=True))
    assert entered == ["mandate.given", "mandate.accepted", "mandate.revoked"]
    assert Mandate.objects.get().given_by.startswith("client:")


def test_an_offer_is_declined_and_that_is_the_end(principal: Machine, agent: Machine) -> None:
    address = offered(principal)
    assert agent.post(f"{address}decline/", {}).json()["state"] == "declined"
    assert agent.post(f"{address}accept/", {}).status_code == 409
    assert principal.post(f"{address}revoke/", {}).status_code == 409


def test_the_principal_does_not_accept_for_the_agent(principal: Machine, agent: Machine) -> None:
    address = offered(principal)
    assert principal.post(f"{address}accept/", {}).status_code == 403
    assert agent.get(address).json()["state"] == "offered"


def test_a_step_meets_the_mandate_that_was_read(principal: Machine, agent: Machine) -> None:
    address = offered(principal)
    assert agent.post(f"{address}accept/", {}, **{"If-Match": '"2"'}).status_code == 412
    assert Mandate.objects.get().accepted_at is None


def test_the_same_key_gives_one_mandate(principal: Machine) -> None:
    body = offer()
    answers = [principal.post(MANDATES, body, **{"Idempotency-Key": "one"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[1]["Idempotent-Replayed"] == "true"
    assert Mandate.objects.count() == 1


def test_an_offer_answers_the_same_whether_the_lei_is_registered(principal: Machine, agent: Machine) -> None:
    known, unknown = principal.post(MANDATES, offer()), principal.post(MANDATES, offer(agent_lei=OTHER_LEI))
    assert (known.status_code, known.json()["agent"]) == (unknown.status_code, unknown.json()["agent"]) == (201, None)


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"agent_lei": "529900T8BM49AURSDO56"}, "/agent_lei"),
        ({"agent_lei": ""}, "/agent_lei"),
        ({"scopes": []}, "/scopes"),
        ({"scopes": ["all"]}, "/scopes"),
        ({"scopes": "file"}, "/scopes"),
        ({"starts_at": "tomorrow"}, "/starts_at"),
        ({"ends_at": "2026-01-01T00:00:00Z"}, "/ends_at"),
        ({"agent_person": "nobody"}, "/agent_person"),
        ({"agent_person": f"{'x' * 250}@agent.example"}, "/agent_person"),
        ({"more": 1}, "/more"),
    ],
)
def test_terms_that_do_not_hold_are_refused_in_their_place(
    principal: Machine, change: dict[str, Any], pointer: str
) -> None:
    answer = principal.post(MANDATES, offer(**change))
    assert answer.status_code == 422, answer.content
    assert [each["pointer"] for each in answer.json()["errors"]] == [pointer]
    assert not Mandate.objects.exists()


def test_without_the_scope_a_machine_gives_and_ends_nothing(
    make_machine: MakeMachine, principal: Machine, aurelia: Organisation
) -> None:
    address = offered(principal)
    filing = make_machine(aurelia, scopes="filings:read filings:write organisation:manage")
    assert filing.get(address).status_code == 200
    assert filing.post(MANDATES, offer()).status_code == 403
    assert filing.post(f"{address}revoke/", {}).status_code == 403


def test_a_stranger_finds_no_mandate(make_machine: MakeMachine, principal: Machine, cantabria: Organisation) -> None:
    address = offered(principal, agent_lei=OTHER_LEI)
    stranger = make_machine(cantabria, scopes="mandates:manage")
    for path in (address, f"{MANDATES}{uuid.uuid4()}/"):
        assert stranger.get(path).status_code == 404
        assert stranger.post(f"{path}revoke/", {}).status_code == 404


def test_under_a_mandate_nobody_mandates(principal: Machine, agent: Machine) -> None:
    address = offered(principal)
    agent.post(f"{address}accept/", {})
    answer = agent.post(MANDATES, offer(agent_lei=OTHER_LEI), Mandate=address.rstrip("/").rsplit("/", 1)[1])
    assert answer.status_code == 403


def told(organisation: Organisation) -> list[str]:
    """The kinds of events of mandates that the webhooks of an organisation hear of, in order."""
    for _ in range(2):  # a broker may tell an event twice
        for event in Event.objects.filter(kind__startswith="mandate.").order_by("id"):
            assert tasks.onboard in tasks.LISTENERS[event.kind]
            tasks.onboard(reference=event.subject, event_key=str(event.key))
    heard = Event.objects.filter(kind__in=kinds.subscribable(), organisation_id=organisation.id).order_by("id")
    return list(heard.values_list("kind", flat=True))


def test_both_sides_hear_of_every_act_once(
    principal: Machine, agent: Machine, aurelia: Organisation, cantabria: Organisation
) -> None:
    address = offered(principal)
    agent.post(f"{address}accept/", {})
    assert told(aurelia) == told(cantabria) == ["mandate.given", "mandate.accepted"]
    principal.post(f"{address}revoke/", {})
    assert told(aurelia) == told(cantabria) == ["mandate.given", "mandate.accepted", "mandate.revoked"]


def test_an_offer_that_finds_nobody_is_told_to_who_gave_it_alone(principal: Machine, aurelia: Organisation) -> None:
    address = offered(principal, agent_lei=OTHER_LEI)
    principal.post(f"{address}revoke/", {})
    assert told(aurelia) == ["mandate.given", "mandate.revoked"]
    assert not Event.objects.filter(kind__startswith="mandate.").exclude(organisation_id=aurelia.id).exists()
