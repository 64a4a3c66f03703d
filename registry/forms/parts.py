"""What objects of a form are, and the bytes that stand for what was said."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

ConfidentialityClass = Literal["S", "R", "A", "O"]


class Part(BaseModel):
    """Any object of a form: strict, closed to unknown members, frozen."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, validate_default=False)


def canonical_json(members: Mapping[str, Any]) -> bytes:
    """RFC 8785 bytes of `members`, which hold only strings, integers below 2^53, booleans, arrays and objects.

    For such values, and member names in ASCII, sorted compact JSON is the canonical form; a property test compares it
    with the library `rfc8785`, which is twenty times slower.
    """
    return json.dumps(members, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def digest(content: bytes) -> bytes:
    """SHA-256 of `content`, 32 bytes."""
    return hashlib.sha256(content).digest()
