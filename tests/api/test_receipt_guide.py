"""The guide to receipts says what is true: its code and its commands check real receipts; the keys are published."""

import copy
import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.test import Client

from registry.ledger import receipts
from registry.organisations.models import Organisation
from tests.api.conftest import Machine
from tests.documents import planned_run
from tests.house.sources import ROOT

GUIDE = (ROOT / "docs/api/receipts.md").read_text(encoding="utf-8")
KEYS = "/api/v1/receipt-keys/"
DECOMPOSED = "Cafe\u0301"
Kept = tuple[dict[str, Any], dict[str, Any]]


def _code(language: str) -> str:
    (found,) = re.findall(rf"```{language}\n(.*?)```", GUIDE, re.DOTALL)
    return str(found)


def _check(kept: dict[str, Any], **given: Any) -> None:
    """The guide's own function."""
    space: dict[str, Any] = {}
    exec(compile(_code("python"), "receipts.md", "exec"), space)  # noqa: S102
    space["check"](kept, **given)


def _present_key() -> str:
    (key,) = [row for row in Client().get(KEYS).json()["results"] if row["signs_now"]]
    return str(key["public_key"])


@pytest.fixture
def kept(make_machine: Callable[..., Machine], aurelia: Organisation) -> Kept:
    """The answer with a real receipt, and the document as the register keeps it."""
    receipts.ensure_key(settings.RECEIPT_KEY_FILE)
    machine = make_machine(aurelia)
    document = planned_run(filer__trade_names=[DECOMPOSED])
    made = machine.post("/api/v1/filings/", {"document": document})
    assert made.status_code == 201, made.content
    version = made.json()["url"] + "versions/1/"
    return machine.get(version + "receipt/").json(), machine.get(version).json()["document"]


def test_the_code_of_the_guide_accepts_a_real_receipt(kept: Kept) -> None:
    answer, document = kept
    _check(answer, document=document, public_key=_present_key())


def test_texts_are_kept_composed_as_the_guide_says(kept: Kept) -> None:
    assert kept[1]["filer"]["trade_names"] == ["Caf\u00e9"]


FORGED = [
    ("receipt", "index", 10_000, InvalidSignature),
    ("receipt", "commitment", "00" * 32, InvalidSignature),
    ("receipt", "filing", "ECAR-2026-000124-5", InvalidSignature),
    ("opening", "salt", "00" * 32, ValueError),
    ("opening", "document_sha256", "00" * 32, ValueError),
]


@pytest.mark.parametrize(("part", "member", "value", "refused"), FORGED)
def test_the_code_of_the_guide_refuses_what_was_changed(
    kept: Kept, part: str, member: str, value: object, refused: type[Exception]
) -> None:
    answer, document = copy.deepcopy(kept[0]), kept[1]
    answer[part][member] = value
    with pytest.raises(refused):
        _check(answer, document=document, public_key=_present_key())


@pytest.mark.parametrize("index_added", [0, 1])
def test_the_commands_of_the_guide_tell_a_real_receipt_from_a_changed_one(
    kept: Kept, tmp_path: Path, index_added: int
) -> None:
    shell = shutil.which("sh")
    if shell is None or shutil.which("openssl") is None:
        pytest.skip("OPENSSL IS NOT TRIED: it is not installed")
    answer = copy.deepcopy(kept[0])
    answer["receipt"]["index"] += index_added
    (tmp_path / "receipt.json").write_text(json.dumps(answer))
    (tmp_path / "key.pem").write_text(_present_key())
    told = subprocess.run([shell, "-c", _code("sh")], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (told.returncode == 0) is (index_added == 0), told
    assert ("Signature Verified Successfully" in told.stdout) is (index_added == 0), told


def test_a_key_that_signed_before_stays_published(db: None, settings: Any, tmp_path: Path) -> None:
    receipts.ensure_key(settings.RECEIPT_KEY_FILE)
    former = [Ed25519PrivateKey.generate() for _ in range(2)]
    settings.RECEIPT_KEYS_FORMER = str(tmp_path / "former.pem")
    (tmp_path / "former.pem").write_text("\n".join(receipts.public_pem(key) for key in former))
    answer = Client().get(KEYS)
    assert answer["Cache-Control"] == "public, max-age=3600"
    told = [(row["key_id"], row["signs_now"]) for row in answer.json()["results"]]
    present = receipts.load_key(settings.RECEIPT_KEY_FILE).public_key()
    before = [(receipts.key_id(key.public_key()), False) for key in former]
    assert told == [(receipts.key_id(present), True), *before]
