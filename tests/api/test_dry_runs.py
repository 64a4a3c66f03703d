"""The trial of every write (tests/api/dry_runs.py) finds a dry run that stores, and one that tells something else."""

from typing import Any

import pytest

from api import endpoint
from api.parameters import Parameters
from registry.filings.models import Filing
from tests.api import dry_runs
from tests.api.conftest import Machine
from tests.journeys.dated import run_of_today

pytestmark = pytest.mark.django_db
FILINGS = "/api/v1/filings/"
DRAFT = {"document": run_of_today(), "state": "draft"}


def test_every_write_is_tried_and_stored_once(machine: Machine, tried: dry_runs.Compared) -> None:
    assert tried.calls == 0  # the token is no write of a document
    url = machine.post(FILINGS, DRAFT).json()["url"]
    machine.send("PUT", f"{url}draft/", {"document": run_of_today()}, **{"If-Match": '"1"'})
    machine.send("DELETE", url, {})
    machine.get(url)
    assert tried.calls == 3
    assert Filing.objects.count() == 1


def test_a_dry_run_that_stores_is_found(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Parameters, "flag", lambda _parameters, _name: False)
    with pytest.raises(AssertionError, match="changed dispatch_reply, filings_filing"):
        machine.post(FILINGS, DRAFT)


def test_a_dry_run_that_changes_a_row_is_found(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    url = machine.post(FILINGS, DRAFT).json()["url"]
    monkeypatch.setattr(Parameters, "flag", lambda _parameters, _name: False)
    with pytest.raises(AssertionError, match=r"changed filings_filing$"):
        machine.send("PUT", f"{url}draft/", {"document": run_of_today(language="fr")}, **{"If-Match": '"1"'})


@pytest.mark.parametrize("change", [{"status": "submitted"}, {"revision": 2}, {"note": "only tried"}])
def test_a_dry_run_that_tells_something_else_is_found(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, change: dict[str, Any]
) -> None:
    monkeypatch.setattr(endpoint, "unsigned", lambda body: {**body, **change})
    with pytest.raises(AssertionError, match="told something else"):
        machine.post(FILINGS, DRAFT)


def test_a_dry_run_that_is_signed_is_found(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoint, "unsigned", lambda body: body)
    with pytest.raises(AssertionError, match="vouches"):
        machine.post(FILINGS, {"document": run_of_today()})
