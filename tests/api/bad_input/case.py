"""One request of the table of bad input, and what must come back."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests import documents

FILINGS = "/api/v1/filings/"
JSON = "application/json"
_RAW = re.compile(rb'"@@([^"]*)"')


def raw(text: str) -> str:
    """A value that stands in the body as `text`, without quotation marks: what no JSON library would write."""
    return f"@@{text}"


@dataclass(frozen=True, kw_only=True)
class Case:
    """A request by a client of Aurelia with all scopes and a fresh `Idempotency-Key`, unless the members say otherwise.

    The body is `body`, else the planned run with `changes` (paths with double underscores), inside a filing with the
    further members `beside`. `slug` is the last part of the problem type, empty where the answer is a success; `said`
    is the code of what a check must say to what is stored.
    """

    row: int
    what: str
    status: int
    slug: str = ""
    said: str = ""
    changes: Mapping[str, Any] = field(default_factory=dict)
    beside: Mapping[str, Any] = field(default_factory=dict)
    body: bytes | None = None
    method: str = "POST"
    path: str = FILINGS
    content_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)
    is_anonymous: bool = False

    def __str__(self) -> str:
        return f"row {self.row}: {self.what}"

    def content(self) -> bytes:
        """The bytes of the body."""
        if self.body is not None:
            return self.body
        if self.method not in {"POST", "PUT", "PATCH"}:
            return b""
        filing = {"document": documents.planned_run(**self.changes), **self.beside}
        return _RAW.sub(rb"\1", json.dumps(filing).encode())
