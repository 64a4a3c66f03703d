"""Secrets at rest: sealed under a key of the environment, so that a copy of the database alone tells none. Pure.

Each purpose derives keys of its own: what is sealed for one cannot be put in the place of another. Several keys may be
given: the first seals, each opens, so a key is followed by another without a moment in which something is unreadable.
"""

import base64
from collections.abc import Sequence

from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

WEBHOOKS = b"ecar webhook signing keys"
SECOND_FACTORS = b"ecar second factors"


def seal(text: str, *, keys: Sequence[str | bytes], purpose: bytes = WEBHOOKS) -> bytes:
    """Encrypt and authenticate `text` under the first of `keys`."""
    return _boxes(keys, purpose).encrypt(text.encode())


def unseal(sealed: bytes, *, keys: Sequence[str | bytes], purpose: bytes = WEBHOOKS) -> str:
    """The text again, under any of `keys`. Raises cryptography's InvalidToken for other keys or changed bytes."""
    return _boxes(keys, purpose).decrypt(sealed).decode()


def _boxes(keys: Sequence[str | bytes], purpose: bytes) -> MultiFernet:
    return MultiFernet([Fernet(_derived(key if isinstance(key, bytes) else key.encode(), purpose)) for key in keys])


def _derived(key: bytes, purpose: bytes) -> bytes:
    return base64.urlsafe_b64encode(HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(key))
