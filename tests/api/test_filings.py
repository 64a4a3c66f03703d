"""Filings over HTTP: filing, reading, versions, receipts, repetition, strangers."""

import json
from collections.abc import Iterator

import pytest
import time_machine
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from api import components
from registry.accounts.policy import of_the_register
from registry.acting import Actor, acting_as
from registry.filings import actions, document
from registry.ledger import chain, receipts
from registry.oversight import erasure
from tests.api.conftest import Machine
from tests.conftest import NOON
from tests.documents import REMOVED, planned_run

pytestmark = pytest.mark.django_db
FILINGS = "/api/v1/filings/"


@pytest.fixture(autouse=True)
def _on_the_day_of_the_samples() -> Iterator[None]:
    """The sample documents are signed in November 2026; a month later a check would ask why so late."""
    with time_machine.travel(NOON):
        yield


def filed(machine: Machine, **changes: object) -> dict[str, object]:
    answer = machine.post(FILINGS, {"document": planned_run(**changes)})
    assert answer.status_code == 201, answer.content
    return dict(answer.json())


def test_a_filing_answers_201_with_reference_receipt_duties_and_etag(machine: Machine) -> None:
    answer = machine.post(FILINGS, {"document": planned_run(), "client_reference": "run-7"})
    assert answer.status_code == 201, answer.content
    body = answer.json()
    assert answer["ETag"] == '"1"'
    assert answer["Location"] == body["url"]
    assert body["status"] == "submitted"
    assert body["client_reference"] == "run-7"
    assert {"legal_basis", "due_at", "state"} <= set(body["duties"][0])
    assert machine.get(FILINGS + "?client_reference=run-7").json()["results"][0]["reference"] == body["reference"]


def test_the_receipt_proves_the_document_with_its_opening_and_the_public_key(machine: Machine) -> None:
    body = filed(machine)
    given = machine.get(f"{body['url']}versions/1/receipt/").json()
    receipt = receipts.from_json(given["receipt"])
    receipts.verify(receipt, public_key=load_pem_public_key(given["public_key"].encode()))
    digest = document.digest(document.canonical(document.read(planned_run())))
    assert given["opening"]["document_sha256"] == digest.hex()
    assert chain.commitment(salt=bytes.fromhex(given["opening"]["salt"]), digest=digest) == receipt.commitment


def test_a_draft_may_miss_what_a_submission_may_not_and_all_obstacles_are_told_at_once(machine: Machine) -> None:
    incomplete = planned_run(signature=REMOVED, run__training_compute=REMOVED)
    draft = machine.post(FILINGS, {"document": incomplete, "state": "draft"})
    assert draft.status_code == 201
    refused = machine.post(draft.json()["url"] + "submit/", {})
    assert refused.status_code == 422
    assert refused["Content-Type"] == "application/problem+json"
    pointers = {error["pointer"] for error in refused.json()["errors"]}
    assert len(pointers) >= 2
    changed = machine.send("PUT", draft.json()["url"] + "draft/", {"document": planned_run()}, **{"If-Match": '"1"'})
    assert changed.status_code == 200, changed.content
    assert machine.post(draft.json()["url"] + "submit/", {}).json()["status"] == "submitted"


def test_a_change_without_if_match_is_428_and_a_stale_one_412(machine: Machine) -> None:
    url = machine.post(FILINGS, {"document": planned_run(), "state": "draft"}).json()["url"]
    assert machine.send("PUT", url + "draft/", {"document": planned_run()}).status_code == 428
    assert machine.send("PUT", url + "draft/", {"document": planned_run()}, **{"If-Match": '"9"'}).status_code == 412


def test_the_same_key_files_once_and_another_body_is_refused(machine: Machine) -> None:
    body = {"document": planned_run()}
    first = machine.post(FILINGS, body, **{"Idempotency-Key": "k-1"})
    again = machine.post(FILINGS, body, **{"Idempotency-Key": "k-1"})
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert again["Idempotent-Replayed"] == "true"
    assert again["ETag"] == first["ETag"]
    other = machine.post(FILINGS, {"document": planned_run(language="fr")}, **{"Idempotency-Key": "k-1"})
    assert (other.status_code, other.json()["type"]) == (422, "/problems/idempotency-key-reused")
    assert len(machine.get(FILINGS).json()["results"]) == 1


def test_a_dry_run_answers_the_same_and_keeps_nothing(machine: Machine) -> None:
    dry = machine.post(FILINGS + "?dry_run=true", {"document": planned_run()})
    assert dry.status_code == 201
    assert dry["Dry-Run"] == "true"
    assert machine.get(FILINGS).json()["results"] == []
    assert set(dry.json()) == set(filed(machine))


