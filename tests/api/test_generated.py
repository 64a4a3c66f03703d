"""Schemathesis over the whole OpenAPI document: as described, not as described, bent examples, and along the links.

Every answer is held against the document (status, media type, headers, schema) and against what no schema says: never a
5xx, always a problem document of the catalogue, within two seconds. The same requests in every run;
`ECAR_GENERATED_SCALE=50` makes fifty times as many.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import given, seed
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.generation.stateful import run_state_machine_as_test

from registry.dispatch import targets
from registry.ledger import receipts
from registry.organisations.models import Organisation
from tests.api.described import operations
from tests.api.generated import World, bent, bodies, machine, operation, profile

REAL = st.sampled_from(("", "filing", "draft"))
WITH_EXAMPLES = sorted(name for name in operations() if name != "token" and bodies(name))


@pytest.fixture(autouse=True)
def _resolved(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every name resolves to a public address; nothing is called."""
    monkeypatch.setattr(targets, "by_dns", lambda _host: ("198.41.0.4",))


@pytest.fixture
def world(aurelia: Organisation, noon: datetime) -> Iterator[World]:
    """Something to read and to change, at noon, in the test's transaction: no request may close the connection."""
    receipts.ensure_key(settings.RECEIPT_KEY_FILE)
    with time_machine.travel(noon):
        made = World(aurelia, noon)
        for signal in (request_started, request_finished):
            signal.disconnect(close_old_connections)
        yield made
        for signal in (request_started, request_finished):
            signal.connect(close_old_connections)


def _has_input(operation_id: str) -> bool:
    """Whether an operation takes anything that could be wrong, besides headers that may hold any text."""
    method, path, described = operations()[operation_id]
    return "{" in path or method != "GET" or len(described["parameters"]) > 2


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: str(mode.value))
@pytest.mark.parametrize("operation_id", sorted(operations()))
def test_an_operation_answers_as_described(operation_id: str, mode: GenerationMode, world: World) -> None:
    @profile(examples=4)
    @given(case=operation(operation_id).as_strategy(generation_mode=mode), real=REAL)
    def send(case: Case, real: str) -> None:
        if real and mode is GenerationMode.POSITIVE:
            world.aim(case, at_draft=real == "draft")
        world.send(case)

    try:
        send()
    except Unsatisfiable:
        assert mode is GenerationMode.NEGATIVE
        assert not _has_input(operation_id), "nothing wrong could be made"


@pytest.mark.parametrize("operation_id", WITH_EXAMPLES)
def test_a_bent_example_is_answered_as_described(operation_id: str, world: World) -> None:
    answers: Counter[int] = Counter()
    shown = bodies(operation_id)
    request = operation(operation_id).as_strategy(body={})
    body = st.one_of(*(bent(each) for each in shown), *map(st.just, shown))

    @profile(examples=10)
    @given(case=request, body=body, real=REAL)
    def send(case: Case, body: Any, real: str) -> None:
        world.aim(case, at_draft=real == "draft")
        case.body = body
        answers[world.send(case).status_code] += 1

    send()
    assert answers[422] + answers[409] + answers[404], answers


WALKS = {
    "/api/v1/filings/": {"filings_file", "filings_read", "versions_list", "versions_read", "versions_receipt"},
    "/api/v1/webhooks/": {"webhooks_make", "webhooks_read", "webhooks_test", "webhooks_delete", "deliveries_read"},
}


WALKS_AT_MOST = 20


@pytest.mark.parametrize("under", WALKS)
def test_the_links_lead_on(under: str, world: World) -> None:
    linked = machine(world, under=under)
    for number in range(WALKS_AT_MOST):  # the ways are drawn, each from its own seed: what one misses the next finds
        walk = seed(number)(linked)
        run_state_machine_as_test(walk, settings=profile(examples=12, stateful_step_count=12))
        if set(linked.reached) >= WALKS[under]:
            break
    assert WALKS[under] <= set(linked.reached), linked.reached
