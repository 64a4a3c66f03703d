"""What the bodies of requests may hold, before the domain sees them."""

from typing import Any

import pytest

from tests.api.conftest import Machine
from tests.journeys.dated import run_of_today

FILINGS = "/api/v1/filings/"


@pytest.mark.django_db
@pytest.mark.parametrize("value", [None, [], "x", 1, True])
def test_a_document_that_is_no_object_is_refused_wherever_one_is_sent(machine: Machine, value: Any) -> None:
    filed = machine.post(FILINGS, {"document": run_of_today()}).json()
    draft = machine.post(FILINGS, {"document": run_of_today(run__client_run_id="b"), "state": "draft"}).json()
    answers = [
        machine.post(FILINGS, {"document": value}),
        machine.post(filed["url"] + "versions/", {"kind": "update", "document": value}),
        machine.send("PUT", draft["url"] + "draft/", {"document": value}, **{"If-Match": '"1"'}),
    ]
    for answer in answers:
        assert (answer.status_code, answer.json()["type"]) == (422, "/problems/validation"), answer.content
        assert answer.json()["errors"][0]["pointer"] == "/document"
