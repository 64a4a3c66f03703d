"""Query parameters read strictly, and the signed cursors that lists are turned by.

A parameter that is unknown, repeated, empty or out of its range is refused by name, never ignored: a misspelt filter
that is silently dropped shows too much. Digits are ASCII digits (bad input, rows 76-79).
"""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import TypeVar
from urllib.parse import unquote_to_bytes
from uuid import UUID

from django.conf import settings
from django.http import QueryDict

from api.problems import Problem, printable
from registry.filings.reference import is_valid

Made = TypeVar("Made")

LIMIT_LARGEST = 100
LIMIT_USUAL = 50
PARAMETERS_LIMIT = 100
NAME_CHARACTERS_SHOWN = 40
CURSOR_CHARACTERS_LIMIT = 1_000
MAC_BYTES = 16

_WHOLE_NUMBER = re.compile(r"0|-?[1-9][0-9]{0,18}", re.ASCII)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?(?:Z|[+-][0-9]{2}:[0-9]{2})", re.ASCII
)
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
_HALF_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]")


def invalid(name: str) -> Problem:
    """Return the 400 that names the parameter, and never its value."""
    return Problem("invalid-parameter", facts={"parameter": printable(name, limit=NAME_CHARACTERS_SHOWN)})


def require_readable_query(query_string: str) -> None:
    """Refuse a raw query string of more than a hundred parameters, or with one that is not printable UTF-8."""
    parts = query_string.split("&") if query_string else []
    if len(parts) > PARAMETERS_LIMIT:
        raise Problem("invalid-parameter", facts={"parameter": "*", "limit": PARAMETERS_LIMIT})
    for part in parts:
        name, _, value = part.partition("=")
        for side in (name, value):
            if not _is_readable(side):
                raise invalid(name)


class Parameters:
    """The query of one request; every reader raises 400 `invalid-parameter` for a value that is not one of its kind."""

    def __init__(self, query: QueryDict | Mapping[str, Sequence[str]], *, allowed: Iterable[str]) -> None:
        """Take a `QueryDict` (or any mapping of lists); refuse what is unknown, repeated or empty."""
        known = frozenset(allowed)
        values: dict[str, str] = {}
        for name in query:
            given = query.getlist(name) if isinstance(query, QueryDict) else query[name]
            if name not in known or len(given) != 1 or not given[0]:
                raise invalid(name)
            values[name] = given[0]
        self._values = values

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def text(self, name: str, *, default: str = "", longest: int = 200) -> str:
        """Return a text of at most `longest` characters."""
        value = self._values.get(name, default)
        if len(value) > longest or _UNPRINTABLE.search(value):
            raise invalid(name)
        return value

    def choice(self, name: str, *, choices: Iterable[str], default: str = "") -> str:
        """Return one of `choices`, or `default` (which need not be one) where nothing is asked for."""
        value = self._values.get(name)
        if value is None:
            return default
        if value not in frozenset(choices):
            raise invalid(name)
        return value

    def integer(self, name: str, *, lowest: int, highest: int, default: int) -> int:
        """Return a whole number in decimal ASCII digits without leading noughts, `lowest` to `highest` inclusive."""
        value = self._values.get(name)
        if value is None:
            return default
        if not _WHOLE_NUMBER.fullmatch(value) or not lowest <= int(value) <= highest:
            raise invalid(name)
        return int(value)

    def limit(self, *, default: int = LIMIT_USUAL) -> int:
        """Return how many items a page shall have: `limit`, 1 to 100."""
        return self.integer("limit", lowest=1, highest=LIMIT_LARGEST, default=default)

    def flag(self, name: str) -> bool:
        """Return whether `name=true`; absent and `false` are false."""
        return self.choice(name, choices=("true", "false"), default="false") == "true"

    def day(self, name: str) -> date | None:
        """Return a day written `YYYY-MM-DD`."""
        value = self._values.get(name)
        return None if value is None else _made(name, _DAY, value, date.fromisoformat)

    def moment(self, name: str) -> datetime | None:
        """Return a moment written by RFC 3339, with its offset."""
        value = self._values.get(name)
        return None if value is None else _made(name, _MOMENT, value, _in_utc)

    def uuid(self, name: str) -> UUID | None:
        """Return a UUID in its canonical form: lower case, hyphens, no braces."""
        value = self._values.get(name)
        return None if value is None else _made(name, _UUID, value, UUID)

    def reference(self, name: str) -> str:
        """Return the reference of a filing, its check digit right; empty where nothing is asked for."""
        value = self.text(name)
        if value and not is_valid(value):
            raise invalid(name)
        return value

    def binding(self, *, endpoint: str, organisation: object = "") -> str:
        """Return what a cursor of this list is bound to: the endpoint, all filters, and whose list it is."""
        filters = {name: value for name, value in self._values.items() if name not in {"cursor", "limit"}}
        return json.dumps([endpoint, filters, str(organisation)], sort_keys=True)

    def cursor(self, *, bound_to: str) -> tuple[str | int, ...] | None:
        """Return the position in `cursor`, or nothing on the first page. A forged or foreign cursor is refused."""
        value = self._values.get("cursor")
        return None if value is None else opened(value, bound_to=bound_to)


def _in_utc(text: str) -> datetime:
    """The moment in UTC, since the database knows no offsets of 16 hours. Raises ValueError beyond the calendar."""
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except OverflowError as error:
        raise ValueError("beyond the calendar") from error


def sealed(position: Sequence[str | int], *, bound_to: str) -> str:
    """Return an opaque cursor for a position (the sort key of the last item shown), valid only for `bound_to`."""
    payload = json.dumps(list(position), separators=(",", ":")).encode()
    return _base64(_mac(settings.SECRET_KEY, payload, bound_to) + payload)


def opened(cursor: str, *, bound_to: str, name: str = "cursor") -> tuple[str | int, ...]:
    """Return the position that `sealed` put into a cursor. Raises 400 for one it did not make for this list.

    `name` is that of the query parameter it was sent in.
    """
    if len(cursor) > CURSOR_CHARACTERS_LIMIT or not re.fullmatch(r"[A-Za-z0-9_-]+", cursor):
        raise invalid(name)
    try:
        sealed_bytes = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except ValueError:
        raise invalid(name) from None
    mac, payload = sealed_bytes[:MAC_BYTES], sealed_bytes[MAC_BYTES:]
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    # The last character of base64 has idle bits: only the one way in which we write it is ours.
    if _base64(sealed_bytes) != cursor or not any(
        hmac.compare_digest(mac, _mac(key, payload, bound_to)) for key in keys
    ):
        raise invalid(name)
    return tuple(json.loads(payload))


def _base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _mac(key: str | bytes, payload: bytes, bound_to: str) -> bytes:
    """Return the first half of HMAC-SHA256 under a key derived for cursors alone; the parts cannot be shifted."""
    derived = hashlib.sha256(b"ecar cursor\0" + (key if isinstance(key, bytes) else key.encode())).digest()
    return hmac.new(derived, hashlib.sha256(bound_to.encode()).digest() + payload, hashlib.sha256).digest()[:MAC_BYTES]


def _made(name: str, pattern: re.Pattern[str], value: str, make: Callable[[str], Made]) -> Made:
    if not pattern.fullmatch(value):
        raise invalid(name)
    try:
        return make(value)
    except ValueError:
        raise invalid(name) from None


def _is_readable(raw: str) -> bool:
    if _HALF_ESCAPE.search(raw):
        return False
    try:
        text = unquote_to_bytes(raw).decode("utf-8", "strict")
    except UnicodeDecodeError:
        return False
    return not _UNPRINTABLE.search(text)
