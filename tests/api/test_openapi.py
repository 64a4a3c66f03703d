"""The OpenAPI document is valid, complete and true: every operation is called, and its answer held against it."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from django.urls import get_resolver
from drf_spectacular.validation import validate_schema

from api.examples import EXAMPLES
from api.operations import OPERATIONS
from api.schema import openapi
from registry import log_tasks, tasks
from registry.accounts.policy import SCOPE_PERMISSIONS, of_the_register
from registry.acting import Actor, acting_as
from registry.filings import actions, duty_actions
from registry.ledger import receipts
from registry.onboarding import statements
from registry.organisations import actions as organisations
from registry.organisations.actions import NewOrganisation
from registry.organisations.models import Organisation
from registry.oversight import actions as oversight
from registry.oversight.purposes import Purpose
from tests import documents
from tests.api.conftest import Machine
from tests.api.described import operations, require_described, require_valid, resolved
from tests.api.facility_calls import ANYWHERE, FACILITY_CALLS
from tests.api.mismatch_calls import MISMATCH_CALLS, NOWHERE
from tests.api.onboarding_calls import ONBOARDING_CALLS
from tests.api.return_calls import RETURN_CALLS, SOMEWHERE
from tests.api.statistics_calls import PUBLISHED, STATISTICS_CALLS
from tests.documents import REMOVED
from tests.registry.onboarding.conftest import content as application

FILINGS = "/api/v1/filings/"
WEBHOOKS = "/api/v1/webhooks/"
ANYTHING = "ECAR-2026-000123-7"
DUTY = "completion_report"
FILER = EXAMPLES["filing"]["value"]["document"]["filer"]
ANYBODY = "7b0d9a52-0000-4000-8000-000000000000"


def planned_run(**changes: Any) -> dict[str, Any]:
    """A planned run of the filer of the examples."""
    return documents.planned_run(**{"filer__lei": FILER["lei"], **changes})


def _routes() -> set[tuple[str, str]]:
    """Name and method of everything the map of the REST edge answers."""
    found = set()
    for route in get_resolver("api.urls").url_patterns:
        view = getattr(route.callback, "view_class", None) or route.callback.cls
        methods = {name.upper() for name in view.http_method_names if hasattr(view, name)} - {"HEAD", "OPTIONS"}
        found |= {(route.name, method) for method in methods}
    return found


def _references(thing: Any) -> Iterator[str]:
    if isinstance(thing, dict):
        if isinstance(thing.get("$ref"), str):
            yield thing["$ref"]
        for inner in thing.values():
            yield from _references(inner)
    elif isinstance(thing, list):
        for inner in thing:
            yield from _references(inner)


def test_the_document_is_valid_openapi_3_1() -> None:
    assert openapi()["openapi"] == "3.1.0"
    validate_schema(openapi())


def test_every_reference_leads_somewhere_and_every_component_is_used() -> None:
    used = set(_references(openapi()))
    known = {f"#/components/{kind}/{name}" for kind, named in openapi()["components"].items() for name in named}
    assert used <= known
    assert {name for name in known - used if "/securitySchemes/" not in name} == set()


def test_every_route_is_described_and_every_description_has_its_route() -> None:
    assert set(OPERATIONS) == _routes()
    assert len(operations()) == len(_routes())
    assert {row.id for row in OPERATIONS.values()} == set(operations())


@pytest.mark.parametrize("operation_id", sorted(row.id for row in OPERATIONS.values()))
def test_an_operation_names_the_scopes_that_open_it(operation_id: str) -> None:
    method, path, operation = operations()[operation_id]
    route = next(name for (name, _), row in OPERATIONS.items() if row.id == operation_id)
    view = next(r.callback for r in get_resolver("api.urls").url_patterns if r.name == route)
    permission = getattr(getattr(view, "cls", None), "permissions", {}).get(method)
    scopes = {scope for scope, included in SCOPE_PERMISSIONS.items() if permission in included}
    assert {scope for each in operation["security"] for scope in each["oauth2"]} == scopes
    assert operation["summary"]
    assert operation["description"]


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_an_example_fits_the_body_that_shows_it(name: str) -> None:
    bodies = [operation["requestBody"] for _, _, operation in operations().values() if "requestBody" in operation]
    shown = [content for body in bodies for content in body["content"].values() if name in content.get("examples", {})]
    assert shown
    for content in shown:
        require_valid(resolved(content["examples"][name])["value"], content["schema"])


# --- every operation, called ---------------------------------------------------------------------------------------


class Caller:
    """Aurelia's machine, whose every answer is held against the document."""

    def __init__(self, machine: Machine, officer: Actor, ai_office: Actor, at: datetime) -> None:
        self.machine, self.officer, self.ai_office, self.at = machine, officer, ai_office, at

    def get(self, path: str, **headers: str) -> Any:
        """GET, described."""
        return self._held(self.machine.get(path, **headers), "GET", path)

    def send(self, method: str, path: str, body: Any, **headers: str) -> Any:
        """A write, described."""
        return self._held(self.machine.send(method, path, body, **headers), method, path)

    def post(self, path: str, body: Any, **headers: str) -> Any:
        """POST, described."""
        return self.send("POST", path, body, **headers)

    def looked(self, address: str) -> None:
        """The officer opens the filing at this address."""
        reference = address.rstrip("/").rsplit("/", 1)[1]
        with acting_as(self.officer):
            oversight.open_filing(reference=reference, purpose=Purpose("review"), by=self.officer, at=self.at)

    def filed(self, **changes: Any) -> str:
        """The address of a new filing."""
        return str(self.post(FILINGS, {"document": planned_run(**changes)}).json()["url"])

    def draft(self, **changes: Any) -> str:
        """The address of a new draft."""
        return str(self.post(FILINGS, {"document": planned_run(**changes), "state": "draft"}).json()["url"])

    def asked(self) -> str:
        """The address of a filing that waits for an answer."""
        url = self.filed()
        for verb, reason in (("review", ""), ("ask", "Which cluster?")):
            with acting_as(self.officer):
                actions.decide(reference=url.split("/")[-2], verb=verb, reason=reason, by=self.officer, at=self.at)
        return url

    def made(self) -> Any:
        """The answer that made a webhook."""
        return self.post(WEBHOOKS, {**EXAMPLES["webhook"]["value"], "target_url": "http://127.0.0.1:9/"})

    def webhook(self) -> str:
        """The address of a new webhook."""
        return str(self.made().json()["url"])

    def delivery(self) -> str:
        """The address of a new delivery."""
        return str(self.post(self.webhook() + "test/", {}).json()["url"])

    @staticmethod
    def _held(answer: HttpResponse, method: str, path: str) -> HttpResponse:
        require_described(answer, method=method, path=path)
        return answer


