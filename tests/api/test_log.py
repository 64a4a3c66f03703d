"""The public log over the interface: receipts with proofs, heads, consistency, files; the verifier holds them."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as configured
from django.test import Client
from ecar_verify import command

from registry.accounts.policy import of_the_register
from registry.ledger import keeping, notes, receipts
from registry.organisations.models import Organisation
from tests.api.conftest import Machine
from tests.documents import planned_run

LOG, CONSISTENCY = "/api/v1/log/", "/api/v1/log/consistency/"


@dataclass
class Register:
    """A register with a log of its own; a machine that files, and everybody."""

    machine: Machine
    folder: Path

    def sequence(self, *, at: datetime) -> int:
        return keeping.keep(by=of_the_register("sequencer"), clock=lambda: at)

    def filed(self) -> str:
        """The address of the receipt of a new filing."""
        made = self.machine.post("/api/v1/filings/", {"document": planned_run()})
        assert made.status_code == 201, made.content
        assert made.json()["receipt"]["receipt"]["signature"]
        return str(made.json()["url"]) + "versions/1/receipt/"

    def saved(self, name: str, content: bytes | str) -> str:
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    def trusted(self) -> list[str]:
        """The log's published policy, and the key of acceptances."""
        policy = Client().get("/log/policy").content
        pem = receipts.public_pem(receipts.load_key(configured.RECEIPT_KEY_FILE))
        return ["--policy", self.saved("policy", policy), "--key", self.saved("key.pem", pem)]


@pytest.fixture
def register(make_machine: Callable[..., Machine], aurelia: Organisation, tmp_path: Path, settings: Any) -> Register:
    receipts.ensure_key(configured.RECEIPT_KEY_FILE)
    settings.LOG_FOLDER = tmp_path / "log"
    settings.LOG_OUTSIDE_FOLDER = tmp_path / "outside"
    return Register(make_machine(aurelia), tmp_path)


def test_a_receipt_says_first_by_when_and_then_where(register: Register, noon: datetime) -> None:
    url = register.filed()
    waiting = register.machine.get(url).json()
    received = datetime.fromisoformat(waiting["receipt"]["received_at"])
    assert waiting["log"]["state"] == "waiting"
    assert datetime.fromisoformat(waiting["log"]["expected_by"]) == received + timedelta(seconds=60)
    size = register.sequence(at=noon)
    found = register.machine.get(url).json()
    assert found["receipt"] == waiting["receipt"]
    assert (found["log"]["state"], found["log"]["size"]) == ("included", size)


def test_what_the_interface_answers_holds_before_the_verifier(register: Register, noon: datetime) -> None:
    url = register.filed()
    waiting = register.saved("waiting.json", register.machine.get(url).content)
    register.sequence(at=noon)
    trusted = register.trusted()
    assert command.main(["receipt", waiting, *trusted]) == 0
    found = register.machine.get(url)
    document = register.machine.get(url.removesuffix("receipt/")).json()["document"]
    answer = register.saved("receipt.json", found.content)
    kept = register.saved("document.json", json.dumps(document))
    assert command.main(["receipt", answer, "--document", kept, *trusted]) == 0
    proof = register.saved("receipt.tlog-proof", found.json()["log"]["proof"])
    opening = register.saved("opening.json", json.dumps(found.json()["opening"]))
    assert command.main(["receipt", proof, "--opening", opening, "--document", kept, *trusted]) == 0
    assert command.main(["receipt", proof, "--acceptance", answer, *trusted]) == 0


def test_an_old_proof_stays_good_and_a_new_one_is_as_good(register: Register, noon: datetime) -> None:
    url = register.filed()
    register.sequence(at=noon)
    old = register.machine.get(url).json()["log"]
    for _ in range(3):
        register.sequence(at=noon)
    new = register.machine.get(url).json()["log"]
    assert (new["index"], new["size"]) == (old["index"], old["size"] + 48)
    trusted = register.trusted()
    (acceptance,) = [register.saved("a.json", register.machine.get(url).content)]
    for place in (old, new):
        proof = register.saved("p", place["proof"])
        assert command.main(["receipt", proof, "--acceptance", acceptance, *trusted]) == 0


def test_the_head_and_the_growth_are_proved_to_everybody(register: Register, noon: datetime) -> None:
    register.sequence(at=noon)
    before = Client().get(LOG).json()
    register.sequence(at=noon)
    after = Client().get(LOG)
    assert after.headers["Cache-Control"] == "public, max-age=5"
    grown = after.json()
    assert (before["size"], grown["size"], grown["quorum"]) == (16, 32, "none")
    assert grown["checkpoint"].encode() == Client().get("/log/checkpoint").content
    proof = Client().get(f"{CONSISTENCY}?old=16&new=32")
    assert "immutable" in proof.headers["Cache-Control"]
    saved = [register.saved(name, each["checkpoint"]) for name, each in (("old", before), ("new", grown))]
    proved = register.saved("proof.json", proof.content)
    assert command.main(["consistency", *saved, "--proof", proved, *register.trusted()]) == 0


@pytest.mark.parametrize("query", ["", "?old=-1", "?old=17&new=16", "?old=1&new=99", "?old=x", "?from=1"])
def test_sizes_that_the_log_never_had_are_refused(register: Register, noon: datetime, query: str) -> None:
    register.sequence(at=noon)
    assert Client().get(CONSISTENCY + query).status_code == 400


@pytest.mark.parametrize("path", [LOG, CONSISTENCY + "?old=0", "/log/checkpoint", "/log/policy"])
def test_before_the_first_head_there_is_nothing(register: Register, path: str) -> None:
    assert Client().get(path).status_code == 404


def test_the_files_are_served_for_ever_and_the_head_for_seconds(register: Register, noon: datetime) -> None:
    register.sequence(at=noon)
    tile, bundle = Client().get("/log/tile/0/000.p/16"), Client().get("/log/tile/entries/000.p/16")
    assert (len(tile.content), len(bundle.content)) == (16 * 32, 16 * 35)
    for answer in (tile, bundle):
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "Vary" not in answer.headers
    head = Client().get("/log/checkpoint")
    assert head.headers["Cache-Control"] == "public, max-age=5"
    assert notes.read_checkpoint(notes.read(head.content).text).size == 16


@pytest.mark.parametrize(
    "path",
    ["0/001", "0/../../checkpoint", "0/000.p/0", "0/000.p/256", "entries/0", "64/000", "..%2fdemo.json", ""],
)
def test_no_other_file_is_ever_served(register: Register, noon: datetime, path: str) -> None:
    register.sequence(at=noon)
    assert Client().get(f"/log/tile/{path}").status_code == 404
