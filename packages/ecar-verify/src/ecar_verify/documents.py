"""JSON read strictly: UTF-8, no name twice, no number written in two ways, no character hidden behind an escape."""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

import rfc8785

from ecar_verify.refusals import Malformed

_LARGEST = 10_000_000
_HIDDEN = re.compile(rb"\\[u/]")
_HEX = re.compile("[0-9a-f]*", re.ASCII)


def read(content: bytes, *, strict: bool = True) -> Any:
    """The value that `content` holds. `strict` also refuses escapes that are not needed. Raises `Malformed`."""
    if len(content) > _LARGEST:
        raise Malformed(f"a JSON text of {len(content)} bytes is too large")
    if strict and _HIDDEN.search(content):
        raise Malformed("the JSON has escapes that are not needed")
    try:
        return json.loads(
            content.decode("utf-8"), object_pairs_hook=_object, parse_int=_whole, parse_constant=_constant
        )
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError):
        raise Malformed("this is not JSON in UTF-8") from None


def digest(content: bytes) -> bytes:
    """SHA-256 over the canonical form (RFC 8785) of a JSON document. Raises `Malformed`."""
    try:
        return hashlib.sha256(rfc8785.dumps(read(content, strict=False))).digest()
    except (rfc8785.CanonicalizationError, RecursionError, UnicodeEncodeError):
        raise Malformed("the document has no canonical form (RFC 8785)") from None


def hexadecimal(members: Mapping[str, Any], name: str, length: int) -> bytes:
    """The bytes that a member writes in lower-case hexadecimal. Raises `Malformed`."""
    value = members.get(name)
    if not isinstance(value, str) or len(value) != 2 * length or not _HEX.fullmatch(value):
        raise Malformed(f"{name} is not {length} bytes in lower-case hexadecimal")
    return bytes.fromhex(value)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise Malformed("the JSON has a name twice in one object")
    return members


def _whole(text: str) -> int:
    if len(text) > 20 or str(int(text)) != text:
        raise Malformed("the JSON has a whole number of a form or size that is not used")
    return int(text)


def _constant(text: str) -> float:
    raise Malformed(f"{text} is not JSON")
