"""The pages of returns: a provider opens, fills, follows, amends and submits; an authority looks for a purpose."""

from datetime import datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from registry import return_tasks
from registry.compute.models import AccessRecord, Return
from registry.ledger.models import Entry
from registry.organisations.models import Authority, Organisation
from registry.oversight.models import Look
from tests.registry.compute import records
from tests.security.asking import person_at, state_a_purpose

pytestmark = pytest.mark.django_db
LIST = "/en/workspace/returns/"


@pytest.fixture
def person(aurelia: Organisation, alice: Any, noon: datetime) -> Client:
    """Somebody who files for Aurelia, a compute provider with a facility called lyon-1 and an open return."""
    records.lend(aurelia)
    records.opened(alice, noon)
    return person_at("provider_submitter", aurelia)


def _sent(person: Client, address: str, *lines: dict[str, Any]) -> Any:
    file = SimpleUploadedFile("lines.ndjson", records.ndjson(lines))
    return person.post(address, {"do": "send", "format": "ndjson", "atomicity": "each", "file": file}, follow=True)


def test_a_month_goes_from_open_to_submitted_and_open_again(person: Client) -> None:
    row = Return.objects.get()
    address = f"{LIST}{row.reference}/"
    assert row.reference in person.get(LIST).content.decode()
    assert "has arrived" in _sent(person, address, records.line(1), records.line(2, facility="x")).content.decode()
    return_tasks.sweep_uploads()
    shown = person.get(f"{address}uploads/1/").content.decode()
    assert "There is no such facility in the register." in shown
    table = b"".join(person.get(f"{address}uploads/1/?format=csv").streaming_content).decode()  # type: ignore[attr-defined]
    assert "facility-unknown" in table
    row.refresh_from_db()
    answer = person.post(address, {"do": "submit", "revision": row.revision}, follow=True).content.decode()
    assert "The return is submitted." in answer
    row.refresh_from_db()
    assert (row.version, row.records) == (1, 1)
    person.post(address, {"do": "reopen", "revision": row.revision})
    person.post(f"{address}records/L-0000001/", {})
    assert not AccessRecord.objects.current().exists()


def test_none_is_reported_with_one_button(person: Client) -> None:
    answer = person.post(LIST, {"month": "2026-09", "none": "1"}, follow=True).content.decode()
    assert "The return is submitted." in answer
    assert Return.objects.get(month="2026-09-01").is_none


@pytest.mark.parametrize("month", ["2026-13", "2031-01", "x", ""])
def test_a_month_that_cannot_be_is_refused_with_words(person: Client, month: str) -> None:
    assert "Not done" in person.post(LIST, {"month": month}).content.decode()


def test_an_officer_sees_what_was_submitted_for_a_stated_purpose(person: Client) -> None:
    row = Return.objects.get()
    address = f"{LIST}{row.reference}/"
    _sent(person, address, records.line(1))
    return_tasks.sweep_uploads()
    olga = person_at("officer", Authority.objects.get(territory="FR"))
    listed = "/en/oversight/returns/"
    assert "purpose" in olga.get(listed)["Location"]
    state_a_purpose(olga)
    assert row.reference not in olga.get(listed).content.decode()
    assert olga.get(f"{listed}{row.reference}/").status_code == 404
    row.refresh_from_db()
    person.post(address, {"do": "submit", "revision": row.revision})
    assert row.reference in olga.get(listed).content.decode()
    assert "Borealis Analytique" in olga.get(f"{listed}{row.reference}/").content.decode()
    assert "Jeanne Colin" in olga.get(f"{listed}{row.reference}/records/L-0000001/").content.decode()
    pedro = person_at("officer", Authority.objects.get(territory="ES"))
    state_a_purpose(pedro)
    assert pedro.get(f"{listed}{row.reference}/").status_code == 404


def test_each_look_is_logged_and_the_provider_reads_it(person: Client, aurelia: Organisation) -> None:
    row = Return.objects.get()
    address = f"{LIST}{row.reference}/"
    _sent(person, address, records.line(1))
    return_tasks.sweep_uploads()
    row.refresh_from_db()
    person.post(address, {"do": "submit", "revision": row.revision})
    olga = person_at("officer", Authority.objects.get(territory="FR"))
    state_a_purpose(olga)
    seen = f"/en/oversight/returns/{row.reference}/"
    for path in ("/en/oversight/returns/", "/en/oversight/returns/", seen, f"{seen}records/L-0000001/"):
        assert olga.get(path).status_code == 200
    looks = Look.objects.filter(reference=row.reference, organisation=aurelia).order_by("id")
    assert list(looks.values_list("kind", flat=True)) == ["listed", "opened", "opened"]
    assert Entry.objects.filter(kind="return.looked_at", subject=row.reference).count() == 3
    assert f'href="{address}"' in person.get("/en/access/").content.decode()
    assert f'href="{seen}"' in olga.get("/en/access/").content.decode()
    assert person.get(f"/en/access/?q={row.reference}").content.decode().count(f'href="{address}"') == 3
