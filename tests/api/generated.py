"""Requests that Schemathesis makes from the OpenAPI document, sent through the whole application in this process."""

import itertools
import json
import os
import uuid
from collections.abc import Mapping
from copy import deepcopy
from datetime import datetime
from functools import cache
from typing import Any

import schemathesis
from django.core.wsgi import get_wsgi_application
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from schemathesis import Case, CheckContext, Response
from schemathesis.config import SchemathesisConfig
from schemathesis.schemas import APIOperation, BaseSchema
from schemathesis.specs.openapi import checks

from api.examples import EXAMPLES
from api.operations import OPERATIONS
from api.problems import CATALOGUE
from api.schema import openapi
from registry.compute.models import Facility
from registry.dispatch.models import Delivery
from registry.organisations.models import Organisation
from tests.api.bad_input.sending import ask, token_of
from tests.documents import planned_run

SCALE = int(os.environ.get("ECAR_GENERATED_SCALE", "1"))  # times as many requests as the suite makes
SEED = 20_261_120
SLOWEST_SECONDS = 2.0
FILINGS, WEBHOOKS = "/api/v1/filings/", "/api/v1/webhooks/"
FACILITY = "/api/v1/facilities/{facility}/"
ALL_SCOPES = "filings:read filings:write mandates:manage organisation:manage webhooks:manage"
CHECKS = [
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.unsupported_method,
    checks.ensure_resource_availability,
    checks.use_after_free,
]
# What generators seldom think of, for any place in a body
ODD = st.sampled_from(
    (
        *(None, True, False, 0, -1, 1, 2**31, 10**18, 0.5, 1e300, "", " ", "a", "0", "-0", "1e26", "1e400", "NaN"),
        *("2026-02-30", "0000-01-01", "9999-12-31", "2026-11-20T10:30:00+99:99", "\u202e", "\u0000"),
        *("A\u0301" * 150, "x" * 5_000, "=1+1", "<script>", "' OR 1=1--", "../..", "http://127.0.0.1/", "\u0661\u0662"),
        *([], {}, [[]], [None], {"a": 1}, {"": ""}, ["a"] * 300, [{}] * 50),
    )
)


@schemathesis.serializer("application/x-ndjson")
def _lines(_context: Any, value: Any) -> bytes:
    """What is made for a body of lines, as it is sent."""
    return (
        value if isinstance(value, bytes) else value.encode() if isinstance(value, str) else json.dumps(value).encode()
    )


@cache
def schema(*, is_light: bool = False) -> BaseSchema:
    """The document, bound to the application. A light one takes any object for a filing document: made sooner."""
    whole = json.loads(json.dumps(openapi()))
    if is_light:
        whole["components"]["schemas"]["FilingDocument"] = {"type": "object"}
    made = schemathesis.openapi.from_dict(whole, config=SchemathesisConfig(seed=SEED))
    made.app = get_wsgi_application()
    if is_light:
        made.config.generation.update(modes=[schemathesis.GenerationMode.POSITIVE])
    return made


def profile(*, examples: int, **more: Any) -> settings:
    """The same requests in every run, `examples` of them, or as many times more as the environment asks for."""
    return settings(
        max_examples=examples * SCALE,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        **more,
    )


def operation(operation_id: str) -> APIOperation:
    """One operation of the document."""
    found = schema().find_operation_by_id(operation_id)
    assert found is not None
    return found


def bodies(operation_id: str, *, run: str = "bent") -> list[Any]:
    """The bodies that the document shows for an operation; what is filed is `run`, and the checks let it through."""
    (row,) = (row for row in OPERATIONS.values() if row.id == operation_id)
    shown = [deepcopy(EXAMPLES[name]["value"]) for name in row.examples]
    for body in shown:
        if "document" in body and body.get("state") != "draft":
            body["document"] = planned_run(run__client_run_id=run, run__lineage_id=run)
    return shown


@st.composite
def bent(draw: st.DrawFn, whole: Any) -> Any:
    """`whole` with one to three of its values taken away or replaced by odd ones."""
    body = deepcopy(whole)
    for _ in range(draw(st.integers(1, 3))):
        places = list(_places(body))
        if not places:
            return draw(ODD)
        holder, key = draw(st.sampled_from(places))
        if draw(st.integers(0, 3)):
            holder[key] = deepcopy(draw(ODD))
        else:
            del holder[key]
    return body


def _places(value: Any) -> Any:
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in members:
        yield value, key
        yield from _places(member)


