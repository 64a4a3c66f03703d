"""The second factor of a person of the demonstration, as their telephone would show it (RFC 6238, RFC 4226)."""

import base64
import hmac
import struct

STEP = 30  # seconds
DIGITS = 6


def one_time_code(*, secret: str, seconds: float) -> str:
    """Return the code of a base32 `secret` at the moment `seconds` since 1970."""
    key = base64.b32decode(secret.upper() + "=" * (-len(secret) % 8))
    digest = hmac.digest(key, struct.pack(">Q", int(seconds // STEP)), "sha1")
    offset = digest[-1] & 0xF
    number = struct.unpack(">I", digest[offset : offset + 4])[0] & 0x7FFF_FFFF
    return f"{number % 10**DIGITS:0{DIGITS}}"
