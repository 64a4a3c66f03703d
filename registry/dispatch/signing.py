"""Signatures by Standard Webhooks 1.1.0: HMAC-SHA256 (`v1`) or Ed25519 (`v1a`) over id, timestamp and body. Pure.

Source: the specification at github.com/standard-webhooks/standard-webhooks, "Signature scheme". Its Python library does
`v1` only, so these few lines are our own, tested against the specification's vectors.
"""

import base64
import hashlib
import hmac
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

SECRET_BYTES = 32  # the specification asks for 24 to 64
SHARED_PREFIX, PRIVATE_PREFIX, PUBLIC_PREFIX = "whsec_", "whsk_", "whpk_"


class Scheme(StrEnum):
    """How a webhook is signed: with a secret that both sides know, or with a key of which the receiver has one half."""

    SHARED = "v1"
    PUBLIC = "v1a"


@dataclass(frozen=True)
class Key:
    """A signing key in the specification's text form. `public` is what the receiver may always read; empty for `v1`."""

    scheme: Scheme
    secret: str = field(repr=False)
    public: str = ""


def new_key(scheme: Scheme) -> Key:
    """Make a key: 32 random bytes (`whsec_…`), or an Ed25519 pair (`whsk_…`, `whpk_…`)."""
    if scheme is Scheme.SHARED:
        return Key(scheme, SHARED_PREFIX + _base64(os.urandom(SECRET_BYTES)))
    pair = Ed25519PrivateKey.generate()
    return Key(
        scheme,
        PRIVATE_PREFIX + _base64(pair.private_bytes_raw()),
        PUBLIC_PREFIX + _base64(pair.public_key().public_bytes_raw()),
    )


def signature(*, key: Key, message_id: str, timestamp: int, body: bytes) -> str:
    """One signature with its version in front, such as `v1,g0hM9S…`. `timestamp` is in seconds since 1970."""
    content = f"{message_id}.{timestamp}.".encode() + body
    if key.scheme is Scheme.SHARED:
        mark = hmac.new(_bytes(key.secret, SHARED_PREFIX), content, hashlib.sha256).digest()
    else:
        mark = Ed25519PrivateKey.from_private_bytes(_bytes(key.secret, PRIVATE_PREFIX)).sign(content)
    return f"{key.scheme.value},{_base64(mark)}"


def headers(*, keys: Iterable[Key], message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The three headers of a message. While keys overlap each of them signs, so that either suffices to check."""
    signatures = [signature(key=key, message_id=message_id, timestamp=timestamp, body=body) for key in keys]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signatures),
    }


def _bytes(text: str, prefix: str) -> bytes:
    return base64.b64decode(text.removeprefix(prefix), validate=True)


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()
