"""Calls of published statistics, for the tests of the OpenAPI document."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from tests.registry.statistics import samples, shelving

RELEASES: Final = "/api/v1/statistics/releases/"
CELLS: Final = f"{RELEASES}2026-Q3/1/tables/runs-by-state-and-band/"
PUBLISHED: Final = {"release": "2026-Q3", "table": "runs-by-state-and-band"}


def _published(path: str, **headers: str) -> Callable[[Any], Any]:
    def call(caller: Any) -> Any:
        shelving.shelve(samples.release())
        return caller.get(path, **headers)

    return call


STATISTICS_CALLS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "statistics_releases": _published(RELEASES),
    "statistics_release": _published(f"{RELEASES}2026-Q3/"),
    "statistics_table": _published(f"{CELLS}?where=member_state:DE,FR;measure:runs"),
    "statistics_calendar": _published("/api/v1/statistics/calendar/"),
}