@pytest.fixture
def aurelia(db: None, registrar: Actor, noon: datetime) -> Organisation:
    """The filer of the documents, as the register knows it."""
    new = NewOrganisation(
        legal_name=FILER["legal_name"],
        lei=FILER["lei"],
        seat_country="FR",
        territory="FR",
        is_developer=True,
        is_illustrative=True,
    )
    with acting_as(registrar):
        return organisations.register([new], by=registrar, at=noon)[0]


@pytest.fixture
def caller(
    db: None,
    still: None,
    make_machine: Callable[..., Machine],
    aurelia: Organisation,
    olga: Actor,
    nora: Actor,
    noon: datetime,
    settings: Any,
) -> Caller:
    """A caller with every scope, in a world that stands still."""
    settings.WEBHOOK_ALLOW_LOOPBACK = True
    return Caller(make_machine(aurelia, scopes=" ".join(SCOPE_PERMISSIONS)), olga, nora, noon)


@pytest.fixture
def still(noon: datetime) -> Iterator[None]:
    """The moment of the tests."""
    receipts.ensure_key(settings.RECEIPT_KEY_FILE)
    with time_machine.travel(noon):
        yield


def _token(caller: Caller) -> Any:
    answer = caller.machine.ask(caller.machine.assertion(), scope="filings:read")
    require_described(answer, method="POST", path="/api/v1/oauth/token/")
    return answer


