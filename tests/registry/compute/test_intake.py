"""What becomes of the lines of an upload: stored, noted, repeated, refused; and what a worker that dies leaves."""

from datetime import datetime
from typing import Any

import pytest
from django.db import DatabaseError

from registry.acting import Actor, acting_as
from registry.compute import intake, record_reading, return_actions
from registry.compute.models import AccessRecord, Atomicity, Format, Return, Upload, UploadState
from registry.compute.record import MEMBERS
from registry.dispatch.models import Event
from registry.organisations.models import Organisation
from tests.registry.compute import records
from tests.registry.compute.records import INTAKE, line, ndjson, sent, taken, verdicts

pytestmark = pytest.mark.django_db


@pytest.fixture
def october(aurelia: Organisation, alice: Actor, noon: datetime) -> Return:
    """An open return of Aurelia for October."""
    records.lend(aurelia)
    return records.opened(alice, noon)


def _outcomes(upload: Upload) -> list[str]:
    return [verdict["outcome"] for verdict in verdicts(upload)]


def test_good_lines_are_stored_with_what_they_say(october: Return, alice: Actor, noon: datetime) -> None:
    upload = taken(
        sent(october, ndjson([line(1), line(2, nodes=2, accelerators=3, accelerator_hours="9")]), alice, noon), noon
    )
    assert (upload.state, upload.lines_read, upload.lines_checked, upload.lines_stored) == (UploadState.STORED, 2, 2, 2)
    assert _outcomes(upload) == ["stored", "stored"]
    first, second = AccessRecord.objects.order_by("line_id")
    assert (second.accelerators, second.line_number, second.revision, second.since_version) == (3, 2, 1, 1)
    assert first.document == line(1)
    assert first.facility.client_reference == "lyon-1"
    assert bytes(upload.parts.get().content or b"") == b""


def test_warnings_are_noted_and_the_line_is_stored(october: Return, alice: Actor, noon: datetime) -> None:
    upload = taken(sent(october, ndjson([line(1, customer_lei=None)]), alice, noon), noon)
    (verdict,) = verdicts(upload)
    assert (verdict["outcome"], [each["code"] for each in verdict["answers"]]) == (
        "noted",
        ["customer-without-identifier"],
    )
    assert (upload.lines_stored, upload.lines_noted) == (1, 1)


def test_the_good_are_kept_beside_the_bad(october: Return, alice: Actor, noon: datetime) -> None:
    body = ndjson([line(1), line(2, facility="nowhere"), line(3, accelerators=0)]) + b"{\n\n" + ndjson([line(4)])
    upload = taken(sent(october, body, alice, noon), noon)
    assert _outcomes(upload) == ["stored", "refused", "refused", "refused", "stored"]
    assert [verdict["line"] for verdict in verdicts(upload)] == [1, 2, 3, 4, 6]
    assert (upload.lines_read, upload.lines_stored, upload.lines_refused) == (5, 2, 3)


def test_all_or_nothing_stores_nothing_beside_one_bad_line(october: Return, alice: Actor, noon: datetime) -> None:
    body = ndjson([line(1), line(2, facility="nowhere")])
    upload = taken(sent(october, body, alice, noon, atomicity=Atomicity.ALL), noon)
    assert (upload.state, upload.lines_stored, upload.lines_refused) == (UploadState.REFUSED, 0, 1)
    assert not AccessRecord.objects.exists()
    upload = taken(sent(october, ndjson([line(1)]), alice, noon, atomicity=Atomicity.ALL), noon)
    assert (upload.state, AccessRecord.objects.count()) == (UploadState.STORED, 1)


def test_a_line_id_given_twice_in_an_upload_is_stored_once(october: Return, alice: Actor, noon: datetime) -> None:
    body = ndjson([line(1), line(1), line(1, accelerators=63)])
    upload = taken(sent(october, body, alice, noon), noon)
    assert _outcomes(upload) == ["stored", "repeated", "refused"]
    assert verdicts(upload)[2]["answers"][0] == {
        "code": "line-repeated",
        "pointer": "/line_id",
        "inputs": {"line_id": "L-0000001", "line": 1},
    }


