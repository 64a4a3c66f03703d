"""The audit trail: the auditor sees every entry and its proof; others what is public of one entry, and no more."""

import json
from datetime import datetime
from hashlib import sha256
from typing import Any

import pytest
from django.test import Client

from registry.accounts.policy import of_the_register
from registry.acting import Actor, acting_as
from registry.filings import actions
from registry.filings.actions import NewFiling
from registry.ledger import acts, chain, keeping, notes, tree
from registry.organisations.models import Authority, Organisation
from tests.documents import planned_run
from tests.security.asking import person_at

pytestmark = pytest.mark.django_db


@pytest.fixture
def filed(alice: Actor, noon: datetime) -> str:
    """The reference of a filing whose entry is in the public log."""
    with acting_as(alice):
        (outcome,) = actions.file([NewFiling(planned_run())], by=alice, at=noon)
    keeping.keep(by=of_the_register("sequencer"), clock=lambda: noon)
    return outcome.reference


@pytest.fixture
def auditor(db: None) -> Client:
    return person_at("auditor", Authority.objects.get(territory="EU"))


def _leads(commitment: bytes, place: dict[str, Any]) -> None:
    """The proof leads from the commitment to the root in its checkpoint."""
    proof = notes.read_proof(place["proof"].encode())
    head = notes.read_checkpoint(notes.read(proof.checkpoint.encode()).text)
    hashed = tree.leaf_hash(tree.leaf(commitment=commitment))
    tree.verify_inclusion(index=proof.index, size=head.size, leaf_hash=hashed, proof=proof.hashes, root=head.root)


def test_the_auditor_sees_every_entry_with_its_place(filed: str, auditor: Client) -> None:
    shown = auditor.get(f"/en/trail/?q={filed}").content.decode()
    assert "filing.submitted" in shown
    assert shown.count("<tr>") == 2
    assert "No entry fits" in auditor.get("/en/trail/?q=nothing").content.decode()


def test_the_auditors_file_proves_content_and_act(filed: str, auditor: Client) -> None:
    told = auditor.get("/en/trail/0.json").json()
    _leads(bytes.fromhex(told["entry"]["commitment"]), told["log"])
    act = told["act"]
    digest = sha256(acts.ACT_DOMAIN + act["statement"].encode()).digest()
    commitment = chain.commitment(salt=bytes.fromhex(act["salt"]), digest=digest)
    assert commitment.hex() == act["commitment"]
    _leads(commitment, act["log"])
    assert json.loads(act["statement"])["entry_hash"] == told["entry"]["entry_hash"]


def test_who_is_no_auditor_gets_the_public_part_alone(filed: str, aurelia: Organisation) -> None:
    reader = person_at("provider_reader", aurelia)
    assert set(reader.get("/en/trail/0.json").json()) == {"entry", "log"}
    assert reader.get("/en/trail/").status_code == 403
    assert reader.get("/en/trail/99.json").status_code == 404