def _version(caller: Caller) -> Any:
    body = {"kind": "update", "document": planned_run(model__version="3.1")}
    return caller.post(caller.filed() + "versions/", body, **{"If-Match": '"1"'})


def _reassessment(caller: Caller) -> Any:
    url = caller.filed()
    with acting_as(caller.ai_office):
        long_ago = caller.at - timedelta(days=200)
        duty_actions.designate(reference=url.split("/")[-2], reason="Annex XIII.", by=caller.ai_office, at=long_ago)
    return caller.post(url + "reassessment/", EXAMPLES["reassessment"]["value"])


OWNERSHIP, FIRST = "/api/v1/organisation/ownership/", {"If-Match": '"0"'}
OWN_DUTIES = "/api/v1/organisation/duties/"


def _own_excuse(c: Caller) -> Any:
    """For a change of 1 October that is told seven weeks later."""
    SUCCESSES["ownership_state"](c)
    told = EXAMPLES["ownership"]["value"]
    sold = {**told["holdings"][0], "since_on": "2026-10-01"}
    c.send("PUT", OWNERSHIP, {**told, "holdings": [sold, *told["holdings"][1:]]}, **{"If-Match": '"1"'})
    asked = {**EXAMPLES["own_excuse"]["value"], "trigger_on": "2026-10-01"}
    return c.post(OWN_DUTIES + "ownership_change/excuse/", asked)


def _confirmation(caller: Caller) -> Any:
    tasks.keep_onboarding()
    enroller = of_the_register("enroller")
    organisation = Organisation.objects.get(lei=FILER["lei"])
    stated = {**application(), "lei": FILER["lei"]}
    with acting_as(enroller):
        statements.first(organisation=organisation, content=stated, by=enroller, at=caller.at)
    return caller.post("/api/v1/organisation/confirm/", EXAMPLES["data_confirmation"]["value"])