class World:
    """A client with every scope, and what its organisation has: a filing, a draft, a webhook, a delivery."""

    def __init__(self, organisation: Organisation, at: datetime) -> None:
        self.token = token_of(organisation, at=at, scope=ALL_SCOPES)
        self.keys = (f"key-{number}" for number in itertools.count())
        filed = self._made(FILINGS, {"document": planned_run()})
        draft = self._made(FILINGS, {"document": planned_run(run__client_run_id="draft"), "state": "draft"})
        webhook = self._made(WEBHOOKS, {"target_url": "https://hooks.aurelia.example/", "kinds": ["filing.asked"]})
        delivery = self._made(f"{webhook['url']}test/", {})
        self.references = (filed["reference"], draft["reference"])
        self.duties = [duty["code"] for duty in filed["duties"]]
        self.places = {"number": 1, "webhook": webhook["id"], "delivery": delivery["id"], "version": "1.0"}
        self.places |= {"form": "filing", "year": 2025, **self._facility(), "mismatch": "MISMATCH-0a1b2c3d4e5f"}

    def aim(self, case: Case, *, at_draft: bool) -> None:
        """Point a generated request at what exists, with a fresh key and the tag of what is unchanged."""
        known = {**self.places, "reference": self.references[at_draft], "duty_code": self.duties[0]}
        known["own_duty_code"] = "ownership_confirmation"
        for name in case.path_parameters:
            case.path_parameters[name] = known.get(name, case.path_parameters[name])
        case.headers.pop("Mandate", None)  # there is none to be named
        if "Idempotency-Key" in case.headers:
            case.headers["Idempotency-Key"] = next(self.keys)
        if "If-Match" in case.headers:
            case.headers["If-Match"] = self._tag(case.operation.path)

    def send(self, case: Case) -> Response:
        """The answer, held against the document and our promises."""
        headers = {"Authorization": f"Bearer {self.token}"}
        response = case.call(headers=headers, base_url="http://testserver")
        case.validate_response(response, checks=CHECKS, additional_checks=[keeps_its_promises], headers=headers)
        return response

    def _facility(self) -> dict[str, str]:
        """What stands in the paths of a facility with a year reported, a cluster and an installation."""
        site = self._made("/api/v1/facilities/", EXAMPLES["facility"]["value"])
        self._made(f"{site['url']}reports/", EXAMPLES["facility_report"]["value"])
        cluster = self._made(f"{site['url']}clusters/", EXAMPLES["cluster"]["value"])
        lot = self._made(f"{site['url']}installations/", EXAMPLES["installation"]["value"])
        return {"facility": site["reference"], "cluster": cluster["id"], "installation": lot["id"]}

    def _tag(self, path: str) -> str:
        """Of what is unchanged: nothing was stated of owners; a facility is as the last amendment left it."""
        if path == FACILITY:
            return f'"{Facility.objects.get(reference=self.places["facility"]).revision}"'
        return '"0"' if "ownership" in path else '"1"'

    def _made(self, path: str, body: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.token}", "Idempotency-Key": next(self.keys), "Host": "testserver"}
        answer = ask("POST", path, content=json.dumps(body).encode(), headers=headers)
        assert answer.status_code in {201, 202}, answer.content
        return answer.json()


def machine(world: World, *, under: str) -> Any:
    """A state machine that follows the links of the operations `under` a path; what it files can be filed."""

    class Linked(schema(is_light=True).include(path_regex=f"^{under}").as_state_machine()):  # type: ignore[misc]
        """One walk after another, each from the same beginning; `reached` counts the successes by operation."""

        reached: dict[str, int] = {}

        def setup(self) -> None:
            self.beginning = transaction.savepoint()
            self.numbers = itertools.count()

        def teardown(self) -> None:
            transaction.savepoint_rollback(self.beginning)

        def before_call(self, case: Case) -> None:
            step = next(self.numbers)
            case.query.pop("dry_run", None)  # what was not stored leads nowhere
            case.headers.pop("Mandate", None)
            if "Idempotency-Key" in case.headers:
                case.headers["Idempotency-Key"] = f"walk-{step}"
            name = case.operation.definition.raw["operationId"]
            if name.startswith("deliveries_") and not _is_delivery(case.path_parameters):
                # A webhook of the walk may have none yet: the one of the world has.
                case.path_parameters.update({each: world.places[each] for each in case.path_parameters})
            shown = bodies(name, run=f"walk-{step}") if name != "token" else []
            if shown and step % 4 < 3:
                case.body = shown[0]
            if isinstance(case.body, dict) and "client_reference" in case.body:
                case.body["client_reference"] = f"walk-{step}"

        def get_call_kwargs(self, case: Case) -> dict[str, Any]:
            return {"headers": {"Authorization": f"Bearer {world.token}"}, "base_url": "http://testserver"}

        def after_call(self, response: Response, case: Case) -> None:
            super().after_call(response, case)
            name = case.operation.definition.raw["operationId"]
            if response.status_code < 300:
                self.reached[name] = self.reached.get(name, 0) + 1

        def validate_response(self, response: Response, case: Case, additional_checks: Any = None, **sent: Any) -> None:
            case.validate_response(
                response,
                checks=CHECKS,
                additional_checks=[keeps_its_promises],
                transport_kwargs=sent,
                recorder=self.recorder,
            )

    return Linked


def _is_delivery(places: Mapping[str, Any]) -> bool:
    """Whether a webhook that a path names has deliveries, and the one that it names, if any."""
    try:
        named = {each: uuid.UUID(str(value)) for each, value in places.items()}
    except ValueError:
        return False
    found = Delivery.objects.filter(webhook=named["webhook"])
    return (found.filter(id=named["delivery"]) if "delivery" in named else found).exists()


def _crowding() -> float:
    """How many programs share a processor of this machine: as many times longer does each take."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


def keeps_its_promises(ctx: CheckContext, response: Response, case: Case) -> None:
    """What no schema says: never a 5xx, always a problem document of the catalogue, quick, and nothing told of us."""
    del ctx
    assert response.status_code < 500, f"{response.status_code}: {response.content[:2_000]!r}"
    assert response.elapsed < SLOWEST_SECONDS * _crowding(), f"{response.elapsed} s"
    assert b"Traceback" not in response.content
    assert "server" not in response.headers
    (trace_id,) = response.headers["trace-id"]
    assert str(uuid.UUID(trace_id)) == trace_id
    assert response.headers["ratelimit-policy"]
    if response.status_code < 400 or case.operation.definition.raw["operationId"] == "token":
        return
    assert response.headers["content-type"] == ["application/problem+json"]
    shown = json.loads(response.content)
    assert shown["type"].removeprefix("/problems/") in CATALOGUE
    assert (shown["status"], shown["trace_id"]) == (response.status_code, trace_id)