def test_a_dry_run_vouches_for_nothing(machine: Machine) -> None:
    given = machine.post(FILINGS + "?dry_run=true", {"document": planned_run()}).json()["receipt"]
    receipt = receipts.from_json(given["receipt"])
    with pytest.raises(receipts.ReceiptRefused):
        receipts.verify(receipt, public_key=load_pem_public_key(given["public_key"].encode()))


def test_versions_are_kept_whole_and_the_newest_is_shown(machine: Machine) -> None:
    body = filed(machine)
    second = machine.post(
        f"{body['url']}versions/",
        {"kind": "update", "document": planned_run(model__version="3.1")},
        **{"If-Match": '"1"'},
    )
    assert second.status_code == 201, second.content
    listed = machine.get(f"{body['url']}versions/").json()["results"]
    assert [(v["number"], v["kind"]) for v in listed] == [(1, "notification"), (2, "update")]
    first = machine.get(f"{body['url']}versions/1/").json()
    assert first["document"]["model"]["version"] == "3.0"


def test_a_stranger_gets_the_same_404_as_for_nothing(machine: Machine, stranger: Machine) -> None:
    url = str(filed(machine)["url"])
    nothing = "/api/v1/filings/ECAR-2026-999999-1/"
    theirs, random = stranger.get(url), stranger.get(nothing)
    assert theirs.status_code == random.status_code == 404

    def plain(content: bytes) -> dict[str, object]:
        return {k: v for k, v in json.loads(content).items() if k not in {"trace_id", "instance"}}

    assert plain(theirs.content) == plain(random.content)


def test_a_withdrawn_filing_stays_with_its_reason(machine: Machine) -> None:
    url = str(filed(machine)["url"])
    answer = machine.post(url + "withdraw/", {"reason": "The run was cancelled."})
    assert (answer.status_code, answer.json()["status"]) == (200, "withdrawn")
    again = machine.post(url + "withdraw/", {"reason": "Again."})
    assert (again.status_code, again.json()["type"]) == (409, "/problems/not-possible")


def test_the_list_pages_by_cursor_and_refuses_a_forged_one(machine: Machine) -> None:
    for number in range(3):
        filed(machine, run__client_run_id=f"run-{number}")
    first = machine.get(FILINGS + "?limit=2").json()
    second = machine.get(FILINGS + f"?limit=2&cursor={first['next']}").json()
    shown = [row["reference"] for page in (first, second) for row in page["results"]]
    assert len(set(shown)) == 3
    assert second["next"] is None
    forged = machine.get(FILINGS + f"?cursor={first['next'][:-2]}AA")
    assert (forged.status_code, forged.json()["type"]) == (400, "/problems/invalid-parameter")


def test_nobody_is_let_in_without_a_token_and_reading_is_not_writing(machine: Machine, make_machine, aurelia) -> None:  # type: ignore[no-untyped-def]
    machine.token = "x"
    refused = machine.get(FILINGS)
    assert (refused.status_code, refused["WWW-Authenticate"].split()[0]) == (401, "Bearer")
    reader = make_machine(aurelia, scopes="filings:read")
    assert reader.get(FILINGS).status_code == 200
    assert reader.post(FILINGS, {"document": planned_run()}).json()["type"] == "/problems/insufficient-scope"


def test_an_erased_filing_answers_with_neither_document_nor_answers(machine: Machine, olga: Actor) -> None:
    body = filed(machine)
    reference = str(body["reference"])
    for verb in ("review", "accept"):
        with acting_as(olga):
            actions.decide(reference=reference, verb=verb, reason="Complete.", by=olga, at=NOON)
    housekeeper = of_the_register("housekeeper")
    ground = next(each for each in erasure.grounds() if each.code == "period")
    with acting_as(housekeeper):
        assert erasure.erase(ground, by=housekeeper, at=NOON.replace(year=NOON.year + 11), limit=9) == 1
    for address in (body["url"], f"{body['url']}versions/1/"):
        answer = machine.get(str(address))
        assert answer.status_code == 200
        read = answer.json()
        assert (read["document"], read["answers"]) == (None, [])
    assert read["document_sha256"] is None
    given = machine.get(f"{body['url']}versions/1/receipt/").json()
    assert given["opening"] == {"salt": None, "document_sha256": None}
    assert receipts.from_json(given["receipt"]).commitment


@pytest.mark.parametrize("schema", ["Filing", "Version"])
def test_the_description_says_that_a_document_may_be_null(schema: str) -> None:
    described = components.schemas()[schema]["properties"]["document"]
    assert {"type": "null"} in described["anyOf"]