SUCCESSES: dict[str, Callable[[Caller], Any]] = {
    "token": _token,
    "filings_list": lambda c: [c.filed(), c.draft(), c.get(f"{FILINGS}?limit=1&changed_since=2026-01-01T00:00:00Z")][
        -1
    ],
    "filings_file": lambda c: c.post(FILINGS, EXAMPLES["filing"]["value"]),
    "filings_batch": lambda c: c.post(FILINGS + "batch/", EXAMPLES["batch"]["value"]),
    "filings_read": lambda c: c.get(c.filed()),
    "filings_redraft": lambda c: c.send(
        "PUT", c.draft() + "draft/", EXAMPLES["document"]["value"], **{"If-Match": '"1"'}
    ),
    "filings_submit": lambda c: c.post(
        c.draft(signature__signed_at="2026-10-01T10:30:00+01:00") + "submit/", EXAMPLES["submit"]["value"]
    ),
    "filings_withdraw": lambda c: c.post(c.filed() + "withdraw/", EXAMPLES["withdraw"]["value"]),
    "filings_answer": lambda c: c.post(c.asked() + "answer/", EXAMPLES["answer"]["value"]),
    "versions_list": lambda c: c.get(c.filed() + "versions/"),
    "versions_file": _version,
    "versions_read": lambda c: c.get(c.filed() + "versions/1/"),
    "versions_answers": lambda c: c.get(c.filed() + "versions/1/answers/"),
    "versions_difference": lambda c: c.get(_version(c).json()["url"] + "versions/2/difference/?to=1"),
    "changes": lambda c: [_version(c), c.get("/api/v1/changes/?limit=1")][-1],
    "versions_receipt": lambda c: c.get(c.filed() + "versions/1/receipt/"),
    "log": lambda c: [log_tasks.sequence_log(), c.get("/api/v1/log/")][-1],
    "log_consistency": lambda c: [log_tasks.sequence_log(), c.get("/api/v1/log/consistency/?old=3")][-1],
    "receipt_keys": lambda c: c.get("/api/v1/receipt-keys/"),
    "accelerators": lambda c: c.get("/api/v1/accelerators/"),
    "thresholds": lambda c: c.get("/api/v1/thresholds/"),
    "checks": lambda c: c.get("/api/v1/checks/"),
    "code_lists": lambda c: c.get("/api/v1/code-lists/"),
    "schema": lambda c: c.get("/api/v1/schemas/filing-1.0.json"),
    "openapi": lambda c: c.get("/api/v1/openapi.json"),
    "duties_list": lambda c: [
        c.filed(),
        c.get("/api/v1/duties/?limit=1&state=open&due_after=2026-01-01T00:00:00Z"),
    ][-1],
    "duties_calendar": lambda c: [c.filed(), c.get("/api/v1/duties/calendar.ics")][-1],
    "filings_duties": lambda c: c.get(c.filed() + "duties/"),
    "duties_extension": lambda c: c.post(
        c.filed() + "duties/ownership_confirmation/extension/",
        {**EXAMPLES["extension"]["value"], "trigger_on": "2026-03-03"},
    ),
    "duties_excuse": lambda c: c.post(
        c.filed(run__known_on="2026-10-19") + "duties/systemic_risk_notification/excuse/",
        {**EXAMPLES["excuse"]["value"], "trigger_on": "2026-10-19"},
    ),
    "duties_report": lambda c: c.post(
        c.filed() + "duties/training_content_summary/report/", EXAMPLES["duty_report"]["value"]
    ),
    "systemic_risk": lambda c: c.get(c.filed() + "systemic-risk/"),
    "systemic_risk_reassessment": _reassessment,
    "applications_begin": lambda c: c.post("/api/v1/applications/", EXAMPLES["application"]["value"]),
    "organisation_read": lambda c: c.get("/api/v1/organisation/"),
    "organisation_confirm": _confirmation,
    **ONBOARDING_CALLS,
    "clients_list": lambda c: c.get("/api/v1/clients/"),
    "clients_calls": lambda c: [
        c.get(f"{FILINGS}?nonsense=1"),
        c.get(f"/api/v1/clients/{c.machine.client_id}/calls/"),
    ][-1],
    "webhooks_list": lambda c: [c.webhook(), c.webhook(), c.get(f"{WEBHOOKS}?limit=1")][-1],
    "webhooks_make": lambda c: c.made(),
    "webhooks_read": lambda c: c.get(c.webhook()),
    "webhooks_change": lambda c: c.send(
        "PATCH", c.webhook(), EXAMPLES["webhook_pause"]["value"], **{"If-Match": '"1"'}
    ),
    "webhooks_delete": lambda c: c.send("DELETE", c.webhook(), b"", **{"If-Match": '"1"'}),
    "webhooks_rotate": lambda c: c.post(c.webhook() + "rotate/", EXAMPLES["rotate"]["value"]),
    "webhooks_test": lambda c: c.post(c.webhook() + "test/", {}),
    "deliveries_list": lambda c: c.get(c.delivery().rsplit("/", 2)[0] + "/?delivery_status=pending"),
    "deliveries_read": lambda c: c.get(c.delivery()),
    "deliveries_replay": lambda c: c.post(c.delivery() + "replay/", {}),
    "event_kinds": lambda c: c.get("/api/v1/event-kinds/"),
    "ownership_read": lambda c: [SUCCESSES["ownership_state"](c), c.get(OWNERSHIP)][-1],
    "ownership_state": lambda c: c.send("PUT", OWNERSHIP, EXAMPLES["ownership"]["value"], **FIRST),
    "ownership_statements": lambda c: c.get(OWNERSHIP + "statements/"),
    "organisation_duties": lambda c: [SUCCESSES["ownership_state"](c), c.get(OWN_DUTIES)][-1],
    "organisation_duties_extension": lambda c: [
        SUCCESSES["ownership_state"](c),
        c.post(
            OWN_DUTIES + "ownership_confirmation/extension/",
            {**EXAMPLES["own_extension"]["value"], "trigger_on": "2026-11-20", "until": "2027-12-31T23:59:59+01:00"},
        ),
    ][-1],
    "organisation_duties_excuse": _own_excuse,
    **FACILITY_CALLS,
    **RETURN_CALLS,
    **MISMATCH_CALLS,
    **STATISTICS_CALLS,
    "access_list": lambda c: [c.looked(c.filed()), c.get("/api/v1/access/?look_kind=opened&legal_basis=review")][-1],
    "legal_bases": lambda c: c.get("/api/v1/legal-bases/"),
}


