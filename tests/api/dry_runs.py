"""Every write that a test of the interface sends is sent as a dry run first: the same answer, and nothing stored.

A patch of Django's test client, in force for all of tests/api (conftest.py). The clock stands still for the two calls,
so that only what is drawn by lot or counted differs: see `DRAWN`, `BLANKED` and `SHAPES`, which are the whole list.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, cast

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from psycopg import sql

from api import throttling
from registry.accounts.client_assertion import TOKEN_PATH

WRITES: Final = ("POST", "PUT", "PATCH", "DELETE")
# Members drawn by lot at each call, or that follow from such a one.
DRAWN: Final = frozenset({"trace_id", "instance", "salt", "commitment", "entry_hash", "previous_hash", "secret"})
# Members that a dry run blanks, each with what stands there instead.
BLANKED: Final = {"signature": "0" * 128}
# New things, wherever they are named: a reference takes the next number or one made up, ids and keys come by lot.
SHAPES: Final = (
    (re.compile(r"ECA[FMR]-[0-9]{4}-[0-9]{6,}-[0-9]"), "<reference>"),
    (re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "<id>"),
    (re.compile(r"whpk_[A-Za-z0-9+/]{43}="), "<public key of a webhook>"),
)
# Headers that tell of the call and not of the answer. `Dry-Run` is looked at by itself; a reference that a dry run
# makes up has more digits than one that is given out.
OF_THE_CALL: Final = frozenset({"Trace-Id", "RateLimit", "Dry-Run", "Content-Length"})
# Tables that only commands fill: no call of the interface may write there, as its database roles have no grant.
LOADED: Final = frozenset(
    {
        "auth_permission",
        "compute_accelerator",
        "django_content_type",
        "django_migrations",
        "filings_codelistitem",
        "filings_holiday",
        "filings_threshold",
        "organisations_authority",
    }
)

_LOOK: Final = sql.SQL("select {}, count(*), coalesce(sum(hashtextextended(row::text, 0)), 0)::text from {} row")
Generic = Callable[..., HttpResponse]


@dataclass
class Compared:
    """How many writes of a test were compared."""

    calls: int = 0


@contextmanager
def compared() -> Iterator[Compared]:
    """While it is open each write of a test client is preceded by its dry run."""
    count = Compared()
    real = cast(Generic, Client.generic)

    def generic(client: Client, method: str, path: str, *args: Any, **kwargs: Any) -> HttpResponse:
        if method not in WRITES or not is_of_interest(path):
            return real(client, method, path, *args, **kwargs)
        count.calls += 1
        with time_machine.travel(datetime.now(UTC), tick=False):
            foretold = _foretold(real, client, method, path, *args, **kwargs)
            answer = real(client, method, path, *args, **kwargs)
        require_same(foretold, answer, what=f"{method} {path}")
        return answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Client, "generic", generic)
        yield count


def is_of_interest(path: str) -> bool:
    """Whether a write there can be tried: all of the interface but the endpoint of tokens, which knows no dry run."""
    return path.startswith("/api/v1/") and not path.startswith(TOKEN_PATH) and "dry_run" not in path


def require_same(foretold: HttpResponse, answer: HttpResponse, *, what: str) -> None:
    """Fail where a dry run told something else than the call itself."""
    shown, expected = told(foretold), told(answer)
    assert shown == expected, f"the dry run of {what} told something else"
    is_answer = answer.status_code < 500
    assert foretold.get("Dry-Run") == ("true" if is_answer else None), f"{what} does not say that it was a dry run"
    for name, stands_there in BLANKED.items():
        given = re.findall(rf'"{name}":"([^"]+)"', content_of(foretold).decode())
        assert set(given) <= {stands_there}, f"the dry run of {what} vouches for what was not stored"


def told(answer: HttpResponse) -> dict[str, Any]:
    """What an answer says, without what differs at each call."""
    headers = {name: _plain(value) for name, value in answer.items() if name not in OF_THE_CALL}
    content = content_of(answer)
    is_json = "json" in headers.get("Content-Type", "")
    body = _without(json.loads(content)) if is_json and content else _plain(content.decode())
    return {"status": answer.status_code, "headers": headers, "body": body}


def content_of(answer: Any) -> bytes:
    """The body of an answer; one that is streamed can be read again afterwards."""
    if not answer.streaming:
        return bytes(answer.content)
    content = b"".join(answer)
    answer.streaming_content = [content]
    return content


def contents() -> dict[str, tuple[int, str]]:
    """For each table how many rows it has and the sum of their hashes."""
    with connection.cursor() as cursor:
        names = [name for name in connection.introspection.table_names(cursor) if name not in LOADED]
        looks = [_LOOK.format(sql.Literal(name), sql.Identifier(name)) for name in names]
        cursor.execute(sql.SQL(" union all ").join(looks))
        return {name: (count, total) for name, count, total in cursor.fetchall()}


def _foretold(real: Generic, client: Client, method: str, path: str, *args: Any, **kwargs: Any) -> HttpResponse:
    """The answer to the dry run, which counts against no limit and, a mistake of ours included, raises nothing."""
    before, raises = contents(), client.raise_request_exception
    client.raise_request_exception = False
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(throttling, "_raise", lambda key: int(cache.get(key, 0)) + 1)
        answer = real(client, method, _dry(path), *args, **kwargs)
    client.raise_request_exception = raises
    after = contents()
    changed = [name for name in sorted(before) if before[name] != after.get(name)]
    assert not changed, f"the dry run of {method} {path} changed {', '.join(changed)}"
    return answer


def _dry(path: str) -> str:
    return f"{path}{'&' if '?' in path else '?'}dry_run=true"


def _without(value: Any, name: str = "") -> Any:
    if isinstance(value, Mapping):
        return {key: _without(member, key) for key, member in value.items()}
    if isinstance(value, list):
        return [_without(each) for each in value]
    if isinstance(value, str):
        return f"<{name}>" if name in DRAWN or name in BLANKED else _plain(value)
    return value


def _plain(text: str) -> str:
    for shape, stands_for in SHAPES:
        text = shape.sub(stands_for, text)
    return text
