"""Refusals are told in the language that the client asks for, whoever in the house refuses."""

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from django.conf import settings

from registry.ledger import receipts
from tests.api.conftest import Machine
from tests.conftest import NOON
from tests.documents import REMOVED, planned_run

pytestmark = pytest.mark.django_db
FILINGS, WEBHOOKS = "/api/v1/filings/", "/api/v1/webhooks/"
NOWHERE = f"{FILINGS}ECAR-2026-999999-1/"
SENT = Callable[[Machine, dict[str, str]], Any]


@pytest.fixture(autouse=True)
def _on_the_day_of_the_samples(db: None) -> Iterator[None]:
    receipts.ensure_key(settings.RECEIPT_KEY_FILE)
    with time_machine.travel(NOON):
        yield


@pytest.fixture
def machine(make_machine: Callable[..., Machine], aurelia: Any) -> Machine:
    return make_machine(aurelia, scopes="filings:read filings:write webhooks:manage")


def _draft(machine: Machine) -> str:
    return str(machine.post(FILINGS, {"document": planned_run(), "state": "draft"}).json()["url"])


def _filed(machine: Machine) -> str:
    document = planned_run(run__client_run_id=str(uuid.uuid4()))
    return str(machine.post(FILINGS, {"document": document}).json()["url"])


def _withdrawn(machine: Machine) -> str:
    url = _filed(machine)
    machine.post(f"{url}withdraw/", {"reason": "Cancelled."})
    return url


def _taken(machine: Machine, spoken: dict[str, str]) -> Any:
    machine.post(FILINGS, {"document": planned_run(), "client_reference": "mine"})
    return machine.post(FILINGS, {"document": planned_run(), "client_reference": "mine"}, **spoken)


def _posted(path: str, body: Any) -> SENT:
    return lambda machine, spoken: machine.post(path, body, **spoken)


def _then(first: Callable[[Machine], str], below: str, body: Any, method: str = "POST", **headers: str) -> SENT:
    return lambda machine, spoken: machine.send(method, first(machine) + below, body, **spoken, **headers)


HOOK = {"kinds": ["filing.asked"]}
NEW = {"document": planned_run()}
REPORT = {"evidence": "https://aurelia.example/", "trigger_on": "2026-10-01"}
OF_THE_PROBLEM: dict[str, SENT] = {
    "a step that is not possible": _then(_withdrawn, "withdraw/", {"reason": "Again."}),
    "no further version": _then(_withdrawn, "versions/", {"kind": "update", **NEW}),
    "no withdrawal version": _then(_filed, "versions/", {"kind": "withdrawal", **NEW}),
    "not a draft": _then(_filed, "draft/", NEW, "PUT", **{"If-Match": '"1"'}),
    "nothing to submit": _then(_filed, "submit/", {}),
    "a stale revision": _then(_draft, "draft/", NEW, "PUT", **{"If-Match": '"9"'}),
    "obstacles": _posted(FILINGS, {"document": planned_run(signature=REMOVED)}),
    "a reference that is taken": _taken,
    "nothing designated": _then(_filed, "reassessment/", {"reason": "It changed."}),
    "nothing there": _posted(f"{NOWHERE}withdraw/", {"reason": "Not ours."}),
    "an address that may not be called": _posted(
        WEBHOOKS, {"target_url": "http://10.0.0.1/", "kinds": ["filing.asked"]}
    ),
}
OF_AN_ERROR: dict[str, SENT] = {
    "a text of the wrong form": _posted(FILINGS, {"document": planned_run(model__release_date="soon")}),
    "a draft of the wrong form": _then(
        _draft, "draft/", {"document": planned_run(run__stage="someday")}, "PUT", **{"If-Match": '"1"'}
    ),
    "a missing element": _posted(FILINGS, {"document": planned_run(signature=REMOVED)}),
    "no object": _posted(FILINGS, {"document": []}),
    "not of the list": _posted(FILINGS, {**NEW, "state": "finished"}),
    "an empty reason": _posted(f"{NOWHERE}withdraw/", {"reason": " "}),
    "no list": _posted(FILINGS, {**NEW, "acknowledgements": {}}),
    "half an acknowledgement": _posted(FILINGS, {**NEW, "acknowledgements": [{"code": "x"}]}),
    "no items": _posted(f"{FILINGS}batch/", {"atomicity": "all", "items": []}),
    "no day": _posted(f"{NOWHERE}duties/registration/report/", {**REPORT, "done_on": "soon"}),
    "an unknown member": _posted(FILINGS, {**NEW, "colour": "red"}),
}


def _in_each(sent: SENT, machine: Machine) -> dict[str, Any]:
    answers = {}
    for language in ("en", "fr", "de"):
        answer = sent(machine, {"Accept-Language": language})
        assert answer.status_code >= 400, answer.content
        assert answer["Content-Language"] == language
        answers[language] = answer.json()
    return answers


@pytest.mark.parametrize("case", OF_THE_PROBLEM)
def test_what_is_wrong_and_how_to_mend_it_is_told_in_each_language(machine: Machine, case: str) -> None:
    told = _in_each(OF_THE_PROBLEM[case], machine)
    for member in ("title", "detail", "remedy"):
        assert len({told[language][member] for language in told}) == 3, told


@pytest.mark.parametrize("case", OF_AN_ERROR)
def test_each_error_is_told_in_each_language(machine: Machine, case: str) -> None:
    told = _in_each(OF_AN_ERROR[case], machine)
    places = {language: [(each["pointer"], each["code"]) for each in told[language]["errors"]] for language in told}
    assert places["en"] == places["fr"] == places["de"]
    assert places["en"]
    for position, _ in enumerate(places["en"]):
        assert len({told[language]["errors"][position]["sentence"] for language in told}) == 3, told


def test_the_state_in_a_refusal_has_its_name_in_the_language(machine: Machine) -> None:
    told = _in_each(OF_THE_PROBLEM["a step that is not possible"], machine)
    assert told["en"]["detail"] == "You cannot withdraw a filing that is withdrawn."
    assert "« Retiré »" in told["fr"]["detail"]
    assert "„Zurückgenommen“" in told["de"]["detail"]