def test_every_operation_is_called() -> None:
    assert set(SUCCESSES) == set(operations())


@pytest.mark.parametrize("operation_id", sorted(SUCCESSES))
def test_a_success_is_as_described(caller: Caller, operation_id: str) -> None:
    answer = SUCCESSES[operation_id](caller)
    assert str(answer.status_code) in operations()[operation_id][2]["responses"]
    assert answer.status_code < 300, answer.content


@pytest.mark.parametrize("language", ["fr", "de"])
def test_a_filing_in_another_language_is_as_described(caller: Caller, language: str) -> None:
    assert caller.get(caller.filed(), **{"Accept-Language": language})["Trace-Id"]


def test_the_whole_example_can_be_filed_and_the_beginning_kept(caller: Caller) -> None:
    assert caller.post(FILINGS + "?dry_run=true", EXAMPLES["filing"]["value"])["Dry-Run"] == "true"
    assert caller.post(FILINGS, EXAMPLES["draft"]["value"]).json()["status"] == "draft"
    again = {"Idempotency-Key": "k"}
    caller.post(FILINGS, EXAMPLES["filing"]["value"], **again)
    assert caller.post(FILINGS, EXAMPLES["filing"]["value"], **again)["Idempotent-Replayed"] == "true"


# --- refusals -------------------------------------------------------------------------------------------------------

REFUSALS: dict[str, tuple[int, Callable[[Caller], Any]]] = {
    "a missing key": (400, lambda c: c.post(FILINGS, EXAMPLES["draft"]["value"], **{"Idempotency-Key": ""})),
    "a misspelt parameter": (400, lambda c: c.get(FILINGS + "?limits=1")),
    "broken JSON": (400, lambda c: c.post(FILINGS, b"{")),
    "a missing filing": (404, lambda c: c.get(f"{FILINGS}{ANYTHING}/")),
    "a missing receipt": (404, lambda c: c.get(f"{FILINGS}{ANYTHING}/versions/1/receipt/")),
    "a missing draft": (404, lambda c: c.post(f"{FILINGS}{ANYTHING}/submit/", {})),
    "another schema": (404, lambda c: c.get("/api/v1/schemas/filing-9.9.json")),
    "an unserved type": (406, lambda c: c.get(FILINGS, Accept="application/pdf")),
    "a step twice": (
        409,
        lambda c: [c.post(url, {"reason": "No."}) for url in [c.filed() + "withdraw/"] * 2][1],
    ),
    "a changed filing": (412, lambda c: c.post(c.filed() + "withdraw/", {"reason": "No."}, **{"If-Match": '"9"'})),
    "a long address": (414, lambda c: c.get(FILINGS + "?band=" + "x" * 5_000)),
    "a foreign member": (422, lambda c: c.post(FILINGS, {"document": planned_run(), "colour": 1})),
    "an incomplete filing": (422, lambda c: c.post(FILINGS, {"document": planned_run(signature=REMOVED)})),
    "a batch of all": (
        422,
        lambda c: c.post(FILINGS + "batch/", {"atomicity": "all", "items": [{"document": planned_run()}, {}]}),
    ),
    "a webhook to an address inside": (
        422,
        lambda c: c.post(WEBHOOKS, {**EXAMPLES["webhook"]["value"], "target_url": "https://10.0.0.1/"}),
    ),
    "a webhook for no event": (422, lambda c: c.post(WEBHOOKS, {**EXAMPLES["webhook"]["value"], "kinds": []})),
    "a missing webhook": (404, lambda c: c.get(f"{WEBHOOKS}{ANYBODY}/")),
    "a change of nothing": (422, lambda c: c.send("PATCH", c.webhook(), {}, **{"If-Match": '"1"'})),
    "an endless overlap": (422, lambda c: c.post(c.webhook() + "rotate/", {"overlap_hours": 169})),
    "an unguarded change": (428, lambda c: c.send("PUT", c.draft() + "draft/", {"document": planned_run()})),
    "large headers": (431, lambda c: c.get(FILINGS, **{"X-Large": "x" * 20_000})),
}


