"""Organisations over HTTP: an application that tells nothing, one's own data, and acting for another by a header."""

import json
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from registry import tasks
from registry.accounts.policy import of_the_register
from registry.acting import Actor, acting_as
from registry.filings.models import Filing, Version
from registry.ledger import receipts
from registry.ledger.models import Entry
from registry.onboarding import mandate_actions, statements
from registry.onboarding.models import Application, Confirmation, Letter
from registry.organisations.models import Mandate, Organisation
from tests.api.conftest import Machine
from tests.conftest import person
from tests.documents import planned_run
from tests.registry.onboarding.conftest import LEI, content, outside

FILINGS, APPLICATIONS, ORGANISATION = "/api/v1/filings/", "/api/v1/applications/", "/api/v1/organisation/"
MakeMachine = Callable[..., Machine]


def apply(body: Any, key: str = "") -> Any:
    """One application without a token."""
    headers = {"Idempotency-Key": key or str(uuid.uuid4())}
    return Client().post(APPLICATIONS, json.dumps(body), content_type="application/json", headers=headers)


def test_an_application_is_received_and_its_contact_written_to(db: None) -> None:
    answer = apply(content())
    assert (answer.status_code, answer.json()) == (202, {"status": "received"})
    assert Letter.objects.get().address == "claire@lumen.example"
    assert Application.objects.get().status == "unconfirmed"


def test_the_same_key_makes_one_application_and_another_key_another(db: None) -> None:
    assert [apply(content(), key).status_code for key in ("one", "one", "two")] == [202] * 3
    assert Application.objects.count() == 2


def test_the_answer_is_the_same_whatever_is_registered(db: None, aurelia: Organisation) -> None:
    Organisation.objects.update(lei=LEI)
    known, fresh = apply(content()), apply(content(lei="5493001KJTIIGC8Y1R12", legal_name="New SAS"))
    assert (known.status_code, known.content) == (fresh.status_code, fresh.content)


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        (content(lei="529900T8BM49AURSDO56"), {"/lei"}),
        (content(seat_country="US"), {"/representative"}),
        (outside(country="US"), {"/representative/country"}),
        (outside(mandate_until="2020-01-01"), {"/representative/mandate_until"}),
        (outside(document_sha256="beef"), {"/representative/document_sha256"}),
        (content(roles=[], administrators=[]), {"/roles", "/administrators"}),
        (content(contact=[]), {"/contact", "/contact/name", "/contact/email", "/contact/language"}),
        (content(trade_names=[1]), {"/trade_names/0"}),
    ],
)
def test_what_is_wrong_is_told_all_at_once(db: None, body: dict[str, Any], pointers: set[str]) -> None:
    answer = apply(body)
    assert answer.status_code == 422
    assert {each["pointer"] for each in answer.json()["errors"]} == pointers


def test_a_representative_decides_whose_territory_it_is(db: None) -> None:
    assert apply(outside()).status_code == 202
    assert Application.objects.get().territory == "IE"


def test_an_organisation_reads_and_confirms_its_data(make_machine: MakeMachine, aurelia: Organisation) -> None:
    machine = make_machine(aurelia, scopes="organisation:manage")
    tasks.keep_onboarding()
    read = machine.get(ORGANISATION)
    assert (read["ETag"], read.json()["confirmation_state"]) == ('"0"', "open")
    assert machine.post(f"{ORGANISATION}confirm/", {"statement": 0}).status_code == 409, "nobody is stated yet"
    enroller = of_the_register("enroller")
    with acting_as(enroller):
        statements.first(organisation=aurelia, content=content(), by=enroller, at=aurelia.registered_at)
    assert machine.post(f"{ORGANISATION}confirm/", {"statement": 0}).status_code == 412
    assert machine.post(f"{ORGANISATION}confirm/", {"statement": 1}).json()["confirmed_at"]
    assert Confirmation.objects.get().confirmed_by.startswith("client:")


@pytest.fixture
def mandate(aurelia: Organisation, cantabria: Organisation) -> Mandate:
    """From Aurelia to Cantabria, to file, for a month around now."""
    receipts.ensure_key(settings.RECEIPT_KEY_FILE)
    Organisation.objects.filter(id=cantabria.id).update(lei=LEI)
    now = datetime.now(aurelia.registered_at.tzinfo)
    hugo = person("provider_administrator", organisation=aurelia)
    carla = person("provider_administrator", organisation=cantabria)
    with acting_as(hugo):
        made = mandate_actions.give(
            agent_lei=LEI, scopes=["file"], starts_at=now, ends_at=now + timedelta(days=9), by=hugo, at=now
        )
    tasks.sweep_onboarding()
    with acting_as(carla):
        return mandate_actions.accept(mandate=made.id, by=carla, at=now)


def test_a_machine_files_for_the_principal_that_the_header_names(
    make_machine: MakeMachine, aurelia: Organisation, cantabria: Organisation, mandate: Mandate
) -> None:
    agent, own = make_machine(cantabria), make_machine(aurelia)
    assert agent.get("/api/v1/mandates/").json()["results"][0]["side"] == "agent"
    made = agent.post(FILINGS, {"document": planned_run()}, Mandate=str(mandate.id))
    assert made.status_code == 201, made.content
    assert Filing.objects.get().organisation_id == aurelia.id
    assert Version.objects.get().mandate_id == Entry.objects.get(kind="filing.submitted").mandate == mandate.id
    url = made.json()["url"]
    assert agent.get(url).status_code == 404, "without the header it is a stranger"
    assert agent.get(url, Mandate=str(mandate.id)).status_code == 200
    version = own.get(f"{url}versions/1/").json()
    assert version["mandate"] == str(mandate.id)
    assert own.get(f"{url}versions/1/receipt/").json()["receipt"]["mandate"] == str(mandate.id)


def test_a_mandate_that_does_not_hold_is_refused(
    make_machine: MakeMachine, aurelia: Organisation, cantabria: Organisation, mandate: Mandate, charlie: Actor
) -> None:
    agent, principal = make_machine(cantabria), make_machine(aurelia)
    filed = agent.post(FILINGS, {"document": planned_run()}, Mandate=str(mandate.id)).json()["url"]
    withdrawn = agent.post(f"{filed}withdraw/", {"reason": "Not ours."}, Mandate=str(mandate.id))
    assert withdrawn.status_code == 403, "withdrawing is not in its scope"
    assert principal.get(FILINGS, Mandate=str(mandate.id)).status_code == 403, "the principal is not its own agent"
    unknown = agent.get(FILINGS, Mandate=str(uuid.uuid4()))
    assert (unknown.status_code, unknown.json()["type"]) == (403, "/problems/mandate-not-held")
    unreadable = agent.get(FILINGS, Mandate="x")
    assert (unreadable.status_code, unreadable.json()["type"]) == (400, "/problems/invalid-header")
    hugo = person("provider_administrator", organisation=aurelia)
    with acting_as(hugo):
        mandate_actions.revoke(mandate=mandate.id, by=hugo, at=mandate.starts_at)
    assert agent.get(FILINGS, Mandate=str(mandate.id)).status_code == 403
