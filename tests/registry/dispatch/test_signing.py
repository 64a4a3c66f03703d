"""Signatures: the specification's vector, one of our own, Ed25519, and several keys at once."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.fernet import InvalidToken
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from registry.dispatch import sealing, signing
from registry.dispatch.signing import Key, Scheme

VECTORS = Path(__file__).resolve().parents[4] / "shared/data/tlog/standard-webhooks.json"


def _vectors() -> list[dict[str, Any]]:
    if not VECTORS.exists():
        pytest.skip(f"THE SPECIFICATION'S VECTORS ARE NOT TRIED: {VECTORS} is missing")
    cases: list[dict[str, Any]] = json.loads(VECTORS.read_text())["cases"]
    return cases


@pytest.mark.shared
def test_the_vectors_of_the_specification_hold() -> None:
    cases = _vectors()
    assert cases
    for case in cases:
        made = signing.headers(
            keys=[Key(Scheme.SHARED, case["secret"])],
            message_id=case["webhook-id"],
            timestamp=case["webhook-timestamp"],
            body=case["body"].encode(),
        )
        assert made["webhook-signature"] == case["webhook-signature"]
        assert made["webhook-timestamp"] == str(case["webhook-timestamp"])


def test_a_shared_secret_signs_as_openssl_does() -> None:
    """printf 'evt_1.1795176000.{"a":1}' | openssl dgst -sha256 -hmac 0123456789abcdef01234567 -binary | base64"""
    key = Key(Scheme.SHARED, "whsec_" + base64.b64encode(b"0123456789abcdef01234567").decode())
    made = signing.signature(key=key, message_id="evt_1", timestamp=1795176000, body=b'{"a":1}')
    assert made == "v1,Cz8YnDRvGQrx5lMw0YNG+ubQzXWfu9UPgLiVudEkB8A="


def test_an_ed25519_key_signs_what_its_public_half_verifies() -> None:
    key = signing.new_key(Scheme.PUBLIC)
    made = signing.signature(key=key, message_id="m", timestamp=1, body=b"{}")
    version, _, mark = made.partition(",")
    public = Ed25519PublicKey.from_public_bytes(base64.b64decode(key.public.removeprefix("whpk_")))
    assert version == "v1a"
    public.verify(base64.b64decode(mark), b"m.1.{}")
    with pytest.raises(InvalidSignature):
        public.verify(base64.b64decode(mark), b"m.2.{}")


def test_ed25519_follows_rfc_8032() -> None:
    """The key pair of RFC 8032, section 7.1, test 1; the signature over "m.1.{}" was made by openssl pkeyutl."""
    seed = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    key = Key(Scheme.PUBLIC, "whsk_" + base64.b64encode(seed).decode())
    assert (
        signing.signature(key=key, message_id="m", timestamp=1, body=b"{}")
        == "v1a,j/LrpJRA/SzYSy5ZY4C53gPYhNX5vIS4HlCV0M/9nfC+PeQ1txhgh6FpbLIJ4f9L5P8cfEtE5ySOtpIpoCoaDw=="
    )


@pytest.mark.parametrize(("scheme", "prefix", "size"), [(Scheme.SHARED, "whsec_", 32), (Scheme.PUBLIC, "whsk_", 32)])
def test_a_new_key_is_long_random_and_marked(scheme: Scheme, prefix: str, size: int) -> None:
    first, second = signing.new_key(scheme), signing.new_key(scheme)
    assert first.secret != second.secret
    assert first.secret.startswith(prefix)
    assert len(base64.b64decode(first.secret.removeprefix(prefix))) == size
    assert first.secret not in repr(first)


def test_overlapping_keys_each_give_a_signature() -> None:
    keys = [signing.new_key(Scheme.SHARED), signing.new_key(Scheme.PUBLIC), signing.new_key(Scheme.SHARED)]
    made = signing.headers(keys=keys, message_id="m", timestamp=1, body=b"{}")["webhook-signature"].split(" ")
    assert made == [signing.signature(key=key, message_id="m", timestamp=1, body=b"{}") for key in keys]
    assert [each.partition(",")[0] for each in made] == ["v1", "v1a", "v1"]


def test_what_is_sealed_tells_nothing_and_opens_with_its_key() -> None:
    sealed = sealing.seal("whsec_abc", keys=["now"])
    assert b"whsec" not in sealed
    assert sealing.unseal(sealed, keys=["now"]) == "whsec_abc"


def test_a_rotated_secret_key_still_opens_what_the_old_one_sealed() -> None:
    sealed = sealing.seal("whsec_abc", keys=["old"])
    assert sealing.unseal(sealed, keys=["new", "old"]) == "whsec_abc"
    with pytest.raises(InvalidToken):
        sealing.unseal(sealed, keys=["new"])
