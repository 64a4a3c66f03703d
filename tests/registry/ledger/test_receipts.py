"""Receipts: signed by one key, checked by anybody."""

import json
import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from registry.ledger import chain, receipts
from registry.ledger.receipts import Receipt, ReceiptRefused

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
AT = datetime(2026, 9, 1, 10, 0, 0, 123456, tzinfo=UTC)


@dataclass(frozen=True)
class Line:
    index: int
    previous_hash: bytes
    at: datetime
    commitment: bytes
    entry_hash: bytes


def receipt() -> Receipt:
    commitment = chain.commitment(salt=bytes(32), digest=bytes(range(32)))
    digest = chain.entry_hash(index=7, previous_hash=chain.GENESIS, at=AT, commitment=commitment)
    line = Line(7, chain.GENESIS, AT, commitment, digest)
    return receipts.sign(
        key=KEY, origin="registry.example.eu/log/2026", filing="ECAR-2026-000123-7", version=2, entry=line
    )


def test_a_receipt_holds_and_survives_its_json_form() -> None:
    given = receipt()
    receipts.verify(given, public_key=KEY.public_key())
    back = receipts.from_json(json.loads(json.dumps(given.as_json())))
    assert back == given
    receipts.verify(back, public_key=KEY.public_key())


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("origin", "registry.example.eu/log/2027"),
        ("filing", "ECAR-2026-000124-5"),
        ("version", 3),
        ("commitment", bytes(32)),
        ("digest_algorithm", "MD5"),
        ("index", 8),
        ("entry_hash", bytes(32)),
        ("previous_hash", bytes(31) + b"\x01"),
        ("received_at", AT + timedelta(microseconds=1)),
        ("signature", bytes(64)),
    ],
)
def test_a_changed_receipt_does_not_hold(part: str, value: object) -> None:
    with pytest.raises(ReceiptRefused, match="signature"):
        receipts.verify(replace(receipt(), **{part: value}), public_key=KEY.public_key())  # type: ignore[arg-type]


def test_another_key_is_named() -> None:
    with pytest.raises(ReceiptRefused, match="names the key"):
        receipts.verify(receipt(), public_key=Ed25519PrivateKey.generate().public_key())


def test_a_signed_entry_hash_that_does_not_follow_is_found() -> None:
    wrong = replace(receipt(), entry_hash=bytes(32))
    signed = replace(wrong, signature=KEY.sign(wrong.statement()))
    with pytest.raises(ReceiptRefused, match="does not follow"):
        receipts.verify(signed, public_key=KEY.public_key())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("origin", 1),
        ("version", "2"),
        ("version", True),
        ("index", -1),
        ("commitment", "00"),
        ("commitment", "A" * 64),
        ("entry_hash", None),
        ("received_at", "2026-09-01"),
        ("received_at", 5),
        ("signature", "zz" * 64),
        ("extra", "member"),
    ],
)
def test_malformed_json_is_refused(name: str, value: object) -> None:
    with pytest.raises(ReceiptRefused):
        receipts.from_json({**receipt().as_json(), name: value})


def test_a_missing_member_is_named() -> None:
    members = receipt().as_json()
    del members["index"]
    with pytest.raises(ReceiptRefused, match="index"):
        receipts.from_json(members)


def test_the_receipt_says_nothing_of_the_document() -> None:
    assert set(receipt().as_json()) == {
        "origin", "filing", "version", "commitment", "digest_algorithm", "index", "entry_hash", "previous_hash",
        "received_at", "key_id", "signature",
    }  # fmt: skip


def test_the_key_is_made_once_and_is_private(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "receipt.pem"
    first = receipts.ensure_key(path)
    assert receipts.ensure_key(path).private_bytes_raw() == first.private_bytes_raw()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["receipt.pem"]


def test_many_that_start_at_once_agree_on_one_key(tmp_path: Path) -> None:
    path = tmp_path / "receipt.pem"
    with ThreadPoolExecutor(8) as pool:
        keys = list(pool.map(lambda _: receipts.ensure_key(path).private_bytes_raw(), range(16)))
    assert len(set(keys)) == 1


def test_a_key_of_another_kind_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "receipt.pem"
    path.write_bytes(
        generate_private_key(SECP256R1()).private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    with pytest.raises(ValueError, match="Ed25519"):
        receipts.load_key(path)


def test_the_public_half_checks_what_the_private_half_signed() -> None:
    public = serialization.load_pem_public_key(receipts.public_pem(KEY).encode())
    receipts.verify(receipt(), public_key=public)  # type: ignore[arg-type]
