"""Secrets at rest: sealed under a key derived from `SECRET_KEY`, so that a copy of the database alone tells none. Pure.

Rotating `SECRET_KEY` keeps what was sealed readable for as long as the old one stands in `SECRET_KEY_FALLBACKS`.
"""

import base64
from collections.abc import Sequence

from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_PURPOSE = b"ecar webhook signing keys"


def seal(text: str, *, keys: Sequence[str | bytes]) -> bytes:
    """Encrypt and authenticate `text` under the first of `keys`."""
    return _boxes(keys).encrypt(text.encode())


def unseal(sealed: bytes, *, keys: Sequence[str | bytes]) -> str:
    """The text again, under any of `keys`. Raises cryptography's InvalidToken for other keys or changed bytes."""
    return _boxes(keys).decrypt(sealed).decode()


def _boxes(keys: Sequence[str | bytes]) -> MultiFernet:
    return MultiFernet([Fernet(_derived(key if isinstance(key, bytes) else key.encode())) for key in keys])


def _derived(key: bytes) -> bytes:
    return base64.urlsafe_b64encode(HKDF(algorithm=SHA256(), length=32, salt=None, info=_PURPOSE).derive(key))
