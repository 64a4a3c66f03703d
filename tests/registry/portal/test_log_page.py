"""The pages of the public log: its head, and a receipt that is held against it."""

import json
from datetime import datetime
from typing import Any

import pytest
from django.conf import settings as configured
from django.test import Client

from registry.accounts.policy import of_the_register
from registry.acting import Actor, acting_as
from registry.filings import actions
from registry.filings.actions import NewFiling
from registry.filings.models import Version
from registry.ledger import keeping, log, proofs, receipts
from registry.ledger.models import Entry
from tests.documents import planned_run

pytestmark = pytest.mark.django_db

VERIFY = "/en/log/verify/"


@pytest.fixture
def receipt(alice: Actor, noon: datetime) -> dict[str, Any]:
    """A receipt as the interface gives it, before the log has the entry."""
    key = receipts.ensure_key(configured.RECEIPT_KEY_FILE)
    keeping.keep(by=of_the_register("sequencer"), clock=lambda: noon)
    with acting_as(alice):
        (outcome,) = actions.file([NewFiling(planned_run())], by=alice, at=noon)
        version = Version.objects.get(filing__reference=outcome.reference)
        public = Entry.objects.only("index", "at", "commitment", "previous_hash", "entry_hash")
        line = log.line_of(public.get(index=version.entry_id))
    signed = receipts.sign(key=key, origin=configured.LOG_ORIGIN, filing=outcome.reference, version=1, entry=line)
    opening = {"salt": bytes(version.salt).hex(), "document_sha256": bytes(version.digest).hex()}
    return {"receipt": signed.as_json(), "opening": opening}


def _sequence(noon: datetime) -> None:
    keeping.keep(by=of_the_register("sequencer"), clock=lambda: noon)


def _said(pasted: str) -> str:
    answer = Client().post(VERIFY, {"receipt": pasted})
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "private, no-store"
    return answer.content.decode()


def _proof(receipt: dict[str, Any]) -> str:
    commitment = bytes.fromhex(receipt["receipt"]["commitment"])
    sequencer = of_the_register("sequencer")
    with acting_as(sequencer):
        found = proofs.included(commitment, published=keeping.places().published, quorum=lambda _: True)
    assert found is not None
    return found.proof


def test_a_receipt_holds_once_the_log_has_it(receipt: dict[str, Any], noon: datetime) -> None:
    pasted = json.dumps(receipt, indent=2).replace("\n", "\r\n")
    assert "something is still to come" in _said(pasted)
    _sequence(noon)
    assert "This receipt holds." in _said(pasted)


def test_a_proof_holds_and_goes_on_holding(receipt: dict[str, Any], noon: datetime) -> None:
    _sequence(noon)
    proof = _proof(receipt)
    _sequence(noon)
    said = _said(proof)
    assert "This receipt holds." in said
    assert "today&#x27;s log begins with the log of then" in said


def test_a_changed_receipt_does_not_hold(receipt: dict[str, Any], noon: datetime) -> None:
    _sequence(noon)
    proof = _proof(receipt)
    receipt["receipt"]["version"] = 2
    for pasted in (json.dumps(receipt), proof.replace("index ", "index 1"), "nonsense", "[]", "null", ""):
        assert "This receipt does not hold." in _said(pasted)


def test_another_opening_does_not_hold(receipt: dict[str, Any]) -> None:
    receipt["opening"]["salt"] = "00" * 32
    assert "This receipt does not hold." in _said(json.dumps(receipt))


@pytest.mark.parametrize(
    ("language", "word"), [("en", "Newest head"), ("fr", "Dernière tête"), ("de", "Neuester Kopf")]
)
def test_the_log_shows_its_head_in_three_languages(receipt: dict[str, Any], language: str, word: str) -> None:
    shown = Client().get(f"/{language}/log/").content.decode()
    head = keeping.places().published.head()
    assert head is not None
    assert word in shown
    assert head.root.hex() in shown


def test_before_the_first_head_both_pages_say_so() -> None:
    assert "no signed head yet" in Client().get("/en/log/").content.decode()
    assert "no signed head yet" in Client().post(VERIFY, {"receipt": "x"}).content.decode()