def test_the_same_lines_sent_again_are_not_stored_again(october: Return, alice: Actor, noon: datetime) -> None:
    taken(sent(october, ndjson([line(1), line(2)]), alice, noon), noon)
    upload = taken(sent(october, ndjson([line(1), line(2, accelerators=63), line(3)]), alice, noon), noon)
    assert _outcomes(upload) == ["repeated", "refused", "stored"]
    assert verdicts(upload)[1]["answers"][0]["code"] == "line-exists"
    assert AccessRecord.objects.count() == 3


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts of two or three lines."""
    monkeypatch.setattr(record_reading, "PART_BYTES", 2_500)


@pytest.mark.usefixtures("small_parts")
@pytest.mark.parametrize("atomicity", list(Atomicity))
def test_what_was_dealt_with_stays_and_the_rest_follows(
    october: Return, alice: Actor, noon: datetime, atomicity: Atomicity
) -> None:
    upload = sent(october, ndjson(map(line, range(20))), alice, noon, atomicity=atomicity)
    assert upload.parts_made > 5
    upload = taken(upload, noon, parts=3)
    assert (upload.checked_parts, upload.is_under_way) == (3, True)
    held = atomicity is Atomicity.ALL
    with acting_as(alice):
        seen = AccessRecord.objects.visible_to(alice).count()
    assert seen == (0 if held else upload.lines_stored) != upload.lines_checked * held
    upload = taken(upload, noon)
    assert (upload.state, upload.lines_stored, AccessRecord.objects.count()) == (UploadState.STORED, 20, 20)
    assert [verdict["line"] for verdict in verdicts(upload)] == list(range(1, 21))


@pytest.mark.usefixtures("small_parts")
def test_a_line_id_of_an_earlier_part_is_known(october: Return, alice: Actor, noon: datetime) -> None:
    body = ndjson([*map(line, range(10)), line(0, accelerators=1, accelerator_hours="1")])
    upload = taken(sent(october, body, alice, noon, atomicity=Atomicity.ALL), noon)
    assert verdicts(upload)[-1]["answers"][0]["inputs"] == {"line_id": "L-0000000", "line": 1}
    assert not AccessRecord.objects.exists()


@pytest.mark.usefixtures("small_parts")
def test_a_part_that_fails_leaves_nothing_of_itself(
    october: Return, alice: Actor, noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = taken(sent(october, ndjson(map(line, range(10))), alice, noon), noon, parts=1)
    stored = upload.lines_stored

    def dies(*_: Any, **__: Any) -> None:
        raise DatabaseError("gone")

    with monkeypatch.context() as patch:
        patch.setattr(intake, "_save", dies)
        with pytest.raises(DatabaseError), acting_as(INTAKE):
            intake.take(upload=upload.id, by=INTAKE, at=noon)
    assert AccessRecord.objects.count() == stored
    assert taken(upload, noon).lines_stored == AccessRecord.objects.count() == 10


def test_uploads_of_a_return_are_dealt_with_in_turn(october: Return, alice: Actor, noon: datetime) -> None:
    first = sent(october, ndjson([line(1)]), alice, noon)
    Upload.objects.filter(id=first.id).update(finished_at=noon)  # as if done, so that a second is let in
    second = sent(october, ndjson([line(2)]), alice, noon)
    Upload.objects.filter(id=first.id).update(finished_at=None)
    assert taken(second, noon).state == UploadState.RECEIVED
    taken(first, noon)
    assert taken(second, noon).state == UploadState.STORED


def test_csv_says_the_same_as_ndjson(october: Return, alice: Actor, noon: datetime) -> None:
    said = line(1, is_established_in_russia=None, customer_name="Borealis, “Analytique” SAS")
    wide = {**said, "resellers": [{"name": "R", "country": "FR", "has_own_verification": True}]}
    body = records.csv_of([wide, line(2)])
    upload = taken(sent(october, body, alice, noon, written=Format.CSV), noon)
    assert _outcomes(upload) == ["noted", "stored"]
    assert [verdict["line"] for verdict in verdicts(upload)] == [2, 3]
    first, second = AccessRecord.objects.order_by("line_id")
    assert (first.document, second.document) == (wide, line(2))
    assert set(first.document) <= set(MEMBERS)


def test_the_end_is_announced_to_its_provider(october: Return, alice: Actor, noon: datetime) -> None:
    upload = taken(sent(october, ndjson([line(1)]), alice, noon), noon)
    (event,) = Event.objects.filter(kind=intake.STORED)
    assert (event.subject, event.organisation_id) == (october.reference, upload.organisation_id)


def test_lines_go_to_the_version_that_is_worked_on(october: Return, alice: Actor, noon: datetime) -> None:
    taken(sent(october, ndjson([line(1)]), alice, noon), noon)
    october.refresh_from_db()
    with acting_as(alice):
        filed = return_actions.submit(reference=october.reference, revision=october.revision, by=alice, at=noon)
    with acting_as(alice):
        row = return_actions.reopen(
            reference=october.reference, revision=filed.monthly_return.revision, by=alice, at=noon
        )
    taken(sent(row, ndjson([line(2)]), alice, noon), noon)
    assert list(AccessRecord.objects.order_by("line_id").values_list("since_version", flat=True)) == [1, 2]
