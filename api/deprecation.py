"""What of the interface is deprecated, since when and until when, told in the headers of its answers.

`Deprecation` is RFC 9745, `Sunset` RFC 8594; docs/api/versions.md promises both. The rows are `data/deprecations.toml`.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

LEAST_NOTICE: Final = timedelta(days=365)  # docs/api/versions.md: the end is at least twelve months later
_DATA: Final = Path(__file__).with_name("data") / "deprecations.toml"


@dataclass(frozen=True)
class Deprecation:
    """One row. `route` is a name of api.urls; `sunset` is None until the end is set."""

    route: str
    method: str
    since: datetime
    notice: str
    sunset: datetime | None = None

    def __post_init__(self) -> None:
        if self.sunset and self.sunset - self.since < LEAST_NOTICE:
            raise ValueError(f"{self.method} {self.route} ends sooner than {LEAST_NOTICE.days} days after its notice")

    def headers(self) -> dict[str, str]:
        """The headers that every answer of it carries."""
        told = {"Deprecation": f"@{int(self.since.timestamp())}", "Link": f'<{self.notice}>; rel="deprecation"'}
        return told | ({"Sunset": format_datetime(self.sunset.astimezone(UTC), usegmt=True)} if self.sunset else {})


def by_route(rows: Iterable[Mapping[str, Any]]) -> Mapping[tuple[str, str], Deprecation]:
    """The rows by name of the route and method. Raises ValueError where the end is too near, TypeError on a typo."""
    listed = [Deprecation(**row) for row in rows]
    return MappingProxyType({(row.route, row.method): row for row in listed})


@cache
def deprecated() -> Mapping[tuple[str, str], Deprecation]:
    """Everything that is deprecated."""
    return by_route(tomllib.loads(_DATA.read_text(encoding="utf-8"))["deprecation"])


def headers_of(route: str, method: str) -> Mapping[str, str]:
    """What an answer tells beside its own headers; nothing where the operation stays."""
    row = deprecated().get((route, "GET" if method == "HEAD" else method))
    return row.headers() if row else {}