@pytest.mark.parametrize("case", sorted(REFUSALS))
def test_a_refusal_is_as_described(caller: Caller, case: str) -> None:
    status, call = REFUSALS[case]
    assert call(caller).status_code == status


@pytest.mark.parametrize("operation_id", sorted(operations()))
def test_who_has_no_token_is_refused_as_described(db: None, operation_id: str) -> None:
    method, template, operation = operations()[operation_id]
    path = template.format(
        reference=ANYTHING,
        number=1,
        version="1.0",
        webhook=ANYBODY,
        delivery=ANYBODY,
        mandate=ANYBODY,
        secret="x" * 43,
        duty_code=DUTY,
        own_duty_code=DUTY,
        client="x",
        **ANYWHERE,
        **SOMEWHERE,
        **NOWHERE,
        **PUBLISHED,
    )
    answer = Client().generic(method, path, b"{}" if method != "GET" else b"", content_type="application/json")
    if operation["security"]:
        assert answer.status_code == 401
    if operation_id != "token":
        require_described(answer, method=method, path=path)


def test_a_token_for_reading_does_not_write(caller: Caller) -> None:
    caller.machine.sign_in(scope="filings:read")
    assert caller.post(FILINGS, EXAMPLES["filing"]["value"]).status_code == 403
    assert caller.get(FILINGS).status_code == 200


def test_a_refused_assertion_is_as_described(caller: Caller) -> None:
    for answer, status in (
        (caller.machine.ask("x"), 401),
        (caller.machine.ask(caller.machine.assertion(), scope="everything"), 400),
        (caller.machine.ask(caller.machine.assertion(), grant_type="password"), 400),
        (caller.machine.http.post("/api/v1/oauth/token/", "{}", content_type="application/json"), 415),
    ):
        require_described(answer, method="POST", path="/api/v1/oauth/token/")
        assert answer.status_code == status, answer.content


BOUNDS = [
    ("limit", "1", 200),
    ("limit", "100", 200),
    ("limit", "0", 400),
    ("limit", "101", 400),
    ("client_reference", "x" * 200, 200),
    ("client_reference", "x" * 201, 400),
    ("band", "x" * 201, 400),
    ("status", "draft", 200),
    ("status", "lost", 400),
    ("changed_since", "2026-11-01T00:00:00Z", 200),
    ("dry_run", "true", 400),
]


@pytest.mark.parametrize(("name", "value", "status"), BOUNDS)
def test_the_limits_of_a_parameter_are_the_declared_ones(caller: Caller, name: str, value: str, status: int) -> None:
    declared = [resolved(each) for each in operations()["filings_list"][2]["parameters"]]
    schema = next((each["schema"] for each in declared if each["name"] == name and each["in"] == "query"), None)
    assert caller.get(f"{FILINGS}?{name}={value}").status_code == status
    fits = schema is not None and _fits(int(value) if schema["type"] == "integer" else value, schema)
    assert fits is (status == 200)


def _fits(value: Any, schema: dict[str, Any]) -> bool:
    try:
        require_valid(value, schema)
    except AssertionError:
        return False
    return True


def test_the_document_is_json_for_everybody(db: None) -> None:
    answer = Client().get("/api/v1/openapi.json")
    assert answer["Content-Type"] == "application/vnd.oai.openapi+json"
    assert json.loads(answer.content) == openapi()
