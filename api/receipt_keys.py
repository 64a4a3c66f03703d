"""The keys that check receipts, for everybody."""

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.conf import settings
from rest_framework.request import Request
from rest_framework.response import Response

from api.endpoint import Endpoint
from registry.ledger import receipts

FRESH_FOR = 3_600  # seconds that others may keep the list


class ReceiptKeys(Endpoint):
    """`/receipt-keys/`: the register's public keys. How a receipt is checked: docs/api/receipts.md."""

    permissions = {"GET": None}

    def get(self, request: Request) -> Response:
        """The key that signs now, then those that signed before; a receipt names its own in `key_id`."""
        now = receipts.load_key(settings.RECEIPT_KEY_FILE).public_key()
        former = receipts.former_keys(Path(settings.RECEIPT_KEYS_FORMER)) if settings.RECEIPT_KEYS_FORMER else []
        rows = [_row(now, signs_now=True), *(_row(key, signs_now=False) for key in former)]
        return Response({"results": rows}, headers={"Cache-Control": f"public, max-age={FRESH_FOR}"})


def _row(key: Ed25519PublicKey, *, signs_now: bool) -> dict[str, str | bool]:
    return {
        "key_id": receipts.key_id(key),
        "algorithm": "Ed25519",
        "public_key": receipts.as_pem(key),
        "signs_now": signs_now,
    }
