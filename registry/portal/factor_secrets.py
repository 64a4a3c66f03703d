"""What second factors are made from, encrypted in the database: secrets of one-time codes and seeds of recovery codes.

A copy of the database gives nobody a second factor. `FACTOR_KEYS` holds the keys; the first seals, each opens. What was
stored before there were keys is read on as it stands, until `manage.py reseal_factors` has sealed it.
"""

from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings

from registry.dispatch import sealing

SEALED = "sealed:"  # neither base32 nor hexadecimal: no secret that stands in the clear begins so


class FactorSecrets(DefaultMFAAdapter):  # type: ignore[misc]
    """The library's hooks for what it stores."""

    def encrypt(self, text: str) -> str:
        """`text` as it is stored."""
        return SEALED + sealing.seal(text, keys=settings.FACTOR_KEYS, purpose=sealing.SECOND_FACTORS).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """What was stored, in the clear. Raises cryptography's InvalidToken where its key is not among ours."""
        if not encrypted_text.startswith(SEALED):
            return encrypted_text
        sealed = encrypted_text.removeprefix(SEALED).encode()
        return sealing.unseal(sealed, keys=settings.FACTOR_KEYS, purpose=sealing.SECOND_FACTORS)
